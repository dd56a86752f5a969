/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gemini: usageMetadata in each part of a stream, the last one counts. Cached tokens are part of
 * the prompt, results of tools are not; thoughts are not part of the candidates. Lists tell how
 * much of each was sound and how much pictures or film; documents are billed as text. */
#include "config.h"

#include "okap-meter-family.h"

static const OkapMeterPath generate_usage[] = {
  { "modelVersion", OKAP_METER_FIELD_MODEL },
  { "usageMetadata.promptTokenCount", OKAP_METER_FIELD_INPUT },
  { "usageMetadata.toolUsePromptTokenCount", OKAP_METER_FIELD_INPUT_MORE },
  { "usageMetadata.cachedContentTokenCount", OKAP_METER_FIELD_CACHED },
  { "usageMetadata.candidatesTokenCount", OKAP_METER_FIELD_OUTPUT },
  { "usageMetadata.responseTokenCount", OKAP_METER_FIELD_OUTPUT },
  { "usageMetadata.thoughtsTokenCount", OKAP_METER_FIELD_REASONING },
  { "usageMetadata.totalTokenCount", OKAP_METER_FIELD_TOTAL },
  { "usageMetadata.trafficType", OKAP_METER_FIELD_TIER },
  { "usageMetadata.serviceTier", OKAP_METER_FIELD_TIER },
  { "usageMetadata.promptTokensDetails", OKAP_METER_FIELD_MODALITIES_INPUT },
  { "usageMetadata.promptTokensDetails.modality", OKAP_METER_FIELD_MODALITY },
  { "usageMetadata.promptTokensDetails.tokenCount", OKAP_METER_FIELD_MODALITY_COUNT },
  { "usageMetadata.toolUsePromptTokensDetails", OKAP_METER_FIELD_MODALITIES_MORE },
  { "usageMetadata.toolUsePromptTokensDetails.modality", OKAP_METER_FIELD_MODALITY },
  { "usageMetadata.toolUsePromptTokensDetails.tokenCount", OKAP_METER_FIELD_MODALITY_COUNT },
  { "usageMetadata.cacheTokensDetails", OKAP_METER_FIELD_MODALITIES_CACHED },
  { "usageMetadata.cacheTokensDetails.modality", OKAP_METER_FIELD_MODALITY },
  { "usageMetadata.cacheTokensDetails.tokenCount", OKAP_METER_FIELD_MODALITY_COUNT },
  { "usageMetadata.candidatesTokensDetails", OKAP_METER_FIELD_MODALITIES_OUTPUT },
  { "usageMetadata.candidatesTokensDetails.modality", OKAP_METER_FIELD_MODALITY },
  { "usageMetadata.candidatesTokensDetails.tokenCount", OKAP_METER_FIELD_MODALITY_COUNT },
  { "usageMetadata.responseTokensDetails", OKAP_METER_FIELD_MODALITIES_OUTPUT },
  { "usageMetadata.responseTokensDetails.modality", OKAP_METER_FIELD_MODALITY },
  { "usageMetadata.responseTokensDetails.tokenCount", OKAP_METER_FIELD_MODALITY_COUNT },
  { "candidates.groundingMetadata.webSearchQueries", OKAP_METER_FIELD_ITEM_SEARCH },

  { "candidates.content.parts.text", OKAP_METER_FIELD_TEXT },
  { "candidates.content.parts.functionCall.name", OKAP_METER_FIELD_TEXT },
  { "candidates.content.parts.executableCode.code", OKAP_METER_FIELD_TEXT },
  { "candidates.content.parts.codeExecutionResult.output", OKAP_METER_FIELD_TEXT },
};

/* Where the usage of an interaction stands: in an answer, in the last event of a stream, and in
 * whatever event came between. */
static const char *const interactions_roots[] = {
  "usage.", "interaction.usage.", "metadata.total_usage.", NULL,
};

static const OkapMeterPath interactions_usage[] = {
  { "total_input_tokens", OKAP_METER_FIELD_INPUT },
  { "total_tool_use_tokens", OKAP_METER_FIELD_INPUT_MORE },
  { "total_cached_tokens", OKAP_METER_FIELD_CACHED },
  { "total_output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "total_thought_tokens", OKAP_METER_FIELD_REASONING },
  { "total_tokens", OKAP_METER_FIELD_TOTAL },
  { "input_tokens_by_modality", OKAP_METER_FIELD_MODALITIES_INPUT },
  { "input_tokens_by_modality.modality", OKAP_METER_FIELD_MODALITY },
  { "input_tokens_by_modality.tokens", OKAP_METER_FIELD_MODALITY_COUNT },
  { "tool_use_tokens_by_modality", OKAP_METER_FIELD_MODALITIES_MORE },
  { "tool_use_tokens_by_modality.modality", OKAP_METER_FIELD_MODALITY },
  { "tool_use_tokens_by_modality.tokens", OKAP_METER_FIELD_MODALITY_COUNT },
  { "cached_tokens_by_modality", OKAP_METER_FIELD_MODALITIES_CACHED },
  { "cached_tokens_by_modality.modality", OKAP_METER_FIELD_MODALITY },
  { "cached_tokens_by_modality.tokens", OKAP_METER_FIELD_MODALITY_COUNT },
  { "output_tokens_by_modality", OKAP_METER_FIELD_MODALITIES_OUTPUT },
  { "output_tokens_by_modality.modality", OKAP_METER_FIELD_MODALITY },
  { "output_tokens_by_modality.tokens", OKAP_METER_FIELD_MODALITY_COUNT },
  { "grounding_tool_count", OKAP_METER_FIELD_MODALITIES_TOOLS },
  { "grounding_tool_count.type", OKAP_METER_FIELD_MODALITY },
  { "grounding_tool_count.count", OKAP_METER_FIELD_MODALITY_COUNT },
};

static const OkapMeterPath interactions_others[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "interaction.model", OKAP_METER_FIELD_MODEL },
  { "service_tier", OKAP_METER_FIELD_TIER },
  { "interaction.service_tier", OKAP_METER_FIELD_TIER },
  { "status", OKAP_METER_FIELD_STATUS },
  { "interaction.status", OKAP_METER_FIELD_STATUS },
  { "step", OKAP_METER_FIELD_CALL },
  { "step.type", OKAP_METER_FIELD_CALL_KIND },
  { "steps.type", OKAP_METER_FIELD_CALL_TYPE },

  { "delta.text", OKAP_METER_FIELD_TEXT },
  { "delta.content.text", OKAP_METER_FIELD_TEXT },
  { "delta.arguments", OKAP_METER_FIELD_TEXT },
  { "steps.content.text", OKAP_METER_FIELD_TEXT },
  { "steps.summary.text", OKAP_METER_FIELD_TEXT },
  { "outputs.text", OKAP_METER_FIELD_TEXT },
  { "outputs.summary.text", OKAP_METER_FIELD_TEXT },
};

/* Operations: batches, with their answers in place or one on each line of a file, and films. */
static const char *const operation_roots[] = {
  "response.inlinedResponses.inlinedResponses.", "", NULL,
};

static const OkapMeterPath operation_usage[] = {
  { "response", OKAP_METER_FIELD_PART_RESULT },
  { "response.modelVersion", OKAP_METER_PART (MODEL) },
  { "response.usageMetadata.promptTokenCount", OKAP_METER_PART (INPUT) },
  { "response.usageMetadata.toolUsePromptTokenCount", OKAP_METER_PART (INPUT_MORE) },
  { "response.usageMetadata.cachedContentTokenCount", OKAP_METER_PART (CACHED) },
  { "response.usageMetadata.candidatesTokenCount", OKAP_METER_PART (OUTPUT) },
  { "response.usageMetadata.thoughtsTokenCount", OKAP_METER_PART (REASONING) },
  { "response.usageMetadata.totalTokenCount", OKAP_METER_PART (TOTAL) },
  { "response.usageMetadata.promptTokensDetails", OKAP_METER_PART (MODALITIES_INPUT) },
  { "response.usageMetadata.promptTokensDetails.modality", OKAP_METER_PART (MODALITY) },
  { "response.usageMetadata.promptTokensDetails.tokenCount", OKAP_METER_PART (MODALITY_COUNT) },
  { "response.usageMetadata.cacheTokensDetails", OKAP_METER_PART (MODALITIES_CACHED) },
  { "response.usageMetadata.cacheTokensDetails.modality", OKAP_METER_PART (MODALITY) },
  { "response.usageMetadata.cacheTokensDetails.tokenCount", OKAP_METER_PART (MODALITY_COUNT) },
  { "response.usageMetadata.candidatesTokensDetails", OKAP_METER_PART (MODALITIES_OUTPUT) },
  { "response.usageMetadata.candidatesTokensDetails.modality", OKAP_METER_PART (MODALITY) },
  { "response.usageMetadata.candidatesTokensDetails.tokenCount",
    OKAP_METER_PART (MODALITY_COUNT) },
};

static const OkapMeterPath operation_others[] = {
  { "metadata.model", OKAP_METER_FIELD_MODEL },
  { "metadata.state", OKAP_METER_FIELD_STATUS },
  { "done", OKAP_METER_FIELD_DONE },
  { "response.generateVideoResponse.generatedSamples", OKAP_METER_FIELD_ITEM_IMAGE },
};

static gboolean
sum (const OkapMeterReading *reading, OkapUnits *out_units)
{
  OkapMeterReading whole = *reading;

  whole.counts[OKAP_METER_FIELD_OUTPUT] += reading->counts[OKAP_METER_FIELD_REASONING];
  return okap_meter_sum_inside (&whole, out_units);
}

const OkapMeterFamily okap_meter_family_google = {
  .usage = generate_usage, .n_usage = G_N_ELEMENTS (generate_usage),
  .sum = sum, .cheap = OKAP_METER_CHEAP_INSIDE,
};

const OkapMeterFamily okap_meter_family_google_interactions = {
  .usage = interactions_usage, .n_usage = G_N_ELEMENTS (interactions_usage),
  .roots = interactions_roots,
  .others = interactions_others, .n_others = G_N_ELEMENTS (interactions_others),
  .sum = sum, .cheap = OKAP_METER_CHEAP_INSIDE,
};

const OkapMeterFamily okap_meter_family_google_operation = {
  .usage = operation_usage, .n_usage = G_N_ELEMENTS (operation_usage), .roots = operation_roots,
  .others = operation_others, .n_others = G_N_ELEMENTS (operation_others),
  .sum = sum, .cheap = OKAP_METER_CHEAP_INSIDE, .basis = OKAP_METER_BY_JOB,
};
