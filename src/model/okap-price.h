/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "okap-units.h"

G_BEGIN_DECLS

/* Prices of one model from a given size of prompt on, in pico-dollars a unit. */
typedef struct
{
  gint64 from_input_tokens;    /* the tier holds for prompts longer than this; 0 for the first */
  guint32 known;               /* one bit for each OkapUnit that has a price, which may be 0 */
  gint64 pusd[OKAP_N_UNITS];
} OkapPriceTier;

G_STATIC_ASSERT (OKAP_N_UNITS <= 32);

typedef struct
{
  const OkapPriceTier *tiers;  /* in force at the time of the look-up; ascending, the first at 0 */
  guint n_tiers;
  const OkapPriceTier *worst;  /* (nullable) all that may come into force while a request runs, in
                                * no order; NULL: the same as tiers */
  guint n_worst;
  guint32 excluded;            /* one bit for each OkapUnit that the request cannot bring about:
                                * left out of the worst case, never out of a cost */
  gint64 max_output_tokens;    /* that the model writes at most, thoughts too; 0: not known */
  gint64 context_tokens;       /* that it reads at most; 0: not known */
  gboolean thinks;             /* it may write tokens that the app does not see */
  guint dearest_permille;      /* of all modifiers that a request can bring about; 1000: none */
} OkapPrice;

/* What a user lets a model cost whose price nobody knows, in pico-dollars a token. */
typedef struct
{
  gboolean set;
  gint64 input_pusd;
  gint64 output_pusd;
} OkapPriceCeiling;

gboolean    okap_price_lookup         (const char *provider, const char *model, gint64 at_us,
                                       OkapPrice *out_price);
gboolean    okap_price_lookup_variant (const char *provider, const char *model,
                                       const char *variant, gint64 at_us, OkapPrice *out_price);
gboolean    okap_price_is_free        (const OkapPrice *price);
gboolean    okap_price_get_cost       (const OkapPrice *price, const OkapUnits *units,
                                       guint permille, gint64 *out_nusd);
gint64      okap_price_get_worst      (const OkapPrice *price, gint64 prompt_tokens,
                                       gint64 output_tokens);
gint64      okap_price_get_worst_prompt (const OkapPrice *price, gint64 prompt_tokens);
void        okap_price_from_ceiling   (const OkapPriceCeiling *ceiling, OkapPriceTier *tier,
                                       OkapPrice *out_price);
const char *okap_price_get_date       (void);

/* okap-price-modifier.c. Signals are a list such as "tier=flex,geo=us" or "batch". */
guint       okap_price_get_modifier   (const char *provider, const char *model,
                                       const char *signals);
void        okap_price_limit_modifiers (OkapPrice *price, const char *provider,
                                        const char *model, const char *signals);

G_END_DECLS
