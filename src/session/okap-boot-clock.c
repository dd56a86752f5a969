/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that counts sleep. Timers of the main loop stand still while the machine sleeps, so that ten
 * idle minutes or twelve hours would end that much later; these are descriptors of the kernel
 * (timerfd on CLOCK_BOOTTIME), which are due at once when it wakes. One that is not set costs no
 * wake-up. Main thread. */
#include "config.h"

#include "okap-boot-clock.h"

#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "okap-clock.h"

struct _OkapBootClock
{
  gboolean is_fake;
  gint64 now_us;     /* of a fake one */
  GPtrArray *timers; /* (owned) (element-type OkapBootTimer) of a fake one, unowned each */
};

struct _OkapBootTimer
{
  OkapBootClock *clock;     /* (unowned) outlives it */
  OkapBootTimerFunc func;
  gpointer user_data;
  gint64 at_us;             /* 0: not set */
  int fd;                   /* -1 on a fake clock */
  guint source_id;          /* watches @fd; or an idle one, where there is no descriptor */
};

/** okap_boot_clock_get_real: (transfer none): lives for ever */
OkapBootClock *
okap_boot_clock_get_real (void)
{
  static OkapBootClock real;

  return &real;
}

/** okap_boot_clock_new_fake: (transfer full): stands until it is advanced */
OkapBootClock *
okap_boot_clock_new_fake (void)
{
  OkapBootClock *clock = g_new0 (OkapBootClock, 1);

  clock->is_fake = TRUE;
  clock->now_us = OKAP_SECOND_US;
  clock->timers = g_ptr_array_new ();
  return clock;
}

/** okap_boot_clock_free_fake: when no timer is left on it */
void
okap_boot_clock_free_fake (OkapBootClock *clock)
{
  g_return_if_fail (clock->is_fake && clock->timers->len == 0);

  g_ptr_array_unref (clock->timers);
  g_free (clock);
}

static OkapBootTimer *
find_next (OkapBootClock *clock, gint64 until_us)
{
  OkapBootTimer *next = NULL;

  for (guint i = 0; i < clock->timers->len; i++)
    {
      OkapBootTimer *timer = g_ptr_array_index (clock->timers, i);

      if (timer->at_us != 0 && timer->at_us <= until_us
          && (next == NULL || timer->at_us < next->at_us))
        next = timer;
    }
  return next;
}

static void
fire (OkapBootTimer *timer)
{
  timer->at_us = 0;
  timer->func (timer->user_data);
}

/** okap_boot_clock_advance: moves a fake clock; what is due fires, in its order */
void
okap_boot_clock_advance (OkapBootClock *clock, gint64 by_us)
{
  gint64 until_us = clock->now_us + by_us;
  OkapBootTimer *next;

  g_return_if_fail (clock->is_fake && by_us >= 0);

  while ((next = find_next (clock, until_us)) != NULL)
    {
      clock->now_us = MAX (clock->now_us, next->at_us);
      fire (next);
    }
  clock->now_us = until_us;
}

gint64
okap_boot_clock_get_now (OkapBootClock *clock)
{
  struct timespec now;

  if (clock->is_fake)
    return clock->now_us;
  if (clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return g_get_monotonic_time ();
  return (gint64) now.tv_sec * OKAP_SECOND_US + now.tv_nsec / 1000;
}

static gboolean
due_cb (int fd, GIOCondition condition, gpointer user_data)
{
  OkapBootTimer *timer = user_data;
  guint64 n_times;

  if (read (fd, &n_times, sizeof n_times) == sizeof n_times && timer->at_us != 0)
    fire (timer);
  return G_SOURCE_CONTINUE;
}

/** okap_boot_timer_new: (transfer full): not set; @func may set it again, and not free it */
OkapBootTimer *
okap_boot_timer_new (OkapBootClock *clock, OkapBootTimerFunc func, gpointer user_data)
{
  OkapBootTimer *timer = g_new0 (OkapBootTimer, 1);

  timer->clock = clock;
  timer->func = func;
  timer->user_data = user_data;
  timer->fd = -1;
  if (clock->is_fake)
    g_ptr_array_add (clock->timers, timer);
  else
    timer->fd = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer->fd >= 0)
    timer->source_id = g_unix_fd_add (timer->fd, G_IO_IN, due_cb, timer);
  return timer;
}

void
okap_boot_timer_free (OkapBootTimer *timer)
{
  g_clear_handle_id (&timer->source_id, g_source_remove);
  if (timer->fd >= 0)
    close (timer->fd);
  if (timer->clock->is_fake)
    g_ptr_array_remove_fast (timer->clock->timers, timer);
  g_free (timer);
}

static void
set_descriptor (OkapBootTimer *timer, gint64 at_us)
{
  struct itimerspec when = {
    .it_value = { .tv_sec = at_us / OKAP_SECOND_US, .tv_nsec = at_us % OKAP_SECOND_US * 1000 },
  };

  if (timer->fd >= 0)
    (void) timerfd_settime (timer->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static gboolean
due_now_cb (gpointer user_data)
{
  OkapBootTimer *timer = user_data;

  timer->source_id = 0;
  if (timer->at_us != 0)
    fire (timer);
  return G_SOURCE_REMOVE;
}

/**
 * okap_boot_timer_start:
 * @at_us: on its clock; what is past is due at once
 *
 * Where the kernel has no descriptor left it fires at once, because what waits for it locks.
 */
void
okap_boot_timer_start (OkapBootTimer *timer, gint64 at_us)
{
  timer->at_us = MAX (at_us, 1);
  set_descriptor (timer, timer->at_us);
  if (timer->fd < 0 && !timer->clock->is_fake && timer->source_id == 0)
    timer->source_id = g_idle_add (due_now_cb, timer);
}

void
okap_boot_timer_stop (OkapBootTimer *timer)
{
  timer->at_us = 0;
  set_descriptor (timer, 0);
}

gboolean
okap_boot_timer_is_set (OkapBootTimer *timer)
{
  return timer->at_us != 0;
}
