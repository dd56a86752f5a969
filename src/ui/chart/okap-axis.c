/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-axis.h"

struct _OkapAxis
{
  GObject parent_instance;

  OkapTicks ticks;
};

G_DEFINE_FINAL_TYPE (OkapAxis, okap_axis, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
okap_axis_class_init (OkapAxisClass *class)
{
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_AXIS, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_axis_init (OkapAxis *self)
{
  self->ticks = okap_ticks_for_money (0, 0, 4);
}

OkapAxis *
okap_axis_new (void)
{
  return g_object_new (OKAP_TYPE_AXIS, NULL);
}

/** okap_axis_set_range: see okap_ticks_for_money() */
void
okap_axis_set_range (OkapAxis *self, gint64 least_nusd, gint64 most_nusd, guint n_wanted)
{
  OkapTicks ticks = okap_ticks_for_money (least_nusd, most_nusd, n_wanted);

  if (ticks.low == self->ticks.low && ticks.high == self->ticks.high
      && ticks.step == self->ticks.step)
    return;
  self->ticks = ticks;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

const OkapTicks *
okap_axis_get_ticks (OkapAxis *self)
{
  return &self->ticks;
}

/** okap_axis_get_fraction: 0 at the low end of the axis, 1 at the high end */
double
okap_axis_get_fraction (OkapAxis *self, gint64 nusd)
{
  double span = (double) (self->ticks.high - self->ticks.low);

  return CLAMP (((double) nusd - (double) self->ticks.low) / span, 0.0, 1.0);
}
