/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The activity: a virtual list over a model that reads as one scrolls. Main thread. */
#include "config.h"

#include "okap-activity-page.h"

#include "okap-usage-item.h"
#include "okap-usage-model.h"
#include "okap-usage-row.h"

struct _OkapActivityPage
{
  AdwBin parent_instance;

  OkapUsageModel *model;   /* (owned) (nullable) until set */

  GtkStack *stack;         /* template children */
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (OkapActivityPage, okap_activity_page, ADW_TYPE_BIN)

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gtk_list_item_set_child (list_item, okap_usage_row_new ());
  gtk_list_item_set_activatable (list_item, FALSE);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  OkapUsageItem *item = gtk_list_item_get_item (list_item);

  okap_usage_row_set_usage (OKAP_USAGE_ROW (gtk_list_item_get_child (list_item)),
                            okap_usage_item_get_usage (item));
}

static void
items_changed_cb (OkapActivityPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->model));

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : "empty");
}

static void
edge_reached_cb (OkapActivityPage *self, GtkPositionType position)
{
  if (position == GTK_POS_BOTTOM && self->model != NULL)
    okap_usage_model_load_more (self->model);
}

static void
okap_activity_page_dispose (GObject *object)
{
  OkapActivityPage *self = OKAP_ACTIVITY_PAGE (object);

  g_clear_object (&self->model);
  G_OBJECT_CLASS (okap_activity_page_parent_class)->dispose (object);
}

static void
okap_activity_page_class_init (OkapActivityPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_activity_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-activity-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, list);
  gtk_widget_class_bind_template_callback (widget_class, edge_reached_cb);
}

static void
okap_activity_page_init (OkapActivityPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_activity_page_set_store (OkapActivityPage *self, OkapStore *store)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  self->model = okap_usage_model_new (store);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  selection = GTK_SELECTION_MODEL (
    gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->model))));
  gtk_list_view_set_model (self->list, selection);
  g_signal_connect_object (self->model, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  items_changed_cb (self);
}
