/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-period.h"
#include "okap-store.h"

G_BEGIN_DECLS

/* A chart in words: what a bar, and what the whole of it comes to. Plain text, never markup. */
char *okap_bar_words_for_money  (gint64 nusd);
char *okap_bar_words_for_group  (const OkapUsageTimeline *line, guint group, OkapUsageGrouping by);
char *okap_bar_words_for_bucket (const OkapUsageTimeline *line, guint bucket, OkapRange range,
                                 OkapUsageGrouping by, GTimeZone *zone);
char *okap_bar_words_for_all    (const OkapUsageTimeline *line, OkapRange range,
                                 OkapUsageGrouping by, GTimeZone *zone);

G_END_DECLS
