/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Anthropic's messages: message_start tells the input, message_delta the running totals. Cached
 * tokens are not part of input_tokens; thinking is part of output_tokens. Where the answer lists
 * its iterations, each was made by a model of its own, and some are in no total. */
#include "config.h"

#include "okap-meter-family.h"

#define COUNT(field) (reading->counts[OKAP_METER_FIELD_##field])
#define HAS(field) ((reading->has & OKAP_METER_BIT (field)) != 0)

static const char *const roots[] = { "", "message.", NULL };

static const OkapMeterPath usage[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.cache_read_input_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.cache_creation_input_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "usage.cache_creation.ephemeral_5m_input_tokens", OKAP_METER_FIELD_CACHE_WRITTEN_SHORT },
  { "usage.cache_creation.ephemeral_1h_input_tokens", OKAP_METER_FIELD_CACHE_WRITTEN_LONG },
  { "usage.output_tokens_details.thinking_tokens", OKAP_METER_FIELD_REASONING },
  { "usage.server_tool_use.web_search_requests", OKAP_METER_FIELD_SEARCHES },
  { "usage.service_tier", OKAP_METER_FIELD_TIER },
  { "usage.speed", OKAP_METER_FIELD_SPEED },
  { "usage.inference_geo", OKAP_METER_FIELD_GEO },
  { "usage.iterations", OKAP_METER_FIELD_PARTS },
  { "usage.iterations.model", OKAP_METER_PART (MODEL) },
  { "usage.iterations.input_tokens", OKAP_METER_PART (INPUT) },
  { "usage.iterations.output_tokens", OKAP_METER_PART (OUTPUT) },
  { "usage.iterations.cache_read_input_tokens", OKAP_METER_PART (CACHED) },
  { "usage.iterations.cache_creation_input_tokens", OKAP_METER_PART (CACHE_WRITTEN) },
  { "usage.iterations.cache_creation.ephemeral_5m_input_tokens",
    OKAP_METER_PART (CACHE_WRITTEN_SHORT) },
  { "usage.iterations.cache_creation.ephemeral_1h_input_tokens",
    OKAP_METER_PART (CACHE_WRITTEN_LONG) },
};

static const OkapMeterPath others[] = {
  /* only what was written when the answer began */
  { "message.usage.output_tokens", OKAP_METER_FIELD_OUTPUT_START },

  { "content.type", OKAP_METER_FIELD_CALL_TYPE },
  { "content_block", OKAP_METER_FIELD_CALL },
  { "content_block.type", OKAP_METER_FIELD_CALL_KIND },

  { "content_block.text", OKAP_METER_FIELD_TEXT },
  { "content_block.name", OKAP_METER_FIELD_TEXT },
  { "delta.text", OKAP_METER_FIELD_TEXT },
  { "delta.thinking", OKAP_METER_FIELD_TEXT },
  { "delta.partial_json", OKAP_METER_FIELD_TEXT },
  { "delta.content", OKAP_METER_FIELD_TEXT },
  { "content.text", OKAP_METER_FIELD_TEXT },
  { "content.thinking", OKAP_METER_FIELD_TEXT },
};

/* The results of a batch, one on each line, and the batch itself. */
static const OkapMeterPath batch_usage[] = {
  { "processing_status", OKAP_METER_FIELD_STATUS },
  { "result.message", OKAP_METER_FIELD_PART_RESULT },
  { "result.message.model", OKAP_METER_PART (MODEL) },
  { "result.message.usage.input_tokens", OKAP_METER_PART (INPUT) },
  { "result.message.usage.output_tokens", OKAP_METER_PART (OUTPUT) },
  { "result.message.usage.cache_read_input_tokens", OKAP_METER_PART (CACHED) },
  { "result.message.usage.cache_creation_input_tokens", OKAP_METER_PART (CACHE_WRITTEN) },
  { "result.message.usage.cache_creation.ephemeral_5m_input_tokens",
    OKAP_METER_PART (CACHE_WRITTEN_SHORT) },
  { "result.message.usage.cache_creation.ephemeral_1h_input_tokens",
    OKAP_METER_PART (CACHE_WRITTEN_LONG) },
  { "result.message.usage.output_tokens_details.thinking_tokens", OKAP_METER_PART (REASONING) },
  { "result.message.usage.server_tool_use.web_search_requests", OKAP_METER_PART (SEARCHES) },
  { "result.message.usage.service_tier", OKAP_METER_FIELD_TIER },
  { "result.message.usage.inference_geo", OKAP_METER_FIELD_GEO },
};

static gboolean
sum (const OkapMeterReading *reading, OkapUnits *out_units)
{
  gint64 told = COUNT (CACHE_WRITTEN);
  gint64 shorter = COUNT (CACHE_WRITTEN_SHORT);
  gint64 longer = COUNT (CACHE_WRITTEN_LONG);
  gint64 output = HAS (OUTPUT) ? COUNT (OUTPUT) : COUNT (OUTPUT_START);
  gboolean agrees = HAS (OUTPUT) || !HAS (OUTPUT_START);

  if (!HAS (CACHE_WRITTEN_SHORT) && !HAS (CACHE_WRITTEN_LONG))
    shorter = told;
  else if (HAS (CACHE_WRITTEN) && told != shorter + longer)
    {
      /* Writes of which nobody says how long they are kept are taken for the dearer ones. */
      agrees = FALSE;
      longer += MAX (told - shorter - longer, 0);
    }
  if (COUNT (REASONING) > output)
    agrees = FALSE;

  okap_meter_sum_others (reading, out_units);
  out_units->count[OKAP_UNIT_INPUT] = COUNT (INPUT);
  out_units->count[OKAP_UNIT_CACHED] = COUNT (CACHED);
  out_units->count[OKAP_UNIT_CACHE_WRITTEN] = shorter;
  out_units->count[OKAP_UNIT_CACHE_WRITTEN_1H] = longer;
  out_units->count[OKAP_UNIT_OUTPUT] = MAX (output - COUNT (REASONING), 0);
  out_units->count[OKAP_UNIT_REASONING] = COUNT (REASONING);
  return agrees;
}

const OkapMeterFamily okap_meter_family_anthropic = {
  .usage = usage, .n_usage = G_N_ELEMENTS (usage), .roots = roots,
  .others = others, .n_others = G_N_ELEMENTS (others), .sum = sum,
};

const OkapMeterFamily okap_meter_family_anthropic_batch = {
  .usage = batch_usage, .n_usage = G_N_ELEMENTS (batch_usage),
  .sum = sum, .basis = OKAP_METER_BY_JOB,
};
