/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the gate's credentials in step with the vault's keys, and chooses among them. Main thread.
 *
 * While the vault is open the gate has each key with the provider it is for, and one credential
 * without a key for each provider that needs none. When the vault locks, the book empties the gate.
 * What a person adds or removes is recorded; keys that come and go with the lock are not. */
#include "config.h"

#include "okap-credentials.h"

#include "okap-audit.h"
#include "okap-error.h"

#define BUILTIN_KEY_PREFIX "builtin:"  /* key ids of providers that need none */

struct _OkapCredentials
{
  OkapVault *vault;   /* (owned) */
  OkapStore *store;   /* (owned) */
  OkapGate *gate;     /* (unowned) */
  OkapClock *clock;   /* (unowned) */
  GHashTable *keys;   /* (owned) id → OkapKeyInfo, of the keys that the gate has */
  gboolean was_open;
};

static char *
dup_builtin_key_id (const char *provider_id)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup (provider_id);

  return provider != NULL && !okap_provider_needs_key (provider)
         ? g_strconcat (BUILTIN_KEY_PREFIX, provider_id, NULL) : NULL;
}

/**
 * okap_credentials_choose:
 * @error: %OKAP_ERROR_NO_KEY
 *
 * Returns: (transfer full) (nullable): the id of the key that @scope is to use: the chosen one,
 *   else the first, else the built-in
 */
char *
okap_credentials_choose (OkapCredentials *self, const OkapScope *scope, GError **error)
{
  GListModel *keys = okap_vault_get_keys (self->vault);
  g_autofree char *builtin = dup_builtin_key_id (scope->provider);

  if (builtin != NULL && g_strcmp0 (scope->key_id, builtin) == 0)
    return g_steal_pointer (&builtin);
  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (keys, i);

      if (g_str_equal (okap_key_info_get_provider (key), scope->provider)
          && (scope->key_id == NULL || g_str_equal (okap_key_info_get_id (key), scope->key_id)))
        return g_strdup (okap_key_info_get_id (key));
    }
  if (builtin != NULL && scope->key_id == NULL)
    return g_steal_pointer (&builtin);
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_NO_KEY,
               "no key for %s: add one in Okap, or with okap keys add %s", scope->provider,
               scope->provider);
  return NULL;
}

static gboolean
is_watched (OkapKeyInfo *key)
{
  const OkapRotation *rotation = okap_key_info_get_rotation (key);

  return rotation != NULL && rotation->state == OKAP_ROTATION_WATCHING;
}

/* The provider that a key is for: a built-in one, else the user's own at the key's address. */
static OkapProvider *
dup_provider (OkapKeyInfo *key, GError **error)
{
  const char *id = okap_key_info_get_provider (key);
  const char *base_url = okap_key_info_get_base_url (key);
  OkapProvider *provider = okap_provider_lookup (id);

  if (provider == NULL && base_url != NULL)
    provider = okap_provider_new_compatible (id, base_url);
  if (provider == NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                 "The provider “%s” is not known, and its key has no base URL.", id);
  return provider;
}

static OkapCredential *
new_credential (OkapKeyInfo *key, OkapSecret *secret, guint version, GError **error)
{
  g_autoptr (OkapProvider) provider = NULL;
  OkapCredential *credential;
  const char *base_url;

  provider = dup_provider (key, error);
  if (provider == NULL)
    return NULL;
  base_url = okap_key_info_get_base_url (key);
  if (base_url == NULL)
    base_url = okap_provider_get_base_url (provider);
  if (*base_url == '\0')
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                   "A key for %s needs the address of your own resource as its base URL.",
                   okap_provider_get_name (provider));
      return NULL;
    }
  credential = okap_credential_new (okap_key_info_get_id (key), provider, base_url,
                                    okap_secret_get_length (secret) > 0 ? secret : NULL);
  credential->version = version;
  return credential;
}

/**
 * okap_credentials_dup:
 * @error: %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_NOT_FOUND
 *
 * Returns: (transfer full) (nullable): the key with where it is used
 */
OkapCredential *
okap_credentials_dup (OkapCredentials *self, const char *key_id, GError **error)
{
  OkapKeyInfo *key = okap_vault_find_key (self->vault, key_id);
  g_autoptr (OkapSecret) secret = okap_vault_dup_key (self->vault, key_id, error);
  OkapCredential *credential;

  if (key == NULL || secret == NULL)
    return NULL;
  credential = new_credential (key, secret, okap_key_info_get_version (key), error);
  if (credential != NULL && is_watched (key))
    credential->previous = okap_credentials_dup_other (self, key_id, NULL);
  return credential;
}

/**
 * okap_credentials_dup_other:
 * @error: %OKAP_ERROR_NOT_FOUND
 *
 * Returns: (transfer full) (nullable): of a key that is being replaced, the version that is not in
 *   use: the new one while it is tested, the old one while the new one is watched
 */
OkapCredential *
okap_credentials_dup_other (OkapCredentials *self, const char *key_id, GError **error)
{
  OkapKeyInfo *key = okap_vault_find_key (self->vault, key_id);
  const OkapRotation *rotation = key != NULL ? okap_key_info_get_rotation (key) : NULL;
  g_autoptr (OkapSecret) secret = okap_vault_dup_other_key (self->vault, key_id);

  if (rotation == NULL || secret == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                           "This key is not being replaced, or the vault is locked");
      return NULL;
    }
  return new_credential (key, secret, is_watched (key) ? rotation->old_version
                                                       : rotation->new_version, error);
}

static void
put_key (OkapCredentials *self, OkapKeyInfo *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapCredential) credential = NULL;

  credential = okap_credentials_dup (self, okap_key_info_get_id (key), &error);
  if (credential != NULL)
    okap_gate_put_credential (self->gate, credential);
  else
    g_message ("A key cannot be used: %s", error->message);
}

static void
put_builtin_keys (OkapCredentials *self)
{
  g_autoptr (GPtrArray) providers = okap_provider_list ();

  for (guint i = 0; i < providers->len; i++)
    {
      OkapProvider *provider = g_ptr_array_index (providers, i);
      g_autofree char *key_id = dup_builtin_key_id (okap_provider_get_id (provider));
      g_autoptr (OkapCredential) credential = NULL;

      if (key_id == NULL)
        continue;
      credential = okap_credential_new (key_id, provider, okap_provider_get_base_url (provider),
                                        NULL);
      okap_gate_put_credential (self->gate, credential);
    }
}

static GHashTable *
new_key_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

static void
record_key (OkapCredentials *self, OkapKeyInfo *key, gboolean added)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_key (okap_clock_get_now (self->clock), key, added);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

/* A key is one step further in its replacement. */
static void
step_key (OkapCredentials *self, OkapKeyInfo *old, OkapKeyInfo *key, gboolean by_person)
{
  g_autoptr (OkapAuditEntry) entry = NULL;

  if (okap_key_info_get_version (old) != okap_key_info_get_version (key)
      || is_watched (old) != is_watched (key))
    put_key (self, key);
  if (by_person)
    entry = okap_audit_key_replaced (okap_clock_get_now (self->clock), key);
  if (entry != NULL)
    okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

/* The vault's keys changed, or all of them came or went: bring the gate into step, and record
 * what a person did. */
static void
keys_changed_cb (GListModel *list, guint position, guint removed, guint added,
                 OkapCredentials *self)
{
  g_autoptr (GHashTable) old = g_steal_pointer (&self->keys);
  gboolean by_person = self->was_open
                       && okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;
  GHashTableIter iter;
  gpointer id, gone;

  self->keys = new_key_table ();
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (list, i);

      OkapKeyInfo *before = g_hash_table_lookup (old, okap_key_info_get_id (key));

      if (before == NULL)
        {
          put_key (self, key);
          if (by_person)
            record_key (self, key, TRUE);
        }
      else if (before != key)
        step_key (self, before, key, by_person);
      g_hash_table_remove (old, okap_key_info_get_id (key));
      g_hash_table_insert (self->keys, g_strdup (okap_key_info_get_id (key)), g_object_ref (key));
    }
  g_hash_table_iter_init (&iter, old);
  while (g_hash_table_iter_next (&iter, &id, &gone))
    {
      okap_gate_remove_credential (self->gate, id);
      if (by_person)
        record_key (self, gone, FALSE);
    }
}

static void
vault_changed_cb (OkapCredentials *self)
{
  gboolean is_open = okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;

  if (is_open && !self->was_open)
    put_builtin_keys (self);
  self->was_open = is_open;
}

OkapCredentials *
okap_credentials_new (OkapVault *vault, OkapStore *store, OkapGate *gate, OkapClock *clock)
{
  OkapCredentials *self = g_new0 (OkapCredentials, 1);

  self->vault = g_object_ref (vault);
  self->store = g_object_ref (store);
  self->gate = gate;
  self->clock = clock;
  self->keys = new_key_table ();
  g_signal_connect_swapped (vault, "notify::state", G_CALLBACK (vault_changed_cb), self);
  g_signal_connect (okap_vault_get_keys (vault), "items-changed", G_CALLBACK (keys_changed_cb),
                    self);
  vault_changed_cb (self);
  return self;
}

void
okap_credentials_free (OkapCredentials *self)
{
  g_signal_handlers_disconnect_by_data (self->vault, self);
  g_signal_handlers_disconnect_by_data (okap_vault_get_keys (self->vault), self);
  g_object_unref (self->vault);
  g_object_unref (self->store);
  g_hash_table_unref (self->keys);
  g_free (self);
}
