/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two families of OpenAI, which most other providers speak too. Chat, completions, embeddings:
 * prompt_tokens and completion_tokens; responses, images, transcriptions: input_tokens and
 * output_tokens. In both, cached and reasoning tokens are part of the totals. */
#include "config.h"

#include "okap-meter.h"

static const OkapMeterPath chat_paths[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "usage.prompt_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.completion_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.prompt_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.prompt_tokens_details.cache_write_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "usage.completion_tokens_details.reasoning_tokens", OKAP_METER_FIELD_REASONING },
  /* mistral */
  { "usage.num_cached_tokens", OKAP_METER_FIELD_CACHED },
  /* groq, in streams */
  { "x_groq.usage.prompt_tokens", OKAP_METER_FIELD_INPUT },
  { "x_groq.usage.completion_tokens", OKAP_METER_FIELD_OUTPUT },
  { "x_groq.usage.prompt_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "x_groq.usage.completion_tokens_details.reasoning_tokens", OKAP_METER_FIELD_REASONING },
  /* openrouter */
  { "usage.cost", OKAP_METER_FIELD_COST },
  { "usage.cost_details.upstream_inference_cost", OKAP_METER_FIELD_COST_UPSTREAM },
  { "usage.is_byok", OKAP_METER_FIELD_OWN_KEY },

  { "choices.delta.content", OKAP_METER_FIELD_TEXT },
  { "choices.delta.reasoning", OKAP_METER_FIELD_TEXT },
  { "choices.delta.reasoning_content", OKAP_METER_FIELD_TEXT },
  { "choices.delta.refusal", OKAP_METER_FIELD_TEXT },
  { "choices.delta.tool_calls.function.arguments", OKAP_METER_FIELD_TEXT },
  { "choices.message.content", OKAP_METER_FIELD_TEXT },
  { "choices.message.reasoning", OKAP_METER_FIELD_TEXT },
  { "choices.message.reasoning_content", OKAP_METER_FIELD_TEXT },
  { "choices.message.tool_calls.function.arguments", OKAP_METER_FIELD_TEXT },
  { "choices.text", OKAP_METER_FIELD_TEXT },
};

static const OkapMeterPath responses_paths[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.input_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.input_tokens_details.cache_write_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "usage.output_tokens_details.reasoning_tokens", OKAP_METER_FIELD_REASONING },
  /* in streams, behind response.created, .completed, .incomplete, .failed */
  { "response.model", OKAP_METER_FIELD_MODEL },
  { "response.usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "response.usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "response.usage.input_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "response.usage.input_tokens_details.cache_write_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "response.usage.output_tokens_details.reasoning_tokens", OKAP_METER_FIELD_REASONING },

  { "delta", OKAP_METER_FIELD_TEXT },
  { "output.content.text", OKAP_METER_FIELD_TEXT },
  { "output.arguments", OKAP_METER_FIELD_TEXT },
};

static void
sum (const gint64 *counts, OkapUnits *out_units)
{
  gint64 cached = counts[OKAP_METER_FIELD_CACHED];
  gint64 written = counts[OKAP_METER_FIELD_CACHE_WRITTEN];

  *out_units = (OkapUnits) { .count = {
    [OKAP_UNIT_INPUT] = MAX (counts[OKAP_METER_FIELD_INPUT] - cached - written, 0),
    [OKAP_UNIT_CACHED] = cached,
    [OKAP_UNIT_CACHE_WRITTEN] = written,
    [OKAP_UNIT_OUTPUT] = MAX (counts[OKAP_METER_FIELD_OUTPUT]
                              - counts[OKAP_METER_FIELD_REASONING], 0),
    [OKAP_UNIT_REASONING] = counts[OKAP_METER_FIELD_REASONING],
  } };
}

const OkapMeterFamily okap_meter_family_openai_chat = {
  chat_paths, G_N_ELEMENTS (chat_paths), sum,
};

const OkapMeterFamily okap_meter_family_openai_responses = {
  responses_paths, G_N_ELEMENTS (responses_paths), sum,
};
