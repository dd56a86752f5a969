/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What the Okap that runs says of the user's prices, as they are in the files now. */
typedef enum
{
  OKAP_PRICES_UNTOLD,       /* none runs, or it is locked */
  OKAP_PRICES_CONFIRMED,
  OKAP_PRICES_UNCONFIRMED,
} OkapPriceStand;

OkapPriceStand okap_price_stand_ask     (void);
gboolean       okap_price_stand_confirm (OkapPriceStand before, int fd, gboolean *out_confirmed,
                                         GError **error);
void           okap_price_stand_build   (JsonBuilder *builder, OkapPriceStand stand);

G_END_DECLS
