/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One request of the last minute. */
typedef struct
{
  gint64 time_us;             /* monotonic, of its start */
  gint64 tokens;
  gboolean is_running;        /* its tokens are reserved, not yet counted */
} OkapRateEntry;

/* How often something happened and how many tokens went with it: exactly, in any 60 seconds, and
 * how often in a calendar day. Plain data without a lock; whoever owns it guards it. */
typedef struct
{
  OkapRateEntry *ring;        /* (owned) (nullable) those of the last minute, oldest first */
  guint size;                 /* of the ring */
  guint first;
  guint count;
  guint64 n_left;             /* how many have left the ring: number of the first */
  gint64 reserved_tokens;     /* sum of those that run */
  gint64 settled_tokens;      /* sum of the others */
  gint64 day_end_us;          /* wall time at which the counted day ends; 0 before the first */
  gint64 today;
} OkapRate;

void    okap_rate_clear         (OkapRate *rate);
guint   okap_rate_count_minute  (OkapRate *rate, gint64 monotonic_us);
gint64  okap_rate_count_day     (OkapRate *rate, gint64 now_us, GTimeZone *zone);
gint64  okap_rate_get_tokens    (const OkapRate *rate);
guint   okap_rate_minute_wait   (const OkapRate *rate, gint64 monotonic_us);
guint   okap_rate_tokens_wait   (const OkapRate *rate, gint64 monotonic_us, gint64 tokens);
guint64 okap_rate_add           (OkapRate *rate, gint64 monotonic_us, gint64 tokens);
void    okap_rate_settle_tokens (OkapRate *rate, guint64 number, gint64 tokens);

G_END_DECLS
