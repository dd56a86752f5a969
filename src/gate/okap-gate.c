/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate: who may pass, decided in memory.
 *
 * Safe from any thread. One lock guards everything; under it there is no I/O, no callback, and no
 * allocation but for the rings of rates and the calendar when a day begins. The broker (main
 * thread) puts grants and credentials in while the vault is unlocked and takes all of them out when
 * it locks; the proxy asks twice a request: okap_gate_identify() when it has read the head, so that
 * nobody without a token makes us buffer a body, and okap_gate_admit() when it knows endpoint,
 * model and worst case. The second checks the grant's state again and takes from all limits in one
 * step, so that limits hold under any concurrency. okap_gate_settle() gives back what was not used.
 *
 * Ledgers are of this process, not of an unlocked time: what was spent stays counted while the
 * vault is locked, and a request that was cut by the lock settles in the ledger that admitted it.
 * The past before this process comes with okap_gate_restore_grant(), in the same step in which the
 * grant is put in; so there is no moment at which it looks unspent.
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
    }
  g_clear_pointer (&entry->doors, g_free);
  entry->n_doors = 0;
}

static void
entry_free (OkapGateEntry *entry)
{
  entry_clear_doors (entry);
  g_clear_pointer (&entry->grant, okap_grant_unref);
  g_free (entry);
}

OkapDoor *
okap_gate_entry_find_door (OkapGateEntry *entry, const char *provider)
{
  for (guint i = 0; i < entry->n_doors; i++)
    if (strcmp (entry->doors[i].scope->provider, provider) == 0)
      return &entry->doors[i];
  return NULL;
}

static const OkapPast *
find_past (const OkapPast *pasts, guint n_pasts, const char *provider)
{
  for (guint i = 0; i < n_pasts; i++)
    if (strcmp (pasts[i].provider, provider) == 0)
      return &pasts[i];
  return NULL;
}

/* With the lock held: the one account of a scope, whichever version of the grant it is. */
static OkapLedger *
use_ledger (OkapGate *gate, const OkapGrant *grant, const OkapScope *scope, GTimeZone *zone,
            const OkapPast *past)
{
  g_autofree char *key = g_strconcat (grant->id, "/", scope->provider, NULL);
  OkapLedger *ledger = g_hash_table_lookup (gate->ledgers, key);
  gboolean is_new = ledger == NULL;
  gint64 now_us = okap_clock_get_now (gate->clock);

  if (is_new)
    {
      ledger = okap_ledger_new ();
      g_hash_table_insert (gate->ledgers, g_steal_pointer (&key), ledger);
    }
  okap_ledger_set_limits (ledger, &scope->limits, zone, now_us);
  if (is_new && past != NULL)
    okap_ledger_restore (ledger, past, now_us);
  return ledger;
}

/* With the lock held. */
static void
entry_set_grant (OkapGateEntry *entry, OkapGate *gate, OkapGrant *grant, const OkapPast *pasts,
                 guint n_pasts)
{
  g_autoptr (GTimeZone) zone = okap_grant_load_zone (grant);
  g_autoptr (OkapGrant) old = g_steal_pointer (&entry->grant);  /* may be @grant's last holder */

  entry_clear_doors (entry);
  entry->grant = okap_grant_ref (grant);
  entry->n_doors = grant->scopes->len;
  entry->doors = g_new0 (OkapDoor, entry->n_doors);
  for (guint i = 0; i < entry->n_doors; i++)
    {
      OkapDoor *door = &entry->doors[i];

      door->scope = okap_scope_ref (g_ptr_array_index (grant->scopes, i));
      door->ledger = use_ledger (gate, grant, door->scope, zone,
                                 find_past (pasts, n_pasts, door->scope->provider));
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
  gate->ledgers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) okap_ledger_free);
  return gate;
}

/** okap_gate_free: when no other thread uses it any more */
void
okap_gate_free (OkapGate *gate)
{
  g_hash_table_unref (gate->by_token);
  g_hash_table_unref (gate->by_id);
  g_hash_table_unref (gate->credentials);
  g_hash_table_unref (gate->ledgers);
  g_clear_pointer (&gate->token_key, okap_secret_unref);
  g_clear_pointer (&gate->journal, okap_journal_close);
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

/** okap_gate_lock: forgets all keys and grants, and cuts what runs: it holds keys, too */
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

static void
put_grant (OkapGate *gate, OkapGrant *grant, const guint8 token_hash[OKAP_TOKEN_HASH_BYTES],
           const OkapPast *pasts, guint n_pasts)
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
    entry_set_grant (entry, gate, grant, pasts, n_pasts);
    g_hash_table_insert (gate->by_token, entry->token_hash, entry);
  }
  g_mutex_unlock (&gate->lock);

  if (gate->cut != NULL && okap_gate_find_end (grant, okap_clock_get_now (gate->clock), &why))
    gate->cut (grant->id, why, gate->cut_data);
}

/**
 * okap_gate_put_grant:
 *
 * Adds a grant that was never used, or the next version of one that is here. Its limits hold at
 * once. If it is not active any more, what runs under it is cut: call it again with the same
 * version when a grant's time is over.
 */
void
okap_gate_put_grant (OkapGate *gate, OkapGrant *grant,
                     const guint8 token_hash[OKAP_TOKEN_HASH_BYTES])
{
  put_grant (gate, grant, token_hash, NULL, 0);
}

/**
 * okap_gate_restore_grant:
 * @pasts: (array length=n_pasts): what was used under it, for each of its scopes
 *
 * Adds a grant of an earlier time together with its past. What this process itself has counted for
 * it, before the vault was locked, is the truth, and stays.
 */
void
okap_gate_restore_grant (OkapGate *gate, OkapGrant *grant,
                         const guint8 token_hash[OKAP_TOKEN_HASH_BYTES], const OkapPast *pasts,
                         guint n_pasts)
{
  put_grant (gate, grant, token_hash, pasts, n_pasts);
}

/** okap_gate_remove_grant: its token opens nothing any more, and what runs under it is cut */
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
