/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The list of the window's pages: a row for each page of a stack. */
void     okap_sidebar_fill   (GtkListBox *sidebar, GtkStack *pages);
gboolean okap_sidebar_select (GtkListBox *sidebar, const char *name);

G_END_DECLS
