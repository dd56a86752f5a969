/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One limit with its bar. The words say all that the bar shows. */
#include "config.h"

#include "okap-limit-row.h"

#include <glib/gi18n.h>

#include "okap-budget.h"
#include "okap-format.h"
#include "okap-words.h"

#define NEARLY 0.8
#define FULL   0.995

struct _OkapLimitRow
{
  AdwActionRow parent_instance;

  GtkWidget *bar;      /* (unowned) */
  char *provider;      /* (owned) (nullable) to be named, because there are several */
};

G_DEFINE_FINAL_TYPE (OkapLimitRow, okap_limit_row, ADW_TYPE_ACTION_ROW)

GtkWidget *
okap_budget_bar_new (void)
{
  GtkWidget *bar = gtk_level_bar_new_for_interval (0, 1);

  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_widget_add_css_class (bar, "okap-budget");
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  return bar;
}

/** okap_budget_bar_set: @words: what it shows, for who cannot see it */
void
okap_budget_bar_set (GtkWidget *bar, double part, const char *words)
{
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), part);
  gtk_widget_remove_css_class (bar, "nearly");
  gtk_widget_remove_css_class (bar, "full");
  if (part >= FULL)
    gtk_widget_add_css_class (bar, "full");
  else if (part >= NEARLY)
    gtk_widget_add_css_class (bar, "nearly");
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
okap_limit_row_finalize (GObject *object)
{
  g_free (OKAP_LIMIT_ROW (object)->provider);
  G_OBJECT_CLASS (okap_limit_row_parent_class)->finalize (object);
}

static void
okap_limit_row_class_init (OkapLimitRowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_limit_row_finalize;
}

static void
okap_limit_row_init (OkapLimitRow *self)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (self), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
  self->bar = okap_budget_bar_new ();
  gtk_widget_set_size_request (self->bar, 96, -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->bar);
}

/** okap_limit_row_new: @provider: (nullable): to be named */
GtkWidget *
okap_limit_row_new (const char *provider)
{
  OkapLimitRow *self = g_object_new (OKAP_TYPE_LIMIT_ROW, NULL);

  self->provider = provider != NULL ? okap_words_for_provider (provider) : NULL;
  return GTK_WIDGET (self);
}

/** okap_limit_row_show: @extra: what is part of it today alone; all zero: nothing */
void
okap_limit_row_show (OkapLimitRow *self, const OkapStanding *standing, const OkapExtra *extra,
                     gint64 now_us)
{
  g_autofree char *words = okap_budget_dup_words (standing);
  g_autofree char *left = okap_budget_dup_left (standing, now_us);
  g_autofree char *title = self->provider != NULL
                           ? g_strdup_printf ("%s: %s", self->provider, words) : NULL;
  g_autofree char *more = NULL;
  g_autofree char *subtitle = NULL;

  if (extra->nusd > 0 && extra->until_us > now_us && okap_limit_is_money (standing->limit))
    {
      g_autofree char *money = okap_format_money (extra->nusd);

      /* Translators: %s is an amount of money that was added to a limit for today */
      more = g_strdup_printf (_("%s of it only today"), money);
    }
  subtitle = more != NULL ? g_strdup_printf ("%s · %s", left, more) : g_strdup (left);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title != NULL ? title : words);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  okap_budget_bar_set (self->bar, okap_budget_get_part (standing), words);
}
