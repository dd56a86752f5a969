/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures, speech and transcription in OpenAI's forms. Newer models tell tokens, older ones
 * nothing: then pictures are counted as they pass, characters are those of the request, and sound
 * is as long as the provider says. */
#include "config.h"

#include "okap-meter-family.h"

#define HAS(field) ((reading->has & OKAP_METER_BIT (field)) != 0)

static const OkapMeterPath images_usage[] = {
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.input_tokens_details.image_tokens", OKAP_METER_FIELD_IMAGE_INPUT },
  { "usage.input_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.output_tokens_details.image_tokens", OKAP_METER_FIELD_IMAGE_OUTPUT },
  { "usage.output_tokens_details.text_tokens", OKAP_METER_FIELD_TEXT_OUTPUT },
  { "usage.total_tokens", OKAP_METER_FIELD_TOTAL },
  /* OpenRouter */
  { "usage.prompt_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.completion_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.completion_tokens_details.image_tokens", OKAP_METER_FIELD_IMAGE_OUTPUT },
  /* Vercel */
  { "usage.inputTokens", OKAP_METER_FIELD_INPUT },
  { "usage.outputTokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.totalTokens", OKAP_METER_FIELD_TOTAL },
  /* a model that writes drawings as text */
  { "svg_usage", OKAP_METER_FIELD_PART_DRAWING },
  { "svg_usage.model", OKAP_METER_PART (MODEL) },
  { "svg_usage.input_tokens", OKAP_METER_PART (INPUT) },
  { "svg_usage.output_tokens", OKAP_METER_PART (OUTPUT) },
  { "svg_usage.reasoning_tokens", OKAP_METER_PART (REASONING) },
  { "svg_usage.total_tokens", OKAP_METER_PART (TOTAL) },
};

static const OkapMeterPath images_others[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "size", OKAP_METER_FIELD_SIZE },
  { "quality", OKAP_METER_FIELD_QUALITY },
  { "type", OKAP_METER_FIELD_EVENT },
  { "data", OKAP_METER_FIELD_ITEM_IMAGE },
  { "predictions", OKAP_METER_FIELD_ITEM_IMAGE },  /* Imagen */
  { "images", OKAP_METER_FIELD_ITEM_IMAGE },
};

static gboolean
sum_images (const OkapMeterReading *reading, OkapUnits *out_units)
{
  OkapMeterReading whole = *reading;

  /* What is written is a picture, but for what is said to be text. */
  if (!HAS (IMAGE_OUTPUT))
    whole.counts[OKAP_METER_FIELD_IMAGE_OUTPUT]
      = MAX (reading->counts[OKAP_METER_FIELD_OUTPUT]
             - reading->counts[OKAP_METER_FIELD_TEXT_OUTPUT], 0);
  return okap_meter_sum_inside (&whole, out_units);
}

static const OkapMeterPath speech_usage[] = {
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.total_tokens", OKAP_METER_FIELD_TOTAL },
};

static const OkapMeterPath speech_others[] = {
  { "model", OKAP_METER_FIELD_MODEL },
};

static gboolean
sum_speech (const OkapMeterReading *reading, OkapUnits *out_units)
{
  OkapMeterReading whole = *reading;

  whole.counts[OKAP_METER_FIELD_AUDIO_OUTPUT] = reading->counts[OKAP_METER_FIELD_OUTPUT];
  return okap_meter_sum_inside (&whole, out_units);
}

static const OkapMeterPath transcription_usage[] = {
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.input_token_details.audio_tokens", OKAP_METER_FIELD_AUDIO_INPUT },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.total_tokens", OKAP_METER_FIELD_TOTAL },
  { "usage.seconds", OKAP_METER_FIELD_SECONDS },
  /* Mistral */
  { "usage.prompt_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.completion_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.prompt_audio_seconds", OKAP_METER_FIELD_SECONDS },
};

static const OkapMeterPath transcription_others[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "duration", OKAP_METER_FIELD_DURATION },
  { "x_groq.id", OKAP_METER_FIELD_MINIMUM },
  { "text", OKAP_METER_FIELD_TEXT },
  { "delta", OKAP_METER_FIELD_TEXT },
};

static gboolean
sum_transcription (const OkapMeterReading *reading, OkapUnits *out_units)
{
  OkapMeterReading whole = *reading;

  /* What is heard is sound, unless it is told apart, or told in seconds. */
  if (!HAS (AUDIO_INPUT) && !HAS (SECONDS))
    whole.counts[OKAP_METER_FIELD_AUDIO_INPUT] = reading->counts[OKAP_METER_FIELD_INPUT];
  return okap_meter_sum_inside (&whole, out_units);
}

const OkapMeterFamily okap_meter_family_openai_images = {
  .usage = images_usage, .n_usage = G_N_ELEMENTS (images_usage),
  .others = images_others, .n_others = G_N_ELEMENTS (images_others),
  .sum = sum_images, .cheap = OKAP_METER_CHEAP_INSIDE, .basis = OKAP_METER_BY_PICTURES,
};

const OkapMeterFamily okap_meter_family_openai_speech = {
  .usage = speech_usage, .n_usage = G_N_ELEMENTS (speech_usage),
  .others = speech_others, .n_others = G_N_ELEMENTS (speech_others),
  .sum = sum_speech, .cheap = OKAP_METER_CHEAP_INSIDE, .basis = OKAP_METER_BY_CHARACTERS,
};

const OkapMeterFamily okap_meter_family_openai_transcription = {
  .usage = transcription_usage, .n_usage = G_N_ELEMENTS (transcription_usage),
  .others = transcription_others, .n_others = G_N_ELEMENTS (transcription_others),
  .sum = sum_transcription, .cheap = OKAP_METER_CHEAP_INSIDE, .basis = OKAP_METER_BY_SOUND,
};
