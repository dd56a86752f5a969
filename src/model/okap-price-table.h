/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of prices as they are kept. build-aux/update-prices says what a line in a file means. */
#pragma once

#include "okap-json.h"
#include "okap-price.h"

G_BEGIN_DECLS

/* Prices that hold from a day on, or between two hours of the days after it. */
typedef struct
{
  gint64 since_us;        /* wall time; 0: always */
  guint first_tier;       /* of the row's tiers */
  guint n_tiers;
  guint16 from_minute;    /* of the day, UTC; as long as to_minute: the whole day */
  guint16 to_minute;      /* smaller than from_minute: over midnight */
  guint8 days;            /* one bit for each, Monday is bit 0 */
} OkapPricePart;

/* The price of calls that say so, such as those for large pictures. */
typedef struct
{
  char *words;            /* (owned) separated by single spaces */
  OkapPriceTier tier;
} OkapPriceVariant;

/* What a model costs. Constant, never freed once it was published. */
typedef struct
{
  char *sources;          /* (owned) one letter for each, as the file explains them */
  gboolean dated;         /* whether a short date may follow the id */
  gboolean thinks;
  gint64 max_output_tokens;
  gint64 context_tokens;
  OkapPricePart *parts;   /* (owned) the first holds always; hours stand behind their day */
  guint n_parts;          /* 0: the price is known to be unknown */
  OkapPriceTier *tiers;   /* (owned) of all parts, one after the other */
  OkapPriceVariant *variants;  /* (owned) */
  guint n_variants;
} OkapPriceRow;

/* A rule for all ids of a provider that end alike. */
typedef struct
{
  char *suffix;           /* (owned) may be empty: all ids */
  OkapPriceRow *row;      /* (owned) */
} OkapPriceRule;

/* A provider that charges what another does. */
typedef struct
{
  char *prefix;           /* (owned) of its names, which the other's have not; may be empty */
  char *provider;         /* (owned) the other */
} OkapPriceSame;

/* What one provider charges. */
typedef struct
{
  GHashTable *by_id;      /* (owned) lower-case id -> OkapPriceRow */
  GArray *rules;          /* (owned) (element-type OkapPriceRule) the longest suffix first */
  GArray *same;           /* (owned) (element-type OkapPriceSame) for what it has no price of */
} OkapPriceList;

/* All that one file knows of prices. Constant once loaded. */
typedef struct
{
  char *date;             /* (owned) as YYYY-MM-DD */
  GHashTable *lists;      /* (owned) provider id -> OkapPriceList */
  guint n_rows;
} OkapPriceTable;

/* okap-price-table.c */
OkapPriceTable *okap_price_table_new     (const char *date) G_GNUC_WARN_UNUSED_RESULT;
OkapPriceTable *okap_price_table_read    (const char *text, gsize length, GError **error)
                                          G_GNUC_WARN_UNUSED_RESULT;
gboolean        okap_price_table_add     (OkapPriceTable *table, const char *provider,
                                          const char *id, OkapPriceRow *row, GError **error);
void            okap_price_table_seal    (OkapPriceTable *table);
const OkapPriceRow *okap_price_table_find (const OkapPriceTable *table, const char *provider,
                                           char *name);
void            okap_price_table_free    (OkapPriceTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapPriceTable, okap_price_table_free)

/* okap-price-row.c */
OkapPriceRow   *okap_price_row_read      (OkapJsonScanner *scanner, GError **error)
                                          G_GNUC_WARN_UNUSED_RESULT;
void            okap_price_row_resolve   (const OkapPriceRow *row, gint64 at_us,
                                          OkapPrice *out_price);
gboolean        okap_price_row_resolve_variant (const OkapPriceRow *row, const char *variant,
                                                OkapPrice *out_price);
void            okap_price_row_free      (OkapPriceRow *row);
gint64          okap_price_get_most_pusd (OkapUnit unit);
void            okap_price_tier_fill     (OkapPriceTier *tier, guint32 unknown);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapPriceRow, okap_price_row_free)

/* okap-price-book.c: the tables that count now. */
typedef struct
{
  const OkapPriceTable *table;      /* the one compiled in, or one that the user installed */
  const OkapPriceTable *overrides;  /* (nullable) the user's own prices; they win */
} OkapPriceBook;

const OkapPriceBook *okap_price_book_get (void);
const OkapPriceTable *okap_price_book_get_built_in (void);
void            okap_price_book_publish  (const OkapPriceTable *table,
                                          const OkapPriceTable *overrides);

G_END_DECLS
