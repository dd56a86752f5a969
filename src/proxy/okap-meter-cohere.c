/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cohere: what is billed is told beside what was read, and is less; and rerank, which others have
 * taken over, some with their own usage. Version 1 streams lines, version 2 events. */
#include "config.h"

#include "okap-meter-family.h"

#define COUNT(field) (reading->counts[OKAP_METER_FIELD_##field])
#define HAS(field) ((reading->has & OKAP_METER_BIT (field)) != 0)

static const char *const roots[] = { "", "delta.", "response.", NULL };

static const OkapMeterPath usage[] = {
  { "usage.billed_units.input_tokens", OKAP_METER_FIELD_BILLED_INPUT },
  { "usage.billed_units.output_tokens", OKAP_METER_FIELD_BILLED_OUTPUT },
  { "usage.billed_units.search_units", OKAP_METER_FIELD_SEARCHES },
  { "usage.billed_units.classifications", OKAP_METER_FIELD_REQUESTS },
  { "usage.tokens.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.tokens.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "meta.billed_units.input_tokens", OKAP_METER_FIELD_BILLED_INPUT },
  { "meta.billed_units.output_tokens", OKAP_METER_FIELD_BILLED_OUTPUT },
  { "meta.billed_units.search_units", OKAP_METER_FIELD_SEARCHES },
  { "meta.billed_units.classifications", OKAP_METER_FIELD_REQUESTS },
  { "meta.billed_units.images", OKAP_METER_FIELD_BILLED_IMAGES },
  { "meta.billed_units.image_tokens", OKAP_METER_FIELD_IMAGE_INPUT },
  { "meta.billed_units.pages", OKAP_METER_FIELD_PAGES },
  { "meta.tokens.input_tokens", OKAP_METER_FIELD_INPUT },
  { "meta.tokens.output_tokens", OKAP_METER_FIELD_OUTPUT },
};

static const OkapMeterPath others[] = {
  { "model", OKAP_METER_FIELD_MODEL },

  { "delta.message.content.text", OKAP_METER_FIELD_TEXT },
  { "delta.message.content.thinking", OKAP_METER_FIELD_TEXT },
  { "delta.message.tool_plan", OKAP_METER_FIELD_TEXT },
  { "delta.message.tool_calls.function.name", OKAP_METER_FIELD_TEXT },
  { "delta.message.tool_calls.function.arguments", OKAP_METER_FIELD_TEXT },
  { "message.content.text", OKAP_METER_FIELD_TEXT },
  { "message.content.thinking", OKAP_METER_FIELD_TEXT },
  { "message.tool_plan", OKAP_METER_FIELD_TEXT },
  { "message.tool_calls.function.arguments", OKAP_METER_FIELD_TEXT },
  { "text", OKAP_METER_FIELD_TEXT },
  { "generations.text", OKAP_METER_FIELD_TEXT },
};

static const OkapMeterPath rerank_usage[] = {
  { "meta.billed_units.search_units", OKAP_METER_FIELD_SEARCHES },
  { "meta.billed_units.total_tokens", OKAP_METER_FIELD_BILLED_INPUT },
  { "usage.search_units", OKAP_METER_FIELD_SEARCHES },
  { "usage.prompt_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.completion_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.total_tokens", OKAP_METER_FIELD_TOTAL },
};

static const OkapMeterPath rerank_others[] = {
  { "model", OKAP_METER_FIELD_MODEL },
};

static gboolean
sum (const OkapMeterReading *reading, OkapUnits *out_units)
{
  gboolean billed = HAS (BILLED_INPUT) || HAS (BILLED_OUTPUT);

  okap_meter_sum_others (reading, out_units);
  out_units->count[OKAP_UNIT_INPUT] = billed ? COUNT (BILLED_INPUT) : COUNT (INPUT);
  out_units->count[OKAP_UNIT_OUTPUT] = billed ? COUNT (BILLED_OUTPUT) : COUNT (OUTPUT);
  out_units->count[OKAP_UNIT_IMAGE_INPUT] = COUNT (IMAGE_INPUT);
  if (COUNT (IMAGE_INPUT) == 0)
    out_units->count[OKAP_UNIT_IMAGES] = COUNT (BILLED_IMAGES);
  return TRUE;
}

/* Searches or tokens, whichever the provider bills by: it tells only these. */
static gboolean
sum_rerank (const OkapMeterReading *reading, OkapUnits *out_units)
{
  okap_meter_sum_others (reading, out_units);
  if (COUNT (SEARCHES) > 0)
    return TRUE;
  out_units->count[OKAP_UNIT_INPUT] = HAS (BILLED_INPUT)
                                      ? COUNT (BILLED_INPUT)
                                      : MAX (COUNT (INPUT), COUNT (TOTAL) - COUNT (OUTPUT));
  out_units->count[OKAP_UNIT_OUTPUT] = COUNT (OUTPUT);
  return TRUE;
}

const OkapMeterFamily okap_meter_family_cohere = {
  .usage = usage, .n_usage = G_N_ELEMENTS (usage), .roots = roots,
  .others = others, .n_others = G_N_ELEMENTS (others), .sum = sum,
};

const OkapMeterFamily okap_meter_family_rerank = {
  .usage = rerank_usage, .n_usage = G_N_ELEMENTS (rerank_usage),
  .others = rerank_others, .n_others = G_N_ELEMENTS (rerank_others),
  .sum = sum_rerank, .basis = OKAP_METER_BY_DOCUMENTS,
};
