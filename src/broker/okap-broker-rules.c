/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules about asking that the user sees and changes: when nothing is presented, which programs
 * are not asked for, and up to which money a click is enough. Main thread. */
#include "config.h"

#include "okap-broker-private.h"

#include "okap-error.h"

/** okap_broker_authorize_get_retry_after: in seconds; 0 if Okap does not say */
guint
okap_broker_authorize_get_retry_after (OkapBroker *self, GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), 0);

  return 0;
}

void
okap_broker_set_hold (OkapBroker *self, gboolean held)
{
  okap_consent_set_hold (self->consent, held);
}

void
okap_broker_end_session (OkapBroker *self)
{
  okap_consent_end_session (self->consent);
}

/** okap_broker_get_blocks: (transfer none) (element-type OkapBlock) */
GListModel *
okap_broker_get_blocks (OkapBroker *self)
{
  return G_LIST_MODEL (self->blocks);
}

/** okap_broker_end_block: the program may ask again, as if it never had */
void
okap_broker_end_block (OkapBroker *self, OkapBlock *block)
{
}

OkapThreshold
okap_broker_get_threshold (OkapBroker *self)
{
  return self->threshold;
}

static void
set_threshold (GTask *task)
{
  OkapBroker *self = g_task_get_source_object (task);

  self->threshold = *(const OkapThreshold *) g_task_get_task_data (task);
  g_task_return_boolean (task, TRUE);
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    set_threshold (task);
  else
    g_task_return_error (task, error);
}

/**
 * okap_broker_set_threshold_async:
 * @secret: (nullable): the passphrase or the recovery code; not needed for what only lowers
 */
void
okap_broker_set_threshold_async (OkapBroker *self, const OkapThreshold *threshold,
                                 OkapSecret *secret, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_set_threshold_async);
  g_task_set_task_data (task, g_memdup2 (threshold, sizeof *threshold), g_free);
  if (okap_vault_get_state (self->vault) != OKAP_VAULT_UNLOCKED)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                             "The vault is locked. Unlock it first.");
  else if (okap_threshold_is_lower (threshold, &self->threshold))
    set_threshold (task);
  else if (secret == NULL)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE,
                             "To allow more with a click takes the passphrase.");
  else
    okap_vault_unlock_async (self->vault, secret, shown_cb, g_steal_pointer (&task));
}

/**
 * okap_broker_set_threshold_finish:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_STORAGE
 */
gboolean
okap_broker_set_threshold_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
