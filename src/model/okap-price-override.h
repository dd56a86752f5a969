/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-price-table.h"

G_BEGIN_DECLS

/* A price that the user set, which wins over all tables. */
typedef struct
{
  char *provider;               /* (owned) */
  char *model;                  /* (owned) in lower case */
  char *usd[OKAP_N_UNITS];      /* (owned) (nullable) decimals as written; for how many units
                                 * okap_price_override_get_member() says */
  gint64 max_output_tokens;     /* 0: not given */
  gint64 context_tokens;        /* 0: not given */
  gboolean free;                /* nothing costs anything */
} OkapPriceOverride;

OkapPriceOverride *okap_price_override_new  (const char *provider, const char *model);
void        okap_price_override_free        (OkapPriceOverride *self);
const char *okap_price_override_get_member  (OkapUnit unit);
char       *okap_price_format_usd           (OkapUnit unit, gint64 pusd);
gboolean    okap_price_override_set         (OkapPriceOverride *self, OkapUnit unit,
                                             const char *usd, GError **error);

/* Lists of them (element-type OkapPriceOverride), as the file has them. */
GPtrArray  *okap_price_overrides_read       (const char *text, gsize length, GError **error)
                                             G_GNUC_WARN_UNUSED_RESULT;
char       *okap_price_overrides_format     (GPtrArray *overrides);
OkapPriceTable *okap_price_overrides_make_table (GPtrArray *overrides, GError **error)
                                                 G_GNUC_WARN_UNUSED_RESULT;
gboolean    okap_price_overrides_remove     (GPtrArray *overrides, const char *provider,
                                             const char *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapPriceOverride, okap_price_override_free)

G_END_DECLS
