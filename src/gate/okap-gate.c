/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate: who may pass, decided in memory.
 *
 * Safe from any thread. One lock guards everything; under it there is no I/O, no callback, and no
 * allocation but for the rings of rates. The broker (main thread) puts grants and credentials in
 * while the vault is unlocked and takes all of them out when it locks; the proxy asks twice a
 * request: okap_gate_identify() when it has read the head, so that nobody without a token makes
 * us buffer a body, and okap_gate_admit() when it knows endpoint and model. The second checks the
 * grant's state again and counts, in one step, so that limits hold under any concurrency.
 *
 * Ended grants stay, so that their tokens are answered with what became of them. */
#include "config.h"

#include "okap-gate.h"

#include <string.h>

#include "okap-access-private.h"
#include "okap-gate-private.h"

static guint
hash_token_hash (gconstpointer key)
{
  guint value;

  memcpy (&value, key, sizeof value);  /* a keyed hash is as random as a hash gets */
  return value;
}

static gboolean
equal_token_hash (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, OKAP_TOKEN_HASH_BYTES) == 0;
}

static void
entry_clear_doors (OkapGateEntry *entry)
{
  for (guint i = 0; i < entry->n_doors; i++)
    {
      okap_scope_unref (entry->doors[i].scope);
      g_clear_pointer (&entry->doors[i].access, okap_access_unref);
      okap_rate_clear (&entry->doors[i].rate);
    }
  g_clear_pointer (&entry->doors, g_free);
  entry->n_doors = 0;
}

static void
entry_free (OkapGateEntry *entry)
{
  entry_clear_doors (entry);
  okap_grant_unref (entry->grant);
  g_time_zone_unref (entry->zone);
  g_free (entry);
}

static GTimeZone *
load_zone (const char *name)
{
  GTimeZone *zone = name != NULL && *name != '\0' ? g_time_zone_new_identifier (name) : NULL;

  return zone != NULL ? zone : g_time_zone_new_local ();
}

OkapDoor *
okap_gate_entry_find_door (OkapGateEntry *entry, const char *provider)
{
  for (guint i = 0; i < entry->n_doors; i++)
    if (strcmp (entry->doors[i].scope->provider, provider) == 0)
      return &entry->doors[i];
  return NULL;
}

/* A new version of a grant keeps what was counted for the old one. */
static void
entry_set_grant (OkapGateEntry *entry, OkapGrant *grant)
{
  OkapGateEntry old = *entry;

  entry->grant = okap_grant_ref (grant);
  entry->zone = load_zone (grant->zone);
  entry->n_doors = grant->scopes->len;
  entry->doors = g_new0 (OkapDoor, entry->n_doors);
  for (guint i = 0; i < entry->n_doors; i++)
    {
      OkapDoor *door = &entry->doors[i];
      OkapDoor *before;

      door->scope = okap_scope_ref (g_ptr_array_index (grant->scopes, i));
      before = okap_gate_entry_find_door (&old, door->scope->provider);
      if (before != NULL)
        {
          door->rate = before->rate;
          before->rate = (OkapRate) { 0 };
        }
    }

  if (old.grant != NULL)
    {
      entry_clear_doors (&old);
      okap_grant_unref (old.grant);
      g_time_zone_unref (old.zone);
    }
}

static GHashTable *
new_entries (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) entry_free);
}

/**
 * okap_gate_new:
 * @clock: outlives the gate
 *
 * Returns: (transfer full): an empty gate, locked
 */
OkapGate *
okap_gate_new (OkapClock *clock)
{
  OkapGate *gate = g_new0 (OkapGate, 1);

  g_mutex_init (&gate->lock);
  gate->clock = clock;
  gate->by_id = new_entries ();
  gate->by_token = g_hash_table_new (hash_token_hash, equal_token_hash);
  gate->credentials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) okap_credential_unref);
  return gate;
}

/** okap_gate_free: when no other thread uses it any more */
void
okap_gate_free (OkapGate *gate)
{
  g_hash_table_unref (gate->by_token);
  g_hash_table_unref (gate->by_id);
  g_hash_table_unref (gate->credentials);
  g_clear_pointer (&gate->token_key, okap_secret_unref);
  g_mutex_clear (&gate->lock);
  g_free (gate);
}

/** okap_gate_set_cut_func: before other threads use the gate */
void
okap_gate_set_cut_func (OkapGate *gate, OkapGateCutFunc func, gpointer user_data)
{
  gate->cut = func;
  gate->cut_data = user_data;
}

/** okap_gate_set_settled_func: before other threads use the gate */
void
okap_gate_set_settled_func (OkapGate *gate, OkapGateSettledFunc func, gpointer user_data)
{
  gate->settled = func;
  gate->settled_data = user_data;
}

/** okap_gate_set_alert_func: before other threads use the gate */
void
okap_gate_set_alert_func (OkapGate *gate, OkapGateAlertFunc func, gpointer user_data)
{
  gate->alert = func;
  gate->alert_data = user_data;
}

/** okap_gate_unlock: from now on tokens are looked up, under this key */
void
okap_gate_unlock (OkapGate *gate, OkapSecret *token_key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  g_clear_pointer (&gate->token_key, okap_secret_unref);
  gate->token_key = okap_secret_ref (token_key);
}

/** okap_gate_lock: forgets all keys, grants and counts, and cuts what runs: it holds keys, too */
void
okap_gate_lock (OkapGate *gate)
{
  g_autoptr (GHashTable) ended = NULL;
  GHashTableIter iter;
  gpointer id;

  g_mutex_lock (&gate->lock);
  g_clear_pointer (&gate->token_key, okap_secret_unref);
  g_hash_table_remove_all (gate->by_token);
  ended = g_steal_pointer (&gate->by_id);
  gate->by_id = new_entries ();
  g_hash_table_remove_all (gate->credentials);
  g_mutex_unlock (&gate->lock);

  g_hash_table_iter_init (&iter, ended);
  while (gate->cut != NULL && g_hash_table_iter_next (&iter, &id, NULL))
    gate->cut (id, OKAP_ERROR_VAULT_LOCKED, gate->cut_data);
}

static void
forget_accesses (OkapGate *gate)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, gate->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    for (guint i = 0; i < ((OkapGateEntry *) value)->n_doors; i++)
      g_clear_pointer (&((OkapGateEntry *) value)->doors[i].access, okap_access_unref);
}

/** okap_gate_put_credential: adds it, or replaces the one with the same key id */
void
okap_gate_put_credential (OkapGate *gate, OkapCredential *credential)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  g_hash_table_replace (gate->credentials, g_strdup (credential->key_id),
                        okap_credential_ref (credential));
  forget_accesses (gate);
}

void
okap_gate_remove_credential (OkapGate *gate, const char *key_id)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  g_hash_table_remove (gate->credentials, key_id);
  forget_accesses (gate);
}

static gboolean
cut_reason (const OkapGrant *grant, gint64 now_us, OkapError *out_why)
{
  if (grant->state == OKAP_GRANT_REVOKED)
    *out_why = OKAP_ERROR_TOKEN_REVOKED;
  else if (now_us >= grant->expires_us)
    *out_why = OKAP_ERROR_TOKEN_EXPIRED;
  else if (grant->state == OKAP_GRANT_PAUSED)
    *out_why = OKAP_ERROR_TOKEN_PAUSED;
  else
    return FALSE;
  return TRUE;
}

/**
 * okap_gate_put_grant:
 *
 * Adds a grant, or its next version. If it is not active any more, what runs under it is cut:
 * call it again with the same version when a grant's time is over.
 */
void
okap_gate_put_grant (OkapGate *gate, OkapGrant *grant,
                     const guint8 token_hash[OKAP_TOKEN_HASH_BYTES])
{
  OkapError why;

  g_mutex_lock (&gate->lock);
  {
    OkapGateEntry *entry = g_hash_table_lookup (gate->by_id, grant->id);

    if (entry == NULL)
      {
        entry = g_new0 (OkapGateEntry, 1);
        g_hash_table_insert (gate->by_id, g_strdup (grant->id), entry);
      }
    else
      g_hash_table_remove (gate->by_token, entry->token_hash);
    memcpy (entry->token_hash, token_hash, OKAP_TOKEN_HASH_BYTES);
    entry_set_grant (entry, grant);
    g_hash_table_insert (gate->by_token, entry->token_hash, entry);
  }
  g_mutex_unlock (&gate->lock);

  if (gate->cut != NULL && cut_reason (grant, okap_clock_get_now (gate->clock), &why))
    gate->cut (grant->id, why, gate->cut_data);
}

/** okap_gate_remove_grant: as if it had never been, and cuts what runs under it */
void
okap_gate_remove_grant (OkapGate *gate, const char *grant_id)
{
  OkapGateEntry *entry;

  g_mutex_lock (&gate->lock);
  entry = g_hash_table_lookup (gate->by_id, grant_id);
  if (entry != NULL)
    {
      g_hash_table_remove (gate->by_token, entry->token_hash);
      g_hash_table_remove (gate->by_id, grant_id);
    }
  g_mutex_unlock (&gate->lock);

  if (gate->cut != NULL)
    gate->cut (grant_id, OKAP_ERROR_TOKEN_REVOKED, gate->cut_data);
}

/** okap_gate_restore_count: what was used today before Okap was started again */
void
okap_gate_restore_count (OkapGate *gate, const char *grant_id, const char *provider,
                         gint64 requests_today)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  OkapGateEntry *entry = g_hash_table_lookup (gate->by_id, grant_id);
  OkapDoor *door = entry != NULL ? okap_gate_entry_find_door (entry, provider) : NULL;

  if (door == NULL)
    return;
  (void) okap_rate_count_day (&door->rate, okap_clock_get_now (gate->clock), entry->zone);
  door->rate.today += requests_today;
}

gboolean
okap_gate_check_state (const OkapGrant *grant, gint64 now_us, GError **error)
{
  g_autofree char *ended = NULL;
  OkapError why;

  if (!cut_reason (grant, now_us, &why))
    return TRUE;

  switch ((int) why)
    {
    case OKAP_ERROR_TOKEN_REVOKED:
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED,
                   "The access of “%s” was revoked. Ask for access again.",
                   okap_grant_get_title (grant));
      break;
    case OKAP_ERROR_TOKEN_EXPIRED:
      ended = okap_time_format_iso (grant->expires_us);
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_EXPIRED,
                   "The access of “%s” ended at %s. Ask for access again.",
                   okap_grant_get_title (grant), ended);
      break;
    default:
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_PAUSED,
                   "The access of “%s” is paused. It can be resumed in Okap.",
                   okap_grant_get_title (grant));
      break;
    }
  return FALSE;
}

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

/**
 * okap_gate_lookup_grant:
 * @token: the credential as an app sent it
 * @error: %OKAP_ERROR_INVALID_TOKEN, %OKAP_ERROR_VAULT_LOCKED
 *
 * Returns: (transfer full) (nullable): the grant, in whatever state it is
 */
OkapGrant *
okap_gate_lookup_grant (OkapGate *gate, const char *token, gsize length, GError **error)
{
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  g_autoptr (GMutexLocker) locker = NULL;
  OkapGateEntry *entry;

  if (!hash_credential (gate, token, length, hash, error))
    return NULL;
  locker = g_mutex_locker_new (&gate->lock);
  entry = find_entry (gate, hash, error);
  return entry != NULL ? okap_grant_ref (entry->grant) : NULL;
}

/* With the lock held. */
static OkapAccess *
dup_access (OkapGate *gate, OkapGateEntry *entry, const char *provider, GError **error)
{
  OkapDoor *door = okap_gate_entry_find_door (entry, provider);
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
 * @error: %OKAP_ERROR_INVALID_TOKEN, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_TOKEN_REVOKED,
 *   %OKAP_ERROR_TOKEN_EXPIRED, %OKAP_ERROR_TOKEN_PAUSED, %OKAP_ERROR_PROVIDER_NOT_ALLOWED
 *
 * Returns: (transfer full) (nullable): what the token opens there
 */
OkapAccess *
okap_gate_identify (OkapGate *gate, const char *token, gsize length, const char *provider,
                    GError **error)
{
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  g_autoptr (GMutexLocker) locker = NULL;
  OkapGateEntry *entry;

  if (!hash_credential (gate, token, length, hash, error))
    return NULL;
  locker = g_mutex_locker_new (&gate->lock);
  entry = find_entry (gate, hash, error);
  if (entry == NULL
      || !okap_gate_check_state (entry->grant, okap_clock_get_now (gate->clock), error))
    return NULL;
  return dup_access (gate, entry, provider, error);
}
