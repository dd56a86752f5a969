/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-json-tap.h"
#include "okap-provider.h"
#include "okap-sse.h"
#include "okap-usage.h"

G_BEGIN_DECLS

/* What a provider counts, under the names of any of them. */
typedef enum
{
  OKAP_METER_FIELD_INPUT,
  OKAP_METER_FIELD_INPUT_MORE,    /* input beside the prompt: results of tools */
  OKAP_METER_FIELD_CACHED,
  OKAP_METER_FIELD_CACHE_WRITTEN,
  OKAP_METER_FIELD_OUTPUT,
  OKAP_METER_FIELD_REASONING,
  OKAP_METER_N_COUNTS,

  OKAP_METER_FIELD_MODEL = OKAP_METER_N_COUNTS,
  OKAP_METER_FIELD_TEXT,          /* a piece of what the model wrote */
  OKAP_METER_FIELD_COST,          /* dollars, billed by the provider itself */
  OKAP_METER_FIELD_COST_UPSTREAM, /* dollars, of somebody's own key behind the provider */
  OKAP_METER_FIELD_OWN_KEY,       /* whether there is one */
} OkapMeterField;

typedef struct
{
  const char *path;
  OkapMeterField field;
} OkapMeterPath;

/* A wire family: where its fields stand, and how they make our units. */
typedef struct
{
  const OkapMeterPath *paths;
  guint n_paths;
  void (*sum) (const gint64 *counts, OkapUnits *out_units);
} OkapMeterFamily;

extern const OkapMeterFamily okap_meter_family_openai_chat;
extern const OkapMeterFamily okap_meter_family_openai_responses;
extern const OkapMeterFamily okap_meter_family_anthropic;
extern const OkapMeterFamily okap_meter_family_google;
extern const OkapMeterFamily okap_meter_family_ollama;

#define OKAP_METER_PATHS_MOST 32

/* How an answer is divided. */
typedef enum
{
  OKAP_FRAMING_BODY,    /* JSON, or anything that is no stream */
  OKAP_FRAMING_SSE,
  OKAP_FRAMING_NDJSON,
} OkapFraming;

OkapFraming okap_framing_from_content_type (const char *content_type);

/* Listens to one answer as it passes, in constant memory. */
typedef struct
{
  const OkapMeterFamily *family;  /* (nullable) NULL: counts nothing */
  OkapFraming framing;
  OkapSse sse;
  OkapJsonTap tap;
  gint64 counts[OKAP_METER_N_COUNTS];
  gboolean reported;              /* the provider told its usage */
  gint64 text_bytes;              /* of what the model wrote, as it came */
  double cost_usd;                /* as the provider billed it; negative: it did not say */
  double cost_upstream_usd;
  gboolean own_key;
  char model[OKAP_CAP_MODEL_BYTES + 1];  /* that answered; empty if it did not say */
  /*< private >*/
  const guint64 *hashes;
} OkapMeter;

void     okap_meter_init            (OkapMeter *meter, OkapMeterKind kind, OkapFraming framing);
void     okap_meter_feed            (OkapMeter *meter, const char *data, gsize length);
void     okap_meter_get_units       (const OkapMeter *meter, OkapUnits *out_units);
gboolean okap_meter_get_cost        (const OkapMeter *meter, gint64 *out_nusd);
gboolean okap_meter_is_between      (const OkapMeter *meter);

G_END_DECLS
