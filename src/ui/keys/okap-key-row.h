/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"
#include "okap-key-stats.h"

G_BEGIN_DECLS

/* A key in the list: how it does, who uses it, what it cost this month. */
#define OKAP_TYPE_KEY_ROW (okap_key_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyRow, okap_key_row, OKAP, KEY_ROW, AdwActionRow)

GtkWidget  *okap_key_row_new    (OkapCore *core, OkapKeyStats *stats, OkapKeyInfo *key)
                                 G_GNUC_WARN_UNUSED_RESULT;
const char *okap_key_row_get_id (OkapKeyRow *self);

G_END_DECLS
