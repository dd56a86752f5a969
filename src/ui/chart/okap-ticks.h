/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where an axis of money has its marks: @step apart, from @low to @high, both multiples of it. */
typedef struct
{
  gint64 low;
  gint64 high;
  gint64 step;
} OkapTicks;

#define OKAP_TICKS_MOST 12
#define OKAP_TICKS_END_NUSD (G_GINT64_CONSTANT (100000000000000000))  /* no axis goes further */

OkapTicks okap_ticks_for_money  (gint64 least_nusd, gint64 most_nusd, guint n_wanted);
guint     okap_ticks_get_count  (const OkapTicks *ticks);
char     *okap_ticks_format     (const OkapTicks *ticks, guint number) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
