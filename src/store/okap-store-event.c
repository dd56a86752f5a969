/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which event of a kind the audit trail told last. It is read and not checked: who removes a line
 * breaks the chain, which okap_store_verify_audit_async() tells. */
#include "config.h"

#include "okap-store-private.h"

static gpointer
last_event_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);
  g_auto (OkapQuery) query = { 0 };
  char *event;

  if (!okap_store_check_open (self, error)
      || !okap_query_init (&query, self->db,
                           "SELECT event FROM audit WHERE event GLOB ?1 ORDER BY id DESC LIMIT 1",
                           error))
    return NULL;
  okap_query_bind_text (&query, 1, g_task_get_task_data (task));
  switch (okap_query_step (&query, error))
    {
    case OKAP_DB_ROW:
      event = okap_query_dup_text (&query, 0);
      return event != NULL ? event : g_strdup ("");
    case OKAP_DB_DONE:
      return g_strdup ("");
    case OKAP_DB_FAILED:
    default:
      return NULL;
    }
}

void
okap_store_last_event_async (OkapStore *self, const char *kind, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (OKAP_IS_STORE (self));

  okap_store_ask (self, g_strconcat (kind, ".*", NULL), g_free, last_event_func, g_free,
                  okap_store_last_event_async, callback, user_data);
}

/** okap_store_last_event_finish: (transfer full) (nullable): "" if there was none */
char *
okap_store_last_event_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
