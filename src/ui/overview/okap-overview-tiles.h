/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-broker.h"
#include "okap-overview-data.h"
#include "okap-tile.h"

G_BEGIN_DECLS

OkapCaps okap_overview_add_caps     (GListModel *grants, const OkapOverviewFigures *figures);
void     okap_overview_set_today    (OkapTile *tile, const OkapOverviewFigures *figures);
void     okap_overview_set_month    (OkapTile *tile, const OkapOverviewFigures *figures,
                                     const OkapCaps *caps);
void     okap_overview_set_forecast (OkapTile *tile, const OkapOverviewFigures *figures,
                                     const OkapCaps *caps);

G_END_DECLS
