/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads the user's files of prices, and again whenever they change. Main thread. */
typedef struct _OkapPriceWatch OkapPriceWatch;

/* Prices are not as they were, also since an earlier run. @words: for a person. */
typedef void (*OkapPriceChangedFunc) (const char *words, gpointer user_data);

OkapPriceWatch *okap_price_watch_start (OkapPriceChangedFunc changed, gpointer user_data)
                                        G_GNUC_WARN_UNUSED_RESULT;
void            okap_price_watch_stop  (OkapPriceWatch *self);

G_END_DECLS
