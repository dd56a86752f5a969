/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a meter counted to what it cost: each model that took part at its own price, with the
 * factor that the provider's own words bring about (a tier of service, a batch). What has no price
 * at the model that answered is priced as the one that was asked for, else at the ceiling that the
 * user set, else at nothing that anybody knows. The proxy's thread. */
#include "config.h"

#include "okap-cost.h"

#include <string.h>

#include "okap-money.h"
#include "okap-provider.h"

/* What the provider does not tell is as the request wanted it at the dearest. */
static guint
get_modifier (const OkapCosting *costing, const OkapMeter *meter, const char *model)
{
  g_autoptr (GString) signals = g_string_new (*costing->region != '\0' ? "region=" : "");

  g_string_append (signals, costing->region);
  for (guint i = OKAP_METER_SIGNAL_TIER; i <= OKAP_METER_SIGNAL_GEO; i++)
    {
      const char *signal = okap_meter_get_signal (meter, (OkapMeterSignal) i);

      if (signal != NULL)
        g_string_append_printf (signals, "%s%s", signals->len > 0 ? "," : "", signal);
    }
  if (costing->is_batch)
    g_string_append_printf (signals, "%sbatch", signals->len > 0 ? "," : "");
  return okap_price_get_modifier (costing->provider, model, signals->str);
}

static gboolean
lookup (const OkapCosting *costing, const char *model, OkapPrice *out_price)
{
  return model != NULL
         && okap_price_lookup_variant (costing->provider, model, costing->variant, costing->at_us,
                                       out_price);
}

/** okap_costing_is_batch: @path: of the request */
gboolean
okap_costing_is_batch (OkapMeterKind meter, const char *path)
{
  return meter == OKAP_METER_ANTHROPIC_BATCH || meter == OKAP_METER_OPENAI_BATCH
         || strstr (path, "atchGenerateContent") != NULL
         || strstr (path, ":asyncBatchEmbedContent") != NULL;
}

/* Media are billed in one of several ways, and the meter tells of all that it saw; the price says
 * which one counts. */
static gboolean
has_other_ways (OkapMeterKind meter)
{
  switch ((int) meter)
    {
    case OKAP_METER_OPENAI_IMAGES:
    case OKAP_METER_OPENAI_SPEECH:
    case OKAP_METER_OPENAI_TRANSCRIPTION:
    case OKAP_METER_OPENAI_VIDEO:
    case OKAP_METER_GOOGLE_OPERATION:
    case OKAP_METER_REPLICATE:
    case OKAP_METER_RERANK:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
knows_any (const OkapPrice *price, const OkapUnits *units)
{
  for (guint unit = 0; price->n_tiers > 0 && unit < OKAP_N_UNITS; unit++)
    if (units->count[unit] > 0 && (price->tiers[0].known & (1u << unit)) != 0)
      return TRUE;
  return FALSE;
}

/**
 * okap_costing_add:
 * @model: that used @units, canonical; if that has no price, the one that was asked for counts
 * @usage: its cost grows, and its status becomes known or a ceiling if it was free before
 *
 * Adds what @units cost, and the fee for the call, once.
 */
OkapPriced
okap_costing_add (const OkapCosting *costing, const OkapMeter *meter, const char *model,
                  const OkapUnits *units, OkapUsage *usage)
{
  OkapUnits billed = *units;
  OkapPriced priced = OKAP_PRICED_WHOLE;
  gboolean is_ceiling = FALSE;
  guint permille = 1000;
  OkapPriceTier ceiling;
  OkapPrice price;
  gint64 nusd;

  if (costing->meter == OKAP_METER_NONE)
    return OKAP_PRICED_NOT;
  if (lookup (costing, model, &price) || lookup (costing, costing->model, &price))
    permille = get_modifier (costing, meter, model);
  else if (costing->ceiling.set)
    {
      is_ceiling = TRUE;
      okap_price_from_ceiling (&costing->ceiling, &ceiling, &price);
    }
  else
    return OKAP_PRICED_NOT;

  if (usage->units.count[OKAP_UNIT_REQUESTS] == 0 && price.n_tiers > 0
      && (price.tiers[0].known & (1u << OKAP_UNIT_REQUESTS)) != 0)
    usage->units.count[OKAP_UNIT_REQUESTS] = billed.count[OKAP_UNIT_REQUESTS] = 1;
  if (!okap_price_get_cost (&price, &billed, permille, &nusd)
      && !(has_other_ways (costing->meter) && knows_any (&price, &billed)))
    priced = OKAP_PRICED_PARTLY;
  usage->cost_nusd = okap_money_add (usage->cost_nusd, nusd);
  if (is_ceiling)
    usage->cost_status = OKAP_COST_CEILING;
  else if (usage->cost_status == OKAP_COST_FREE && !okap_price_is_free (&price))
    usage->cost_status = OKAP_COST_KNOWN;
  return priced;
}

/**
 * okap_costing_add_parts:
 *
 * Each of the models that made a whole answer, at its own price.
 */
OkapPriced
okap_costing_add_parts (const OkapCosting *costing, const OkapMeter *meter, OkapUsage *usage)
{
  guint n = okap_meter_get_n_parts (meter);
  OkapPriced priced = OKAP_PRICED_WHOLE;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *canonical = NULL;
      const char *model;
      OkapUnits units;
      OkapPriced part;

      okap_meter_get_part (meter, i, &model, &units);
      canonical = *model != '\0' ? okap_provider_canonical_model (costing->provider, model) : NULL;
      part = okap_costing_add (costing, meter, canonical != NULL ? canonical : usage->model_served,
                               &units, usage);
      priced = MIN (priced, part);
    }
  return priced;
}
