/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a click is not enough for. Pure, so that the dialog and the broker say the same; the broker
 * decides.
 *
 * A limit of money counts as it is written, summed over what is asked of all providers: no limit
 * excuses another one, so that what a person reads is what is compared. */
#include "config.h"

#include "okap-step-up.h"

#include <glib/gi18n-lib.h>

#include "okap-money.h"

#define DAILY_USD 10
#define MONTHLY_USD 50
#define TOTAL_USD 100

/** okap_threshold_get_default: until the user sets one */
OkapThreshold
okap_threshold_get_default (void)
{
  return (OkapThreshold) {
    .daily_nusd = DAILY_USD * OKAP_NUSD_PER_USD,
    .monthly_nusd = MONTHLY_USD * OKAP_NUSD_PER_USD,
    .total_nusd = TOTAL_USD * OKAP_NUSD_PER_USD,
  };
}

/** okap_threshold_is_lower: whether nothing of it is above @than, so that it may be set freely */
gboolean
okap_threshold_is_lower (const OkapThreshold *threshold, const OkapThreshold *than)
{
  return threshold->daily_nusd <= than->daily_nusd
         && threshold->monthly_nusd <= than->monthly_nusd
         && threshold->total_nusd <= than->total_nusd;
}

/* Whether this limit of all @scopes together is above @most_nusd. */
static gboolean
is_above (const GPtrArray *scopes, OkapLimit limit, gint64 most_nusd)
{
  gint64 sum_nusd = 0;

  for (guint i = 0; i < scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (scopes, i);

      if (okap_limits_has (&scope->limits, limit))
        sum_nusd = okap_money_add (sum_nusd, scope->limits.value[limit]);
    }
  return sum_nusd > most_nusd;
}

static gboolean
has_cap (const OkapScope *scope)
{
  return okap_limits_has (&scope->limits, OKAP_LIMIT_DAILY_SPEND)
         || okap_limits_has (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND)
         || okap_limits_has (&scope->limits, OKAP_LIMIT_TOTAL_SPEND);
}

/**
 * okap_step_up_find:
 * @scopes: (nullable) (element-type OkapScope): as they would be allowed; NULL for as asked
 *
 * Returns: why the passphrase is wanted, without %OKAP_STEP_UP_UNATTENDED, which is no matter of
 *   the request
 */
OkapStepUp
okap_step_up_find (const OkapAsk *ask, const GPtrArray *scopes, const OkapThreshold *threshold)
{
  OkapIdentityKind kind = ask->caller->identity->kind;
  OkapStepUp reasons = OKAP_STEP_UP_NONE;

  if (scopes == NULL)
    scopes = ask->request->scopes;
  for (guint i = 0; i < scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (scopes, i);

      if (!has_cap (scope))
        reasons |= OKAP_STEP_UP_NO_CAP;
      if (scope->models[0] == NULL && kind == OKAP_IDENTITY_UNKNOWN)
        reasons |= OKAP_STEP_UP_ALL_MODELS;
    }
  if (is_above (scopes, OKAP_LIMIT_DAILY_SPEND, threshold->daily_nusd)
      || is_above (scopes, OKAP_LIMIT_MONTHLY_SPEND, threshold->monthly_nusd)
      || is_above (scopes, OKAP_LIMIT_TOTAL_SPEND, threshold->total_nusd))
    reasons |= OKAP_STEP_UP_THRESHOLD;
  if (kind == OKAP_IDENTITY_WEBSITE)
    reasons |= OKAP_STEP_UP_WEBSITE;
  return reasons;
}

/** okap_step_up_dup_words: (transfer full): a sentence for each reason; empty for none */
char *
okap_step_up_dup_words (OkapStepUp reasons)
{
  static const struct
  {
    OkapStepUp reason;
    const char *words;
  } table[] = {
    { OKAP_STEP_UP_NO_CAP, N_("There is no limit of money.") },
    { OKAP_STEP_UP_ALL_MODELS, N_("All models, for a program that Okap could not identify.") },
    { OKAP_STEP_UP_THRESHOLD, N_("This is more money than you allow with a click.") },
    { OKAP_STEP_UP_WEBSITE, N_("A website asks.") },
    { OKAP_STEP_UP_UNATTENDED, N_("The press came from no keyboard or pointer.") },
  };
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if ((reasons & table[i].reason) != 0)
      g_string_append_printf (words, "%s%s", words->len > 0 ? " " : "", _(table[i].words));
  return g_string_free (words, FALSE);
}
