/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap pause" and "okap resume": all apps at once. To pause is free, with the
 * vault locked, too. To resume takes the passphrase as the body. Main thread. */
#include "config.h"

#include "okap-build.h"
#include "okap-error.h"
#include "okap-routes.h"

static void
change (OkapCall *call, gboolean paused, const char *why)
{
  OkapBroker *broker = call->transport->broker;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;

  if (!okap_broker_set_paused (broker, paused, why, &error))
    {
      okap_call_answer_error (call, error);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "paused");
  json_builder_add_boolean_value (builder, okap_broker_get_paused (broker));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

void
okap_control_serve_pause_all (OkapCall *call)
{
  change (call, TRUE, "paused from the command line");
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    okap_call_answer_error (call, error);
  else if (call->transport->broker != NULL)
    change (call, FALSE, "resumed from the command line");
}

void
okap_control_serve_resume_all (OkapCall *call)
{
  if (okap_call_needs_unlocked (call) && okap_call_needs_secret (call))
    okap_vault_unlock_async (okap_broker_get_vault (call->transport->broker), call->secret,
                             shown_cb, okap_call_ref (call));
}
