/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value of a grant. okap-grant-json.c keeps it as text. */
#include "config.h"

#include "okap-grant.h"

#include "okap-error.h"

G_DEFINE_BOXED_TYPE (OkapGrant, okap_grant, okap_grant_ref, okap_grant_unref)

/** okap_grant_new: (transfer full): an empty grant, to be filled before it is shared */
OkapGrant *
okap_grant_new (void)
{
  OkapGrant *grant = g_new0 (OkapGrant, 1);

  g_atomic_ref_count_init (&grant->ref_count);
  grant->version = 1;
  grant->identity = okap_identity_new_unknown (OKAP_DOUBT_NONE);
  grant->others = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_identity_unref);
  grant->scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  grant->tokens = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return grant;
}

/** okap_grant_copy_next: (transfer full): the next version, to be changed before it is shared */
OkapGrant *
okap_grant_copy_next (const OkapGrant *grant)
{
  OkapGrant *copy = okap_grant_new ();

  copy->id = g_strdup (grant->id);
  copy->version = grant->version + 1;
  copy->state = grant->state;
  copy->app_name = g_strdup (grant->app_name);
  copy->app_url = g_strdup (grant->app_url);
  copy->reason = g_strdup (grant->reason);
  copy->evidence = g_strdup (grant->evidence);
  okap_identity_unref (copy->identity);
  copy->identity = okap_identity_ref (grant->identity);
  for (guint i = 0; i < grant->others->len; i++)
    g_ptr_array_add (copy->others, okap_identity_ref (g_ptr_array_index (grant->others, i)));
  copy->portable = grant->portable;
  for (guint i = 0; i < grant->scopes->len; i++)
    g_ptr_array_add (copy->scopes, okap_scope_ref (g_ptr_array_index (grant->scopes, i)));
  copy->created_us = grant->created_us;
  copy->expires_us = grant->expires_us;
  copy->term = grant->term;
  copy->zone = g_strdup (grant->zone);
  copy->asked = g_strdup (grant->asked);
  for (guint i = 0; i < grant->tokens->len; i++)
    g_ptr_array_add (copy->tokens, g_bytes_ref (g_ptr_array_index (grant->tokens, i)));
  return copy;
}

OkapGrant *
okap_grant_ref (OkapGrant *grant)
{
  g_atomic_ref_count_inc (&grant->ref_count);
  return grant;
}

void
okap_grant_unref (OkapGrant *grant)
{
  if (!g_atomic_ref_count_dec (&grant->ref_count))
    return;
  g_free (grant->id);
  g_free (grant->app_name);
  g_free (grant->app_url);
  g_free (grant->reason);
  g_free (grant->evidence);
  okap_identity_unref (grant->identity);
  g_ptr_array_unref (grant->others);
  g_ptr_array_unref (grant->scopes);
  g_free (grant->zone);
  g_free (grant->asked);
  g_ptr_array_unref (grant->tokens);
  g_free (grant);
}

/** okap_grant_get_scope: (transfer none) (nullable): what is allowed at @provider */
OkapScope *
okap_grant_get_scope (const OkapGrant *grant, const char *provider)
{
  for (guint i = 0; i < grant->scopes->len; i++)
    {
      OkapScope *scope = g_ptr_array_index (grant->scopes, i);

      if (g_str_equal (scope->provider, provider))
        return scope;
    }
  return NULL;
}

/** okap_grant_is_live: whether the grant is neither revoked nor expired; it may be paused */
gboolean
okap_grant_is_live (const OkapGrant *grant, gint64 now_us)
{
  return grant->state != OKAP_GRANT_REVOKED && now_us < grant->expires_us;
}

const char *
okap_grant_state_get_name (OkapGrantState state)
{
  switch (state)
    {
    case OKAP_GRANT_ACTIVE:
      return "active";
    case OKAP_GRANT_PAUSED:
      return "paused";
    case OKAP_GRANT_REVOKED:
      return "revoked";
    default:
      g_assert_not_reached ();
    }
}

const char *
okap_grant_term_get_name (OkapGrantTerm term)
{
  switch (term)
    {
    case OKAP_TERM_UNTIL:
      return "until";
    case OKAP_TERM_RUN:
      return "run";
    case OKAP_TERM_RENEWING:
      return "renewing";
    default:
      g_assert_not_reached ();
    }
}

/**
 * okap_grant_admits:
 * @seen: the program that has the token now
 *
 * Any thread; no allocation.
 *
 * Returns: whether it may use it
 */
gboolean
okap_grant_admits (const OkapGrant *grant, const OkapIdentity *seen)
{
  if (grant->portable || okap_identity_covers (grant->identity, seen))
    return TRUE;
  for (guint i = 0; i < grant->others->len; i++)
    if (okap_identity_covers (g_ptr_array_index (grant->others, i), seen))
      return TRUE;
  return FALSE;
}

/** okap_grant_load_zone: (transfer full): in which its days and months are counted */
GTimeZone *
okap_grant_load_zone (const OkapGrant *grant)
{
  GTimeZone *zone = grant->zone != NULL && *grant->zone != '\0'
                    ? g_time_zone_new_identifier (grant->zone) : NULL;

  return zone != NULL ? zone : g_time_zone_new_local ();
}

/** okap_grant_get_title: (transfer none): the app's own name, or who Okap saw if it gave none */
const char *
okap_grant_get_title (const OkapGrant *grant)
{
  return *grant->app_name != '\0' ? grant->app_name : grant->evidence;
}

/**
 * okap_grant_may_become:
 * @now_us: wall time
 * @error: %OKAP_ERROR_CONFLICT
 *
 * Returns: whether the grant can be given @state: what is revoked stays so, and what has ended
 *   does not begin again
 */
gboolean
okap_grant_may_become (const OkapGrant *grant, OkapGrantState state, gint64 now_us, GError **error)
{
  if (grant->state == OKAP_GRANT_REVOKED && state != OKAP_GRANT_REVOKED)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                         "A revoked grant stays revoked. The app can ask again.");
  else if (state == OKAP_GRANT_ACTIVE && now_us >= grant->expires_us)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                         "This grant has ended. The app can ask again.");
  else
    return TRUE;
  return FALSE;
}
