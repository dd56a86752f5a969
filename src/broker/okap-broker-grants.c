/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broker's side for grants that exist: found, changed, given to further programs. The book
 * (okap-grant-book.c) does it; here, what a person has settled with it leaves the list of tokens
 * that were tried by others. Main thread. */
#include "config.h"

#include "okap-broker-private.h"

GListModel *
okap_broker_get_grants (OkapBroker *self)
{
  return okap_grant_book_get_list (self->book);
}

/** okap_broker_find_grant: (transfer none) (nullable): valid until the next change */
OkapGrant *
okap_broker_find_grant (OkapBroker *self, const char *id)
{
  return okap_grant_book_find (self->book, id);
}

static void
state_set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (okap_grant_book_set_state_finish (OKAP_GRANT_BOOK (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/** okap_broker_set_grant_state_async: see okap_grant_book_set_state_async() */
void
okap_broker_set_grant_state_async (OkapBroker *self, const char *id, OkapGrantState state,
                                   const char *why, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_set_grant_state_async);
  if (state == OKAP_GRANT_ACTIVE && okap_broker_refuse_restricted (task))
    return;
  okap_grant_book_set_state_async (self->book, id, state, why, state_set_cb, task);
  if (state == OKAP_GRANT_REVOKED)
    okap_misuse_watch_forget (self->misuse_watch, id, NULL);
}

gboolean
okap_broker_set_grant_state_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_broker_set_grant_money_async: see okap_grant_book_set_money_async() */
void
okap_broker_set_grant_money_async (OkapBroker *self, const char *id, const OkapGrantMoney *money,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_set_grant_money_async);
  if (okap_broker_refuse_restricted (task))
    return;
  okap_grant_book_set_money_async (self->book, id, money, state_set_cb, task);
}

/**
 * okap_broker_allow_program_async:
 * @identity: of okap_misuse_get_identity(); not an unknown one, because that would be everybody
 *
 * See okap_grant_book_allow_async().
 */
void
okap_broker_allow_program_async (OkapBroker *self, const char *grant_id, OkapIdentity *identity,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_allow_program_async);
  if (okap_broker_refuse_restricted (task))
    return;
  okap_grant_book_allow_async (self->book, grant_id, identity, state_set_cb, task);
  if (okap_broker_find_grant (self, grant_id) != NULL
      && okap_grant_admits (okap_broker_find_grant (self, grant_id), identity))
    okap_misuse_watch_forget (self->misuse_watch, grant_id, identity);
}

/** okap_broker_allow_program_finish: @error: as for a change of state, and %OKAP_ERROR_CONFLICT */
gboolean
okap_broker_allow_program_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_broker_bind_to_process: revokes the grant when the process ends; keeps @pidfd */
void
okap_broker_bind_to_process (OkapBroker *self, const char *grant_id, int pidfd)
{
  okap_grant_book_bind (self->book, grant_id, pidfd);
}
