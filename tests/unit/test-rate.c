/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-clock.h"
#include "okap-rate.h"

/* Never more than counted in any 60 seconds, against a plain list of all times. */
static void
test_sliding_minute (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6527);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (gint64));
  OkapRate rate = { 0 };
  gint64 now_us = OKAP_SECOND_US;

  for (guint i = 0; i < 5000; i++)
    {
      guint expected = 0;

      now_us += g_rand_int_range (random, 0, 2000000);
      for (guint j = 0; j < all->len; j++)
        expected += g_array_index (all, gint64, j) > now_us - OKAP_MINUTE_US;
      g_assert_cmpuint (okap_rate_count_minute (&rate, now_us), ==, expected);
      if (expected > 0)
        g_assert_cmpuint (okap_rate_minute_wait (&rate, now_us), <=, 60);
      (void) okap_rate_add (&rate, now_us, 0);
      g_array_append_val (all, now_us);
    }
  okap_rate_clear (&rate);
}

static void
test_wait_is_exact (void)
{
  OkapRate rate = { 0 };
  gint64 start_us = OKAP_SECOND_US;

  (void) okap_rate_add (&rate, start_us, 0);
  g_assert_cmpuint (okap_rate_minute_wait (&rate, start_us), ==, 60);
  g_assert_cmpuint (okap_rate_minute_wait (&rate, start_us + OKAP_MINUTE_US - 1), ==, 1);
  g_assert_cmpuint (okap_rate_count_minute (&rate, start_us + OKAP_MINUTE_US - 1), ==, 1);
  g_assert_cmpuint (okap_rate_count_minute (&rate, start_us + OKAP_MINUTE_US), ==, 0);
  okap_rate_clear (&rate);
}

static void
test_calendar_day (void)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Europe/Berlin");
  OkapRate rate = { 0 };
  gint64 evening_us, night_us;

  g_assert_true (okap_time_parse ("2026-03-29T21:59:59Z", &evening_us));  /* 23:59:59 there */
  g_assert_true (okap_time_parse ("2026-03-29T22:00:00Z", &night_us));
  (void) okap_rate_count_day (&rate, evening_us, zone);
  (void) okap_rate_add (&rate, 1, 0);
  g_assert_cmpint (okap_rate_count_day (&rate, evening_us, zone), ==, 1);
  g_assert_cmpint (okap_rate_count_day (&rate, night_us, zone), ==, 0);
  (void) okap_rate_add (&rate, 2, 0);
  /* A clock set back does not give the day back. */
  g_assert_cmpint (okap_rate_count_day (&rate, evening_us, zone), ==, 1);
  g_assert_cmpint (okap_rate_count_day (&rate, night_us, zone), ==, 1);
  okap_rate_clear (&rate);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate/sliding-minute", test_sliding_minute);
  g_test_add_func ("/rate/wait-is-exact", test_wait_is_exact);
  g_test_add_func ("/rate/calendar-day", test_calendar_day);
  return g_test_run ();
}
