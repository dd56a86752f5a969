/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions of charts, as tasks (see okap-store-tasks.c). Like other sums, they fail if a row
 * that was added before cannot be written. */
#include "config.h"

#include "okap-store-private.h"

typedef struct
{
  OkapUsageGrouping by;
  gint64 *borders_us;       /* (owned) */
  guint n_buckets;
  guint most;
  OkapLatency latency;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->borders_us);
  g_free (question);
}

static void
timeline_free (gpointer data)
{
  okap_usage_timeline_unref (data);
}

static gpointer
timeline_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error) || !okap_store_flush_usage (self, error))
    return NULL;
  return okap_store_usage_timeline (self->db, question->by, question->borders_us,
                                    question->n_buckets, question->most, error);
}

static gboolean
are_borders (const gint64 *borders_us, guint n_borders)
{
  if (n_borders < 2 || n_borders > OKAP_TIMELINE_MOST_BUCKETS + 1 || borders_us[0] < 0
      || borders_us[n_borders - 1] > OKAP_USAGE_END_US)
    return FALSE;
  for (guint i = 1; i < n_borders; i++)
    if (borders_us[i] <= borders_us[i - 1])
      return FALSE;
  return TRUE;
}

/**
 * okap_store_timeline_async:
 * @by: but not %OKAP_USAGE_BY_DAY
 * @borders_us: wall times, ascending, at least two; a bucket is from one to before the next
 * @most: groups with a name, up to %OKAP_TIMELINE_MOST_GROUPS; 0: all is one group
 */
void
okap_store_timeline_async (OkapStore *self, OkapUsageGrouping by, const gint64 *borders_us,
                           guint n_borders, guint most, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (by <= OKAP_USAGE_BY_SCOPE && by != OKAP_USAGE_BY_DAY);
  g_return_if_fail (are_borders (borders_us, n_borders));
  g_return_if_fail (most <= OKAP_TIMELINE_MOST_GROUPS);

  question = g_new0 (Question, 1);
  question->by = by;
  question->borders_us = g_memdup2 (borders_us, n_borders * sizeof *borders_us);
  question->n_buckets = n_borders - 1;
  question->most = most;
  okap_store_ask (self, question, question_free, timeline_func, timeline_free,
                  okap_store_timeline_async, callback, user_data);
}

/** okap_store_timeline_finish: (transfer full) (nullable) */
OkapUsageTimeline *
okap_store_timeline_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == okap_store_timeline_async, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gpointer
latency_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error) || !okap_store_flush_usage (self, error)
      || !okap_store_usage_latency (self->db, question->borders_us[0], question->borders_us[1],
                                    question->most, &question->latency, error))
    return NULL;
  return OKAP_STORE_DONE;
}

/**
 * okap_store_latency_async:
 * @from_us: requests that started then or later
 * @until_us: and before then
 * @most: of the newest of them are looked at
 */
void
okap_store_latency_async (OkapStore *self, gint64 from_us, gint64 until_us, guint most,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  const gint64 borders_us[] = { from_us, until_us };
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));

  question = g_new0 (Question, 1);
  question->borders_us = g_memdup2 (borders_us, sizeof borders_us);
  question->most = most;
  okap_store_ask (self, question, question_free, latency_func, NULL, okap_store_latency_async,
                  callback, user_data);
}

gboolean
okap_store_latency_finish (OkapStore *self, GAsyncResult *result, OkapLatency *out_latency,
                           GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == okap_store_latency_async, FALSE);

  if (g_task_propagate_pointer (G_TASK (result), error) == NULL)
    return FALSE;
  *out_latency = ((const Question *) g_task_get_task_data (G_TASK (result)))->latency;
  return TRUE;
}
