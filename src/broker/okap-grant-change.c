/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A grant as the user wants it from now on. Pure: what is made here is not in force.
 *
 * What may not change by an edit at all (whose grant it is, its tokens, its time zone, its state,
 * its providers) cannot be said in one: the next version starts from the one that is here. Whether
 * the rest is wider is told by okap-grant-compare.c, of the two versions alone. */
#include "config.h"

#include "okap-grant-change.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-money.h"
#include "okap-provider.h"

OkapGrantEdit *
okap_grant_edit_new (void)
{
  return g_new0 (OkapGrantEdit, 1);
}

OkapGrantEdit *
okap_grant_edit_copy (const OkapGrantEdit *edit)
{
  OkapGrantEdit *copy = g_memdup2 (edit, sizeof *edit);

  if (copy->scopes != NULL)
    g_ptr_array_ref (copy->scopes);
  if (copy->others != NULL)
    g_ptr_array_ref (copy->others);
  return copy;
}

void
okap_grant_edit_free (OkapGrantEdit *edit)
{
  g_clear_pointer (&edit->scopes, g_ptr_array_unref);
  g_clear_pointer (&edit->others, g_ptr_array_unref);
  g_free (edit);
}

static gboolean
check_live (const OkapGrant *grant, gint64 now_us, GError **error)
{
  if (okap_grant_is_live (grant, now_us))
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
               "What “%s” was allowed has ended, so nothing of it can be changed. The app can ask "
               "again.", okap_grant_get_title (grant));
  return FALSE;
}

/* An extra of an earlier day says nothing any more. */
static OkapExtra
find_extra (const OkapScope *scope, gint64 now_us)
{
  return scope->extra.until_us > now_us ? scope->extra : (OkapExtra) { 0 };
}

static gboolean
check_scope (const OkapGrant *next, const OkapScope *held, const OkapScope *scope, GError **error)
{
  if (held == NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "“%s” has no access to the provider “%.32s”. A further provider takes a grant of "
                 "its own.", okap_grant_get_title (next), scope->provider);
  else if (okap_grant_get_scope (next, scope->provider) != NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "Expected each provider once, and “%.32s” came twice", scope->provider);
  else if (scope->capabilities == OKAP_CAPABILITY_NONE
           && held->capabilities != OKAP_CAPABILITY_NONE)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                         "Expected at least one thing that the app may do. To end it, revoke it.");
  else
    return TRUE;
  return FALSE;
}

/* As the gate compares them. */
static void
make_canonical (OkapScope *scope)
{
  for (char **model = scope->models; *model != NULL; model++)
    {
      char *name = okap_provider_canonical_model (scope->provider, *model);

      g_free (*model);
      *model = name;
    }
}

static gboolean
check_models (const OkapScope *scope, GError **error)
{
  gboolean fits = g_strv_length (scope->models) <= OKAP_CAP_REQUEST_MODELS;

  for (char **model = scope->models; fits && *model != NULL; model++)
    fits = **model != '\0' && strlen (*model) <= OKAP_CAP_MODEL_BYTES;
  if (!fits)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "Expected at most %d models with names of at most %d bytes",
                 OKAP_CAP_REQUEST_MODELS, OKAP_CAP_MODEL_BYTES);
  return fits;
}

static gboolean
check_limits (const OkapScope *scope, GError **error)
{
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limits_has (&scope->limits, i)
        && (scope->limits.value[i] < 0 || scope->limits.value[i] > okap_limit_get_most (i)))
      {
        g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                     "Expected a limit “%s” from 0 to %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT,
                     okap_limit_get_name (i), okap_limit_get_most (i), scope->limits.value[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
apply_scopes (OkapGrant *next, const OkapGrant *grant, const GPtrArray *scopes, gint64 now_us,
              GError **error)
{
  g_ptr_array_set_size (next->scopes, 0);
  for (guint i = 0; i < scopes->len; i++)
    {
      const OkapScope *wanted = g_ptr_array_index (scopes, i);
      const OkapScope *held = okap_grant_get_scope (grant, wanted->provider);
      OkapScope *scope;

      if (!check_scope (next, held, wanted, error) || !check_models (wanted, error)
          || !check_limits (wanted, error))
        return FALSE;
      scope = okap_scope_copy (wanted);
      make_canonical (scope);
      scope->extra = find_extra (held, now_us);
      if (scope->key_id == NULL)
        scope->key_id = g_strdup (held->key_id);
      g_ptr_array_add (next->scopes, scope);
    }
  if (next->scopes->len > 0)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected at least one provider that is left. To end it, revoke it.");
  return FALSE;
}

/* Only takes away: a new one is allowed by okap_broker_allow_program_async(). */
static void
apply_others (OkapGrant *next, const GPtrArray *others)
{
  for (guint i = next->others->len; i > 0; i--)
    if (!okap_grant_has_program (others, g_ptr_array_index (next->others, i - 1)))
      g_ptr_array_remove_index (next->others, i - 1);
}

/**
 * okap_grant_edit_apply:
 *
 * Returns: (transfer full) (nullable): the grant's next version, not yet in force. One for a
 *   program that nobody could identify still ends within a day of its beginning.
 */
OkapGrant *
okap_grant_edit_apply (const OkapGrant *grant, const OkapGrantEdit *edit, gint64 now_us,
                       GError **error)
{
  g_autoptr (OkapGrant) next = okap_grant_copy_next (grant);

  if (!check_live (grant, now_us, error)
      || (edit->scopes != NULL && !apply_scopes (next, grant, edit->scopes, now_us, error)))
    return NULL;
  if (edit->expires_us > 0)
    next->expires_us = edit->expires_us;
  if (grant->identity->kind == OKAP_IDENTITY_UNKNOWN)
    next->expires_us = MIN (next->expires_us, grant->created_us
                                              + OKAP_CAP_UNKNOWN_GRANT_S * OKAP_SECOND_US);
  if (edit->has_portable)
    next->portable = edit->portable;
  if (next->portable && next->term == OKAP_TERM_RENEWING)
    next->term = OKAP_TERM_UNTIL;
  if (edit->others != NULL)
    apply_others (next, edit->others);
  return g_steal_pointer (&next);
}

/**
 * okap_grant_add_extra:
 * @nusd: so much more, until the day is over in the grant's zone; adds up with what was added today
 *
 * Returns: (transfer full) (nullable): the grant's next version, not yet in force
 */
OkapGrant *
okap_grant_add_extra (const OkapGrant *grant, const char *provider, gint64 nusd, gint64 now_us,
                      GError **error)
{
  g_autoptr (OkapGrant) next = okap_grant_copy_next (grant);
  g_autoptr (GTimeZone) zone = okap_grant_load_zone (grant);
  OkapScope *held = okap_grant_get_scope (grant, provider);
  OkapScope *scope;
  guint position;

  if (!check_live (grant, now_us, error))
    return NULL;
  if (held == NULL || !okap_scope_has_money (held))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "“%s” has no limit of money for the provider “%.32s” that could be raised",
                   okap_grant_get_title (grant), provider);
      return NULL;
    }
  if (nusd <= 0 || nusd > OKAP_MONEY_MOST_NUSD - find_extra (held, now_us).nusd)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected an amount above 0 and up to 1000000 dollars a day");
      return NULL;
    }
  scope = okap_scope_copy (held);
  scope->extra = (OkapExtra) { .nusd = find_extra (held, now_us).nusd + nusd,
                               .until_us = okap_time_next_day (now_us, zone) };
  (void) g_ptr_array_find (next->scopes, held, &position);
  okap_scope_unref (next->scopes->pdata[position]);
  next->scopes->pdata[position] = scope;
  return g_steal_pointer (&next);
}
