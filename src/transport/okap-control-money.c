/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap grants set": how money of a grant is handled. A ceiling says what models
 * without a known price may cost, so a lower one, or a first one, lets an app spend more than
 * before; its route takes the passphrase as the body, and the other one can only take a ceiling
 * away. The checks read the query on the HTTP thread, the rest is on the main thread. */
#include "config.h"

#include <string.h>

#include "okap-ceiling.h"
#include "okap-error.h"
#include "okap-grant-money.h"
#include "okap-routes.h"

static const struct
{
  const char *name;
  OkapScopeOptions option;
} options[] = {
  { "keep_output", OKAP_SCOPE_KEEP_OUTPUT },
  { "finish_and_count", OKAP_SCOPE_FINISH_AND_COUNT },
};

static gboolean
read_options (OkapCall *call, OkapGrantMoney *money, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *value = okap_call_dup_param (call, options[i].name);

      if (value == NULL)
        continue;
      if (strcmp (value, "yes") != 0 && strcmp (value, "no") != 0)
        {
          g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected “yes” or “no” for “%s”", options[i].name);
          return FALSE;
        }
      if (strcmp (value, "yes") == 0)
        money->set |= options[i].option;
      else
        money->clear |= options[i].option;
    }
  return TRUE;
}

/* All of the change but its provider. */
static gboolean
read_money (OkapCall *call, OkapGrantMoney *money, GError **error)
{
  g_autofree char *input = okap_call_dup_param (call, "ceiling_input");
  g_autofree char *output = okap_call_dup_param (call, "ceiling_output");
  g_autofree char *none = okap_call_dup_param (call, "no_ceiling");

  *money = (OkapGrantMoney) { .has_ceiling = input != NULL || output != NULL || none != NULL };
  if (!okap_ceiling_parse (input, output, &money->ceiling, error)
      || !read_options (call, money, error))
    return FALSE;
  if (none != NULL && money->ceiling.set)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                         "Expected a ceiling or none, not both");
  else if (!money->has_ceiling && money->set == 0 && money->clear == 0)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                         "Expected something to set: a ceiling, what becomes of requests that are "
                         "too large, or of those whose app hung up");
  else
    return TRUE;
  return FALSE;
}

gboolean
okap_control_check_money (OkapCall *call, GError **error)
{
  OkapGrantMoney money;

  if (!read_money (call, &money, error))
    return FALSE;
  if (!money.has_ceiling || !money.ceiling.set)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "A ceiling is set at /okap/control/grants/ceiling, with the passphrase as "
                       "the body");
  return FALSE;
}

gboolean
okap_control_check_ceiling (OkapCall *call, GError **error)
{
  OkapGrantMoney money;

  return read_money (call, &money, error);
}

void
okap_control_serve_money (OkapCall *call)
{
  OkapGrant *grant = okap_call_needs_unlocked (call) ? okap_control_find_grant (call) : NULL;
  g_autofree char *provider = okap_call_dup_param (call, "provider");
  OkapGrantMoney money;

  if (grant == NULL || !read_money (call, &money, NULL))
    return;
  money.provider = provider;
  okap_broker_set_grant_money_async (call->transport->broker, grant->id, &money,
                                     okap_control_grant_changed_cb, okap_call_ref (call));
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    okap_call_answer_error (call, error);
  else if (call->transport->broker != NULL)
    okap_control_serve_money (call);
}

void
okap_control_serve_ceiling (OkapCall *call)
{
  if (okap_call_needs_unlocked (call) && okap_control_find_grant (call) != NULL
      && okap_call_needs_secret (call))
    okap_vault_unlock_async (okap_broker_get_vault (call->transport->broker), call->secret,
                             shown_cb, okap_call_ref (call));
}
