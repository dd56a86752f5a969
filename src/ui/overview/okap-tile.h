/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* An amount with a title above and a remark below it, perhaps with a bar. */
#define OKAP_TYPE_TILE (okap_tile_get_type ())
G_DECLARE_FINAL_TYPE (OkapTile, okap_tile, OKAP, TILE, GtkBox)

void okap_tile_set (OkapTile *self, const char *amount, const char *remark, double fraction);

G_END_DECLS
