/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap prices": whether the prices in the user's files count, and to confirm
 * them. A price that is too low makes a limit of money worthless, and any program of the user's can
 * write the files; that is why a confirmation's body is the passphrase. Main thread. */
#include "config.h"

#include "okap-build.h"
#include "okap-error.h"
#include "okap-routes.h"

static void
answer (OkapCall *call)
{
  OkapPriceSeal *seal = okap_broker_get_price_seal (call->transport->broker);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "confirmed");
  json_builder_add_boolean_value (builder, okap_price_seal_is_confirmed (seal));
  okap_build_string (builder, "digest", okap_price_seal_get_digest (seal));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

void
okap_control_serve_prices (OkapCall *call)
{
  if (!okap_call_needs_unlocked (call))
    return;
  okap_price_seal_refresh (okap_broker_get_price_seal (call->transport->broker));
  answer (call);
}

gboolean
okap_control_check_confirmation (OkapCall *call, GError **error)
{
  g_autofree char *digest = okap_call_dup_param (call, "digest");

  if (digest != NULL && *digest != '\0')
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected “digest”, of the prices that are confirmed.");
  return FALSE;
}

static void
confirmed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_price_seal_confirm_finish (OKAP_PRICE_SEAL (source), result, &error))
    okap_call_answer_error (call, error);
  else if (call->transport->broker != NULL)
    answer (call);
}

void
okap_control_serve_confirmation (OkapCall *call)
{
  g_autofree char *digest = okap_call_dup_param (call, "digest");

  if (okap_call_needs_unlocked (call) && okap_call_needs_secret (call))
    okap_price_seal_confirm_async (okap_broker_get_price_seal (call->transport->broker), digest,
                                   call->secret, confirmed_cb, okap_call_ref (call));
}
