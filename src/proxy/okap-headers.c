/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which headers pass, in both directions. Up: what says who the app or the browser is, what speaks
 * of this connection, and every credential stays here; the rest goes as it came, for it is between
 * app and provider. Whatever its name, a header or query parameter that holds the token stays too.
 * The stored key is the last thing that is written. Down: what speaks of the other connection or
 * would set state for our host stays here. */
#include "config.h"

#include "okap-headers.h"

#include <string.h>

#include "okap-http-token.h"

/* Of the token, what is random; its prefix may be written in several ways. */
#define TOKEN_PREFIX_LENGTH 5
#define TOKEN_CORE_LENGTH (OKAP_TOKEN_LENGTH - TOKEN_PREFIX_LENGTH)

/* A name that ends in "-" stands for all names that begin so. */
static const char *const request_strip[] = {
  "cookie", "cookie2", "host", "origin", "referer", "sec-", "proxy-",
  "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
  "content-length", "expect", "accept-encoding",
  "forwarded", "x-forwarded-", "x-real-ip", "via", "access-control-request-", "x-okap-",
  /* They would make a gateway send what is stored there, or our key, to a place of the app's. */
  "helicone-target-url", "helicone-openai-api-base", "x-portkey-",
};

/* Of x-portkey-…, what chooses nothing but what the account has set up. */
static const char *const request_pass[] = {
  "x-portkey-provider", "x-portkey-virtual-key", "x-portkey-trace-id", "x-portkey-span-id",
  "x-portkey-parent-span-id", "x-portkey-span-name", "x-portkey-metadata",
  "x-portkey-request-timeout", "x-portkey-cache-force-refresh", "x-portkey-cache-namespace",
  "x-portkey-debug", "x-portkey-strict-open-ai-compliance",
};

static const char *const response_strip[] = {
  "connection", "keep-alive", "proxy-", "te", "trailer", "transfer-encoding", "upgrade",
  "content-length", "set-cookie", "set-cookie2", "alt-svc", "strict-transport-security",
  "clear-site-data", "nel", "report-to", "access-control-", "x-okap-",
};

static gboolean
name_in (const char *const *names, guint n_names, const char *name, gsize length)
{
  char first = g_ascii_tolower (name[0]);

  for (guint i = 0; i < n_names; i++)
    {
      gsize own = strlen (names[i]);

      if (names[i][0] == first
          && (own == length || (own < length && names[i][own - 1] == '-'))
          && g_ascii_strncasecmp (names[i], name, own) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
holds_token (const char *text, gsize length, const char *token)
{
  return length >= TOKEN_CORE_LENGTH
         && memmem (text, length, token + TOKEN_PREFIX_LENGTH, TOKEN_CORE_LENGTH) != NULL;
}

/* Whether the header Connection names @name as one of its own (RFC 9110 section 7.6.1). */
static gboolean
is_of_connection (const char *connection, const char *name)
{
  gsize length = strlen (name);

  while (connection != NULL && *connection != '\0')
    {
      gsize span = strcspn (connection, ", \t");

      if (span == length && g_ascii_strncasecmp (connection, name, span) == 0)
        return TRUE;
      connection += span;
      connection += strspn (connection, ", \t");
    }
  return FALSE;
}

/* A configuration of the account's goes by its name; one that the app wrote could name any host. */
static gboolean
is_named_config (const OkapHttpHeader *header)
{
  return g_ascii_strcasecmp (header->name, "x-portkey-config") == 0
         && g_str_has_prefix (header->value, "pc-");
}

static gboolean
pass_up (const OkapHttpHeader *header, const char *connection, const char *token)
{
  gsize length = strlen (header->name);

  return (!name_in (request_strip, G_N_ELEMENTS (request_strip), header->name, length)
          || name_in (request_pass, G_N_ELEMENTS (request_pass), header->name, length)
          || is_named_config (header))
         && !okap_http_token_is_header (header->name)
         && !is_of_connection (connection, header->name)
         && !holds_token (header->value, strlen (header->value), token);
}

/* Writes lines into one block: first the list's nodes, then the text. */
typedef struct
{
  struct curl_slist *next;
  struct curl_slist *last;
  char *text;
} Writer;

static void
add_line (Writer *writer, const char *name, const char *separator, const char *prefix,
          const char *value)
{
  struct curl_slist *node = writer->next++;

  node->data = writer->text;
  node->next = NULL;
  if (writer->last != NULL)
    writer->last->next = node;
  writer->last = node;
  writer->text = stpcpy (stpcpy (stpcpy (stpcpy (writer->text, name), separator), prefix), value);
  writer->text++;
}

/* Headers that curl would add by itself: in its language, a name alone keeps it from doing so. */
static const char *const unwanted[] = { "Accept", "Content-Type", "Expect", "User-Agent" };

/**
 * okap_headers_for_upstream:
 * @token: (array fixed-size=54): that the app sent
 * @path: where it goes, below the base URL
 * @out_list: (out caller-allocates): to be cleared with okap_header_list_clear()
 *
 * What is sent to the provider for @head, the stored key's headers last. A header that they have is
 * not taken from the app: who pays is not the app's choice.
 */
void
okap_headers_for_upstream (const OkapHttpHead *head, const char *token,
                           const OkapCredential *credential, const char *path,
                           OkapHeaderList *out_list)
{
  const char *connection = okap_http_head_get (head, "connection");
  const char *key = credential->key != NULL ? okap_secret_get_text (credential->key) : NULL;
  const char *second = credential->second != NULL ? okap_secret_get_text (credential->second)
                                                  : NULL;
  const char *auth_name = NULL;
  const char *auth_prefix = "";
  const char *second_name = NULL;
  const char *second_prefix = "";
  gboolean has[G_N_ELEMENTS (unwanted)] = { FALSE };
  guint n_lines = 3 + G_N_ELEMENTS (unwanted) + head->n_headers;
  gsize text = 128;
  Writer writer = { 0 };

  if (okap_provider_get_auth (credential->provider, path, key, second != NULL, &auth_name,
                              &auth_prefix))
    text += strlen (auth_name) + strlen (auth_prefix) + strlen (key) + 3;
  if (okap_provider_get_second_auth (credential->provider, path, second, &second_name,
                                     &second_prefix))
    text += strlen (second_name) + strlen (second_prefix) + strlen (second) + 3;
  for (guint i = 0; i < head->n_headers; i++)
    text += strlen (head->headers[i].name) + strlen (head->headers[i].value) + 3;

  out_list->size = n_lines * sizeof (struct curl_slist) + text;
  out_list->list = g_malloc (out_list->size);
  writer.next = out_list->list;
  writer.text = (char *) (out_list->list + n_lines);

  add_line (&writer, "Accept-Encoding", ": ", "", "identity");
  for (guint i = 0; i < head->n_headers; i++)
    {
      const OkapHttpHeader *header = &head->headers[i];

      if (!pass_up (header, connection, token)
          || (second_name != NULL && g_ascii_strcasecmp (header->name, second_name) == 0))
        continue;
      /* curl writes an empty value for a name with a semicolon. */
      add_line (&writer, header->name, *header->value != '\0' ? ": " : ";", "", header->value);
      for (guint j = 0; j < G_N_ELEMENTS (unwanted); j++)
        has[j] |= g_ascii_strcasecmp (header->name, unwanted[j]) == 0;
    }
  for (guint j = 0; j < G_N_ELEMENTS (unwanted); j++)
    if (!has[j])
      add_line (&writer, unwanted[j], ":", "", "");
  if (second_name != NULL)
    add_line (&writer, second_name, ": ", second_prefix, second);
  if (auth_name != NULL)
    add_line (&writer, auth_name, ": ", auth_prefix, key);
}

/** okap_header_list_clear: wipes and frees; harmless on an empty list */
void
okap_header_list_clear (OkapHeaderList *list)
{
  if (list->list == NULL)
    return;
  okap_wipe (list->list, list->size);
  g_clear_pointer (&list->list, g_free);
}

/**
 * okap_headers_clean_query:
 * @query: (nullable): as the app sent it
 *
 * Returns: (transfer full) (nullable): @query without credentials; NULL if nothing is left
 */
char *
okap_headers_clean_query (const char *query, const char *token)
{
  g_autoptr (GString) clean = NULL;

  if (query == NULL || *query == '\0')
    return NULL;
  clean = g_string_sized_new (strlen (query));
  while (*query != '\0')
    {
      gsize length = strcspn (query, "&");

      if (length > 0 && !okap_http_token_is_query (query, strcspn (query, "=&"))
          && !holds_token (query, length, token))
        {
          if (clean->len > 0)
            g_string_append_c (clean, '&');
          g_string_append_len (clean, query, (gssize) length);
        }
      query += length + (query[length] == '&' ? 1 : 0);
    }
  return clean->len > 0 ? g_string_free (g_steal_pointer (&clean), FALSE) : NULL;
}

/**
 * okap_headers_find_choice:
 * @endpoint: that @head asks for
 *
 * Returns: (nullable): the name of a header by which a gateway takes another model than the one
 *   that the request names where its endpoint has it
 */
const char *
okap_headers_find_choice (const OkapHttpHead *head, const OkapEndpoint *endpoint)
{
  static const char *const names[] = {
    "x-portkey-config", "x-portkey-provider", "x-portkey-virtual-key", "helicone-fallbacks",
    "cf-aig-backup-provider", "ai-language-model-id", "ai-model-id",
  };
  guint n_names = G_N_ELEMENTS (names);

  if (endpoint->model_place == OKAP_MODEL_HEADER)
    n_names -= 2;  /* there they are the place */
  for (guint i = 0; i < n_names; i++)
    if (okap_http_head_get (head, names[i]) != NULL)
      return names[i];
  return NULL;
}

/** okap_headers_pass_to_app: whether the app receives this header line of a provider's answer */
gboolean
okap_headers_pass_to_app (const char *line, gsize length)
{
  const char *colon = memchr (line, ':', length);

  /* "Set-Cookie : a" is a cookie to some readers. */
  for (const char *p = line; colon != NULL && p < colon; p++)
    if (!g_ascii_isgraph (*p))
      return FALSE;
  return colon != NULL && colon > line
         && !name_in (response_strip, G_N_ELEMENTS (response_strip), line, (gsize) (colon - line));
}
