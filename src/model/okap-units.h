/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a price can be set on. Nothing is counted in two of them: cached tokens are not part of
 * input, reasoning is not part of output, audio, pictures and films are not part of either. */
typedef enum
{
  OKAP_UNIT_INPUT,             /* tokens of the prompt that have no line of their own below */
  OKAP_UNIT_CACHED,            /* read from the provider's prompt cache */
  OKAP_UNIT_CACHE_WRITTEN,     /* kept for minutes */
  OKAP_UNIT_CACHE_WRITTEN_1H,  /* kept for an hour or more */
  OKAP_UNIT_AUDIO_INPUT,
  OKAP_UNIT_AUDIO_CACHED,
  OKAP_UNIT_IMAGE_INPUT,
  OKAP_UNIT_IMAGE_CACHED,
  OKAP_UNIT_VIDEO_INPUT,       /* frames of films; their sound is audio */
  OKAP_UNIT_OUTPUT,
  OKAP_UNIT_REASONING,
  OKAP_UNIT_AUDIO_OUTPUT,
  OKAP_UNIT_IMAGE_OUTPUT,
  OKAP_UNIT_VIDEO_OUTPUT,

  /* what is no token */
  OKAP_UNIT_REQUESTS,          /* a fee for each call */
  OKAP_UNIT_IMAGES,            /* pictures made */
  OKAP_UNIT_MILLISECONDS,      /* of sound or film, heard or made, or of a machine's time */
  OKAP_UNIT_CHARACTERS,        /* spoken */
  OKAP_UNIT_SEARCHES,          /* of the web, or of documents (rerank) */
  OKAP_UNIT_PAGES,             /* read */
} OkapUnit;

#define OKAP_N_UNITS (OKAP_UNIT_PAGES + 1)
#define OKAP_N_TOKEN_UNITS (OKAP_UNIT_VIDEO_OUTPUT + 1)
#define OKAP_N_PROMPT_UNITS (OKAP_UNIT_VIDEO_INPUT + 1)

/* Counts, none of them negative. */
typedef struct
{
  gint64 count[OKAP_N_UNITS];
} OkapUnits;

const char *okap_unit_get_name     (OkapUnit unit);
gboolean    okap_unit_from_name    (const char *name, OkapUnit *out_unit);

gint64      okap_units_get_prompt  (const OkapUnits *units);
gint64      okap_units_get_cached  (const OkapUnits *units);
gint64      okap_units_get_written (const OkapUnits *units);
gint64      okap_units_get_tokens  (const OkapUnits *units);

G_END_DECLS
