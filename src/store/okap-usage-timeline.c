/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value that okap-store-timeline.c makes: a table of groups by buckets. Constant once the store
 * has handed it out; any thread. */
#include "config.h"

#include "okap-usage-timeline.h"

#include "okap-money.h"

G_DEFINE_BOXED_TYPE (OkapUsageTimeline, okap_usage_timeline, okap_usage_timeline_ref,
                     okap_usage_timeline_unref)

/** okap_usage_timeline_new: all zero, without keys; for whoever fills it before it is shared */
OkapUsageTimeline *
okap_usage_timeline_new (const gint64 *borders_us, guint n_buckets, guint n_groups)
{
  OkapUsageTimeline *self;

  g_return_val_if_fail (n_buckets > 0, NULL);

  self = g_new0 (OkapUsageTimeline, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->n_buckets = n_buckets;
  self->borders_us = g_memdup2 (borders_us, (n_buckets + 1) * sizeof *borders_us);
  self->n_groups = n_groups;
  self->keys = g_new0 (char *, n_groups + 1);
  self->counts = g_new0 (OkapUsageCounts, (gsize) n_groups * n_buckets);
  return self;
}

OkapUsageTimeline *
okap_usage_timeline_ref (OkapUsageTimeline *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
okap_usage_timeline_unref (OkapUsageTimeline *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->borders_us);
  g_strfreev (self->keys);
  g_free (self->counts);
  g_free (self);
}

/** okap_usage_timeline_get: (transfer none): the cell of @group in @bucket */
OkapUsageCounts *
okap_usage_timeline_get (const OkapUsageTimeline *self, guint group, guint bucket)
{
  g_return_val_if_fail (group < self->n_groups && bucket < self->n_buckets, NULL);

  return &self->counts[(gsize) group * self->n_buckets + bucket];
}

/** okap_usage_counts_add: adds @more to @counts; money and tokens saturate */
void
okap_usage_counts_add (OkapUsageCounts *counts, const OkapUsageCounts *more)
{
  counts->requests += more->requests;
  counts->unknown_requests += more->unknown_requests;
  counts->estimated_requests += more->estimated_requests;
  counts->failed_requests += more->failed_requests;
  counts->input_tokens = okap_money_add (counts->input_tokens, more->input_tokens);
  counts->cached_tokens = okap_money_add (counts->cached_tokens, more->cached_tokens);
  counts->output_tokens = okap_money_add (counts->output_tokens, more->output_tokens);
  counts->cost_nusd = okap_money_add (counts->cost_nusd, more->cost_nusd);
}

/** okap_usage_timeline_sum: of all groups in the buckets from @first to before @until */
OkapUsageCounts
okap_usage_timeline_sum (const OkapUsageTimeline *self, guint first, guint until)
{
  OkapUsageCounts sum = { 0 };

  for (guint group = 0; group < self->n_groups; group++)
    for (guint bucket = first; bucket < MIN (until, self->n_buckets); bucket++)
      okap_usage_counts_add (&sum, okap_usage_timeline_get (self, group, bucket));
  return sum;
}

/** okap_usage_timeline_sum_group: of one group in all buckets */
OkapUsageCounts
okap_usage_timeline_sum_group (const OkapUsageTimeline *self, guint group)
{
  OkapUsageCounts sum = { 0 };

  for (guint bucket = 0; bucket < self->n_buckets; bucket++)
    okap_usage_counts_add (&sum, okap_usage_timeline_get (self, group, bucket));
  return sum;
}
