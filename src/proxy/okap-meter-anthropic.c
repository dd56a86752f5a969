/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Anthropic's messages: message_start tells the input, message_delta the running totals. Cached
 * tokens are not part of input_tokens; thinking is part of output_tokens. */
#include "config.h"

#include "okap-meter.h"

static const OkapMeterPath paths[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.cache_read_input_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.cache_creation_input_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "usage.output_tokens_details.thinking_tokens", OKAP_METER_FIELD_REASONING },
  { "message.model", OKAP_METER_FIELD_MODEL },
  { "message.usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "message.usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "message.usage.cache_read_input_tokens", OKAP_METER_FIELD_CACHED },
  { "message.usage.cache_creation_input_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },

  { "delta.text", OKAP_METER_FIELD_TEXT },
  { "delta.thinking", OKAP_METER_FIELD_TEXT },
  { "delta.partial_json", OKAP_METER_FIELD_TEXT },
  { "content.text", OKAP_METER_FIELD_TEXT },
  { "content.thinking", OKAP_METER_FIELD_TEXT },
};

static void
sum (const gint64 *counts, OkapUnits *out_units)
{
  *out_units = (OkapUnits) { .count = {
    [OKAP_UNIT_INPUT] = counts[OKAP_METER_FIELD_INPUT],
    [OKAP_UNIT_CACHED] = counts[OKAP_METER_FIELD_CACHED],
    [OKAP_UNIT_CACHE_WRITTEN] = counts[OKAP_METER_FIELD_CACHE_WRITTEN],
    [OKAP_UNIT_OUTPUT] = MAX (counts[OKAP_METER_FIELD_OUTPUT]
                              - counts[OKAP_METER_FIELD_REASONING], 0),
    [OKAP_UNIT_REASONING] = counts[OKAP_METER_FIELD_REASONING],
  } };
}

const OkapMeterFamily okap_meter_family_anthropic = { paths, G_N_ELEMENTS (paths), sum };
