/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The button that gives something away. It arms only after its window was active for a while,
 * and answers only to a person at an input device. */
#define OKAP_TYPE_ALLOW_BUTTON (okap_allow_button_get_type ())
G_DECLARE_FINAL_TYPE (OkapAllowButton, okap_allow_button, OKAP, ALLOW_BUTTON, GtkButton)

#define OKAP_ALLOW_BUTTON_ARM_MS      700
#define OKAP_ALLOW_BUTTON_ARM_LONG_MS 1500  /* where the harm would be greater */

void     okap_allow_button_set_delay    (OkapAllowButton *self, guint delay_ms);
void     okap_allow_button_set_complete (OkapAllowButton *self, gboolean complete);
void     okap_allow_button_disarm       (OkapAllowButton *self);
gboolean okap_allow_button_takes_key    (OkapAllowButton *self);

G_END_DECLS
