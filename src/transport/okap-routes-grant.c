/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an app may know about its own grant, and giving it back. The token tells whose it is; it
 * may stand wherever an SDK puts its key (PROTOCOL section 3).
 *
 * How its limits stand is asked of the gate, which decides by just that: what is settled, and what
 * running requests have reserved. What was used of them in numbers comes from the store: since the
 * start of the grant's day, of its month, and of its time. */
#include "config.h"

#include <string.h>

#include "okap-answer-json.h"
#include "okap-build.h"
#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-http-token.h"
#include "okap-money.h"
#include "okap-routes.h"

enum
{
  WINDOW_DAY,
  WINDOW_MONTH,
  WINDOW_TOTAL,
  N_WINDOWS,
};

static const char * const window_names[N_WINDOWS] = { "day", "month", "total" };

typedef struct
{
  OkapCall *call;         /* (owned) */
  GTimeZone *zone;        /* (owned) the grant's */
  gint64 now_us;
  guint window;           /* that is being summarised */
  gint64 since_us[N_WINDOWS];
  gint64 resets_us[N_WINDOWS];
  OkapUsageSummary used[N_WINDOWS][OKAP_CAP_REQUEST_ENTRIES];  /* by scope; keys are not set */
} Report;

static void
report_free (Report *report)
{
  okap_call_unref (report->call);
  g_time_zone_unref (report->zone);
  g_free (report);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Report, report_free)

/** okap_routes_check_token: whose token is it; one that has ended is refused like at the proxy */
gboolean
okap_routes_check_token (OkapCall *call, GError **error)
{
  const OkapHttpHead *head = okap_http_exchange_get_head (call->exchange);
  char token[OKAP_TOKEN_LENGTH];
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  gboolean found = okap_http_token_find (head, NULL, 0, token, error);

  if (found)
    call->grant = okap_gate_lookup_grant (call->transport->gate, token, sizeof token, call->caller,
                                          error);
  okap_wipe (token, sizeof token);
  if (call->grant == NULL)
    return FALSE;
  if (call->grant->state == OKAP_GRANT_REVOKED)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED,
                           "This access was revoked. Ask for access again.");
      return FALSE;
    }
  if (!okap_grant_is_live (call->grant, now_us))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_TOKEN_EXPIRED,
                           "This access has expired. Ask for access again.");
      return FALSE;
    }
  return TRUE;
}

/* --- GET /okap/grant --- */

static void
add_amount (JsonBuilder *builder, const char *name, OkapLimit limit, gint64 value)
{
  if (okap_limit_is_money (limit))
    okap_build_usd (builder, name, value);
  else
    okap_build_int (builder, name, value);
}

static void
add_standing (JsonBuilder *builder, const char *provider, const OkapStanding *standing)
{
  gint64 used = okap_money_add (standing->settled, standing->reserved);

  json_builder_begin_object (builder);
  okap_build_string (builder, "provider", provider);
  okap_build_string (builder, "limit", okap_limit_get_name (standing->limit));
  add_amount (builder, "granted", standing->limit, standing->cap);
  add_amount (builder, "used", standing->limit, used);
  add_amount (builder, "settled", standing->limit, standing->settled);
  add_amount (builder, "reserved", standing->limit, standing->reserved);
  add_amount (builder, "remaining", standing->limit, MAX (0, standing->cap - used));
  okap_build_time (builder, "resets", standing->resets_us);
  json_builder_end_object (builder);
}

static void
add_remaining (JsonBuilder *builder, const Report *report, guint index)
{
  const OkapGrant *grant = report->call->grant;
  const OkapScope *scope = g_ptr_array_index (grant->scopes, index);
  OkapStanding standings[OKAP_N_LIMITS];
  guint n = okap_gate_get_standings (report->call->transport->gate, grant->id, scope->provider,
                                     standings);

  for (guint i = 0; i < n; i++)
    add_standing (builder, scope->provider, &standings[i]);
}

static OkapUsageSummary
add_up (const Report *report, guint window)
{
  OkapUsageSummary sum = { 0 };

  for (guint i = 0; i < report->call->grant->scopes->len; i++)
    {
      const OkapUsageSummary *used = &report->used[window][i];

      sum.requests += used->requests;
      sum.input_tokens += used->input_tokens;
      sum.output_tokens += used->output_tokens;
      sum.cost_nusd = okap_money_add (sum.cost_nusd, used->cost_nusd);
      sum.unknown_requests += used->unknown_requests;
    }
  return sum;
}

static void
add_used (JsonBuilder *builder, const Report *report)
{
  json_builder_set_member_name (builder, "used");
  json_builder_begin_object (builder);
  for (guint i = 0; i < N_WINDOWS; i++)
    {
      OkapUsageSummary sum = add_up (report, i);

      json_builder_set_member_name (builder, window_names[i]);
      json_builder_begin_object (builder);
      okap_build_time (builder, "since", report->since_us[i]);
      okap_build_time (builder, "resets", report->resets_us[i]);
      okap_build_int (builder, "requests", sum.requests);
      okap_build_int (builder, "input_tokens", sum.input_tokens);
      okap_build_int (builder, "output_tokens", sum.output_tokens);
      okap_build_usd (builder, "cost_usd", sum.cost_nusd);
      okap_build_int (builder, "requests_without_price", sum.unknown_requests);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
}

/* To the app it is the same whether it is paused alone or with all others. */
static const char *
get_state (const Report *report)
{
  const OkapGrant *grant = report->call->grant;
  const char *state = okap_build_get_state (grant, report->now_us);

  return grant->state == OKAP_GRANT_ACTIVE && report->now_us < grant->expires_us
         && okap_gate_is_paused (report->call->transport->gate) ? "paused" : state;
}

static void
answer_report (Report *report)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  OkapGrant *grant = report->call->grant;
  g_autofree char *origin = okap_transport_dup_origin (report->call->transport);

  json_builder_begin_object (builder);
  okap_build_string (builder, "okap", "1.0");
  okap_build_string (builder, "grant_id", grant->id);
  okap_build_string (builder, "status", get_state (report));
  okap_build_string (builder, "app", okap_grant_get_title (grant));
  okap_build_time (builder, "created", grant->created_us);
  okap_build_time (builder, "expires", grant->expires_us);
  okap_build_string (builder, "zone", grant->zone);
  json_builder_set_member_name (builder, "authorization_details");
  json_builder_add_value (builder, okap_answer_details (grant, origin));
  add_used (builder, report);
  json_builder_set_member_name (builder, "remaining");
  json_builder_begin_array (builder);
  for (guint i = 0; i < grant->scopes->len; i++)
    add_remaining (builder, report, i);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (report->call, 200, builder);
}

static void
keep (Report *report, const OkapUsageSummary *row)
{
  const OkapGrant *grant = report->call->grant;

  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);
      g_autofree char *key = g_strconcat (grant->id, "/", scope->provider, NULL);

      if (g_str_equal (row->key, key))
        {
          report->used[report->window][i] = *row;
          report->used[report->window][i].key = NULL;
        }
    }
}

static void summarise (Report *report);

static void
summarised_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Report) report = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_summarise_finish (OKAP_STORE (source), result, &error);

  if (rows == NULL)
    {
      okap_call_answer_error (report->call, error);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    keep (report, g_ptr_array_index (rows, i));
  report->window++;
  if (report->window < N_WINDOWS && report->call->transport->broker != NULL)
    summarise (g_steal_pointer (&report));
  else
    answer_report (report);
}

/* Takes @report. */
static void
summarise (Report *report)
{
  okap_store_summarise_async (okap_broker_get_store (report->call->transport->broker),
                              OKAP_USAGE_BY_SCOPE, report->since_us[report->window],
                              report->zone, summarised_cb, report);
}

void
okap_routes_serve_grant (OkapCall *call)
{
  Report *report = g_new0 (Report, 1);

  report->call = okap_call_ref (call);
  report->zone = g_time_zone_new_identifier (call->grant->zone);
  if (report->zone == NULL)
    report->zone = g_time_zone_new_local ();
  report->now_us = okap_clock_get_now (okap_clock_get_real ());
  report->since_us[WINDOW_DAY] = okap_time_day_start (report->now_us, report->zone);
  report->resets_us[WINDOW_DAY] = okap_time_next_day (report->now_us, report->zone);
  report->since_us[WINDOW_MONTH] = okap_time_month_start (report->now_us, report->zone);
  report->resets_us[WINDOW_MONTH] = okap_time_next_month (report->now_us, report->zone);
  report->since_us[WINDOW_TOTAL] = call->grant->created_us;
  summarise (report);
}

/* --- POST /okap/revoke --- */

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    {
      okap_call_answer_error (call, error);
      return;
    }
  json_builder_begin_object (builder);
  okap_build_string (builder, "okap", "1.0");
  okap_build_string (builder, "status", "revoked");
  okap_build_string (builder, "grant_id", call->grant->id);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

void
okap_routes_serve_revoke (OkapCall *call)
{
  okap_broker_set_grant_state_async (call->transport->broker, call->grant->id, OKAP_GRANT_REVOKED,
                                     "given back by the app", revoked_cb, okap_call_ref (call));
}
