/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Holds a child and tells, by its property "narrow", whether it has little room. */
#define OKAP_TYPE_WIDTH_BIN (okap_width_bin_get_type ())
G_DECLARE_FINAL_TYPE (OkapWidthBin, okap_width_bin, OKAP, WIDTH_BIN, GtkWidget)

gboolean okap_width_bin_get_narrow (OkapWidthBin *self);

G_END_DECLS
