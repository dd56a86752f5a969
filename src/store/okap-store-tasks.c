/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions and commits of the store: each is a task whose data says what is wanted, and a
 * function that runs on the store thread (suffix _func) and answers. Those about usage are in
 * okap-store-usage-tasks.c. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-error.h"

/* What a task needs to know; each uses some of it. */
typedef struct
{
  OkapGrantRow *row;        /* (owned) (nullable) */
  OkapAuditEntry *entry;    /* (owned) (nullable) */
  GPtrArray *usage;         /* (owned) (nullable) */
  gint64 before;
  guint most;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->row, okap_grant_row_free);
  g_clear_pointer (&question->entry, okap_audit_entry_free);
  g_clear_pointer (&question->usage, g_ptr_array_unref);
  g_free (question);
}

/**
 * okap_store_ask:
 * @data: (transfer full): of the task; freed with @free_data
 * @func: runs on the store thread
 * @source_tag: the function that was called, which its finish checks
 */
void
okap_store_ask (OkapStore *self, gpointer data, GDestroyNotify free_data, OkapWorkerTaskFunc func,
                GDestroyNotify free_result, gpointer source_tag, GAsyncReadyCallback callback,
                gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, data, free_data);
  okap_worker_run (self->worker, task, func, free_result);
}

/** okap_store_free_list: for the results of tasks */
void
okap_store_free_list (gpointer list)
{
  g_ptr_array_unref (list);
}

/** okap_store_check_open: store thread; the error says that the database is not open */
gboolean
okap_store_check_open (OkapStore *self, GError **error)
{
  g_assert (okap_worker_is_current (self->worker));

  if (self->db != NULL)
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "The database %s is not open", self->path);
  return FALSE;
}

/** okap_store_finish_list: (transfer full) (nullable): what a task with a list for result found */
GPtrArray *
okap_store_finish_list (OkapStore *self, GAsyncResult *result, gpointer source_tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == source_tag, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gpointer
commit_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (self->trail.key == NULL && question->row == NULL)
    {
      okap_audit_trail_keep (&self->trail, question->entry);
      return OKAP_STORE_DONE;
    }
  if (!okap_store_check_open (self, error))
    return NULL;
  if (self->trail.key == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "A grant can only be kept while the vault is unlocked");
      return NULL;
    }
  return okap_store_commit (self, question->row, question->entry, NULL, error) ? OKAP_STORE_DONE
                                                                               : NULL;
}

/**
 * okap_store_commit_async:
 * @row: (nullable): a new grant or a newer version of one; an older one is %OKAP_ERROR_CONFLICT
 * @entry: the line of the audit trail that says why
 *
 * Keeps both or neither. Without an audit key, a grant is refused with %OKAP_ERROR_VAULT_LOCKED,
 * and a line alone is kept in memory until there is one (at most %OKAP_CAP_AUDIT_WAITING).
 */
void
okap_store_commit_async (OkapStore *self, const OkapGrantRow *row, const OkapAuditEntry *entry,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (entry != NULL && entry->event != NULL && entry->detail != NULL);
  g_return_if_fail (row == NULL || (row->id != NULL && row->policy != NULL));

  question = g_new0 (Question, 1);
  question->row = row != NULL ? okap_grant_row_copy (row) : NULL;
  question->entry = okap_audit_entry_copy (entry);
  okap_store_ask (self, question, question_free, commit_func, NULL, okap_store_commit_async,
                  callback, user_data);
}

gboolean
okap_store_commit_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

static gpointer
correct_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error))
    return NULL;
  if (self->trail.key == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "A correction can only be kept while the vault is unlocked");
      return NULL;
    }
  if (!okap_store_commit (self, NULL, question->entry, question->usage, error))
    return NULL;
  okap_store_tell_news (self, OKAP_NEWS_USAGE);
  return OKAP_STORE_DONE;
}

/**
 * okap_store_correct_async:
 * @correction: complete and from now on constant
 * @entry: the line of the audit trail that says why
 */
void
okap_store_correct_async (OkapStore *self, OkapUsage *correction, const OkapAuditEntry *entry,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (correction != NULL && correction->cost_status == OKAP_COST_CORRECTION);
  g_return_if_fail (entry != NULL && entry->event != NULL && entry->detail != NULL);

  question = g_new0 (Question, 1);
  question->usage = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  g_ptr_array_add (question->usage, okap_usage_ref (correction));
  question->entry = okap_audit_entry_copy (entry);
  okap_store_ask (self, question, question_free, correct_func, NULL, okap_store_correct_async,
                  callback, user_data);
}

gboolean
okap_store_correct_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

static gpointer
load_grants_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  g_autoptr (GHashTable) latest = NULL;

  if (!okap_store_check_open (self, error))
    return NULL;
  latest = okap_audit_collect_tags (&self->trail, self->db, error);
  return latest != NULL ? okap_store_grants_load (self->db, latest, error) : NULL;
}

void
okap_store_load_grants_async (OkapStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OKAP_IS_STORE (self));

  okap_store_ask (self, g_new0 (Question, 1), question_free, load_grants_func, okap_store_free_list,
                  okap_store_load_grants_async, callback, user_data);
}

/** okap_store_load_grants_finish: (transfer full) (nullable) (element-type OkapGrantRow) */
GPtrArray *
okap_store_load_grants_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_load_grants_async, error);
}

static gpointer
list_audit_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error))
    return NULL;
  return okap_audit_list (self->db, question->before, question->most, error);
}

void
okap_store_list_audit_async (OkapStore *self, gint64 before, guint most,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question;

  g_return_if_fail (OKAP_IS_STORE (self));

  question = g_new0 (Question, 1);
  question->before = before;
  question->most = most;
  okap_store_ask (self, question, question_free, list_audit_func, okap_store_free_list,
                  okap_store_list_audit_async, callback, user_data);
}

/** okap_store_list_audit_finish: (transfer full) (nullable) (element-type OkapAuditEntry) */
GPtrArray *
okap_store_list_audit_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  return okap_store_finish_list (self, result, okap_store_list_audit_async, error);
}

static gpointer
verify_audit_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);

  if (!okap_store_check_open (self, error)
      || !okap_audit_verify (&self->trail, self->db, &question->before, error))
    return NULL;
  return OKAP_STORE_DONE;
}

void
okap_store_verify_audit_async (OkapStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OKAP_IS_STORE (self));

  okap_store_ask (self, g_new0 (Question, 1), question_free, verify_audit_func, NULL,
                  okap_store_verify_audit_async, callback, user_data);
}

/**
 * okap_store_verify_audit_finish:
 * @out_lines: (out) (optional): how many lines are sound, counted from the first; set either way
 */
gboolean
okap_store_verify_audit_finish (OkapStore *self, GAsyncResult *result, gint64 *out_lines,
                                GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (out_lines != NULL)
    *out_lines = ((Question *) g_task_get_task_data (G_TASK (result)))->before;
  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}
