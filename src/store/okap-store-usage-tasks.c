/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions about usage, as tasks (see okap-store-tasks.c). Sums are only true with every row
 * in them, so they fail if one cannot be written; a list does not. */
#include "config.h"

#include "okap-store-private.h"

/* What a task needs to know; each uses some of it. */
typedef struct
{
  OkapUsageGrouping by;
  gint64 since_us;
  GTimeZone *zone;          /* (owned) (nullable) */
  gint64 before;
  guint most;
  GPtrArray *list;          /* (owned) (nullable) of OkapSpent or OkapUsage */
  guint n_new;              /* of the list, found by recovering */
  OkapUsageFilter *filter;  /* (owned) (nullable) */
  OkapRetention retention;
  gboolean has_change;      /* of retention */
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->zone, g_time_zone_unref);
  g_clear_pointer (&question->list, g_ptr_array_unref);
  g_clear_pointer (&question->filter, okap_store_filter_free);
  g_free (question);
}

static gpointer
summarise_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error) || !okap_store_flush_usage (self, error))
    return NULL;
  return okap_store_usage_summarise (self->db, question->by, question->since_us, question->zone,
                                     error);
}

/**
 * okap_store_summarise_async:
 * @since_us: attempts that started then or later
 * @zone: (nullable): for %OKAP_USAGE_BY_DAY; NULL for UTC
 */
void
okap_store_summarise_async (OkapStore *self, OkapUsageGrouping by, gint64 since_us,
                            GTimeZone *zone, GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (by <= OKAP_USAGE_BY_SCOPE);

  question = g_new0 (Question, 1);
  question->by = by;
  question->since_us = since_us;
  question->zone = zone != NULL ? g_time_zone_ref (zone) : NULL;
  okap_store_ask (self, question, question_free, summarise_func, okap_store_free_list,
                  okap_store_summarise_async, callback, user_data);
}

/** okap_store_summarise_finish: (transfer full) (nullable) (element-type OkapUsageSummary) */
GPtrArray *
okap_store_summarise_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_summarise_async, error);
}

static gpointer
list_usage_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);
  g_autoptr (GPtrArray) rows = NULL;

  if (!okap_store_check_open (self, error))
    return NULL;
  okap_store_write_usage (self);
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  if (!okap_store_usage_list (self->db, question->before, question->most, rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}

void
okap_store_list_usage_async (OkapStore *self, gint64 before, guint most,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));

  question = g_new0 (Question, 1);
  question->before = before;
  question->most = most;
  okap_store_ask (self, question, question_free, list_usage_func, okap_store_free_list,
                  okap_store_list_usage_async, callback, user_data);
}

/** okap_store_list_usage_finish: (transfer full) (nullable) (element-type OkapUsage) */
GPtrArray *
okap_store_list_usage_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_list_usage_async, error);
}

static gpointer
find_usage_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);
  g_autoptr (GPtrArray) rows = NULL;

  if (!okap_store_check_open (self, error))
    return NULL;
  okap_store_write_usage (self);
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  if (!okap_store_usage_find (self->db, question->filter, question->before, question->most, rows,
                              error))
    return NULL;
  return g_steal_pointer (&rows);
}

void
okap_store_find_usage_async (OkapStore *self, const OkapUsageFilter *filter, gint64 before,
                             guint most, GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (filter != NULL && filter->outcome <= OKAP_OUTCOME_FAILED);

  question = g_new0 (Question, 1);
  question->filter = okap_store_filter_copy (filter);
  question->before = before;
  question->most = most;
  okap_store_ask (self, question, question_free, find_usage_func, okap_store_free_list,
                  okap_store_find_usage_async, callback, user_data);
}

/** okap_store_find_usage_finish: (transfer full) (nullable) (element-type OkapUsage) */
GPtrArray *
okap_store_find_usage_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_find_usage_async, error);
}

static gpointer
retention_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error)
      || (question->has_change
          && !okap_store_retention_write (self->db, &question->retention, error))
      || !okap_store_retention_read (self->db, &question->retention, error))
    return NULL;
  if (question->has_change && self->forget_us != 0)  /* else with the first write */
    okap_store_forget (self);
  return g_memdup2 (&question->retention, sizeof question->retention);
}

/**
 * okap_store_retention_async:
 * @change: (nullable): keep_days up to %OKAP_RETENTION_MOST_DAYS; keep_bytes 0 or from
 *   %OKAP_RETENTION_LEAST_BYTES
 */
void
okap_store_retention_async (OkapStore *self, const OkapRetention *change,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (change == NULL || change->keep_days <= OKAP_RETENTION_MOST_DAYS);
  g_return_if_fail (change == NULL || change->keep_bytes == 0
                    || change->keep_bytes >= OKAP_RETENTION_LEAST_BYTES);

  question = g_new0 (Question, 1);
  question->has_change = change != NULL;
  if (change != NULL)
    question->retention = *change;
  okap_store_ask (self, question, question_free, retention_func, g_free, okap_store_retention_async,
                  callback, user_data);
}

/** okap_store_retention_finish: (transfer full) (nullable): what is set now, and how large it is */
OkapRetention *
okap_store_retention_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == okap_store_retention_async,
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gpointer
spent_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error) || !okap_store_flush_usage (self, error)
      || !okap_store_usage_spent (self->db, question->list, error))
    return NULL;
  return g_ptr_array_ref (question->list);
}

/**
 * okap_store_spent_async:
 * @scopes: (element-type OkapSpent): filled in; not touched by others until this has finished
 */
void
okap_store_spent_async (OkapStore *self, GPtrArray *scopes, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (scopes != NULL);

  question = g_new0 (Question, 1);
  question->list = g_ptr_array_ref (scopes);
  okap_store_ask (self, question, question_free, spent_func, okap_store_free_list,
                  okap_store_spent_async, callback, user_data);
}

/** okap_store_spent_finish: (transfer full) (nullable) (element-type OkapSpent): what was given */
GPtrArray *
okap_store_spent_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_spent_async, error);
}

static gpointer
recover_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error) || !okap_store_flush_usage (self, error)
      || !okap_store_usage_recover (self->db, question->list, &question->n_new, error))
    return NULL;
  okap_store_tell_durable (self, question->list);
  okap_store_look_back (self, question->n_new);
  if (question->n_new > 0)
    okap_store_tell_news (self, OKAP_NEWS_USAGE);
  return OKAP_STORE_DONE;
}

/**
 * okap_store_recover_usage_async:
 * @rows: (element-type OkapUsage): complete and constant
 */
void
okap_store_recover_usage_async (OkapStore *self, GPtrArray *rows, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (rows != NULL);

  question = g_new0 (Question, 1);
  question->list = g_ptr_array_ref (rows);
  okap_store_ask (self, question, question_free, recover_func, NULL, okap_store_recover_usage_async,
                  callback, user_data);
}

/** okap_store_recover_usage_finish: how many rows were new; %G_MAXUINT with an error */
guint
okap_store_recover_usage_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), G_MAXUINT);

  if (g_task_propagate_pointer (G_TASK (result), error) == NULL)
    return G_MAXUINT;
  return ((Question *) g_task_get_task_data (G_TASK (result)))->n_new;
}
