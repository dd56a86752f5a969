/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups, as jobs in the vault's queue; what is in the file is in okap-vault-backup-job.c. A
 * backup is read first, so that the user sees what would be added, and what was read is imported:
 * the file is not looked at again. Nothing that the vault has is ever changed by an import. */
#include "config.h"

#include "okap-vault-backup.h"

#include <string.h>

#include "okap-error.h"
#include "okap-vault-change.h"

struct _OkapBackup
{
  gatomicrefcount ref_count;
  GPtrArray *entries;   /* (owned) of OkapVaultEntry */
  GPtrArray *items;     /* (owned) of OkapBackupItem, in the same order */
};

static void
item_free (OkapBackupItem *item)
{
  g_object_unref (item->info);
  g_free (item);
}

OkapBackup *
okap_backup_ref (OkapBackup *backup)
{
  g_atomic_ref_count_inc (&backup->ref_count);
  return backup;
}

void
okap_backup_unref (OkapBackup *backup)
{
  if (!g_atomic_ref_count_dec (&backup->ref_count))
    return;
  g_ptr_array_unref (backup->items);
  g_ptr_array_unref (backup->entries);
  g_free (backup);
}

/** okap_backup_get_items: (transfer none): of OkapBackupItem */
GPtrArray *
okap_backup_get_items (OkapBackup *backup)
{
  return backup->items;
}

guint
okap_backup_count (OkapBackup *backup, OkapBackupStatus status)
{
  guint n = 0;

  for (guint i = 0; i < backup->items->len; i++)
    n += ((OkapBackupItem *) g_ptr_array_index (backup->items, i))->status == status;
  return n;
}

/* Whether both are the same key for the same place, whatever their names. */
static gboolean
is_same (OkapVaultEntry *a, OkapVaultEntry *b)
{
  return strcmp (okap_key_info_get_provider (a->info), okap_key_info_get_provider (b->info)) == 0
         && g_strcmp0 (okap_key_info_get_base_url (a->info),
                       okap_key_info_get_base_url (b->info)) == 0
         && okap_secret_equal (a->secret, b->secret);
}

static OkapBackupStatus
judge (OkapVaultBody *body, OkapVaultEntry *entry)
{
  for (guint i = 0; i < body->entries->len; i++)
    if (is_same (g_ptr_array_index (body->entries, i), entry))
      return OKAP_BACKUP_SAME;
  return okap_vault_body_find (body, okap_key_info_get_id (entry->info)) != NULL
         ? OKAP_BACKUP_DIFFERENT : OKAP_BACKUP_NEW;
}

/**
 * okap_vault_export_async:
 * @proof: the vault's passphrase or recovery code, as typed just now
 * @path: where nothing stands yet
 * @passphrase: of the backup
 */
void
okap_vault_export_async (OkapVault *self, OkapSecret *proof, const char *path,
                         OkapSecret *passphrase, GAsyncReadyCallback callback, gpointer user_data)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_EXPORT);

  job->proof = okap_secret_ref (proof);
  job->secret = okap_secret_ref (passphrase);
  job->backup_path = g_strdup (path);
  okap_vault_change (self, job, callback, user_data, okap_vault_export_async);
}

/**
 * okap_vault_export_finish:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_VAULT_EXISTS if there is a file,
 *   %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_STORAGE, %OKAP_ERROR_BUSY
 *
 * Returns: whether the file is on the disk, for the user alone
 */
gboolean
okap_vault_export_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * okap_vault_read_backup_async:
 * @path: a backup, or the file of another vault
 * @secret: what opens it
 */
void
okap_vault_read_backup_async (OkapVault *self, const char *path, OkapSecret *secret,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_READ_BACKUP);

  job->secret = okap_secret_ref (secret);
  job->backup_path = g_strdup (path);
  okap_vault_change (self, job, callback, user_data, okap_vault_read_backup_async);
}

/**
 * okap_vault_read_backup_finish:
 * @error: %OKAP_ERROR_NOT_FOUND if there is no such file, %OKAP_ERROR_WRONG_PASSPHRASE,
 *   %OKAP_ERROR_VAULT_DAMAGED, %OKAP_ERROR_VAULT_NEWER, %OKAP_ERROR_VAULT_HOSTILE,
 *   %OKAP_ERROR_STORAGE, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_BUSY
 *
 * Returns: (transfer full) (nullable): the keys in it, each compared with the vault
 */
OkapBackup *
okap_vault_read_backup_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GPtrArray) entries = g_task_propagate_pointer (G_TASK (result), error);
  OkapVaultContents *contents = okap_vault_get_contents (self);
  OkapBackup *backup;

  if (entries == NULL)
    return NULL;
  if (contents == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault was locked meanwhile; nothing was changed");
      return NULL;
    }
  backup = g_new0 (OkapBackup, 1);
  g_atomic_ref_count_init (&backup->ref_count);
  backup->items = g_ptr_array_new_with_free_func ((GDestroyNotify) item_free);
  for (guint i = 0; i < entries->len; i++)
    {
      OkapVaultEntry *entry = g_ptr_array_index (entries, i);
      OkapBackupItem *item = g_new0 (OkapBackupItem, 1);

      item->info = g_object_ref (entry->info);
      item->status = judge (contents->body, entry);
      g_ptr_array_add (backup->items, item);
    }
  backup->entries = g_steal_pointer (&entries);
  return backup;
}

/** okap_vault_import_async: adds the keys that are new by now */
void
okap_vault_import_async (OkapVault *self, OkapBackup *backup, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_IMPORT);

  job->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_vault_entry_unref);
  for (guint i = 0; i < backup->entries->len; i++)
    g_ptr_array_add (job->entries, okap_vault_entry_ref (g_ptr_array_index (backup->entries, i)));
  okap_vault_change (self, job, callback, user_data, okap_vault_import_async);
}

/**
 * okap_vault_import_finish:
 * @error: %OKAP_ERROR_TOO_LARGE, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_STORAGE,
 *   %OKAP_ERROR_CONFLICT, %OKAP_ERROR_BUSY
 *
 * Returns: how many keys were added, which are on the disk; -1 for an error
 */
int
okap_vault_import_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

/** okap_vault_backup_drop_known: takes out of @entries (of OkapVaultEntry) what @body has */
void
okap_vault_backup_drop_known (GPtrArray *entries, OkapVaultBody *body)
{
  for (guint i = entries->len; i > 0; i--)
    if (judge (body, g_ptr_array_index (entries, i - 1)) != OKAP_BACKUP_NEW)
      g_ptr_array_remove_index (entries, i - 1);
}
