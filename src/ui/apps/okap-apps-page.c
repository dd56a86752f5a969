/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of apps, in two: those that may still use something, and those that no longer may. Above
 * them, as long as there are any, the tokens that other programs tried, and between them the
 * programs that are not asked for. The broker's list is filtered, not copied; the filters are asked
 * again when a grant changes its state and, because time ends grants too, once a minute. Main
 * thread. */
#include "config.h"

#include "okap-apps-page.h"

#include "okap-app-row.h"
#include "okap-app-stats.h"
#include "okap-block-row.h"
#include "okap-misuse-row.h"

struct _OkapAppsPage
{
  AdwBin parent_instance;

  OkapCore *core;             /* (owned) (nullable) until set */
  OkapAppStats *stats;        /* (owned) (nullable) until set */
  GtkFilter *live_filter;     /* (owned) (nullable) until set */
  GtkFilter *ended_filter;    /* (owned) (nullable) until set */
  guint timeout_id;

  GtkStack *stack;            /* template children */
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
  N_SIGNALS
};

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
is_live (gpointer item, gpointer user_data)
{
  return okap_grant_is_live (okap_grant_item_get_grant (item),
                             okap_clock_get_now (okap_clock_get_real ()));
}

static gboolean
is_ended (gpointer item, gpointer user_data)
{
  return !is_live (item, user_data);
}

static GtkWidget *
create_row_cb (gpointer item, gpointer user_data)
{
  OkapAppsPage *self = user_data;

  return okap_app_row_new (okap_core_get_broker (self->core), self->stats, item);
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
}

static gboolean
minute_cb (gpointer user_data)
{
  refilter (user_data);
  return G_SOURCE_CONTINUE;
}

static void
show_list (OkapAppsPage *self)
{
  OkapBroker *broker = okap_core_get_broker (self->core);
  gboolean any = g_list_model_get_n_items (okap_broker_get_grants (broker)) > 0
                 || g_list_model_get_n_items (okap_broker_get_blocks (broker)) > 0;

  gtk_stack_set_visible_child_name (self->stack, any ? "list" : "empty");
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

static void
bind_group (OkapAppsPage *self, GtkListBox *list, GtkWidget *group, GListModel *model,
            GtkListBoxCreateWidgetFunc create)
{
  g_signal_connect_object (model, "items-changed", G_CALLBACK (group_changed_cb), group,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (list, model, create, self, NULL);
  show_group (group, model);
}

/* (transfer none): the filter, which the page keeps for as long as the list is bound */
static GtkFilter *
bind_list (OkapAppsPage *self, GtkListBox *list, GtkWidget *group, GListModel *grants,
           GtkCustomFilterFunc func)
{
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (func, NULL, NULL));
  g_autoptr (GListModel) model = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (grants),
                                                                          g_object_ref (filter)));

  bind_group (self, list, group, model, create_row_cb);
  return filter;
}

static void
okap_apps_page_dispose (GObject *object)
{
  OkapAppsPage *self = OKAP_APPS_PAGE (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_object (&self->live_filter);
  g_clear_object (&self->ended_filter);
  g_clear_object (&self->stats);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_apps_page_parent_class)->dispose (object);
}

static void
okap_apps_page_class_init (OkapAppsPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_apps_page_dispose;

  signals[SIGNAL_TRY_IT] = g_signal_new ("try-it", OKAP_TYPE_APPS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ADD_KEY] = g_signal_new ("add-key", OKAP_TYPE_APPS_PAGE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-apps-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, misuse_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, misuse_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, live_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, blocks_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, blocks_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, ended_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, live_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppsPage, ended_list);
  gtk_widget_class_bind_template_callback (widget_class, try_it_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_key_cb);
}

static void
okap_apps_page_init (OkapAppsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_apps_page_set_core (OkapAppsPage *self, OkapCore *core)
{
  OkapBroker *broker = okap_core_get_broker (core);
  GListModel *grants = okap_broker_get_grants (broker);

  self->core = g_object_ref (core);
  self->stats = okap_app_stats_new (okap_core_get_store (core));
  bind_group (self, self->misuse_list, self->misuse_group,
              okap_misuse_watch_get_list (okap_broker_get_misuse_watch (broker)),
              create_misuse_cb);
  bind_group (self, self->blocks_list, self->blocks_group, okap_broker_get_blocks (broker),
              create_block_cb);
  self->live_filter = bind_list (self, self->live_list, self->live_group, grants, is_live);
  self->ended_filter = bind_list (self, self->ended_list, self->ended_group, grants, is_ended);
  g_signal_connect_object (grants, "items-changed", G_CALLBACK (grants_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_broker_get_blocks (broker), "items-changed",
                           G_CALLBACK (show_list), self, G_CONNECT_SWAPPED);
  grants_changed_cb (self, 0, 0, g_list_model_get_n_items (grants), grants);
  self->timeout_id = g_timeout_add_seconds (60, minute_cb, self);
}
