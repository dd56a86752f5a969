/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the path that an app sent to an endpoint of the allow-list and the provider's own path.
 * This is the security boundary of the proxy: what leaves is what was judged.
 *
 * 1. The path is checked byte by byte. Only the characters that providers' paths are made of may
 *    stand in it; a percent escape only for one of the few that some clients escape. So no slash,
 *    backslash, dot, percent sign or control character can hide in an escape, and there is no
 *    second reading of the path for a server behind us. No segment is empty, "." or "..".
 * 2. The SDKs disagree about whether the version is in the base URL (and users write it twice),
 *    so a row says which leading prefixes are dropped, which first segments are versions (of
 *    several in a row the last counts: the SDK's own), and which version is put before a path
 *    that has none and does not begin with a segment to keep.
 * 3. The decoded result is matched with the patterns, in order. What matches none is refused.
 *
 * Nothing here depends on state; any thread. */
#include "config.h"

#include "okap-provider-private.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"

#define PATH_BYTES_MOST 1024
#define SHOWN_SEGMENT_CHARS 40

static gboolean
is_unreserved (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("-._~", c) != NULL);
}

/* Beside the unreserved ones: what model names and verbs have, escaped by some clients. */
static gboolean
is_escapable (char c)
{
  return c != '\0' && strchr (":@+=,", c) != NULL;
}

/* The character that the escape at @text stands for; NUL if it is none, or none that may be. */
static char
decode_escape (const char *text)
{
  char c;

  if (!g_ascii_isxdigit (text[1]) || !g_ascii_isxdigit (text[2]))
    return '\0';
  c = (char) (g_ascii_xdigit_value (text[1]) * 16 + g_ascii_xdigit_value (text[2]));
  return is_escapable (c) ? c : '\0';
}

static gboolean
has_odd_segment (const char *plain)
{
  for (const char *p = plain; *p == '/'; )
    {
      const char *segment = p + 1;
      gsize length = strcspn (segment, "/");

      if (length == 0 || (length == 1 && segment[0] == '.')
          || (length == 2 && segment[0] == '.' && segment[1] == '.'))
        return TRUE;
      p = segment + length;
    }
  return FALSE;
}

/* @path decoded, or NULL if it is not one that this file lets through (rule 1). */
static char *
decode_path (const char *path)
{
  g_autofree char *plain = NULL;
  char *out;

  if (*path != '/' || strlen (path) > PATH_BYTES_MOST)
    return NULL;
  out = plain = g_malloc0 (strlen (path) + 1);
  for (const char *p = path; *p != '\0'; p++)
    {
      char c = *p;

      if (c == '%')
        {
          c = decode_escape (p);
          if (c == '\0')
            return NULL;
          p += 2;
        }
      else if (c != '/' && !is_unreserved (c) && !is_escapable (c))
        return NULL;
      *out++ = c;
    }
  return has_odd_segment (plain) ? NULL : g_steal_pointer (&plain);
}

/* Whether @path, without its first slash, begins with the segments @prefix and goes on. */
static const char *
skip_prefix (const char *path, const char *prefix)
{
  gsize length = strlen (prefix);

  return strncmp (path, prefix, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* What follows the first of @prefixes that begins @path, or NULL. */
static const char *
skip_any (const char *path, char **prefixes)
{
  const char *rest = NULL;

  for (char **prefix = prefixes; rest == NULL && *prefix != NULL; prefix++)
    rest = skip_prefix (path, *prefix);
  return rest;
}

/* Whether the first segment of @path is one of @segments. */
static gboolean
begins_with_any (const char *path, char **segments)
{
  gsize length = strcspn (path, "/");

  for (char **segment = segments; *segment != NULL; segment++)
    if (strlen (*segment) == length && strncmp (*segment, path, length) == 0)
      return TRUE;
  return FALSE;
}

/* Rule 2. The prefixes are unreserved characters, which never stand escaped. */
static char *
normalise_path (const OkapPathRules *rules, const char *path)
{
  const char *rest = path + 1;
  const char *next;

  while ((next = skip_any (rest, rules->drop)) != NULL)
    rest = next;
  while ((next = skip_any (rest, rules->versions)) != NULL
         && skip_any (next, rules->versions) != NULL)
    rest = next;
  if (rules->add != NULL && next == NULL && !begins_with_any (rest, rules->keep))
    return g_strconcat ("/", rules->add, "/", rest, NULL);
  return g_strconcat ("/", rest, NULL);
}

typedef struct
{
  const char *model;
  gsize model_length;
} Found;

/* The end of @n segments of @path, which is behind a slash; NULL if it has fewer. */
static const char *
skip_segments (const char *path, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      gsize length = strcspn (path, "/");

      if (length == 0 || (i + 1 < n && path[length] == '\0'))
        return NULL;
      path += length + (i + 1 < n ? 1 : 0);
    }
  return path;
}

/* {model:N} and {+model:N} at @pattern: a model's name of N segments, with the plus sign also the
 * one before. A verb may follow a last segment: there the name ends before its colon. */
static gboolean
match_long_model (const char *pattern, const char *start, const char *path, gsize name,
                  gsize *out_run, Found *found)
{
  const char *digits = strchr (pattern, ':') + 1;
  const char *end = skip_segments (path, (guint) g_ascii_strtoull (digits, NULL, 10));
  const char *from = path;

  if (end == NULL)
    return FALSE;
  if (pattern[name] == ':')
    {
      const char *colon = memchr (path, ':', (gsize) (end - path));

      if (colon == NULL || colon == path)
        return FALSE;
      end = colon;
    }
  if (pattern[1] == '+')
    for (from--; from > start && from[-1] != '/';)
      from--;
  *out_run = (gsize) (end - path);
  *found = (Found) { from, (gsize) (end - from) };
  return TRUE;
}

/* Matches one {name} of @pattern with a run of @path, which begins at @start; the lengths of both,
 * or FALSE. */
static gboolean
match_name (const OkapProvider *provider, const char *pattern, const char *start, const char *path,
            gsize *out_name, gsize *out_run, Found *found)
{
  gsize name = strcspn (pattern, "}") + 1;
  gboolean to_colon = pattern[name] == ':' || strncmp (pattern, "{name}", name) == 0;
  gsize run = strcspn (path, to_colon ? ":/" : "/");

  *out_name = name;
  *out_run = run;
  if (run == 0)
    return FALSE;
  if (memchr (pattern, ':', name) != NULL)
    return match_long_model (pattern, start, path, name, out_run, found);
  if (strncmp (pattern, "{version}", name) == 0)
    {
      for (char **version = provider->path.versions; *version != NULL; version++)
        if (strlen (*version) == run && strncmp (*version, path, run) == 0)
          return TRUE;
      return FALSE;
    }
  if (strncmp (pattern, "{model}", name) == 0)
    *found = (Found) { path, run };
  return TRUE;
}

static gboolean
match (const OkapProvider *provider, const char *pattern, const char *path, Found *found)
{
  const char *start = path;

  *found = (Found) { 0 };
  while (*pattern != '\0')
    {
      if (*pattern == '{')
        {
          gsize name, run;

          if (!match_name (provider, pattern, start, path, &name, &run, found))
            return FALSE;
          pattern += name;
          path += run;
        }
      else if (*pattern == '*' && pattern[1] == '\0')
        return *path != '\0';
      else if (*pattern++ != *path++)
        return FALSE;
    }
  return *path == '\0';
}

/* @plain for a message: long segments, which may be ids or a credential in the wrong place, are
 * not repeated. */
static char *
dup_shape (const char *plain)
{
  g_auto (GStrv) segments = g_strsplit (plain, "/", -1);

  for (char **segment = segments; *segment != NULL; segment++)
    if (strlen (*segment) > SHOWN_SEGMENT_CHARS)
      {
        g_free (*segment);
        *segment = g_strdup ("…");
      }
  return g_strjoinv ("/", segments);
}

/* @method for a message: the usual ones are words in capitals. */
static const char *
show_method (const char *method)
{
  gsize length = strspn (method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

  return length > 0 && length <= 16 && method[length] == '\0' ? method : "this method";
}

static gboolean
refuse (const OkapProvider *provider, const char *method, const char *plain,
        const OkapEndpoint *other, GError **error)
{
  g_autofree char *shape = dup_shape (plain);

  if (other != NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_METHOD_NOT_ALLOWED,
                 "%s’s %s takes %s, not %s", provider->name, shape, other->method,
                 show_method (method));
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED,
                 "Okap does not pass %s %s on to %s: only endpoints that it knows are allowed",
                 show_method (method), shape, provider->name);
  return FALSE;
}

/**
 * okap_provider_resolve:
 * @method: as the app sent it; HEAD counts as GET
 * @path: what follows the provider's name in the app's path: percent-encoded, with its leading
 *   slash, without a query
 * @out_route: (out): to be cleared with okap_route_clear(); empty on failure
 * @error: %OKAP_ERROR_ENDPOINT_NOT_ALLOWED, or %OKAP_ERROR_METHOD_NOT_ALLOWED where another
 *   method is allowed there
 *
 * Returns: whether the app may ask this of a provider at all, if its grant allows the endpoint's
 *   capability and the model
 */
gboolean
okap_provider_resolve (const OkapProvider *provider, const char *method, const char *path,
                       OkapRoute *out_route, GError **error)
{
  g_autofree char *checked = decode_path (path);
  g_autofree char *own_path = checked != NULL ? normalise_path (&provider->path, path) : NULL;
  g_autofree char *plain = own_path != NULL ? decode_path (own_path) : NULL;
  const char *wanted = g_str_equal (method, "HEAD") ? "GET" : method;
  const OkapEndpoint *other = NULL;

  *out_route = (OkapRoute) { 0 };
  if (plain == NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED,
                   "Expected a path of plain segments below %s’s base URL, such as "
                   "/chat/completions, of at most %d bytes, without empty or dot segments and "
                   "escaped slashes", provider->name, PATH_BYTES_MOST);
      return FALSE;
    }
  for (guint i = 0; i < provider->endpoints->len; i++)
    {
      const OkapEndpoint *endpoint = g_ptr_array_index (provider->endpoints, i);
      Found found;

      if (!match (provider, endpoint->pattern, plain, &found)
          || found.model_length > OKAP_CAP_MODEL_BYTES)
        continue;
      if (!g_str_equal (endpoint->method, wanted))
        {
          other = endpoint;
          continue;
        }
      out_route->endpoint = endpoint;
      out_route->path = g_steal_pointer (&own_path);
      if (found.model != NULL)
        out_route->model = g_strndup (found.model, found.model_length);
      return TRUE;
    }
  return refuse (provider, method, plain, other, error);
}

/** okap_route_clear: frees what okap_provider_resolve() found; harmless on an empty one */
void
okap_route_clear (OkapRoute *route)
{
  g_clear_pointer (&route->path, g_free);
  g_clear_pointer (&route->model, g_free);
  route->endpoint = NULL;
}
