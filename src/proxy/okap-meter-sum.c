/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what was told to what is billed, for the families in which details are part of totals:
 *
 *   prompt  = text + audio + images, of which some were cached and some were written to the cache
 *   written = text + reasoning + audio + images
 *
 * Our units are disjoint, so the details are taken out. Where counts cannot all be true the dearer
 * reading is taken, never one that would make the answer cheaper than any of its counts. */
#include "config.h"

#include "okap-meter-family.h"

#define COUNT(field) (reading->counts[OKAP_METER_FIELD_##field])
#define HAS(field) ((reading->has & OKAP_METER_BIT (field)) != 0)

/* The prompt on its way to units; all at least 0. */
typedef struct
{
  gint64 prompt;        /* all of it */
  gint64 written, written_long;
  gint64 cached, audio_cached, image_cached;  /* the first holds the other two */
  gint64 audio, image;  /* cached or not */
} Prompt;

static gboolean
read_written (const OkapMeterReading *reading, Prompt *prompt)
{
  gint64 told = COUNT (CACHE_WRITTEN);
  gint64 longer = COUNT (CACHE_WRITTEN_LONG);
  gint64 parts = COUNT (CACHE_WRITTEN_SHORT) + longer;

  prompt->written = MAX (told, parts);
  prompt->written_long = longer;
  if (parts == 0 || !HAS (CACHE_WRITTEN))
    return TRUE;
  /* Writes of which nobody says how long they are kept are taken for the dearer ones. */
  if (told > parts)
    prompt->written_long += told - parts;
  return told == parts;
}

static gboolean
read_cached (const OkapMeterReading *reading, Prompt *prompt)
{
  gint64 parts = COUNT (AUDIO_CACHED) + COUNT (IMAGE_CACHED);
  gint64 spill;

  prompt->cached = HAS (CACHED) ? COUNT (CACHED) : parts;
  if (HAS (CACHE_MISSED) && prompt->cached + COUNT (CACHE_MISSED) > prompt->prompt
      && prompt->cached <= prompt->prompt)
    {
      prompt->cached = MAX (prompt->prompt - COUNT (CACHE_MISSED), 0);
      return FALSE;
    }
  if (parts > prompt->cached || COUNT (AUDIO_CACHED) > prompt->audio
      || COUNT (IMAGE_CACHED) > prompt->image)
    return FALSE;
  prompt->audio_cached = COUNT (AUDIO_CACHED);
  prompt->image_cached = COUNT (IMAGE_CACHED);
  if (parts > 0)
    return TRUE;
  /* Nobody says what was cached: text, which is the cheapest, as far as there is so much. */
  spill = prompt->cached - MAX (prompt->prompt - prompt->written - prompt->audio - prompt->image,
                                0);
  prompt->image_cached = CLAMP (spill, 0, prompt->image);
  prompt->audio_cached = CLAMP (spill - prompt->image_cached, 0, prompt->audio);
  return TRUE;
}

static gboolean
sum_prompt (const OkapMeterReading *reading, gint64 total, OkapUnits *out_units)
{
  Prompt prompt = { .prompt = total, .audio = COUNT (AUDIO_INPUT),
                    .image = COUNT (IMAGE_INPUT) + COUNT (VIDEO_INPUT) };
  gboolean agrees = read_written (reading, &prompt);
  gint64 more = COUNT (INPUT_MORE) - COUNT (AUDIO_MORE) - COUNT (IMAGE_MORE);
  gint64 inside, text, film;

  if (!read_cached (reading, &prompt))
    agrees = FALSE;
  /* More cached than there was: it is not part of the prompt, then. */
  inside = prompt.cached + prompt.written;
  if (inside > prompt.prompt)
    {
      agrees = FALSE;
      prompt.audio_cached = 0;
      prompt.image_cached = 0;
      inside = 0;
    }
  text = prompt.prompt - inside - (prompt.audio - prompt.audio_cached)
         - (prompt.image - prompt.image_cached);
  if (text < 0 || more < 0)
    agrees = FALSE;

  out_units->count[OKAP_UNIT_INPUT] = MAX (text, 0) + MAX (more, 0);
  out_units->count[OKAP_UNIT_CACHED] = prompt.cached - prompt.audio_cached - prompt.image_cached;
  out_units->count[OKAP_UNIT_CACHE_WRITTEN] = prompt.written - prompt.written_long;
  out_units->count[OKAP_UNIT_CACHE_WRITTEN_1H] = prompt.written_long;
  out_units->count[OKAP_UNIT_AUDIO_INPUT] = prompt.audio - prompt.audio_cached
                                            + COUNT (AUDIO_MORE);
  out_units->count[OKAP_UNIT_AUDIO_CACHED] = prompt.audio_cached;
  film = MIN (COUNT (VIDEO_INPUT), prompt.image - prompt.image_cached);
  out_units->count[OKAP_UNIT_IMAGE_INPUT] = prompt.image - prompt.image_cached - film
                                            + COUNT (IMAGE_MORE);
  out_units->count[OKAP_UNIT_VIDEO_INPUT] = film;
  out_units->count[OKAP_UNIT_IMAGE_CACHED] = prompt.image_cached;
  return agrees;
}

static gboolean
sum_written (const OkapMeterReading *reading, gint64 total, gint64 reasoning,
             OkapUnits *out_units)
{
  gint64 text = total - reasoning - COUNT (AUDIO_OUTPUT) - COUNT (IMAGE_OUTPUT)
                - COUNT (VIDEO_OUTPUT);

  out_units->count[OKAP_UNIT_OUTPUT] = MAX (text, 0);
  out_units->count[OKAP_UNIT_REASONING] = reasoning;
  out_units->count[OKAP_UNIT_AUDIO_OUTPUT] = COUNT (AUDIO_OUTPUT);
  out_units->count[OKAP_UNIT_IMAGE_OUTPUT] = COUNT (IMAGE_OUTPUT);
  out_units->count[OKAP_UNIT_VIDEO_OUTPUT] = COUNT (VIDEO_OUTPUT);
  return text >= 0;
}

/**
 * okap_meter_sum_others:
 *
 * Adds what is no token.
 */
void
okap_meter_sum_others (const OkapMeterReading *reading, OkapUnits *units)
{
  units->count[OKAP_UNIT_REQUESTS] = COUNT (REQUESTS);
  units->count[OKAP_UNIT_SEARCHES] = HAS (SEARCHES) ? COUNT (SEARCHES)
                                     : MAX (COUNT (SEARCHES_SEEN), COUNT (SEARCHES_STREAMED));
  units->count[OKAP_UNIT_PAGES] = COUNT (PAGES);
  units->count[OKAP_UNIT_MILLISECONDS] = COUNT (SECONDS);
}

/* Whether the model's thoughts are counted beside its output. Some say so by the sum (xAI, Gemini
 * behind an interface of OpenAI's), some by being Perplexity, which counts what it cites, too. */
static gboolean
thinks_outside (const OkapMeterReading *reading, gint64 reasoning)
{
  gint64 sum = COUNT (INPUT) + COUNT (OUTPUT);

  if (reasoning == 0)
    return FALSE;
  if (HAS (TOTAL) && COUNT (TOTAL) == sum + reasoning)
    return TRUE;
  if (HAS (REASONING_FLAT) && (HAS (INPUT_MORE) || HAS (SEARCHES)))
    return TRUE;
  return reasoning > COUNT (OUTPUT);
}

/**
 * okap_meter_sum_inside:
 *
 * The sum of OpenAI's families: all details are part of the totals, but for thoughts that the
 * numbers show to be outside.
 *
 * Returns: whether all counts agree
 */
gboolean
okap_meter_sum_inside (const OkapMeterReading *reading, OkapUnits *out_units)
{
  gint64 input = COUNT (INPUT);
  gint64 output = COUNT (OUTPUT);
  gint64 reasoning = MAX (COUNT (REASONING), COUNT (REASONING_FLAT));
  gboolean outside = thinks_outside (reading, reasoning);
  gboolean agrees = TRUE;
  gint64 told;

  if (outside)
    output += reasoning;
  told = input + output;
  if (HAS (TOTAL) && COUNT (TOTAL) != told && COUNT (TOTAL) != told + COUNT (INPUT_MORE)
      && COUNT (TOTAL) != told - (outside ? reasoning : 0))
    {
      gint64 missing = COUNT (TOTAL) - told - COUNT (INPUT_MORE);

      agrees = FALSE;
      if (!HAS (INPUT) && !HAS (OUTPUT))
        input += MAX (missing, 0);
      else if (missing > 0)
        {
          /* Tokens that nobody names cost as much as thoughts do. */
          reasoning += missing;
          output += missing;
        }
    }
  else if (outside && COUNT (REASONING) > COUNT (OUTPUT)
           && !(HAS (TOTAL) && COUNT (TOTAL) == told))
    agrees = FALSE;

  if (!sum_prompt (reading, input, out_units))
    agrees = FALSE;
  if (!sum_written (reading, output, reasoning, out_units))
    agrees = FALSE;
  okap_meter_sum_others (reading, out_units);
  return agrees;
}
