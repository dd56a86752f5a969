/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may enter the vault. A key becomes the value of an HTTP header and a base URL the start of
 * every request that carries the key, so neither may hold anything that could change a request's
 * shape or send the key in the clear to another machine. Pure. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-id.h"
#include "okap-text.h"
#include "okap-vault-body.h"

#define PROVIDER_CHARS 32

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, message);
  return FALSE;
}

/**
 * okap_vault_check_key:
 * @key: one value, or a pair
 * @base_url: (nullable): if given, @key may be empty: a server of one's own may want none
 * @error: %OKAP_ERROR_INVALID_REQUEST; its message says nothing of the key
 */
gboolean
okap_vault_check_key (OkapSecret *key, const char *base_url, GError **error)
{
  const guint8 *data = okap_secret_get_data (key);
  const guint8 *pair;
  gsize length = okap_secret_get_length (key);

  if (length == 0 && base_url == NULL)
    return refuse (error, "Expected a key, but it is empty. Only a provider with a base URL of its "
                          "own can do without one");
  if (length > OKAP_CAP_PROVIDER_KEY_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected a key of at most %d bytes, but it has %zu",
                   OKAP_CAP_PROVIDER_KEY_BYTES, length);
      return FALSE;
    }
  pair = memchr (data, '\n', length);
  if (pair != NULL && (pair == data || pair == data + length - 1))
    return refuse (error, "Expected two values with a line break between, but one is empty");
  for (gsize i = 0; i < length; i++)
    if ((data[i] < 0x21 || data[i] > 0x7e) && data + i != pair)
      return refuse (error, "Expected a key of printable ASCII characters without spaces and line "
                            "breaks. Copy the key alone, without what stands around it");
  return TRUE;
}

/**
 * okap_vault_check_unmasked:
 * @current: (nullable): the key that would be replaced
 * @error: %OKAP_ERROR_INVALID_REQUEST
 *
 * Whether @key is no display form of a key, such as a form that was saved with its mask gives
 * back: ····a91f, ****, sk-...a91f, or the last four characters alone.
 */
gboolean
okap_vault_check_unmasked (OkapSecret *key, OkapSecret *current, GError **error)
{
  static const char *const masks[] = { "***", "...", "\xe2\x80\xa2", "\xc2\xb7", "\xe2\x80\xa6",
                                       "\xe2\x97\x8f", "\xe2\x88\x99" };
  const char *text = okap_secret_get_text (key);
  g_autofree char *tail = current != NULL ? okap_vault_entry_tail (current) : NULL;
  gboolean masked = tail != NULL && *tail != '\0' && strcmp (text, tail) == 0;

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    masked |= strstr (text, masks[i]) != NULL;
  if (masked)
    return refuse (error, "Expected a whole key, but this is how a hidden key is shown. Copy the "
                          "key from where the provider shows it whole");
  return TRUE;
}

/** okap_vault_check_provider: whether @provider has the form of a provider's name */
gboolean
okap_vault_check_provider (const char *provider, GError **error)
{
  gsize length = strlen (provider);

  if (length == 0 || length > PROVIDER_CHARS
      || strspn (provider, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
    return refuse (error, "Expected a provider's name of 1 to 32 lower case letters, digits and "
                          "dashes, such as openai");
  return TRUE;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = NULL;

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  address = g_inet_address_new_from_string (host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

static gboolean
has_dot_segment (const char *url)
{
  g_auto (GStrv) segments = g_strsplit (url, "/", -1);

  return g_strv_contains ((const char *const *) segments, ".")
         || g_strv_contains ((const char *const *) segments, "..");
}

/**
 * okap_vault_clean_base_url:
 * @error: %OKAP_ERROR_INVALID_REQUEST
 *
 * Returns: (transfer full) (nullable): @base_url without slashes at its end
 */
char *
okap_vault_clean_base_url (const char *base_url, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  gsize length = strlen (base_url);
  const char *scheme;

  for (gsize i = 0; i < length; i++)
    if (base_url[i] < 0x21 || base_url[i] > 0x7e || strchr ("\\\"<>^`{|}%", base_url[i]) != NULL)
      {
        refuse (error, "Expected a base URL of plain characters, such as https://host/v1");
        return NULL;
      }
  if (length <= OKAP_CAP_URL_BYTES)
    uri = g_uri_parse (base_url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0'
      || strchr (base_url, '@') != NULL || strchr (base_url, '?') != NULL
      || strchr (base_url, '#') != NULL || g_uri_get_port (uri) == 0
      || has_dot_segment (base_url))
    {
      refuse (error, "Expected a base URL such as https://host/v1, without user name, query, "
                     "fragment and dot segments, of at most 512 bytes");
      return NULL;
    }
  scheme = g_uri_get_scheme (uri);
  if (strcmp (scheme, "https") != 0
      && !(strcmp (scheme, "http") == 0 && is_loopback (g_uri_get_host (uri))))
    {
      refuse (error, "Expected a base URL with https, because the key travels there. Plain http is "
                     "possible for this computer only (localhost, 127.0.0.1, [::1])");
      return NULL;
    }
  while (length > 0 && base_url[length - 1] == '/')
    length--;
  return g_strndup (base_url, length);
}

/**
 * okap_vault_make_key_info:
 * @label: (nullable): free text, cleaned here
 * @base_url: (nullable)
 * @error: %OKAP_ERROR_INVALID_REQUEST
 *
 * Returns: (transfer full) (nullable): a new key, under a name of its own, as it may be shown
 */
OkapKeyInfo *
okap_vault_make_key_info (const char *provider, const char *label, const char *base_url,
                          OkapSecret *key, gint64 now_us, GError **error)
{
  g_autofree char *id = okap_id_new ("k");
  g_autofree char *tail = okap_vault_entry_tail (key);
  g_autofree char *clean_label = NULL;
  g_autofree char *clean_url = NULL;

  if (!okap_vault_check_provider (provider, error) || !okap_vault_check_unmasked (key, NULL, error)
      || !okap_vault_check_key (key, base_url, error))
    return NULL;
  if (base_url != NULL)
    {
      clean_url = okap_vault_clean_base_url (base_url, error);
      if (clean_url == NULL)
        return NULL;
    }
  if (label != NULL && !g_utf8_validate (label, -1, NULL))
    {
      refuse (error, "Expected a label in UTF-8");
      return NULL;
    }
  clean_label = okap_text_clean (label != NULL ? label : "", OKAP_CAP_LABEL_CHARS);
  return okap_key_info_new (id, provider, clean_label, tail, clean_url, now_us);
}
