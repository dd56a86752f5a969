/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A clock that goes on while the machine sleeps, and timers on it: real in the product, moved by
 * hand in tests. Microseconds since some moment (suffix _us). Main thread. */
typedef struct _OkapBootClock OkapBootClock;

OkapBootClock *okap_boot_clock_get_real  (void);
OkapBootClock *okap_boot_clock_new_fake  (void) G_GNUC_WARN_UNUSED_RESULT;
void           okap_boot_clock_free_fake (OkapBootClock *clock);
void           okap_boot_clock_advance   (OkapBootClock *clock, gint64 by_us);
gint64         okap_boot_clock_get_now   (OkapBootClock *clock);

typedef struct _OkapBootTimer OkapBootTimer;
typedef void (*OkapBootTimerFunc) (gpointer user_data);

OkapBootTimer *okap_boot_timer_new    (OkapBootClock *clock, OkapBootTimerFunc func,
                                       gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void           okap_boot_timer_free   (OkapBootTimer *timer);
void           okap_boot_timer_start  (OkapBootTimer *timer, gint64 at_us);
void           okap_boot_timer_stop   (OkapBootTimer *timer);
gboolean       okap_boot_timer_is_set (OkapBootTimer *timer);

G_END_DECLS
