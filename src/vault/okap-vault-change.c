/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changes the keys in an open vault: each is a job in the vault's queue, done when it is on
 * the disk. Main thread. */
#include "config.h"

#include "okap-vault-change.h"

#include "okap-caps.h"
#include "okap-text.h"

/**
 * okap_vault_add_key_async:
 * @label: (nullable): free text; the same one may stand at several keys
 * @base_url: (nullable): instead of the provider's own address; https, or http on this computer
 * @key: printable ASCII; may be empty if @base_url is given
 */
void
okap_vault_add_key_async (OkapVault *self, const char *provider, const char *label,
                          const char *base_url, OkapSecret *key, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GError *error = NULL;
  g_autoptr (OkapKeyInfo) info =
    okap_vault_make_key_info (provider, label, base_url, key,
                              okap_clock_get_now (okap_vault_get_clock (self)), &error);
  OkapVaultJob *job;

  if (info == NULL)
    {
      g_task_report_error (self, callback, user_data, okap_vault_add_key_async, error);
      return;
    }
  job = okap_vault_job_new (OKAP_VAULT_JOB_ADD);
  job->entry = okap_vault_entry_new (info, key);
  okap_vault_change (self, job, callback, user_data, okap_vault_add_key_async);
}

/**
 * okap_vault_add_key_finish:
 * @error: %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_TOO_LARGE,
 *   %OKAP_ERROR_STORAGE, %OKAP_ERROR_CONFLICT, %OKAP_ERROR_BUSY
 *
 * Returns: (transfer full) (nullable): the key as it may be shown; it is on the disk
 */
OkapKeyInfo *
okap_vault_add_key_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
okap_vault_remove_key_async (OkapVault *self, const char *id, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_REMOVE);

  job->key_id = g_strdup (id);
  okap_vault_change (self, job, callback, user_data, okap_vault_remove_key_async);
}

/** okap_vault_remove_key_finish: errors as of okap_vault_add_key_finish(), %OKAP_ERROR_NOT_FOUND */
gboolean
okap_vault_remove_key_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_vault_rename_key_async: @label: valid UTF-8; the same one may stand at several keys */
void
okap_vault_rename_key_async (OkapVault *self, const char *id, const char *label,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_RENAME);

  job->key_id = g_strdup (id);
  job->label = okap_text_clean (label, OKAP_CAP_LABEL_CHARS);
  okap_vault_change (self, job, callback, user_data, okap_vault_rename_key_async);
}

/**
 * okap_vault_rename_key_finish: errors as of okap_vault_remove_key_finish()
 *
 * Returns: (transfer full) (nullable): the key as it is now; it is on the disk
 */
OkapKeyInfo *
okap_vault_rename_key_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * okap_vault_rotate_async:
 * @rotation_id: 1 to 32 letters, digits, dashes, underscores; the same one again changes nothing
 * @key: the new key, to be tested; empty, or the key in use, changes nothing
 */
void
okap_vault_rotate_async (OkapVault *self, const char *id, const char *rotation_id, OkapSecret *key,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_ROTATE);

  job->key_id = g_strdup (id);
  job->rotation_id = g_strdup (rotation_id);
  job->secret = okap_secret_ref (key);
  okap_vault_change (self, job, callback, user_data, okap_vault_rotate_async);
}

/** okap_vault_step_rotation_async: takes the replacement @rotation_id to the state @to */
void
okap_vault_step_rotation_async (OkapVault *self, const char *id, const char *rotation_id,
                                OkapRotationState to, OkapRotationReason reason,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_ROTATION_STEP);

  job->key_id = g_strdup (id);
  job->rotation_id = g_strdup (rotation_id);
  job->to = to;
  job->reason = reason;
  okap_vault_change (self, job, callback, user_data, okap_vault_step_rotation_async);
}

/**
 * okap_vault_rotate_finish: of both of them
 * @error: as of okap_vault_remove_key_finish(), %OKAP_ERROR_INVALID_REQUEST, and
 *   %OKAP_ERROR_CONFLICT if another replacement is open or this one is over
 *
 * Returns: (transfer full) (nullable): the key as it is now; it is on the disk
 */
OkapKeyInfo *
okap_vault_rotate_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
