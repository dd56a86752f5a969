/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, money and times for people. Exactness ends here: what is shown is rounded, what is
 * kept is not. Rounding never turns something into nothing: a cost below what can be shown is
 * said to be below it. */
#include "config.h"

#include "okap-format.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-money.h"

#define SMALLEST_SHOWN_NUSD (OKAP_NUSD_PER_USD / 10000)

/**
 * okap_format_money:
 *
 * Returns: (transfer full): dollars; whole cents from a dollar on, finer below it
 */
char *
okap_format_money (gint64 nusd)
{
  double usd = okap_money_to_double (nusd);

  if (nusd <= 0 || nusd >= OKAP_NUSD_PER_USD)
    /* Translators: an amount of US dollars with cents */
    return g_strdup_printf (_("$%'.2f"), MAX (usd, 0.0));
  if (nusd % (OKAP_NUSD_PER_USD / 100) == 0)
    return g_strdup_printf (_("$%'.2f"), usd);
  if (nusd < SMALLEST_SHOWN_NUSD)
    /* Translators: an amount of US dollars that is too small to be shown exactly */
    return g_strdup_printf (_("under $%.4f"), okap_money_to_double (SMALLEST_SHOWN_NUSD));
  /* Translators: an amount of US dollars below one dollar */
  return g_strdup_printf (_("$%.4f"), usd);
}

char *
okap_format_count (gint64 count)
{
  return g_strdup_printf ("%'" G_GINT64_FORMAT, count);
}

char *
okap_format_tokens (gint64 tokens)
{
  g_autofree char *count = okap_format_count (tokens);

  /* Translators: %s is a number of tokens, the units that models count text in */
  return g_strdup_printf (ngettext ("%s token", "%s tokens", (gulong) tokens), count);
}

char *
okap_format_requests (gint64 requests)
{
  g_autofree char *count = okap_format_count (requests);

  return g_strdup_printf (ngettext ("%s request", "%s requests", (gulong) requests), count);
}

char *
okap_format_duration (gint64 duration_us)
{
  if (duration_us < OKAP_SECOND_US)
    /* Translators: milliseconds */
    return g_strdup_printf (_("%d ms"), (int) (duration_us / 1000));
  if (duration_us < OKAP_MINUTE_US)
    /* Translators: seconds with one decimal */
    return g_strdup_printf (_("%.1f s"), (double) duration_us / 1e6);
  /* Translators: minutes and seconds */
  return g_strdup_printf (_("%d min %02d s"), (int) (duration_us / OKAP_MINUTE_US),
                          (int) (duration_us % OKAP_MINUTE_US / OKAP_SECOND_US));
}

static GDateTime *
local_time (gint64 time_us)
{
  return g_date_time_new_from_unix_local (time_us / OKAP_SECOND_US);
}

/**
 * okap_format_ago:
 * @time_us: a time that is past
 *
 * Returns: (transfer full): how long ago in words, the date once it is more than a week
 */
char *
okap_format_ago (gint64 time_us, gint64 now_us)
{
  gint64 ago_us = now_us - time_us;
  g_autoptr (GDateTime) then = local_time (time_us);
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 today_us = okap_time_day_start (now_us, zone);

  if (ago_us < OKAP_MINUTE_US)
    return g_strdup (_("Just now"));
  if (ago_us < 60 * OKAP_MINUTE_US)
    {
      int minutes = (int) (ago_us / OKAP_MINUTE_US);

      return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", (gulong) minutes),
                              minutes);
    }
  if (time_us >= today_us)
    /* Translators: a time of today, for g_date_time_format() */
    return g_date_time_format (then, _("Today, %H:%M"));
  if (time_us >= today_us - OKAP_DAY_US)
    /* Translators: a time of yesterday, for g_date_time_format() */
    return g_date_time_format (then, _("Yesterday, %H:%M"));
  if (time_us >= today_us - 6 * OKAP_DAY_US)
    /* Translators: a weekday and a time, for g_date_time_format() */
    return g_date_time_format (then, _("%A, %H:%M"));
  return okap_format_date (time_us);
}

/** okap_format_time: (transfer full): the exact local time, for tooltips and details */
char *
okap_format_time (gint64 time_us)
{
  g_autoptr (GDateTime) time = local_time (time_us);

  /* Translators: an exact time, for g_date_time_format() */
  return g_date_time_format (time, _("%A, %-d %B %Y, %H:%M:%S"));
}

char *
okap_format_date (gint64 time_us)
{
  g_autoptr (GDateTime) time = local_time (time_us);

  /* Translators: a date, for g_date_time_format() */
  return g_date_time_format (time, _("%-d %B %Y"));
}

/** okap_format_hour: (transfer full): hour and minute, for what is not long ago or soon */
char *
okap_format_hour (gint64 time_us)
{
  g_autoptr (GDateTime) time = local_time (time_us);

  /* Translators: a time without its day, for g_date_time_format() */
  return g_date_time_format (time, _("%H:%M"));
}
