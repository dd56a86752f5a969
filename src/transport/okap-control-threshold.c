/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap threshold": up to which limits of money a click is enough. To lower it is
 * free; what raises it takes the passphrase as the body. Main thread but for the check. */
#include "config.h"

#include "okap-build.h"
#include "okap-error.h"
#include "okap-money.h"
#include "okap-routes.h"

#include <stddef.h>

static const struct
{
  const char *name;
  gsize offset;
} members[] = {
  { "daily", offsetof (OkapThreshold, daily_nusd) },
  { "monthly", offsetof (OkapThreshold, monthly_nusd) },
  { "total", offsetof (OkapThreshold, total_nusd) },
};

/* Puts what the query names into @threshold. */
static gboolean
read_query (OkapCall *call, OkapThreshold *threshold, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *text = okap_call_dup_param (call, members[i].name);

      if (text == NULL)
        continue;
      if (!okap_money_parse (text, &G_STRUCT_MEMBER (gint64, threshold, members[i].offset), error))
        return FALSE;
      n++;
    }
  if (n > 0)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected at least one of “daily”, “monthly” and “total”, in dollars");
  return FALSE;
}

gboolean
okap_control_check_threshold (OkapCall *call, GError **error)
{
  OkapThreshold ignored = { 0 };

  return read_query (call, &ignored, error);
}

void
okap_control_serve_threshold (OkapCall *call)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  OkapThreshold threshold = okap_broker_get_threshold (call->transport->broker);

  if (!okap_call_needs_unlocked (call))
    return;
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    okap_build_usd (builder, members[i].name,
                    G_STRUCT_MEMBER (gint64, &threshold, members[i].offset));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_broker_set_threshold_finish (OKAP_BROKER (source), result, &error))
    okap_call_answer_error (call, error);
  else
    okap_control_serve_threshold (call);
}

void
okap_control_serve_threshold_change (OkapCall *call)
{
  OkapThreshold threshold = okap_broker_get_threshold (call->transport->broker);

  if (!okap_call_needs_unlocked (call) || !read_query (call, &threshold, NULL))
    return;
  okap_broker_set_threshold_async (call->transport->broker, &threshold,
                                   call->length > 0 ? call->secret : NULL, changed_cb,
                                   okap_call_ref (call));
}
