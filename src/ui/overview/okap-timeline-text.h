/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-store.h"

G_BEGIN_DECLS

/* A timeline for other programs, the same in every locale. */
GBytes *okap_timeline_to_csv  (const OkapUsageTimeline *line, OkapUsageGrouping by,
                               GTimeZone *zone) G_GNUC_WARN_UNUSED_RESULT;
GBytes *okap_timeline_to_json (const OkapUsageTimeline *line, OkapUsageGrouping by,
                               GTimeZone *zone) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
