/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose token is it, and what does it open: the gate's first question about a request, asked when
 * its head is read. The token is hashed without the lock. */
#include "config.h"

#include "okap-access-private.h"
#include "okap-gate-private.h"

/* Returns the key that tokens are hashed with, or NULL with an error if the vault is locked. */
static OkapSecret *
dup_token_key (OkapGate *gate, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  if (gate->token_key != NULL)
    return okap_secret_ref (gate->token_key);
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                       "The vault is locked. Unlock it in Okap, then try again.");
  return NULL;
}

static gboolean
hash_credential (OkapGate *gate, const char *text, gsize length,
                 guint8 out_hash[OKAP_TOKEN_HASH_BYTES], GError **error)
{
  g_autoptr (OkapSecret) key = NULL;
  char token[OKAP_TOKEN_LENGTH];

  if (!okap_token_parse (text, length, token))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_TOKEN,
                           "Expected an Okap token (okap_…). What came is none of this vault's "
                           "and was not forwarded; a provider's own key does not belong here.");
      return FALSE;
    }
  key = dup_token_key (gate, error);
  if (key != NULL)
    okap_token_hash (token, key, out_hash);
  okap_wipe (token, sizeof token);
  return key != NULL;
}

/* With the lock held. */
static OkapGateEntry *
find_entry (OkapGate *gate, const guint8 *token_hash, GError **error)
{
  OkapGateEntry *entry = g_hash_table_lookup (gate->by_token, token_hash);

  if (entry == NULL)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_TOKEN,
                         "This token is not one of this vault. Ask for access again.");
  return entry;
}

/* Whether the program may use the grant's token. Without the lock. */
static gboolean
check_program (OkapGate *gate, OkapGrant *grant, OkapCaller *caller, GError **error)
{
  g_autofree char *seen = NULL;

  if (caller == NULL || okap_grant_admits (grant, caller->identity))
    return TRUE;
  seen = okap_caller_dup_words (caller);
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM,
               "This token was given to “%s” and is used by another program: %s. The user was "
               "told. A program that needs access asks for it itself.",
               okap_grant_get_title (grant), seen);
  if (gate->misuse != NULL)
    gate->misuse (grant, caller, gate->misuse_data);
  return FALSE;
}

/**
 * okap_gate_lookup_grant:
 * @token: the credential as an app sent it
 * @caller: (nullable): who sent it; NULL for what was admitted before
 * @error: %OKAP_ERROR_INVALID_TOKEN, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_WRONG_PROGRAM
 *
 * Returns: (transfer full) (nullable): the grant, in whatever state it is
 */
OkapGrant *
okap_gate_lookup_grant (OkapGate *gate, const char *token, gsize length, OkapCaller *caller,
                        GError **error)
{
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  g_autoptr (OkapGrant) grant = NULL;
  OkapGateEntry *entry;

  if (!hash_credential (gate, token, length, hash, error))
    return NULL;
  g_mutex_lock (&gate->lock);
  entry = find_entry (gate, hash, error);
  if (entry != NULL)
    grant = okap_grant_ref (entry->grant);
  g_mutex_unlock (&gate->lock);
  return grant != NULL && check_program (gate, grant, caller, error) ? g_steal_pointer (&grant)
                                                                     : NULL;
}

/* With the lock held. */
static OkapAccess *
dup_access (OkapGate *gate, OkapGateEntry *entry, const char *provider, GError **error)
{
  OkapGateDoor *door = okap_gate_entry_find_door (entry, provider);
  OkapCredential *credential;

  if (door == NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_PROVIDER_NOT_ALLOWED,
                   "“%s” has no access to the provider “%s”.",
                   okap_grant_get_title (entry->grant), provider);
      return NULL;
    }
  if (door->access == NULL)
    {
      credential = door->scope->key_id != NULL
                   ? g_hash_table_lookup (gate->credentials, door->scope->key_id) : NULL;
      if (credential == NULL)
        {
          g_set_error (error, OKAP_ERROR, OKAP_ERROR_PROVIDER_NOT_ALLOWED,
                       "The %s key that “%s” used is no longer in the vault. "
                       "Add a key in Okap and ask for access again.",
                       provider, okap_grant_get_title (entry->grant));
          return NULL;
        }
      door->access = okap_access_new (entry->grant, door->scope, credential);
    }
  return okap_access_ref (door->access);
}

/**
 * okap_gate_identify:
 * @token: (array length=length): the credential as an app sent it
 * @provider: id of the provider in the request's path
 * @caller: (nullable): who sent it; NULL for what was admitted before
 * @error: %OKAP_ERROR_INVALID_TOKEN, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_TOKEN_REVOKED,
 *   %OKAP_ERROR_TOKEN_EXPIRED, %OKAP_ERROR_TOKEN_PAUSED, %OKAP_ERROR_PROVIDER_NOT_ALLOWED,
 *   %OKAP_ERROR_WRONG_PROGRAM
 *
 * Returns: (transfer full) (nullable): what the token opens there
 */
OkapAccess *
okap_gate_identify (OkapGate *gate, const char *token, gsize length, const char *provider,
                    OkapCaller *caller, GError **error)
{
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  g_autoptr (OkapAccess) access = NULL;
  g_autoptr (OkapGrant) grant = NULL;
  GError *not_open = NULL;
  OkapGateEntry *entry;

  if (!hash_credential (gate, token, length, hash, error))
    return NULL;
  g_mutex_lock (&gate->lock);
  entry = find_entry (gate, hash, error);
  if (entry != NULL
      && okap_gate_check_state (gate, entry->grant, okap_clock_get_now (gate->clock), error))
    {
      access = dup_access (gate, entry, provider, &not_open);
      grant = okap_grant_ref (entry->grant);
    }
  g_mutex_unlock (&gate->lock);
  if (grant == NULL)
    return NULL;
  if (!check_program (gate, grant, caller, error))
    {
      g_clear_error (&not_open);  /* which is nothing for another program to know */
      return NULL;
    }
  if (access == NULL)
    g_propagate_error (error, not_open);
  return g_steal_pointer (&access);
}

/**
 * okap_gate_dup_access:
 * @provider: id
 *
 * For what goes on after its request, whatever became of the grant since.
 *
 * Returns: (transfer full) (nullable): what the grant opened there; NULL while the vault is locked,
 *   and when the grant or its key is gone
 */
OkapAccess *
okap_gate_dup_access (OkapGate *gate, const char *grant_id, const char *provider)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  OkapGateEntry *entry = g_hash_table_lookup (gate->by_id, grant_id);

  return entry != NULL ? dup_access (gate, entry, provider, NULL) : NULL;
}
