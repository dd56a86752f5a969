/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small helpers of pages that are made of lists. */
#include "config.h"

#include "okap-list-group.h"

static void
show_group (GtkWidget *group, GListModel *model)
{
  gtk_widget_set_visible (group, g_list_model_get_n_items (model) > 0);
}

static void
group_changed_cb (GtkWidget *group, guint position, guint removed, guint added, GListModel *model)
{
  show_group (group, model);
}

/** okap_list_group_bind: as gtk_list_box_bind_model(); @group is hidden while @model is empty */
void
okap_list_group_bind (GtkListBox *list, GtkWidget *group, GListModel *model,
                      GtkListBoxCreateWidgetFunc create, gpointer user_data)
{
  g_signal_connect_object (model, "items-changed", G_CALLBACK (group_changed_cb), group,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (list, model, create, user_data, NULL);
  show_group (group, model);
}

/** okap_list_group_add_shortcut: @func is called with the widget of @controller */
void
okap_list_group_add_shortcut (GtkEventController *controller, guint keyval,
                              GdkModifierType modifiers, GtkShortcutFunc func)
{
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                        gtk_shortcut_new (
                                          gtk_keyval_trigger_new (keyval, modifiers),
                                          gtk_callback_action_new (func, NULL, NULL)));
}
