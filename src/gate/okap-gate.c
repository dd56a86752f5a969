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
#include "okap-rate.h"

typedef struct
{
  OkapScope *scope;      /* (owned) */
  OkapAccess *access;    /* (owned) (nullable) made when first asked for */
  OkapRate rate;
} Door;

typedef struct
{
  OkapGrant *grant;      /* (owned) */
  guint8 token_hash[OKAP_TOKEN_HASH_BYTES];
  GTimeZone *zone;       /* (owned) */
  Door *doors;           /* (owned) one per scope of the grant */
  guint n_doors;
} Entry;

struct _OkapGate
{
  GMutex lock;
  OkapClock *clock;              /* (unowned) (immutable) */

  OkapSecret *token_key;         /* (owned) (nullable) (locked by lock) NULL while locked */
  GHashTable *by_id;             /* (owned) (locked by lock) id → Entry, which it owns */
  GHashTable *by_token;          /* (owned) (locked by lock) token_hash → Entry */
  GHashTable *credentials;       /* (owned) (locked by lock) key id → OkapCredential */

  OkapGateCutFunc cut;           /* (immutable) once set */
  gpointer cut_data;
  OkapGateSettledFunc settled;   /* (immutable) once set */
  gpointer settled_data;
};

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
entry_clear_doors (Entry *entry)
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
entry_free (Entry *entry)
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

static Door *
entry_find_door (Entry *entry, const char *provider)
{
  for (guint i = 0; i < entry->n_doors; i++)
    if (strcmp (entry->doors[i].scope->provider, provider) == 0)
      return &entry->doors[i];
  return NULL;
}

/* A new version of a grant keeps what was counted for the old one. */
static void
entry_set_grant (Entry *entry, OkapGrant *grant)
{
  Entry old = *entry;

  entry->grant = okap_grant_ref (grant);
  entry->zone = load_zone (grant->zone);
  entry->n_doors = grant->scopes->len;
  entry->doors = g_new0 (Door, entry->n_doors);
  for (guint i = 0; i < entry->n_doors; i++)
    {
      Door *door = &entry->doors[i];
      Door *before;

      door->scope = okap_scope_ref (g_ptr_array_index (grant->scopes, i));
      before = entry_find_door (&old, door->scope->provider);
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
    for (guint i = 0; i < ((Entry *) value)->n_doors; i++)
      g_clear_pointer (&((Entry *) value)->doors[i].access, okap_access_unref);
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
    Entry *entry = g_hash_table_lookup (gate->by_id, grant->id);

    if (entry == NULL)
      {
        entry = g_new0 (Entry, 1);
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
  Entry *entry;

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
  Entry *entry = g_hash_table_lookup (gate->by_id, grant_id);
  Door *door = entry != NULL ? entry_find_door (entry, provider) : NULL;

  if (door == NULL)
    return;
  (void) okap_rate_count_day (&door->rate, okap_clock_get_now (gate->clock), entry->zone);
  door->rate.today += requests_today;
}

static gboolean
check_state (const OkapGrant *grant, gint64 now_us, GError **error)
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
static Entry *
find_entry (OkapGate *gate, const guint8 *token_hash, GError **error)
{
  Entry *entry = g_hash_table_lookup (gate->by_token, token_hash);

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
  Entry *entry;

  if (!hash_credential (gate, token, length, hash, error))
    return NULL;
  locker = g_mutex_locker_new (&gate->lock);
  entry = find_entry (gate, hash, error);
  return entry != NULL ? okap_grant_ref (entry->grant) : NULL;
}

/* With the lock held. */
static OkapAccess *
dup_access (OkapGate *gate, Entry *entry, const char *provider, GError **error)
{
  Door *door = entry_find_door (entry, provider);
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
  Entry *entry;

  if (!hash_credential (gate, token, length, hash, error))
    return NULL;
  locker = g_mutex_locker_new (&gate->lock);
  entry = find_entry (gate, hash, error);
  if (entry == NULL || !check_state (entry->grant, okap_clock_get_now (gate->clock), error))
    return NULL;
  return dup_access (gate, entry, provider, error);
}

static gboolean
check_scope (const OkapGrant *grant, const OkapScope *scope, const OkapAdmission *admission,
             GError **error)
{
  g_autofree char *models = NULL;

  if (admission->capability != OKAP_CAPABILITY_NONE
      && (okap_capability_usable (scope->capabilities) & admission->capability) == 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CAPABILITY_NOT_ALLOWED,
                   "“%s” may not use %s at %s.", okap_grant_get_title (grant),
                   okap_capability_get_name (admission->capability), scope->provider);
      return FALSE;
    }
  if (admission->model != NULL && !okap_scope_allows_model (scope, admission->model))
    {
      models = g_strjoinv (", ", scope->models);
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_MODEL_NOT_ALLOWED,
                   "“%s” may not use the model “%.64s” at %s, only: %s.",
                   okap_grant_get_title (grant), admission->model, scope->provider, models);
      return FALSE;
    }
  return TRUE;
}

/* With the lock held: checks both limits before it counts for either. */
static gboolean
take_from_rates (OkapGate *gate, Entry *entry, Door *door, gint64 now_us,
                 guint *out_retry_after_s, GError **error)
{
  const OkapLimits *limits = &door->scope->limits;
  gint64 monotonic_us = okap_clock_get_monotonic (gate->clock);
  gint64 minute = okap_rate_count_minute (&door->rate, monotonic_us);
  gint64 day = okap_rate_count_day (&door->rate, now_us, entry->zone);

  if (okap_limits_has (limits, OKAP_LIMIT_REQUESTS_PER_MINUTE)
      && minute >= limits->value[OKAP_LIMIT_REQUESTS_PER_MINUTE])
    {
      *out_retry_after_s = okap_rate_minute_wait (&door->rate, monotonic_us);
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_RATE_LIMITED,
                   "requests_per_minute at %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                   " used. Try again in %u seconds.", door->scope->provider, minute,
                   limits->value[OKAP_LIMIT_REQUESTS_PER_MINUTE], *out_retry_after_s);
      return FALSE;
    }
  if (okap_limits_has (limits, OKAP_LIMIT_REQUESTS_PER_DAY)
      && day >= limits->value[OKAP_LIMIT_REQUESTS_PER_DAY])
    {
      g_autofree char *reset = okap_time_format_iso (door->rate.day_end_us);

      *out_retry_after_s = (guint) ((door->rate.day_end_us - now_us) / OKAP_SECOND_US) + 1;
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_RATE_LIMITED,
                   "requests_per_day at %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                   " used. The next day begins at %s.", door->scope->provider, day,
                   limits->value[OKAP_LIMIT_REQUESTS_PER_DAY], reset);
      return FALSE;
    }
  okap_rate_add (&door->rate, monotonic_us);
  return TRUE;
}

/**
 * okap_gate_admit:
 * @access: from okap_gate_identify() for the same request
 * @out_retry_after_s: (out): with %OKAP_ERROR_RATE_LIMITED, seconds until it may succeed; else 0
 * @error: as okap_gate_identify(), and %OKAP_ERROR_CAPABILITY_NOT_ALLOWED,
 *   %OKAP_ERROR_MODEL_NOT_ALLOWED, %OKAP_ERROR_RATE_LIMITED
 *
 * Decides and counts in one step. What was revoked since okap_gate_identify() does not pass.
 */
gboolean
okap_gate_admit (OkapGate *gate, OkapAccess *access, const OkapAdmission *admission,
                 guint *out_retry_after_s, GError **error)
{
  gint64 now_us = okap_clock_get_now (gate->clock);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  Entry *entry = g_hash_table_lookup (gate->by_id, access->grant->id);
  Door *door = entry != NULL ? entry_find_door (entry, access->scope->provider) : NULL;

  *out_retry_after_s = 0;
  if (door == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR,
                           gate->token_key != NULL ? OKAP_ERROR_TOKEN_REVOKED
                                                   : OKAP_ERROR_VAULT_LOCKED,
                           gate->token_key != NULL
                           ? "This access was withdrawn while the request came in."
                           : "The vault was locked while the request came in.");
      return FALSE;
    }
  return check_state (entry->grant, now_us, error)
         && check_scope (entry->grant, door->scope, admission, error)
         && (!admission->counted
             || take_from_rates (gate, entry, door, now_us, out_retry_after_s, error));
}

/**
 * okap_gate_settle:
 * @usage: (transfer none): what one admitted request came to; called once for each
 */
void
okap_gate_settle (OkapGate *gate, OkapUsage *usage)
{
  if (gate->settled != NULL)
    gate->settled (usage, gate->settled_data);
}
