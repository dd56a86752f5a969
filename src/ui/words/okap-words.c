/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for Okap's values: short sentences, no jargon, no blame. What a refusal says to an
 * app is written for its developer elsewhere; here the same event is told to the user. */
#include "config.h"

#include "okap-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-error.h"
#include "okap-format.h"
#include "okap-provider.h"
#include "okap-text.h"

#define MODELS_NAMED 2
#define MODEL_CHARS  40

/** okap_words_for_provider: (transfer full): its name, or its id if it is the user's own */
char *
okap_words_for_provider (const char *id)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup (id);

  return g_strdup (provider != NULL ? okap_provider_get_name (provider) : id);
}

/** okap_words_for_key: (transfer full): label and last four characters, as far as there are any */
char *
okap_words_for_key (OkapKeyInfo *key)
{
  const char *label = okap_key_info_get_label (key);
  const char *tail = okap_key_info_get_tail (key);
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (key));

  if (*tail == '\0')
    return g_strdup (*label != '\0' ? label : provider);
  return *label != '\0' ? g_strdup_printf ("%s ····%s", label, tail)
                        : g_strdup_printf ("····%s", tail);
}

/** okap_words_for_model: (transfer full): @pattern, a prefix in words */
char *
okap_words_for_model (const char *pattern)
{
  g_autofree char *name = okap_text_shorten (pattern, MODEL_CHARS);
  gsize length = strlen (name);

  if (length < 2 || name[length - 1] != '*')
    return g_steal_pointer (&name);
  name[length - 1] = '\0';
  /* Translators: %s is the beginning of models' names, such as gpt-4o */
  return g_strdup_printf (_("Every model that begins with %s"), name);
}

/** okap_words_for_models: (transfer full): the first few by name */
char *
okap_words_for_models (char *const *models)
{
  GString *text;
  guint n = g_strv_length ((char **) models);

  if (n == 0)
    return g_strdup (_("All models"));
  text = g_string_new (NULL);
  for (guint i = 0; i < MIN (n, MODELS_NAMED); i++)
    {
      g_autofree char *name = okap_text_shorten (models[i], MODEL_CHARS);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", name);
    }
  if (n > MODELS_NAMED)
    {
      g_autofree char *named = g_string_free (text, FALSE);

      /* Translators: names of models, and how many are not named */
      return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n - MODELS_NAMED),
                              named, n - MODELS_NAMED);
    }
  return g_string_free (text, FALSE);
}

const char *
okap_words_for_capability (OkapCapability capability)
{
  switch (capability)
    {
    case OKAP_CAPABILITY_CHAT:
      return C_("capability", "Chat");
    case OKAP_CAPABILITY_COMPLETIONS:
      return C_("capability", "Text completion");
    case OKAP_CAPABILITY_EMBEDDINGS:
      return C_("capability", "Embeddings");
    case OKAP_CAPABILITY_IMAGES:
      return C_("capability", "Pictures");
    case OKAP_CAPABILITY_AUDIO:
      return C_("capability", "Speech");
    case OKAP_CAPABILITY_VISION:
      return C_("capability", "Look at pictures");
    case OKAP_CAPABILITY_CODE:
      return C_("capability", "Code");
    case OKAP_CAPABILITY_MODERATION:
      return C_("capability", "Moderation");
    default:
      return C_("capability", "Something else");
    }
}

/** okap_words_about_capability: (transfer none): what an app does with it */
const char *
okap_words_about_capability (OkapCapability capability)
{
  switch (capability)
    {
    case OKAP_CAPABILITY_CHAT:
      return _("Send messages and read the answers");
    case OKAP_CAPABILITY_COMPLETIONS:
      return _("Have a text continued");
    case OKAP_CAPABILITY_EMBEDDINGS:
      return _("Turn texts into numbers, to search and compare them");
    case OKAP_CAPABILITY_IMAGES:
      return _("Have pictures made or changed");
    case OKAP_CAPABILITY_AUDIO:
      return _("Have speech written down or read out");
    case OKAP_CAPABILITY_VISION:
      return _("Send pictures along with messages");
    case OKAP_CAPABILITY_CODE:
      return _("Have programs written and changed");
    case OKAP_CAPABILITY_MODERATION:
      return _("Have texts checked for what is not allowed");
    default:
      return "";
    }
}

char *
okap_words_for_capabilities (OkapCapability capabilities)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    if ((capabilities & (1u << i)) != 0)
      g_strv_builder_add (builder, okap_words_for_capability ((OkapCapability) (1u << i)));
  names = g_strv_builder_end (builder);
  return names[0] != NULL ? g_strjoinv (" · ", names) : g_strdup (_("Nothing"));
}

const char *
okap_words_for_limit (OkapLimit limit)
{
  switch (limit)
    {
    case OKAP_LIMIT_MONTHLY_SPEND:
      return _("Dollars a month");
    case OKAP_LIMIT_DAILY_SPEND:
      return _("Dollars a day");
    case OKAP_LIMIT_TOTAL_SPEND:
      return _("Dollars in all");
    case OKAP_LIMIT_SPEND_PER_REQUEST:
      return _("Dollars a request");
    case OKAP_LIMIT_REQUESTS_PER_MINUTE:
      return _("Requests a minute");
    case OKAP_LIMIT_REQUESTS_PER_DAY:
      return _("Requests a day");
    case OKAP_LIMIT_TOKENS_PER_MINUTE:
      return _("Tokens a minute");
    case OKAP_LIMIT_TOKENS_PER_REQUEST:
      return _("Tokens a request");
    case OKAP_LIMIT_CONCURRENCY:
      return _("Requests at the same time");
    default:
      g_assert_not_reached ();
    }
}

/** okap_words_for_limit_value: (transfer full): such as "$10.00 a month" */
char *
okap_words_for_limit_value (OkapLimit limit, gint64 value)
{
  g_autofree char *text = okap_limit_is_money (limit) ? okap_format_usd (value)
                                                      : okap_format_count (value);

  switch (limit)
    {
    case OKAP_LIMIT_MONTHLY_SPEND:
      return g_strdup_printf (_("%s a month"), text);
    case OKAP_LIMIT_DAILY_SPEND:
      return g_strdup_printf (_("%s a day"), text);
    case OKAP_LIMIT_TOTAL_SPEND:
      return g_strdup_printf (_("%s in all"), text);
    case OKAP_LIMIT_SPEND_PER_REQUEST:
      return g_strdup_printf (_("%s a request"), text);
    case OKAP_LIMIT_REQUESTS_PER_MINUTE:
      return g_strdup_printf (_("%s requests a minute"), text);
    case OKAP_LIMIT_REQUESTS_PER_DAY:
      return g_strdup_printf (_("%s requests a day"), text);
    case OKAP_LIMIT_TOKENS_PER_MINUTE:
      return g_strdup_printf (_("%s tokens a minute"), text);
    case OKAP_LIMIT_TOKENS_PER_REQUEST:
      return g_strdup_printf (_("%s tokens a request"), text);
    case OKAP_LIMIT_CONCURRENCY:
      return g_strdup_printf (_("%s requests at the same time"), text);
    default:
      g_assert_not_reached ();
    }
}

/** okap_words_for_limits: (transfer full): all that are set, on one line */
char *
okap_words_for_limits (const OkapLimits *limits)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;

  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limits_has (limits, (OkapLimit) i))
      {
        g_autofree char *part = okap_words_for_limit_value ((OkapLimit) i, limits->value[i]);

        g_strv_builder_add (builder, part);
      }
  parts = g_strv_builder_end (builder);
  return g_strjoinv (" · ", parts);
}

/** okap_words_for_state: (transfer full): what became of a grant, now; @all_paused: of every app */
char *
okap_words_for_state (const OkapGrant *grant, gboolean all_paused, gint64 now_us)
{
  if (grant->state == OKAP_GRANT_REVOKED)
    return g_strdup (C_("state of an app", "Revoked"));
  if (now_us >= grant->expires_us)
    return g_strdup (C_("state of an app", "Ended"));
  if (all_paused || grant->state == OKAP_GRANT_PAUSED)
    return g_strdup (C_("state of an app", "Paused"));
  return g_strdup (C_("state of an app", "Active"));
}

gboolean
okap_words_usage_succeeded (const OkapUsage *usage)
{
  return usage->error == NULL && usage->http_status >= 200 && usage->http_status < 400;
}

/** okap_words_for_usage: (transfer full): how a request to a provider ended */
char *
okap_words_for_usage (const OkapUsage *usage)
{
  static const struct
  {
    OkapError code;
    const char *words;
  } known[] = {
    { OKAP_ERROR_TOKEN_REVOKED, N_("Stopped: access was revoked") },
    { OKAP_ERROR_TOKEN_EXPIRED, N_("Stopped: access had ended") },
    { OKAP_ERROR_TOKEN_PAUSED, N_("Stopped: the app is paused") },
    { OKAP_ERROR_MODEL_NOT_ALLOWED, N_("Refused: this model is not allowed") },
    { OKAP_ERROR_CAPABILITY_NOT_ALLOWED, N_("Refused: this is not among what the app may do") },
    { OKAP_ERROR_RATE_LIMITED, N_("Refused: too many requests") },
    { OKAP_ERROR_SPEND_LIMIT_REACHED, N_("Refused: the limit is used up") },
    { OKAP_ERROR_PRICE_UNKNOWN, N_("Refused: the price of this model is not known") },
    { OKAP_ERROR_ENDPOINT_NOT_ALLOWED, N_("Refused: Okap cannot count what this costs") },
    { OKAP_ERROR_VAULT_LOCKED, N_("Stopped: the vault was locked") },
    { OKAP_ERROR_UPSTREAM_UNREACHABLE, N_("The provider could not be reached") },
    { OKAP_ERROR_UPSTREAM_TIMEOUT, N_("The provider did not answer in time") },
    { OKAP_ERROR_CALLER_GONE, N_("The app hung up") },
  };

  for (guint i = 0; usage->error != NULL && i < G_N_ELEMENTS (known); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, (int) known[i].code, "");

      if (g_str_equal (okap_error_get_wire_name (error), usage->error))
        return g_strdup (_(known[i].words));
    }
  if (usage->http_status == 499)
    return g_strdup (_("The app hung up"));
  if (usage->error != NULL)
    return g_strdup (_("Not finished"));
  if (okap_words_usage_succeeded (usage))
    return g_strdup (_("Answered"));
  /* Translators: %u is the number of an HTTP status, such as 401 */
  return g_strdup_printf (_("The provider refused (%u)"), usage->http_status);
}

static char *
words_for_booked (const OkapUsage *usage)
{
  g_autofree char *money = NULL;

  switch (usage->cost_status)
    {
    case OKAP_COST_UNKNOWN:
      return g_strdup (_("No price known"));
    case OKAP_COST_FREE:
      /* Translators: what a request cost */
      return g_strdup (_("Free"));
    case OKAP_COST_ESTIMATED:
      money = okap_format_money (usage->cost_nusd);
      /* Translators: an estimated amount of money */
      return g_strdup_printf (_("about %s"), money);
    case OKAP_COST_CEILING:
      money = okap_format_money (usage->cost_nusd);
      /* Translators: an amount of money that is not known, but bounded */
      return g_strdup_printf (_("at most %s"), money);
    case OKAP_COST_KNOWN:
    case OKAP_COST_REPORTED:
    case OKAP_COST_CORRECTION:
    default:
      return okap_format_money (usage->cost_nusd);
    }
}

/** okap_words_for_cost: (transfer full): the amount, and how sure it is */
char *
okap_words_for_cost (const OkapUsage *usage)
{
  g_autofree char *booked = words_for_booked (usage);
  g_autofree char *over = NULL;

  if (usage->over_nusd <= 0)
    return g_steal_pointer (&booked);
  over = okap_format_money (usage->over_nusd);
  /* Translators: amounts of money: what was counted, and what a provider claims beyond it */
  return g_strdup_printf (_("%1$s, the provider claims %2$s more"), booked, over);
}

/** okap_words_for_error: (transfer full): what happened and what to do, for a person */
char *
okap_words_for_error (const GError *error)
{
  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE))
    return g_strdup (_("That does not open this vault. Check the keyboard layout and Caps Lock, "
                       "or use your recovery code."));
  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED))
    return g_strdup (_("The vault is locked. Unlock it and try again."));
  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_KEYRING))
    return g_strdup (gettext (error->message));   /* marked in okap-keyring-words.c */
  return g_strdup (error->message);
}
