/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where time comes from: real in the product, set by hand in tests. All times are microseconds
 * (suffix _us); wall times count from 1970-01-01 00:00 UTC. Safe from any thread. */
typedef struct _OkapClock OkapClock;

OkapClock *okap_clock_get_real      (void);
OkapClock *okap_clock_new_fake      (gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;
void       okap_clock_free_fake     (OkapClock *clock);
void       okap_clock_set           (OkapClock *clock, gint64 now_us);
void       okap_clock_advance       (OkapClock *clock, gint64 by_us);
gint64     okap_clock_get_now       (OkapClock *clock);
gint64     okap_clock_get_monotonic (OkapClock *clock);

char      *okap_time_format_iso     (gint64 time_us);
gboolean   okap_time_parse          (const char *text, gint64 *out_time_us);
gint64     okap_time_day_start      (gint64 time_us, GTimeZone *zone);
gint64     okap_time_next_day       (gint64 time_us, GTimeZone *zone);
gint64     okap_time_month_start    (gint64 time_us, GTimeZone *zone);
gint64     okap_time_next_month     (gint64 time_us, GTimeZone *zone);

#define OKAP_SECOND_US G_GINT64_CONSTANT (1000000)
#define OKAP_MINUTE_US (60 * OKAP_SECOND_US)
#define OKAP_DAY_US    (24 * 60 * OKAP_MINUTE_US)

G_END_DECLS
