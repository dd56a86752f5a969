/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PROTOCOL section 5, points 2 to 6, on a head that the parser accepted. Pure. A page in a
 * browser, a name that was bound again to loopback, and a request that two servers would read
 * differently all end here, before any route is asked.
 *
 * One walk over the headers collects those that decide something; the checks then run in the
 * order of the protocol, so that the first fault in that order is the one that is reported. */
#include "config.h"

#include "okap-http-guard.h"

#include <string.h>

/* The headers that decide something: how many there were, and the last value. */
typedef struct
{
  guint n_hosts, n_lengths, n_codings, n_authorizations, n_expects, n_origins;
  const char *origin;
  const char *host;
  const char *length;
  const char *coding;
  const char *expect;
  gboolean wants_close;
  gboolean from_page;  /* sent by a browser on behalf of a page of another origin */
} Facts;

static gboolean
refuse (OkapHttpFault *fault, guint status, OkapError code, const char *words)
{
  OKAP_HTTP_FAULT (fault, status, code, words);
  return FALSE;
}

static gboolean
bad (OkapHttpFault *fault, const char *words)
{
  return refuse (fault, 400, OKAP_ERROR_INVALID_REQUEST, words);
}

/** okap_http_names_init_tcp: the names of a socket on loopback: PROTOCOL section 5, point 3 */
void
okap_http_names_init_tcp (OkapHttpNames *names, guint16 port)
{
  static const char *const hosts[] = { "127.0.0.1", "[::1]", "localhost" };

  *names = (OkapHttpNames) { .n_names = G_N_ELEMENTS (hosts) };
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    g_snprintf (names->names[i], sizeof names->names[i], "%s:%u", hosts[i], port);
}

/** okap_http_names_init_socket: the names of the Unix socket, which has no port */
void
okap_http_names_init_socket (OkapHttpNames *names)
{
  *names = (OkapHttpNames) { .on_socket = TRUE, .n_names = 2, .names = { "localhost", "okap" } };
}

/* Whether @list, separated by commas, has @token. */
static gboolean
list_has (const char *list, const char *token)
{
  gsize length = strlen (token);

  for (const char *p = list; *p != '\0';)
    {
      gsize n;

      p += strspn (p, " \t,");
      n = strcspn (p, " \t,");
      if (n == length && g_ascii_strncasecmp (p, token, length) == 0)
        return TRUE;
      p += n;
    }
  return FALSE;
}

static void
note (Facts *facts, const OkapHttpHeader *header)
{
  const char *name = header->name;
  const char *value = header->value;

  switch (*name | 0x20)
    {
    case 'a':
      if (g_ascii_strcasecmp (name, "authorization") == 0)
        facts->n_authorizations++;
      else if (g_ascii_strcasecmp (name, "access-control-request-method") == 0)
        facts->from_page = TRUE;
      break;
    case 'c':
      if (g_ascii_strcasecmp (name, "content-length") == 0)
        {
          facts->n_lengths++;
          facts->length = value;
        }
      else if (g_ascii_strcasecmp (name, "connection") == 0)
        facts->wants_close |= list_has (value, "close");
      break;
    case 'e':
      if (g_ascii_strcasecmp (name, "expect") == 0)
        {
          facts->n_expects++;
          facts->expect = value;
        }
      break;
    case 'h':
      if (g_ascii_strcasecmp (name, "host") == 0)
        {
          facts->n_hosts++;
          facts->host = value;
        }
      break;
    case 'o':
      if (g_ascii_strcasecmp (name, "origin") == 0)
        {
          facts->n_origins++;
          facts->origin = value;
          facts->from_page = TRUE;
        }
      break;
    case 's':
      if (g_ascii_strcasecmp (name, "sec-fetch-site") == 0 && strcmp (value, "none") != 0
          && strcmp (value, "same-origin") != 0)
        facts->from_page = TRUE;
      break;
    case 't':
      if (g_ascii_strcasecmp (name, "transfer-encoding") == 0)
        {
          facts->n_codings++;
          facts->coding = value;
        }
      break;
    default:
      break;
    }
}

static gboolean
check_host (const Facts *facts, const OkapHttpNames *names, OkapHttpFault *fault)
{
  if (facts->n_hosts != 1)
    return bad (fault, "Expected exactly one Host header");
  for (guint i = 0; i < names->n_names; i++)
    if (strcmp (facts->host, names->names[i]) == 0)
      return TRUE;
  if (names->on_socket)
    return bad (fault, "Expected the Host header to be localhost");
  return bad (fault, "Expected the Host header to be 127.0.0.1, [::1] or localhost with the port");
}

static gboolean
parse_length (const char *text, gint64 *out_length)
{
  gint64 length = 0;

  if (*text == '\0')
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isdigit (*p) || __builtin_mul_overflow (length, 10, &length)
        || __builtin_add_overflow (length, *p - '0', &length))
      return FALSE;
  *out_length = length;
  return TRUE;
}

/* How the body is framed. */
static gboolean
check_framing (OkapHttpRequest *request, const Facts *facts, OkapHttpFault *fault)
{
  if (facts->n_lengths > 1)
    return bad (fault, "Expected at most one Content-Length");
  if (facts->n_codings > 0 && facts->n_lengths > 0)
    return bad (fault, "Expected Content-Length or Transfer-Encoding, not both");
  if (facts->n_codings > 1 || (facts->n_codings == 1 && strcmp (facts->coding, "chunked") != 0))
    return bad (fault, "Expected the Transfer-Encoding to be chunked and nothing else");
  if (facts->n_codings == 1 && request->minor == 0)
    return bad (fault, "Expected no Transfer-Encoding with HTTP/1.0");
  if (facts->n_lengths == 1 && !parse_length (facts->length, &request->head.content_length))
    return bad (fault, "Expected the Content-Length to be a number of bytes in digits");
  if (facts->n_codings == 1)
    request->head.content_length = -1;
  if (facts->n_authorizations > 1)
    return bad (fault, "Expected at most one Authorization header");
  return TRUE;
}

/* The byte that the escape at @p means; -1 if it is no escape. */
static int
decode_escape (const char *p)
{
  if (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2]))
    return -1;
  return g_ascii_xdigit_value (p[1]) << 4 | g_ascii_xdigit_value (p[2]);
}

/* @p stands behind a slash; whether the segment there is "." or "..", escaped or not. */
static gboolean
is_dot_segment (const char *p, const char *end)
{
  guint n_dots = 0;

  while (p < end && *p != '/')
    {
      if (*p == '.')
        p += 1;
      else if (*p == '%' && decode_escape (p) == '.')
        p += 3;
      else
        return FALSE;
      n_dots++;
    }
  return n_dots == 1 || n_dots == 2;
}

static gboolean
check_path (const char *path, gsize length, OkapHttpFault *fault)
{
  const char *end = path + length;

  for (const char *p = path; p < end; p++)
    {
      int c = *p == '%' ? decode_escape (p) : *p;

      if (c < 0)
        return bad (fault, "Expected each % in the path to begin an escape such as %20");
      if (c == '\\' || c == '#' || c < ' ' || c == 0x7F || (*p == '%' && c == '/'))
        return bad (fault, "Expected a path without backslash, #, control characters or %2F");
      if (*p == '/' && p + 1 < end && p[1] == '/')
        return bad (fault, "Expected a path without empty segments");
      if (*p == '/' && is_dot_segment (p + 1, end))
        return bad (fault, "Expected a path without . and .. segments");
    }
  return TRUE;
}

static gboolean
check_query (const char *query, OkapHttpFault *fault)
{
  for (const char *p = query; *p != '\0'; p++)
    if (*p == '#' || (*p == '%' && decode_escape (p) < 0))
      return bad (fault, "Expected a query without #, and each % in it to begin an escape");
  return TRUE;
}

/* Splits the target; the path is copied when the query behind it keeps it from ending there. */
static gboolean
check_target (OkapHttpRequest *request, OkapHttpFault *fault)
{
  const char *target = request->head.target;
  gsize length = strcspn (target, "?");

  if (!check_path (target, length, fault))
    return FALSE;
  request->head.path = target;
  if (target[length] == '\0')
    return TRUE;

  request->head.query = target + length + 1;
  if (request->path == NULL)
    request->path = g_string_sized_new (256);
  g_string_truncate (request->path, 0);
  g_string_append_len (request->path, target, (gssize) length);
  request->head.path = request->path->str;
  return check_query (request->head.query, fault);
}

/* Whether the page has a grant. What is asked for costs a lock and a look into a table, so obvious
 * strangers are refused without. */
static gboolean
is_granted (const Facts *facts, const OkapHttpNames *names)
{
  const OkapHttpOrigins *origins = names->origins;

  return origins != NULL && origins->func != NULL && facts->n_origins == 1
         && g_str_has_prefix (facts->origin, "https://")
         && origins->func (facts->origin, origins->user_data);
}

/**
 * okap_http_guard_check:
 * @request: as okap_http_parse_head() left it; the rest of its head is filled in
 * @names: of the socket where it came in
 * @fault: set on failure
 *
 * Returns: whether a route may see the request
 */
gboolean
okap_http_guard_check (OkapHttpRequest *request, const OkapHttpNames *names, OkapHttpFault *fault)
{
  Facts facts = { 0 };

  for (guint i = 0; i < request->head.n_headers; i++)
    note (&facts, &request->headers[i]);

  request->head.on_socket = names->on_socket;
  request->keep_alive = request->minor == 1 && !facts.wants_close;

  if (request->head.target[0] != '/')
    return bad (fault, "Expected a target that begins with a slash");
  if (!check_host (&facts, names, fault) || !check_framing (request, &facts, fault)
      || !check_target (request, fault))
    return FALSE;
  request->head.origin = NULL;
  if (facts.from_page && !is_granted (&facts, names))
    return refuse (fault, 403, OKAP_ERROR_ORIGIN_REFUSED,
                   "Web pages have no access to this vault");
  if (facts.from_page)
    request->head.origin = facts.origin;

  if (facts.n_expects > 1
      || (facts.n_expects == 1 && g_ascii_strcasecmp (facts.expect, "100-continue") != 0))
    return refuse (fault, 417, OKAP_ERROR_INVALID_REQUEST,
                   "Expected no Expect header other than 100-continue");
  request->expect_continue = facts.n_expects == 1 && request->minor == 1
                             && request->head.content_length != 0;
  return TRUE;
}

/**
 * okap_http_head_get:
 * @name: letter case does not matter
 *
 * Returns: (transfer none) (nullable): the value of the first header called @name
 */
const char *
okap_http_head_get (const OkapHttpHead *head, const char *name)
{
  for (guint i = 0; i < head->n_headers; i++)
    if (g_ascii_strcasecmp (head->headers[i].name, name) == 0)
      return head->headers[i].value;
  return NULL;
}

/**
 * okap_http_head_wants_upgrade:
 *
 * Routes answer with %OKAP_ERROR_UPGRADE_REFUSED. The offer of HTTP/2 that some clients (Java's)
 * put on every request does not count: it may be ignored, and they go on with HTTP/1.1.
 *
 * Returns: whether the client wants a WebSocket
 */
gboolean
okap_http_head_wants_upgrade (const OkapHttpHead *head)
{
  const char *upgrade = okap_http_head_get (head, "upgrade");

  if (upgrade == NULL || !list_has (upgrade, "websocket"))
    return FALSE;
  for (guint i = 0; i < head->n_headers; i++)
    if (g_ascii_strcasecmp (head->headers[i].name, "connection") == 0
        && list_has (head->headers[i].value, "upgrade"))
      return TRUE;
  return FALSE;
}
