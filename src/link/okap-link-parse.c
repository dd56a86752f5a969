/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap:// links, in the two forms that there are (PROTOCOL section 4):
 *
 *   okap://authorize?request=BASE64URL   the body of POST /okap/authorize, any shape
 *   okap://request?data=…                the first draft's: base64url, or JSON percent-encoded
 *
 * Any page and any program can make a link, and some shorten or repeat what they pass on, so there
 * is one way to write each: one parameter, no fragment, printable ASCII, bounded before anything is
 * decoded. A request without a code_challenge or without a usable callback is refused before
 * anybody is asked: its answer could be sent nowhere. Pure; any thread. */
#include "config.h"

#include "okap-link-parse.h"

#include <sodium.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-request-json.h"

static const struct
{
  const char *prefix;
  const char *param;
  gboolean may_be_json;
} forms[] = {
  { "okap://authorize?", "request=", FALSE },
  { "okap://authorize/?", "request=", FALSE },
  { "okap://request?", "data=", TRUE },
  { "okap://request/?", "data=", TRUE },
};

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, message);
  return FALSE;
}

static gboolean
check_text (const char *uri, GError **error)
{
  gsize length = strnlen (uri, OKAP_CAP_LINK_BYTES + 1);

  if (length > OKAP_CAP_LINK_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE,
                   "This link is too long: expected at most %d bytes.", OKAP_CAP_LINK_BYTES);
      return FALSE;
    }
  for (const char *p = uri; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p))
      return refuse (error, "This link has a character that a link cannot have. Expected printable "
                            "ASCII, other characters escaped.");
  return strchr (uri, '#') == NULL
         || refuse (error, "This link has a fragment (#…). Expected one without.");
}

/* The value of the one parameter, still escaped. */
static const char *
find_value (const char *uri, gboolean *out_may_be_json, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      const char *query;

      if (g_ascii_strncasecmp (uri, forms[i].prefix, strlen (forms[i].prefix)) != 0)
        continue;
      query = uri + strlen (forms[i].prefix);
      if (!g_str_has_prefix (query, forms[i].param) || strpbrk (query, "&;") != NULL)
        {
          g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected the parameter “%.*s” once, and no other one, in this link.",
                       (int) strlen (forms[i].param) - 1, forms[i].param);
          return NULL;
        }
      *out_may_be_json = forms[i].may_be_json;
      return query + strlen (forms[i].param);
    }
  refuse (error, "Expected a link that begins with okap://authorize?request= or with "
                 "okap://request?data=");
  return NULL;
}

/* Escapes decoded; room of its own. "+" stays what it is: this is no form. */
static GBytes *
unescape (const char *value, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new ((guint) strlen (value));

  for (const char *p = value; *p != '\0'; p++)
    {
      guint8 byte = (guint8) *p;

      if (*p == '%')
        {
          if (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2]))
            {
              refuse (error, "Expected each % in this link to begin an escape such as %7B.");
              return NULL;
            }
          byte = (guint8) (g_ascii_xdigit_value (p[1]) << 4 | g_ascii_xdigit_value (p[2]));
          p += 2;
        }
      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* With the padding that belongs to it or without any. */
static GBytes *
decode_base64 (GBytes *text, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (text, &length);
  gboolean padded = length > 0 && data[length - 1] == '=';
  g_autofree guint8 *room = g_malloc (length + 1);
  gsize n = 0;

  if (length == 0
      || sodium_base642bin (room, length, data, length, NULL, &n, NULL,
                            padded ? sodium_base64_VARIANT_URLSAFE
                                   : sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    {
      refuse (error, "Expected the request in this link as base64url (RFC 4648, section 5).");
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&room), n);
}

static GBytes *
read_body (const char *uri, GError **error)
{
  g_autoptr (GBytes) text = NULL;
  gboolean may_be_json;
  const char *value;
  const char *data;
  gsize length;

  if (!check_text (uri, error) || (value = find_value (uri, &may_be_json, error)) == NULL)
    return NULL;
  text = unescape (value, error);
  if (text == NULL)
    return NULL;
  data = g_bytes_get_data (text, &length);
  if (may_be_json && length > 0 && *data == '{')
    return g_steal_pointer (&text);
  return decode_base64 (text, error);
}

/**
 * okap_link_parse:
 * @uri: any text
 * @now_us: wall time
 * @error: %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): what the link asks for, and where its answer goes
 */
OkapLink *
okap_link_parse (const char *uri, gint64 now_us, GError **error)
{
  g_autoptr (OkapLink) link = g_new0 (OkapLink, 1);
  g_autoptr (GBytes) body = read_body (uri, error);
  const char *data;
  gsize length;

  if (body == NULL)
    return NULL;
  data = g_bytes_get_data (body, &length);
  link->request = okap_request_parse (data, length, now_us, error);
  if (link->request == NULL)
    return NULL;
  if (link->request->code_challenge == NULL)
    {
      refuse (error, "The request in this link has no “code_challenge” (RFC 7636, S256). Without "
                     "one, its answer would be of use to whoever reads it.");
      return NULL;
    }
  link->callback = okap_callback_parse (link->request->callback, error);
  return link->callback != NULL ? g_steal_pointer (&link) : NULL;
}

void
okap_link_free (OkapLink *link)
{
  g_clear_pointer (&link->request, okap_request_unref);
  g_clear_pointer (&link->callback, okap_callback_free);
  g_free (link);
}
