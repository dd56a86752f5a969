/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-keys-page.h"

#include "okap-key-dialog.h"
#include "okap-key-row.h"

struct _OkapKeysPage
{
  AdwBin parent_instance;

  OkapCore *core;    /* (owned) (nullable) until set */

  GtkStack *stack;   /* template children */
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (OkapKeysPage, okap_keys_page, ADW_TYPE_BIN)

static void
keys_changed_cb (OkapKeysPage *self)
{
  GListModel *keys = okap_vault_get_keys (okap_core_get_vault (self->core));

  gtk_stack_set_visible_child_name (self->stack,
                                    g_list_model_get_n_items (keys) > 0 ? "list" : "empty");
}

static GtkWidget *
create_row_cb (gpointer item, gpointer user_data)
{
  return okap_key_row_new (OKAP_KEYS_PAGE (user_data)->core, item);
}

static void
okap_keys_page_dispose (GObject *object)
{
  OkapKeysPage *self = OKAP_KEYS_PAGE (object);

  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_keys_page_parent_class)->dispose (object);
}

static void
okap_keys_page_class_init (OkapKeysPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_keys_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-keys-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapKeysPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapKeysPage, list);
  gtk_widget_class_bind_template_callback (widget_class, okap_keys_page_add_key);
}

static void
okap_keys_page_init (OkapKeysPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_keys_page_set_core (OkapKeysPage *self, OkapCore *core)
{
  GListModel *keys = okap_vault_get_keys (okap_core_get_vault (core));

  self->core = g_object_ref (core);
  gtk_list_box_bind_model (self->list, keys, create_row_cb, self, NULL);
  g_signal_connect_object (keys, "items-changed", G_CALLBACK (keys_changed_cb), self,
                           G_CONNECT_SWAPPED);
  keys_changed_cb (self);
}

/** okap_keys_page_add_key: opens the dialog that adds one */
void
okap_keys_page_add_key (OkapKeysPage *self)
{
  GtkWidget *dialog = okap_key_dialog_new (okap_core_get_vault (self->core), NULL);

  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}
