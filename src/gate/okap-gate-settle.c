/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate's accounts: what an admitted request came to, what a user enters as a correction, and
 * how the limits stand. Others are told without the lock. */
#include "config.h"

#include "okap-gate-private.h"

/* With the lock held. */
static OkapLedger *
find_ledger (OkapGate *gate, const char *grant_id, const char *provider)
{
  g_autofree char *key = g_strconcat (grant_id, "/", provider, NULL);

  return g_hash_table_lookup (gate->ledgers, key);
}

/* What has no price cannot be booked as nothing where money is limited: it is the worst case that
 * was set aside for it. */
static void
price_unknown (const OkapLease *lease, OkapUsage *usage)
{
  if (usage->cost_status != OKAP_COST_UNKNOWN)
    return;
  usage->cost_nusd = 0;
  if (lease->nusd == G_MAXINT64)
    return;
  usage->cost_nusd = lease->reserved_nusd;
  usage->cost_status = OKAP_COST_ESTIMATED;
}

/* (transfer full) (nullable): whom the alerts are about; NULL if there is nobody to tell */
static OkapGrant *
book (OkapGate *gate, const OkapLease *lease, OkapUsage *usage, OkapSettlement *settlement)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  OkapGateEntry *entry;

  okap_ledger_settle (lease->ledger, lease, usage->cost_nusd,
                      okap_units_get_tokens (&usage->units), okap_clock_get_now (gate->clock),
                      settlement);
  if (settlement->n_alerts == 0 || gate->alert == NULL)
    return NULL;
  entry = g_hash_table_lookup (gate->by_id, usage->grant_id);
  return entry != NULL ? okap_grant_ref (entry->grant) : NULL;
}

/* An earlier process admitted it, and its grant is not there any more: no limit has room for more
 * than what was set aside. */
static void
book_without_ledger (OkapGate *gate, const OkapLease *lease, OkapUsage *usage)
{
  gint64 cost_nusd;

  price_unknown (lease, usage);
  cost_nusd = MAX (usage->cost_nusd, 0);
  usage->cost_nusd = MIN (cost_nusd, lease->nusd);
  usage->over_nusd = cost_nusd - usage->cost_nusd;
  usage->started_us = lease->started_us;
  okap_gate_journal_usage (gate, lease, usage);
}

/**
 * okap_gate_settle:
 * @lease: from okap_gate_admit(); closed, so that a second call with it does nothing
 * @usage: (transfer none): what the admitted request came to; yet unknown to others. Set here: its
 *   costs to what was booked, what went beyond it, and its start to the moment of the admission,
 *   which decides on its day and month
 *
 * Works after the grant was changed or removed and after the vault was locked. The functions for
 * settled uses and for alerts are called before this returns.
 */
void
okap_gate_settle (OkapGate *gate, OkapLease *lease, OkapUsage *usage)
{
  g_autoptr (OkapGrant) grant = NULL;
  OkapSettlement settlement = { 0 };

  if (lease->is_open && lease->is_past)
    okap_gate_find_past_lease (gate, lease);
  if (!lease->is_open)
    return;
  lease->is_open = FALSE;
  if (lease->ledger != NULL)
    {
      price_unknown (lease, usage);
      grant = book (gate, lease, usage, &settlement);
      usage->cost_nusd = settlement.booked_nusd;
      usage->over_nusd = settlement.over_nusd;
      usage->started_us = lease->started_us;
      okap_gate_journal_usage (gate, lease, usage);
    }
  else if (lease->is_past)
    book_without_ledger (gate, lease, usage);

  if (gate->settled != NULL)
    gate->settled (usage, gate->settled_data);
  for (guint i = 0; grant != NULL && i < settlement.n_alerts; i++)
    gate->alert (grant, usage->provider, &settlement.alerts[i], settlement.percents[i],
                 gate->alert_data);
}

/**
 * okap_gate_correct:
 * @nusd: to be added to what was spent; below zero takes away
 *
 * For an entry of the user, which counts in the day and the month in which it is made; the caller
 * writes the row.
 *
 * Returns: FALSE if nothing is known of that grant at that provider
 */
gboolean
okap_gate_correct (OkapGate *gate, const char *grant_id, const char *provider, gint64 nusd)
{
  gint64 now_us = okap_clock_get_now (gate->clock);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  OkapLedger *ledger = find_ledger (gate, grant_id, provider);

  if (ledger == NULL)
    return FALSE;
  okap_ledger_correct (ledger, nusd, now_us);
  return TRUE;
}

/**
 * okap_gate_get_standings:
 * @out_standings: (out): one for each limit of the scope that has a running count
 *
 * Returns: how many there are; 0 if there is no such grant, or the vault is locked
 */
guint
okap_gate_get_standings (OkapGate *gate, const char *grant_id, const char *provider,
                         OkapStanding out_standings[OKAP_N_LIMITS])
{
  gint64 now_us = okap_clock_get_now (gate->clock);
  gint64 monotonic_us = okap_clock_get_monotonic (gate->clock);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  OkapGateEntry *entry = g_hash_table_lookup (gate->by_id, grant_id);
  OkapGateDoor *door = entry != NULL ? okap_gate_entry_find_door (entry, provider) : NULL;

  return door != NULL ? okap_ledger_get_standings (door->ledger, now_us, monotonic_us,
                                                   out_standings) : 0;
}
