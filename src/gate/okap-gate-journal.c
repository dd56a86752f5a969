/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the gate and its journal meet. Slots are taken and put back with the gate's lock; they are
 * written without it, by whoever holds the lease. A gate without a journal works as well, and
 * forgets with its process. */
#include "config.h"

#include "okap-gate-private.h"

/**
 * okap_gate_open_journal:
 * @path: of the file; made if it is missing
 * @error: %OKAP_ERROR_STORAGE, %OKAP_ERROR_CONFLICT if another Okap has it open
 *
 * Before other threads use the gate. From here on no request is admitted that is not in it.
 */
gboolean
okap_gate_open_journal (OkapGate *gate, const char *path, GError **error)
{
  g_return_val_if_fail (gate->journal == NULL, FALSE);

  gate->journal = okap_journal_open (path, error);
  if (gate->journal == NULL)
    return FALSE;
  okap_gate_list_past_leases (gate);
  return TRUE;
}

/**
 * okap_gate_list_left:
 *
 * Returns: (transfer full) (element-type OkapUsage): what ran, or was not kept yet, when an earlier
 *   process ended. Until the store has kept them, sums of what was spent are too low
 */
GPtrArray *
okap_gate_list_left (OkapGate *gate)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  if (gate->journal == NULL)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  return okap_journal_list_left (gate->journal);
}

/**
 * okap_gate_release_slots:
 * @rows: (element-type OkapUsage): that the store keeps
 *
 * Any thread.
 */
void
okap_gate_release_slots (OkapGate *gate, GPtrArray *rows)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (gate->journal == NULL)
    return;
  locker = g_mutex_locker_new (&gate->lock);
  for (guint i = 0; i < rows->len; i++)
    okap_journal_put_back (gate->journal, ((OkapUsage *) rows->pdata[i])->journal_slot);
}

void
okap_gate_journal_lease (OkapGate *gate, const OkapAccess *access, const OkapAdmission *admission,
                         const OkapLease *lease)
{
  const OkapJournalLease entry = {
    .request_id = admission->request_id, .grant_id = access->grant->id,
    .app = okap_grant_get_title (access->grant), .provider = access->scope->provider,
    .endpoint = admission->endpoint, .model = admission->model, .started_us = lease->started_us,
    .reserved_nusd = lease->reserved_nusd, .is_priced = admission->worst_nusd >= 0,
    .is_limited = lease->nusd != G_MAXINT64,
  };

  if (lease->slot != 0)
    okap_journal_reserve (gate->journal, lease->slot, &entry);
}

/* Nobody else holds @usage yet. */
void
okap_gate_journal_usage (OkapGate *gate, const OkapLease *lease, OkapUsage *usage)
{
  if (lease->slot == 0)
    return;
  okap_journal_settle (gate->journal, lease->slot, usage);
  if (lease->is_job)
    okap_journal_drop_job (gate->journal, usage->request_id);
  usage->journal_slot = lease->slot;
  if (gate->settled == NULL)  /* nobody will keep it */
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

      okap_journal_put_back (gate->journal, lease->slot);
    }
}

/**
 * okap_gate_note_spent:
 * @spent_nusd: what the request has come to so far, with what may be under way
 *
 * What is booked if Okap dies now; until it is called for the first time that is the whole lease.
 * A single store, without a lock; not after okap_gate_settle().
 */
void
okap_gate_note_spent (OkapGate *gate, const OkapLease *lease, gint64 spent_nusd)
{
  if (lease->slot != 0 && lease->is_open)
    okap_journal_note (gate->journal, lease->slot, MIN (spent_nusd, lease->nusd));
}
