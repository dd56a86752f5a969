/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a grant is in force, and in which words it is said that it is not. */
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

/** okap_gate_check_state: @error: %OKAP_ERROR_TOKEN_REVOKED, and likewise expired, paused */
gboolean
okap_gate_check_state (const OkapGrant *grant, gint64 now_us, GError **error)
{
  g_autofree char *ended = NULL;
  OkapError why;

  if (!okap_gate_find_end (grant, now_us, &why))
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
