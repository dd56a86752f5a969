/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting all rows of usage because the user wants it. A thousand at a time, each in a job of its
 * own, so that others have their turn; sums stay, and the newest row (see
 * okap-store-retention.c). */
#include "config.h"

#include "okap-store-private.h"

#include "okap-error.h"

static gpointer
forget_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  gboolean more = FALSE;

  if (!okap_store_check_open (self, error) || !okap_store_flush_usage (self, error))
    return NULL;
  if (self->forget_us == 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_BUSY,
                           "Okap has to look first at what its last run left behind, which it does "
                           "once the vault is open and a request was made. Try again then");
      return NULL;
    }
  if (!okap_store_usage_forget_all (self->db, OKAP_FORGET_ROWS, &more, error))
    return NULL;
  return g_memdup2 (&more, sizeof more);
}

static void
forgotten_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autofree gboolean *more = g_task_propagate_pointer (G_TASK (result), &error);

  if (more == NULL)
    g_task_return_error (task, error);
  else if (*more)
    okap_store_ask (OKAP_STORE (source), NULL, NULL, forget_func, g_free, forgotten_cb,
                    forgotten_cb, g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

/** okap_store_forget_async: deletes all rows of usage but the newest; sums stay */
void
okap_store_forget_async (OkapStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_store_forget_async);
  okap_store_ask (self, NULL, NULL, forget_func, g_free, forgotten_cb, forgotten_cb, task);
}

/** okap_store_forget_finish: (error): as of okap_store_retention_finish(), %OKAP_ERROR_BUSY */
gboolean
okap_store_forget_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
