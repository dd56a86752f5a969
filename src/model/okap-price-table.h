/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-price.h"

G_BEGIN_DECLS

/* One line of data/prices/prices.json. Constant, never freed. */
typedef struct
{
  gboolean dated;         /* whether a short date may follow the id */
  guint n_tiers;          /* 0: the price is known to be unknown */
  OkapPriceTier tiers[];  /* ascending; the first starts at 0 */
} OkapPriceRow;

/* A rule for all ids of a provider that end alike. */
typedef struct
{
  char *suffix;           /* (owned) may be empty: all ids */
  OkapPriceRow *row;      /* (owned) */
} OkapPriceRule;

/* What one provider charges. */
typedef struct
{
  GHashTable *by_id;      /* (owned) lower-case id -> OkapPriceRow */
  GArray *rules;          /* (owned) (element-type OkapPriceRule) the longest suffix first */
} OkapPriceList;

/* All that is known of prices. Constant once loaded. */
typedef struct
{
  char *date;             /* (owned) as YYYY-MM-DD */
  GHashTable *lists;      /* (owned) provider id -> OkapPriceList */
} OkapPriceTable;

const OkapPriceTable *okap_price_table_get  (void);
OkapPriceTable       *okap_price_table_read (const char *text, gsize length)
                                             G_GNUC_WARN_UNUSED_RESULT;
void                  okap_price_table_free (OkapPriceTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapPriceTable, okap_price_table_free)

G_END_DECLS
