/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leases that outlive their process. A request whose work goes on at a provider keeps its lease
 * until that is over, perhaps a day later; what is kept beside the journal says how to go on.
 *
 *   the journal is opened ──▶ open, without a ledger ── its grant comes in ──▶ reserved again
 *                                    └── settled: a row ◀── settled in its windows ──┘
 *
 * The reservation is made in the same step in which the grant comes in, so that nothing is admitted
 * without it. Whoever goes on with the work has a copy of the lease; the gate knows what became of
 * it by its slot. Until the gate is unlocked nobody knows which grants come, so nothing may be
 * settled without a ledger before. */
#include "config.h"

#include "okap-gate-private.h"

void
okap_gate_past_lease_free (gpointer data)
{
  OkapPastLease *past = data;

  g_free (past->ledger_key);
  g_free (past);
}

/**
 * okap_gate_keep_job:
 * @lease: (inout): open; of a request that was answered while its work goes on
 * @text: what has to be known to go on with it; no secrets
 *
 * From here on the work survives the process. If it does nevertheless not, it is booked with all
 * that was set aside. Writes to the disk.
 */
void
okap_gate_keep_job (OkapGate *gate, OkapLease *lease, const char *request_id, const char *text)
{
  if (!lease->is_open || lease->slot == 0)
    return;
  okap_journal_note (gate->journal, lease->slot, lease->reserved_nusd);
  lease->is_job = okap_journal_keep_job (gate->journal, request_id, text);
}

/* When the journal was opened. */
void
okap_gate_list_past_leases (OkapGate *gate)
{
  const GPtrArray *jobs = okap_journal_get_jobs (gate->journal);

  for (guint i = 0; i < jobs->len; i++)
    {
      const OkapJournalJob *job = jobs->pdata[i];
      OkapPastLease *past = g_new0 (OkapPastLease, 1);

      past->lease = (OkapLease) {
        .nusd = job->is_limited ? job->reserved_nusd : G_MAXINT64, .tokens = G_MAXINT64,
        .remaining_nusd = -1, .is_open = TRUE, .slot = job->slot, .is_job = TRUE, .is_past = TRUE,
        .reserved_nusd = job->reserved_nusd, .started_us = job->usage->started_us,
      };
      past->ledger_key = g_strconcat (job->usage->grant_id, "/", job->usage->provider, NULL);
      g_hash_table_insert (gate->past_leases, GUINT_TO_POINTER (job->slot), past);
    }
}

/* With the lock held, when @ledger is new and has its limits and its past. */
void
okap_gate_resume_leases (OkapGate *gate, const char *ledger_key, OkapLedger *ledger)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, gate->past_leases);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_str_equal (((OkapPastLease *) value)->ledger_key, ledger_key))
      okap_ledger_resume (ledger, &((OkapPastLease *) value)->lease,
                          okap_clock_get_now (gate->clock),
                          okap_clock_get_monotonic (gate->clock));
}

/* @lease becomes what the gate knows of it, and is not known here any more. */
void
okap_gate_find_past_lease (OkapGate *gate, OkapLease *lease)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  const OkapPastLease *past = g_hash_table_lookup (gate->past_leases,
                                                   GUINT_TO_POINTER (lease->slot));

  if (past == NULL)
    {
      lease->is_open = FALSE;
      return;
    }
  *lease = past->lease;
  g_hash_table_remove (gate->past_leases, GUINT_TO_POINTER (lease->slot));
}

void
okap_gate_job_free (gpointer data)
{
  OkapGateJob *job = data;

  okap_usage_unref (job->usage);
  g_free (job->text);
  g_free (job);
}

/**
 * okap_gate_list_jobs:
 *
 * Before other threads use the gate, once: there is one who goes on with each.
 *
 * Returns: (transfer full) (element-type OkapGateJob): what an earlier process left to go on with
 */
GPtrArray *
okap_gate_list_jobs (OkapGate *gate)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (okap_gate_job_free);
  const GPtrArray *jobs = gate->journal != NULL ? okap_journal_get_jobs (gate->journal) : NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  for (guint i = 0; jobs != NULL && i < jobs->len; i++)
    {
      const OkapJournalJob *from = jobs->pdata[i];
      const OkapPastLease *past = g_hash_table_lookup (gate->past_leases,
                                                       GUINT_TO_POINTER (from->slot));
      OkapGateJob *job;

      if (past == NULL)
        continue;
      job = g_new0 (OkapGateJob, 1);
      job->lease = past->lease;
      job->usage = okap_usage_ref (from->usage);
      job->text = g_strdup (from->text);
      g_ptr_array_add (list, job);
    }
  return list;
}

/** okap_gate_is_unlocked: whether all grants are in it; any thread */
gboolean
okap_gate_is_unlocked (OkapGate *gate)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  return gate->token_key != NULL;
}
