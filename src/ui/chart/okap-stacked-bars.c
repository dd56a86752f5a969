/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bars of a chart. A part that is worth anything is a pixel high at least; parts that lie on
 * each other have a line of the background between them, if they are high enough for it. */
#include "config.h"

#include "okap-chart-layer.h"
#include "okap-palette.h"

#define GROW_MS 250
#define MOST_WIDTH 48.0f
#define GAP_PART 0.25f     /* of a slot */
#define LEAST_CUT 4.0f     /* height from which there is a line between parts */

struct _OkapStackedBars
{
  OkapChartLayer parent_instance;

  AdwAnimation *animation;  /* (owned) (nullable) */
  double grown;             /* 0 to 1 */
};

G_DEFINE_FINAL_TYPE (OkapStackedBars, okap_stacked_bars, OKAP_TYPE_CHART_LAYER)

/* What a slot leaves to its bar. */
static graphene_rect_t
get_column (OkapChartLayer *layer, guint bar)
{
  graphene_rect_t slot = okap_chart_layer_get_slot (layer, bar);
  float gap = MAX (roundf (slot.size.width * GAP_PART), slot.size.width > 3 ? 1.0f : 0.0f);
  float width = CLAMP (slot.size.width - gap, 1.0f, MOST_WIDTH);

  slot.origin.x += roundf ((slot.size.width - width) / 2);
  slot.size.width = width;
  return slot;
}

static void
append_part (OkapStackedBars *self, GtkSnapshot *snapshot, const graphene_rect_t *column,
             gint64 from, gint64 to, guint group, gboolean is_rest)
{
  OkapChartLayer *layer = OKAP_CHART_LAYER (self);
  float zero = okap_chart_layer_get_y (layer, 0);
  float first = okap_chart_layer_get_y (layer, MIN (from, to));
  float second = okap_chart_layer_get_y (layer, MAX (from, to));
  float top = zero + (second - zero) * (float) self->grown;
  float bottom = zero + (first - zero) * (float) self->grown;
  float height = MAX (bottom - top, 1.0f);

  if (to > from)
    top = bottom - height;
  if (height > LEAST_CUT && from != 0)
    {
      height -= 1;
      if (to < from)
        top += 1;
    }
  okap_palette_append (snapshot, &GRAPHENE_RECT_INIT (column->origin.x, top, column->size.width,
                                                      height), group, is_rest);
}

static void
append_bar (OkapStackedBars *self, GtkSnapshot *snapshot, OkapChartSeries *series, guint bar)
{
  graphene_rect_t column = get_column (OKAP_CHART_LAYER (self), bar);
  gint64 above = 0;
  gint64 below = 0;

  for (guint group = 0; group < okap_chart_series_get_n_groups (series); group++)
    {
      gint64 value = okap_chart_series_get_value (series, group, bar);
      gint64 *end = value < 0 ? &below : &above;

      if (value == 0)
        continue;
      value = CLAMP (value, G_MININT64 / 1024, G_MAXINT64 / 1024);
      append_part (self, snapshot, &column, *end, *end + value, group,
                   okap_chart_series_is_rest (series, group));
      *end += value;
    }
}

static void
okap_stacked_bars_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapChartSeries *series = okap_chart_layer_get_series (OKAP_CHART_LAYER (widget));

  for (guint bar = 0; series != NULL && bar < okap_chart_series_get_n_bars (series); bar++)
    append_bar (OKAP_STACKED_BARS (widget), snapshot, series, bar);
}

static void
grow_cb (double value, gpointer user_data)
{
  OkapStackedBars *self = user_data;

  self->grown = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/** okap_stacked_bars_grow: lets the bars rise from zero, unless the user wants less motion */
void
okap_stacked_bars_grow (OkapStackedBars *self)
{
  if (self->animation == NULL)
    self->animation = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, GROW_MS,
                                               adw_callback_animation_target_new (grow_cb, self,
                                                                                  NULL));
  adw_animation_play (self->animation);
}

static void
okap_stacked_bars_dispose (GObject *object)
{
  OkapStackedBars *self = OKAP_STACKED_BARS (object);

  if (self->animation != NULL)
    adw_animation_skip (self->animation);
  g_clear_object (&self->animation);
  G_OBJECT_CLASS (okap_stacked_bars_parent_class)->dispose (object);
}

static void
okap_stacked_bars_class_init (OkapStackedBarsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_stacked_bars_dispose;
  GTK_WIDGET_CLASS (class)->snapshot = okap_stacked_bars_snapshot;
}

static void
okap_stacked_bars_init (OkapStackedBars *self)
{
  self->grown = 1;
}
