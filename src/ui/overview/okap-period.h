/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a chart spans: a calendar day in hours, a week or month in days, a year in months. The
 * numbers are those of the settings. */
typedef enum
{
  OKAP_RANGE_DAY,
  OKAP_RANGE_WEEK,
  OKAP_RANGE_MONTH,
  OKAP_RANGE_YEAR,
} OkapRange;

#define OKAP_N_RANGES (OKAP_RANGE_YEAR + 1)

GArray *okap_period_dup_borders  (OkapRange range, gint64 at_us, GTimeZone *zone,
                                  guint first_weekday) G_GNUC_WARN_UNUSED_RESULT;
GArray *okap_period_dup_days     (gint64 from_us, gint64 until_us, GTimeZone *zone)
                                  G_GNUC_WARN_UNUSED_RESULT;
guint   okap_period_first_weekday (int setting);
char   *okap_period_dup_title    (OkapRange range, gint64 from_us, gint64 until_us,
                                  GTimeZone *zone);
char   *okap_period_dup_bucket   (OkapRange range, gint64 from_us, gint64 until_us,
                                  GTimeZone *zone);
char   *okap_period_dup_tick     (OkapRange range, gint64 from_us, GTimeZone *zone);

G_END_DECLS
