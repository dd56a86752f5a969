/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row of small bars, one for each value, oldest first: a picture beside the words that say the
 * same. As high as its line of text, and it takes the width that it gets. An image for a screen
 * reader; whoever shows it says what it shows:
 *
 *   gtk_accessible_update_property (GTK_ACCESSIBLE (sparkline),
 *                                   GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1); */
#define OKAP_TYPE_SPARKLINE (okap_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (OkapSparkline, okap_sparkline, OKAP, SPARKLINE, GtkWidget)

GtkWidget *okap_sparkline_new        (void) G_GNUC_WARN_UNUSED_RESULT;
void       okap_sparkline_set_values (OkapSparkline *self, const double *values, guint n_values);

G_END_DECLS
