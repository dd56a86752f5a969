/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-vault.h"

G_BEGIN_DECLS

/* Sealed backups of the keys: files of the vault's format with a passphrase of their own, which
 * also open with the vault's recovery code. Main thread; the vault has to be open. */
typedef enum
{
  OKAP_BACKUP_NEW,        /* would be added */
  OKAP_BACKUP_SAME,       /* is in the vault already */
  OKAP_BACKUP_DIFFERENT,  /* the vault has another version of it, which stays */
} OkapBackupStatus;

typedef struct
{
  OkapKeyInfo *info;      /* (owned) */
  OkapBackupStatus status;
} OkapBackupItem;

/* What was read from a backup: holds keys, so drop it soon, and at "locked" at the latest. */
typedef struct _OkapBackup OkapBackup;

OkapBackup *okap_backup_ref                (OkapBackup *backup);
void        okap_backup_unref              (OkapBackup *backup);
GPtrArray  *okap_backup_get_items          (OkapBackup *backup);
guint       okap_backup_count              (OkapBackup *backup, OkapBackupStatus status);

void        okap_vault_export_async        (OkapVault *self, OkapSecret *proof, const char *path,
                                            OkapSecret *passphrase, GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean    okap_vault_export_finish       (OkapVault *self, GAsyncResult *result, GError **error);

void        okap_vault_read_backup_async   (OkapVault *self, const char *path, OkapSecret *secret,
                                            GAsyncReadyCallback callback, gpointer user_data);
OkapBackup *okap_vault_read_backup_finish  (OkapVault *self, GAsyncResult *result, GError **error)
                                            G_GNUC_WARN_UNUSED_RESULT;
void        okap_vault_import_async        (OkapVault *self, OkapBackup *backup,
                                            GAsyncReadyCallback callback, gpointer user_data);
int         okap_vault_import_finish       (OkapVault *self, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapBackup, okap_backup_unref)

G_END_DECLS
