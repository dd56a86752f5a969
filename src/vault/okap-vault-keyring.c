/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The login keyring as a way into the vault. Main thread; two programs have to agree here, so the
 * order is what matters:
 *
 *   add      check the proof -> secret into the keyring, read back -> slot into the file
 *            (a slot that nothing opens would be worse than a secret that opens nothing; if the
 *            last step fails, the secret is cleared)
 *   unlock   read the slot's name from the file -> secret from the keyring -> unlock as ever
 *
 * The keyring is never the only way in: a vault always has a passphrase and a recovery code. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "okap-error.h"
#include "okap-keyring.h"
#include "okap-sealed-crypto.h"
#include "okap-vault-change.h"
#include "okap-vault-slots.h"

/* Adding one. */
typedef struct
{
  OkapSecret *proof;    /* (owned) */
  OkapSecret *secret;   /* (owned) */
  OkapSlot slot;
  char *vault_id;       /* (owned) */
  char *slot_id;        /* (owned) */
} Addition;

static void
addition_free (Addition *addition)
{
  okap_secret_unref (addition->proof);
  okap_secret_unref (addition->secret);
  g_free (addition->vault_id);
  g_free (addition->slot_id);
  g_free (addition);
}

/** okap_vault_can_use_keyring: whether this Okap was built for login keyrings */
gboolean
okap_vault_can_use_keyring (void)
{
  return okap_keyring_is_built ();
}

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) okap_keyring_clear_finish (result, NULL);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Addition *addition = g_task_get_task_data (task);
  GError *error = NULL;

  if (okap_vault_change_slots_finish (OKAP_VAULT (source), result, NULL, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  okap_keyring_clear_async (addition->vault_id, addition->slot_id, cleared_cb, NULL);
  g_task_return_error (task, error);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapVault *self = g_task_get_source_object (task);
  Addition *addition = g_task_get_task_data (task);
  OkapVaultJob *job;
  GError *error = NULL;

  if (!okap_keyring_store_finish (result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  job = okap_vault_job_new (OKAP_VAULT_JOB_SLOTS);
  job->action = OKAP_SLOT_ACTION_ADD_KEYRING;
  job->proof = okap_secret_ref (addition->proof);
  job->secret = okap_secret_ref (addition->secret);
  job->slot = addition->slot;
  okap_vault_change (self, job, added_cb, g_steal_pointer (&task),
                     okap_vault_add_keyring_slot_async);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapVault *self = OKAP_VAULT (source);
  OkapVaultContents *contents = okap_vault_get_contents (self);
  Addition *addition = g_task_get_task_data (task);
  GError *error = NULL;
  char host[OKAP_SEALED_LABEL_BYTES + 1] = "";

  if (!okap_vault_unlock_finish (self, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (contents == NULL || okap_sealed_header_has (contents->header, OKAP_SLOT_KEYRING))
    {
      g_task_return_new_error (task, OKAP_ERROR,
                               contents == NULL ? OKAP_ERROR_VAULT_LOCKED : OKAP_ERROR_CONFLICT,
                               contents == NULL
                               ? "The vault was locked meanwhile; nothing was changed"
                               : "The vault opens by a login keyring already. Turn that off first");
      return;
    }
  (void) gethostname (host, sizeof host - 1);
  okap_slot_init (&addition->slot, OKAP_SLOT_KEYRING, host,
                  okap_clock_get_now (okap_vault_get_clock (self)));
  addition->vault_id = okap_keyring_dup_id (contents->header->vault_id);
  addition->slot_id = okap_keyring_dup_id (addition->slot.id);
  okap_keyring_store_async (addition->vault_id, addition->slot_id, addition->secret, stored_cb,
                            g_steal_pointer (&task));
}

/**
 * okap_vault_add_keyring_slot_async:
 * @proof: the passphrase or the recovery code, as typed just now
 *
 * Lets the login keyring of this computer open the vault. The keyring may ask the user something,
 * for a minute at most.
 */
void
okap_vault_add_keyring_slot_async (OkapVault *self, OkapSecret *proof,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Addition *addition = g_new0 (Addition, 1);

  g_task_set_source_tag (task, okap_vault_add_keyring_slot_async);
  addition->proof = okap_secret_ref (proof);
  addition->secret = okap_secret_new_random (OKAP_KEYRING_SECRET_BYTES);
  g_task_set_task_data (task, addition, (GDestroyNotify) addition_free);
  if (okap_vault_get_contents (self) == NULL)
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                               "The vault is locked. Unlock it first");
      return;
    }
  okap_vault_unlock_async (self, proof, proven_cb, g_steal_pointer (&task));
}

/**
 * okap_vault_add_keyring_slot_finish:
 * @error: %OKAP_ERROR_KEYRING, %OKAP_ERROR_CONFLICT if there is one, or as of
 *   okap_vault_change_slots_finish()
 *
 * Returns: whether the keyring holds its secret, was asked for it, and the slot is on the disk
 */
gboolean
okap_vault_add_keyring_slot_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The name of the slot and whether the user may be asked. */
typedef struct
{
  guint8 slot_id[OKAP_SEALED_ID_BYTES];
  gboolean interactive;
  guint n_locks;        /* when it was asked for */
} Unlocking;

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapVault *self = g_task_get_source_object (task);
  Unlocking *unlocking = g_task_get_task_data (task);
  g_autoptr (OkapSecret) secret = NULL;
  OkapVaultJob *job;
  GError *error = NULL;

  secret = okap_keyring_lookup_finish (result, &error);
  if (secret == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (okap_vault_get_n_locks (self) != unlocking->n_locks)
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                               "The vault was locked meanwhile");
      return;
    }
  job = okap_vault_job_new (OKAP_VAULT_JOB_UNLOCK);
  job->has_slot = TRUE;
  memcpy (job->slot.id, unlocking->slot_id, sizeof job->slot.id);
  job->secret = okap_secret_ref (secret);
  okap_vault_change (self, job, unlocked_cb, g_steal_pointer (&task),
                     okap_vault_unlock_by_keyring_async);
}

static void
peeked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Unlocking *unlocking = g_task_get_task_data (task);
  g_autoptr (OkapSealedHeader) header = NULL;
  GError *error = NULL;

  header = g_task_propagate_pointer (G_TASK (result), &error);
  for (guint i = 0; header != NULL && i < header->n_slots; i++)
    if (header->slots[i].kind == OKAP_SLOT_KEYRING)
      {
        g_autofree char *vault_id = okap_keyring_dup_id (header->vault_id);
        g_autofree char *slot_id = okap_keyring_dup_id (header->slots[i].id);

        memcpy (unlocking->slot_id, header->slots[i].id, sizeof unlocking->slot_id);
        okap_keyring_lookup_async (vault_id, slot_id, unlocking->interactive, looked_up_cb,
                                   g_steal_pointer (&task));
        return;
      }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                             "The vault does not open by the login keyring");
}

/**
 * okap_vault_unlock_by_keyring_async:
 * @interactive: whether the keyring may ask the user to unlock it, for a minute at most; if not,
 *   it has five seconds
 */
void
okap_vault_unlock_by_keyring_async (OkapVault *self, gboolean interactive,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Unlocking *unlocking = g_new0 (Unlocking, 1);

  g_task_set_source_tag (task, okap_vault_unlock_by_keyring_async);
  unlocking->interactive = interactive;
  unlocking->n_locks = okap_vault_get_n_locks (self);
  g_task_set_task_data (task, unlocking, g_free);
  okap_vault_change (self, okap_vault_job_new (OKAP_VAULT_JOB_PEEK), peeked_cb,
                     g_steal_pointer (&task), okap_vault_unlock_by_keyring_async);
}

/**
 * okap_vault_unlock_by_keyring_finish:
 * @error: %OKAP_ERROR_NOT_FOUND if the vault has no such slot, %OKAP_ERROR_KEYRING with what is
 *   the matter with the keyring, or as of okap_vault_unlock_finish()
 */
gboolean
okap_vault_unlock_by_keyring_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
