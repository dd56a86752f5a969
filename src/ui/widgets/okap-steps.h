/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How far one is, as a row of dots; in words for a screen reader. */
#define OKAP_TYPE_STEPS (okap_steps_get_type ())
G_DECLARE_FINAL_TYPE (OkapSteps, okap_steps, OKAP, STEPS, GtkWidget)

void okap_steps_set (OkapSteps *self, guint step, guint n_steps);

G_END_DECLS
