/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic on money. Integers only; saturating, never wrapping; rounded up, never down, because
 * a cap must hold. */
#include "config.h"

#include "okap-money.h"

#include <math.h>
#include <string.h>

#include "okap-error.h"

/**
 * okap_money_parse:
 * @text: dollars as digits with an optional point and at most nine decimals
 * @out_nusd: (out): the amount
 * @error: %OKAP_ERROR_INVALID_REQUEST
 *
 * Returns: whether @text is an amount between 0 and a million dollars
 */
gboolean
okap_money_parse (const char *text, gint64 *out_nusd, GError **error)
{
  gint64 nusd = 0;
  gint64 unit = OKAP_NUSD_PER_USD;
  const char *p = text;

  for (; g_ascii_isdigit (*p) && nusd <= OKAP_MONEY_MOST_NUSD; p++)
    nusd = nusd * 10 + (*p - '0') * OKAP_NUSD_PER_USD;
  if (p != text && *p == '.' && g_ascii_isdigit (p[1]))
    for (p++; g_ascii_isdigit (*p) && unit > 1; p++)
      nusd += (*p - '0') * (unit /= 10);
  if (p == text || *p != '\0' || nusd > OKAP_MONEY_MOST_NUSD)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected an amount in dollars between 0 and 1000000, such as 10 or 2.50");
      return FALSE;
    }
  *out_nusd = nusd;
  return TRUE;
}

/**
 * okap_money_from_double:
 * @usd: dollars as JSON carries them
 *
 * Returns: whether @usd is an amount between 0 and a million dollars
 */
gboolean
okap_money_from_double (double usd, gint64 *out_nusd)
{
  if (!isfinite (usd) || usd < 0 || usd > 1e6)
    return FALSE;
  *out_nusd = (gint64) llround (usd * 1e9);
  return TRUE;
}

double
okap_money_to_double (gint64 nusd)
{
  return (double) nusd / 1e9;
}

/**
 * okap_money_format:
 *
 * Returns: (transfer full): dollars with a point and at least two decimals, more only as far as
 *   the amount has them; for machines and terminals, the same in every locale
 */
char *
okap_money_format (gint64 nusd)
{
  guint64 amount = nusd < 0 ? -(guint64) nusd : (guint64) nusd;
  g_autofree char *text = g_strdup_printf ("%s%" G_GUINT64_FORMAT ".%09" G_GUINT64_FORMAT,
                                           nusd < 0 ? "-" : "",
                                           amount / (guint64) OKAP_NUSD_PER_USD,
                                           amount % (guint64) OKAP_NUSD_PER_USD);
  gsize length = strlen (text);

  for (guint kept = 9; kept > 2 && text[length - 1] == '0'; kept--)
    text[--length] = '\0';
  return g_steal_pointer (&text);
}

/**
 * okap_money_for_units:
 * @units: how many were used, at least 0
 * @price_pusd: pico-dollars for one, at least 0
 *
 * Returns: the price in nano-dollars, rounded up, saturated
 */
gint64
okap_money_for_units (gint64 units, gint64 price_pusd)
{
  gint64 pusd;

  g_return_val_if_fail (units >= 0 && price_pusd >= 0, G_MAXINT64);

  if (__builtin_mul_overflow (units, price_pusd, &pusd) || pusd > G_MAXINT64 - 999)
    return G_MAXINT64;
  return (pusd + OKAP_PUSD_PER_NUSD - 1) / OKAP_PUSD_PER_NUSD;
}

/** okap_money_add: the sum of two amounts, saturated */
gint64
okap_money_add (gint64 a_nusd, gint64 b_nusd)
{
  gint64 sum;

  if (__builtin_add_overflow (a_nusd, b_nusd, &sum))
    return a_nusd > 0 ? G_MAXINT64 : G_MININT64;
  return sum;
}
