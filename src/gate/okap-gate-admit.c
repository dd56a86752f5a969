/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate's decision about one request whose endpoint and model are known: state, capability,
 * model and all limits, decided and counted in one step under the gate's lock. */
#include "config.h"

#include "okap-gate-private.h"

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

static gboolean
check_present (const OkapGate *gate, const OkapGateDoor *door, GError **error)
{
  if (door != NULL)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR,
                       gate->token_key != NULL ? OKAP_ERROR_TOKEN_REVOKED
                                               : OKAP_ERROR_VAULT_LOCKED,
                       gate->token_key != NULL
                       ? "This access was withdrawn while the request came in."
                       : "The vault was locked while the request came in.");
  return FALSE;
}

/* What is not in the journal would be lost with the process, so it is not sent. */
static gboolean
check_journal (const OkapGate *gate, GError **error)
{
  if (gate->journal == NULL || okap_journal_get_free (gate->journal) > 0)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_BUSY,
                       "More requests run, or wait to be written to the disk, than Okap keeps "
                       "count of. Try again later; if it stays, look whether the disk is full.");
  return FALSE;
}

/**
 * okap_gate_admit:
 * @access: from okap_gate_identify() for the same request
 * @out_lease: (out): what the request may use; to be given to okap_gate_settle() once
 * @out_retry_after_s: (out): seconds until it may succeed; 0 if that is not known, or if waiting
 *   does not help. Set with %OKAP_ERROR_RATE_LIMITED, and with %OKAP_ERROR_SPEND_LIMIT_REACHED if
 *   there may be room once running requests are settled
 * @error: as okap_gate_identify(), and %OKAP_ERROR_CAPABILITY_NOT_ALLOWED,
 *   %OKAP_ERROR_MODEL_NOT_ALLOWED, %OKAP_ERROR_PRICE_UNKNOWN, %OKAP_ERROR_SPEND_LIMIT_REACHED,
 *   %OKAP_ERROR_RATE_LIMITED, and %OKAP_ERROR_TOO_LARGE for a request of more tokens than one may
 *   ever have, which providers answer with the same status; %OKAP_ERROR_BUSY if the journal is full
 *
 * Decides and takes from all limits in one step, or from none. What was revoked since
 * okap_gate_identify() does not pass. What was taken is in the journal when this returns.
 */
gboolean
okap_gate_admit (OkapGate *gate, OkapAccess *access, const OkapAdmission *admission,
                 OkapLease *out_lease, guint *out_retry_after_s, GError **error)
{
  gint64 now_us = okap_clock_get_now (gate->clock);
  gint64 monotonic_us = okap_clock_get_monotonic (gate->clock);
  OkapRefusal refusal;
  OkapGateEntry *entry;
  OkapGateDoor *door;
  gboolean is_allowed;
  gboolean fits = FALSE;

  *out_retry_after_s = 0;
  *out_lease = (OkapLease) { .nusd = G_MAXINT64, .tokens = G_MAXINT64, .remaining_nusd = -1,
                             .is_open = TRUE };

  g_mutex_lock (&gate->lock);
  entry = g_hash_table_lookup (gate->by_id, access->grant->id);
  door = entry != NULL ? okap_gate_entry_find_door (entry, access->scope->provider) : NULL;
  is_allowed = check_present (gate, door, error)
               && okap_gate_check_state (gate, entry->grant, now_us, error)
               && check_scope (entry->grant, door->scope, admission, error)
               && (!admission->counted || check_journal (gate, error));
  if (is_allowed)
    fits = !admission->counted
           || okap_ledger_admit (door->ledger, admission, now_us, monotonic_us, out_lease,
                                 &refusal);
  if (fits && admission->counted && gate->journal != NULL)
    out_lease->slot = okap_journal_take (gate->journal);
  g_mutex_unlock (&gate->lock);

  if (fits)
    {
      okap_gate_journal_lease (gate, access, admission, out_lease);
      return TRUE;
    }
  out_lease->is_open = FALSE;
  if (is_allowed)
    {
      *out_retry_after_s = refusal.wait_s;
      g_propagate_error (error, okap_gate_refusal_to_error (&refusal, access->scope->provider));
    }
  return FALSE;
}
