/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How often something happened: exactly, in any 60 seconds and in a calendar day. Plain data
 * without a lock; whoever owns it guards it. */
typedef struct
{
  gint64 *times_us;    /* (owned) (nullable) ring of monotonic times within the last minute */
  guint size;          /* of the ring */
  guint first;
  guint count;
  gint64 day_end_us;   /* wall time at which the counted day ends; 0 before the first */
  gint64 today;
} OkapRate;

void  okap_rate_clear        (OkapRate *rate);
guint okap_rate_count_minute (OkapRate *rate, gint64 monotonic_us);
gint64 okap_rate_count_day   (OkapRate *rate, gint64 now_us, GTimeZone *zone);
guint okap_rate_minute_wait  (const OkapRate *rate, gint64 monotonic_us);
void  okap_rate_add          (OkapRate *rate, gint64 monotonic_us);

G_END_DECLS
