/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap doctor --endpoints: what apps may ask of each provider, who counts it, and what a cap on
 * money means for it. Read from the table that the proxy judges requests by, so that it cannot say
 * anything else than what happens. */
#include "config.h"

#include "okap-doctor-endpoints.h"

#include <stdio.h>

#include "okap-error.h"
#include "okap-provider.h"
#include "okap-table.h"

#define COMPATIBLE_ID "openai-compatible"

static const char *
get_money_words (const OkapEndpoint *endpoint)
{
  switch (okap_endpoint_get_money_rule (endpoint))
    {
    case OKAP_MONEY_FREE:
      return "free: passes";
    case OKAP_MONEY_LEASED:
      return endpoint->job != NULL ? "lease, settled; in the background at its end"
                                   : "lease, settled";
    case OKAP_MONEY_JOB:
      return "lease, settled when the job ends";
    case OKAP_MONEY_REFUSED:
    default:
      return "refused: nobody counts it";
    }
}

static const char *
get_capability_name (const OkapEndpoint *endpoint)
{
  return endpoint->capability != OKAP_CAPABILITY_NONE
         ? okap_capability_get_name (endpoint->capability) : "any";
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_json (JsonBuilder *builder, const OkapProvider *provider, const OkapEndpoint *endpoint)
{
  static const char *const rules[] = { "free", "leased", "job", "refused" };

  json_builder_begin_object (builder);
  add_string (builder, "provider", okap_provider_get_id (provider));
  add_string (builder, "method", endpoint->method);
  add_string (builder, "path", endpoint->pattern);
  add_string (builder, "capability", get_capability_name (endpoint));
  add_string (builder, "model", okap_model_place_get_name (endpoint->model_place));
  add_string (builder, "meter", okap_meter_kind_get_name (endpoint->meter));
  add_string (builder, "money_cap", rules[okap_endpoint_get_money_rule (endpoint)]);
  add_string (builder, "job", endpoint->job != NULL ? endpoint->job->name : NULL);
  add_string (builder, "max_output", okap_provider_get_max_output (provider, endpoint));
  json_builder_set_member_name (builder, "asks_stream_usage");
  json_builder_add_boolean_value (builder, okap_provider_asks_stream_usage (provider, endpoint));
  json_builder_set_member_name (builder, "retired");
  json_builder_add_boolean_value (builder, endpoint->retired);
  json_builder_end_object (builder);
}

static void
print_json (GPtrArray *providers)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < providers->len; i++)
    {
      const OkapProvider *provider = g_ptr_array_index (providers, i);
      const GPtrArray *endpoints = okap_provider_get_endpoints (provider);

      for (guint j = 0; j < endpoints->len; j++)
        add_json (builder, provider, g_ptr_array_index (endpoints, j));
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  okap_cli_print_json (root);
}

static void
print_table (const OkapProvider *provider)
{
  static const char *const headings[] = { "<METHOD", "<PATH", "<CAPABILITY", "<MODEL", "<METER",
                                          "<UNDER A MONEY CAP", NULL };
  const GPtrArray *endpoints = okap_provider_get_endpoints (provider);
  const char *base_url = okap_provider_get_base_url (provider);
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; i < endpoints->len; i++)
    {
      const OkapEndpoint *endpoint = g_ptr_array_index (endpoints, i);
      g_autofree char *path = g_strconcat (endpoint->pattern,
                                           endpoint->retired ? " (retired)" : "", NULL);
      const char *cells[] = { endpoint->method, path, get_capability_name (endpoint),
                              okap_model_place_get_name (endpoint->model_place),
                              okap_meter_kind_get_name (endpoint->meter),
                              get_money_words (endpoint) };

      okap_table_add_row (table, cells);
    }
  text = okap_table_format (table);
  printf ("%s (%s) at %s\n", okap_provider_get_name (provider), okap_provider_get_id (provider),
          *base_url != '\0' ? base_url : "the address of its key");
  okap_cli_print (text);
}

static GPtrArray *
list_providers (const char *id, GError **error)
{
  g_autoptr (GPtrArray) providers = NULL;
  OkapProvider *provider;

  if (id == NULL)
    return okap_provider_list ();
  provider = g_str_equal (id, COMPATIBLE_ID)
             ? okap_provider_new_compatible (id, "https://example.com/v1")
             : okap_provider_lookup (id);
  if (provider == NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                   "There is no provider “%s” in the table. Those that you add yourself have the "
                   "endpoints of " COMPATIBLE_ID, id);
      return NULL;
    }
  providers = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_provider_unref);
  g_ptr_array_add (providers, provider);
  return g_steal_pointer (&providers);
}

/**
 * okap_doctor_print_endpoints:
 * @id: (nullable): of one provider; NULL for all
 *
 * Returns: the command's exit status
 */
int
okap_doctor_print_endpoints (const char *id, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) providers = list_providers (id, &error);

  if (providers == NULL)
    return okap_cli_fail (error);
  if (json)
    print_json (providers);
  for (guint i = 0; !json && i < providers->len; i++)
    {
      if (i > 0)
        putchar ('\n');
      print_table (g_ptr_array_index (providers, i));
    }
  if (!json)
    fputs ("\nWhatever is not listed is refused. “lease, settled”: the worst case is set aside\n"
           "before the request is sent, and what it cost is taken at its end.\n", stdout);
  return OKAP_EXIT_DONE;
}
