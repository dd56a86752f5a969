/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families of few words. Ollama's own interface: one object for each line, the last one (done) with
 * the counts. Mistral's OCR: pages. Search: one for each call. What Vercel's gateway speaks with
 * its own package, which has counted in three ways so far. */
#include "config.h"

#include "okap-meter-family.h"

static const OkapMeterPath ollama_usage[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "prompt_eval_count", OKAP_METER_FIELD_INPUT },
  { "eval_count", OKAP_METER_FIELD_OUTPUT },

  { "message.content", OKAP_METER_FIELD_TEXT },
  { "message.thinking", OKAP_METER_FIELD_TEXT },
  { "message.tool_calls.function.name", OKAP_METER_FIELD_TEXT },
  { "response", OKAP_METER_FIELD_TEXT },
  { "thinking", OKAP_METER_FIELD_TEXT },
};

static const OkapMeterPath ocr_usage[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "usage_info.pages_processed", OKAP_METER_FIELD_PAGES },
  { "pages", OKAP_METER_FIELD_ITEM_PAGE },
  { "document_annotation", OKAP_METER_FIELD_ANNOTATION },
  { "pages.images.image_annotation", OKAP_METER_FIELD_ANNOTATION },
};

static const OkapMeterPath ai_sdk_usage[] = {
  { "modelId", OKAP_METER_FIELD_MODEL },
  { "response.modelId", OKAP_METER_FIELD_MODEL },
  { "usage.inputTokens", OKAP_METER_FIELD_INPUT },
  { "usage.cachedInputTokens", OKAP_METER_FIELD_CACHED },
  { "usage.outputTokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.reasoningTokens", OKAP_METER_FIELD_REASONING },
  { "usage.totalTokens", OKAP_METER_FIELD_TOTAL },
  { "usage.inputTokens.total", OKAP_METER_FIELD_INPUT },
  { "usage.inputTokens.cacheRead", OKAP_METER_FIELD_CACHED },
  { "usage.inputTokens.cacheWrite", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "usage.outputTokens.total", OKAP_METER_FIELD_OUTPUT },
  { "usage.outputTokens.reasoning", OKAP_METER_FIELD_REASONING },
  { "usage.tokens", OKAP_METER_FIELD_INPUT },

  { "delta", OKAP_METER_FIELD_TEXT },
  { "input", OKAP_METER_FIELD_TEXT },
  { "content.text", OKAP_METER_FIELD_TEXT },
  { "content.input", OKAP_METER_FIELD_TEXT },
};

const OkapMeterFamily okap_meter_family_ollama = {
  .usage = ollama_usage, .n_usage = G_N_ELEMENTS (ollama_usage), .sum = okap_meter_sum_inside,
};

const OkapMeterFamily okap_meter_family_mistral_ocr = {
  .usage = ocr_usage, .n_usage = G_N_ELEMENTS (ocr_usage),
  .sum = okap_meter_sum_inside, .basis = OKAP_METER_BY_PAGES,
};

const OkapMeterFamily okap_meter_family_search = {
  .sum = okap_meter_sum_inside, .basis = OKAP_METER_BY_SEARCHES,
};

const OkapMeterFamily okap_meter_family_ai_sdk = {
  .usage = ai_sdk_usage, .n_usage = G_N_ELEMENTS (ai_sdk_usage),
  .sum = okap_meter_sum_inside, .cheap = OKAP_METER_CHEAP_INSIDE,
};
