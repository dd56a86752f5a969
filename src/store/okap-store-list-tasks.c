/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions of lists on the screen: which rows fit, and what stands in those that are seen
 * (see okap-store-tasks.c). A search that takes several steps asks for each of them anew, so that
 * whatever else the store was asked for comes in between. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"

/* --- which rows fit --- */

typedef struct
{
  OkapMatch *match;          /* (owned) store thread while a step runs */
  gboolean more;
} Steps;

static void
steps_free (gpointer data)
{
  Steps *steps = data;

  okap_match_free (steps->match);
  g_free (steps);
}

static void step_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static gpointer
step_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Steps *steps = g_task_get_task_data (g_task_get_task_data (task));

  if (!okap_store_check_open (self, error))
    return NULL;
  okap_store_write_usage (self);
  if (!okap_match_step (steps->match, self->db, &steps->more, error))
    return NULL;
  return OKAP_STORE_DONE;
}

/* @whole: (transfer full): the task that the caller waits for */
static void
ask_step (OkapStore *self, GTask *whole)
{
  okap_store_ask (self, g_object_ref (whole), g_object_unref, step_func, NULL, ask_step, step_cb,
                  whole);
}

static void
step_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) whole = user_data;
  Steps *steps = g_task_get_task_data (whole);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_pointer (G_TASK (result), &error) == NULL)
    g_task_return_error (whole, g_steal_pointer (&error));
  else if (g_task_return_error_if_cancelled (whole))
    return;
  else if (steps->more)
    ask_step (OKAP_STORE (source), g_steal_pointer (&whole));
  else
    g_task_return_pointer (whole, okap_match_take_result (steps->match),
                           (GDestroyNotify) okap_id_set_free);
}

/**
 * okap_store_match_usage_async:
 * @filter: (nullable)
 * @after: only rows with higher ids; 0 for all
 * @cancellable: (nullable): looked at after each step
 */
void
okap_store_match_usage_async (OkapStore *self, const OkapUsageFilter *filter, gint64 after,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Steps *steps;
  GTask *whole;

  g_return_if_fail (OKAP_IS_STORE (self));

  steps = g_new0 (Steps, 1);
  steps->match = okap_match_new (filter, after);
  whole = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (whole, okap_store_match_usage_async);
  g_task_set_task_data (whole, steps, steps_free);
  ask_step (self, whole);
}

static OkapIdSet *
finish_set (OkapStore *self, GAsyncResult *result, gpointer source_tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == source_tag, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/** okap_store_match_usage_finish: (transfer full) (nullable) */
OkapIdSet *
okap_store_match_usage_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return finish_set (self, result, okap_store_match_usage_async, error);
}

typedef struct
{
  OkapAuditFilter *filter;   /* (owned) */
  gint64 after;
} AuditQuestion;

static void
audit_question_free (gpointer data)
{
  AuditQuestion *question = data;

  okap_audit_filter_free (question->filter);
  g_free (question);
}

static void
free_set (gpointer set)
{
  okap_id_set_free (set);
}

static gpointer
match_audit_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  AuditQuestion *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error))
    return NULL;
  return okap_audit_match (self->db, question->filter, question->after, error);
}

/** okap_store_match_audit_async: as okap_store_match_usage_async(), in one step */
void
okap_store_match_audit_async (OkapStore *self, const OkapAuditFilter *filter, gint64 after,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  AuditQuestion *question;
  GTask *task;

  g_return_if_fail (OKAP_IS_STORE (self));

  question = g_new0 (AuditQuestion, 1);
  question->filter = okap_audit_filter_copy (filter);
  question->after = after;
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, okap_store_match_audit_async);
  g_task_set_task_data (task, question, audit_question_free);
  okap_worker_run (self->worker, task, match_audit_func, free_set);
}

/** okap_store_match_audit_finish: (transfer full) (nullable) */
OkapIdSet *
okap_store_match_audit_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return finish_set (self, result, okap_store_match_audit_async, error);
}

/* --- what stands in them --- */

static GArray *
copy_ids (const gint64 *ids, guint n_ids)
{
  GArray *copy = g_array_sized_new (FALSE, FALSE, sizeof *ids, n_ids);

  return g_array_append_vals (copy, ids, n_ids);
}

static void
free_ids (gpointer ids)
{
  g_array_unref (ids);
}

/* Rows that are not kept are NULL in the lists. */
static void
unref_usage (gpointer usage)
{
  if (usage != NULL)
    okap_usage_unref (usage);
}

static void
free_entry (gpointer entry)
{
  if (entry != NULL)
    okap_audit_entry_free (entry);
}

static gpointer
get_usage_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (unref_usage);

  if (!okap_store_check_open (self, error)
      || !okap_store_usage_get (self->db, g_task_get_task_data (task), rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}

/**
 * okap_store_get_usage_async:
 * @ids: (array length=n_ids): copied; at most %OKAP_CAP_LIST_ROWS
 */
void
okap_store_get_usage_async (OkapStore *self, const gint64 *ids, guint n_ids,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (n_ids <= OKAP_CAP_LIST_ROWS);

  okap_store_ask (self, copy_ids (ids, n_ids), free_ids, get_usage_func, okap_store_free_list,
                  okap_store_get_usage_async, callback, user_data);
}

/** okap_store_get_usage_finish: (transfer full) (nullable) (element-type OkapUsage) */
GPtrArray *
okap_store_get_usage_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_get_usage_async, error);
}

static gpointer
get_audit_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (free_entry);

  if (!okap_store_check_open (self, error)
      || !okap_audit_get (self->db, g_task_get_task_data (task), entries, error))
    return NULL;
  return g_steal_pointer (&entries);
}

/** okap_store_get_audit_async: as okap_store_get_usage_async() */
void
okap_store_get_audit_async (OkapStore *self, const gint64 *ids, guint n_ids,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (n_ids <= OKAP_CAP_LIST_ROWS);

  okap_store_ask (self, copy_ids (ids, n_ids), free_ids, get_audit_func, okap_store_free_list,
                  okap_store_get_audit_async, callback, user_data);
}

/** okap_store_get_audit_finish: (transfer full) (nullable) (element-type OkapAuditEntry) */
GPtrArray *
okap_store_get_audit_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_get_audit_async, error);
}
