/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap grants". They narrow or end what a person allowed. To resume gives back
 * what a pause took, so its route takes the passphrase as the body: a program that could resume
 * would undo what a person did to stop it. How money is handled (okap-control-money.c) can be set
 * within the limits, which no route widens without the passphrase. Main thread. */
#include "config.h"

#include "okap-answer-json.h"
#include "okap-build.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-routes.h"

static const OkapUsageSummary *
find_summary (GPtrArray *rows, const char *id)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsageSummary *row = g_ptr_array_index (rows, i);

      if (g_str_equal (row->key, id))
        return row;
    }
  return NULL;
}

/* Opens an object and leaves it open. */
static void
begin_grant (OkapCall *call, JsonBuilder *builder, const OkapGrant *grant,
             const OkapUsageSummary *used)
{
  OkapMisuseWatch *watch = okap_broker_get_misuse_watch (call->transport->broker);

  json_builder_begin_object (builder);
  okap_build_grant (builder, grant, okap_clock_get_now (okap_clock_get_real ()));
  okap_build_int (builder, "requests", used != NULL ? used->requests : 0);
  okap_build_usd (builder, "cost_usd", used != NULL ? used->cost_nusd : 0);
  okap_build_time (builder, "last_used", used != NULL ? used->last_us : 0);
  json_builder_set_member_name (builder, "attempts");
  okap_build_misuses (builder, okap_misuse_watch_get_list (watch), grant);
}

static void
answer_list (OkapCall *call, GPtrArray *used)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GListModel *grants = okap_broker_get_grants (call->transport->broker);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      OkapGrant *grant = okap_grant_item_get_grant (item);

      begin_grant (call, builder, grant, find_summary (used, grant->id));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

/* What the user set of a scope beside its limits. */
static void
build_money (JsonBuilder *builder, const OkapScope *scope)
{
  json_builder_begin_object (builder);
  okap_build_string (builder, "provider", scope->provider);
  if (scope->ceiling.set)
    {
      /* A pico-dollar a token is a millionth of a dollar for a million of them. */
      json_builder_set_member_name (builder, "ceiling_input");
      json_builder_add_double_value (builder, (double) scope->ceiling.input_pusd / 1e6);
      json_builder_set_member_name (builder, "ceiling_output");
      json_builder_add_double_value (builder, (double) scope->ceiling.output_pusd / 1e6);
    }
  json_builder_set_member_name (builder, "keep_output");
  json_builder_add_boolean_value (builder, (scope->options & OKAP_SCOPE_KEEP_OUTPUT) != 0);
  json_builder_set_member_name (builder, "finish_and_count");
  json_builder_add_boolean_value (builder, (scope->options & OKAP_SCOPE_FINISH_AND_COUNT) != 0);
  json_builder_end_object (builder);
}

static void
answer_one (OkapCall *call, OkapGrant *grant, GPtrArray *used)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *origin = okap_transport_dup_origin (call->transport);

  begin_grant (call, builder, grant, find_summary (used, grant->id));
  okap_build_string (builder, "app_url", grant->app_url);
  okap_build_string (builder, "reason", grant->reason);
  okap_build_bound (builder, grant);
  okap_build_string (builder, "term", okap_grant_term_get_name (grant->term));
  okap_build_string (builder, "zone", grant->zone);
  json_builder_set_member_name (builder, "authorization_details");
  json_builder_add_value (builder, okap_answer_details (grant, origin));
  json_builder_set_member_name (builder, "money");
  json_builder_begin_array (builder);
  for (guint i = 0; i < grant->scopes->len; i++)
    build_money (builder, g_ptr_array_index (grant->scopes, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

/** okap_control_find_grant: (nullable): answers the call itself if there is no such grant */
OkapGrant *
okap_control_find_grant (OkapCall *call)
{
  g_autofree char *id = okap_call_dup_param (call, "id");
  OkapGrant *grant = id != NULL ? okap_broker_find_grant (call->transport->broker, id) : NULL;
  g_autoptr (GError) error = NULL;

  if (grant != NULL)
    return grant;
  error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                               "There is no grant with this id. List them with: okap grants list");
  okap_call_answer_error (call, error);
  return NULL;
}

static void
summarised_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) used = okap_store_summarise_finish (OKAP_STORE (source), result, &error);
  OkapGrant *grant;

  if (used == NULL)
    okap_call_answer_error (call, error);
  else if (call->transport->broker == NULL || !okap_call_needs_unlocked (call))
    return;
  else if (call->query == NULL)
    answer_list (call, used);
  else if ((grant = okap_control_find_grant (call)) != NULL)
    answer_one (call, grant, used);
}

static void
summarise (OkapCall *call)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  okap_store_summarise_async (okap_broker_get_store (call->transport->broker),
                              OKAP_USAGE_BY_GRANT, 0, zone, summarised_cb, okap_call_ref (call));
}

void
okap_control_serve_grants (OkapCall *call)
{
  g_clear_pointer (&call->query, g_free);
  if (okap_call_needs_unlocked (call))
    summarise (call);
}

void
okap_control_serve_grant (OkapCall *call)
{
  if (okap_call_needs_unlocked (call) && okap_control_find_grant (call) != NULL)
    summarise (call);
}

/* --- pause, resume, revoke --- */

/** okap_control_grant_changed_cb: answers the call with the grant as it is now */
void
okap_control_grant_changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  OkapGrant *grant;

  if (!okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    {
      okap_call_answer_error (call, error);
      return;
    }
  grant = call->transport->broker != NULL ? okap_control_find_grant (call) : NULL;
  if (grant == NULL)
    return;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  okap_build_grant (builder, grant, okap_clock_get_now (okap_clock_get_real ()));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

static void
change (OkapCall *call, OkapGrantState state, const char *why)
{
  OkapGrant *grant = okap_call_needs_unlocked (call) ? okap_control_find_grant (call) : NULL;

  if (grant != NULL)
    okap_broker_set_grant_state_async (call->transport->broker, grant->id, state, why,
                                       okap_control_grant_changed_cb,
                                       okap_call_ref (call));
}

void
okap_control_serve_pause (OkapCall *call)
{
  change (call, OKAP_GRANT_PAUSED, "paused from the command line");
}

static void
resume_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    okap_call_answer_error (call, error);
  else if (call->transport->broker != NULL)
    change (call, OKAP_GRANT_ACTIVE, "resumed from the command line");
}

void
okap_control_serve_resume (OkapCall *call)
{
  if (okap_call_needs_unlocked (call) && okap_control_find_grant (call) != NULL
      && okap_call_needs_secret (call))
    okap_vault_unlock_async (okap_broker_get_vault (call->transport->broker), call->secret,
                             resume_cb, okap_call_ref (call));
}

void
okap_control_serve_revoke (OkapCall *call)
{
  change (call, OKAP_GRANT_REVOKED, "revoked from the command line");
}
