/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list goes from row to row by Tab, and this one shows the page of the row that has the focus; so
 * whoever only wants to pass by would end on the last page. Here Tab leaves the list, and the arrow
 * keys go through it. Main thread. */
#include "config.h"

#include "okap-sidebar.h"

static GtkWidget *
make_row (GtkStackPage *page)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (gtk_stack_page_get_title (page));

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box),
                  gtk_image_new_from_icon_name (gtk_stack_page_get_icon_name (page)));
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_name (row, gtk_stack_page_get_name (page));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_stack_page_get_title (page), -1);
  return row;
}

static void
let_focus (GtkListBox *sidebar, gboolean others)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (sidebar, i)) != NULL; i++)
    gtk_widget_set_can_focus (GTK_WIDGET (row),
                              others || gtk_widget_has_focus (GTK_WIDGET (row)));
}

static gboolean
tab_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  GtkListBox *sidebar = GTK_LIST_BOX (widget);
  gboolean moved;

  let_focus (sidebar, FALSE);
  moved = gtk_widget_child_focus (GTK_WIDGET (gtk_widget_get_root (widget)),
                                  (GtkDirectionType) g_variant_get_int32 (args));
  let_focus (sidebar, TRUE);
  return moved;
}

static void
add_tab (GtkWidget *sidebar)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  const struct { const char *trigger; GtkDirectionType direction; } tabs[] = {
    { "Tab|KP_Tab", GTK_DIR_TAB_FORWARD },
    { "<Shift>Tab|<Shift>ISO_Left_Tab|<Shift>KP_Tab", GTK_DIR_TAB_BACKWARD },
  };

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (tabs); i++)
    {
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (tabs[i].trigger),
                                                gtk_callback_action_new (tab_cb, NULL, NULL));

      gtk_shortcut_set_arguments (shortcut, g_variant_new_int32 ((gint32) tabs[i].direction));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), shortcut);
    }
  gtk_widget_add_controller (sidebar, keys);
}

/** okap_sidebar_fill: once; each row has the name of its page, and the first one is selected */
void
okap_sidebar_fill (GtkListBox *sidebar, GtkStack *pages)
{
  g_autoptr (GListModel) list = G_LIST_MODEL (gtk_stack_get_pages (pages));

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GObject) page = g_list_model_get_item (list, i);

      gtk_list_box_append (sidebar, make_row (GTK_STACK_PAGE (page)));
    }
  gtk_list_box_select_row (sidebar, gtk_list_box_get_row_at_index (sidebar, 0));
  add_tab (GTK_WIDGET (sidebar));
}

/** okap_sidebar_select: returns whether there is a page called @name */
gboolean
okap_sidebar_select (GtkListBox *sidebar, const char *name)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (sidebar, i)) != NULL; i++)
    if (g_str_equal (gtk_widget_get_name (GTK_WIDGET (row)), name))
      {
        gtk_list_box_select_row (sidebar, row);
        return TRUE;
      }
  return FALSE;
}
