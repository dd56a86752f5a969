/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What okap-body-facts.c reads in a request. */
#pragma once

#include "okap-json.h"

G_BEGIN_DECLS

/* What a member's name may mean; where it stands decides whether it does. */
typedef enum
{
  OKAP_NAME_NONE,
  OKAP_NAME_MAX_TOKENS,
  OKAP_NAME_MAX_COMPLETION_TOKENS,
  OKAP_NAME_MAX_OUTPUT_TOKENS,
  OKAP_NAME_NUM_PREDICT,
  OKAP_NAME_BUDGET,
  OKAP_NAME_N,
  OKAP_NAME_BEST_OF,
  OKAP_NAME_CANDIDATES,
  OKAP_NAME_SAMPLES,
  OKAP_NAME_STREAM,
  OKAP_NAME_STREAM_OPTIONS,
  OKAP_NAME_INCLUDE_USAGE,
  OKAP_NAME_GENERATION_CONFIG,
  OKAP_NAME_OPTIONS,
  OKAP_NAME_THINKING,
  OKAP_NAME_TIER,
  OKAP_NAME_SPEED,
  OKAP_NAME_GEO,
  OKAP_NAME_SIZE,
  OKAP_NAME_QUALITY,
  OKAP_NAME_CACHE,
  OKAP_NAME_TTL,
  OKAP_NAME_MODALITIES,
  OKAP_NAME_HIDDEN,         /* at the top: input that is kept at the provider */
  OKAP_NAME_SEARCH_OPTIONS, /* at the top: the provider searches */
  OKAP_NAME_SEARCH_SOURCES, /* likewise, and is paid for each source */
  OKAP_NAME_PROMPT,
  OKAP_NAME_PREDICTION,
  OKAP_NAME_ID,
  OKAP_NAME_INPUT,
  OKAP_NAME_TOOLS,
  OKAP_NAME_TYPE,
  OKAP_NAME_MIME,
  OKAP_NAME_MAX_USES,
  OKAP_NAME_SEARCH_TOOL,    /* of google: a tool is named by its member */
  OKAP_NAME_SERVER_TOOL,
  OKAP_NAME_FILE,           /* anywhere: refers to a file that is not here */
  OKAP_NAME_IMAGE_URL,
  OKAP_NAME_URL,
  OKAP_NAME_SOURCE,
  OKAP_NAME_DATA,
  OKAP_NAME_INLINE_DATA,
  OKAP_NAME_FILE_DATA,
  OKAP_NAME_IMAGES,
  OKAP_NAME_INPUT_AUDIO,
  OKAP_NAME_PARAMETERS,
  OKAP_NAME_PARAMS,         /* of one request of a batch */
  OKAP_NAME_OPAQUE,         /* the app's own data */
} OkapBodyName;

OkapBodyName okap_body_name_find (const OkapJsonScanner *scanner, const char **out_text,
                                  gboolean *out_exact);

G_END_DECLS
