/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units as data: their names in files and answers, and the sums that limits and charts want. */
#include "config.h"

#include "okap-units.h"

#include "okap-money.h"

static const char *const names[OKAP_N_UNITS] = {
  [OKAP_UNIT_INPUT] = "input",
  [OKAP_UNIT_CACHED] = "cached",
  [OKAP_UNIT_CACHE_WRITTEN] = "cache_written",
  [OKAP_UNIT_CACHE_WRITTEN_1H] = "cache_written_1h",
  [OKAP_UNIT_AUDIO_INPUT] = "audio_input",
  [OKAP_UNIT_AUDIO_CACHED] = "audio_cached",
  [OKAP_UNIT_IMAGE_INPUT] = "image_input",
  [OKAP_UNIT_IMAGE_CACHED] = "image_cached",
  [OKAP_UNIT_VIDEO_INPUT] = "video_input",
  [OKAP_UNIT_OUTPUT] = "output",
  [OKAP_UNIT_REASONING] = "reasoning",
  [OKAP_UNIT_AUDIO_OUTPUT] = "audio_output",
  [OKAP_UNIT_IMAGE_OUTPUT] = "image_output",
  [OKAP_UNIT_VIDEO_OUTPUT] = "video_output",
  [OKAP_UNIT_REQUESTS] = "requests",
  [OKAP_UNIT_IMAGES] = "images",
  [OKAP_UNIT_MILLISECONDS] = "milliseconds",
  [OKAP_UNIT_CHARACTERS] = "characters",
  [OKAP_UNIT_SEARCHES] = "searches",
  [OKAP_UNIT_PAGES] = "pages",
};

/** okap_unit_get_name: (transfer none): the name in files and answers */
const char *
okap_unit_get_name (OkapUnit unit)
{
  return names[unit];
}

/** okap_unit_from_name: whether @name is a unit, and which */
gboolean
okap_unit_from_name (const char *name, OkapUnit *out_unit)
{
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (g_str_equal (names[i], name))
      {
        *out_unit = (OkapUnit) i;
        return TRUE;
      }
  return FALSE;
}

static gint64
sum (const OkapUnits *units, guint from, guint end)
{
  gint64 tokens = 0;

  for (guint i = from; i < end; i++)
    tokens = okap_money_add (tokens, units->count[i]);
  return tokens;
}

/** okap_units_get_prompt: all tokens of the prompt, cached or not; saturated */
gint64
okap_units_get_prompt (const OkapUnits *units)
{
  return sum (units, 0, OKAP_N_PROMPT_UNITS);
}

/** okap_units_get_cached: of the prompt, the tokens that came out of the provider's cache */
gint64
okap_units_get_cached (const OkapUnits *units)
{
  return okap_money_add (okap_money_add (units->count[OKAP_UNIT_CACHED],
                                         units->count[OKAP_UNIT_AUDIO_CACHED]),
                         units->count[OKAP_UNIT_IMAGE_CACHED]);
}

/** okap_units_get_written: all tokens that the model wrote, thoughts too; saturated */
gint64
okap_units_get_written (const OkapUnits *units)
{
  return sum (units, OKAP_N_PROMPT_UNITS, OKAP_N_TOKEN_UNITS);
}

/** okap_units_get_tokens: all tokens; saturated */
gint64
okap_units_get_tokens (const OkapUnits *units)
{
  return sum (units, 0, OKAP_N_TOKEN_UNITS);
}
