/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-chart-series.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Stacked bars with their axes. One stop for Tab; the arrow keys, Home and End go over the bars,
 * and pointing at one shows it. "shown-changed" when that is another bar: okap_chart_get_words()
 * says it. Main thread. */
#define OKAP_TYPE_CHART (okap_chart_get_type ())
G_DECLARE_FINAL_TYPE (OkapChart, okap_chart, OKAP, CHART, GtkWidget)

GtkWidget  *okap_chart_new        (void) G_GNUC_WARN_UNUSED_RESULT;
void        okap_chart_set_series (OkapChart *self, OkapChartSeries *series, const char *title,
                                   const char *summary, gboolean is_new);
const char *okap_chart_get_words  (OkapChart *self);

G_END_DECLS
