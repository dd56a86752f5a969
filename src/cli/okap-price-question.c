/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One more question for a grant whose money is limited, but whose model has no known price: what
 * it may cost. Without an answer its requests are refused, since nothing could be counted. */
#include "config.h"

#include "okap-price-question.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "okap-ceiling.h"
#include "okap-clock.h"
#include "okap-provider.h"

static gboolean
is_known (const char *provider, const char *model)
{
  OkapPrice price;

  return okap_price_lookup (provider, model, okap_clock_get_now (okap_clock_get_real ()), &price);
}

/* (transfer full) (nullable): what has no price, in words */
static char *
find_unknown (const OkapScope *scope)
{
  g_autoptr (OkapProvider) builtin = okap_provider_lookup (scope->provider);

  for (char **model = scope->models; *model != NULL; model++)
    if (!g_str_has_suffix (*model, "*") && !is_known (scope->provider, *model))
      return g_strdup_printf (_("“%s”"), *model);
  /* Of the user's own providers no price is known, whatever the model. */
  if (builtin == NULL && (scope->models[0] == NULL || g_str_has_suffix (scope->models[0], "*")))
    return g_strdup (_("a model"));
  return NULL;
}

/**
 * okap_price_question_format:
 *
 * Returns: (transfer full) (nullable): the question; NULL if there is none
 */
char *
okap_price_question_format (const OkapScope *scope)
{
  g_autofree char *unknown = NULL;
  g_autofree char *words = NULL;
  gboolean limited = FALSE;

  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    limited |= okap_limit_is_money (i) && okap_limits_has (&scope->limits, i);
  if (!limited || scope->ceiling.set)
    return NULL;
  unknown = find_unknown (scope);
  if (unknown == NULL)
    return NULL;
  words = g_strdup_printf (_("Nobody knows what %s at %s costs, so its requests would be refused. "
                             "What may it cost?\nDollars for a million tokens read and written, "
                             "such as 1 5; an empty line lets them be refused: "), unknown,
                           scope->provider);
  return g_strconcat ("\n", words, NULL);
}

/**
 * okap_price_question_read:
 * @answer: a line, stripped; empty for none
 *
 * Sets the scope's ceiling.
 *
 * Returns: (nullable): what was wrong
 */
const char *
okap_price_question_read (OkapScope *scope, const char *answer)
{
  g_auto (GStrv) words = g_strsplit_set (answer, " \t,/", -1);
  const char *numbers[2] = { NULL, NULL };
  guint n = 0;

  for (char **word = words; *word != NULL; word++)
    {
      if (**word == '\0')
        continue;
      if (n < G_N_ELEMENTS (numbers))
        numbers[n] = **word == '$' ? *word + 1 : *word;
      n++;
    }
  if (n == 0)
    return NULL;
  if (n != G_N_ELEMENTS (numbers)
      || !okap_ceiling_parse (numbers[0], numbers[1], &scope->ceiling, NULL))
    return _("Expected two amounts in dollars, such as 1 5 or 0.25 2.50: ");
  return NULL;
}
