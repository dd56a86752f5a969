/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-usage-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-words.h"

struct _OkapUsageRow
{
  GtkBox parent_instance;

  GtkImage *status_icon;  /* template children */
  GtkLabel *app_label;
  GtkLabel *what_label;
  GtkLabel *cost_label;
  GtkLabel *time_label;
};

G_DEFINE_FINAL_TYPE (OkapUsageRow, okap_usage_row, GTK_TYPE_BOX)

static void
okap_usage_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_USAGE_ROW);
  G_OBJECT_CLASS (okap_usage_row_parent_class)->dispose (object);
}

static void
okap_usage_row_class_init (OkapUsageRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_usage_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-usage-row.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapUsageRow, status_icon);
  gtk_widget_class_bind_template_child (widget_class, OkapUsageRow, app_label);
  gtk_widget_class_bind_template_child (widget_class, OkapUsageRow, what_label);
  gtk_widget_class_bind_template_child (widget_class, OkapUsageRow, cost_label);
  gtk_widget_class_bind_template_child (widget_class, OkapUsageRow, time_label);
}

static void
okap_usage_row_init (OkapUsageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
okap_usage_row_new (void)
{
  return g_object_new (OKAP_TYPE_USAGE_ROW, NULL);
}

/* What it was: provider, model, size, and how it ended unless it ended well. */
static char *
describe (const OkapUsage *usage)
{
  g_autofree char *provider = okap_words_for_provider (usage->provider);
  gint64 count = okap_units_get_tokens (&usage->units);
  g_autofree char *tokens = okap_format_tokens (count);
  g_autofree char *status = okap_words_for_usage (usage);
  const char *model = *usage->model_served != '\0' ? usage->model_served : usage->model_asked;
  GString *text = g_string_new (NULL);

  if (!okap_words_usage_succeeded (usage))
    g_string_append_printf (text, "%s · ", status);
  g_string_append (text, provider);
  g_string_append_printf (text, " · %s", *model != '\0' ? model : usage->endpoint);
  if (count > 0)
    g_string_append_printf (text, " · %s", tokens);
  if (usage->edits != NULL && strstr (usage->edits, "tokens=") != NULL)
    /* Translators: of an answer whose length was limited to what the limit of money allows */
    g_string_append_printf (text, " · %s", _("shortened to fit the limit"));
  return g_string_free (text, FALSE);
}

/** okap_usage_row_set_usage: shows @usage; again for another one when the row is used anew */
void
okap_usage_row_set_usage (OkapUsageRow *self, OkapUsage *usage)
{
  gboolean well = okap_words_usage_succeeded (usage);
  g_autofree char *what = describe (usage);
  g_autofree char *cost = okap_words_for_cost (usage);
  g_autofree char *when = okap_format_ago (usage->started_us,
                                           okap_clock_get_now (okap_clock_get_real ()));
  g_autofree char *exact = okap_format_time (usage->started_us);
  g_autofree char *took = okap_format_duration (usage->duration_us);
  g_autofree char *status = okap_words_for_usage (usage);
  /* Translators: an exact time, how a request ended, and how long it took */
  g_autofree char *how = g_strdup_printf (_("%s\n%s in %s"), exact, status, took);
  /* Translators: %s names members of a request that Okap set, such as max_tokens=512 */
  g_autofree char *edits = usage->edits != NULL
                           ? g_strdup_printf (_("Changed in the request: %s"), usage->edits) : NULL;
  g_autofree char *tip = g_strjoin ("\n", how, edits, NULL);

  gtk_image_set_from_icon_name (self->status_icon, well ? "object-select-symbolic"
                                                        : "dialog-warning-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->status_icon),
                              (const char *[]) { well ? "success" : "warning", NULL });
  gtk_label_set_text (self->app_label, usage->app);
  gtk_label_set_text (self->what_label, what);
  gtk_label_set_text (self->cost_label, cost);
  gtk_label_set_text (self->time_label, when);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tip);
}
