/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-boot-clock.h"
#include "okap-clock.h"

typedef struct
{
  OkapBootTimer *timer;
  OkapBootClock *clock;
  GMainLoop *loop;
  gint64 fired_us;
  gint64 again_us;   /* set once more by itself */
  guint n;
} Alarm;

static void
fired_cb (gpointer user_data)
{
  Alarm *alarm = user_data;

  alarm->fired_us = okap_boot_clock_get_now (alarm->clock);
  alarm->n++;
  if (alarm->again_us != 0 && alarm->n == 1)
    okap_boot_timer_start (alarm->timer, alarm->fired_us + alarm->again_us);
  else if (alarm->loop != NULL)
    g_main_loop_quit (alarm->loop);
}

static void
test_fake (void)
{
  OkapBootClock *clock = okap_boot_clock_new_fake ();
  gint64 start_us = okap_boot_clock_get_now (clock);
  Alarm first = { .clock = clock, .again_us = OKAP_MINUTE_US };
  Alarm second = { .clock = clock };

  first.timer = okap_boot_timer_new (clock, fired_cb, &first);
  second.timer = okap_boot_timer_new (clock, fired_cb, &second);
  okap_boot_timer_start (first.timer, start_us + OKAP_MINUTE_US);
  okap_boot_timer_start (second.timer, start_us + 5 * OKAP_MINUTE_US);
  okap_boot_clock_advance (clock, OKAP_MINUTE_US - 1);
  g_assert_cmpuint (first.n, ==, 0);

  /* A night's sleep in one step: each fires at its own time. */
  okap_boot_clock_advance (clock, 8 * 60 * OKAP_MINUTE_US);
  g_assert_cmpuint (first.n, ==, 2);
  g_assert_cmpint (first.fired_us, ==, start_us + 2 * OKAP_MINUTE_US);
  g_assert_cmpuint (second.n, ==, 1);
  g_assert_cmpint (second.fired_us, ==, start_us + 5 * OKAP_MINUTE_US);
  g_assert_false (okap_boot_timer_is_set (first.timer));

  okap_boot_timer_start (first.timer, okap_boot_clock_get_now (clock) + 1);
  okap_boot_timer_stop (first.timer);
  okap_boot_clock_advance (clock, OKAP_MINUTE_US);
  g_assert_cmpuint (first.n, ==, 2);

  okap_boot_timer_free (first.timer);
  okap_boot_timer_free (second.timer);
  okap_boot_clock_free_fake (clock);
}

/* The kernel's own: what is past is due at once, and a stopped one is not. */
static void
test_real (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  OkapBootClock *clock = okap_boot_clock_get_real ();
  Alarm alarm = { .clock = clock, .loop = loop, .again_us = 1000 };
  Alarm stopped = { .clock = clock };
  gint64 start_us = okap_boot_clock_get_now (clock);

  alarm.timer = okap_boot_timer_new (clock, fired_cb, &alarm);
  stopped.timer = okap_boot_timer_new (clock, fired_cb, &stopped);
  okap_boot_timer_start (stopped.timer, 1);
  okap_boot_timer_stop (stopped.timer);
  okap_boot_timer_start (alarm.timer, start_us - OKAP_MINUTE_US);
  g_main_loop_run (loop);
  g_assert_cmpuint (alarm.n, ==, 2);
  g_assert_cmpint (alarm.fired_us, >=, start_us + 1000);
  g_assert_cmpuint (stopped.n, ==, 0);

  okap_boot_timer_free (alarm.timer);
  okap_boot_timer_free (stopped.timer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot-clock/fake", test_fake);
  g_test_add_func ("/boot-clock/real", test_real);
  return g_test_run ();
}
