/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the activity: of one request, and of one line of the audit trail. */
#include "config.h"

#include "okap-log-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-words.h"

/** okap_log_words_for_what: (transfer full): how it ended unless well, and what was asked */
char *
okap_log_words_for_what (const OkapUsage *usage)
{
  g_autofree char *provider = okap_words_for_provider (usage->provider);
  const char *model = *usage->model_served != '\0' ? usage->model_served : usage->model_asked;
  GString *text = g_string_new (NULL);

  if (usage->cost_status == OKAP_COST_CORRECTION)
    /* Translators: an amount of money that the user entered to put a sum right */
    g_string_append_printf (text, "%s · ", _("Correction"));
  else if (!okap_words_usage_succeeded (usage))
    {
      g_autofree char *status = okap_words_for_usage (usage);

      g_string_append_printf (text, "%s · ", status);
    }
  g_string_append (text, provider);
  if (*model != '\0' || *usage->endpoint != '\0')
    g_string_append_printf (text, " · %s", *model != '\0' ? model : usage->endpoint);
  return g_string_free (text, FALSE);
}

/** okap_log_words_for_when: (transfer full): short, and true also when it is read an hour later */
char *
okap_log_words_for_when (gint64 time_us, gint64 now_us)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  if (time_us >= okap_time_day_start (now_us, zone))
    return okap_format_hour (time_us);
  return okap_format_ago (time_us, now_us);
}

/** okap_log_words_for_tokens: (transfer full): empty if there are none */
char *
okap_log_words_for_tokens (const OkapUsage *usage)
{
  gint64 count = okap_units_get_tokens (&usage->units);

  return count > 0 ? okap_format_tokens (count) : g_strdup ("");
}

/** okap_log_words_for_price: (transfer full): where what it cost comes from */
char *
okap_log_words_for_price (const OkapUsage *usage)
{
  switch (usage->cost_status)
    {
    case OKAP_COST_KNOWN:
      return g_strdup (_("The provider counted it; the price is of Okap’s table"));
    case OKAP_COST_ESTIMATED:
      return g_strdup (_("An estimate: Okap counted what it saw, since the provider did not say"));
    case OKAP_COST_UNKNOWN:
      return g_strdup (_("Nobody told Okap the price of this model, so the cost is not known"));
    case OKAP_COST_REPORTED:
      return g_strdup (_("The provider itself said what it billed"));
    case OKAP_COST_FREE:
      return g_strdup (_("This costs nothing"));
    case OKAP_COST_CEILING:
      return g_strdup (_("The price is not known; counted at the most that you set for such"));
    case OKAP_COST_CORRECTION:
      return g_strdup (_("You entered this amount yourself"));
    default:
      return g_strdup ("");
    }
}

/** okap_log_words_for_body: (transfer full): whether Okap sent on what it got */
char *
okap_log_words_for_body (const OkapUsage *usage)
{
  if (usage->edits != NULL && usage->edits[0] != '\0')
    /* Translators: %s names members of a request that Okap set, such as max_tokens=512 */
    return g_strdup_printf (_("Changed: %s"), usage->edits);
  if (okap_body_digest_is_set (&usage->digest_out))
    return g_strdup (_("Changed"));
  if (usage->bytes_in == 0)
    return g_strdup (_("There was none"));
  if (okap_body_digest_is_set (&usage->digest_in))
    return g_strdup (_("As it came, to the last byte"));
  return g_strdup (_("Not recorded"));
}

char *
okap_log_words_for_bytes (gint64 bytes)
{
  return g_format_size ((guint64) MAX (bytes, 0));
}

/** okap_log_words_for_unit: (transfer none): what is counted, for a list of counts */
const char *
okap_log_words_for_unit (OkapUnit unit)
{
  static const char *const words[OKAP_N_UNITS] = {
    [OKAP_UNIT_INPUT] = NC_("unit", "Input"),
    [OKAP_UNIT_CACHED] = NC_("unit", "Input from cache"),
    [OKAP_UNIT_CACHE_WRITTEN] = NC_("unit", "Written to cache"),
    [OKAP_UNIT_CACHE_WRITTEN_1H] = NC_("unit", "Written to cache for an hour"),
    [OKAP_UNIT_AUDIO_INPUT] = NC_("unit", "Sound in"),
    [OKAP_UNIT_AUDIO_CACHED] = NC_("unit", "Sound from cache"),
    [OKAP_UNIT_IMAGE_INPUT] = NC_("unit", "Pictures in"),
    [OKAP_UNIT_IMAGE_CACHED] = NC_("unit", "Pictures from cache"),
    [OKAP_UNIT_VIDEO_INPUT] = NC_("unit", "Film in"),
    [OKAP_UNIT_OUTPUT] = NC_("unit", "Output"),
    [OKAP_UNIT_REASONING] = NC_("unit", "Reasoning"),
    [OKAP_UNIT_AUDIO_OUTPUT] = NC_("unit", "Sound out"),
    [OKAP_UNIT_IMAGE_OUTPUT] = NC_("unit", "Pictures out"),
    [OKAP_UNIT_VIDEO_OUTPUT] = NC_("unit", "Film out"),
    [OKAP_UNIT_REQUESTS] = NC_("unit", "Calls"),
    [OKAP_UNIT_IMAGES] = NC_("unit", "Pictures made"),
    [OKAP_UNIT_MILLISECONDS] = NC_("unit", "Milliseconds of sound or film"),
    [OKAP_UNIT_CHARACTERS] = NC_("unit", "Characters spoken"),
    [OKAP_UNIT_SEARCHES] = NC_("unit", "Searches"),
    [OKAP_UNIT_PAGES] = NC_("unit", "Pages read"),
  };

  return g_dpgettext2 (NULL, "unit", words[unit]);
}

/** okap_log_words_for_event: (transfer none): what kind of line it is */
const char *
okap_log_words_for_event (const char *event)
{
  static const struct
  {
    const char *event;         /* or the beginning of several */
    const char *words;
  } known[] = {
    { "grant.created", NC_("event", "Access allowed") },
    { "grant.given_again", NC_("event", "Access given again") },
    { "grant.refused", NC_("event", "Access refused") },
    { "grant.misused", NC_("event", "Used by another program") },
    { "grant.tampered", NC_("event", "Changed from outside") },
    { "grant.paused", NC_("event", "App paused") },
    { "grant.revoked", NC_("event", "Access revoked") },
    { "grant.", NC_("event", "Access changed") },
    { "apps.paused", NC_("event", "All apps paused") },
    { "apps.resumed", NC_("event", "All apps go on") },
    { "key.added", NC_("event", "Key added") },
    { "key.removed", NC_("event", "Key removed") },
    { "key.", NC_("event", "Key replaced") },
    { "vault.unlocked", NC_("event", "Unlocked") },
    { "vault.locked", NC_("event", "Locked") },
    { "vault.", NC_("event", "Vault") },
    { "limit.", NC_("event", "Limit reached") },
    { "prices.", NC_("event", "Prices changed") },
    { "usage.", NC_("event", "Correction") },
    { "audit.", NC_("event", "This record") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_has_prefix (event, known[i].event))
      return g_dpgettext2 (NULL, "event", known[i].words);
  return C_("event", "Something else");
}

/** okap_log_words_for_endpoint: (transfer none) */
const char *
okap_log_words_for_endpoint (const OkapUsage *usage)
{
  return *usage->endpoint != '\0' ? usage->endpoint : "/";
}
