/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-axis.h"
#include "okap-chart-series.h"

G_BEGIN_DECLS

/* One of the sheets that lie over each other in the plot of a chart: each draws its own part of the
 * same series by the same axis, over the whole plot, and is no node for a screen reader. The chart
 * sets what they share. Main thread. */
#define OKAP_TYPE_CHART_LAYER (okap_chart_layer_get_type ())
G_DECLARE_DERIVABLE_TYPE (OkapChartLayer, okap_chart_layer, OKAP, CHART_LAYER, GtkWidget)

struct _OkapChartLayerClass
{
  GtkWidgetClass parent_class;
};

void             okap_chart_layer_set_axis    (OkapChartLayer *self, OkapAxis *axis);
void             okap_chart_layer_set_series  (OkapChartLayer *self, OkapChartSeries *series);
void             okap_chart_layer_set_shown   (OkapChartLayer *self, int bar);
OkapAxis        *okap_chart_layer_get_axis    (OkapChartLayer *self);
OkapChartSeries *okap_chart_layer_get_series  (OkapChartLayer *self);
int              okap_chart_layer_get_shown   (OkapChartLayer *self);
float            okap_chart_layer_get_y       (OkapChartLayer *self, gint64 value);
graphene_rect_t  okap_chart_layer_get_slot    (OkapChartLayer *self, guint bar);

/* Lines at the marks of the axis; zero is drawn stronger. */
#define OKAP_TYPE_GRID_LAYER (okap_grid_layer_get_type ())
G_DECLARE_FINAL_TYPE (OkapGridLayer, okap_grid_layer, OKAP, GRID_LAYER, OkapChartLayer)

/* The bars. */
#define OKAP_TYPE_STACKED_BARS (okap_stacked_bars_get_type ())
G_DECLARE_FINAL_TYPE (OkapStackedBars, okap_stacked_bars, OKAP, STACKED_BARS, OkapChartLayer)

void             okap_stacked_bars_grow       (OkapStackedBars *self);

/* The bar that is pointed at or chosen. */
#define OKAP_TYPE_SELECTION_LAYER (okap_selection_layer_get_type ())
G_DECLARE_FINAL_TYPE (OkapSelectionLayer, okap_selection_layer, OKAP, SELECTION_LAYER,
                      OkapChartLayer)

G_END_DECLS
