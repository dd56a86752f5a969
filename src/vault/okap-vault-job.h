/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-sealed-format.h"
#include "okap-sealed-save.h"
#include "okap-secret.h"
#include "okap-vault-body.h"

G_BEGIN_DECLS

/* What an unlocked vault is. Constant and shared; when the last reference goes, so do the vault
 * key and all provider keys. */
typedef struct
{
  gatomicrefcount ref_count;
  OkapSealedHeader *header;      /* (owned) (immutable) */
  OkapSecret *vault_key;         /* (owned) (immutable) */
  OkapVaultBody *body;           /* (owned) (immutable) */
  OkapSealedIdentity identity;   /* (immutable) the file that it stands in */
} OkapVaultContents;

typedef enum
{
  OKAP_VAULT_JOB_CREATE,
  OKAP_VAULT_JOB_UNLOCK,
  OKAP_VAULT_JOB_ADD,
  OKAP_VAULT_JOB_REMOVE,
  OKAP_VAULT_JOB_RENAME,
  OKAP_VAULT_JOB_ROTATE,
  OKAP_VAULT_JOB_ROTATION_STEP,
  OKAP_VAULT_JOB_SLOTS,
  OKAP_VAULT_JOB_PEEK,
  OKAP_VAULT_JOB_EXPORT,
  OKAP_VAULT_JOB_READ_BACKUP,
  OKAP_VAULT_JOB_IMPORT,
} OkapVaultJobKind;

/* What a job of the kind SLOTS does. */
typedef enum
{
  OKAP_SLOT_ACTION_PASSPHRASE,      /* another secret for a passphrase slot */
  OKAP_SLOT_ACTION_RECOVERY,        /* another recovery code */
  OKAP_SLOT_ACTION_ADD_PASSPHRASE,
  OKAP_SLOT_ACTION_ADD_KEYRING,
  OKAP_SLOT_ACTION_REMOVE,
} OkapSlotAction;

/* One piece of slow work. The main thread fills it in, a crypto thread runs it, the main thread
 * joins that thread and reads the outcome; nothing but @cancelled is touched from both sides. */
typedef struct
{
  OkapVaultJobKind kind;
  GPtrArray *tasks;              /* (owned) main thread: who waits for it */
  GThread *thread;               /* (owned) (nullable) main thread */
  GSourceFunc done_cb;           /* runs in @context when the thread is at its end */
  gpointer done_data;
  GMainContext *context;         /* (unowned) */
  gint cancelled;                /* atomic: the vault was locked */

  /* In. */
  char *path;                    /* (owned) */
  gint64 now_us;
  guint64 memory_bytes;          /* of a new passphrase slot */
  guint32 passes;
  OkapSecret *secret;            /* (owned) (nullable) as typed; or the new key */
  OkapVaultEntry *entry;         /* (owned) (nullable) to be added, or to take the key's place */
  char *key_id;                  /* (owned) (nullable) which is removed, renamed or replaced */
  char *label;                   /* (owned) (nullable) its new one */
  char *rotation_id;             /* (owned) (nullable) */
  OkapRotationState to;          /* of a step, with the next */
  OkapRotationReason reason;
  OkapSlotAction action;
  OkapSecret *proof;             /* (owned) (nullable) a secret that opens the vault already */
  OkapSlot slot;                 /* which one: its id; or the new one, but for what wraps the key */
  gboolean has_slot;             /* whether @slot says which one */
  char *backup_path;             /* (owned) (nullable) */
  GPtrArray *entries;            /* (owned) (nullable) of OkapVaultEntry, to be added; or read */
  OkapVaultContents *base;       /* (owned) (nullable) what a save builds on */
  OkapVaultBody *body;           /* (owned) (nullable) what a save saves */

  /* Out. */
  OkapVaultContents *contents;   /* (owned) (nullable) */
  OkapSealedHeader *peeked;      /* (owned) (nullable) not authentic */
  OkapSecret *recovery_code;     /* (owned) (nullable) */
  guint n_derivations;           /* runs of Argon2id */
  GError *error;                 /* (owned) (nullable) */
} OkapVaultJob;

OkapVaultContents *okap_vault_contents_new   (OkapSealedHeader *header, OkapSecret *vault_key,
                                              OkapVaultBody *body,
                                              const OkapSealedIdentity *identity)
                                              G_GNUC_WARN_UNUSED_RESULT;
OkapVaultContents *okap_vault_contents_ref   (OkapVaultContents *contents);
void               okap_vault_contents_unref (OkapVaultContents *contents);

OkapVaultJob *okap_vault_job_new          (OkapVaultJobKind kind)
                                           G_GNUC_WARN_UNUSED_RESULT;
void          okap_vault_job_free         (OkapVaultJob *job);
void          okap_vault_job_drop_secrets (OkapVaultJob *job);
gboolean      okap_vault_job_start        (OkapVaultJob *job, GError **error);
guint64       okap_vault_job_memory_most  (void);
gboolean      okap_vault_job_unlocks_with (OkapVaultJob *job, OkapSecret *secret);
gboolean      okap_vault_job_set_base     (OkapVaultJob *job, OkapVaultContents *contents,
                                           GError **error);
void          okap_vault_job_return       (OkapVaultJob *job);

void          okap_vault_backup_drop_known (GPtrArray *entries, OkapVaultBody *body);

/* Crypto thread; for the kinds of jobs that have files of their own. */
OkapVaultContents *okap_vault_job_unlock       (OkapVaultJob *job, GError **error);
OkapSealedHeader  *okap_vault_job_peek         (OkapVaultJob *job, GError **error);
OkapVaultContents *okap_vault_job_change_slots (OkapVaultJob *job, GError **error);
gboolean           okap_vault_job_export       (OkapVaultJob *job, GError **error);
GPtrArray         *okap_vault_job_read_backup  (OkapVaultJob *job, GError **error);
OkapVaultContents *okap_vault_job_save         (OkapVaultJob *job, OkapSealedHeader *header,
                                                OkapSecret *vault_key, OkapVaultBody *body,
                                                const OkapSealedIdentity *expected,
                                                GError **error);
gboolean           okap_vault_job_verify       (const guint8 *data, gsize length,
                                                gpointer vault_key, GError **error);
gboolean           okap_vault_job_is_cancelled (OkapVaultJob *job, GError **error);
OkapSecret        *okap_vault_job_find_key     (OkapVaultJob *job, const OkapSealedHeader *header,
                                                OkapSecret *typed, guint *out_slot,
                                                guint8 out_public[OKAP_SEALED_PUBLIC_BYTES],
                                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapVaultContents, okap_vault_contents_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapVaultJob, okap_vault_job_free)

G_END_DECLS
