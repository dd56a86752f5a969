/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates. The minute is a sliding one, kept as the times themselves: never more than the limit in
 * any 60 seconds, and the wait that a refusal names is exact. Monotonic, so that a clock that is
 * set back neither frees nor blocks. The day is the user's calendar day; a clock set back stays in
 * the day that was counted last. */
#include "config.h"

#include "okap-rate.h"

#include <string.h>

#include "okap-clock.h"

#define RING_FIRST_SIZE 16

/** okap_rate_clear: frees what @rate holds; it may be used again */
void
okap_rate_clear (OkapRate *rate)
{
  g_free (rate->times_us);
  memset (rate, 0, sizeof *rate);
}

/** okap_rate_count_minute: how often in the last 60 seconds */
guint
okap_rate_count_minute (OkapRate *rate, gint64 monotonic_us)
{
  while (rate->count > 0 && rate->times_us[rate->first] <= monotonic_us - OKAP_MINUTE_US)
    {
      rate->first = (rate->first + 1) % rate->size;
      rate->count--;
    }
  return rate->count;
}

/** okap_rate_minute_wait: whole seconds until the oldest of the last minute no longer counts */
guint
okap_rate_minute_wait (const OkapRate *rate, gint64 monotonic_us)
{
  gint64 until_us;

  if (rate->count == 0)
    return 0;
  until_us = rate->times_us[rate->first] + OKAP_MINUTE_US - monotonic_us;
  return (guint) ((MAX (until_us, 0) + OKAP_SECOND_US - 1) / OKAP_SECOND_US);
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
  gint64 *times_us = g_new (gint64, size);

  for (guint i = 0; i < rate->count; i++)
    times_us[i] = rate->times_us[(rate->first + i) % rate->size];
  g_free (rate->times_us);
  rate->times_us = times_us;
  rate->size = size;
  rate->first = 0;
}

/** okap_rate_add: counts one, now; call both counts before */
void
okap_rate_add (OkapRate *rate, gint64 monotonic_us)
{
  if (rate->count == rate->size)
    grow (rate);
  rate->times_us[(rate->first + rate->count) % rate->size] = monotonic_us;
  rate->count++;
  rate->today++;
}
