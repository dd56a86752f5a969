/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grants in the gate: each with the doors of its scopes, and each door with the one ledger that
 * the scope has in this process, whichever version of the grant it is. */
#include "config.h"

#include <string.h>

#include "okap-gate-private.h"

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

void
okap_gate_entry_free (OkapGateEntry *entry)
{
  entry_clear_doors (entry);
  g_clear_pointer (&entry->grant, okap_grant_unref);
  g_free (entry);
}

OkapGateDoor *
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
      g_hash_table_insert (gate->ledgers, g_strdup (key), ledger);
    }
  okap_ledger_set_limits (ledger, &scope->limits, zone, now_us);
  okap_ledger_set_extra (ledger, &scope->extra);
  if (is_new && past != NULL)
    okap_ledger_restore (ledger, past, now_us, okap_clock_get_monotonic (gate->clock));
  if (is_new)
    okap_gate_resume_leases (gate, key, ledger);
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
  entry->doors = g_new0 (OkapGateDoor, entry->n_doors);
  for (guint i = 0; i < entry->n_doors; i++)
    {
      OkapGateDoor *door = &entry->doors[i];

      door->scope = okap_scope_ref (g_ptr_array_index (grant->scopes, i));
      door->ledger = use_ledger (gate, grant, door->scope, zone,
                                 find_past (pasts, n_pasts, door->scope->provider));
    }
}

/* With the lock held. The keys of by_token stand in the entry and in its grant, so they are taken
 * out before either changes. */
static void
forget_tokens (OkapGate *gate, OkapGateEntry *entry)
{
  g_hash_table_remove (gate->by_token, entry->token_hash);
  for (guint i = 0; i < entry->grant->tokens->len; i++)
    g_hash_table_remove (gate->by_token,
                         g_bytes_get_data (g_ptr_array_index (entry->grant->tokens, i), NULL));
}

/* With the lock held. */
static void
know_tokens (OkapGate *gate, OkapGateEntry *entry)
{
  g_hash_table_insert (gate->by_token, entry->token_hash, entry);
  for (guint i = 0; i < entry->grant->tokens->len; i++)
    g_hash_table_insert (gate->by_token,
                         (gpointer) g_bytes_get_data (g_ptr_array_index (entry->grant->tokens, i),
                                                      NULL),
                         entry);
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
      forget_tokens (gate, entry);
    memcpy (entry->token_hash, token_hash, OKAP_TOKEN_HASH_BYTES);
    entry_set_grant (entry, gate, grant, pasts, n_pasts);
    know_tokens (gate, entry);
    g_clear_pointer (&gate->origins, g_hash_table_unref);
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
      forget_tokens (gate, entry);
      g_hash_table_remove (gate->by_id, grant_id);
      g_clear_pointer (&gate->origins, g_hash_table_unref);
    }
  g_mutex_unlock (&gate->lock);

  if (gate->cut != NULL)
    gate->cut (grant_id, OKAP_ERROR_TOKEN_REVOKED, gate->cut_data);
}

/* --- websites --- */

static void
note_origin (GHashTable *origins, const OkapIdentity *identity, gint64 expires_us)
{
  const gint64 *known;

  if (identity->kind != OKAP_IDENTITY_WEBSITE || identity->origin == NULL)
    return;
  known = g_hash_table_lookup (origins, identity->origin);
  if (known == NULL || *known < expires_us)
    g_hash_table_replace (origins, g_strdup (identity->origin),
                          g_memdup2 (&expires_us, sizeof expires_us));
}

/* With the lock held: made of all grants at once, and only after one has changed. */
static GHashTable *
use_origins (OkapGate *gate)
{
  GHashTableIter iter;
  gpointer value;

  if (gate->origins != NULL)
    return gate->origins;
  gate->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, gate->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const OkapGrant *grant = ((OkapGateEntry *) value)->grant;

      if (grant->state == OKAP_GRANT_REVOKED)
        continue;
      note_origin (gate->origins, grant->identity, grant->expires_us);
      for (guint i = 0; i < grant->others->len; i++)
        note_origin (gate->origins, g_ptr_array_index (grant->others, i), grant->expires_us);
    }
  return gate->origins;
}

/**
 * okap_gate_has_origin:
 * @origin: any text
 *
 * Any thread. Whether a website has a grant that has not ended, be it paused or its token not
 * fetched yet: then its pages may talk to Okap at all. Which grant they may use is asked as for
 * everybody else.
 */
gboolean
okap_gate_has_origin (OkapGate *gate, const char *origin)
{
  gint64 now_us = okap_clock_get_now (gate->clock);
  const gint64 *expires_us;
  gboolean has;

  g_mutex_lock (&gate->lock);
  expires_us = g_hash_table_lookup (use_origins (gate), origin);
  has = expires_us != NULL && now_us < *expires_us;
  g_mutex_unlock (&gate->lock);
  return has;
}
