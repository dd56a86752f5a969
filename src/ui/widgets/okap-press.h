/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Tells whether what activates a button is a person at an input device. */
#define OKAP_TYPE_PRESS (okap_press_get_type ())
G_DECLARE_FINAL_TYPE (OkapPress, okap_press, OKAP, PRESS, GObject)

OkapPress  *okap_press_new          (GtkWidget *button) G_GNUC_WARN_UNUSED_RESULT;
gboolean    okap_press_take         (OkapPress *self, gint64 since_us);
void        okap_press_forget       (OkapPress *self);
gboolean    okap_press_holds_return (OkapPress *self, gint64 since_us);
const char *okap_press_get_hint     (void);

G_END_DECLS
