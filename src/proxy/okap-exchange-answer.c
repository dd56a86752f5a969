/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of the answer: status, headers and bytes go to the app as they come, each piece when it
 * arrives. An app that reads slowly makes the provider wait, not us hold. A short answer that came
 * in one piece is counted before it leaves, so that its head can say what it cost. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-exchange.h"
#include "okap-money.h"
#include "okap-proxy-error.h"

static void
head_cb (guint status, const char *headers, const char *content_type, gint64 content_length,
         gpointer user_data)
{
  OkapExchange *exchange = user_data;
  g_autofree char *changed = NULL;

  if (exchange->state == OKAP_EXCHANGE_OVER)
    return;
  exchange->state = OKAP_EXCHANGE_ANSWERING;
  exchange->status = status;
  exchange->content_length = content_length;
  okap_meter_init (&exchange->meter, exchange->route.endpoint->meter,
                   okap_framing_from_content_type (content_type));
  okap_exchange_key_head (exchange, headers);
  changed = okap_exchange_address_header (exchange, headers);
  okap_exchange_address_begin (exchange, content_type);
  exchange->headers = g_strdup_printf ("%sx-okap-request-id: %s\r\nx-okap-overhead-us: %"
                                       G_GINT64_FORMAT "\r\n",
                                       changed != NULL ? changed : headers, exchange->id,
                                       exchange->overhead_us);
}

static void
send_head (OkapExchange *exchange)
{
  okap_http_exchange_start (exchange->http, exchange->status, exchange->headers,
                            exchange->content_length);
  exchange->head_sent = TRUE;
  g_clear_pointer (&exchange->headers, g_free);
}

static char *
format_cost (OkapExchangeCost cost)
{
  g_autofree char *usd = NULL;

  if (cost.status == OKAP_COST_UNKNOWN)
    return NULL;
  usd = okap_money_format (cost.cost_nusd);
  return g_strdup_printf ("x-okap-cost-usd: %s\r\n", usd);
}

/* The answer is there at once: it leaves at once, and with its cost. */
static void
respond_whole (OkapExchange *exchange, const char *data, gsize length)
{
  OkapExchangeCost cost;
  g_autofree char *line = NULL;
  g_autofree char *headers = NULL;

  okap_meter_feed (&exchange->meter, data, length);
  exchange->bytes_out = (gint64) length;
  exchange->head_sent = TRUE;
  exchange->state = OKAP_EXCHANGE_OVER;
  cost = okap_exchange_settle (exchange, exchange->status, NULL);
  line = exchange->counted ? format_cost (cost) : NULL;
  headers = g_strconcat (exchange->headers, line, NULL);
  okap_http_exchange_respond (exchange->http, exchange->status, headers, data, length);
}

static gboolean
data_cb (const char *data, gsize length, gpointer user_data)
{
  OkapExchange *exchange = user_data;
  gsize unsent;

  if (exchange->state == OKAP_EXCHANGE_OVER)
    return TRUE;
  if (exchange->blocked)
    return FALSE;
  if (okap_exchange_key_take (exchange, data, length))
    return TRUE;
  if (exchange->first_byte_us == 0)
    exchange->first_byte_us = g_get_monotonic_time ();
  data = okap_exchange_address_take (exchange, data, &length);
  if (!exchange->head_sent)
    {
      if (exchange->content_length == (gint64) length)
        {
          respond_whole (exchange, data, length);
          return TRUE;
        }
      send_head (exchange);
    }
  unsent = okap_http_exchange_write (exchange->http, data, length);
  exchange->bytes_out += (gint64) length;
  okap_meter_feed (&exchange->meter, data, length);
  exchange->blocked = unsent >= OKAP_CAP_STREAM_WINDOW_BYTES;
  return TRUE;
}

static void
flush_cb (gpointer user_data)
{
  OkapExchange *exchange = user_data;

  if (exchange->state == OKAP_EXCHANGE_ANSWERING && !exchange->head_sent && !exchange->key.holding)
    send_head (exchange);
}

static gssize
read_cb (char *room, gsize length, gpointer user_data)
{
  return okap_exchange_read_body (user_data, room, length);
}

static void
finish (OkapExchange *exchange)
{
  const GString *rest = okap_exchange_address_finish (exchange);
  OkapExchangeCost cost;
  g_autofree char *trailer = NULL;

  if (!exchange->head_sent)
    send_head (exchange);
  if (rest != NULL)
    (void) okap_http_exchange_write (exchange->http, rest->str, rest->len);
  exchange->state = OKAP_EXCHANGE_OVER;
  cost = okap_exchange_settle (exchange, exchange->status, NULL);
  if (exchange->wants_trailers && exchange->counted && exchange->content_length < 0)
    trailer = format_cost (cost);
  okap_http_exchange_finish (exchange->http, trailer);
}

static void
done_cb (const GError *error, gpointer user_data)
{
  OkapExchange *exchange = user_data;

  exchange->transfer = NULL;
  exchange->demo = NULL;
  if (error == NULL && okap_exchange_key_judge (exchange))
    return;  /* it is on its way again */
  okap_exchange_key_release (exchange);
  if (exchange->state == OKAP_EXCHANGE_OVER)
    return;
  if (error != NULL)
    okap_exchange_break_off (exchange, error);
  else
    finish (exchange);
}

const OkapTransferHandler okap_exchange_answer = {
  .head = head_cb, .data = data_cb, .flush = flush_cb, .done = done_cb,
};

const OkapTransferHandler okap_exchange_answer_streaming = {
  .head = head_cb, .data = data_cb, .read = read_cb, .flush = flush_cb, .done = done_cb,
};

/**
 * okap_exchange_break_off:
 *
 * Ends an exchange that was sent, for a reason that the app is told: as a refusal before the head,
 * in the stream's own form behind it; where neither can be, its connection is broken, so that it
 * does not take a part for the whole. Nothing runs at the provider any more.
 */
void
okap_exchange_break_off (OkapExchange *exchange, const GError *error)
{
  g_autoptr (GError) own = g_error_copy (error);
  g_autofree char *last = NULL;

  okap_proxy_error_sign (own);
  if (!exchange->head_sent)
    {
      okap_exchange_settle (exchange, okap_error_get_http_status (own), own);
      okap_exchange_refuse (exchange, own, 0);
      return;
    }
  okap_exchange_settle (exchange, exchange->status, own);
  exchange->state = OKAP_EXCHANGE_OVER;
  if (exchange->content_length < 0)
    last = okap_proxy_error_format_stream (
        own, &exchange->meter, exchange->route.endpoint->meter,
        okap_provider_get_error_form (exchange->access->credential->provider,
                                      exchange->route.path), exchange->model);
  if (last == NULL)
    {
      okap_http_exchange_abort (exchange->http);
      return;
    }
  (void) okap_http_exchange_write (exchange->http, last, strlen (last));
  okap_http_exchange_finish (exchange->http, NULL);
}

/** okap_exchange_drained: the app takes more */
void
okap_exchange_drained (OkapExchange *exchange)
{
  if (!exchange->blocked)
    return;
  exchange->blocked = FALSE;
  if (exchange->transfer != NULL)
    okap_transfer_resume (exchange->transfer);
  else if (exchange->demo != NULL)
    okap_demo_resume (exchange->demo);
}
