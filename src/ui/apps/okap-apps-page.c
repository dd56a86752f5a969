/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of apps, in two: those that may still use something, and those that no longer may, which
 * is closed. Above them, as long as there are any, the tokens that other programs tried, and
 * between them the programs that are not asked for. The broker's list is filtered, not copied; the
 * filters are asked again when a grant changes its state, when something is searched, and, because
 * time ends grants too, once a minute while the page is on the screen.
 *
 *   empty ◀──▶ list ── a row ──▶ details ── Esc, back ──▶ list
 *
 * Main thread. */
#include "config.h"

#include "okap-apps-page.h"

#include <glib/gi18n.h>

#include "okap-app-details.h"
#include "okap-app-filter.h"
#include "okap-app-icons.h"
#include "okap-app-row.h"
#include "okap-app-stats.h"
#include "okap-block-row.h"
#include "okap-hand-dialog.h"
#include "okap-list-group.h"
#include "okap-misuse-row.h"
#include "okap-text.h"
#include "okap-undo-toast.h"
#include "okap-width-bin.h"

#define SEARCH_FROM 8  /* with so many apps, the search is in plain sight */
#define TITLE_CHARS 48

struct _OkapAppsPage
{
  AdwBin parent_instance;

  OkapCore *core;             /* (owned) (nullable) until set */
  OkapAppStats *stats;        /* (owned) (nullable) until set */
  OkapAppIcons *icons;        /* (owned) (nullable) until set */
  GtkFilter *live_filter;     /* (owned) (nullable) until set */
  GtkFilter *ended_filter;    /* (owned) (nullable) until set */
  char *searched;             /* (owned) folded; empty: nothing */
  guint timeout_id;           /* while mapped */

  OkapWidthBin *room;         /* template children */
  AdwToastOverlay *toasts;
  GtkStack *stack;
  OkapAppDetails *details;
  GtkSearchBar *search_bar;
  GtkEditable *search_entry;
  GtkWidget *nothing_group;
  GtkRevealer *ended_revealer;
  GtkWidget *misuse_group;
  GtkListBox *misuse_list;
  GtkWidget *live_group;
  GtkWidget *blocks_group;
  GtkListBox *blocks_list;
  GtkWidget *ended_group;
  GtkListBox *live_list;
  GtkListBox *ended_list;
};

G_DEFINE_FINAL_TYPE (OkapAppsPage, okap_apps_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_TRY_IT,
  SIGNAL_ADD_KEY,
  SIGNAL_SHOW_ACTIVITY,
  N_SIGNALS
};

typedef enum
{
  PROP_TITLE = 1,
} OkapAppsPageProperty;

static GParamSpec *properties[PROP_TITLE + 1];

static guint signals[N_SIGNALS];

static void
try_it_cb (OkapAppsPage *self)
{
  g_signal_emit (self, signals[SIGNAL_TRY_IT], 0);
}

static void
add_key_cb (OkapAppsPage *self)
{
  g_signal_emit (self, signals[SIGNAL_ADD_KEY], 0);
}

static gboolean
lives (gpointer item)
{
  return okap_grant_is_live (okap_grant_item_get_grant (item),
                             okap_clock_get_now (okap_clock_get_real ()));
}

static gboolean
matches (OkapAppsPage *self, gpointer item)
{
  return okap_app_filter_matches (okap_grant_item_get_grant (item), self->searched);
}

static gboolean
is_live (gpointer item, gpointer user_data)
{
  return lives (item) && matches (user_data, item);
}

static gboolean
is_ended (gpointer item, gpointer user_data)
{
  return !lives (item) && matches (user_data, item);
}

static GtkWidget *
create_row_cb (gpointer item, gpointer user_data)
{
  OkapAppsPage *self = user_data;

  GtkWidget *row = okap_app_row_new (okap_core_get_broker (self->core), self->stats, self->icons,
                                     item);

  okap_app_row_set_narrow (OKAP_APP_ROW (row), okap_width_bin_get_narrow (self->room));
  return row;
}

static GtkWidget *
create_misuse_cb (gpointer item, gpointer user_data)
{
  OkapAppsPage *self = user_data;

  return okap_misuse_row_new (okap_core_get_broker (self->core), item);
}

static GtkWidget *
create_block_cb (gpointer item, gpointer user_data)
{
  OkapAppsPage *self = user_data;

  return okap_block_row_new (okap_core_get_broker (self->core), item);
}

static void
refilter (OkapAppsPage *self)
{
  gtk_filter_changed (self->live_filter, GTK_FILTER_CHANGE_DIFFERENT);
  gtk_filter_changed (self->ended_filter, GTK_FILTER_CHANGE_DIFFERENT);
  gtk_widget_set_visible (self->nothing_group, *self->searched != '\0'
                                               && !gtk_widget_get_visible (self->live_group)
                                               && !gtk_widget_get_visible (self->ended_group));
}

static void
refresh_rows (GtkListBox *list)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    okap_app_row_refresh (OKAP_APP_ROW (row));
}

static gboolean
minute_cb (gpointer user_data)
{
  OkapAppsPage *self = user_data;

  refilter (self);
  refresh_rows (self->live_list);
  return G_SOURCE_CONTINUE;
}

/* While it is on the screen. */
static void
okap_apps_page_watch (OkapAppsPage *self)
{
  okap_app_stats_set_watched (self->stats, TRUE);
  (void) minute_cb (self);
  if (self->timeout_id == 0)
    self->timeout_id = g_timeout_add_seconds (60, minute_cb, self);
}

/* --- one of them --- */

static void
notify_title (OkapAppsPage *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

gboolean
okap_apps_page_is_deep (OkapAppsPage *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "details") == 0;
}

static OkapGrantItem *
find_item (OkapAppsPage *self, const char *grant_id)
{
  GListModel *grants = okap_broker_get_grants (okap_core_get_broker (self->core));

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);

      if (g_str_equal (okap_grant_item_get_grant (item)->id, grant_id))
        return g_steal_pointer (&item);
    }
  return NULL;
}

static void
show_item (OkapAppsPage *self, OkapGrantItem *item)
{
  okap_app_details_set_item (self->details, item);
  gtk_stack_set_visible_child_name (self->stack, "details");
  gtk_widget_child_focus (GTK_WIDGET (self->details), GTK_DIR_TAB_FORWARD);
  notify_title (self);
}

gboolean
okap_apps_page_show_grant (OkapAppsPage *self, const char *grant_id)
{
  g_autoptr (OkapGrantItem) item = self->core != NULL ? find_item (self, grant_id) : NULL;

  if (item == NULL)
    return FALSE;
  show_item (self, item);
  return TRUE;
}

static void
row_activated_cb (OkapAppsPage *self, GtkListBoxRow *row)
{
  show_item (self, okap_app_row_get_item (OKAP_APP_ROW (row)));
}

static void
focus_row_of (GtkListBox *list, OkapGrantItem *item)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    if (okap_app_row_get_item (OKAP_APP_ROW (row)) == item)
      gtk_widget_grab_focus (GTK_WIDGET (row));
}

void
okap_apps_page_go_back (OkapAppsPage *self)
{
  g_autoptr (OkapGrantItem) item = NULL;

  if (!okap_apps_page_is_deep (self))
    return;
  g_set_object (&item, okap_app_details_get_item (self->details));
  gtk_stack_set_visible_child_name (self->stack, "list");
  okap_app_details_set_item (self->details, NULL);
  if (item != NULL)
    focus_row_of (self->live_list, item);
  notify_title (self);
}

static void
undo_failed_cb (gpointer data, const char *words)
{
  OkapAppsPage *self = data;

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (words));
}

static void
revoked_cb (OkapAppsPage *self, const char *grant_id)
{
  g_autoptr (OkapGrantItem) item = find_item (self, grant_id);

  if (item == NULL)
    return;
  okap_apps_page_go_back (self);
  adw_toast_overlay_add_toast (self->toasts,
                               okap_undo_toast_new (okap_core_get_broker (self->core), item,
                                                    undo_failed_cb, G_OBJECT (self)));
}

static void
show_activity_cb (OkapAppsPage *self, const char *grant_id)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_ACTIVITY], 0, grant_id);
}

void
okap_apps_page_add (OkapAppsPage *self)
{
  GtkWidget *dialog = okap_hand_dialog_new (self->core);

  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- searching --- */

static void
search_changed_cb (OkapAppsPage *self)
{
  g_free (self->searched);
  self->searched = g_utf8_casefold (gtk_editable_get_text (self->search_entry), -1);
  if (*self->searched != '\0')
    gtk_revealer_set_reveal_child (self->ended_revealer, TRUE);
  if (self->live_filter != NULL)
    refilter (self);
}

static gboolean
search_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  OkapAppsPage *self = OKAP_APPS_PAGE (widget);

  if (!gtk_widget_get_mapped (widget)
      || g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "list") != 0)
    return FALSE;
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  return TRUE;
}

static gboolean
escape_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  OkapAppsPage *self = OKAP_APPS_PAGE (widget);

  if (!okap_apps_page_is_deep (self) || !gtk_widget_get_mapped (widget))
    return FALSE;
  okap_apps_page_go_back (self);
  return TRUE;
}

static void
add_shortcuts (OkapAppsPage *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  okap_list_group_add_shortcut (controller, GDK_KEY_f, GDK_CONTROL_MASK, search_cb);
  okap_list_group_add_shortcut (controller, GDK_KEY_Escape, 0, escape_cb);
  okap_list_group_add_shortcut (controller, GDK_KEY_Left, GDK_ALT_MASK, escape_cb);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

/* --- the list --- */

static void
toggle_ended_cb (OkapAppsPage *self)
{
  gtk_revealer_set_reveal_child (self->ended_revealer,
                                 !gtk_revealer_get_reveal_child (self->ended_revealer));
}

static void
show_list (OkapAppsPage *self)
{
  OkapBroker *broker = okap_core_get_broker (self->core);
  gboolean any = g_list_model_get_n_items (okap_broker_get_grants (broker)) > 0
                 || g_list_model_get_n_items (okap_broker_get_blocks (broker)) > 0;

  if (!any && okap_apps_page_is_deep (self))
    okap_app_details_set_item (self->details, NULL);
  if (!any || !okap_apps_page_is_deep (self))
    gtk_stack_set_visible_child_name (self->stack, any ? "list" : "empty");
  if (g_list_model_get_n_items (okap_broker_get_grants (broker)) >= SEARCH_FROM)
    gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  notify_title (self);
}

static void
grants_changed_cb (OkapAppsPage *self, guint position, guint removed, guint added,
                   GListModel *grants)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);

      g_signal_handlers_disconnect_by_func (item, refilter, self);
      g_signal_connect_object (item, "notify::grant", G_CALLBACK (refilter), self,
                               G_CONNECT_SWAPPED);
    }
  show_list (self);
}

/* (transfer none): the filter, which the page keeps for as long as the list is bound */
static GtkFilter *
bind_list (OkapAppsPage *self, GtkListBox *list, GtkWidget *group, GListModel *grants,
           GtkCustomFilterFunc func)
{
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (func, self, NULL));
  g_autoptr (GListModel) model = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (grants),
                                                                          g_object_ref (filter)));

  okap_list_group_bind (list, group, model, create_row_cb, self);
  return filter;
}

static void
okap_apps_page_dispose (GObject *object)
{
  OkapAppsPage *self = OKAP_APPS_PAGE (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_object (&self->icons);
  g_clear_object (&self->live_filter);
  g_clear_object (&self->ended_filter);
  g_clear_object (&self->stats);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_apps_page_parent_class)->dispose (object);
}

static void
okap_apps_page_finalize (GObject *object)
{
  g_free (OKAP_APPS_PAGE (object)->searched);
  G_OBJECT_CLASS (okap_apps_page_parent_class)->finalize (object);
}

static void
okap_apps_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapAppsPage *self = OKAP_APPS_PAGE (object);
  OkapGrantItem *item = okap_apps_page_is_deep (self) ? okap_app_details_get_item (self->details)
                                                      : NULL;

  switch ((OkapAppsPageProperty) id)
    {
    case PROP_TITLE:
      if (item != NULL)
        g_value_take_string (value, okap_text_shorten (
          okap_grant_get_title (okap_grant_item_get_grant (item)), TITLE_CHARS));
      else
        g_value_set_string (value, _("Apps"));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
narrow_rows (OkapAppsPage *self, GtkListBox *list)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    okap_app_row_set_narrow (OKAP_APP_ROW (row), okap_width_bin_get_narrow (self->room));
}

static void
room_changed_cb (OkapAppsPage *self)
{
  narrow_rows (self, self->live_list);
  narrow_rows (self, self->ended_list);
}

static void
okap_apps_page_map (GtkWidget *widget)
{
  OkapAppsPage *self = OKAP_APPS_PAGE (widget);

  GTK_WIDGET_CLASS (okap_apps_page_parent_class)->map (widget);
  if (self->core != NULL)
    okap_apps_page_watch (self);
}

static void
okap_apps_page_unmap (GtkWidget *widget)
{
  OkapAppsPage *self = OKAP_APPS_PAGE (widget);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->stats != NULL)
    okap_app_stats_set_watched (self->stats, FALSE);
  GTK_WIDGET_CLASS (okap_apps_page_parent_class)->unmap (widget);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, misuse_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, misuse_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, live_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, blocks_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, blocks_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, ended_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, live_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, ended_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, room);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, toasts);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, details);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, search_bar);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, nothing_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, ended_revealer);
}

static void
okap_apps_page_class_init (OkapAppsPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_apps_page_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_apps_page_finalize;
  G_OBJECT_CLASS (class)->get_property = okap_apps_page_get_property;
  widget_class->map = okap_apps_page_map;
  widget_class->unmap = okap_apps_page_unmap;
  g_type_ensure (OKAP_TYPE_APP_DETAILS);
  g_type_ensure (OKAP_TYPE_WIDTH_BIN);

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL,
                                                G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY
                                                | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), G_N_ELEMENTS (properties),
                                     properties);

  signals[SIGNAL_TRY_IT] = g_signal_new ("try-it", OKAP_TYPE_APPS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ADD_KEY] = g_signal_new ("add-key", OKAP_TYPE_APPS_PAGE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);

  signals[SIGNAL_SHOW_ACTIVITY] = g_signal_new ("show-activity", OKAP_TYPE_APPS_PAGE,
                                                G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-apps-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, try_it_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, okap_apps_page_add);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, revoked_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_activity_cb);
  gtk_widget_class_bind_template_callback (widget_class, room_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, toggle_ended_cb);
}

static void
okap_apps_page_init (OkapAppsPage *self)
{
  self->searched = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_bar_connect_entry (self->search_bar, self->search_entry);
  add_shortcuts (self);
}

void
okap_apps_page_set_core (OkapAppsPage *self, OkapCore *core)
{
  OkapBroker *broker = okap_core_get_broker (core);
  GListModel *grants = okap_broker_get_grants (broker);

  self->core = g_object_ref (core);
  self->stats = okap_app_stats_new (okap_core_get_store (core));
  self->icons = okap_app_icons_new ();
  okap_app_details_set_core (self->details, core, self->icons);
  okap_list_group_bind (self->misuse_list, self->misuse_group,
                        okap_misuse_watch_get_list (okap_broker_get_misuse_watch (broker)),
                        create_misuse_cb, self);
  okap_list_group_bind (self->blocks_list, self->blocks_group, okap_broker_get_blocks (broker),
                        create_block_cb, self);
  self->live_filter = bind_list (self, self->live_list, self->live_group, grants, is_live);
  self->ended_filter = bind_list (self, self->ended_list, self->ended_group, grants, is_ended);
  g_signal_connect_object (grants, "items-changed", G_CALLBACK (grants_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_broker_get_blocks (broker), "items-changed",
                           G_CALLBACK (show_list), self, G_CONNECT_SWAPPED);
  grants_changed_cb (self, 0, 0, g_list_model_get_n_items (grants), grants);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    okap_apps_page_watch (self);
}
