/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the meters share: a wire family as data, and how its table is searched. */
#pragma once

#include "okap-json.h"
#include "okap-units.h"

G_BEGIN_DECLS

/* What a provider counts, under the names of any of them. */
typedef enum
{
  /* Counts: the last one of a stream is taken. */
  OKAP_METER_FIELD_INPUT,
  OKAP_METER_FIELD_INPUT_MORE,    /* input beside the prompt: results of tools, citations */
  OKAP_METER_FIELD_CACHED,
  OKAP_METER_FIELD_CACHE_MISSED,  /* the rest of the prompt, for comparison */
  OKAP_METER_FIELD_CACHE_WRITTEN,
  OKAP_METER_FIELD_CACHE_WRITTEN_SHORT,  /* of them, kept for minutes */
  OKAP_METER_FIELD_CACHE_WRITTEN_LONG,   /* of them, kept for an hour or more */
  OKAP_METER_FIELD_AUDIO_INPUT,
  OKAP_METER_FIELD_AUDIO_MORE,
  OKAP_METER_FIELD_AUDIO_CACHED,
  OKAP_METER_FIELD_IMAGE_INPUT,
  OKAP_METER_FIELD_VIDEO_INPUT,
  OKAP_METER_FIELD_IMAGE_MORE,
  OKAP_METER_FIELD_IMAGE_CACHED,
  OKAP_METER_FIELD_OUTPUT,
  OKAP_METER_FIELD_OUTPUT_START,  /* what was written when the stream began */
  OKAP_METER_FIELD_REASONING,
  OKAP_METER_FIELD_REASONING_FLAT, /* not among the details of the output: part of it, or not */
  OKAP_METER_FIELD_TEXT_OUTPUT,
  OKAP_METER_FIELD_AUDIO_OUTPUT,
  OKAP_METER_FIELD_IMAGE_OUTPUT,
  OKAP_METER_FIELD_VIDEO_OUTPUT,
  OKAP_METER_FIELD_TOTAL,         /* all tokens, for comparison */
  OKAP_METER_FIELD_BILLED_INPUT,  /* where what is billed is not what was read */
  OKAP_METER_FIELD_BILLED_OUTPUT,
  OKAP_METER_FIELD_BILLED_IMAGES,
  OKAP_METER_FIELD_REQUESTS,
  OKAP_METER_FIELD_SEARCHES,
  OKAP_METER_FIELD_PAGES,
  OKAP_METER_FIELD_SECONDS,       /* kept as milliseconds */
  OKAP_METER_FIELD_DURATION,      /* the same, of the sound rather than of the bill */
  OKAP_METER_FIELD_IMAGES_SEEN,   /* objects that are pictures; the most of one event */
  OKAP_METER_FIELD_PAGES_SEEN,
  OKAP_METER_FIELD_SEARCHES_SEEN,
  OKAP_METER_FIELD_IMAGES_STREAMED,   /* one event each; summed over all */
  OKAP_METER_FIELD_SEARCHES_STREAMED,
  OKAP_METER_N_COUNTS,

  /* Everything else. */
  OKAP_METER_FIELD_MODEL = OKAP_METER_N_COUNTS,
  OKAP_METER_FIELD_TOOL_MODEL,    /* of a tool that uses tokens of its own */
  OKAP_METER_FIELD_TEXT,          /* a piece of what the model wrote */
  OKAP_METER_FIELD_COST,          /* dollars, billed by the provider itself */
  OKAP_METER_FIELD_COST_TEXT,     /* the same as a string; 0 means that somebody else bills */
  OKAP_METER_FIELD_COST_TICKS,    /* the same, in tenths of nano-dollars */
  OKAP_METER_FIELD_COST_UPSTREAM, /* dollars, of somebody's own key behind the provider */
  OKAP_METER_FIELD_OWN_KEY,       /* whether there is one */
  OKAP_METER_FIELD_TIER,
  OKAP_METER_FIELD_SPEED,
  OKAP_METER_FIELD_GEO,
  OKAP_METER_FIELD_SIZE,
  OKAP_METER_FIELD_QUALITY,
  OKAP_METER_FIELD_STATUS,
  OKAP_METER_FIELD_DONE,          /* of a job, as a boolean */
  OKAP_METER_FIELD_ANNOTATION,    /* a text that makes pages dearer */
  OKAP_METER_FIELD_MINIMUM,       /* a sign that ten seconds are billed at least */
  OKAP_METER_FIELD_EVENT,         /* the type of an event */
  OKAP_METER_FIELD_ITEM_IMAGE,    /* an object or string that is a picture */
  OKAP_METER_FIELD_ITEM_PAGE,
  OKAP_METER_FIELD_ITEM_SEARCH,
  OKAP_METER_FIELD_CALL_TYPE,     /* of a tool call in a finished answer */
  OKAP_METER_FIELD_CALL,          /* a tool call in a stream: the object, */
  OKAP_METER_FIELD_CALL_KIND,     /* its type and */
  OKAP_METER_FIELD_CALL_STATE,    /* its state */
  OKAP_METER_FIELD_MODALITY,      /* of an element of one of the lists below */
  OKAP_METER_FIELD_MODALITY_COUNT,
  OKAP_METER_FIELD_MODALITIES_INPUT,
  OKAP_METER_FIELD_MODALITIES_MORE,
  OKAP_METER_FIELD_MODALITIES_CACHED,
  OKAP_METER_FIELD_MODALITIES_OUTPUT,
  OKAP_METER_FIELD_MODALITIES_TOOLS,
  OKAP_METER_FIELD_PARTS,         /* a list of all that the answer took, each with its model */
  OKAP_METER_FIELD_PART_RESULT,   /* a result of a job: told, summed up */
  OKAP_METER_FIELD_PART_PICTURES, /* tokens of a tool that draws, beside those of the answer */
  OKAP_METER_FIELD_PART_DRAWING,  /* the same, of a model that draws in text */
} OkapMeterField;

G_STATIC_ASSERT (OKAP_METER_N_COUNTS <= 64);

/* With a field: the count or the model belongs to the part that is open. */
#define OKAP_METER_OF_PART 0x80
#define OKAP_METER_PART(field) (OKAP_METER_FIELD_##field | OKAP_METER_OF_PART)

#define OKAP_METER_BIT(field) (G_GUINT64_CONSTANT (1) << OKAP_METER_FIELD_##field)

#define OKAP_METER_N_ITEMS 3      /* images, pages, searches */

typedef struct
{
  const char *path;
  guint8 field;                   /* OkapMeterField, or OKAP_METER_PART() of one */
} OkapMeterPath;

typedef struct
{
  gint64 counts[OKAP_METER_N_COUNTS];
  guint64 has;                    /* one bit for each count that was told */
} OkapMeterReading;

/* What the family's answers are billed by, and so what is taken where they do not tell. */
typedef enum
{
  OKAP_METER_BY_TOKENS,
  OKAP_METER_BY_PICTURES,         /* or by tokens, if they are told */
  OKAP_METER_BY_CHARACTERS,       /* or by tokens */
  OKAP_METER_BY_SOUND,            /* or by tokens */
  OKAP_METER_BY_PAGES,
  OKAP_METER_BY_SEARCHES,         /* one for each call, if nothing is told */
  OKAP_METER_BY_DOCUMENTS,        /* the same, but this is a guess */
  OKAP_METER_BY_JOB,              /* by whatever its result says */
} OkapMeterBasis;

/* A wire family: where its fields stand, and how they make our units. */
typedef struct
{
  const OkapMeterPath *usage;     /* below each of the roots */
  guint n_usage;
  const char *const *roots;       /* (nullable) such as "response."; NULL: only "" */
  const OkapMeterPath *others;    /* as they are */
  guint n_others;
  /* Returns whether the counts agree; if not, the dearer reading was taken. */
  gboolean (*sum) (const OkapMeterReading *reading, OkapUnits *out_units);
  guint64 cheap;                  /* bits of counts that make the answer cheaper */
  OkapMeterBasis basis;
} OkapMeterFamily;

extern const OkapMeterFamily okap_meter_family_openai_chat;
extern const OkapMeterFamily okap_meter_family_openai_responses;
extern const OkapMeterFamily okap_meter_family_openai_images;
extern const OkapMeterFamily okap_meter_family_openai_speech;
extern const OkapMeterFamily okap_meter_family_openai_transcription;
extern const OkapMeterFamily okap_meter_family_openai_batch;
extern const OkapMeterFamily okap_meter_family_openai_video;
extern const OkapMeterFamily okap_meter_family_anthropic;
extern const OkapMeterFamily okap_meter_family_anthropic_batch;
extern const OkapMeterFamily okap_meter_family_google;
extern const OkapMeterFamily okap_meter_family_google_interactions;
extern const OkapMeterFamily okap_meter_family_google_operation;
extern const OkapMeterFamily okap_meter_family_ollama;
extern const OkapMeterFamily okap_meter_family_cohere;
extern const OkapMeterFamily okap_meter_family_rerank;
extern const OkapMeterFamily okap_meter_family_mistral_ocr;
extern const OkapMeterFamily okap_meter_family_search;
extern const OkapMeterFamily okap_meter_family_replicate;
extern const OkapMeterFamily okap_meter_family_ai_sdk;

/* What several families share. */
gboolean okap_meter_sum_inside (const OkapMeterReading *reading, OkapUnits *out_units);
void     okap_meter_sum_others (const OkapMeterReading *reading, OkapUnits *units);
#define OKAP_METER_CHEAP_INSIDE (OKAP_METER_BIT (CACHED) | OKAP_METER_BIT (AUDIO_CACHED) \
                                 | OKAP_METER_BIT (IMAGE_CACHED))

/* A family's paths by their hashes: open addressing, at most half full, made once. */
#define OKAP_METER_SLOTS 512

typedef struct
{
  guint64 hashes[OKAP_METER_SLOTS];  /* 0: free */
  guint8 fields[OKAP_METER_SLOTS];
} OkapMeterTable;

const OkapMeterTable *okap_meter_table_get (guint kind, const OkapMeterFamily *family);

#define OKAP_METER_NO_FIELD 0x7f

static inline guint
okap_meter_table_start (guint64 hash)
{
  return (guint) ((hash >> 40 ^ hash) & (OKAP_METER_SLOTS - 1));
}

/* The field at the path of this hash; OKAP_METER_NO_FIELD if the family does not know it. */
static inline guint8
okap_meter_table_find (const OkapMeterTable *table, guint64 hash)
{
  for (guint i = okap_meter_table_start (hash);; i = (i + 1) & (OKAP_METER_SLOTS - 1))
    {
      if (table->hashes[i] == hash)
        return table->fields[i];
      if (table->hashes[i] == 0)
        return OKAP_METER_NO_FIELD;
    }
}

/* Numbers of JSON. */
typedef enum
{
  OKAP_METER_NUMBER_BAD,     /* negative, too large, or none */
  OKAP_METER_NUMBER_ODD,     /* rounded up, or with an exponent */
  OKAP_METER_NUMBER_PLAIN,
} OkapMeterNumber;

OkapMeterNumber okap_meter_parse_number (const char *text, gsize length, int scale,
                                         gint64 *out_value);

G_END_DECLS
