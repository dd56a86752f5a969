/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A change of how money of a grant is handled: what models without a known price may cost, whether
 * requests may be made smaller, and what becomes of those whose app hung up. Limits stay as they
 * are. Pure functions. */
#include "config.h"

#include "okap-grant-money.h"

#include "okap-error.h"
#include "okap-money.h"

#define TOKENS 1000000

/**
 * okap_grant_money_apply:
 * @error: %OKAP_ERROR_NOT_FOUND if the grant has no such provider
 *
 * Returns: (transfer full) (nullable): the grant's next version
 */
OkapGrant *
okap_grant_money_apply (const OkapGrant *grant, const OkapGrantMoney *money, GError **error)
{
  g_autoptr (OkapGrant) next = okap_grant_copy_next (grant);
  gboolean found = FALSE;

  for (guint i = 0; i < next->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (next->scopes, i);
      OkapScope *changed;

      if (money->provider != NULL && !g_str_equal (scope->provider, money->provider))
        continue;
      found = TRUE;
      changed = okap_scope_copy (scope);
      if (money->has_ceiling)
        changed->ceiling = money->ceiling;
      changed->options = (changed->options | money->set) & ~money->clear;
      okap_scope_unref (next->scopes->pdata[i]);
      next->scopes->pdata[i] = changed;
    }
  if (found)
    return g_steal_pointer (&next);
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
               "“%s” has no access to the provider “%.32s”", okap_grant_get_title (grant),
               money->provider != NULL ? money->provider : "");
  return NULL;
}

static void
append (GString *words, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
append (GString *words, const char *format, ...)
{
  va_list args;

  if (words->len > 0)
    g_string_append (words, "; ");
  va_start (args, format);
  g_string_append_vprintf (words, format, args);
  va_end (args);
}

/** okap_grant_money_describe: (transfer full): for the audit trail */
char *
okap_grant_money_describe (const OkapGrantMoney *money)
{
  g_autoptr (GString) words = g_string_new (NULL);
  const gint64 unit = TOKENS / OKAP_PUSD_PER_NUSD;

  if (money->has_ceiling && money->ceiling.set)
    {
      g_autofree char *input = okap_money_format (money->ceiling.input_pusd * unit);
      g_autofree char *output = okap_money_format (money->ceiling.output_pusd * unit);

      append (words, "models without a known price may cost $%s and $%s a million tokens", input,
              output);
    }
  else if (money->has_ceiling)
    append (words, "models without a known price are refused");
  if ((money->set & OKAP_SCOPE_KEEP_OUTPUT) != 0)
    append (words, "requests are never made smaller");
  if ((money->clear & OKAP_SCOPE_KEEP_OUTPUT) != 0)
    append (words, "requests may be made smaller");
  if ((money->set & OKAP_SCOPE_FINISH_AND_COUNT) != 0)
    append (words, "requests go on when the app hangs up");
  if ((money->clear & OKAP_SCOPE_FINISH_AND_COUNT) != 0)
    append (words, "requests end when the app hangs up");
  if (money->provider != NULL)
    g_string_append_printf (words, " (at %s)", money->provider);
  return g_string_free (g_steal_pointer (&words), FALSE);
}
