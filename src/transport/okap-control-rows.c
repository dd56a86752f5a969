/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap usage list" and "okap usage keep": single rows of usage, and how long
 * they are kept. Checks run on the HTTP thread, the rest on the main one. */
#include "config.h"

#include "okap-build.h"
#include "okap-error.h"
#include "okap-routes.h"

static const char *const outcomes[] = {
  [OKAP_OUTCOME_ANY] = "any",
  [OKAP_OUTCOME_SUCCEEDED] = "succeeded",
  [OKAP_OUTCOME_FAILED] = "failed",
};

#define ROWS_USUAL 100
#define ROWS_MOST 1000

typedef struct
{
  OkapUsageFilter filter;  /* its texts are (owned) */
  gint64 before;
  guint most;
} RowsWanted;

static void
rows_wanted_clear (RowsWanted *wanted)
{
  g_free (wanted->filter.grant_id);
  g_free (wanted->filter.provider);
  g_free (wanted->filter.model);
  g_free (wanted->filter.app);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RowsWanted, rows_wanted_clear)

static gboolean
read_number (OkapCall *call, const char *name, guint64 least, guint64 most, guint64 *number,
             GError **error)
{
  g_autofree char *text = okap_call_dup_param (call, name);

  if (text == NULL || g_ascii_string_to_unsigned (text, 10, least, most, number, NULL))
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
               "Expected “%s” to be a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT ".",
               name, least, most);
  return FALSE;
}

static gboolean
read_outcome (OkapCall *call, OkapOutcome *outcome, GError **error)
{
  g_autofree char *text = okap_call_dup_param (call, "outcome");

  if (text == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (g_str_equal (outcomes[i], text))
      {
        *outcome = (OkapOutcome) i;
        return TRUE;
      }
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected “outcome” to be any, succeeded or failed.");
  return FALSE;
}

static gboolean
read_wanted (OkapCall *call, RowsWanted *wanted, GError **error)
{
  guint64 before = 0;
  guint64 most = ROWS_USUAL;

  if (!read_outcome (call, &wanted->filter.outcome, error)
      || !read_number (call, "before", 1, G_MAXINT64, &before, error)
      || !read_number (call, "most", 1, ROWS_MOST, &most, error))
    return FALSE;
  wanted->filter.grant_id = okap_call_dup_param (call, "grant");
  wanted->filter.provider = okap_call_dup_param (call, "provider");
  wanted->filter.model = okap_call_dup_param (call, "model");
  wanted->filter.app = okap_call_dup_param (call, "app");
  wanted->before = (gint64) before;
  wanted->most = (guint) most;
  return TRUE;
}

gboolean
okap_control_check_usage_rows (OkapCall *call, GError **error)
{
  g_auto (RowsWanted) wanted = { 0 };

  return read_wanted (call, &wanted, error);
}

static void
build_units (JsonBuilder *builder, const OkapUnits *units)
{
  json_builder_set_member_name (builder, "units");
  json_builder_begin_object (builder);
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (units->count[i] != 0)
      okap_build_int (builder, okap_unit_get_name ((OkapUnit) i), units->count[i]);
  json_builder_end_object (builder);
}

static void
build_row (JsonBuilder *builder, const OkapUsage *row)
{
  g_autofree char *digest_in = okap_body_digest_format (&row->digest_in);
  g_autofree char *digest_out = okap_body_digest_format (&row->digest_out);

  json_builder_begin_object (builder);
  okap_build_int (builder, "id", row->id);
  okap_build_string (builder, "request_id", row->request_id);
  okap_build_string (builder, "grant", row->grant_id);
  okap_build_string (builder, "app", row->app);
  okap_build_string (builder, "provider", row->provider);
  okap_build_string (builder, "endpoint", row->endpoint);
  okap_build_string (builder, "model_asked", row->model_asked);
  okap_build_string (builder, "model_served", row->model_served);
  build_units (builder, &row->units);
  okap_build_usd (builder, "cost_usd", row->cost_nusd);
  okap_build_usd (builder, "over_usd", row->over_nusd);
  okap_build_string (builder, "cost_status", okap_cost_status_get_name (row->cost_status));
  okap_build_string (builder, "tier", row->tier);
  okap_build_string (builder, "edits", row->edits);
  okap_build_string (builder, "digest_in", digest_in);
  okap_build_string (builder, "digest_out", digest_out);
  okap_build_time (builder, "started", row->started_us);
  okap_build_int (builder, "first_byte_us", row->first_byte_us);
  okap_build_int (builder, "duration_us", row->duration_us);
  okap_build_int (builder, "overhead_us", row->overhead_us);
  okap_build_int (builder, "status", row->http_status);
  okap_build_string (builder, "error", row->error);
  okap_build_int (builder, "bytes_in", row->bytes_in);
  okap_build_int (builder, "bytes_out", row->bytes_out);
  json_builder_set_member_name (builder, "streamed");
  json_builder_add_boolean_value (builder, row->streamed);
  okap_build_int (builder, "key_version", row->key_version);
  json_builder_end_object (builder);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_find_usage_finish (OKAP_STORE (source), result, &error);
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
    build_row (builder, g_ptr_array_index (rows, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

void
okap_control_serve_usage_rows (OkapCall *call)
{
  g_auto (RowsWanted) wanted = { 0 };

  if (read_wanted (call, &wanted, NULL))
    okap_store_find_usage_async (okap_broker_get_store (call->transport->broker), &wanted.filter,
                                 wanted.before, wanted.most, found_cb, okap_call_ref (call));
}

/* --- retention --- */

static gboolean
read_retention (OkapCall *call, OkapRetention *retention, GError **error)
{
  guint64 days = retention->keep_days;
  guint64 bytes = (guint64) retention->keep_bytes;

  if (!read_number (call, "days", 0, OKAP_RETENTION_MOST_DAYS, &days, error)
      || !read_number (call, "bytes", 0, G_MAXINT64, &bytes, error))
    return FALSE;
  if (bytes != 0 && bytes < OKAP_RETENTION_LEAST_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected “bytes” to be 0 for no limit, or at least %" G_GINT64_FORMAT ".",
                   OKAP_RETENTION_LEAST_BYTES);
      return FALSE;
    }
  retention->keep_days = (guint) days;
  retention->keep_bytes = (gint64) bytes;
  return TRUE;
}

gboolean
okap_control_check_retention (OkapCall *call, GError **error)
{
  OkapRetention retention = { 0 };

  return read_retention (call, &retention, error);
}

static void
answer_retention (OkapCall *call, const OkapRetention *retention)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  okap_build_int (builder, "keep_days", retention->keep_days);
  okap_build_int (builder, "keep_bytes", retention->keep_bytes);
  okap_build_int (builder, "database_bytes", retention->database_bytes);
  okap_build_time (builder, "oldest", MAX (retention->oldest_us, 0));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

static void
retention_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree OkapRetention *retention = okap_store_retention_finish (OKAP_STORE (source), result,
                                                                     &error);

  if (retention == NULL)
    okap_call_answer_error (call, error);
  else
    answer_retention (call, retention);
}

void
okap_control_serve_retention (OkapCall *call)
{
  okap_store_retention_async (okap_broker_get_store (call->transport->broker), NULL, retention_cb,
                              okap_call_ref (call));
}

/* What the change leaves out stays as it is. */
static void
change_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree OkapRetention *retention = okap_store_retention_finish (OKAP_STORE (source), result,
                                                                     &error);

  if (retention == NULL || !read_retention (call, retention, &error))
    okap_call_answer_error (call, error);
  else
    okap_store_retention_async (OKAP_STORE (source), retention, retention_cb,
                                okap_call_ref (call));
}

void
okap_control_serve_retention_change (OkapCall *call)
{
  okap_store_retention_async (okap_broker_get_store (call->transport->broker), NULL, change_cb,
                              okap_call_ref (call));
}
