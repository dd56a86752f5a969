/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* How groups are told apart: by colours that colour-blind people can tell apart, too, and at high
 * contrast by patterns as well. */
#define OKAP_PALETTE_COLORS 6  /* groups beyond begin anew */

void okap_palette_append (GtkSnapshot *snapshot, const graphene_rect_t *area, guint group,
                          gboolean is_rest);

/* A small square of it, beside a name. */
#define OKAP_TYPE_SWATCH (okap_swatch_get_type ())
G_DECLARE_FINAL_TYPE (OkapSwatch, okap_swatch, OKAP, SWATCH, GtkWidget)

GtkWidget *okap_swatch_new (guint group, gboolean is_rest) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
