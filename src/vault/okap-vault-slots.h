/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-sealed-format.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* The ways into an open vault. Each change takes @proof, the passphrase or the recovery code as
 * typed just now, and is durable when it finishes. One that removes a secret gives the vault a new
 * key; copies of the file made before still open with that secret. Main thread. */
typedef struct
{
  char id[2 * OKAP_SEALED_ID_BYTES + 1];
  OkapSlotKind kind;       /* perhaps one that we do not know */
  char *label;             /* (owned) of the user, may be empty; for a keyring the computer */
  gint64 created_us;
} OkapSlotInfo;

const char *okap_slot_kind_get_name            (OkapSlotKind kind);
GPtrArray  *okap_vault_list_slots              (OkapVault *self) G_GNUC_WARN_UNUSED_RESULT;

void        okap_vault_change_passphrase_async (OkapVault *self, OkapSecret *proof,
                                                const char *slot_id, OkapSecret *passphrase,
                                                GAsyncReadyCallback callback, gpointer user_data);
void        okap_vault_new_recovery_code_async (OkapVault *self, OkapSecret *proof,
                                                GAsyncReadyCallback callback, gpointer user_data);
void        okap_vault_add_passphrase_async    (OkapVault *self, OkapSecret *proof,
                                                const char *label, OkapSecret *passphrase,
                                                GAsyncReadyCallback callback, gpointer user_data);
void        okap_vault_remove_slot_async       (OkapVault *self, OkapSecret *proof,
                                                const char *slot_id, GAsyncReadyCallback callback,
                                                gpointer user_data);
gboolean    okap_vault_change_slots_finish     (OkapVault *self, GAsyncResult *result,
                                                OkapSecret **out_recovery_code, GError **error);

/* The login keyring (Secret Service) as one of the ways: it protects against a stolen disk, not
 * against programs that the user runs. What it says is waited for five seconds, or a minute where
 * it may ask the user; each trouble with it is %OKAP_ERROR_KEYRING with words. */
gboolean    okap_vault_can_use_keyring         (void);
void        okap_vault_add_keyring_slot_async  (OkapVault *self, OkapSecret *proof,
                                                GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_vault_add_keyring_slot_finish (OkapVault *self, GAsyncResult *result,
                                                GError **error);
void        okap_vault_unlock_by_keyring_async (OkapVault *self, gboolean interactive,
                                                GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_vault_unlock_by_keyring_finish (OkapVault *self, GAsyncResult *result,
                                                 GError **error);

G_END_DECLS
