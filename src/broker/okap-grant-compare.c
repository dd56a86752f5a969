/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a change of a grant is: narrower or wider, and in which words. Pure, so that the window and
 * the broker say the same; the broker decides.
 *
 * Two versions are compared member by member, and each difference is of one of two kinds: one that
 * allows nothing that was not allowed before, or one that does. The second kind takes the
 * passphrase, however small it is and whatever else is narrowed in the same step: nothing is set
 * off against anything. */
#include "config.h"

#include "okap-grant-change.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-money.h"

/** okap_grant_has_program: whether @identity is among @programs */
gboolean
okap_grant_has_program (const GPtrArray *programs, const OkapIdentity *identity)
{
  for (guint i = 0; i < programs->len; i++)
    if (strcmp (okap_identity_get_key (g_ptr_array_index (programs, i)),
                okap_identity_get_key (identity)) == 0)
      return TRUE;
  return FALSE;
}

/* One difference at a time, in words. */
typedef struct
{
  GString *words;
  gboolean only_wider;    /* leave out what narrows */
  const char *provider;   /* (nullable) to be named, because there are several */
} Report;

static void
tell (Report *report, gboolean wider, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
tell (Report *report, gboolean wider, const char *format, ...)
{
  va_list args;

  if (report->only_wider && !wider)
    return;
  if (report->words->len > 0)
    g_string_append (report->words, "; ");
  if (report->provider != NULL)
    g_string_append_printf (report->words, "%s: ", report->provider);
  va_start (args, format);
  g_string_append_vprintf (report->words, format, args);
  va_end (args);
}

/* (transfer full): a limit with its value */
static char *
dup_limit (OkapLimit limit, gint64 value)
{
  static const char *const words[OKAP_N_LIMITS] = {
    [OKAP_LIMIT_MONTHLY_SPEND] = N_("%s a month"),
    [OKAP_LIMIT_DAILY_SPEND] = N_("%s a day"),
    [OKAP_LIMIT_TOTAL_SPEND] = N_("%s in all"),
    [OKAP_LIMIT_SPEND_PER_REQUEST] = N_("%s a request"),
    [OKAP_LIMIT_REQUESTS_PER_MINUTE] = N_("%s requests a minute"),
    [OKAP_LIMIT_REQUESTS_PER_DAY] = N_("%s requests a day"),
    [OKAP_LIMIT_TOKENS_PER_MINUTE] = N_("%s tokens a minute"),
    [OKAP_LIMIT_TOKENS_PER_REQUEST] = N_("%s tokens a request"),
    [OKAP_LIMIT_CONCURRENCY] = N_("%s requests at the same time"),
  };
  g_autofree char *number
      = okap_limit_is_money (limit) ? g_strdup_printf ("$%'.2f", okap_money_to_double (value))
                                    : g_strdup_printf ("%'" G_GINT64_FORMAT, value);
  g_auto (GStrv) parts = g_strsplit (_(words[limit]), "%s", 2);

  return g_strjoinv (number, parts);
}

static void
compare_limit (Report *report, const OkapLimits *old, const OkapLimits *next, OkapLimit limit)
{
  gboolean had = okap_limits_has (old, limit);
  gboolean has = okap_limits_has (next, limit);
  g_autofree char *before = dup_limit (limit, old->value[limit]);
  g_autofree char *after = dup_limit (limit, next->value[limit]);

  if (had && !has)
    /* Translators: %s is a limit that is taken away, such as “$10.00 a month” */
    tell (report, TRUE, _("without the limit of %s"), before);
  else if (!had && has)
    /* Translators: %s is a new limit, such as “$10.00 a month” */
    tell (report, FALSE, _("at most %s"), after);
  else if (had && next->value[limit] != old->value[limit])
    /* Translators: a new limit and the old one, such as “$20.00 a month instead of $10.00 a
     * month” */
    tell (report, next->value[limit] > old->value[limit], _("%1$s instead of %2$s"), after, before);
}

static void
compare_models (Report *report, const OkapScope *old, const OkapScope *next)
{
  if (next->models[0] == NULL && old->models[0] != NULL)
    tell (report, TRUE, "%s", _("all models"));
  for (char **model = next->models; *model != NULL; model++)
    if (!okap_scope_allows_model (old, *model))
      /* Translators: %s is the name of a model that an app may use from now on */
      tell (report, TRUE, _("also the model %s"), *model);
  if (old->models[0] == NULL && next->models[0] != NULL)
    tell (report, FALSE, "%s", _("not all models any more"));
  for (char **model = old->models; *model != NULL; model++)
    if (!okap_scope_allows_model (next, *model))
      /* Translators: %s is the name of a model that an app may not use any more */
      tell (report, FALSE, _("not the model %s any more"), *model);
}

static void
compare_capabilities (Report *report, const OkapScope *old, const OkapScope *next)
{
  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    {
      OkapCapability capability = (OkapCapability) (1u << i);
      const char *name = okap_capability_get_name (capability);

      if ((next->capabilities & capability) != 0 && (old->capabilities & capability) == 0)
        /* Translators: %s is what an app may do from now on, such as “embeddings” */
        tell (report, TRUE, _("also for %s"), name);
      else if ((next->capabilities & capability) == 0 && (old->capabilities & capability) != 0)
        /* Translators: %s is what an app may not do any more, such as “embeddings” */
        tell (report, FALSE, _("not for %s any more"), name);
    }
}

static void
compare_money (Report *report, const OkapScope *old, const OkapScope *next)
{
  const OkapPriceCeiling *before = &old->ceiling;
  const OkapPriceCeiling *after = &next->ceiling;
  gint64 had_nusd = old->extra.until_us == next->extra.until_us ? old->extra.nusd : 0;

  if (after->set
      && (!before->set || after->input_pusd != before->input_pusd
          || after->output_pusd != before->output_pusd))
    tell (report, TRUE, "%s", _("models without a known price, at another ceiling"));
  else if (before->set && !after->set)
    tell (report, FALSE, "%s", _("no models without a known price any more"));
  if (next->extra.nusd > had_nusd)
    {
      g_autofree char *money = g_strdup_printf ("$%'.2f", okap_money_to_double (
        next->extra.nusd - had_nusd));

      /* Translators: %s is an amount of money */
      tell (report, TRUE, _("%s more until the day is over"), money);
    }
  if (old->options != next->options)
    tell (report, FALSE, "%s", _("requests that are too large, or whose app hangs up, are handled "
                                 "in another way"));
}

static void
compare_scopes (Report *report, const OkapGrant *old, const OkapGrant *next)
{
  for (guint i = 0; i < next->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (next->scopes, i);
      const OkapScope *held = okap_grant_get_scope (old, scope->provider);

      if (held == NULL)
        {
          /* Translators: %s is the name of a provider */
          tell (report, TRUE, _("also the provider %s"), scope->provider);
          continue;
        }
      report->provider = old->scopes->len > 1 ? scope->provider : NULL;
      if (g_strcmp0 (scope->key_id, held->key_id) != 0)
        tell (report, TRUE, "%s", _("with another key"));
      compare_models (report, held, scope);
      compare_capabilities (report, held, scope);
      for (guint j = 0; j < OKAP_N_LIMITS; j++)
        compare_limit (report, &held->limits, &scope->limits, (OkapLimit) j);
      compare_money (report, held, scope);
      report->provider = NULL;
    }
  for (guint i = 0; i < old->scopes->len; i++)
    {
      const OkapScope *held = g_ptr_array_index (old->scopes, i);

      if (okap_grant_get_scope (next, held->provider) == NULL)
        /* Translators: %s is the name of a provider */
        tell (report, FALSE, _("not the provider %s any more"), held->provider);
    }
}

static void
compare_programs (Report *report, const OkapGrant *old, const OkapGrant *next)
{
  if (next->portable != old->portable)
    tell (report, next->portable, "%s", next->portable ? _("any program may use it")
                                                       : _("only its own program may use it"));
  if (strcmp (okap_identity_get_key (old->identity), okap_identity_get_key (next->identity)) != 0)
    tell (report, TRUE, "%s", _("for another program"));
  for (guint i = 0; i < next->others->len; i++)
    if (!okap_grant_has_program (old->others, g_ptr_array_index (next->others, i)))
      tell (report, TRUE, "%s", _("for one more program"));
  for (guint i = 0; i < old->others->len; i++)
    if (!okap_grant_has_program (next->others, g_ptr_array_index (old->others, i)))
      {
        g_autofree char *words = okap_identity_dup_words (g_ptr_array_index (old->others, i));

        /* Translators: %s says which program it is */
        tell (report, FALSE, _("not for this program any more: %s"), words);
      }
}

static char *
dup_date (gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_us / OKAP_SECOND_US);

  /* Translators: a date with its time, for g_date_time_format() */
  return g_date_time_format (time, _("%-d %B %Y, %H:%M"));
}

static void
compare_time (Report *report, const OkapGrant *old, const OkapGrant *next)
{
  if (next->expires_us != old->expires_us)
    {
      g_autofree char *before = dup_date (old->expires_us);
      g_autofree char *after = dup_date (next->expires_us);

      /* Translators: two times at which a grant ends, the new one first */
      tell (report, next->expires_us > old->expires_us, _("until %1$s instead of %2$s"), after,
            before);
    }
  if (next->term != old->term)
    tell (report, next->term != OKAP_TERM_UNTIL || old->term != OKAP_TERM_RENEWING, "%s",
          _("for another span of time"));
  if (strcmp (next->zone, old->zone) != 0)
    tell (report, TRUE, "%s", _("with days and months of another time zone"));
  if (next->state == OKAP_GRANT_ACTIVE && old->state != OKAP_GRANT_ACTIVE)
    tell (report, TRUE, "%s", _("may be used again"));
}

static char *
compare (const OkapGrant *old, const OkapGrant *next, gboolean only_wider)
{
  Report report = { .words = g_string_new (NULL), .only_wider = only_wider };

  compare_scopes (&report, old, next);
  compare_programs (&report, old, next);
  compare_time (&report, old, next);
  if (report.words->len > 0)
    return g_string_free (report.words, FALSE);
  g_string_free (report.words, TRUE);
  return NULL;
}

/**
 * okap_grant_dup_widening:
 *
 * Returns: (transfer full) (nullable): in words, what @next allows that @old did not; NULL if there
 *   is nothing, so that no passphrase is needed
 */
char *
okap_grant_dup_widening (const OkapGrant *old, const OkapGrant *next)
{
  return compare (old, next, TRUE);
}

/** okap_grant_dup_changes: (transfer full) (nullable): all that differs, in words */
char *
okap_grant_dup_changes (const OkapGrant *old, const OkapGrant *next)
{
  return compare (old, next, FALSE);
}
