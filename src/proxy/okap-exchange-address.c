/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an answer names addresses of the provider's API that the app will ask next, they lead
 * through us, too: in the members that the provider's row names, and in the header that tells
 * where to upload to. The proxy's thread. */
#include "config.h"

#include <string.h>

#include "okap-exchange.h"

/* (nullable): the address that the app knows the provider under; NULL if the app is gone. */
static char *
format_own_base (OkapExchange *exchange)
{
  const char *host = exchange->http != NULL
                     ? okap_http_head_get (okap_http_exchange_get_head (exchange->http), "host")
                     : NULL;

  if (host == NULL)
    return NULL;
  return g_strdup_printf ("http://%s/v1/%s", host, exchange->access->scope->provider);
}

/**
 * okap_exchange_address_header:
 * @headers: of the answer
 *
 * Google tells where to upload to in an absolute URL.
 *
 * Returns: (transfer full) (nullable): the headers with our address; NULL if they are good as
 *   they are
 */
char *
okap_exchange_address_header (OkapExchange *exchange, const char *headers)
{
  static const char name[] = "\r\nx-goog-upload-url: ";
  const char *base = exchange->access->credential->base_url;
  g_autofree char *own = format_own_base (exchange);
  g_autofree char *padded = g_strconcat ("\r\n", headers, NULL);
  g_autofree char *lower = g_ascii_strdown (padded, -1);
  const char *found = strstr (lower, name);
  gsize at;

  if (found == NULL || own == NULL)
    return NULL;
  at = (gsize) (found - lower) + strlen (name);
  if (strncmp (padded + at, base, strlen (base)) != 0 || padded[at + strlen (base)] != '/')
    return NULL;
  padded[at] = '\0';
  return g_strconcat (padded + 2, own, headers + at - 2 + strlen (base), NULL);
}

/**
 * okap_exchange_address_begin:
 * @content_type: (nullable): of the answer, whose length is known by now
 *
 * Decides whether addresses are looked for; the answer's length is then not known any more.
 */
void
okap_exchange_address_begin (OkapExchange *exchange, const char *content_type)
{
  const OkapProvider *provider = exchange->access->credential->provider;
  const char *const *members = okap_provider_get_addresses (provider);
  g_autofree char *own = NULL;

  if (members[0] == NULL || exchange->status >= 300 || content_type == NULL
      || g_ascii_strncasecmp (content_type, "application/json", strlen ("application/json")) != 0)
    return;
  own = format_own_base (exchange);
  if (own == NULL)
    return;
  okap_exchange_address_clear (exchange);
  exchange->addresses = okap_address_filter_new (members, exchange->access->credential->base_url,
                                                 okap_provider_get_base_url (provider), own);
  exchange->addressed = g_string_new (NULL);
  exchange->whole_length = exchange->content_length;
  exchange->content_length = -1;
}

/**
 * okap_exchange_address_take:
 * @length: (inout): of @data
 *
 * Returns: (transfer none): what is to be passed on for @data; valid until the next call
 */
const char *
okap_exchange_address_take (OkapExchange *exchange, const char *data, gsize *length)
{
  if (exchange->addresses == NULL)
    return data;
  g_string_truncate (exchange->addressed, 0);
  okap_address_filter_feed (exchange->addresses, data, *length, exchange->addressed);
  if (!exchange->head_sent && exchange->whole_length == (gint64) *length)
    {
      okap_address_filter_finish (exchange->addresses, exchange->addressed);
      exchange->content_length = (gint64) exchange->addressed->len;
    }
  *length = exchange->addressed->len;
  return exchange->addressed->str;
}

/** okap_exchange_address_finish: (transfer none) (nullable): what was held back to the end */
const GString *
okap_exchange_address_finish (OkapExchange *exchange)
{
  if (exchange->addresses == NULL)
    return NULL;
  g_string_truncate (exchange->addressed, 0);
  okap_address_filter_finish (exchange->addresses, exchange->addressed);
  return exchange->addressed->len > 0 ? exchange->addressed : NULL;
}

void
okap_exchange_address_clear (OkapExchange *exchange)
{
  g_clear_pointer (&exchange->addresses, okap_address_filter_free);
  if (exchange->addressed != NULL)
    g_string_free (g_steal_pointer (&exchange->addressed), TRUE);
}
