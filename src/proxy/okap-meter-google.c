/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gemini: usageMetadata in each part of a stream, the last one counts. Cached tokens are part of
 * the prompt, results of tools are not; thoughts are not part of the candidates. */
#include "config.h"

#include "okap-meter.h"

static const OkapMeterPath paths[] = {
  { "modelVersion", OKAP_METER_FIELD_MODEL },
  { "usageMetadata.promptTokenCount", OKAP_METER_FIELD_INPUT },
  { "usageMetadata.toolUsePromptTokenCount", OKAP_METER_FIELD_INPUT_MORE },
  { "usageMetadata.cachedContentTokenCount", OKAP_METER_FIELD_CACHED },
  { "usageMetadata.candidatesTokenCount", OKAP_METER_FIELD_OUTPUT },
  { "usageMetadata.thoughtsTokenCount", OKAP_METER_FIELD_REASONING },
  /* interactions */
  { "model", OKAP_METER_FIELD_MODEL },
  { "usage.total_input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.total_tool_use_tokens", OKAP_METER_FIELD_INPUT_MORE },
  { "usage.total_cached_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.total_output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.total_thought_tokens", OKAP_METER_FIELD_REASONING },
  { "interaction.model", OKAP_METER_FIELD_MODEL },
  { "interaction.usage.total_input_tokens", OKAP_METER_FIELD_INPUT },
  { "interaction.usage.total_tool_use_tokens", OKAP_METER_FIELD_INPUT_MORE },
  { "interaction.usage.total_cached_tokens", OKAP_METER_FIELD_CACHED },
  { "interaction.usage.total_output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "interaction.usage.total_thought_tokens", OKAP_METER_FIELD_REASONING },

  { "candidates.content.parts.text", OKAP_METER_FIELD_TEXT },
  { "delta.text", OKAP_METER_FIELD_TEXT },
};

static void
sum (const gint64 *counts, OkapUnits *out_units)
{
  gint64 cached = counts[OKAP_METER_FIELD_CACHED];
  gint64 thoughts = counts[OKAP_METER_FIELD_REASONING];

  *out_units = (OkapUnits) { .count = {
    [OKAP_UNIT_INPUT] = MAX (counts[OKAP_METER_FIELD_INPUT] - cached, 0)
             + counts[OKAP_METER_FIELD_INPUT_MORE],
    [OKAP_UNIT_CACHED] = cached,
    [OKAP_UNIT_OUTPUT] = counts[OKAP_METER_FIELD_OUTPUT],
    [OKAP_UNIT_REASONING] = thoughts,
  } };
}

const OkapMeterFamily okap_meter_family_google = { paths, G_N_ELEMENTS (paths), sum };
