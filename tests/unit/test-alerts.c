/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-alerts.h"

#define USD G_GINT64_CONSTANT (1000000000)
#define DAY OKAP_DAY_US

/* By hand: a window that began at day 100; how much of the cap is settled, when it is asked, and
 * when it would be used up at that pace. */
static void
test_forecast (void)
{
  static const struct
  {
    gint64 settled;
    gint64 cap;
    gint64 now_us;
    gint64 resets_us;
    gint64 until_us;
  } cases[] = {
    /* Half in ten days: the other half in ten more. */
    { 5 * USD, 10 * USD, 110 * DAY, 130 * DAY, 120 * DAY },
    { 8 * USD, 10 * USD, 108 * DAY, 130 * DAY, 110 * DAY },
    /* It would be used up exactly when it begins anew, or later: it lasts. */
    { 5 * USD, 10 * USD, 115 * DAY, 130 * DAY, 0 },
    { 5 * USD, 10 * USD, 120 * DAY, 130 * DAY, 0 },
    /* No new beginning. */
    { 5 * USD, 10 * USD, 120 * DAY, 0, 140 * DAY },
    /* Nothing was used, all of it was, more than all. */
    { 0, 10 * USD, 110 * DAY, 130 * DAY, 0 },
    { 10 * USD, 10 * USD, 110 * DAY, 130 * DAY, 0 },
    { 11 * USD, 10 * USD, 110 * DAY, 130 * DAY, 0 },
    { 0, 0, 110 * DAY, 130 * DAY, 0 },
    /* In the first moment a minute is taken for the time that has gone by. */
    { 5 * USD, 10 * USD, 100 * DAY, 130 * DAY, 100 * DAY + 2 * OKAP_MINUTE_US },
    /* A clock that was set back does not tell of the past. */
    { 5 * USD, 10 * USD, 90 * DAY, 130 * DAY, 100 * DAY + 2 * OKAP_MINUTE_US },
    /* Beyond all years. */
    { 1, G_MAXINT64, 110 * DAY, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapStanding standing = { OKAP_LIMIT_MONTHLY_SPEND, .cap = cases[i].cap,
                                .settled = cases[i].settled, .resets_us = cases[i].resets_us };

      g_assert_cmpint (okap_alerts_forecast (&standing, 100 * DAY, cases[i].now_us), ==,
                       cases[i].until_us);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alerts/forecast", test_forecast);
  return g_test_run ();
}
