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

static GHashTable *
new_entries (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                (GDestroyNotify) okap_gate_entry_free);
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
  gate->past_leases = g_hash_table_new_full (NULL, NULL, NULL, okap_gate_past_lease_free);
  return gate;
}

/** okap_gate_free: when no other thread uses it any more */
void
okap_gate_free (OkapGate *gate)
{
  g_hash_table_unref (gate->by_token);
  g_clear_pointer (&gate->origins, g_hash_table_unref);
  g_hash_table_unref (gate->by_id);
  g_hash_table_unref (gate->credentials);
  g_hash_table_unref (gate->ledgers);
  g_hash_table_unref (gate->past_leases);
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

/** okap_gate_set_misuse_func: before other threads use the gate */
void
okap_gate_set_misuse_func (OkapGate *gate, OkapGateMisuseFunc func, gpointer user_data)
{
  gate->misuse = func;
  gate->misuse_data = user_data;
}

/** okap_gate_unlock: from now on tokens are looked up, under this key */
void
okap_gate_unlock (OkapGate *gate, OkapSecret *token_key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  g_clear_pointer (&gate->token_key, okap_secret_unref);
  gate->token_key = okap_secret_ref (token_key);
}

/** okap_gate_set_finish: whether what runs when the vault locks may finish; if not, it is cut. Main
 * thread. */
void
okap_gate_set_finish (OkapGate *gate, gboolean finish)
{
  gate->finish = finish;
}

/** okap_gate_cut_all: ends what runs, of whichever grant, because the vault locks */
void
okap_gate_cut_all (OkapGate *gate)
{
  if (gate->cut != NULL)
    gate->cut (NULL, OKAP_ERROR_VAULT_LOCKED, gate->cut_data);
}

/** okap_gate_lock: forgets all keys and grants. What runs holds its key until it ends: it is cut,
 * unless it may finish. */
void
okap_gate_lock (OkapGate *gate)
{
  g_autoptr (GHashTable) ended = NULL;

  g_mutex_lock (&gate->lock);
  g_clear_pointer (&gate->token_key, okap_secret_unref);
  g_hash_table_remove_all (gate->by_token);
  g_clear_pointer (&gate->origins, g_hash_table_unref);
  ended = g_steal_pointer (&gate->by_id);
  gate->by_id = new_entries ();
  g_hash_table_remove_all (gate->credentials);
  g_mutex_unlock (&gate->lock);

  if (!gate->finish)
    okap_gate_cut_all (gate);
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
