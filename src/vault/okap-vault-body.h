/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-guarded.h"
#include "okap-key-info.h"
#include "okap-sealed-format.h"
#include "okap-secret.h"

G_BEGIN_DECLS

/* What is sealed in the vault: provider keys. Constant and shared; a change makes a new one that
 * shares the entries. Safe from any thread. */
typedef struct
{
  gatomicrefcount ref_count;
  OkapKeyInfo *info;     /* (owned) (immutable) */
  OkapSecret *secret;    /* (owned) (immutable) the key; empty for a server that wants none */
  OkapSecret *other;     /* (owned) (immutable) (nullable) of an open rotation: the new key while it
                            is tested, the old one while the new one is watched */
  OkapSecret *extra;     /* (owned) (immutable) (nullable) fields that a newer Okap wrote */
} OkapVaultEntry;

/* By which a slot gets another vault key without its secret; see okap-slot.c. */
typedef struct
{
  guint8 slot_id[OKAP_SEALED_ID_BYTES];
  guint8 key[OKAP_SEALED_PUBLIC_BYTES];
} OkapSlotPublic;

typedef struct
{
  gatomicrefcount ref_count;
  GPtrArray *entries;    /* (owned) (immutable) of OkapVaultEntry */
  OkapSecret *root;      /* (owned) (immutable) (nullable) what other keys are derived from; NULL:
                            the vault key, which is so until the vault gets its second one */
  OkapSlotPublic publics[OKAP_SEALED_SLOTS_MOST];   /* (immutable) */
  guint n_publics;       /* (immutable) */
  OkapSecret *extra;     /* (owned) (immutable) (nullable) records that a newer Okap wrote */
} OkapVaultBody;

OkapVaultEntry *okap_vault_entry_new    (OkapKeyInfo *info, OkapSecret *secret)
                                         G_GNUC_WARN_UNUSED_RESULT;
OkapVaultEntry *okap_vault_entry_ref    (OkapVaultEntry *entry);
void            okap_vault_entry_unref  (OkapVaultEntry *entry);
OkapVaultEntry *okap_vault_entry_rename (OkapVaultEntry *entry, const char *label)
                                         G_GNUC_WARN_UNUSED_RESULT;
char           *okap_vault_entry_tail   (OkapSecret *secret);

OkapVaultBody  *okap_vault_body_new     (void) G_GNUC_WARN_UNUSED_RESULT;
OkapVaultBody  *okap_vault_body_ref     (OkapVaultBody *body);
void            okap_vault_body_unref   (OkapVaultBody *body);
OkapVaultBody  *okap_vault_body_with    (OkapVaultBody *body, OkapVaultEntry *entry)
                                         G_GNUC_WARN_UNUSED_RESULT;
OkapVaultBody  *okap_vault_body_with_all (OkapVaultBody *body, GPtrArray *entries)
                                         G_GNUC_WARN_UNUSED_RESULT;
OkapVaultBody  *okap_vault_body_replace (OkapVaultBody *body, OkapVaultEntry *entry)
                                         G_GNUC_WARN_UNUSED_RESULT;
OkapVaultBody  *okap_vault_body_without (OkapVaultBody *body, const char *id)
                                         G_GNUC_WARN_UNUSED_RESULT;
OkapVaultBody  *okap_vault_body_copy    (OkapVaultBody *body) G_GNUC_WARN_UNUSED_RESULT;
void            okap_vault_body_set_public  (OkapVaultBody *body, const guint8 *slot_id,
                                             const guint8 *key);
void            okap_vault_body_drop_public (OkapVaultBody *body, const guint8 *slot_id);
const guint8   *okap_vault_body_get_public  (OkapVaultBody *body, const guint8 *slot_id);
OkapVaultEntry *okap_vault_body_find    (OkapVaultBody *body, const char *id);

OkapGuarded    *okap_vault_body_encode  (OkapVaultBody *body) G_GNUC_WARN_UNUSED_RESULT;
OkapVaultBody  *okap_vault_body_decode  (const guint8 *data, gsize length, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;

/* Replacing a key: pure steps from one entry to the next; the same one again (referenced) for a
 * step that was made already. Errors: %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_CONFLICT. */
OkapVaultEntry *okap_vault_entry_begin  (OkapVaultEntry *entry, const char *rotation_id,
                                         OkapSecret *key, gint64 now_us, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;
OkapVaultEntry *okap_vault_entry_step   (OkapVaultEntry *entry, const char *rotation_id,
                                         OkapRotationState to, OkapRotationReason reason,
                                         gint64 now_us, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;

/* What may be added: checked here and again when a vault is opened. */
gboolean        okap_vault_check_key      (OkapSecret *key, const char *base_url, GError **error);
gboolean        okap_vault_check_unmasked (OkapSecret *key, OkapSecret *current, GError **error);
gboolean        okap_vault_check_provider (const char *provider, GError **error);
char           *okap_vault_clean_base_url (const char *base_url, GError **error);
OkapKeyInfo    *okap_vault_make_key_info  (const char *provider, const char *label,
                                           const char *base_url, OkapSecret *key, gint64 now_us,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapVaultEntry, okap_vault_entry_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapVaultBody, okap_vault_body_unref)

G_END_DECLS
