/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-ticks.h"

G_BEGIN_DECLS

/* An axis of money: which marks it has, and where on it an amount is. Emits "changed". */
#define OKAP_TYPE_AXIS (okap_axis_get_type ())
G_DECLARE_FINAL_TYPE (OkapAxis, okap_axis, OKAP, AXIS, GObject)

OkapAxis        *okap_axis_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void             okap_axis_set_range    (OkapAxis *self, gint64 least_nusd, gint64 most_nusd,
                                         guint n_wanted);
const OkapTicks *okap_axis_get_ticks    (OkapAxis *self);
double           okap_axis_get_fraction (OkapAxis *self, gint64 nusd);

G_END_DECLS
