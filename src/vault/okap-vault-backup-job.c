/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sealed backup: crypto thread, part of okap-vault-job.c. It is a vault of its own, with another
 * name, another vault key and the keys of this one, so it opens on any computer, and copied to the
 * vault's place it is one. Its ways in are the passphrase that it gets and, if this vault's
 * recovery code can be carried over (okap-slot.c), that code. Grants stay behind: they are bound
 * to programs of this computer. A key that is being replaced goes out as it is used at the moment,
 * without its other version. */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "okap-error.h"
#include "okap-passphrase.h"
#include "okap-sealed-crypto.h"
#include "okap-vault-job.h"

/* @entry as if it had never been replaced. */
static OkapVaultEntry *
settle (OkapVaultEntry *entry)
{
  g_autofree char *tail = okap_vault_entry_tail (entry->secret);
  g_autoptr (OkapKeyInfo) info = NULL;
  OkapVaultEntry *settled;

  if (entry->other == NULL && okap_key_info_get_rotation (entry->info) == NULL)
    return okap_vault_entry_ref (entry);
  info = okap_key_info_new_version (entry->info, tail, NULL,
                                    okap_key_info_get_version (entry->info),
                                    okap_key_info_get_since (entry->info), NULL);
  settled = okap_vault_entry_new (info, entry->secret);
  settled->extra = entry->extra != NULL ? okap_secret_ref (entry->extra) : NULL;
  return settled;
}

static GPtrArray *
settle_all (GPtrArray *entries)
{
  GPtrArray *settled = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_vault_entry_unref);

  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (settled, settle (g_ptr_array_index (entries, i)));
  return settled;
}

/* Lets the recovery code of the vault open the backup, too, if that can be done without it. */
static void
carry_recovery (OkapVaultJob *job, OkapSealedHeader *header, OkapVaultBody *body,
                OkapSecret *backup_key)
{
  const OkapSealedHeader *own = job->base->header;

  for (guint i = 0; i < own->n_slots; i++)
    {
      const guint8 *public_key = okap_vault_body_get_public (job->base->body, own->slots[i].id);
      OkapSlot *slot = &header->slots[header->n_slots];

      if (own->slots[i].kind != OKAP_SLOT_RECOVERY || public_key == NULL)
        continue;
      *slot = own->slots[i];
      if (!okap_slot_rewrap (slot, header->vault_id, public_key, backup_key))
        continue;
      okap_vault_body_set_public (body, slot->id, public_key);
      header->n_slots++;
      return;
    }
}

/**
 * okap_vault_job_export:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_VAULT_EXISTS if
 *   there is a file of that name, %OKAP_ERROR_STORAGE, %OKAP_ERROR_BUSY, %OKAP_ERROR_VAULT_LOCKED
 */
gboolean
okap_vault_job_export (OkapVaultJob *job, GError **error)
{
  g_autoptr (OkapSecret) passphrase = okap_passphrase_normalize (job->secret, error);
  g_autoptr (OkapSecret) backup_key = okap_secret_new_random (OKAP_SEALED_KEY_BYTES);
  g_autoptr (OkapSealedHeader) header = okap_sealed_header_new ();
  g_autoptr (OkapVaultBody) empty = okap_vault_body_new ();
  g_autoptr (OkapVaultBody) body = NULL;
  g_autoptr (OkapSecret) proven = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (OkapGuarded) plain = NULL;
  g_autoptr (GBytes) contents = NULL;
  guint8 public_key[OKAP_SEALED_PUBLIC_BYTES];
  guint8 salt[OKAP_SEALED_SALT_BYTES];
  guint slot;

  if (passphrase == NULL)
    return FALSE;
  proven = okap_vault_job_find_key (job, job->base->header, job->proof, &slot, public_key, error);
  if (proven == NULL)
    return FALSE;
  entries = settle_all (job->base->body->entries);
  body = okap_vault_body_with_all (empty, entries);

  randombytes_buf (header->vault_id, sizeof header->vault_id);
  header->minor = OKAP_SEALED_MINOR;
  header->generation = 1;
  header->created_us = header->saved_us = job->now_us;
  (void) g_strlcpy (header->writer, "okap " OKAP_VERSION, sizeof header->writer);
  header->n_slots = 1;
  okap_slot_init (&header->slots[0], OKAP_SLOT_PASSPHRASE, "", job->now_us);
  randombytes_buf (salt, sizeof salt);
  okap_slot_set_cost (&header->slots[0], job->memory_bytes, job->passes, salt);
  job->n_derivations++;
  if (!okap_slot_wrap (&header->slots[0], header->vault_id, passphrase, backup_key, public_key,
                       error))
    return FALSE;
  okap_vault_body_set_public (body, header->slots[0].id, public_key);
  carry_recovery (job, header, body, backup_key);

  plain = okap_vault_body_encode (body);
  contents = okap_sealed_seal (header, backup_key, plain);
  return okap_sealed_write_new (job->backup_path, contents, okap_vault_job_verify, backup_key,
                                &job->cancelled, error);
}

/**
 * okap_vault_job_read_backup:
 * @error: %OKAP_ERROR_NOT_FOUND, else as of okap_vault_unlock_finish()
 *
 * Returns: (transfer full) (nullable): of OkapVaultEntry, the keys in the backup
 */
GPtrArray *
okap_vault_job_read_backup (OkapVaultJob *job, GError **error)
{
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OkapSecret) backup_key = NULL;
  g_autoptr (OkapGuarded) plain = NULL;
  g_autoptr (OkapVaultBody) body = NULL;
  g_autoptr (GError) load_error = NULL;
  OkapSealedIdentity identity;
  guint8 public_key[OKAP_SEALED_PUBLIC_BYTES];
  guint slot;

  bytes = okap_sealed_load (job->backup_path, &identity, &load_error);
  if (g_error_matches (load_error, OKAP_ERROR, OKAP_ERROR_NO_VAULT))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND, "There is no file %s",
                   job->backup_path);
      return NULL;
    }
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&load_error));
      return NULL;
    }
  if (!okap_sealed_file_parse (&file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                               okap_vault_job_memory_most (), error))
    return NULL;
  backup_key = okap_vault_job_find_key (job, file.header, job->secret, &slot, public_key, error);
  if (backup_key == NULL)
    return NULL;
  plain = okap_sealed_open (&file, backup_key, error);
  body = plain != NULL ? okap_vault_body_decode (plain->data, plain->length, error) : NULL;
  return body != NULL ? settle_all (body->entries) : NULL;
}
