/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the layers of a chart share: series, axis, and where things are on them. Bars run in the
 * direction of reading. */
#include "config.h"

#include "okap-chart-layer.h"

typedef struct
{
  OkapAxis *axis;            /* (owned) (nullable) until set */
  OkapChartSeries *series;   /* (owned) (nullable) */
  int shown;                 /* a bar; -1 for none */
} OkapChartLayerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (OkapChartLayer, okap_chart_layer, GTK_TYPE_WIDGET)

static void
okap_chart_layer_dispose (GObject *object)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (OKAP_CHART_LAYER (object));

  g_clear_object (&priv->axis);
  g_clear_object (&priv->series);
  G_OBJECT_CLASS (okap_chart_layer_parent_class)->dispose (object);
}

static void
okap_chart_layer_class_init (OkapChartLayerClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_chart_layer_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class),
                                        GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
okap_chart_layer_init (OkapChartLayer *self)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (self);
  AdwStyleManager *style = adw_style_manager_get_default ();

  priv->shown = -1;
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (gtk_widget_queue_draw),
                           self, G_CONNECT_SWAPPED);
}

/** okap_chart_layer_set_axis: once */
void
okap_chart_layer_set_axis (OkapChartLayer *self, OkapAxis *axis)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (self);

  g_return_if_fail (priv->axis == NULL);

  priv->axis = g_object_ref (axis);
  g_signal_connect_object (axis, "changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}

/** okap_chart_layer_set_series: @series (nullable) */
void
okap_chart_layer_set_series (OkapChartLayer *self, OkapChartSeries *series)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (self);

  g_set_object (&priv->series, series);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
okap_chart_layer_set_shown (OkapChartLayer *self, int bar)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (self);

  priv->shown = bar;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

OkapAxis *
okap_chart_layer_get_axis (OkapChartLayer *self)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (self);

  return priv->axis;
}

/** okap_chart_layer_get_series: (transfer none) (nullable) */
OkapChartSeries *
okap_chart_layer_get_series (OkapChartLayer *self)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (self);

  return priv->series;
}

int
okap_chart_layer_get_shown (OkapChartLayer *self)
{
  OkapChartLayerPrivate *priv = okap_chart_layer_get_instance_private (self);

  return priv->shown;
}

/** okap_chart_layer_get_y: where @value is, in whole pixels from the top */
float
okap_chart_layer_get_y (OkapChartLayer *self, gint64 value)
{
  float height = (float) gtk_widget_get_height (GTK_WIDGET (self));
  double fraction = okap_axis_get_fraction (okap_chart_layer_get_axis (self), value);

  return roundf (height * (float) (1 - fraction));
}

/** okap_chart_layer_get_slot: what of the plot belongs to @bar, of which there must be one */
graphene_rect_t
okap_chart_layer_get_slot (OkapChartLayer *self, guint bar)
{
  guint n_bars = okap_chart_series_get_n_bars (okap_chart_layer_get_series (self));
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  float width = (float) gtk_widget_get_width (GTK_WIDGET (self));
  guint place = is_rtl ? n_bars - 1 - bar : bar;
  float left = roundf (width * (float) place / (float) n_bars);
  float right = roundf (width * (float) (place + 1) / (float) n_bars);

  return GRAPHENE_RECT_INIT (left, 0, right - left,
                             (float) gtk_widget_get_height (GTK_WIDGET (self)));
}

/* Grid */

struct _OkapGridLayer
{
  OkapChartLayer parent_instance;
};

G_DEFINE_FINAL_TYPE (OkapGridLayer, okap_grid_layer, OKAP_TYPE_CHART_LAYER)

static void
okap_grid_layer_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapChartLayer *layer = OKAP_CHART_LAYER (widget);
  const OkapTicks *ticks = okap_axis_get_ticks (okap_chart_layer_get_axis (layer));
  float bottom = (float) gtk_widget_get_height (widget) - 1;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  for (guint i = 0; i < okap_ticks_get_count (ticks); i++)
    {
      gint64 value = ticks->low + (gint64) i * ticks->step;
      GdkRGBA shade = color;

      shade.alpha *= value == 0 ? 0.4f : 0.12f;
      gtk_snapshot_append_color (snapshot, &shade,
                                 &GRAPHENE_RECT_INIT (0, MIN (okap_chart_layer_get_y (layer, value),
                                                              bottom),
                                                      (float) gtk_widget_get_width (widget), 1));
    }
}

static void
okap_grid_layer_class_init (OkapGridLayerClass *class)
{
  GTK_WIDGET_CLASS (class)->snapshot = okap_grid_layer_snapshot;
}

static void
okap_grid_layer_init (OkapGridLayer *self)
{
}

/* Selection */

struct _OkapSelectionLayer
{
  OkapChartLayer parent_instance;
};

G_DEFINE_FINAL_TYPE (OkapSelectionLayer, okap_selection_layer, OKAP_TYPE_CHART_LAYER)

static void
okap_selection_layer_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapChartLayer *layer = OKAP_CHART_LAYER (widget);
  OkapChartSeries *series = okap_chart_layer_get_series (layer);
  int bar = okap_chart_layer_get_shown (layer);
  graphene_rect_t slot;
  GskRoundedRect clip;
  GdkRGBA color;

  if (series == NULL || bar < 0 || bar >= (int) okap_chart_series_get_n_bars (series))
    return;
  slot = okap_chart_layer_get_slot (layer, (guint) bar);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  color.alpha *= adw_style_manager_get_high_contrast (adw_style_manager_get_default ()) ? 0.3f
                                                                                        : 0.1f;
  gsk_rounded_rect_init_from_rect (&clip, &slot, 4);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_color (snapshot, &color, &slot);
  gtk_snapshot_pop (snapshot);
}

static void
okap_selection_layer_class_init (OkapSelectionLayerClass *class)
{
  GTK_WIDGET_CLASS (class)->snapshot = okap_selection_layer_snapshot;
}

static void
okap_selection_layer_init (OkapSelectionLayer *self)
{
}
