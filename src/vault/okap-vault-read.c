/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an open vault lends: keys, and keys derived for others. Main thread. The latter come from
 * the vault's first key for ever, so that tokens, tags and the audit chain outlive a change of the
 * unlock slots (okap-vault-slot-job.c). */
#include "config.h"

#include "okap-error.h"
#include "okap-sealed-crypto.h"
#include "okap-vault-change.h"

static OkapVaultEntry *
find_entry (OkapVault *self, const char *id)
{
  OkapVaultContents *contents = okap_vault_get_contents (self);

  return contents != NULL ? okap_vault_body_find (contents->body, id) : NULL;
}

/** okap_vault_find_key: (transfer none) (nullable): NULL also if the vault is locked */
OkapKeyInfo *
okap_vault_find_key (OkapVault *self, const char *id)
{
  OkapVaultEntry *entry = find_entry (self, id);

  return entry != NULL ? entry->info : NULL;
}

static gboolean
check_unlocked (OkapVault *self, GError **error)
{
  if (okap_vault_get_contents (self) != NULL)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                       "The vault is locked. Unlock it first");
  return FALSE;
}

/**
 * okap_vault_dup_key:
 * @error: %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_NOT_FOUND
 *
 * Returns: (transfer full) (nullable): the provider key itself; drop it at "locked"
 */
OkapSecret *
okap_vault_dup_key (OkapVault *self, const char *id, GError **error)
{
  OkapVaultEntry *entry;

  if (!check_unlocked (self, error))
    return NULL;
  entry = find_entry (self, id);
  if (entry == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                           "There is no key of that name in the vault");
      return NULL;
    }
  return okap_secret_ref (entry->secret);
}

/** okap_vault_dup_other_key: (transfer full) (nullable): of an open replacement, the key that is
 * not in use; drop it at "locked" */
OkapSecret *
okap_vault_dup_other_key (OkapVault *self, const char *id)
{
  OkapVaultEntry *entry = find_entry (self, id);

  return entry != NULL && entry->other != NULL ? okap_secret_ref (entry->other) : NULL;
}

/**
 * okap_vault_derive:
 * @error: %OKAP_ERROR_VAULT_LOCKED
 *
 * Returns: (transfer full) (nullable): 32 bytes, the same for each @purpose as long as the vault
 *   lives; drop them at "locked"
 */
OkapSecret *
okap_vault_derive (OkapVault *self, OkapDerivedKey purpose, GError **error)
{
  static const char *const contexts[] = { "okap-tok", "okap-pol", "okap-aud" };

  OkapVaultContents *contents;

  g_return_val_if_fail ((guint) purpose < G_N_ELEMENTS (contexts), NULL);

  if (!check_unlocked (self, error))
    return NULL;
  contents = okap_vault_get_contents (self);
  return okap_sealed_derive (contents->body->root != NULL ? contents->body->root
                                                          : contents->vault_key, contexts[purpose]);
}
