/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What is counted of usage. Corrections are money only, and may make it negative. */
typedef struct
{
  gint64 requests;
  gint64 unknown_requests;    /* those without a price */
  gint64 estimated_requests;  /* those whose cost is an estimate */
  gint64 failed_requests;     /* those that failed, by status or by an error of ours */
  gint64 input_tokens;        /* of prompts, cached ones too */
  gint64 cached_tokens;       /* of those, read from a cache */
  gint64 output_tokens;       /* thoughts too */
  gint64 cost_nusd;           /* of what is known or estimated */
} OkapUsageCounts;

/* Usage in buckets of time, stacked in groups. Constant, shared by reference, any thread. */
#define OKAP_TYPE_USAGE_TIMELINE (okap_usage_timeline_get_type ())
typedef struct
{
  gatomicrefcount ref_count;
  guint n_buckets;
  gint64 *borders_us;         /* (owned) n_buckets + 1 of them, ascending */
  guint n_groups;
  char **keys;                /* (owned) of the groups, dearest first; NULL at the end */
  gboolean has_rest;          /* the last group is what is left, and its key is empty */
  guint n_rest;               /* how many groups that is */
  OkapUsageCounts *counts;    /* (owned) n_buckets for each group */
} OkapUsageTimeline;

#define OKAP_TIMELINE_MOST_BUCKETS 400
#define OKAP_TIMELINE_MOST_GROUPS 64

GType              okap_usage_timeline_get_type (void) G_GNUC_CONST;
OkapUsageTimeline *okap_usage_timeline_new      (const gint64 *borders_us, guint n_buckets,
                                                 guint n_groups) G_GNUC_WARN_UNUSED_RESULT;
OkapUsageTimeline *okap_usage_timeline_ref      (OkapUsageTimeline *self);
void               okap_usage_timeline_unref    (OkapUsageTimeline *self);
OkapUsageCounts   *okap_usage_timeline_get      (const OkapUsageTimeline *self, guint group,
                                                 guint bucket);
OkapUsageCounts    okap_usage_timeline_sum      (const OkapUsageTimeline *self, guint first,
                                                 guint until);
OkapUsageCounts    okap_usage_timeline_sum_group (const OkapUsageTimeline *self, guint group);
void               okap_usage_counts_add        (OkapUsageCounts *counts,
                                                 const OkapUsageCounts *more);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapUsageTimeline, okap_usage_timeline_unref)

/* How long the provider took until its first byte, of requests that succeeded. */
typedef struct
{
  guint n_requests;           /* that were looked at; 0: the rest means nothing */
  gint64 median_us;
  gint64 p95_us;
} OkapLatency;

G_END_DECLS
