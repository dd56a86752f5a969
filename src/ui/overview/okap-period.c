/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calendar periods and what they are called. Days of 23 and 25 hours have as many bars; a zone that
 * moves its clock by half an hour has a short one. Pure. */
#include "config.h"

#include "okap-period.h"

#include <glib/gi18n.h>
#include <langinfo.h>

#include "okap-clock.h"

#define HOUR_US (60 * OKAP_MINUTE_US)
#define FIRST_IS_MONDAY 19971201  /* in glibc's locales: a Monday; else it is a Sunday before */

static GDateTime *
local_time (gint64 time_us, GTimeZone *zone)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_us / OKAP_SECOND_US);

  return g_date_time_to_timezone (utc, zone);
}

static gint64
week_start (gint64 at_us, GTimeZone *zone, guint first_weekday)
{
  gint64 day_us = okap_time_day_start (at_us, zone);

  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GDateTime) local = local_time (day_us, zone);

      if ((guint) g_date_time_get_day_of_week (local) == first_weekday)
        break;
      day_us = okap_time_day_start (day_us - 1, zone);
    }
  return day_us;
}

static gint64
year_start (gint64 at_us, GTimeZone *zone)
{
  gint64 month_us = okap_time_month_start (at_us, zone);

  for (guint i = 0; i < 11; i++)
    {
      g_autoptr (GDateTime) local = local_time (month_us, zone);

      if (g_date_time_get_month (local) == 1)
        break;
      month_us = okap_time_month_start (month_us - 1, zone);
    }
  return month_us;
}

static void
append_ascending (GArray *borders, gint64 border_us)
{
  if (borders->len == 0 || border_us > g_array_index (borders, gint64, borders->len - 1))
    g_array_append_val (borders, border_us);
}

/** okap_period_dup_days: (transfer full) (element-type gint64): each midnight, and both ends */
GArray *
okap_period_dup_days (gint64 from_us, gint64 until_us, GTimeZone *zone)
{
  GArray *borders = g_array_new (FALSE, FALSE, sizeof (gint64));

  append_ascending (borders, from_us);
  for (gint64 day_us = okap_time_next_day (from_us, zone); day_us < until_us;
       day_us = okap_time_next_day (day_us, zone))
    append_ascending (borders, day_us);
  append_ascending (borders, until_us);
  return borders;
}

/**
 * okap_period_dup_borders:
 * @at_us: a moment in it
 * @first_weekday: 1 for Monday to 7 for Sunday
 *
 * Returns: (transfer full) (element-type gint64): one more than there are bars, ascending
 */
GArray *
okap_period_dup_borders (OkapRange range, gint64 at_us, GTimeZone *zone, guint first_weekday)
{
  GArray *borders = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 border_us, end_us;

  switch (range)
    {
    case OKAP_RANGE_DAY:
      end_us = okap_time_next_day (at_us, zone);
      for (border_us = okap_time_day_start (at_us, zone); border_us < end_us; border_us += HOUR_US)
        append_ascending (borders, border_us);
      append_ascending (borders, end_us);
      break;
    case OKAP_RANGE_WEEK:
      border_us = week_start (at_us, zone, first_weekday);
      end_us = week_start (border_us + 7 * OKAP_DAY_US + OKAP_DAY_US / 2, zone, first_weekday);
      g_array_unref (borders);
      return okap_period_dup_days (border_us, end_us, zone);
    case OKAP_RANGE_YEAR:
      border_us = year_start (at_us, zone);
      for (guint i = 0; i <= 12; i++, border_us = okap_time_next_month (border_us, zone))
        append_ascending (borders, border_us);
      break;
    case OKAP_RANGE_MONTH:
    default:
      g_array_unref (borders);
      return okap_period_dup_days (okap_time_month_start (at_us, zone),
                                   okap_time_next_month (at_us, zone), zone);
    }
  return borders;
}

static guint
weekday_of_locale (void)
{
#ifdef __GLIBC__
  /* Both are numbers that stand where a text would: the first a day of the week from 1 on, the
   * second a date, which says on which weekday that count begins. */
  guint first = (guint) (guchar) *nl_langinfo (_NL_TIME_FIRST_WEEKDAY);
  guint begins = GPOINTER_TO_UINT (nl_langinfo (_NL_TIME_WEEK_1STDAY));
  guint from_sunday = first - 1 + (begins == FIRST_IS_MONDAY ? 1 : 0);

  return from_sunday % 7 == 0 ? 7 : from_sunday % 7;
#else
  return 1;
#endif
}

/** okap_period_first_weekday: @setting as in "week-start": 0 for that of the locale */
guint
okap_period_first_weekday (int setting)
{
  return setting >= 1 && setting <= 7 ? (guint) setting : weekday_of_locale ();
}

static char *
format (gint64 time_us, GTimeZone *zone, const char *form)
{
  g_autoptr (GDateTime) local = local_time (time_us, zone);

  return g_date_time_format (local, form);
}

/** okap_period_dup_title: what the whole period is called */
char *
okap_period_dup_title (OkapRange range, gint64 from_us, gint64 until_us, GTimeZone *zone)
{
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  switch (range)
    {
    case OKAP_RANGE_DAY:
      /* Translators: a day, for g_date_time_format() */
      return format (from_us, zone, _("%A, %-d %B %Y"));
    case OKAP_RANGE_WEEK:
      /* Translators: the first day of a week, for g_date_time_format() */
      first = format (from_us, zone, _("%-d %B"));
      /* Translators: the last day of a week, for g_date_time_format() */
      last = format (until_us - 1, zone, _("%-d %B %Y"));
      /* Translators: from a day to another one */
      return g_strdup_printf (_("%1$s – %2$s"), first, last);
    case OKAP_RANGE_YEAR:
      return format (from_us, zone, "%Y");
    case OKAP_RANGE_MONTH:
    default:
      /* Translators: a month, for g_date_time_format() */
      return format (from_us, zone, _("%OB %Y"));
    }
}

/** okap_period_dup_bucket: what is said of one bar of the period */
char *
okap_period_dup_bucket (OkapRange range, gint64 from_us, gint64 until_us, GTimeZone *zone)
{
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  switch (range)
    {
    case OKAP_RANGE_DAY:
      first = format (from_us, zone, _("%H:%M"));
      last = format (until_us, zone, _("%H:%M"));
      return g_strdup_printf (_("%1$s – %2$s"), first, last);
    case OKAP_RANGE_YEAR:
      return format (from_us, zone, _("%OB %Y"));
    case OKAP_RANGE_WEEK:
    case OKAP_RANGE_MONTH:
    default:
      /* Translators: a day of a known year, for g_date_time_format() */
      return format (from_us, zone, _("%A, %-d %B"));
    }
}

/** okap_period_dup_tick: a short name of a bar, for the axis */
char *
okap_period_dup_tick (OkapRange range, gint64 from_us, GTimeZone *zone)
{
  switch (range)
    {
    case OKAP_RANGE_DAY:
      /* Translators: the hour of a day on an axis, for g_date_time_format() */
      return format (from_us, zone, _("%H:00"));
    case OKAP_RANGE_WEEK:
      return format (from_us, zone, "%a");
    case OKAP_RANGE_YEAR:
      return format (from_us, zone, "%Ob");
    case OKAP_RANGE_MONTH:
    default:
      return format (from_us, zone, "%-d");
    }
}
