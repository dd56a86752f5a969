/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the model of the chart from a timeline, and puts the line of words and the legend below it.
 * The line keeps its room, so that nothing jumps while somebody points at bars. Main thread. */
#include "config.h"

#include "okap-usage-chart.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "okap-bar-words.h"
#include "okap-chart.h"
#include "okap-palette.h"

#define WORDS_LINES 2
#define MARGIN 18.0f   /* of a picture */

struct _OkapUsageChart
{
  GtkBox parent_instance;

  OkapChart *chart;      /* (unowned) children */
  GtkWidget *words;
  GtkWidget *legend;
};

G_DEFINE_FINAL_TYPE (OkapUsageChart, okap_usage_chart, GTK_TYPE_BOX)

static void
show_words (OkapUsageChart *self)
{
  gtk_label_set_text (GTK_LABEL (self->words), okap_chart_get_words (self->chart));
}

static void
add_to_legend (OkapUsageChart *self, const char *name, guint group, gboolean is_rest)
{
  GtkWidget *child = gtk_flow_box_child_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (name);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 28);
  gtk_widget_set_tooltip_text (label, name);
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (box), okap_swatch_new (group, is_rest));
  gtk_box_append (GTK_BOX (box), label);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), box);
  gtk_widget_set_focusable (child, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_flow_box_append (GTK_FLOW_BOX (self->legend), child);
}

static void
fill_legend (OkapUsageChart *self, OkapChartSeries *series)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->legend)) != NULL)
    gtk_flow_box_remove (GTK_FLOW_BOX (self->legend), child);
  for (guint group = 0; group < okap_chart_series_get_n_groups (series); group++)
    add_to_legend (self, okap_chart_series_get_group (series, group), group,
                   okap_chart_series_is_rest (series, group));
  gtk_widget_set_visible (self->legend, okap_chart_series_get_n_groups (series) > 0);
}

static OkapChartSeries *
make_series (const OkapOverviewFigures *figures)
{
  const OkapUsageTimeline *line = figures->line;
  OkapChartSeries *series = okap_chart_series_new (line->n_groups, line->n_buckets,
                                                   line->has_rest);

  for (guint group = 0; group < line->n_groups; group++)
    {
      g_autofree char *name = okap_bar_words_for_group (line, group, figures->by);

      okap_chart_series_set_group (series, group, name);
      for (guint bucket = 0; bucket < line->n_buckets; bucket++)
        okap_chart_series_set_value (series, group, bucket,
                                     okap_usage_timeline_get (line, group, bucket)->cost_nusd);
    }
  for (guint bucket = 0; bucket < line->n_buckets; bucket++)
    {
      g_autofree char *tick = okap_period_dup_tick (figures->range, line->borders_us[bucket],
                                                    figures->zone);
      g_autofree char *words = okap_bar_words_for_bucket (line, bucket, figures->range,
                                                          figures->by, figures->zone);

      okap_chart_series_set_bar (series, bucket, tick, words);
    }
  return series;
}

static const char *
get_title (OkapUsageGrouping by)
{
  switch (by)
    {
    case OKAP_USAGE_BY_PROVIDER:
      return _("Spend by provider");
    case OKAP_USAGE_BY_MODEL:
      return _("Spend by model");
    case OKAP_USAGE_BY_APP:
    case OKAP_USAGE_BY_DAY:
    case OKAP_USAGE_BY_GRANT:
    case OKAP_USAGE_BY_SCOPE:
    default:
      return _("Spend by app");
    }
}

/** okap_usage_chart_set_figures: @is_new: not only newer numbers of the same */
void
okap_usage_chart_set_figures (OkapUsageChart *self, const OkapOverviewFigures *figures,
                              gboolean is_new)
{
  g_autoptr (OkapChartSeries) series = make_series (figures);
  g_autofree char *summary = okap_bar_words_for_all (figures->line, figures->range, figures->by,
                                                     figures->zone);

  okap_chart_set_series (self->chart, series, get_title (figures->by), summary, is_new);
  fill_legend (self, series);
}

/**
 * okap_usage_chart_render:
 *
 * Returns: (transfer full) (nullable): what is on the screen, on the background of the window; NULL
 *   if it is not on the screen
 */
GdkTexture *
okap_usage_chart_render (OkapUsageChart *self)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (self));
  float width = (float) gtk_widget_get_width (GTK_WIDGET (self));
  float height = (float) gtk_widget_get_height (GTK_WIDGET (self));
  graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, width + 2 * MARGIN, height + 2 * MARGIN);
  gboolean is_dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GskRenderNode *node;
  GdkTexture *texture = NULL;
  GdkRGBA color;

  gdk_rgba_parse (&color, is_dark ? "#1e1e1e" : "#ffffff");
  gtk_snapshot_append_color (snapshot, &color, &area);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (MARGIN, MARGIN));
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (native != NULL && node != NULL && width > 0)
    texture = gsk_renderer_render_texture (gtk_native_get_renderer (native), node, &area);
  g_clear_pointer (&node, gsk_render_node_unref);
  return texture;
}

static void
okap_usage_chart_class_init (OkapUsageChartClass *class)
{
}

static void
okap_usage_chart_init (OkapUsageChart *self)
{
  GtkWidget *chart = okap_chart_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 9);
  self->chart = OKAP_CHART (chart);
  gtk_widget_add_css_class (chart, "okap-chart");
  gtk_box_append (GTK_BOX (self), chart);

  self->words = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->words), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->words), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (self->words), WORDS_LINES);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_label_set_yalign (GTK_LABEL (self->words), 0);
  gtk_widget_add_css_class (self->words, "okap-bar-words");
  gtk_box_append (GTK_BOX (self), self->words);

  self->legend = gtk_flow_box_new ();
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (self->legend), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (self->legend), 7);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (self->legend), 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->legend), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("What the colours mean"), -1);
  gtk_box_append (GTK_BOX (self), self->legend);
  g_signal_connect_object (chart, "shown-changed", G_CALLBACK (show_words), self,
                           G_CONNECT_SWAPPED);
}
