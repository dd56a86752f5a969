/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-forecast.h"
#include "okap-period.h"
#include "okap-store.h"

G_BEGIN_DECLS

typedef enum
{
  OKAP_OVERVIEW_LOADING,
  OKAP_OVERVIEW_READY,
  OKAP_OVERVIEW_FAILED,
} OkapOverviewState;

/* What the page shows, all of one moment. Lent by the data until it changes. */
typedef struct
{
  OkapRange range;
  OkapUsageGrouping by;
  GTimeZone *zone;            /* (owned) */
  gint64 now_us;
  OkapUsageTimeline *line;    /* (owned) of the period that is shown */
  OkapUsageCounts period;     /* all of it */
  OkapLatency latency;        /* of the newest requests in it */
  OkapUsageCounts today;
  OkapUsageCounts yesterday;
  OkapUsageCounts month;      /* this one */
  OkapUsageCounts last_month;
  guint days_of_month;
  OkapPace pace;
  GPtrArray *grants;          /* (owned) (element-type OkapUsageSummary) of this month */
  gint64 requests_ever;
} OkapOverviewFigures;

/* Asks the store for it: when something else is to be shown, and while it is active also when usage
 * comes in and at midnight. Emits "changed" (gboolean is_new: the period or grouping is another
 * one). Main thread. */
#define OKAP_TYPE_OVERVIEW_DATA (okap_overview_data_get_type ())
G_DECLARE_FINAL_TYPE (OkapOverviewData, okap_overview_data, OKAP, OVERVIEW_DATA, GObject)

OkapOverviewData  *okap_overview_data_new         (OkapStore *store) G_GNUC_WARN_UNUSED_RESULT;
void               okap_overview_data_set_view    (OkapOverviewData *self, OkapRange range,
                                                   OkapUsageGrouping by, guint first_weekday);
void               okap_overview_data_move        (OkapOverviewData *self, int step);
gboolean           okap_overview_data_can_move    (OkapOverviewData *self, int step);
void               okap_overview_data_set_active  (OkapOverviewData *self, gboolean active);
void               okap_overview_data_refresh     (OkapOverviewData *self);
OkapOverviewState  okap_overview_data_get_state   (OkapOverviewData *self);
const GError      *okap_overview_data_get_error   (OkapOverviewData *self);
const OkapOverviewFigures *okap_overview_data_get_figures (OkapOverviewData *self);

G_END_DECLS
