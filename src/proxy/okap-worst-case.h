/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-body-facts.h"
#include "okap-price.h"
#include "okap-provider.h"

G_BEGIN_DECLS

#define OKAP_LEAST_OUTPUT_TOKENS 16   /* what an answer must have room for to be of use */

/* What is known of a request before it is sent. */
typedef struct
{
  OkapMeterKind meter;
  OkapCapability capability;
  const OkapBodyFacts *facts;   /* (nullable) NULL: the body is no JSON, or was not read */
  gint64 body_bytes;            /* -1: not known yet */
  gboolean is_form;
  gint64 sound_ms;              /* of the sound in it; 0: not known */
  gint64 most_ms;               /* after which the provider ends a prediction */
} OkapWorstRequest;

/* The most that a request can come to, whatever the model. */
typedef struct
{
  gint64 prompt_tokens;         /* never too few */
  gint64 likely_prompt_tokens;  /* as it will probably be counted */
  gint64 output_tokens;         /* of each answer; 0: the endpoint writes none */
  gint64 copies;                /* answers that are asked for */
  gint64 least_output_tokens;   /* with fewer the provider would refuse it */
  gboolean is_known_batch;      /* all of a batch was read */
  gboolean output_is_assumed;   /* neither the request nor the model's price says how much */
  OkapUnits others;             /* what is no token */
} OkapWorstCase;

void     okap_worst_case_count   (const OkapWorstRequest *request, const OkapPrice *price,
                                  OkapWorstCase *out_worst);
gint64   okap_worst_case_get_output (const OkapWorstCase *worst);
gint64   okap_worst_case_price   (const OkapWorstCase *worst, OkapMeterKind meter,
                                  OkapCapability capability, const OkapPrice *price,
                                  gint64 output_tokens);
gint64   okap_worst_case_fit     (const OkapWorstCase *worst, OkapMeterKind meter,
                                  OkapCapability capability, const OkapPrice *price, gint64 nusd,
                                  gint64 tokens);
void     okap_worst_case_narrow  (OkapPrice *price, const char *provider, const char *model,
                                  const OkapBodyFacts *facts, OkapMeterKind meter,
                                  const char *region);

G_END_DECLS
