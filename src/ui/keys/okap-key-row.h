/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* A provider key in the list: what it is, whether it works, and its removal. */
#define OKAP_TYPE_KEY_ROW (okap_key_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyRow, okap_key_row, OKAP, KEY_ROW, AdwActionRow)

GtkWidget *okap_key_row_new (OkapCore *core, OkapKeyInfo *key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
