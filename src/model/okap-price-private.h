/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-json.h"
#include "okap-price-table.h"

G_BEGIN_DECLS

/* One object of a line, as it stands there. */
typedef struct
{
  OkapPriceTier tier;     /* what was left out is filled; "above" is from_input_tokens */
  guint32 named;          /* the units that it prices itself */
  guint32 unknown;        /* the units of which it says that nobody knows */
  gint64 since_us;
  guint16 from_minute;
  guint16 to_minute;
  guint8 days;
  char *variant;          /* (owned) (nullable) */
  gint64 max_output_tokens;
  gint64 context_tokens;
  gboolean thinks;
  guint32 members;        /* one bit for each OkapPriceMember that is there */
} OkapPriceDraft;

typedef enum
{
  OKAP_PRICE_MEMBER_ABOVE,
  OKAP_PRICE_MEMBER_SINCE,
  OKAP_PRICE_MEMBER_HOURS,
  OKAP_PRICE_MEMBER_DAYS,
  OKAP_PRICE_MEMBER_VARIANT,
  OKAP_PRICE_MEMBER_MAX_OUTPUT,
  OKAP_PRICE_MEMBER_CONTEXT,
  OKAP_PRICE_MEMBER_THINKS,
  OKAP_PRICE_MEMBER_FREE,
} OkapPriceMember;

#define OKAP_N_PRICE_MEMBERS (OKAP_PRICE_MEMBER_FREE + 1)

gboolean okap_price_draft_read  (OkapJsonScanner *scanner, OkapPriceDraft *draft, GError **error);
void     okap_price_draft_clear (OkapPriceDraft *draft);
gboolean okap_price_refuse      (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
void     okap_price_refuse_line (GError **error, const OkapJsonScanner *scanner, const char *text,
                                 gsize length, const GError *reason);

/* okap-price-modifier.c */
void     okap_price_open_modifiers (OkapPrice *price, const char *provider);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapPriceDraft, okap_price_draft_clear)

G_END_DECLS
