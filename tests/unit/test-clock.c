/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-clock.h"

static gint64
at (const char *text)
{
  gint64 time_us;

  g_assert_true (okap_time_parse (text, &time_us));
  return time_us;
}

static void
test_parse (void)
{
  gint64 ignored;

  g_assert_cmpint (at ("1970-01-02"), ==, OKAP_DAY_US);
  g_assert_cmpint (at ("1970-01-01T01:00:00+01:00"), ==, 0);
  g_assert_false (okap_time_parse ("2027-13-01", &ignored));
  g_assert_false (okap_time_parse ("tomorrow", &ignored));
  g_assert_false (okap_time_parse ("2027-02-30", &ignored));
  g_assert_false (okap_time_parse ("", &ignored));
}

static void
test_windows (void)
{
  g_autoptr (GTimeZone) berlin = g_time_zone_new_identifier ("Europe/Berlin");
  gint64 spring = at ("2026-03-29T12:00:00Z");  /* the day that has 23 hours */

  g_assert_nonnull (berlin);
  g_assert_cmpint (okap_time_day_start (spring, berlin), ==, at ("2026-03-28T23:00:00Z"));
  g_assert_cmpint (okap_time_next_day (spring, berlin), ==, at ("2026-03-29T22:00:00Z"));
  g_assert_cmpint (okap_time_month_start (spring, berlin), ==, at ("2026-02-28T23:00:00Z"));
  g_assert_cmpint (okap_time_next_month (spring, berlin), ==, at ("2026-03-31T22:00:00Z"));
  g_assert_cmpint (okap_time_next_month (at ("2026-12-31T23:30:00Z"), berlin), ==,
                   at ("2027-01-31T23:00:00Z"));
  g_assert_cmpint (okap_time_next_day (at ("2028-02-28T12:00:00Z"), berlin), ==,
                   at ("2028-02-28T23:00:00Z"));
}

/* The clock goes back from one o'clock to midnight; or from a minute past midnight to the evening
 * before, which is not over then. */
static void
test_two_midnights (void)
{
  g_autoptr (GTimeZone) havana = g_time_zone_new_identifier ("America/Havana");
  g_autoptr (GTimeZone) st_johns = g_time_zone_new_identifier ("America/St_Johns");

  g_assert_cmpint (okap_time_next_day (at ("2026-10-31T12:00:00Z"), havana), ==,
                   at ("2026-11-01T04:00:00Z"));
  g_assert_cmpint (okap_time_day_start (at ("2026-11-01T04:30:00Z"), havana), ==,
                   at ("2026-11-01T04:00:00Z"));
  g_assert_cmpint (okap_time_month_start (at ("2026-11-01T05:30:00Z"), havana), ==,
                   at ("2026-11-01T04:00:00Z"));
  g_assert_cmpint (okap_time_next_day (at ("2026-11-01T12:00:00Z"), havana), ==,
                   at ("2026-11-02T05:00:00Z"));

  g_assert_cmpint (okap_time_next_day (at ("2009-11-01T02:00:00Z"), st_johns), ==,
                   at ("2009-11-01T03:30:00Z"));
  g_assert_cmpint (okap_time_next_day (at ("2009-11-01T02:40:00Z"), st_johns), ==,
                   at ("2009-11-01T03:30:00Z"));
}

static void
test_fake (void)
{
  OkapClock *clock = okap_clock_new_fake (OKAP_DAY_US);
  gint64 before = okap_clock_get_monotonic (clock);

  okap_clock_advance (clock, 5);
  g_assert_cmpint (okap_clock_get_now (clock), ==, OKAP_DAY_US + 5);
  g_assert_cmpint (okap_clock_get_monotonic (clock), ==, before + 5);
  okap_clock_set (clock, 0);
  g_assert_cmpint (okap_clock_get_now (clock), ==, 0);
  g_assert_cmpint (okap_clock_get_monotonic (clock), ==, before + 5);
  okap_clock_free_fake (clock);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time/parse", test_parse);
  g_test_add_func ("/time/windows", test_windows);
  g_test_add_func ("/time/two-midnights", test_two_midnights);
  g_test_add_func ("/clock/fake", test_fake);
  return g_test_run ();
}
