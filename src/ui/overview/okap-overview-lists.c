/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing here is counted anew: limits stand as the gate says, keys do as their care says, and what
 * was refused is what the watch has. Main thread. */
#include "config.h"

#include "okap-overview-lists.h"

#include <glib/gi18n.h>

#include "okap-bar-words.h"
#include "okap-format.h"
#include "okap-key-words.h"
#include "okap-misuse-words.h"
#include "okap-money.h"
#include "okap-words.h"

#define NEAR_PERCENT 80
#define MOST_ALERTS 8
#define MOST_APPS 5

static void
empty (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
}

/* Alerts */

typedef struct
{
  GtkListBox *list;
  OkapCore *core;
  gint64 now_us;
  guint n_rows;
} Alerts;

static void
add_alert (Alerts *alerts, const char *icon, const char *title, const char *body,
           const char *page)
{
  AdwActionRow *row;

  if (++alerts->n_rows > MOST_ALERTS)
    return;
  row = ADW_ACTION_ROW (adw_action_row_new ());
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, body);
  adw_action_row_set_icon_name (row, icon);
  adw_action_row_add_suffix (row, gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (row), "okap-risk");
  gtk_widget_set_name (GTK_WIDGET (row), page);
  gtk_list_box_append (alerts->list, GTK_WIDGET (row));
}

static void
add_limit (Alerts *alerts, const OkapGrant *grant, const char *provider,
           const OkapStanding *standing)
{
  guint percent = standing->cap > 0
                      ? (guint) ((double) standing->settled * 100 / (double) standing->cap) : 100;
  const char *app = okap_grant_get_title (grant);
  g_autofree char *used = NULL;
  g_autofree char *limit = NULL;
  g_autofree char *where = NULL;
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;
  g_autofree char *resets = NULL;

  if (!okap_limit_is_money (standing->limit) || standing->limit == OKAP_LIMIT_SPEND_PER_REQUEST
      || standing->settled <= 0 || percent < NEAR_PERCENT)
    return;
  used = okap_format_money (standing->settled);
  limit = okap_words_for_limit_value (standing->limit, standing->cap);
  where = okap_words_for_provider (provider);
  if (percent >= 100)
    title = g_strdup_printf (_("%s has used up its limit"), app);
  else
    title = g_strdup_printf (_("%s has used %u %% of its limit"), app, percent);
  if (standing->resets_us > 0)
    {
      g_autofree char *date = okap_format_date (standing->resets_us);

      /* Translators: %s is a date */
      resets = g_strdup_printf (_("It begins again on %s."), date);
    }
  body = g_strdup_printf (_("%1$s of %2$s at %3$s. %4$s"), used, limit, where,
                          resets != NULL ? resets : "");
  add_alert (alerts, "dialog-warning-symbolic", title, g_strchomp (body), "apps");
}

static void
add_limits (Alerts *alerts)
{
  OkapBroker *broker = okap_core_get_broker (alerts->core);
  GListModel *grants = okap_broker_get_grants (broker);

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      OkapGrant *grant = okap_grant_item_get_grant (item);

      for (guint j = 0; j < grant->scopes->len && okap_grant_is_live (grant, alerts->now_us); j++)
        {
          const OkapScope *scope = g_ptr_array_index (grant->scopes, j);
          OkapStanding standings[OKAP_N_LIMITS];
          guint n_standings = okap_gate_get_standings (okap_broker_get_gate (broker), grant->id,
                                                       scope->provider, standings);

          for (guint k = 0; k < n_standings; k++)
            add_limit (alerts, grant, scope->provider, &standings[k]);
        }
    }
}

static void
add_keys (Alerts *alerts)
{
  OkapKeyCare *care = okap_broker_get_key_care (okap_core_get_broker (alerts->core));
  GListModel *keys = okap_vault_get_keys (okap_core_get_vault (alerts->core));

  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (keys, i);
      OkapKeyClass class = okap_key_care_get_health (care, key).class;
      g_autofree char *title = NULL;

      if (class != OKAP_KEY_BAD && class != OKAP_KEY_OUT_OF_CREDIT)
        continue;
      title = okap_words_key_alert_title (key, class, FALSE);
      add_alert (alerts, "dialog-password-symbolic", title,
                 okap_words_key_alert_body (class, FALSE), "keys");
    }
}

static void
add_misuse (Alerts *alerts)
{
  GListModel *list = okap_misuse_watch_get_list (
    okap_broker_get_misuse_watch (okap_core_get_broker (alerts->core)));

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (OkapMisuse) misuse = g_list_model_get_item (list, i);
      g_autofree char *title = okap_words_misuse_title (misuse);
      g_autofree char *body = okap_words_misuse_body (misuse);

      add_alert (alerts, "security-low-symbolic", title, body, "apps");
    }
}

/** okap_overview_fill_alerts: the most urgent first; only so many are shown */
guint
okap_overview_fill_alerts (GtkListBox *list, OkapCore *core, gint64 now_us)
{
  Alerts alerts = { .list = list, .core = core, .now_us = now_us };

  empty (list);
  add_misuse (&alerts);
  add_keys (&alerts);
  add_limits (&alerts);
  return alerts.n_rows;
}

/* Apps */

typedef struct
{
  const char *title;     /* (unowned) of a grant */
  gint64 spent_nusd;
  gint64 cap_nusd;
  gboolean is_open;      /* a live grant of it has no limit of money somewhere */
  gboolean is_live;
  gint64 unknown;
} App;

/* One row for each name: an app that is started by "okap run" has a grant for each time. */
static App *
ensure_app (GHashTable *apps, const OkapGrant *grant)
{
  const char *title = okap_grant_get_title (grant);
  App *app = g_hash_table_lookup (apps, title);

  if (app != NULL)
    return app;
  app = g_new0 (App, 1);
  app->title = title;
  g_hash_table_insert (apps, (gpointer) title, app);
  return app;
}

static void
add_caps (GHashTable *apps, GListModel *grants, const OkapOverviewFigures *figures)
{
  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      OkapGrant *grant = okap_grant_item_get_grant (item);
      App *app = g_hash_table_lookup (apps, okap_grant_get_title (grant));
      OkapCaps caps = { 0 };

      if (app == NULL || !okap_grant_is_live (grant, figures->now_us))
        continue;
      okap_caps_add (&caps, grant, figures->now_us, figures->days_of_month);
      app->is_live = TRUE;
      app->is_open = app->is_open || caps.n_open > 0;
      app->cap_nusd = okap_money_add (app->cap_nusd, caps.nusd);
    }
}

static int
compare_apps (gconstpointer a, gconstpointer b)
{
  const App *first = *(const App *const *) a;
  const App *second = *(const App *const *) b;

  if (first->spent_nusd != second->spent_nusd)
    return first->spent_nusd > second->spent_nusd ? -1 : 1;
  return strcmp (first->title, second->title);
}

static char *
describe_app (const App *app)
{
  g_autofree char *spent = okap_bar_words_for_money (app->spent_nusd);
  g_autofree char *cap = NULL;

  if (!app->is_live)
    /* Translators: %s is an amount that an app spent, which may no longer use anything */
    return g_strdup_printf (_("%s, may spend no more"), spent);
  if (app->is_open)
    /* Translators: %s is an amount that an app spent in this month */
    return g_strdup_printf (_("%s, no limit"), spent);
  cap = okap_format_money (app->cap_nusd);
  /* Translators: what an app spent in this month, and what it may, such as "$3.20 of $10.00" */
  return g_strdup_printf (_("%1$s of %2$s"), spent, cap);
}

static GtkWidget *
make_budget_bar (const App *app, const char *words)
{
  GtkWidget *bar = gtk_progress_bar_new ();
  double part = (double) MAX (app->spent_nusd, 0) / (double) app->cap_nusd;

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bar), MIN (part, 1));
  if (part * 100 >= NEAR_PERCENT)
    gtk_widget_add_css_class (bar, "okap-near");
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  return bar;
}

static GtkWidget *
make_app_row (const App *app)
{
  g_autofree char *amount = describe_app (app);
  g_autofree char *words = NULL;
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (app->title);
  GtkWidget *spent = gtk_label_new (amount);

  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_wrap (GTK_LABEL (spent), TRUE);
  gtk_label_set_justify (GTK_LABEL (spent), GTK_JUSTIFY_RIGHT);
  gtk_widget_add_css_class (spent, "dim-label");
  gtk_widget_add_css_class (spent, "numeric");
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), spent);
  gtk_box_append (GTK_BOX (box), line);
  /* Translators: an app's name, and what it spent of what it may */
  words = g_strdup_printf (_("%1$s: %2$s"), app->title, amount);
  if (app->is_live && !app->is_open && app->cap_nusd > 0)
    gtk_box_append (GTK_BOX (box), make_budget_bar (app, words));
  gtk_widget_add_css_class (box, "okap-app-spend");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_widget_set_name (row, "apps");
  return row;
}

/** okap_overview_fill_apps: those that spent most in this month */
guint
okap_overview_fill_apps (GtkListBox *list, OkapCore *core, const OkapOverviewFigures *figures)
{
  OkapBroker *broker = okap_core_get_broker (core);
  g_autoptr (GHashTable) apps = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer app;

  empty (list);
  for (guint i = 0; i < figures->grants->len; i++)
    {
      const OkapUsageSummary *summary = g_ptr_array_index (figures->grants, i);
      OkapGrant *grant = okap_broker_find_grant (broker, summary->key);

      if (grant == NULL || summary->cost_nusd == 0)
        continue;
      app = ensure_app (apps, grant);
      ((App *) app)->spent_nusd = okap_money_add (((App *) app)->spent_nusd, summary->cost_nusd);
    }
  add_caps (apps, okap_broker_get_grants (broker), figures);
  g_hash_table_iter_init (&iter, apps);
  while (g_hash_table_iter_next (&iter, NULL, &app))
    g_ptr_array_add (sorted, app);
  g_ptr_array_sort (sorted, compare_apps);
  for (guint i = 0; i < MIN (sorted->len, MOST_APPS); i++)
    gtk_list_box_append (list, make_app_row (g_ptr_array_index (sorted, i)));
  return sorted->len;
}
