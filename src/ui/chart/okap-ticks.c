/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Round marks for an axis of money: a step is one, two or five times a power of ten nano-dollars,
 * and all marks have as many decimals as the step needs. Whole numbers throughout. Pure. */
#include "config.h"

#include "okap-ticks.h"

#include <glib/gi18n.h>

#include "okap-bar-words.h"
#include "okap-format.h"
#include "okap-money.h"

static gint64
round_up (gint64 value, gint64 step)
{
  gint64 rest = value % step;

  if (rest == 0)
    return value;
  return rest > 0 ? value + step - rest : value - rest;
}

static gint64
round_down (gint64 value, gint64 step)
{
  return -round_up (-value, step);
}

static gint64
find_step (gint64 span, guint n_wanted)
{
  static const gint64 parts[] = { 1, 2, 5 };

  for (gint64 power = 1; power < OKAP_TICKS_END_NUSD; power *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
      if (parts[i] * power >= (span + n_wanted - 1) / n_wanted)
        return parts[i] * power;
  return 2 * OKAP_TICKS_END_NUSD;
}

/**
 * okap_ticks_for_money:
 * @least_nusd: the lowest value; the axis has zero in it in any case
 * @most_nusd: the highest
 * @n_wanted: about so many steps, and at most one more at either end
 *
 * Without anything to show it goes to a dollar.
 */
OkapTicks
okap_ticks_for_money (gint64 least_nusd, gint64 most_nusd, guint n_wanted)
{
  gint64 low = CLAMP (least_nusd, -OKAP_TICKS_END_NUSD, 0);
  gint64 high = CLAMP (most_nusd, 0, OKAP_TICKS_END_NUSD);
  OkapTicks ticks;

  if (low == 0 && high == 0)
    high = OKAP_NUSD_PER_USD;
  ticks.step = find_step (high - low, CLAMP (n_wanted, 1, OKAP_TICKS_MOST - 3));
  ticks.low = round_down (low, ticks.step);
  ticks.high = round_up (high, ticks.step);
  return ticks;
}

/** okap_ticks_get_count: marks, both ends included */
guint
okap_ticks_get_count (const OkapTicks *ticks)
{
  return (guint) ((ticks->high - ticks->low) / ticks->step) + 1;
}

/* Decimals of a dollar that make the step exact: none for whole dollars, else at least cents. */
static int
count_decimals (gint64 step)
{
  int decimals = 9;

  if (step % OKAP_NUSD_PER_USD == 0)
    return 0;
  while (decimals > 2 && step % 10 == 0)
    {
      step /= 10;
      decimals--;
    }
  return decimals;
}

/** okap_ticks_format: (transfer full): the label of mark @number, counted from the low end */
char *
okap_ticks_format (const OkapTicks *ticks, guint number)
{
  gint64 nusd = ticks->low + (gint64) number * ticks->step;
  double usd = okap_money_to_double (nusd < 0 ? -nusd : nusd);
  int decimals = count_decimals (ticks->step);

  if (okap_format_is_converted ())  /* marks are round in dollars, which is what is counted */
    return okap_bar_words_for_money (nusd);
  if (nusd < 0)
    /* Translators: a negative amount of US dollars on an axis, with a number of decimals */
    return g_strdup_printf (_("−$%'.*f"), decimals, usd);
  /* Translators: an amount of US dollars on an axis, with a number of decimals */
  return g_strdup_printf (_("$%'.*f"), decimals, usd);
}
