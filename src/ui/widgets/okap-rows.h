/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Rows whose texts are plain, never markup: what they show may come from outside. */
GtkWidget *okap_row_new          (const char *title, const char *subtitle)
                                  G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_row_new_expander (const char *title, const char *subtitle)
                                  G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_row_new_check    (const char *title, const char *subtitle, GtkWidget **out_check)
                                  G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_row_new_spin     (const char *title, const char *subtitle, const char *unit,
                                  double most, guint digits, GtkWidget **out_spin)
                                  G_GNUC_WARN_UNUSED_RESULT;

void       okap_row_drop_focus   (GtkWidget *widget);
void       okap_button_name_plainly (GtkWidget *button, gboolean is_labelled);

G_END_DECLS
