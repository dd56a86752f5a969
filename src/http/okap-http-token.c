/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The token as an app sends it: wherever its SDK puts the provider's key, on any route, the proxy's
 * and Okap's own. An app may send several credentials at once (a login beside the configured key);
 * ours counts, whichever it is, and none is ever passed on. A raw provider key is refused in words
 * that say so: whoever sends one has not been redirected to Okap completely. Any thread. */
#include "config.h"

#include "okap-http-token.h"

#include <string.h>

#include "okap-error.h"

static const char *const key_headers[] = {
  "authorization", "x-api-key", "x-goog-api-key", "api-key", "x-portkey-api-key",
  "x-litellm-api-key", "cf-aig-authorization", "helicone-auth",
};

static const char *const key_parameters[] = { "key", "access_token", "api_key", "api-key" };

typedef struct
{
  char *token;         /* room for OKAP_TOKEN_LENGTH bytes */
  gboolean found;
  gboolean foreign;    /* something that is none of ours */
  gboolean different;  /* two of ours */
} Search;

/** okap_http_token_is_header: whether a header of this name may carry a credential */
gboolean
okap_http_token_is_header (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (key_headers); i++)
    if (g_ascii_strcasecmp (name, key_headers[i]) == 0)
      return TRUE;
  return FALSE;
}

/** okap_http_token_is_query: whether a query parameter of this name may carry a credential */
gboolean
okap_http_token_is_query (const char *parameter, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (key_parameters); i++)
    if (strlen (key_parameters[i]) == length
        && g_ascii_strncasecmp (parameter, key_parameters[i], length) == 0)
      return TRUE;
  return FALSE;
}

static void
look_at (Search *search, const char *text, gsize length)
{
  char token[OKAP_TOKEN_LENGTH];

  if (length == 0)
    return;
  if (!okap_token_parse (text, length, token))
    search->foreign = TRUE;
  else if (!search->found)
    {
      memcpy (search->token, token, OKAP_TOKEN_LENGTH);
      search->found = TRUE;
    }
  else if (memcmp (search->token, token, OKAP_TOKEN_LENGTH) != 0)
    search->different = TRUE;
  okap_wipe (token, sizeof token);
}

/* "Bearer TOKEN", "Token TOKEN" or the token alone. */
static void
look_at_authorization (Search *search, const char *value)
{
  static const char *const schemes[] = { "Bearer", "Token" };

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      gsize length = strlen (schemes[i]);

      if (g_ascii_strncasecmp (value, schemes[i], length) == 0
          && (value[length] == ' ' || value[length] == '\0'))
        {
          value += length;
          value += strspn (value, " ");
          break;
        }
    }
  look_at (search, value, strlen (value));
}

static void
look_at_query (Search *search, const char *query)
{
  while (*query != '\0')
    {
      gsize length = strcspn (query, "&");
      const char *equals = memchr (query, '=', length);

      if (equals != NULL && okap_http_token_is_query (query, (gsize) (equals - query)))
        look_at (search, equals + 1, length - (gsize) (equals + 1 - query));
      query += length + (query[length] == '&' ? 1 : 0);
    }
}

/* Whether a browser shows the answer, or gives it to a page at our own address. Okap serves no
 * pages, so that one is of a program which had the port before: its service worker outlives it.
 * And an address with a token in it, sent in a mail or redirected to, is no app's doing. To the
 * guard both look like a person at an address bar; without a token they read what is public. */
static gboolean
is_for_page (const OkapHttpHead *head)
{
  for (guint i = 0; i < head->n_headers; i++)
    {
      const OkapHttpHeader *header = &head->headers[i];

      if ((g_ascii_strcasecmp (header->name, "sec-fetch-site") == 0
           && strcmp (header->value, "same-origin") == 0)
          || (g_ascii_strcasecmp (header->name, "sec-fetch-mode") == 0
              && strcmp (header->value, "navigate") == 0))
        return TRUE;
    }
  return FALSE;
}

/**
 * okap_http_token_find:
 * @in_path: (nullable): the segment behind "~" if the path has one
 * @out_token: the caller wipes it
 * @error: %OKAP_ERROR_INVALID_TOKEN if there is none of ours, %OKAP_ERROR_INVALID_REQUEST if
 *   there are two, %OKAP_ERROR_ORIGIN_REFUSED if a page would have the answer
 *
 * Returns: whether the request carries one token of ours
 */
gboolean
okap_http_token_find (const OkapHttpHead *head, const char *in_path, gsize in_path_length,
                       char out_token[OKAP_TOKEN_LENGTH], GError **error)
{
  Search search = { .token = out_token };

  for (guint i = 0; i < head->n_headers; i++)
    {
      const OkapHttpHeader *header = &head->headers[i];

      if (!okap_http_token_is_header (header->name))
        continue;
      if (g_ascii_strcasecmp (header->name, key_headers[0]) == 0)
        look_at_authorization (&search, header->value);
      else
        look_at (&search, header->value, strlen (header->value));
    }
  if (head->query != NULL)
    look_at_query (&search, head->query);
  if (in_path != NULL)
    look_at (&search, in_path, in_path_length);

  if (is_for_page (head))
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_ORIGIN_REFUSED,
                         "A token counts when an app sends it, not in an address that a browser "
                         "opens, nor from a page");
  else if (search.different)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                         "The request carries two different tokens; send one");
  else if (search.found)
    return TRUE;
  else if (search.foreign)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_TOKEN,
                         "The credential that this app sent is no Okap token. A provider's own "
                         "key or login does not belong here: it was not passed on. Ask Okap for "
                         "access and configure the token that it gives");
  else
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_TOKEN,
                         "No token. Send the one that Okap gave this app where the "
                         "provider's key would go, for example as “Authorization: Bearer …”");
  return FALSE;
}
