/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates. The minute is a sliding one, kept as the requests themselves: never more than the limit
 * in any 60 seconds, and the wait that a refusal names is exact. Tokens belong to the moment at
 * which their request started: what it may use until it is over, what it used from then on.
 * Monotonic, so that a clock that is set back neither frees nor blocks. The day is the user's
 * calendar day; a clock set back stays in the day that was counted last. */
#include "config.h"

#include "okap-rate.h"

#include <string.h>

#include "okap-clock.h"

#define RING_FIRST_SIZE 16
#define TOKENS_MOST (G_MAXINT64 >> 24)  /* so that no sum over a ring leaves 64 bits */

/** okap_rate_clear: frees what @rate holds; it may be used again */
void
okap_rate_clear (OkapRate *rate)
{
  g_free (rate->ring);
  memset (rate, 0, sizeof *rate);
}

static OkapRateEntry *
get_entry (const OkapRate *rate, guint index)
{
  return &rate->ring[(rate->first + index) % rate->size];
}

static gint64 *
get_sum (OkapRate *rate, const OkapRateEntry *entry)
{
  return entry->is_running ? &rate->reserved_tokens : &rate->settled_tokens;
}

/** okap_rate_count_minute: how often in the last 60 seconds */
guint
okap_rate_count_minute (OkapRate *rate, gint64 monotonic_us)
{
  while (rate->count > 0)
    {
      const OkapRateEntry *entry = get_entry (rate, 0);

      if (entry->time_us > monotonic_us - OKAP_MINUTE_US)
        break;
      *get_sum (rate, entry) -= entry->tokens;
      rate->first = (rate->first + 1) % rate->size;
      rate->count--;
      rate->n_left++;
    }
  return rate->count;
}

static guint
get_wait (const OkapRateEntry *entry, gint64 monotonic_us)
{
  gint64 until_us = entry->time_us + OKAP_MINUTE_US - monotonic_us;

  return (guint) ((MAX (until_us, 0) + OKAP_SECOND_US - 1) / OKAP_SECOND_US);
}

/** okap_rate_minute_wait: whole seconds until the oldest of the last minute no longer counts */
guint
okap_rate_minute_wait (const OkapRate *rate, gint64 monotonic_us)
{
  return rate->count > 0 ? get_wait (get_entry (rate, 0), monotonic_us) : 0;
}

/** okap_rate_get_tokens: of the last minute; okap_rate_count_minute() before */
gint64
okap_rate_get_tokens (const OkapRate *rate)
{
  return rate->reserved_tokens + rate->settled_tokens;
}

/** okap_rate_tokens_wait: whole seconds until at least @tokens fewer count */
guint
okap_rate_tokens_wait (const OkapRate *rate, gint64 monotonic_us, gint64 tokens)
{
  guint wait = 0;

  for (guint i = 0; i < rate->count && tokens > 0; i++)
    {
      const OkapRateEntry *entry = get_entry (rate, i);

      tokens -= entry->tokens;
      wait = get_wait (entry, monotonic_us);
    }
  return wait;
}

/** okap_rate_count_day: how often in the calendar day of @now_us in @zone */
gint64
okap_rate_count_day (OkapRate *rate, gint64 now_us, GTimeZone *zone)
{
  if (now_us >= rate->day_end_us)
    {
      rate->day_end_us = okap_time_next_day (now_us, zone);
      rate->today = 0;
    }
  return rate->today;
}

static void
grow (OkapRate *rate)
{
  guint size = rate->size > 0 ? rate->size * 2 : RING_FIRST_SIZE;
  OkapRateEntry *ring = g_new (OkapRateEntry, size);

  for (guint i = 0; i < rate->count; i++)
    ring[i] = *get_entry (rate, i);
  g_free (rate->ring);
  rate->ring = ring;
  rate->size = size;
  rate->first = 0;
}

/**
 * okap_rate_add:
 * @tokens: that it may use
 *
 * Counts one, now; call both counts before.
 *
 * Returns: its number, for okap_rate_settle_tokens()
 */
guint64
okap_rate_add (OkapRate *rate, gint64 monotonic_us, gint64 tokens)
{
  OkapRateEntry entry = { monotonic_us, CLAMP (tokens, 0, TOKENS_MOST), TRUE };

  if (rate->count == rate->size)
    grow (rate);
  *get_entry (rate, rate->count) = entry;
  rate->reserved_tokens += entry.tokens;
  rate->today++;
  return rate->n_left + rate->count++;
}

/** okap_rate_settle_tokens: what the request with @number used, however long ago it started */
void
okap_rate_settle_tokens (OkapRate *rate, guint64 number, gint64 tokens)
{
  OkapRateEntry *entry;

  if (number < rate->n_left || number >= rate->n_left + rate->count)
    return;
  entry = get_entry (rate, (guint) (number - rate->n_left));
  if (!entry->is_running)
    return;
  rate->reserved_tokens -= entry->tokens;
  entry->tokens = CLAMP (tokens, 0, TOKENS_MOST);
  entry->is_running = FALSE;
  rate->settled_tokens += entry->tokens;
}
