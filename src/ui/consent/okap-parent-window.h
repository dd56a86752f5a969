/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

gboolean okap_parent_window_set (GtkWindow *window, const char *parent);

G_END_DECLS
