/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One app, as one grant: a row that tells at a glance who it is, when it was used last, and how
 * near it is to its limit. The row shows the grant item's current version and follows it; it
 * changes nothing. Main thread. */
#include "config.h"

#include "okap-app-row.h"

#include <glib/gi18n.h>

#include "okap-app-icon.h"
#include "okap-budget.h"
#include "okap-evidence.h"
#include "okap-format.h"
#include "okap-limit-row.h"
#include "okap-money.h"
#include "okap-sparkline.h"
#include "okap-text.h"
#include "okap-words.h"

#define TITLE_CHARS    48
#define EVIDENCE_CHARS 64

struct _OkapAppRow
{
  AdwActionRow parent_instance;

  OkapBroker *broker;       /* (owned) (immutable) */
  OkapAppStats *stats;      /* (owned) (immutable) */
  OkapAppIcons *icons;      /* (owned) (immutable) */
  OkapGrantItem *item;      /* (owned) (immutable) */
  gboolean narrow;

  OkapAppIcon *icon;        /* template children */
  OkapSparkline *sparkline;
  GtkLabel *spend_label;
  GtkLabel *state_label;
  GtkWidget *bar_bin;
  GtkWidget *bar;           /* (unowned) in @bar_bin */
};

G_DEFINE_FINAL_TYPE (OkapAppRow, okap_app_row, ADW_TYPE_ACTION_ROW)

static gint64
get_now (void)
{
  return okap_clock_get_now (okap_clock_get_real ());
}

static void
show_use (OkapAppRow *self, const OkapGrant *grant)
{
  OkapAppUse use = okap_app_stats_get (self->stats, grant->id);
  g_autofree char *last = use.last_us > 0 ? okap_format_ago (use.last_us, get_now ())
                                          : g_strdup (_("Not used yet"));
  g_autofree char *evidence = okap_text_shorten (grant->evidence, EVIDENCE_CHARS);
  g_autofree char *line = g_strdup_printf ("%s · %s", last, evidence);
  g_autofree char *lately = NULL;
  g_autofree char *spend = NULL;
  const double *days = okap_app_stats_get_days (self->stats, grant->id);
  double sum_usd = 0;

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), line);
  gtk_widget_set_visible (GTK_WIDGET (self->sparkline), days != NULL && !self->narrow);
  if (days == NULL)
    return;
  okap_sparkline_set_values (self->sparkline, days, OKAP_APP_DAYS);
  for (guint i = 0; i < OKAP_APP_DAYS; i++)
    sum_usd += days[i];
  spend = okap_format_money ((gint64) (sum_usd * OKAP_NUSD_PER_USD));
  /* Translators: %s is an amount */
  lately = g_strdup_printf (_("%s in the last 30 days"), spend);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->sparkline),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, lately, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->sparkline), lately);
}

static void
show_budget (OkapAppRow *self, const OkapGrant *grant)
{
  OkapAppUse use = okap_app_stats_get (self->stats, grant->id);
  g_autofree char *spend = okap_format_money (use.month_nusd);
  OkapStanding standing;

  if (okap_grant_is_live (grant, get_now ())
      && okap_budget_find (okap_broker_get_gate (self->broker), grant, &standing))
    {
      g_autofree char *words = okap_budget_dup_words (&standing);
      g_autofree char *left = okap_budget_dup_left (&standing, get_now ());

      gtk_label_set_text (self->spend_label, words);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->spend_label), left);
      okap_budget_bar_set (self->bar, okap_budget_get_part (&standing), words);
      gtk_widget_set_visible (self->bar_bin, TRUE);
      return;
    }
  else
    {
      /* Translators: an amount of money */
      g_autofree char *month = g_strdup_printf (_("%s this month"), spend);

      gtk_label_set_text (self->spend_label, month);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->spend_label), NULL);
      gtk_widget_set_visible (self->bar_bin, FALSE);
    }
}

static void
show_state (OkapAppRow *self, const OkapGrant *grant)
{
  gboolean all_paused = okap_broker_get_paused (self->broker);
  g_autofree char *state = okap_words_for_state (grant, all_paused, get_now ());
  gboolean live = okap_grant_is_live (grant, get_now ());
  gboolean active = live && !all_paused && grant->state == OKAP_GRANT_ACTIVE;

  gtk_label_set_text (self->state_label, state);
  gtk_widget_set_visible (GTK_WIDGET (self->state_label), !active);
  if (live && !active)
    gtk_widget_add_css_class (GTK_WIDGET (self->state_label), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->state_label), "warning");
}

/** okap_app_row_refresh: shows what is so now */
void
okap_app_row_refresh (OkapAppRow *self)
{
  const OkapGrant *grant = okap_grant_item_get_grant (self->item);
  g_autofree char *title = okap_text_shorten (okap_grant_get_title (grant), TITLE_CHARS);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  okap_app_icon_show (self->icon, okap_app_icons_find (self->icons, grant->identity), title);
  show_use (self, grant);
  show_budget (self, grant);
  show_state (self, grant);
}

static void
okap_app_row_dispose (GObject *object)
{
  OkapAppRow *self = OKAP_APP_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_APP_ROW);
  g_clear_object (&self->broker);
  g_clear_object (&self->stats);
  g_clear_object (&self->icons);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (okap_app_row_parent_class)->dispose (object);
}

static void
okap_app_row_class_init (OkapAppRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_app_row_dispose;

  g_type_ensure (OKAP_TYPE_APP_ICON);
  g_type_ensure (OKAP_TYPE_SPARKLINE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-app-row.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, icon);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, sparkline);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, spend_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, bar_bin);
}

static void
okap_app_row_init (OkapAppRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->bar = okap_budget_bar_new ();
  adw_bin_set_child (ADW_BIN (self->bar_bin), self->bar);
}

GtkWidget *
okap_app_row_new (OkapBroker *broker, OkapAppStats *stats, OkapAppIcons *icons,
                  OkapGrantItem *item)
{
  OkapAppRow *self = g_object_new (OKAP_TYPE_APP_ROW, NULL);

  self->broker = g_object_ref (broker);
  self->stats = g_object_ref (stats);
  self->icons = g_object_ref (icons);
  self->item = g_object_ref (item);
  g_signal_connect_object (item, "notify::grant", G_CALLBACK (okap_app_row_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (stats, "changed", G_CALLBACK (okap_app_row_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (icons, "changed", G_CALLBACK (okap_app_row_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (broker, "notify::paused", G_CALLBACK (okap_app_row_refresh), self,
                           G_CONNECT_SWAPPED);
  okap_app_row_refresh (self);
  return GTK_WIDGET (self);
}

void
okap_app_row_set_narrow (OkapAppRow *self, gboolean narrow)
{
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  show_use (self, okap_grant_item_get_grant (self->item));
}

/** okap_app_row_get_item: (transfer none) */
OkapGrantItem *
okap_app_row_get_item (OkapAppRow *self)
{
  return self->item;
}
