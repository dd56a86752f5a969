/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses for the answer to a link: RFC 8252, section 7, and RFC 9700, section 4.1. Any page or
 * program can make a link, so the rules are narrow:
 *
 *   loopback   http, a literal of loopback or "localhost", and a port; any that an app may take
 *              without rights of its own, since it takes the one that is free. Below are services
 *              of the system, which no page is to make Okap call. "localhost" may be made to mean
 *              another computer by a hosts file, so whoever connects uses the literals instead.
 *   website    https; stands for its origin
 *   private    a scheme with a dot in it, which nobody has by accident; that excludes those that
 *              run or read something (javascript, data, file) and our own
 *
 * Printable ASCII only, no user name, no fragment, and none of the parameters that the answer
 * adds. Pure; any thread. */
#include "config.h"

#include "okap-callback.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"

#define FIRST_FREE_PORT 1024  /* those below are for services of the system */

static gboolean
refuse (GError **error, const char *expected)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
               "The callback of this link cannot be used: expected %s.", expected);
  return FALSE;
}

/* Whether parser and reader see the same: no white space, nothing that has to be escaped. */
static gboolean
check_characters (const char *text, GError **error)
{
  gsize length = strnlen (text, OKAP_CAP_URL_BYTES + 1);

  if (length == 0 || length > OKAP_CAP_URL_BYTES)
    return refuse (error, "an address of at most 512 bytes");
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p) || strchr ("\\\"<>^`{|}", *p) != NULL)
        return refuse (error, "an address of printable ASCII, other characters escaped");
      if (*p == '%' && (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2])))
        return refuse (error, "each % to begin an escape such as %20");
      if (*p == '#')
        return refuse (error, "an address without fragment");
    }
  return TRUE;
}

/* The name of a parameter as a form would read it, up to its value. */
static gboolean
is_reserved_param (const char *param, gsize length)
{
  static const char *const reserved[] = { "code", "state", "error", "iss" };
  g_autofree char *name = g_strndup (param, length);
  g_autofree char *decoded = g_uri_unescape_string (name, NULL);

  for (guint i = 0; decoded != NULL && i < G_N_ELEMENTS (reserved); i++)
    if (g_ascii_strcasecmp (decoded, reserved[i]) == 0)
      return TRUE;
  return decoded == NULL;
}

static gboolean
check_query (const char *query, GError **error)
{
  for (const char *p = query; p != NULL && *p != '\0';)
    {
      gsize length = strcspn (p, "&;");

      if (is_reserved_param (p, MIN (length, strcspn (p, "="))))
        return refuse (error, "no parameter code, state, error or iss in it, which Okap adds");
      p += length + (p[length] != '\0');
    }
  return TRUE;
}

/* GUri gives the host decoded, and with small liberties. */
static gboolean
has_plain_host (const char *text)
{
  const char *host = strstr (text, "://");

  return host != NULL && memchr (host + 3, '%', strcspn (host + 3, "/?")) == NULL;
}

/* @host: as GUri has it, an IPv6 literal without brackets. */
static gboolean
is_host (const char *host)
{
  if (host == NULL || *host == '\0' || strlen (host) > 253)
    return FALSE;
  if (strchr (host, ':') != NULL)
    return g_hostname_is_ip_address (host) && strchr (host, '%') == NULL;
  for (const char *p = host; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-._", *p) == NULL)
      return FALSE;
  return *host != '.' && strstr (host, "..") == NULL;
}

static gboolean
read_loopback (OkapCallback *callback, GUri *uri, GError **error)
{
  const char *host = g_uri_get_host (uri);
  gint port = g_uri_get_port (uri);

  callback->kind = OKAP_CALLBACK_LOOPBACK;
  if (host == NULL || (!g_str_equal (host, "127.0.0.1") && !g_str_equal (host, "::1")
                       && !g_str_equal (host, "localhost")))
    return refuse (error, "http only to 127.0.0.1, [::1] or localhost, else https");
  if (port < FIRST_FREE_PORT || port > G_MAXUINT16)
    return refuse (error, "a port from 1024 on, such as http://127.0.0.1:49152/callback");
  callback->host = g_strdup (host);
  callback->port = (guint16) port;
  return TRUE;
}

static gboolean
read_website (OkapCallback *callback, GUri *uri, GError **error)
{
  g_autofree char *host = NULL;
  gint port = g_uri_get_port (uri);

  callback->kind = OKAP_CALLBACK_WEBSITE;
  if (!is_host (g_uri_get_host (uri)) || port == 0 || port > G_MAXUINT16)
    return refuse (error, "https with the name of a host");
  host = g_ascii_strdown (g_uri_get_host (uri), -1);
  callback->origin = strchr (host, ':') != NULL ? g_strdup_printf ("https://[%s]", host)
                                                : g_strconcat ("https://", host, NULL);
  if (port > 0 && port != 443)
    {
      g_autofree char *bare = g_steal_pointer (&callback->origin);

      callback->origin = g_strdup_printf ("%s:%d", bare, port);
    }
  return TRUE;
}

static gboolean
read_private (OkapCallback *callback, const char *scheme, GError **error)
{
  callback->kind = OKAP_CALLBACK_PRIVATE;
  if (strchr (scheme, '.') == NULL || g_str_has_suffix (scheme, ".")
      || strstr (scheme, "..") != NULL)
    return refuse (error, "https, http on loopback, or a scheme of the app's own with a dot in it, "
                          "such as com.example.app:/callback");
  return TRUE;
}

/**
 * okap_callback_parse:
 * @text: any text
 * @error: %OKAP_ERROR_INVALID_REQUEST, telling the app's developer what is expected
 *
 * Returns: (transfer full) (nullable): an address to which an answer may be sent
 */
OkapCallback *
okap_callback_parse (const char *text, GError **error)
{
  g_autoptr (OkapCallback) callback = g_new0 (OkapCallback, 1);
  g_autoptr (GUri) uri = NULL;
  const char *scheme;
  gboolean fits;

  if (!check_characters (text, error))
    return NULL;
  uri = g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
  if (uri == NULL)
    {
      refuse (error, "an absolute address");
      return NULL;
    }
  scheme = g_uri_get_scheme (uri);
  if (strncmp (text, scheme, strlen (scheme)) != 0)
    {
      refuse (error, "its scheme in lower case");
      return NULL;
    }
  if (g_uri_get_userinfo (uri) != NULL)
    {
      refuse (error, "an address without user name");
      return NULL;
    }
  if (!check_query (g_uri_get_query (uri), error))
    return NULL;
  if ((g_str_equal (scheme, "http") || g_str_equal (scheme, "https")) && !has_plain_host (text))
    {
      refuse (error, "a host without escapes");
      return NULL;
    }
  fits = g_str_equal (scheme, "http") ? read_loopback (callback, uri, error)
         : g_str_equal (scheme, "https") ? read_website (callback, uri, error)
         : read_private (callback, scheme, error);
  if (!fits)
    return NULL;
  callback->uri = g_strdup (text);
  return g_steal_pointer (&callback);
}

void
okap_callback_free (OkapCallback *callback)
{
  g_free (callback->uri);
  g_free (callback->host);
  g_free (callback->origin);
  g_free (callback);
}

/**
 * okap_callback_dup_answer:
 * @name: "code" or "error"
 * @state: (nullable): as the request had it
 *
 * Returns: (transfer full): the address with the answer in its query (RFC 6749, sections 4.1.2 and
 *   4.1.2.1); what stood there stays
 */
char *
okap_callback_dup_answer (const OkapCallback *callback, const char *name, const char *value,
                          const char *state)
{
  g_autoptr (GString) text = g_string_new (callback->uri);
  const char *query = strchr (callback->uri, '?');

  if (query == NULL)
    g_string_append_c (text, '?');
  else if (query[1] != '\0' && !g_str_has_suffix (query, "&"))
    g_string_append_c (text, '&');
  g_string_append (text, name);
  g_string_append_c (text, '=');
  g_string_append_uri_escaped (text, value, NULL, FALSE);
  if (state != NULL)
    {
      g_string_append (text, "&state=");
      g_string_append_uri_escaped (text, state, NULL, FALSE);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
