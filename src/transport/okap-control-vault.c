/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of the okap command: how Okap is, opening and closing the vault. Main thread. */
#include "config.h"

#include <unistd.h>

#include "okap-build.h"
#include "okap-error.h"
#include "okap-routes.h"

static OkapVault *
get_vault (OkapCall *call)
{
  return okap_broker_get_vault (call->transport->broker);
}

/* While it is open, how far. */
static const char *
get_state (OkapCall *call)
{
  OkapVaultState state = okap_vault_get_state (get_vault (call));

  if (state == OKAP_VAULT_UNLOCKED && okap_broker_is_restricted (call->transport->broker))
    return "restricted";
  return okap_vault_state_get_name (state);
}

static void
answer_state (OkapCall *call)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  okap_build_string (builder, "vault", get_state (call));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

/* Programs that are not asked for. Only the window ends that. */
static void
build_blocks (JsonBuilder *builder, GListModel *blocks)
{
  json_builder_set_member_name (builder, "not_asked");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (blocks); i++)
    {
      g_autoptr (OkapBlock) block = g_list_model_get_item (blocks, i);
      g_autofree char *why = okap_block_dup_reason_words (block);

      json_builder_begin_object (builder);
      okap_build_string (builder, "program", okap_block_get_words (block));
      okap_build_string (builder, "why", why);
      if (okap_block_get_until (block) != OKAP_BLOCK_FOR_EVER)
        okap_build_time (builder, "until", okap_block_get_until (block));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
okap_control_serve_status (OkapCall *call)
{
  OkapBroker *broker = call->transport->broker;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *origin = okap_transport_dup_origin (call->transport);
  g_autofree char *socket = okap_transport_dup_socket (call->transport);

  json_builder_begin_object (builder);
  okap_build_string (builder, "vault", get_state (call));
  json_builder_set_member_name (builder, "paused");
  json_builder_add_boolean_value (builder, okap_broker_get_paused (broker));
  okap_build_string (builder, "url", origin);
  okap_build_string (builder, "socket", socket);
  okap_build_string (builder, "version", OKAP_VERSION);
  okap_build_int (builder, "pid", getpid ());
  okap_build_int (builder, "keys",
                  g_list_model_get_n_items (okap_vault_get_keys (get_vault (call))));
  okap_build_int (builder, "grants", g_list_model_get_n_items (okap_broker_get_grants (broker)));
  okap_build_int (builder, "waiting", okap_broker_get_pending (broker));
  build_blocks (builder, okap_broker_get_blocks (broker));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_broker_unlock_finish (OKAP_BROKER (source), result, &error))
    okap_call_answer_error (call, error);
  else if (call->transport->broker != NULL)
    answer_state (call);
}

void
okap_control_serve_unlock (OkapCall *call)
{
  if (okap_call_needs_secret (call))
    okap_broker_unlock_async (call->transport->broker, call->secret, unlocked_cb,
                              okap_call_ref (call));
}

void
okap_control_serve_lock (OkapCall *call)
{
  okap_vault_lock (get_vault (call));
  answer_state (call);
}
