/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Children side by side, all as wide as each other, or below each other where they do not fit:
 * never some of them alone in a second row. */
#define OKAP_TYPE_EVEN_BOX (okap_even_box_get_type ())
G_DECLARE_FINAL_TYPE (OkapEvenBox, okap_even_box, OKAP, EVEN_BOX, GtkWidget)

G_END_DECLS
