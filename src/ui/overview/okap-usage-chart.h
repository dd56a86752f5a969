/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-overview-data.h"

G_BEGIN_DECLS

/* A timeline as a chart, with the bar that is shown in words and the names of the colours. */
#define OKAP_TYPE_USAGE_CHART (okap_usage_chart_get_type ())
G_DECLARE_FINAL_TYPE (OkapUsageChart, okap_usage_chart, OKAP, USAGE_CHART, GtkBox)

void          okap_usage_chart_set_figures (OkapUsageChart *self,
                                            const OkapOverviewFigures *figures, gboolean is_new);
GdkTexture   *okap_usage_chart_render      (OkapUsageChart *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
