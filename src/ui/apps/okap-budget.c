/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left under a limit, in words and as a part. Of several limits of money the one that is
 * nearest to its end is the one that a person wants to see first. */
#include "config.h"

#include "okap-budget.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-words.h"

/** okap_budget_get_part: 0 to 1; what runs counts with all that is set aside for it */
double
okap_budget_get_part (const OkapStanding *standing)
{
  gint64 used = MAX (standing->settled, 0) + standing->reserved;

  if (standing->cap <= 0)
    return 1;
  return CLAMP ((double) used / (double) standing->cap, 0, 1);
}

/** okap_budget_find: the limit of money that is nearest to its end; FALSE if there is none */
gboolean
okap_budget_find (OkapGate *gate, const OkapGrant *grant, OkapStanding *out_standing)
{
  gboolean found = FALSE;

  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);
      OkapStanding standings[OKAP_N_LIMITS];
      guint n = okap_gate_get_standings (gate, grant->id, scope->provider, standings);

      for (guint j = 0; j < n; j++)
        if (okap_limit_is_money (standings[j].limit)
            && (!found || okap_budget_get_part (&standings[j])
                          > okap_budget_get_part (out_standing)))
          {
            *out_standing = standings[j];
            found = TRUE;
          }
    }
  return found;
}

static char *
format (const OkapStanding *standing, gint64 value)
{
  return okap_limit_is_money (standing->limit) ? okap_format_money (value)
                                               : okap_format_count (value);
}

/** okap_budget_dup_words: (transfer full): such as "$1.20 of $2.00 a day" */
char *
okap_budget_dup_words (const OkapStanding *standing)
{
  g_autofree char *used = format (standing, MAX (standing->settled, 0) + standing->reserved);
  g_autofree char *most = okap_words_for_limit_value (standing->limit, standing->cap);

  /* Translators: what is used of a limit, such as "$1.20 of $2.00 a day" */
  return g_strdup_printf (_("%1$s of %2$s"), used, most);
}

/* (nullable): when it begins anew. */
static char *
dup_reset (const OkapStanding *standing, gint64 now_us)
{
  g_autofree char *when = NULL;

  if (standing->resets_us <= now_us || standing->limit == OKAP_LIMIT_REQUESTS_PER_MINUTE
      || standing->limit == OKAP_LIMIT_TOKENS_PER_MINUTE)
    return NULL;
  if (standing->resets_us - now_us <= OKAP_DAY_US)
    {
      when = okap_format_hour (standing->resets_us);
      /* Translators: %s is a time of day, such as 00:00 */
      return g_strdup_printf (_("starts again at %s"), when);
    }
  when = okap_format_date (standing->resets_us);
  /* Translators: %s is a date */
  return g_strdup_printf (_("starts again on %s"), when);
}

/** okap_budget_dup_left: (transfer full): what is left, and when it begins anew */
char *
okap_budget_dup_left (const OkapStanding *standing, gint64 now_us)
{
  gint64 left = standing->cap - MAX (standing->settled, 0) - standing->reserved;
  g_autofree char *amount = format (standing, MAX (left, 0));
  g_autofree char *reset = dup_reset (standing, now_us);
  g_autofree char *words = left > 0
    /* Translators: %s is an amount of money or a number that is left under a limit */
    ? g_strdup_printf (_("%s left"), amount) : g_strdup (_("used up"));

  if (reset == NULL)
    return g_steal_pointer (&words);
  return g_strdup_printf ("%s · %s", words, reset);
}
