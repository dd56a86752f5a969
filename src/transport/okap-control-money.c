/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control route of "okap grants set": how money of a grant is handled. The check reads the query on
 * the HTTP thread, the rest is on the main thread. */
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
