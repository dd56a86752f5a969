/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this month will come to, and what it may come to at most. Pure.
 *
 * The forecast is what was spent plus the pace of late for the rest of the month. The pace is that
 * of the last seven days and of the last four weeks, the nearer one counting double: a day that was
 * dear does not move it much, a new habit does within a week, and weekends are in it. It says
 * nothing of a vault that was hardly used yet: two days and ten requests are the least. */
#include "config.h"

#include "okap-forecast.h"

#include "okap-clock.h"
#include "okap-money.h"

#define LEAST_US (2 * OKAP_DAY_US)
#define LEAST_REQUESTS 10

/* In nano-dollars for each microsecond. */
static double
get_pace (gint64 nusd, gint64 from_us, const OkapPace *pace)
{
  gint64 since_us = MAX (from_us, pace->first_us);

  return (double) nusd / (double) MAX (pace->now_us - since_us, OKAP_DAY_US);
}

/**
 * okap_forecast_month:
 * @out_nusd: (out): never less than what was spent
 *
 * Returns: whether there is enough to tell from
 */
gboolean
okap_forecast_month (const OkapPace *pace, gint64 *out_nusd)
{
  double rest_us = (double) MAX (pace->month_end_us - pace->now_us, 0);
  double speed;

  *out_nusd = pace->month_nusd;
  if (pace->first_us <= 0 || pace->now_us - pace->first_us < LEAST_US
      || pace->weeks_requests < LEAST_REQUESTS)
    return FALSE;
  speed = (2 * get_pace (pace->week_nusd, pace->week_from_us, pace)
           + get_pace (pace->weeks_nusd, pace->weeks_from_us, pace)) / 3;
  if (speed > 0)
    *out_nusd = okap_money_add (pace->month_nusd,
                                (gint64) MIN (speed * rest_us, (double) (G_MAXINT64 / 2)));
  return TRUE;
}

/** okap_caps_get_month: the most that a scope may spend in a month; -1 without a limit */
gint64
okap_caps_get_month (const OkapScope *scope, guint days_of_month)
{
  const OkapLimits *limits = &scope->limits;
  gint64 most = -1;

  if (okap_limits_has (limits, OKAP_LIMIT_MONTHLY_SPEND))
    most = limits->value[OKAP_LIMIT_MONTHLY_SPEND];
  if (okap_limits_has (limits, OKAP_LIMIT_DAILY_SPEND))
    {
      gint64 days = limits->value[OKAP_LIMIT_DAILY_SPEND];

      days = days > G_MAXINT64 / 31 ? G_MAXINT64 : days * days_of_month;
      most = most < 0 ? days : MIN (most, days);
    }
  if (okap_limits_has (limits, OKAP_LIMIT_TOTAL_SPEND))
    {
      gint64 total = limits->value[OKAP_LIMIT_TOTAL_SPEND];

      most = most < 0 ? total : MIN (most, total);
    }
  return most;
}

/** okap_caps_add: if @grant lives, what it may spend in a month */
void
okap_caps_add (OkapCaps *caps, const OkapGrant *grant, gint64 now_us, guint days_of_month)
{
  gboolean is_open = FALSE;

  if (!okap_grant_is_live (grant, now_us))
    return;
  for (guint i = 0; i < grant->scopes->len; i++)
    {
      gint64 most = okap_caps_get_month (g_ptr_array_index (grant->scopes, i), days_of_month);

      is_open = is_open || most < 0;
      caps->nusd = okap_money_add (caps->nusd, MAX (most, 0));
    }
  if (is_open)
    caps->n_open++;
  else
    caps->n_limited++;
}
