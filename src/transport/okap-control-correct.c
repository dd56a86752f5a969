/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control route of "okap usage correct": a correction of what a grant spent. It may give money
 * back, and so widen what a person allowed; that is why its body is the passphrase, without which
 * nothing is corrected. */
#include "config.h"

#include "okap-build.h"
#include "okap-error.h"
#include "okap-money.h"
#include "okap-routes.h"

typedef struct
{
  char *grant_id;   /* (owned) */
  char *provider;   /* (owned) */
  char *reason;     /* (owned) */
  gint64 nusd;
} Wanted;

static void
wanted_clear (Wanted *wanted)
{
  g_free (wanted->grant_id);
  g_free (wanted->provider);
  g_free (wanted->reason);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wanted, wanted_clear)

static gboolean
read_wanted (OkapCall *call, Wanted *wanted, GError **error)
{
  g_autofree char *usd = okap_call_dup_param (call, "usd");
  gboolean is_negative = usd != NULL && *usd == '-';

  wanted->grant_id = okap_call_dup_param (call, "grant");
  wanted->provider = okap_call_dup_param (call, "provider");
  wanted->reason = okap_call_dup_param (call, "reason");
  if (wanted->grant_id == NULL || wanted->provider == NULL || wanted->reason == NULL || usd == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected grant, provider, usd and reason.");
      return FALSE;
    }
  if (!okap_money_parse (is_negative ? usd + 1 : usd, &wanted->nusd, error))
    return FALSE;
  if (is_negative)
    wanted->nusd = -wanted->nusd;
  return TRUE;
}

gboolean
okap_control_check_correction (OkapCall *call, GError **error)
{
  g_auto (Wanted) wanted = { 0 };

  return read_wanted (call, &wanted, error);
}

static void
corrected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_auto (Wanted) wanted = { 0 };

  if (!okap_broker_correct_finish (OKAP_BROKER (source), result, &error)
      || !read_wanted (call, &wanted, &error))
    {
      okap_call_answer_error (call, error);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  okap_build_string (builder, "grant", wanted.grant_id);
  okap_build_string (builder, "provider", wanted.provider);
  okap_build_usd (builder, "corrected_usd", wanted.nusd);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

void
okap_control_serve_correction (OkapCall *call)
{
  g_auto (Wanted) wanted = { 0 };

  if (okap_call_needs_unlocked (call) && okap_call_needs_secret (call)
      && read_wanted (call, &wanted, NULL))
    okap_broker_correct_async (call->transport->broker, wanted.grant_id, wanted.provider,
                               wanted.nusd, wanted.reason, call->secret, corrected_cb,
                               okap_call_ref (call));
}
