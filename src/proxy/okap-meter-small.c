/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families of few words. Ollama's own interface: one object for each line, the last one (done) with
 * the counts. Mistral's OCR: pages. Search: one for each call. */
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
