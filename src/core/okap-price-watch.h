/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-price-seal.h"

G_BEGIN_DECLS

/* Reads the user's files of prices, and again whenever they change, while the vault is open. Main
 * thread. */
typedef struct _OkapPriceWatch OkapPriceWatch;

/* Prices are not as they were, also since an earlier run. @words: for a person. */
typedef void (*OkapPriceChangedFunc) (const char *words, gpointer user_data);

OkapPriceWatch *okap_price_watch_start (OkapVault *vault, OkapPriceSeal *seal,
                                        OkapPriceChangedFunc changed, gpointer user_data)
                                        G_GNUC_WARN_UNUSED_RESULT;
void            okap_price_watch_stop  (OkapPriceWatch *self);

G_END_DECLS
