/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of the answer: status, headers and bytes go to the app as they come, each piece when it
 * arrives. An app that reads slowly makes the provider wait, not us hold. A short answer that came
 * in one piece is counted before it leaves, so that its head can say what it cost. What may pass of
 * an answer whose money is limited, okap-exchange-flow.c decides. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-exchange.h"
#include "okap-money.h"
#include "okap-proxy-error.h"

#define GONE_STATUS 499

/* The filter is for streams; whatever else comes passes as it is. */
static void
set_filter (OkapExchange *exchange)
{
  if (exchange->filter == NULL || exchange->meter.framing != OKAP_FRAMING_SSE
      || exchange->status >= 400)
    return;
  exchange->passing = g_string_new (NULL);
  exchange->content_length = -1;
}

/* What Okap has to say of the request, as lines of the head. */
static void
append_notes (const OkapExchange *exchange, GString *headers)
{
  const OkapExchangeMoney *money = &exchange->money;

  g_string_append_printf (headers, "x-okap-request-id: %s\r\nx-okap-overhead-us: %"
                          G_GINT64_FORMAT "\r\n", exchange->id, exchange->overhead_us);
  if (exchange->edits != NULL)
    g_string_append_printf (headers, "x-okap-edits: %s\r\n", exchange->edits);
  if (money->lowered_tokens > 0)
    g_string_append_printf (headers, "x-okap-max-output-tokens: %" G_GINT64_FORMAT "\r\n",
                            money->lowered_tokens);
  if (exchange->counted && exchange->lease.remaining_nusd >= 0)
    {
      g_autofree char *usd = okap_money_format (exchange->lease.remaining_nusd);

      g_string_append_printf (headers, "x-okap-budget-remaining-usd: %s\r\n", usd);
    }
}

static void
head_cb (guint status, const char *headers, const char *content_type, gint64 content_length,
         gpointer user_data)
{
  OkapExchange *exchange = user_data;
  g_autofree char *changed = NULL;
  GString *own;

  if (exchange->state == OKAP_EXCHANGE_OVER)
    return;
  exchange->state = OKAP_EXCHANGE_ANSWERING;
  exchange->status = status;
  exchange->content_length = content_length;
  okap_meter_init (&exchange->meter, exchange->route.endpoint->meter,
                   okap_framing_from_content_type (content_type));
  okap_exchange_measure_sound (exchange);
  okap_meter_set_request_units (&exchange->meter, &exchange->money.request);
  okap_meter_take_headers (&exchange->meter, headers);
  if (exchange->route.endpoint->job != NULL)
    {
      g_free (exchange->job);
      exchange->job = g_new (OkapJobReader, 1);
      okap_job_reader_init (exchange->job, exchange->route.endpoint->job,
                            exchange->meter.framing);
    }
  set_filter (exchange);
  okap_exchange_key_head (exchange, headers);
  changed = okap_exchange_address_header (exchange, headers);
  okap_exchange_address_begin (exchange, content_type);
  own = g_string_sized_new (strlen (headers) + 160);
  g_string_append (own, changed != NULL ? changed : headers);
  append_notes (exchange, own);
  exchange->headers = g_string_free (own, FALSE);
}

/** okap_exchange_send_head: once, before anything of the body */
void
okap_exchange_send_head (OkapExchange *exchange)
{
  if (exchange->http == NULL)
    return;
  okap_http_exchange_start (exchange->http, exchange->status, exchange->headers,
                            exchange->content_length);
  exchange->head_sent = TRUE;
  g_clear_pointer (&exchange->headers, g_free);
}

/* (nullable): the line that tells what was booked */
static char *
format_cost (const OkapUsage *usage)
{
  g_autofree char *usd = NULL;

  if (usage == NULL || usage->cost_status == OKAP_COST_UNKNOWN)
    return NULL;
  usd = okap_money_format (usage->cost_nusd);
  return g_strdup_printf ("x-okap-cost-usd: %s\r\n", usd);
}

/* The answer is there at once: it leaves at once, and with its cost. */
static void
respond_whole (OkapExchange *exchange, const char *data, gsize length)
{
  g_autoptr (OkapUsage) usage = NULL;
  g_autofree char *line = NULL;
  g_autofree char *headers = NULL;

  okap_meter_feed (&exchange->meter, data, length);
  exchange->bytes_out = (gint64) length;
  exchange->head_sent = TRUE;
  exchange->complete = TRUE;
  exchange->state = OKAP_EXCHANGE_OVER;
  usage = okap_exchange_settle (exchange, exchange->status, NULL);
  line = format_cost (usage);
  headers = g_strconcat (exchange->headers, line, NULL);
  okap_http_exchange_respond (exchange->http, exchange->status, headers, data, length);
}

static gboolean
data_cb (const char *data, gsize length, gpointer user_data)
{
  OkapExchange *exchange = user_data;

  if (exchange->state == OKAP_EXCHANGE_OVER)
    return TRUE;
  if (exchange->blocked)
    return FALSE;
  if (okap_exchange_key_take (exchange, data, length))
    return TRUE;
  exchange->last_byte_us = g_get_monotonic_time ();
  if (exchange->first_byte_us == 0)
    exchange->first_byte_us = exchange->last_byte_us;
  okap_exchange_take_upload_answer (exchange, data, length);
  if (exchange->job != NULL)
    okap_job_reader_feed (exchange->job, data, length);
  data = okap_exchange_address_take (exchange, data, &length);
  if (!exchange->head_sent && exchange->http != NULL
      && exchange->content_length == (gint64) length)
    respond_whole (exchange, data, length);
  else
    (void) okap_exchange_pass_on (exchange, data, length);
  return TRUE;
}

static void
flush_cb (gpointer user_data)
{
  OkapExchange *exchange = user_data;

  if (exchange->state == OKAP_EXCHANGE_ANSWERING && !exchange->head_sent && !exchange->key.holding)
    okap_exchange_send_head (exchange);
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
  g_autoptr (OkapUsage) usage = NULL;
  g_autofree char *trailer = NULL;

  exchange->complete = TRUE;
  okap_exchange_keep_upload (exchange);
  if (rest != NULL && !okap_exchange_pass_on (exchange, rest->str, rest->len))
    return;
  if (exchange->http == NULL)
    {
      g_autoptr (GError) gone = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                                                     "The app hung up");

      okap_exchange_break_off (exchange, gone);
      return;
    }
  if (!exchange->head_sent)
    okap_exchange_send_head (exchange);
  okap_exchange_pass_rest (exchange);
  exchange->state = OKAP_EXCHANGE_OVER;
  usage = okap_exchange_settle (exchange, exchange->status, NULL);
  if (exchange->wants_trailers && exchange->content_length < 0)
    trailer = format_cost (usage);
  okap_http_exchange_finish (exchange->http, trailer);
}

static void
done_cb (const GError *error, gpointer user_data)
{
  OkapExchange *exchange = user_data;

  exchange->unsent = exchange->transfer != NULL
                     && !okap_upstream_has_sent (exchange->proxy->upstream);
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

/* What ends the answer in its own form, where the app has no more of it than it has. */
static char *
format_last (const OkapExchange *exchange, const GError *error)
{
  OkapErrorForm form = okap_provider_get_error_form (exchange->access->credential->provider,
                                                     exchange->route.path);
  gboolean between = exchange->passing != NULL ? !exchange->filter->passing
                                               : !exchange->within_event;
  OkapMeterKind kind = exchange->route.endpoint->meter;

  if (exchange->content_length >= 0)
    return NULL;
  if (exchange->meter.framing == OKAP_FRAMING_BODY && !okap_exchange_is_array (exchange))
    return NULL;
  if (!exchange->money.watched && exchange->passing == NULL)
    return okap_proxy_error_format_stream (error, &exchange->meter, kind, form, exchange->model);
  return okap_proxy_error_format_end (error, &exchange->meter, kind, between,
                                      exchange->has_part ? ","
                                      : exchange->bytes_out == 0 ? "[" : "",
                                      form, exchange->model);
}

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
  g_autoptr (OkapUsage) usage = NULL;
  g_autofree char *last = NULL;

  okap_proxy_error_sign (own);
  if (exchange->http == NULL)
    {
      exchange->state = OKAP_EXCHANGE_OVER;
      usage = okap_exchange_settle (exchange, GONE_STATUS, own);
      okap_exchange_free_later (exchange);
      return;
    }
  if (!exchange->head_sent)
    {
      usage = okap_exchange_settle (exchange, okap_error_get_http_status (own), own);
      okap_exchange_refuse (exchange, own, 0);
      return;
    }
  usage = okap_exchange_settle (exchange, exchange->status, own);
  exchange->state = OKAP_EXCHANGE_OVER;
  last = format_last (exchange, own);
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
