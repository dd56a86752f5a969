/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways into an open vault: what its header says, and jobs in its queue that change it. What a
 * change does is in okap-vault-slot-job.c; what the login keyring adds, in okap-vault-keyring.c. */
#include "config.h"

#include "okap-vault-slots.h"

#include <sodium.h>
#include <string.h>

#include "okap-error.h"
#include "okap-text.h"
#include "okap-vault-change.h"
#include "okap-keyring.h"

static void
slot_info_free (OkapSlotInfo *info)
{
  g_free (info->label);
  g_free (info);
}

const char *
okap_slot_kind_get_name (OkapSlotKind kind)
{
  switch (kind)
    {
    case OKAP_SLOT_PASSPHRASE:
      return "passphrase";
    case OKAP_SLOT_RECOVERY:
      return "recovery";
    case OKAP_SLOT_KEYRING:
      return "keyring";
    default:
      return "unknown";
    }
}

/** okap_vault_list_slots: (transfer full): of OkapSlotInfo, in the order of the file; empty if the
 * vault is locked */
GPtrArray *
okap_vault_list_slots (OkapVault *self)
{
  GPtrArray *slots = g_ptr_array_new_with_free_func ((GDestroyNotify) slot_info_free);
  OkapVaultContents *contents = okap_vault_get_contents (self);

  for (guint i = 0; contents != NULL && i < contents->header->n_slots; i++)
    {
      const OkapSlot *slot = &contents->header->slots[i];
      OkapSlotInfo *info = g_new0 (OkapSlotInfo, 1);

      (void) sodium_bin2hex (info->id, sizeof info->id, slot->id, sizeof slot->id);
      info->kind = (OkapSlotKind) slot->kind;
      info->label = g_strdup (slot->label);
      info->created_us = slot->created_us;
      g_ptr_array_add (slots, info);
    }
  return slots;
}

static OkapVaultJob *
job_new (OkapSlotAction action, OkapSecret *proof, OkapSecret *secret)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_SLOTS);

  job->action = action;
  job->proof = okap_secret_ref (proof);
  job->secret = secret != NULL ? okap_secret_ref (secret) : NULL;
  return job;
}

/* Puts the slot that is named into @job; one that cannot be is found by nobody. */
static void
set_slot (OkapVaultJob *job, const char *slot_id)
{
  gsize length = 0;

  job->has_slot = TRUE;
  if (sodium_hex2bin (job->slot.id, sizeof job->slot.id, slot_id, strlen (slot_id), NULL, &length,
                      NULL) != 0 || length != sizeof job->slot.id)
    memset (job->slot.id, 0, sizeof job->slot.id);
}

/**
 * okap_vault_change_passphrase_async:
 * @slot_id: (nullable): which one; NULL: the one that is @proof, or the only one
 * @passphrase: 1 to 1024 bytes of UTF-8; how strong it is, is for the caller to judge
 * @callback: gets the result; see okap_vault_change_slots_finish()
 */
void
okap_vault_change_passphrase_async (OkapVault *self, OkapSecret *proof, const char *slot_id,
                                    OkapSecret *passphrase, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  OkapVaultJob *job = job_new (OKAP_SLOT_ACTION_PASSPHRASE, proof, passphrase);

  if (slot_id != NULL)
    set_slot (job, slot_id);
  okap_vault_change (self, job, callback, user_data, okap_vault_change_passphrase_async);
}

/** okap_vault_new_recovery_code_async: the old code ends; the result has the new one */
void
okap_vault_new_recovery_code_async (OkapVault *self, OkapSecret *proof,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  okap_vault_change (self, job_new (OKAP_SLOT_ACTION_RECOVERY, proof, NULL), callback, user_data,
                     okap_vault_new_recovery_code_async);
}

/** okap_vault_add_passphrase_async: (label nullable): at most 64 bytes of it are kept */
void
okap_vault_add_passphrase_async (OkapVault *self, OkapSecret *proof, const char *label,
                                 OkapSecret *passphrase, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  OkapVaultJob *job = job_new (OKAP_SLOT_ACTION_ADD_PASSPHRASE, proof, passphrase);
  g_autofree char *clean = okap_text_clean (label != NULL ? label : "", OKAP_SEALED_LABEL_BYTES);

  (void) g_strlcpy (job->slot.label, clean, sizeof job->slot.label);
  okap_vault_change (self, job, callback, user_data, okap_vault_add_passphrase_async);
}

typedef struct
{
  OkapVault *vault;    /* (owned) */
  char *vault_id;      /* (owned) */
  char *slot_id;       /* (owned) */
} Removal;

static void
removal_free (Removal *removal)
{
  g_object_unref (removal->vault);
  g_free (removal->vault_id);
  g_free (removal->slot_id);
  g_free (removal);
}

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!okap_keyring_clear_finish (result, &error))
    g_message ("The vault does not open by the login keyring any more, but what lay there for it "
               "could not be removed: %s", error->message);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Removal *removal = g_task_get_task_data (task);
  OkapSecret *code = NULL;
  GError *error = NULL;

  if (!okap_vault_change_slots_finish (OKAP_VAULT (source), result, &code, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (removal->vault_id != NULL)
    okap_keyring_clear_async (removal->vault_id, removal->slot_id, cleared_cb, NULL);
  g_task_set_task_data (task, code, code != NULL ? (GDestroyNotify) okap_secret_unref : NULL);
  g_task_return_boolean (task, TRUE);
}

/**
 * okap_vault_remove_slot_async:
 * @slot_id: a further passphrase, or the login keyring, whose item goes, too, if it can be reached
 */
void
okap_vault_remove_slot_async (OkapVault *self, OkapSecret *proof, const char *slot_id,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  OkapVaultJob *job = job_new (OKAP_SLOT_ACTION_REMOVE, proof, NULL);
  OkapVaultContents *contents = okap_vault_get_contents (self);
  Removal *removal = g_new0 (Removal, 1);

  set_slot (job, slot_id);
  removal->vault = g_object_ref (self);
  removal->slot_id = g_strdup (slot_id);
  for (guint i = 0; contents != NULL && i < contents->header->n_slots; i++)
    if (contents->header->slots[i].kind == OKAP_SLOT_KEYRING
        && memcmp (contents->header->slots[i].id, job->slot.id, sizeof job->slot.id) == 0)
      removal->vault_id = okap_keyring_dup_id (contents->header->vault_id);
  g_task_set_source_tag (task, okap_vault_remove_slot_async);
  g_task_set_task_data (task, removal, (GDestroyNotify) removal_free);
  okap_vault_change (self, job, removed_cb, g_steal_pointer (&task), okap_vault_remove_slot_async);
}

/**
 * okap_vault_change_slots_finish: of all of them
 * @out_recovery_code: (out) (optional) (nullable) (transfer full): a new recovery code, to be shown
 *   once. Each change that removes a secret may give one, if an older Okap made the vault
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_NOT_FOUND,
 *   %OKAP_ERROR_CONFLICT, %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_TOO_LARGE, %OKAP_ERROR_STORAGE,
 *   %OKAP_ERROR_BUSY
 */
gboolean
okap_vault_change_slots_finish (OkapVault *self, GAsyncResult *result,
                                OkapSecret **out_recovery_code, GError **error)
{
  OkapSecret *code = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), error);

  if (done)
    code = g_task_get_task_data (G_TASK (result));
  if (out_recovery_code != NULL)
    *out_recovery_code = code != NULL ? okap_secret_ref (code) : NULL;
  return done;
}
