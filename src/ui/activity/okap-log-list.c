/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list over a model of any length, and what is shown in its place: that nothing happened yet,
 * that nothing fits the filter, that the database could not be read. Main thread. The model is live
 * while the list is on the screen, and only then. */
#include "config.h"

#include "okap-log-list.h"

#include <glib/gi18n.h>

#include "okap-log-item.h"
#include "okap-log-row.h"

struct _OkapLogList
{
  AdwBin parent_instance;

  OkapLogModel *model;     /* (owned) (nullable) until set */
  gboolean filtered;
  gboolean to_top;         /* once what fits the new filter is there */

  GtkStack *stack;         /* template children */
  GtkListView *list;
  AdwStatusPage *empty_page;
  AdwStatusPage *failed_page;
};

G_DEFINE_FINAL_TYPE (OkapLogList, okap_log_list, ADW_TYPE_BIN)

enum
{
  SIGNAL_ACTIVATED,
  SIGNAL_CLEAR_FILTERS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gtk_list_item_set_child (list_item, okap_log_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  okap_log_row_set_item (OKAP_LOG_ROW (gtk_list_item_get_child (list_item)),
                         gtk_list_item_get_item (list_item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  okap_log_row_set_item (OKAP_LOG_ROW (gtk_list_item_get_child (list_item)), NULL);
}

static void
update (OkapLogList *self)
{
  OkapLogState state = okap_log_model_get_state (self->model);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->model));

  if (state == OKAP_LOG_FAILED)
    {
      g_autofree char *words = g_markup_escape_text (
        okap_log_model_get_error (self->model)->message, -1);

      adw_status_page_set_description (self->failed_page, words);
      gtk_stack_set_visible_child_name (self->stack, "failed");
    }
  else if (n > 0)
    {
      gtk_stack_set_visible_child_name (self->stack, "list");
      /* A row that fits both filters would stay where it is on the screen, amid others. */
      if (self->to_top && state == OKAP_LOG_READY)
        gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
    }
  else if (state == OKAP_LOG_READY)
    gtk_stack_set_visible_child_name (self->stack, self->filtered ? "no-match" : "empty");
  if (state == OKAP_LOG_READY)
    self->to_top = FALSE;
}

static void
activate_cb (OkapLogList *self, guint position)
{
  g_autoptr (OkapLogItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), position);

  if (item != NULL && okap_log_item_is_loaded (item))
    g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0, item);
}

static void
clear_cb (OkapLogList *self)
{
  g_signal_emit (self, signals[SIGNAL_CLEAR_FILTERS], 0);
}

static void
retry_cb (OkapLogList *self)
{
  okap_log_model_set_live (self->model, FALSE);
  okap_log_model_set_live (self->model, TRUE);
}

static void
okap_log_list_map (GtkWidget *widget)
{
  OkapLogList *self = OKAP_LOG_LIST (widget);

  GTK_WIDGET_CLASS (okap_log_list_parent_class)->map (widget);
  if (self->model != NULL)
    okap_log_model_set_live (self->model, TRUE);
}

static void
okap_log_list_unmap (GtkWidget *widget)
{
  OkapLogList *self = OKAP_LOG_LIST (widget);

  if (self->model != NULL)
    okap_log_model_set_live (self->model, FALSE);
  GTK_WIDGET_CLASS (okap_log_list_parent_class)->unmap (widget);
}

static void
okap_log_list_dispose (GObject *object)
{
  g_clear_object (&OKAP_LOG_LIST (object)->model);
  G_OBJECT_CLASS (okap_log_list_parent_class)->dispose (object);
}

static void
okap_log_list_class_init (OkapLogListClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_log_list_dispose;
  widget_class->map = okap_log_list_map;
  widget_class->unmap = okap_log_list_unmap;

  /**
   * OkapLogList::activated:
   * @item: (type OkapLogItem): which was chosen; it is loaded
   */
  signals[SIGNAL_ACTIVATED] = g_signal_new ("activated", OKAP_TYPE_LOG_LIST, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1, OKAP_TYPE_LOG_ITEM);
  signals[SIGNAL_CLEAR_FILTERS] = g_signal_new ("clear-filters", OKAP_TYPE_LOG_LIST,
                                                G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-log-list.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapLogList, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapLogList, list);
  gtk_widget_class_bind_template_child (widget_class, OkapLogList, empty_page);
  gtk_widget_class_bind_template_child (widget_class, OkapLogList, failed_page);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
}

static void
okap_log_list_init (OkapLogList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * okap_log_list_set_model:
 * @name: of the list, for screen readers
 */
void
okap_log_list_set_model (OkapLogList *self, OkapLogModel *model, const char *name)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  self->model = g_object_ref (model);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (model))));
  gtk_list_view_set_model (self->list, selection);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "state-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    okap_log_model_set_live (model, TRUE);
}

/** okap_log_list_set_empty: what it says while nothing happened yet */
void
okap_log_list_set_empty (OkapLogList *self, const char *title, const char *description)
{
  adw_status_page_set_title (self->empty_page, title);
  adw_status_page_set_description (self->empty_page, description);
}

/**
 * okap_log_list_set_filtered:
 * @filtered: whether an empty list means that nothing fits
 *
 * To be called when the filter has changed: the list is shown from its top then.
 */
void
okap_log_list_set_filtered (OkapLogList *self, gboolean filtered)
{
  self->filtered = filtered;
  self->to_top = TRUE;
  if (self->model != NULL)
    update (self);
}
