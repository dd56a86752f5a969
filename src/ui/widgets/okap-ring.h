/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A small ring that fills, in the colour of the text around it. */
#define OKAP_TYPE_RING (okap_ring_get_type ())
G_DECLARE_FINAL_TYPE (OkapRing, okap_ring, OKAP, RING, GtkWidget)

GtkWidget *okap_ring_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void       okap_ring_set_fraction (OkapRing *self, double fraction);

G_END_DECLS
