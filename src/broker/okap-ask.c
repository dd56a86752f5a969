/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an app asks, on its way from a door to the prompter. */
#include "config.h"

#include "okap-ask.h"

#include "okap-caps.h"

/** okap_ask_new: (transfer full): with the usual time to wait */
OkapAsk *
okap_ask_new (OkapRequest *request, OkapCaller *caller)
{
  OkapAsk *ask = g_new0 (OkapAsk, 1);

  ask->request = okap_request_ref (request);
  ask->caller = okap_caller_ref (caller);
  ask->wait_s = OKAP_CAP_WAIT_DEFAULT_S;
  return ask;
}

OkapAsk *
okap_ask_copy (const OkapAsk *ask)
{
  OkapAsk *copy = okap_ask_new (ask->request, ask->caller);

  copy->bind_to = ask->bind_to != NULL ? okap_identity_ref (ask->bind_to) : NULL;
  copy->wait_s = ask->wait_s;
  copy->silent = ask->silent;
  copy->redeemed = ask->redeemed;
  copy->parent_window = g_strdup (ask->parent_window);
  copy->activation_token = g_strdup (ask->activation_token);
  copy->match_code = g_strdup (ask->match_code);
  copy->shown = ask->shown;
  copy->shown_data = ask->shown_data;
  return copy;
}

void
okap_ask_free (OkapAsk *ask)
{
  okap_request_unref (ask->request);
  okap_caller_unref (ask->caller);
  g_clear_pointer (&ask->bind_to, okap_identity_unref);
  g_free (ask->parent_window);
  g_free (ask->activation_token);
  g_free (ask->match_code);
  g_free (ask);
}
