/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A list that is there, with all around it, only while it has rows. */
void okap_list_group_bind         (GtkListBox *list, GtkWidget *group, GListModel *model,
                                   GtkListBoxCreateWidgetFunc create, gpointer user_data);
void okap_list_group_add_shortcut (GtkEventController *controller, guint keyval,
                                   GdkModifierType modifiers, GtkShortcutFunc func);

G_END_DECLS
