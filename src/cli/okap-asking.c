/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From options to an OKAP 1.0 request (shape A): one entry per provider, the rest the same in
 * each. With several providers, a model written "provider/model" belongs to that one alone. */
#include "config.h"

#include "okap-asking.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "okap-cli.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-money.h"

void
okap_asking_clear (OkapAsking *asking)
{
  g_strfreev (asking->providers);
  g_strfreev (asking->models);
  g_strfreev (asking->capabilities);
  g_free (asking->monthly);
  g_free (asking->daily);
  g_free (asking->expires);
  g_free (asking->name);
  g_free (asking->reason);
  *asking = (OkapAsking) OKAP_ASKING_INIT;
}

/** okap_asking_add_entries: fills @entries with the options, which write into @asking */
void
okap_asking_add_entries (OkapAsking *asking, GOptionEntry entries[OKAP_ASKING_N_ENTRIES])
{
  const GOptionEntry all[OKAP_ASKING_N_ENTRIES] = {
    { "provider", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &asking->providers,
      N_("Whom to talk to, such as openai; may be repeated"), "P" },
    { "model", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &asking->models,
      N_("Only this model, or this* beginning; may be repeated"), "M" },
    { "capability", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &asking->capabilities,
      N_("What for (chat if not given); may be repeated"), "C" },
    { "monthly", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &asking->monthly,
      N_("At most so many dollars a month"), "USD" },
    { "daily", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &asking->daily,
      N_("At most so many dollars a day"), "USD" },
    { "rpm", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT64, &asking->rpm,
      N_("At most so many requests a minute"), "N" },
    { "rpd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT64, &asking->rpd,
      N_("At most so many requests a day"), "N" },
    { "expires", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &asking->expires,
      N_("Until then: 2027-03-01, or 12h, 7d from now"), "WHEN" },
    { "name", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &asking->name,
      N_("What the app calls itself"), "N" },
    { "reason", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &asking->reason,
      N_("What the access is for"), "R" },
  };

  memcpy (entries, all, sizeof all);
}

/** okap_asking_is_empty: whether no option was given */
gboolean
okap_asking_is_empty (const OkapAsking *asking)
{
  return asking->providers == NULL && asking->models == NULL && asking->capabilities == NULL
         && asking->monthly == NULL && asking->daily == NULL && asking->rpm < 0
         && asking->rpd < 0 && asking->expires == NULL && asking->name == NULL
         && asking->reason == NULL;
}

/* The model's name for @provider; NULL if the model belongs to another of the providers. */
static const char *
get_model_for (const OkapAsking *asking, const char *model, const char *provider)
{
  const char *slash = strchr (model, '/');

  if (slash == NULL || g_strv_length (asking->providers) < 2)
    return model;
  for (char **other = asking->providers; *other != NULL; other++)
    if (strlen (*other) == (gsize) (slash - model) && strncmp (model, *other, strlen (*other)) == 0)
      return strcmp (*other, provider) == 0 ? slash + 1 : NULL;
  return model;
}

static void
add_models (JsonBuilder *builder, const OkapAsking *asking, const char *provider)
{
  json_builder_set_member_name (builder, "models");
  json_builder_begin_array (builder);
  for (char **model = asking->models; model != NULL && *model != NULL; model++)
    {
      const char *name = get_model_for (asking, *model, provider);

      if (name != NULL)
        json_builder_add_string_value (builder, name);
    }
  json_builder_end_array (builder);
}

static void
add_capabilities (JsonBuilder *builder, const OkapAsking *asking)
{
  json_builder_set_member_name (builder, "capabilities");
  json_builder_begin_array (builder);
  if (asking->capabilities == NULL)
    json_builder_add_string_value (builder, "chat");
  for (char **name = asking->capabilities; name != NULL && *name != NULL; name++)
    json_builder_add_string_value (builder, *name);
  json_builder_end_array (builder);
}

static gboolean
add_money (JsonBuilder *builder, const char *name, const char *text, GError **error)
{
  gint64 nusd;

  if (text == NULL)
    return TRUE;
  if (!okap_money_parse (text, &nusd, error))
    return FALSE;
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, okap_money_to_double (nusd));
  return TRUE;
}

static void
add_count (JsonBuilder *builder, const char *name, gint64 count)
{
  if (count < 0)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, count);
}

static gboolean
add_limits (JsonBuilder *builder, const OkapAsking *asking, GError **error)
{
  json_builder_set_member_name (builder, "limits");
  json_builder_begin_object (builder);
  if (!add_money (builder, "monthly_spend", asking->monthly, error)
      || !add_money (builder, "daily_spend", asking->daily, error))
    return FALSE;
  add_count (builder, "requests_per_minute", asking->rpm);
  add_count (builder, "requests_per_day", asking->rpd);
  json_builder_end_object (builder);
  return TRUE;
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  if (text == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

/* Whether every model has a provider to belong to; a list that ends empty would mean all. */
static gboolean
check_models (const OkapAsking *asking, const char *provider, GError **error)
{
  if (asking->models == NULL)
    return TRUE;
  for (char **model = asking->models; *model != NULL; model++)
    if (get_model_for (asking, *model, provider) != NULL)
      return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
               "no --model is for %s, and none would mean all. Name one, such as "
               "--model '%s/NAME'", provider, provider);
  return FALSE;
}

/**
 * okap_asking_format:
 * @error: %OKAP_ERROR_INVALID_REQUEST
 *
 * Returns: (transfer full) (nullable): the request as JSON
 */
char *
okap_asking_format (const OkapAsking *asking, gint64 now_us, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *expires = NULL;
  gint64 expires_us;

  if (asking->expires != NULL)
    {
      if (!okap_when_parse (asking->expires, now_us, TRUE, &expires_us, error))
        return NULL;
      expires = okap_time_format_iso (expires_us);
    }
  json_builder_begin_object (builder);
  add_text (builder, "okap", "1.0");
  json_builder_set_member_name (builder, "authorization_details");
  json_builder_begin_array (builder);
  for (char **provider = asking->providers; provider != NULL && *provider != NULL; provider++)
    {
      if (!check_models (asking, *provider, error))
        return NULL;
      json_builder_begin_object (builder);
      add_text (builder, "type", "ai_model_access");
      add_text (builder, "provider", *provider);
      add_models (builder, asking, *provider);
      add_capabilities (builder, asking);
      if (!add_limits (builder, asking, error))
        return NULL;
      add_text (builder, "expires", expires);
      add_text (builder, "reason", asking->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "client");
  json_builder_begin_object (builder);
  add_text (builder, "name", asking->name);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return okap_json_print (root, FALSE);
}
