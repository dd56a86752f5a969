/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ollama's own interface: one object for each line, the last one (done) with the counts. */
#include "config.h"

#include "okap-meter.h"

static const OkapMeterPath paths[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "prompt_eval_count", OKAP_METER_FIELD_INPUT },
  { "eval_count", OKAP_METER_FIELD_OUTPUT },

  { "message.content", OKAP_METER_FIELD_TEXT },
  { "message.thinking", OKAP_METER_FIELD_TEXT },
  { "response", OKAP_METER_FIELD_TEXT },
  { "thinking", OKAP_METER_FIELD_TEXT },
};

static void
sum (const gint64 *counts, OkapUnits *out_units)
{
  *out_units = (OkapUnits) { .count = {
    [OKAP_UNIT_INPUT] = counts[OKAP_METER_FIELD_INPUT],
    [OKAP_UNIT_OUTPUT] = counts[OKAP_METER_FIELD_OUTPUT],
  } };
}

const OkapMeterFamily okap_meter_family_ollama = { paths, G_N_ELEMENTS (paths), sum };
