/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a grant is in force, and in which words it is said that it is not. Beside its own state
 * there is the one switch that stops all of them: it is looked at under the same lock as the grant,
 * so that what comes after okap_gate_set_paused() is refused, and what came before is cut. */
#include "config.h"

#include "okap-gate-private.h"

/** okap_gate_find_end: whether what runs under @grant must stop, and why */
gboolean
okap_gate_find_end (const OkapGrant *grant, gint64 now_us, OkapError *out_why)
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

/** okap_gate_set_paused: for all grants, those that come later, too; cuts what runs */
void
okap_gate_set_paused (OkapGate *gate, gboolean paused)
{
  g_mutex_lock (&gate->lock);
  gate->paused = paused;
  g_mutex_unlock (&gate->lock);

  if (paused && gate->cut != NULL)  /* also what outlived a lock, which is in no table any more */
    gate->cut (NULL, OKAP_ERROR_TOKEN_PAUSED, gate->cut_data);
}

/** okap_gate_is_paused: any thread */
gboolean
okap_gate_is_paused (OkapGate *gate)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);

  return gate->paused;
}

static gboolean
check_paused (const OkapGate *gate, GError **error)
{
  if (!gate->paused)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_TOKEN_PAUSED,
                       "The user has paused all apps. They can be resumed in Okap.");
  return FALSE;
}

/** okap_gate_check_state: @error: %OKAP_ERROR_TOKEN_REVOKED, and likewise expired, paused; with
 * the lock held */
gboolean
okap_gate_check_state (const OkapGate *gate, const OkapGrant *grant, gint64 now_us, GError **error)
{
  g_autofree char *ended = NULL;
  OkapError why;

  if (!okap_gate_find_end (grant, now_us, &why))
    return check_paused (gate, error);

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
