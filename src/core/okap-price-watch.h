/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads the user's files of prices, and again whenever they change. Main thread. */
typedef struct _OkapPriceWatch OkapPriceWatch;

OkapPriceWatch *okap_price_watch_start (void) G_GNUC_WARN_UNUSED_RESULT;
void            okap_price_watch_stop  (OkapPriceWatch *self);

G_END_DECLS
