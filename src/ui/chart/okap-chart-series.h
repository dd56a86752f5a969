/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What a chart of stacked bars shows: groups of amounts, a bar for each place on the axis. Filled
 * in by its maker, then given to a chart and not changed any more. Main thread. */
#define OKAP_TYPE_CHART_SERIES (okap_chart_series_get_type ())
G_DECLARE_FINAL_TYPE (OkapChartSeries, okap_chart_series, OKAP, CHART_SERIES, GObject)

OkapChartSeries *okap_chart_series_new       (guint n_groups, guint n_bars,
                                              gboolean has_rest) G_GNUC_WARN_UNUSED_RESULT;
void             okap_chart_series_set_group (OkapChartSeries *self, guint group,
                                              const char *name);
void             okap_chart_series_set_bar   (OkapChartSeries *self, guint bar, const char *tick,
                                              const char *words);
void             okap_chart_series_set_value (OkapChartSeries *self, guint group, guint bar,
                                              gint64 value);

guint            okap_chart_series_get_n_groups (OkapChartSeries *self);
guint            okap_chart_series_get_n_bars   (OkapChartSeries *self);
gint64           okap_chart_series_get_value    (OkapChartSeries *self, guint group, guint bar);
const char      *okap_chart_series_get_group    (OkapChartSeries *self, guint group);
const char      *okap_chart_series_get_tick     (OkapChartSeries *self, guint bar);
const char      *okap_chart_series_get_words    (OkapChartSeries *self, guint bar);
gboolean         okap_chart_series_is_rest      (OkapChartSeries *self, guint group);
void             okap_chart_series_get_extent   (OkapChartSeries *self, gint64 *out_least,
                                                 gint64 *out_most);
int              okap_chart_series_find_last    (OkapChartSeries *self);

G_END_DECLS
