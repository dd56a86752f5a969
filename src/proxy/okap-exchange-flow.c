/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of an answer on their way to the app, while its lease is watched. Each piece is metered
 * before it is passed on. As long as the lease would hold even if every byte of the piece were a
 * token, the piece passes as it is. Closer to the end it passes part by part (an event of a
 * stream, a line, an element of Gemini's array), each only if what came up to its end is paid for:
 *
 *   ample ──piece might be too much──▶ part by part ──a part is──▶ cut: upstream cancelled, the
 *     ▲                                     │                     stream's own error, end
 *     └──────────── never back ─────────────┘
 *
 * A part that is not complete waits in exchange->tail, at most TAIL_MOST of it. An answer that is
 * no stream was bounded before it was sent, and is not touched. The proxy's thread. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-exchange.h"
#include "okap-money.h"

#define UNDER_WAY_TOKENS 64           /* that the provider may have written since */
#define TAIL_MOST (64 * 1024)

/* Hands bytes to the app, if it is still there. */
static void
deliver (OkapExchange *exchange, const char *data, gsize length)
{
  if (exchange->http == NULL || length == 0)
    return;
  if (!exchange->head_sent)
    okap_exchange_send_head (exchange);
  if (exchange->passing != NULL)
    {
      g_string_truncate (exchange->passing, 0);
      okap_usage_filter_feed (exchange->filter, data, length, exchange->passing);
      data = exchange->passing->str;
      length = exchange->passing->len;
    }
  exchange->bytes_out += (gint64) length;
  exchange->blocked = okap_http_exchange_write (exchange->http, data, length)
                      >= OKAP_CAP_STREAM_WINDOW_BYTES;
}

/* Whether the request has come to more than it may. */
static gboolean
is_too_much (const OkapExchange *exchange)
{
  return exchange->money.running_nusd > exchange->lease.nusd
         || exchange->money.running_tokens > exchange->lease.tokens;
}

/* Whether it would not even if each byte that comes were a token. Sums of integers, no more: this
 * is asked for each piece of each stream. */
static gboolean
is_ample (const OkapExchange *exchange, gsize length)
{
  const OkapExchangeMoney *money = &exchange->money;
  gint64 more = (gint64) MIN (length, TAIL_MOST * 16) + UNDER_WAY_TOKENS;
  gint64 nusd;

  return !__builtin_mul_overflow (more, money->token_nusd, &nusd)
         && okap_money_add (money->running_nusd, nusd) <= exchange->lease.nusd
         && okap_money_add (money->running_tokens, more) <= exchange->lease.tokens;
}

static GError *
describe (const OkapExchange *exchange)
{
  OkapStanding standings[OKAP_N_LIMITS];
  const OkapStanding *narrowest = NULL;
  const OkapGrant *grant = exchange->access->grant;
  const char *provider = exchange->access->scope->provider;
  guint n = okap_gate_get_standings (exchange->proxy->gate, grant->id, provider, standings);
  g_autofree char *cap = NULL;
  g_autofree char *spent = okap_money_format (MIN (exchange->money.running_nusd,
                                                   exchange->lease.nusd));

  if (exchange->lease.tokens != G_MAXINT64
      && (exchange->lease.nusd == G_MAXINT64
          || exchange->money.running_nusd <= exchange->lease.nusd))
    return g_error_new (OKAP_ERROR, OKAP_ERROR_SPEND_LIMIT_REACHED,
                        "The answer was cut here: “%s” may use %" G_GINT64_FORMAT
                        " tokens at %s for this request, and they are used up",
                        okap_grant_get_title (grant), exchange->lease.tokens, provider);
  for (guint i = 0; i < n; i++)
    if (okap_limit_is_money (standings[i].limit)
        && (narrowest == NULL
            || standings[i].cap - standings[i].settled < narrowest->cap - narrowest->settled))
      narrowest = &standings[i];
  if (narrowest == NULL)
    return g_error_new (OKAP_ERROR, OKAP_ERROR_SPEND_LIMIT_REACHED,
                        "The answer was cut here: what “%s” could still spend at %s is used up; "
                        "this request came to $%s", okap_grant_get_title (grant), provider, spent);
  cap = okap_money_format (narrowest->cap);
  return g_error_new (OKAP_ERROR, OKAP_ERROR_SPEND_LIMIT_REACHED,
                      "The answer was cut here: %s of “%s” at %s ($%s) is used up; this request "
                      "came to $%s", okap_limit_get_name (narrowest->limit),
                      okap_grant_get_title (grant), provider, cap, spent);
}

static void
cut (OkapExchange *exchange)
{
  g_autoptr (GError) error = describe (exchange);

  okap_exchange_stop_upstream (exchange);
  okap_exchange_break_off (exchange, error);
}

/* Whether what was fed so far ends one of the answer's parts. */
static gboolean
ends_part (const OkapExchange *exchange)
{
  const OkapMeter *meter = &exchange->meter;

  if (meter->framing == OKAP_FRAMING_BODY)
    return okap_json_tap_is_in_outer_array (&meter->tap);
  return okap_meter_is_between (meter);
}

/* Whether the app would have a part that is not complete, if it had all that was fed. */
static gboolean
is_within (const OkapExchange *exchange)
{
  const OkapMeter *meter = &exchange->meter;

  return meter->framing == OKAP_FRAMING_BODY ? meter->tap.depth > 1
                                             : !okap_meter_is_between (meter);
}

/* Where the next part may end: behind a line, or behind an object of the array. */
static const char *
find_end (const OkapExchange *exchange, const char *p, const char *end)
{
  if (exchange->meter.framing == OKAP_FRAMING_BODY)
    {
      const char *brace = memchr (p, '}', (gsize) (end - p));

      return brace != NULL ? brace + 1 : end;
    }
  while (p < end && *p != '\n' && *p != '\r')
    p++;
  if (p + 1 < end && p[0] == '\r' && p[1] == '\n')
    p++;
  return p < end ? p + 1 : end;
}

static void
keep_tail (OkapExchange *exchange, const char *data, gsize length)
{
  if (exchange->tail == NULL)
    exchange->tail = g_string_new (NULL);
  g_string_append_len (exchange->tail, data, (gssize) length);
}

static void
deliver_tail (OkapExchange *exchange)
{
  if (exchange->tail == NULL || exchange->tail->len == 0)
    return;
  deliver (exchange, exchange->tail->str, exchange->tail->len);
  g_string_truncate (exchange->tail, 0);
}

/* FALSE: the answer was cut. */
static gboolean
pass_parts (OkapExchange *exchange, const char *data, gsize length)
{
  const char *end = data + length;
  const char *from = data;

  for (const char *p = data; p < end;)
    {
      const char *next = find_end (exchange, p, end);

      okap_meter_feed (&exchange->meter, p, (gsize) (next - p));
      p = next;
      if (!ends_part (exchange) && p < end)
        continue;
      okap_exchange_count_running (exchange);
      if (is_too_much (exchange))
        {
          /* An event of which the app has the start gets its end, if it is here. */
          if (exchange->within_event && ends_part (exchange))
            {
              deliver (exchange, from, (gsize) (p - from));
              exchange->within_event = FALSE;
            }
          cut (exchange);
          return FALSE;
        }
      if (!ends_part (exchange))
        break;
      deliver_tail (exchange);
      deliver (exchange, from, (gsize) (p - from));
      exchange->within_event = FALSE;
      exchange->has_part = TRUE;
      from = p;
    }
  if (exchange->within_event
      || (exchange->tail != NULL && exchange->tail->len + (gsize) (end - from) > TAIL_MOST))
    {
      deliver_tail (exchange);
      deliver (exchange, from, (gsize) (end - from));
      exchange->within_event |= from < end;
    }
  else if (from < end)
    keep_tail (exchange, from, (gsize) (end - from));
  return TRUE;
}

/** okap_exchange_is_array: whether the answer is a stream of Gemini's that is one JSON array */
gboolean
okap_exchange_is_array (const OkapExchange *exchange)
{
  return exchange->route.endpoint->meter == OKAP_METER_GOOGLE_GENERATE
         && exchange->meter.framing == OKAP_FRAMING_BODY
         && strstr (exchange->route.path, ":streamGenerateContent") != NULL;
}

static gboolean
is_stream (const OkapExchange *exchange)
{
  return exchange->meter.framing == OKAP_FRAMING_SSE
         || exchange->meter.framing == OKAP_FRAMING_NDJSON || okap_exchange_is_array (exchange);
}

/**
 * okap_exchange_pass_on:
 *
 * Meters bytes of the answer and hands them on, as far as they are paid for.
 *
 * Returns: FALSE if the exchange is over: its lease is used up
 */
gboolean
okap_exchange_pass_on (OkapExchange *exchange, const char *data, gsize length)
{
  const OkapExchangeMoney *money = &exchange->money;

  if (!money->watched || !is_stream (exchange) || exchange->status >= 400)
    {
      okap_meter_feed (&exchange->meter, data, length);
      deliver (exchange, data, length);
      exchange->within_event = is_within (exchange);
      exchange->has_part |= ends_part (exchange);
      return TRUE;
    }
  if (exchange->tail == NULL && is_ample (exchange, length))
    {
      okap_meter_feed (&exchange->meter, data, length);
      deliver (exchange, data, length);
      exchange->within_event = is_within (exchange);
      exchange->has_part |= ends_part (exchange);
      okap_exchange_count_running (exchange);
    }
  else
    {
      if (exchange->tail == NULL)
        exchange->tail = g_string_new (NULL);
      if (!pass_parts (exchange, data, length))
        return FALSE;
    }
  okap_gate_note_spent (exchange->proxy->gate, &exchange->lease,
                        MIN (okap_money_add (money->running_nusd,
                                             UNDER_WAY_TOKENS * money->token_nusd),
                             exchange->lease.nusd));
  return TRUE;
}

/** okap_exchange_pass_rest: the answer is complete; what waits in it is not needed for more */
void
okap_exchange_pass_rest (OkapExchange *exchange)
{
  deliver_tail (exchange);
  if (exchange->passing == NULL || exchange->http == NULL)
    return;
  g_string_truncate (exchange->passing, 0);
  okap_usage_filter_finish (exchange->filter, exchange->passing);
  exchange->bytes_out += (gint64) exchange->passing->len;
  (void) okap_http_exchange_write (exchange->http, exchange->passing->str, exchange->passing->len);
}
