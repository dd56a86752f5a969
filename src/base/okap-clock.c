/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock and the calendar. Windows of a day or a month are calendar ones in the zone of the
 * user (PROTOCOL section 2), so their edges go through GDateTime and are right over daylight
 * changes and month ends. */
#include "config.h"

#include "okap-clock.h"

#include <string.h>

struct _OkapClock
{
  gboolean is_fake;
  gint64 now_us;        /* (atomic by lock) wall time of a fake clock */
  gint64 monotonic_us;  /* (atomic by lock) */
  GMutex lock;
};

/** okap_clock_get_real: (transfer none): the system's clock; lives for ever */
OkapClock *
okap_clock_get_real (void)
{
  static OkapClock real;

  return &real;
}

/**
 * okap_clock_new_fake:
 *
 * Returns: (transfer full): a clock that stands at @now_us until it is moved; free it with
 *   okap_clock_free_fake()
 */
OkapClock *
okap_clock_new_fake (gint64 now_us)
{
  OkapClock *clock = g_new0 (OkapClock, 1);

  clock->is_fake = TRUE;
  clock->now_us = now_us;
  clock->monotonic_us = OKAP_SECOND_US;
  g_mutex_init (&clock->lock);
  return clock;
}

void
okap_clock_free_fake (OkapClock *clock)
{
  g_return_if_fail (clock->is_fake);

  g_mutex_clear (&clock->lock);
  g_free (clock);
}

/** okap_clock_set: sets the wall time of a fake clock, forwards or back; monotonic time stays */
void
okap_clock_set (OkapClock *clock, gint64 now_us)
{
  g_return_if_fail (clock->is_fake);

  g_mutex_lock (&clock->lock);
  clock->now_us = now_us;
  g_mutex_unlock (&clock->lock);
}

/** okap_clock_advance: moves both times of a fake clock forward */
void
okap_clock_advance (OkapClock *clock, gint64 by_us)
{
  g_return_if_fail (clock->is_fake && by_us >= 0);

  g_mutex_lock (&clock->lock);
  clock->now_us += by_us;
  clock->monotonic_us += by_us;
  g_mutex_unlock (&clock->lock);
}

static gint64
read_fake (OkapClock *clock, const gint64 *field)
{
  gint64 value;

  g_mutex_lock (&clock->lock);
  value = *field;
  g_mutex_unlock (&clock->lock);
  return value;
}

gint64
okap_clock_get_now (OkapClock *clock)
{
  return clock->is_fake ? read_fake (clock, &clock->now_us) : g_get_real_time ();
}

gint64
okap_clock_get_monotonic (OkapClock *clock)
{
  return clock->is_fake ? read_fake (clock, &clock->monotonic_us) : g_get_monotonic_time ();
}

/** okap_time_format_iso: (transfer full): RFC 3339 in UTC with whole seconds */
char *
okap_time_format_iso (gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_us / OKAP_SECOND_US);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("never");
}

/**
 * okap_time_parse:
 * @text: a date such as 2027-03-01 (00:00 UTC, PROTOCOL section 2) or an RFC 3339 time
 *
 * Returns: whether @text is one of the two
 */
gboolean
okap_time_parse (const char *text, gint64 *out_time_us)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *full = NULL;
  gsize length = strlen (text);

  if (length < 10 || length > 40 || text[4] != '-' || text[7] != '-')
    return FALSE;
  if (length == 10)
    text = full = g_strconcat (text, "T00:00:00Z", NULL);
  else if (text[10] != 'T' && text[10] != 't' && text[10] != ' ')
    return FALSE;

  time = g_date_time_new_from_iso8601 (text, utc);
  if (time == NULL)
    return FALSE;
  *out_time_us = g_date_time_to_unix (time) * OKAP_SECOND_US;
  return TRUE;
}

/* Where a day has two midnights, since the clock goes back from one o'clock, GLib takes the second;
 * the day begins with the first. */
static gint64
find_first_midnight (GDateTime *midnight)
{
  g_autoptr (GDateTime) before = g_date_time_add_seconds (midnight, -1);
  gint64 time_us = g_date_time_to_unix (midnight) * OKAP_SECOND_US;

  if (g_date_time_get_day_of_month (before) != g_date_time_get_day_of_month (midnight))
    return time_us;
  return time_us - (g_date_time_get_utc_offset (before) - g_date_time_get_utc_offset (midnight));
}

static gint64
calendar_start (gint64 time_us, GTimeZone *zone, gboolean of_month, int step)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_us / OKAP_SECOND_US);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);
  g_autoptr (GDateTime) stepped = NULL;
  g_autoptr (GDateTime) start = NULL;
  int year, month, day;

  g_date_time_get_ymd (local, &year, &month, &day);
  if (of_month)
    {
      month += step;
      if (month > 12)
        {
          month = 1;
          year++;
        }
      day = 1;
    }
  else if (step != 0)
    {
      stepped = g_date_time_add_days (local, step);
      g_date_time_get_ymd (stepped, &year, &month, &day);
    }
  start = g_date_time_new (zone, year, month, day, 0, 0, 0);
  return find_first_midnight (start);
}

/** okap_time_day_start: when the calendar day of @time_us began in @zone */
gint64
okap_time_day_start (gint64 time_us, GTimeZone *zone)
{
  return calendar_start (time_us, zone, FALSE, 0);
}

/** okap_time_next_day: when the next calendar day begins in @zone */
gint64
okap_time_next_day (gint64 time_us, GTimeZone *zone)
{
  return calendar_start (time_us, zone, FALSE, 1);
}

/** okap_time_month_start: when the calendar month of @time_us began in @zone */
gint64
okap_time_month_start (gint64 time_us, GTimeZone *zone)
{
  return calendar_start (time_us, zone, TRUE, 0);
}

/** okap_time_next_month: when the next calendar month begins in @zone */
gint64
okap_time_next_month (gint64 time_us, GTimeZone *zone)
{
  return calendar_start (time_us, zone, TRUE, 1);
}
