/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of keys, a group for each provider, and the page of the one that was opened. There are
 * few keys, and they change seldom, so the groups are built anew when one changes; the page that is
 * open stays with its key. Main thread. */
#include "config.h"

#include "okap-keys-page.h"

#include <string.h>

#include "okap-key-details.h"
#include "okap-key-dialog.h"
#include "okap-key-row.h"
#include "okap-key-stats.h"
#include "okap-words.h"

struct _OkapKeysPage
{
  AdwBin parent_instance;

  OkapCore *core;             /* (owned) (nullable) until set */
  OkapKeyStats *stats;        /* (owned) (nullable) until set */
  GPtrArray *groups;          /* (owned) (element-type AdwPreferencesGroup) in the list */

  GtkStack *stack;            /* template children */
  AdwLeaflet *leaflet;
  AdwPreferencesPage *list;
  OkapKeyDetails *details;
};

G_DEFINE_FINAL_TYPE (OkapKeysPage, okap_keys_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_SHOW_APP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GListModel *
get_keys (OkapKeysPage *self)
{
  return okap_vault_get_keys (okap_core_get_vault (self->core));
}

static void
row_activated_cb (OkapKeyRow *row, OkapKeysPage *self)
{
  okap_keys_page_show_key (self, okap_key_row_get_id (row));
}

static int
compare_by_provider (gconstpointer a, gconstpointer b)
{
  OkapKeyInfo *first = *(OkapKeyInfo *const *) a;
  OkapKeyInfo *second = *(OkapKeyInfo *const *) b;
  g_autofree char *first_name = okap_words_for_provider (okap_key_info_get_provider (first));
  g_autofree char *second_name = okap_words_for_provider (okap_key_info_get_provider (second));
  int order = g_utf8_collate (first_name, second_name);

  if (order != 0)
    return order;
  return okap_key_info_get_created (first) < okap_key_info_get_created (second) ? -1 : 1;
}

static void
build_list (OkapKeysPage *self)
{
  GListModel *keys = get_keys (self);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_object_unref);
  const char *provider = "";

  for (guint i = 0; i < self->groups->len; i++)
    adw_preferences_page_remove (self->list, self->groups->pdata[i]);
  g_ptr_array_set_size (self->groups, 0);
  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    g_ptr_array_add (sorted, g_list_model_get_item (keys, i));
  g_ptr_array_sort (sorted, compare_by_provider);
  for (guint i = 0; i < sorted->len; i++)
    {
      GtkWidget *row = okap_key_row_new (self->core, self->stats, sorted->pdata[i]);

      if (!g_str_equal (okap_key_info_get_provider (sorted->pdata[i]), provider))
        {
          GtkWidget *group = adw_preferences_group_new ();
          g_autofree char *name = NULL;
          g_autofree char *title = NULL;

          provider = okap_key_info_get_provider (sorted->pdata[i]);
          name = okap_words_for_provider (provider);
          title = g_markup_escape_text (name, -1);
          adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
          adw_preferences_page_add (self->list, ADW_PREFERENCES_GROUP (group));
          g_ptr_array_add (self->groups, group);
        }
      g_signal_connect (row, "activated", G_CALLBACK (row_activated_cb), self);
      adw_preferences_group_add (self->groups->pdata[self->groups->len - 1], row);
    }
}

static void
show_list (OkapKeysPage *self)
{
  adw_leaflet_set_visible_child (self->leaflet, GTK_WIDGET (self->list));
}

static void
keys_changed_cb (OkapKeysPage *self)
{
  const char *shown = okap_key_details_get_id (self->details);
  OkapKeyInfo *key = shown != NULL
                       ? okap_vault_find_key (okap_core_get_vault (self->core), shown) : NULL;
  gboolean was_open = adw_leaflet_get_visible_child (self->leaflet) == GTK_WIDGET (self->details);

  if (shown != NULL)
    okap_key_details_show (self->details, key);
  if (was_open && key == NULL)
    show_list (self);
  build_list (self);
  gtk_stack_set_visible_child_name (self->stack,
                                    g_list_model_get_n_items (get_keys (self)) > 0 ? "keys"
                                                                                   : "empty");
}

static void
back_cb (OkapKeysPage *self)
{
  show_list (self);
  gtk_widget_child_focus (GTK_WIDGET (self->list), GTK_DIR_TAB_FORWARD);
}

static void
show_app_cb (OkapKeysPage *self, const char *grant_id)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_APP], 0, grant_id);
}

/* A new key is shown and tested at once. */
static void
added_cb (OkapKeysPage *self, OkapKeyInfo *key)
{
  okap_keys_page_show_key (self, okap_key_info_get_id (key));
  okap_key_details_test (self->details);
}

static void
okap_keys_page_map (GtkWidget *widget)
{
  OkapKeysPage *self = OKAP_KEYS_PAGE (widget);

  GTK_WIDGET_CLASS (okap_keys_page_parent_class)->map (widget);
  if (self->stats != NULL)
    okap_key_stats_set_shown (self->stats, TRUE);
}

static void
okap_keys_page_unmap (GtkWidget *widget)
{
  OkapKeysPage *self = OKAP_KEYS_PAGE (widget);

  if (self->stats != NULL)
    okap_key_stats_set_shown (self->stats, FALSE);
  GTK_WIDGET_CLASS (okap_keys_page_parent_class)->unmap (widget);
}

static void
okap_keys_page_dispose (GObject *object)
{
  OkapKeysPage *self = OKAP_KEYS_PAGE (object);

  g_clear_object (&self->stats);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_keys_page_parent_class)->dispose (object);
}

static void
okap_keys_page_finalize (GObject *object)
{
  g_ptr_array_unref (OKAP_KEYS_PAGE (object)->groups);
  G_OBJECT_CLASS (okap_keys_page_parent_class)->finalize (object);
}

static void
okap_keys_page_class_init (OkapKeysPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_keys_page_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_keys_page_finalize;
  widget_class->map = okap_keys_page_map;
  widget_class->unmap = okap_keys_page_unmap;

  signals[SIGNAL_SHOW_APP] = g_signal_new ("show-app", OKAP_TYPE_KEYS_PAGE, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (OKAP_TYPE_KEY_DETAILS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-keys-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapKeysPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapKeysPage, leaflet);
  gtk_widget_class_bind_template_child (widget_class, OkapKeysPage, list);
  gtk_widget_class_bind_template_child (widget_class, OkapKeysPage, details);
  gtk_widget_class_bind_template_callback (widget_class, okap_keys_page_add_key);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_app_cb);
}

static void
okap_keys_page_init (OkapKeysPage *self)
{
  self->groups = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_keys_page_set_core (OkapKeysPage *self, OkapCore *core)
{
  self->core = g_object_ref (core);
  self->stats = okap_key_stats_new (core);
  okap_key_stats_set_shown (self->stats, gtk_widget_get_mapped (GTK_WIDGET (self)));
  okap_key_details_set_core (self->details, core, self->stats);
  g_signal_connect_object (get_keys (self), "items-changed", G_CALLBACK (keys_changed_cb), self,
                           G_CONNECT_SWAPPED);
  keys_changed_cb (self);
}

/** okap_keys_page_show_key: its page, if there is such a key */
void
okap_keys_page_show_key (OkapKeysPage *self, const char *key_id)
{
  OkapKeyInfo *key = okap_vault_find_key (okap_core_get_vault (self->core), key_id);

  if (key == NULL)
    return;
  okap_key_details_show (self->details, key);
  adw_leaflet_set_visible_child (self->leaflet, GTK_WIDGET (self->details));
  gtk_widget_grab_focus (GTK_WIDGET (self->details));
}

/** okap_keys_page_add_key: opens the dialog that adds one */
void
okap_keys_page_add_key (OkapKeysPage *self)
{
  GtkWidget *dialog = okap_key_dialog_new (okap_core_get_broker (self->core), NULL);

  g_signal_connect_object (dialog, "added", G_CALLBACK (added_cb), self, G_CONNECT_SWAPPED);
  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}
