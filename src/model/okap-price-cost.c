/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From units and prices to money: what was used, and what may be used at most. Sums are made in
 * pico-dollars and rounded up once, so that a cost is exact to the nano-dollar. Everything
 * saturates: a sum that does not fit is the largest there is, never a small one.
 *
 * A modifier, such as a tier of service, is a factor on what the model does, not on fees: calls
 * and searches cost in a batch what they cost elsewhere. */
#include "config.h"

#include "okap-price.h"

#include "okap-money.h"

#define PERMILLE 1000

static gint64
mul (gint64 a, gint64 b)
{
  gint64 product;

  return __builtin_mul_overflow (a, b, &product) ? G_MAXINT64 : product;
}

/* Nano-dollars for @pusd times @permille / 1000, and @fees, rounded up. */
static gint64
to_nusd (gint64 pusd, guint permille, gint64 fees)
{
  gint64 whole = okap_money_add (mul (pusd / PERMILLE, permille), fees);
  gint64 rest = pusd % PERMILLE * permille;
  gint64 nusd = whole / OKAP_PUSD_PER_NUSD;
  gint64 left = whole % OKAP_PUSD_PER_NUSD * PERMILLE + rest;  /* in 1/1000 pico-dollars */

  if (pusd == G_MAXINT64 || whole == G_MAXINT64)
    return G_MAXINT64;
  return okap_money_add (nusd, (left + PERMILLE * OKAP_PUSD_PER_NUSD - 1)
                               / (PERMILLE * OKAP_PUSD_PER_NUSD));
}

static const OkapPriceTier *
find_tier (const OkapPrice *price, gint64 prompt_tokens)
{
  const OkapPriceTier *tier = price->tiers;

  for (guint i = 1; i < price->n_tiers && prompt_tokens > price->tiers[i].from_input_tokens; i++)
    tier = &price->tiers[i];
  return tier;
}

/** okap_price_is_free: whether it is known that nothing costs anything, now and while a request
 *   may run */
gboolean
okap_price_is_free (const OkapPrice *price)
{
  const OkapPriceTier *tiers = price->worst != NULL ? price->worst : price->tiers;
  guint n_tiers = price->worst != NULL ? price->n_worst : price->n_tiers;

  for (guint i = 0; i < n_tiers; i++)
    {
      if (tiers[i].known == 0)
        return FALSE;
      for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
        if (tiers[i].pusd[unit] != 0)
          return FALSE;
    }
  return n_tiers > 0;
}

/**
 * okap_price_get_cost:
 * @price: as okap_price_lookup() gave it
 * @units: what was used; none of them negative
 * @permille: of a modifier, such as a tier of service; 1000 for none
 * @out_nusd: (out): nano-dollars, rounded up, saturated; what is known of them if it fails
 *
 * The tier is chosen by the whole prompt, cached or not, and prices the whole request.
 *
 * Returns: FALSE if something was used that has no price
 */
gboolean
okap_price_get_cost (const OkapPrice *price, const OkapUnits *units, guint permille,
                     gint64 *out_nusd)
{
  const OkapPriceTier *tier = find_tier (price, okap_units_get_prompt (units));
  gboolean complete = TRUE;
  gint64 pusd = 0, fees = 0;

  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    {
      gint64 *sum = unit == OKAP_UNIT_REQUESTS || unit == OKAP_UNIT_SEARCHES ? &fees : &pusd;

      if (units->count[unit] == 0)
        continue;
      if ((tier->known & (1u << unit)) == 0)
        complete = FALSE;
      *sum = okap_money_add (*sum, mul (units->count[unit], tier->pusd[unit]));
    }
  *out_nusd = to_nusd (pusd, permille, fees);
  return complete;
}

/* The dearest of the units [from, end) of all tiers that a prompt so long may fall in. */
static gint64
find_dearest (const OkapPrice *price, gint64 prompt_tokens, guint from, guint end)
{
  const OkapPriceTier *tiers = price->worst != NULL ? price->worst : price->tiers;
  guint n_tiers = price->worst != NULL ? price->n_worst : price->n_tiers;
  gint64 dearest = 0;

  for (guint i = 0; i < n_tiers; i++)
    {
      if (tiers[i].from_input_tokens > 0 && prompt_tokens <= tiers[i].from_input_tokens)
        continue;
      for (guint unit = from; unit < end; unit++)
        if ((price->excluded & (1u << unit)) == 0)
          dearest = MAX (dearest, tiers[i].pusd[unit]);
    }
  return dearest;
}

/**
 * okap_price_get_worst_prompt:
 * @prompt_tokens: the most that the prompt can come to
 *
 * Returns: nano-dollars that the prompt and the call cost at most, whatever of it is cached,
 *   heard or seen and not excluded, in whatever tier of size and service, and at whatever hour;
 *   saturated
 */
gint64
okap_price_get_worst_prompt (const OkapPrice *price, gint64 prompt_tokens)
{
  gint64 fee = find_dearest (price, prompt_tokens, OKAP_UNIT_REQUESTS, OKAP_UNIT_REQUESTS + 1);
  gint64 dearest = find_dearest (price, prompt_tokens, 0, OKAP_N_PROMPT_UNITS);

  return to_nusd (mul (prompt_tokens, dearest), price->dearest_permille, fee);
}

/**
 * okap_price_get_worst:
 * @prompt_tokens: the most that the prompt can come to
 * @output_tokens: the most that the model can write, thoughts too
 *
 * Returns: nano-dollars that a request costs at most; saturated
 */
gint64
okap_price_get_worst (const OkapPrice *price, gint64 prompt_tokens, gint64 output_tokens)
{
  gint64 dearest = find_dearest (price, prompt_tokens, OKAP_N_PROMPT_UNITS, OKAP_N_TOKEN_UNITS);

  return okap_money_add (okap_price_get_worst_prompt (price, prompt_tokens),
                         to_nusd (mul (output_tokens, dearest), price->dearest_permille, 0));
}

/**
 * okap_price_from_ceiling:
 * @tier: the caller's; must live as long as @out_price
 *
 * Makes a price of what the user allows for a model whose price nobody knows.
 */
void
okap_price_from_ceiling (const OkapPriceCeiling *ceiling, OkapPriceTier *tier,
                         OkapPrice *out_price)
{
  *tier = (OkapPriceTier) { .known = (1u << OKAP_N_TOKEN_UNITS) - 1 };
  for (guint unit = 0; unit < OKAP_N_TOKEN_UNITS; unit++)
    tier->pusd[unit] = unit < OKAP_N_PROMPT_UNITS ? ceiling->input_pusd : ceiling->output_pusd;
  *out_price = (OkapPrice) { .tiers = tier, .n_tiers = 1, .dearest_permille = PERMILLE };
}
