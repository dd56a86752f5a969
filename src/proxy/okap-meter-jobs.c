/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is fetched after it was asked for: OpenAI's batches and films, Replicate's predictions. The
 * object of a job says how it stands (OKAP_METER_SIGNAL_STATUS) and, at its end, what it used; the
 * lines of a batch's output each tell their own, see okap_meter_set_part_func(). */
#include "config.h"

#include "okap-meter-family.h"

static const OkapMeterPath batch_usage[] = {
  { "status", OKAP_METER_FIELD_STATUS },
  { "model", OKAP_METER_FIELD_MODEL },
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.input_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.output_tokens_details.reasoning_tokens", OKAP_METER_FIELD_REASONING },
  { "usage.total_tokens", OKAP_METER_FIELD_TOTAL },
  /* one line of the output: an answer of either of the families of text */
  { "response.body", OKAP_METER_FIELD_PART_RESULT },
  { "response.body.model", OKAP_METER_PART (MODEL) },
  { "response.body.usage.input_tokens", OKAP_METER_PART (INPUT) },
  { "response.body.usage.input_tokens_details.cached_tokens", OKAP_METER_PART (CACHED) },
  { "response.body.usage.input_tokens_details.cache_write_tokens",
    OKAP_METER_PART (CACHE_WRITTEN) },
  { "response.body.usage.output_tokens", OKAP_METER_PART (OUTPUT) },
  { "response.body.usage.output_tokens_details.reasoning_tokens", OKAP_METER_PART (REASONING) },
  { "response.body.usage.prompt_tokens", OKAP_METER_PART (INPUT) },
  { "response.body.usage.prompt_tokens_details.cached_tokens", OKAP_METER_PART (CACHED) },
  { "response.body.usage.prompt_tokens_details.cache_write_tokens",
    OKAP_METER_PART (CACHE_WRITTEN) },
  { "response.body.usage.prompt_tokens_details.audio_tokens", OKAP_METER_PART (AUDIO_INPUT) },
  { "response.body.usage.completion_tokens", OKAP_METER_PART (OUTPUT) },
  { "response.body.usage.completion_tokens_details.reasoning_tokens",
    OKAP_METER_PART (REASONING) },
  { "response.body.usage.completion_tokens_details.audio_tokens",
    OKAP_METER_PART (AUDIO_OUTPUT) },
  { "response.body.usage.total_tokens", OKAP_METER_PART (TOTAL) },
};

static const OkapMeterPath video_usage[] = {
  { "status", OKAP_METER_FIELD_STATUS },
  { "model", OKAP_METER_FIELD_MODEL },
  { "seconds", OKAP_METER_FIELD_SECONDS },
  { "video.duration", OKAP_METER_FIELD_SECONDS },  /* xAI */
  { "outputs.cost", OKAP_METER_FIELD_COST },       /* Together */
  { "size", OKAP_METER_FIELD_SIZE },
  { "quality", OKAP_METER_FIELD_QUALITY },
};

static const OkapMeterPath replicate_usage[] = {
  { "status", OKAP_METER_FIELD_STATUS },
  { "model", OKAP_METER_FIELD_MODEL },
  { "metrics.predict_time", OKAP_METER_FIELD_SECONDS },
  { "metrics.input_token_count", OKAP_METER_FIELD_INPUT },
  { "metrics.output_token_count", OKAP_METER_FIELD_OUTPUT },
  { "metrics.image_count", OKAP_METER_FIELD_BILLED_IMAGES },
  { "output", OKAP_METER_FIELD_ITEM_IMAGE },
};

/* All that a price may be set on; the user who sets one knows by what the model is billed. */
static gboolean
sum_replicate (const OkapMeterReading *reading, OkapUnits *out_units)
{
  const gint64 *counts = reading->counts;
  gboolean agrees = okap_meter_sum_inside (reading, out_units);

  out_units->count[OKAP_UNIT_REQUESTS] = 1;
  out_units->count[OKAP_UNIT_IMAGES] = counts[OKAP_METER_FIELD_BILLED_IMAGES];
  if (counts[OKAP_METER_FIELD_BILLED_IMAGES] == 0 && counts[OKAP_METER_FIELD_OUTPUT] == 0)
    out_units->count[OKAP_UNIT_IMAGES] = counts[OKAP_METER_FIELD_IMAGES_SEEN];
  return agrees;
}

const OkapMeterFamily okap_meter_family_openai_batch = {
  .usage = batch_usage, .n_usage = G_N_ELEMENTS (batch_usage),
  .sum = okap_meter_sum_inside, .cheap = OKAP_METER_CHEAP_INSIDE, .basis = OKAP_METER_BY_JOB,
};

const OkapMeterFamily okap_meter_family_openai_video = {
  .usage = video_usage, .n_usage = G_N_ELEMENTS (video_usage),
  .sum = okap_meter_sum_inside, .basis = OKAP_METER_BY_JOB,
};

const OkapMeterFamily okap_meter_family_replicate = {
  .usage = replicate_usage, .n_usage = G_N_ELEMENTS (replicate_usage),
  .sum = sum_replicate, .basis = OKAP_METER_BY_JOB,
};
