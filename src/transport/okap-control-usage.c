/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control route of "okap usage": sums by app, provider, model, day or grant, in the user's own
 * zone. */
#include "config.h"

#include "okap-build.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-routes.h"

static const struct
{
  const char *name;
  OkapUsageGrouping by;
} groupings[] = {
  { "app", OKAP_USAGE_BY_APP },
  { "provider", OKAP_USAGE_BY_PROVIDER },
  { "model", OKAP_USAGE_BY_MODEL },
  { "day", OKAP_USAGE_BY_DAY },
  { "grant", OKAP_USAGE_BY_GRANT },
  { "scope", OKAP_USAGE_BY_SCOPE },
};

static gboolean
read_params (OkapCall *call, OkapUsageGrouping *out_by, gint64 *out_since_us, GError **error)
{
  g_autofree char *by = okap_call_dup_param (call, "by");
  g_autofree char *since = okap_call_dup_param (call, "since");
  gboolean found = by == NULL;

  *out_by = OKAP_USAGE_BY_APP;
  *out_since_us = 0;
  for (guint i = 0; by != NULL && i < G_N_ELEMENTS (groupings); i++)
    if (g_str_equal (groupings[i].name, by))
      {
        *out_by = groupings[i].by;
        found = TRUE;
      }
  if (!found)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Usage is grouped by app, provider, model, day, grant or scope.");
      return FALSE;
    }
  if (since != NULL && !okap_time_parse (since, out_since_us))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a time such as 2027-03-01 or 2027-03-01T12:00:00Z.");
      return FALSE;
    }
  return TRUE;
}

gboolean
okap_control_check_usage (OkapCall *call, GError **error)
{
  OkapUsageGrouping by;
  gint64 since_us;

  return read_params (call, &by, &since_us, error);
}

static void
summarised_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_summarise_finish (OKAP_STORE (source), result, &error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (rows == NULL)
    {
      okap_call_answer_error (call, error);
      return;
    }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsageSummary *row = g_ptr_array_index (rows, i);

      json_builder_begin_object (builder);
      okap_build_string (builder, "key", row->key);
      okap_build_int (builder, "requests", row->requests);
      okap_build_int (builder, "input_tokens", row->input_tokens);
      okap_build_int (builder, "cached_tokens", row->cached_tokens);
      okap_build_int (builder, "output_tokens", row->output_tokens);
      okap_build_usd (builder, "cost_usd", row->cost_nusd);
      okap_build_usd (builder, "over_usd", row->over_nusd);
      okap_build_int (builder, "failed_requests", row->failed_requests);
      okap_build_int (builder, "estimated_requests", row->estimated_requests);
      okap_build_int (builder, "requests_without_price", row->unknown_requests);
      okap_build_time (builder, "last", row->last_us);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

void
okap_control_serve_usage (OkapCall *call)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  OkapUsageGrouping by;
  gint64 since_us;

  if (read_params (call, &by, &since_us, NULL))
    okap_store_summarise_async (okap_broker_get_store (call->transport->broker), by, since_us,
                                zone, summarised_cb, okap_call_ref (call));
}
