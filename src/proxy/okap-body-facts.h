/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caps.h"
#include "okap-json.h"

G_BEGIN_DECLS

/* Numbers of a request that bound what it may come to. */
typedef enum
{
  OKAP_BODY_MAX_TOKENS,             /* max_tokens */
  OKAP_BODY_MAX_COMPLETION_TOKENS,  /* max_completion_tokens */
  OKAP_BODY_MAX_OUTPUT_TOKENS,      /* max_output_tokens */
  OKAP_BODY_GENERATION_MAX,         /* generationConfig.maxOutputTokens */
  OKAP_BODY_NUM_PREDICT,            /* options.num_predict */
  OKAP_BODY_THINKING_BUDGET,        /* thinking.budget_tokens, part of max_tokens */
  OKAP_BODY_N,                      /* n, num_generations, parameters.sampleCount */
  OKAP_BODY_BEST_OF,                /* best_of */
  OKAP_BODY_CANDIDATES,             /* generationConfig.candidateCount */
  OKAP_N_BODY_NUMBERS,
} OkapBodyNumberName;

/* Objects of a request into which a member may be put. */
typedef enum
{
  OKAP_BODY_TOP,
  OKAP_BODY_STREAM_OPTIONS,
  OKAP_BODY_GENERATION_CONFIG,
  OKAP_BODY_OPTIONS,
  OKAP_N_BODY_OBJECTS,
} OkapBodyObjectName;

/* Bytes [at, at + length) of the body; no length: it is not there. */
typedef struct
{
  gsize at;
  gsize length;
} OkapBodySpan;

typedef struct
{
  OkapBodySpan span;   /* of the value, whatever it is */
  gint64 value;        /* -1: not there, or no count */
} OkapBodyNumber;

typedef struct
{
  OkapBodySpan span;   /* of the value */
  gboolean is_object;
  gboolean is_empty;
  gsize end;           /* behind its last value, or behind its brace */
} OkapBodyObject;

/* What a request's JSON says of its size and price. Constant once the body was read. */
typedef struct
{
  OkapBodyNumber numbers[OKAP_N_BODY_NUMBERS];
  OkapBodyObject objects[OKAP_N_BODY_OBJECTS];
  OkapBodySpan include_usage;
  gboolean includes_usage;     /* stream_options.include_usage is true */
  gint8 streams;               /* "stream": -1 if it does not say */
  const char *unsure;          /* (nullable) a member that is there twice, or in other case */
  char tier[24];               /* service_tier; empty if it does not say */
  char speed[24];              /* likewise, and the next ones */
  char geo[24];
  char size[24];               /* of a picture */
  char quality[24];

  gint64 text_bytes;           /* of the body, without what is counted in the lines below */
  guint images;                /* inline or by URL */
  gint64 audio_bytes;          /* as base64 */
  gboolean has_media;          /* something in it may be a picture, sound or film */
  gboolean wants_sound;        /* it may ask for other answers than text */
  gboolean predicts;           /* it says what will be written; what is not, is billed unseen */
  gboolean keeps_cache;        /* it asks to keep its prompt, */
  gboolean keeps_longer;       /* perhaps for an hour */
  guint prompts;               /* in a list of them, each of which is answered */
  const char *hidden;          /* (nullable) a member that brings in input that is not here */
  guint vendor_tools;          /* of the provider's making that the app runs */
  gboolean has_tools;
  gint64 searches;             /* of the web that it lets the provider make */
  guint batch_items;           /* requests in it, if it is a batch, */
  guint batch_bounded;         /* of them, those that say how much may be written, */
  gint64 batch_output_tokens;  /* and what those say, together; saturated */
  gboolean batch_is_mixed;     /* they have several models, or cost more than tokens */
  gboolean batch_is_known;     /* set by who read the file that has them: it is not mixed */
  gint64 input_chars;          /* of the member "input", if that is a text */
} OkapBodyFacts;

/* Gathers them while somebody else walks the body, token by token. */
typedef struct
{
  OkapBodyFacts *facts;
  const char *body;
  /*< private >*/
  guint8 holder[OKAP_JSON_DEPTH_MOST + 1];  /* what the open container is the value of */
  guint8 current[OKAP_JSON_DEPTH_MOST + 1]; /* what the next value in it is the value of */
  guint opaque_from;           /* from this depth on, all is data of the app's; 0: nothing is */
  gsize last_end;              /* behind the last token */
  gint64 media_bytes;
  gboolean media_is_text;
  gboolean tool_is_search;
  gint64 tool_uses;
} OkapBodyWalk;

void okap_body_walk_begin (OkapBodyWalk *walk, OkapBodyFacts *facts, const char *body,
                           gsize length);
void okap_body_walk_take  (OkapBodyWalk *walk, const OkapJsonScanner *scanner,
                           OkapJsonToken token);
void okap_body_walk_end   (OkapBodyWalk *walk);

G_END_DECLS
