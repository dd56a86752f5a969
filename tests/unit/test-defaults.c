/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request gets that names no limits: the user's own, as the preferences say, or Okap's. */
#include "okap-defaults.h"
#include "okap-limits.h"
#include "okap-money.h"
#include "okap-settings.h"

#define CENTS(n) ((n) * OKAP_NUSD_PER_USD / 100)

static const struct
{
  guint daily;      /* as set; 0: not */
  guint monthly;
  guint per_minute;
  gint64 asked;     /* for a month; 0: not */
  gint64 got_daily;
  gint64 got_monthly;
  gint64 got_per_minute;
} rows[] = {
  { 0, 0, 0, 0, CENTS (200), CENTS (1000), 60 },
  { 50, 700, 5, 0, CENTS (50), CENTS (700), 5 },
  { 0, 100, 0, 0, CENTS (100), CENTS (100), 60 },     /* never above the month's */
  { 5000, 0, 0, 0, CENTS (1000), CENTS (1000), 60 },
  { 500, 900, 0, CENTS (300), CENTS (300), CENTS (300), 60 },
  { 0, 100000000, 0, 0, CENTS (200), CENTS (100000000), 60 },
  { 0, 0, 0, 0, CENTS (200), CENTS (1000), 60 },      /* and back */
};

static void
test_table (void)
{
  GSettings *settings = okap_settings_get ();

  okap_defaults_follow (settings);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      OkapLimits limits = { 0 };

      g_test_message ("row %u", i);
      g_settings_set_uint (settings, "default-daily-cents", rows[i].daily);
      g_settings_set_uint (settings, "default-monthly-cents", rows[i].monthly);
      g_settings_set_uint (settings, "default-requests-per-minute", rows[i].per_minute);
      if (rows[i].asked != 0)
        okap_limits_set (&limits, OKAP_LIMIT_MONTHLY_SPEND, rows[i].asked);
      okap_limits_fill_defaults (&limits);
      g_assert_cmpint (limits.value[OKAP_LIMIT_DAILY_SPEND], ==, rows[i].got_daily);
      g_assert_cmpint (limits.value[OKAP_LIMIT_MONTHLY_SPEND], ==, rows[i].got_monthly);
      g_assert_cmpint (limits.value[OKAP_LIMIT_REQUESTS_PER_MINUTE], ==, rows[i].got_per_minute);
      g_assert_true ((limits.defaulted & (1u << OKAP_LIMIT_DAILY_SPEND)) != 0);
      g_assert_true (((limits.defaulted & (1u << OKAP_LIMIT_MONTHLY_SPEND)) != 0)
                     == (rows[i].asked == 0));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/defaults/table", test_table);
  return g_test_run ();
}
