/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-clock.h"
#include "okap-key-info.h"
#include "okap-secret.h"

G_BEGIN_DECLS

/* The sealed file and the keys in it. Main thread; slow work (Argon2id, sealing, fsync) runs on a
 * short-lived crypto thread. Emits notify::state, "locked" just after the wipe, and "slots-changed"
 * when its unlock slots (okap-vault-slots.h) were. */
#define OKAP_TYPE_VAULT (okap_vault_get_type ())
G_DECLARE_FINAL_TYPE (OkapVault, okap_vault, OKAP, VAULT, GObject)

typedef enum
{
  OKAP_VAULT_NONE,       /* no file yet */
  OKAP_VAULT_LOCKED,
  OKAP_VAULT_UNLOCKING,
  OKAP_VAULT_UNLOCKED,
} OkapVaultState;

#define OKAP_TYPE_VAULT_STATE (okap_vault_state_get_type ())
GType okap_vault_state_get_type (void) G_GNUC_CONST;

/* Purposes of keys derived from the vault key. */
typedef enum
{
  OKAP_DERIVED_TOKEN_HASH,
  OKAP_DERIVED_POLICY_TAG,
  OKAP_DERIVED_AUDIT,
} OkapDerivedKey;

OkapVault     *okap_vault_new            (const char *path, OkapClock *clock)
                                          G_GNUC_WARN_UNUSED_RESULT;
OkapVaultState okap_vault_get_state      (OkapVault *self);
const char    *okap_vault_state_get_name (OkapVaultState state);

/* Makes a new vault and leaves it unlocked. The recovery code is shown once and kept nowhere. */
void           okap_vault_create_async   (OkapVault *self, OkapSecret *passphrase,
                                          GAsyncReadyCallback callback, gpointer user_data);
gboolean       okap_vault_create_finish  (OkapVault *self, GAsyncResult *result,
                                          OkapSecret **out_recovery_code, GError **error);

/* @secret is a passphrase or a recovery code; each slot that it can be for is tried. A second
 * call while one runs shares its result only if the secret is the same, else waits for it. */
void           okap_vault_unlock_async   (OkapVault *self, OkapSecret *secret,
                                          GAsyncReadyCallback callback, gpointer user_data);
gboolean       okap_vault_unlock_finish  (OkapVault *self, GAsyncResult *result, GError **error);
void           okap_vault_lock           (OkapVault *self);

/* Unlocked only; %OKAP_ERROR_VAULT_LOCKED otherwise. Durable when they finish. */
void           okap_vault_add_key_async  (OkapVault *self, const char *provider, const char *label,
                                          const char *base_url, OkapSecret *key,
                                          GAsyncReadyCallback callback, gpointer user_data);
OkapKeyInfo   *okap_vault_add_key_finish (OkapVault *self, GAsyncResult *result, GError **error);
void           okap_vault_remove_key_async  (OkapVault *self, const char *id,
                                             GAsyncReadyCallback callback, gpointer user_data);
gboolean       okap_vault_remove_key_finish (OkapVault *self, GAsyncResult *result, GError **error);

/* @label: free text, cleaned here; empty for none. */
void           okap_vault_rename_key_async  (OkapVault *self, const char *id, const char *label,
                                             GAsyncReadyCallback callback, gpointer user_data);
OkapKeyInfo   *okap_vault_rename_key_finish (OkapVault *self, GAsyncResult *result,
                                             GError **error);

/* Replaces a key: see okap-key-rotation.h. First it is only put beside the one in use, then stepped
 * from state to state; durable when they finish. */
void           okap_vault_rotate_async   (OkapVault *self, const char *id, const char *rotation_id,
                                          OkapSecret *key, GAsyncReadyCallback callback,
                                          gpointer user_data);
void           okap_vault_step_rotation_async (OkapVault *self, const char *id,
                                               const char *rotation_id, OkapRotationState to,
                                               OkapRotationReason reason,
                                               GAsyncReadyCallback callback, gpointer user_data);
OkapKeyInfo   *okap_vault_rotate_finish  (OkapVault *self, GAsyncResult *result, GError **error);

/* Of the file last opened or saved, 0 before that; one more with each save, so that an older file
 * put back can be noticed. */
guint64        okap_vault_get_generation (OkapVault *self);
gboolean       okap_vault_get_has_keyring (OkapVault *self);

GListModel    *okap_vault_get_keys       (OkapVault *self);
OkapKeyInfo   *okap_vault_find_key       (OkapVault *self, const char *id);
OkapSecret    *okap_vault_dup_key        (OkapVault *self, const char *id, GError **error);
OkapSecret    *okap_vault_dup_other_key  (OkapVault *self, const char *id);
OkapSecret    *okap_vault_derive         (OkapVault *self, OkapDerivedKey purpose, GError **error);

G_END_DECLS
