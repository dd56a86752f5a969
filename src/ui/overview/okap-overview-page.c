/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page binds: its data asks the store while the page is on the screen, and everything here is
 * put up anew when they changed, or when what the broker knows did. Actions are of the page and so
 * on no bus. Main thread. */
#include "config.h"

#include "okap-overview-page.h"

#include <glib/gi18n.h>

#include "okap-currency.h"
#include "okap-even-box.h"
#include "okap-format.h"
#include "okap-menus.h"
#include "okap-overview-data.h"
#include "okap-overview-export.h"
#include "okap-overview-lists.h"
#include "okap-overview-tiles.h"
#include "okap-settings.h"
#include "okap-usage-chart.h"

#define N_GROUPINGS 3
#define RANGE_KEY "overview-range"
#define GROUPING_KEY "overview-grouping"

enum
{
  NUMBER_REQUESTS,
  NUMBER_TOKENS,
  NUMBER_CACHED,
  NUMBER_LATENCY,
  NUMBER_FAILED,
  N_NUMBERS
};

struct _OkapOverviewPage
{
  AdwBin parent_instance;

  OkapCore *core;                     /* (owned) (nullable) until set */
  OkapOverviewData *data;             /* (owned) (nullable) until set */
  GtkWidget *ranges[OKAP_N_RANGES];   /* (unowned) toggle buttons */
  GtkWidget *groupings[N_GROUPINGS];  /* (unowned) toggle buttons */
  GtkWidget *numbers[N_NUMBERS];      /* (unowned) labels */
  guint alerts_id;

  AdwToastOverlay *toasts;            /* template children */
  GtkMenuButton *export_button;
  GtkStack *stack;
  AdwStatusPage *failed_page;
  OkapTile *today_tile;
  OkapTile *month_tile;
  OkapTile *forecast_tile;
  GtkLabel *unknown_label;
  GtkWidget *alerts_group;
  GtkListBox *alerts_list;
  GtkWidget *before_button;
  GtkWidget *after_button;
  GtkLabel *period_label;
  GtkBox *range_box;
  GtkBox *grouping_box;
  OkapUsageChart *chart;
  GtkFlowBox *numbers_box;
  GtkWidget *apps_group;
  GtkListBox *apps_list;
};

G_DEFINE_FINAL_TYPE (OkapOverviewPage, okap_overview_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_TRY_IT,
  SIGNAL_ADD_KEY,
  SIGNAL_SHOW_PAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Remarks and figures */

static void
show_unknown (OkapOverviewPage *self, const OkapOverviewFigures *figures)
{
  gint64 count = MAX (figures->month.unknown_requests, figures->period.unknown_requests);
  g_autofree char *requests = okap_format_requests (count);
  /* Translators: %s is such as "3 requests" */
  g_autofree char *words = g_strdup_printf (_("%s went to models without a known price, and are in "
                                              "none of these amounts."), requests);

  gtk_label_set_text (self->unknown_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->unknown_label), count > 0);
}

static void
set_number (OkapOverviewPage *self, guint number, const char *text, const char *tooltip)
{
  gtk_label_set_text (GTK_LABEL (self->numbers[number]), text);
  gtk_widget_set_tooltip_text (gtk_widget_get_parent (self->numbers[number]), tooltip);
}

static char *
format_part (gint64 part, gint64 of)
{
  if (of <= 0)
    /* Translators: in place of a number that there is none of */
    return g_strdup (_("–"));
  /* Translators: a percentage */
  return g_strdup_printf (_("%.0f %%"), (double) part * 100 / (double) of);
}

static void
show_latency (OkapOverviewPage *self, const OkapLatency *latency)
{
  g_autofree char *median = NULL;
  g_autofree char *high = NULL;
  g_autofree char *requests = NULL;
  g_autofree char *tooltip = NULL;

  if (latency->n_requests == 0)
    {
      set_number (self, NUMBER_LATENCY, _("–"), NULL);
      return;
    }
  median = okap_format_duration (latency->median_us);
  high = okap_format_duration (latency->p95_us);
  requests = okap_format_count (latency->n_requests);
  /* Translators: %1$s a number of requests, %2$s and %3$s durations */
  tooltip = g_strdup_printf (_("Until the first byte of the answer, of the newest %1$s that "
                               "succeeded: half of them within %2$s, 95 of 100 within %3$s"),
                             requests, median, high);
  set_number (self, NUMBER_LATENCY, median, tooltip);
}

static void
show_numbers (OkapOverviewPage *self, const OkapOverviewFigures *figures)
{
  const OkapUsageCounts *period = &figures->period;
  g_autofree char *requests = okap_format_count (period->requests);
  g_autofree char *tokens = okap_format_count (period->input_tokens + period->output_tokens);
  g_autofree char *input = okap_format_count (period->input_tokens);
  g_autofree char *output = okap_format_count (period->output_tokens);
  g_autofree char *cached = format_part (period->cached_tokens, period->input_tokens);
  g_autofree char *failed = okap_format_count (period->failed_requests);
  g_autofree char *part = format_part (period->failed_requests, period->requests);
  /* Translators: both are numbers of tokens */
  g_autofree char *both = g_strdup_printf (_("%1$s in, %2$s out"), input, output);
  /* Translators: %s is a percentage */
  g_autofree char *of_all = g_strdup_printf (_("%s of all requests"), part);

  set_number (self, NUMBER_REQUESTS, requests, NULL);
  set_number (self, NUMBER_TOKENS, tokens, both);
  set_number (self, NUMBER_CACHED, cached,
              _("What providers read from their caches, of the tokens that went in"));
  set_number (self, NUMBER_FAILED, failed, of_all);
  show_latency (self, &figures->latency);
}

/* Everything */

static void
show_alerts (OkapOverviewPage *self)
{
  guint count = okap_overview_fill_alerts (self->alerts_list, self->core,
                                           okap_clock_get_now (okap_clock_get_real ()));

  gtk_widget_set_visible (self->alerts_group, count > 0);
}

static void
show_figures (OkapOverviewPage *self, const OkapOverviewFigures *figures, gboolean is_new)
{
  const OkapUsageTimeline *line = figures->line;
  g_autofree char *title = okap_period_dup_title (figures->range, line->borders_us[0],
                                                  line->borders_us[line->n_buckets],
                                                  figures->zone);
  OkapCaps caps = okap_overview_add_caps (
    okap_broker_get_grants (okap_core_get_broker (self->core)), figures);

  okap_overview_set_today (self->today_tile, figures);
  okap_overview_set_month (self->month_tile, figures, &caps);
  okap_overview_set_forecast (self->forecast_tile, figures, &caps);
  show_unknown (self, figures);
  show_numbers (self, figures);
  gtk_label_set_text (self->period_label, title);
  gtk_widget_set_sensitive (self->before_button, okap_overview_data_can_move (self->data, -1));
  gtk_widget_set_sensitive (self->after_button, okap_overview_data_can_move (self->data, 1));
  okap_usage_chart_set_figures (self->chart, figures, is_new);
  gtk_widget_set_visible (self->apps_group,
                          okap_overview_fill_apps (self->apps_list, self->core, figures) > 0);
  show_alerts (self);
}

static void
changed_cb (OkapOverviewPage *self, gboolean is_new)
{
  const OkapOverviewFigures *figures = okap_overview_data_get_figures (self->data);
  g_autofree char *words = NULL;

  switch (okap_overview_data_get_state (self->data))
    {
    case OKAP_OVERVIEW_LOADING:
      gtk_stack_set_visible_child_name (self->stack, "loading");
      break;
    case OKAP_OVERVIEW_FAILED:
      words = g_markup_escape_text (okap_overview_data_get_error (self->data)->message, -1);
      adw_status_page_set_description (self->failed_page, words);
      gtk_stack_set_visible_child_name (self->stack, "failed");
      break;
    case OKAP_OVERVIEW_READY:
    default:
      if (figures->requests_ever > 0)
        show_figures (self, figures, is_new);
      gtk_stack_set_visible_child_name (self->stack, figures->requests_ever > 0 ? "figures"
                                                                                : "empty");
      break;
    }
}

/* What the broker knows changed: the caps and names of apps, keys, refusals. Many changes come at
 * once when the vault opens, so they wait until nothing else is to be done. */
static gboolean
broker_changed_idle_cb (gpointer user_data)
{
  OkapOverviewPage *self = user_data;

  self->alerts_id = 0;
  if (okap_overview_data_get_figures (self->data) != NULL)
    changed_cb (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
broker_changed_cb (OkapOverviewPage *self)
{
  if (self->alerts_id == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->alerts_id = g_idle_add (broker_changed_idle_cb, self);
}

/* What the user does */

static void
try_it_cb (OkapOverviewPage *self)
{
  g_signal_emit (self, signals[SIGNAL_TRY_IT], 0);
}

static void
add_key_cb (OkapOverviewPage *self)
{
  g_signal_emit (self, signals[SIGNAL_ADD_KEY], 0);
}

static void
row_activated_cb (OkapOverviewPage *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_PAGE], 0, gtk_widget_get_name (GTK_WIDGET (row)));
}

static void
again_cb (OkapOverviewPage *self)
{
  okap_overview_data_refresh (self->data);
}

static void
before_cb (OkapOverviewPage *self)
{
  okap_overview_data_move (self->data, -1);
}

static void
after_cb (OkapOverviewPage *self)
{
  okap_overview_data_move (self->data, 1);
}

static void
export_as (GtkWidget *widget, const char *action, GVariant *parameter)
{
  OkapOverviewPage *self = OKAP_OVERVIEW_PAGE (widget);
  const OkapOverviewFigures *figures
      = self->data != NULL ? okap_overview_data_get_figures (self->data) : NULL;
  OkapExportFormat format = OKAP_EXPORT_CSV;

  if (figures == NULL)
    return;
  if (g_str_has_suffix (action, "json"))
    format = OKAP_EXPORT_JSON;
  else if (g_str_has_suffix (action, "png"))
    format = OKAP_EXPORT_PNG;
  okap_overview_export (format, figures, self->chart, self->toasts);
}

/* Settings */

static OkapUsageGrouping
get_grouping (int number)
{
  static const OkapUsageGrouping groupings[N_GROUPINGS] = {
    OKAP_USAGE_BY_APP, OKAP_USAGE_BY_PROVIDER, OKAP_USAGE_BY_MODEL,
  };

  return groupings[CLAMP (number, 0, N_GROUPINGS - 1)];
}

static void
settings_changed_cb (OkapOverviewPage *self)
{
  GSettings *settings = okap_settings_get ();
  int range = CLAMP (g_settings_get_enum (settings, RANGE_KEY), 0, OKAP_N_RANGES - 1);
  int grouping = CLAMP (g_settings_get_enum (settings, GROUPING_KEY), 0, N_GROUPINGS - 1);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->ranges[range]), TRUE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->groupings[grouping]), TRUE);
  if (self->data != NULL)
    okap_overview_data_set_view (self->data, (OkapRange) range, get_grouping (grouping),
                                 okap_period_first_weekday (g_settings_get_enum (settings,
                                                                                 "week-start")));
}

static void
keep_toggled (GtkWidget *const *buttons, guint n_buttons, const char *key)
{
  GSettings *settings = okap_settings_get ();

  for (guint i = 0; i < n_buttons; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (buttons[i]))
        && g_settings_get_enum (settings, key) != (int) i)
      g_settings_set_enum (settings, key, (int) i);
}

static void
range_toggled_cb (OkapOverviewPage *self, GtkToggleButton *button)
{
  if (gtk_toggle_button_get_active (button))
    keep_toggled (self->ranges, OKAP_N_RANGES, RANGE_KEY);
}

static void
grouping_toggled_cb (OkapOverviewPage *self, GtkToggleButton *button)
{
  if (gtk_toggle_button_get_active (button))
    keep_toggled (self->groupings, N_GROUPINGS, GROUPING_KEY);
}

static void
add_toggles (OkapOverviewPage *self, GtkBox *box, GtkWidget **buttons, const char *const *labels,
             guint n_buttons, GCallback callback)
{
  for (guint i = 0; i < n_buttons; i++)
    {
      GtkWidget *label = gtk_label_new (_(labels[i]));

      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      buttons[i] = gtk_toggle_button_new ();
      gtk_button_set_child (GTK_BUTTON (buttons[i]), label);
      gtk_widget_set_hexpand (buttons[i], TRUE);
      gtk_accessible_update_property (GTK_ACCESSIBLE (buttons[i]), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _(labels[i]), -1);
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (buttons[i]),
                                     GTK_TOGGLE_BUTTON (buttons[0]));
      g_signal_connect_object (buttons[i], "toggled", callback, self, G_CONNECT_SWAPPED);
      gtk_box_append (box, buttons[i]);
    }
}

static void
add_number (OkapOverviewPage *self, guint number, const char *title)
{
  GtkWidget *child = gtk_flow_box_child_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = gtk_label_new (title);

  self->numbers[number] = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->numbers[number]), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->numbers[number]), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->numbers[number], "numeric");
  gtk_widget_add_css_class (self->numbers[number], "heading");
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (name, "caption");
  gtk_widget_add_css_class (name, "dim-label");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), self->numbers[number]);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), box);
  gtk_widget_set_focusable (child, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_flow_box_append (self->numbers_box, child);
}

/* Widget */

static void
okap_overview_page_map (GtkWidget *widget)
{
  OkapOverviewPage *self = OKAP_OVERVIEW_PAGE (widget);

  GTK_WIDGET_CLASS (okap_overview_page_parent_class)->map (widget);
  if (self->data == NULL)
    return;
  okap_overview_data_set_active (self->data, TRUE);
  broker_changed_cb (self);
}

static void
okap_overview_page_unmap (GtkWidget *widget)
{
  OkapOverviewPage *self = OKAP_OVERVIEW_PAGE (widget);

  if (self->data != NULL)
    okap_overview_data_set_active (self->data, FALSE);
  GTK_WIDGET_CLASS (okap_overview_page_parent_class)->unmap (widget);
}

static void
okap_overview_page_dispose (GObject *object)
{
  OkapOverviewPage *self = OKAP_OVERVIEW_PAGE (object);

  g_clear_handle_id (&self->alerts_id, g_source_remove);
  g_clear_object (&self->data);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_overview_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, toasts);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, export_button);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, failed_page);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, today_tile);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, month_tile);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, forecast_tile);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, unknown_label);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, alerts_group);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, alerts_list);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, before_button);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, after_button);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, period_label);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, range_box);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, grouping_box);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, chart);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, numbers_box);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, apps_group);
  gtk_widget_class_bind_template_child (widget_class, OkapOverviewPage, apps_list);
  gtk_widget_class_bind_template_callback (widget_class, try_it_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, again_cb);
  gtk_widget_class_bind_template_callback (widget_class, before_cb);
  gtk_widget_class_bind_template_callback (widget_class, after_cb);
}

static void
okap_overview_page_class_init (OkapOverviewPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GType type = OKAP_TYPE_OVERVIEW_PAGE;

  G_OBJECT_CLASS (class)->dispose = okap_overview_page_dispose;
  widget_class->map = okap_overview_page_map;
  widget_class->unmap = okap_overview_page_unmap;

  signals[SIGNAL_TRY_IT] = g_signal_new ("try-it", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
  signals[SIGNAL_ADD_KEY] = g_signal_new ("add-key", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  signals[SIGNAL_SHOW_PAGE] = g_signal_new ("show-page", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (OKAP_TYPE_EVEN_BOX);
  g_type_ensure (OKAP_TYPE_TILE);
  g_type_ensure (OKAP_TYPE_USAGE_CHART);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-overview-page.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "overview.export-csv", NULL, export_as);
  gtk_widget_class_install_action (widget_class, "overview.export-json", NULL, export_as);
  gtk_widget_class_install_action (widget_class, "overview.export-png", NULL, export_as);
}

static void
okap_overview_page_init (OkapOverviewPage *self)
{
  static const char *const ranges[] = { N_("Day"), N_("Week"), N_("Month"), N_("Year") };
  static const char *const groupings[] = { N_("App"), N_("Provider"), N_("Model") };

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_menu_model (self->export_button,
                                  G_MENU_MODEL (okap_menus_get ("overview-export")));
  add_toggles (self, self->range_box, self->ranges, ranges, G_N_ELEMENTS (ranges),
               G_CALLBACK (range_toggled_cb));
  add_toggles (self, self->grouping_box, self->groupings, groupings, G_N_ELEMENTS (groupings),
               G_CALLBACK (grouping_toggled_cb));
  add_number (self, NUMBER_REQUESTS, _("Requests"));
  add_number (self, NUMBER_TOKENS, _("Tokens"));
  add_number (self, NUMBER_CACHED, _("From caches"));
  add_number (self, NUMBER_LATENCY, _("Latency"));
  add_number (self, NUMBER_FAILED, _("Failed"));
  settings_changed_cb (self);
}

static void
watch_broker (OkapOverviewPage *self, gpointer object, const char *signal)
{
  g_signal_connect_object (object, signal, G_CALLBACK (broker_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/** okap_overview_page_set_core: once */
void
okap_overview_page_set_core (OkapOverviewPage *self, OkapCore *core)
{
  OkapBroker *broker = okap_core_get_broker (core);

  g_return_if_fail (self->core == NULL);

  self->core = g_object_ref (core);
  self->data = okap_overview_data_new (okap_core_get_store (core));
  g_signal_connect_object (self->data, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  watch_broker (self, okap_broker_get_grants (broker), "items-changed");
  watch_broker (self, okap_vault_get_keys (okap_core_get_vault (core)), "items-changed");
  watch_broker (self, okap_broker_get_key_care (broker), "changed");
  watch_broker (self, okap_misuse_watch_get_list (okap_broker_get_misuse_watch (broker)),
                "items-changed");
  g_signal_connect_object (okap_settings_get (), "changed::" RANGE_KEY,
                           G_CALLBACK (settings_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_settings_get (), "changed::" GROUPING_KEY,
                           G_CALLBACK (settings_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_settings_get (), "changed::week-start",
                           G_CALLBACK (settings_changed_cb), self, G_CONNECT_SWAPPED);
  okap_currency_watch (self, G_CALLBACK (broker_changed_cb));
  settings_changed_cb (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    okap_overview_data_set_active (self->data, TRUE);
}
