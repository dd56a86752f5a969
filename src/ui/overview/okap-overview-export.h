/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-usage-chart.h"

G_BEGIN_DECLS

typedef enum
{
  OKAP_EXPORT_CSV,
  OKAP_EXPORT_JSON,
  OKAP_EXPORT_PNG,
} OkapExportFormat;

void okap_overview_export (OkapExportFormat format, const OkapOverviewFigures *figures,
                           OkapUsageChart *chart, AdwToastOverlay *toasts);

G_END_DECLS
