/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "okap-usage.h"

G_BEGIN_DECLS

/* Prices of one model from a given size of prompt on, in pico-dollars a token. */
typedef struct
{
  gint64 from_input_tokens;  /* the tier holds for prompts longer than this; 0 for the first */
  gint64 input_pusd;
  gint64 cached_pusd;
  gint64 cache_write_pusd;
  gint64 output_pusd;
} OkapPriceTier;

typedef struct
{
  const OkapPriceTier *tiers;  /* ascending; the first starts at 0 */
  guint n_tiers;
} OkapPrice;

gboolean    okap_price_lookup   (const char *provider, const char *model, OkapPrice *out_price);
gint64      okap_price_get_cost (const OkapPrice *price, const OkapTokens *tokens);
const char *okap_price_get_date (void);

G_END_DECLS
