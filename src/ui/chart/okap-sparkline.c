/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars rather than a line: a day without use is seen as one, and a rectangle is drawn sharp and
 * cheaply in every renderer. The colour is that of the text, so that it fits every theme; negative
 * values (corrections) are drawn like zero, as a thin foot. Main thread. */
#include "config.h"

#include "okap-sparkline.h"

#define WIDTH 72       /* natural */
#define LEAST_WIDTH 24
#define LEAST_HEIGHT 16
#define MOST_VALUES 128
#define FOOT 1.0f      /* height of nothing */
#define GAP 1.0f

struct _OkapSparkline
{
  GtkWidget parent_instance;

  GArray *values;  /* (owned) (element-type double) */
};

G_DEFINE_FINAL_TYPE (OkapSparkline, okap_sparkline, GTK_TYPE_WIDGET)

static void
okap_sparkline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int line = PANGO_PIXELS (pango_font_metrics_get_height (metrics));

  pango_font_metrics_unref (metrics);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = LEAST_WIDTH;
      *natural = WIDTH;
    }
  else
    *minimum = *natural = MAX (line, LEAST_HEIGHT);
}

static double
find_most (GArray *values)
{
  double most = 0;

  for (guint i = 0; i < values->len; i++)
    most = MAX (most, g_array_index (values, double, i));
  return most;
}

static void
okap_sparkline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapSparkline *self = OKAP_SPARKLINE (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  float slot = self->values->len > 0 ? width / (float) self->values->len : 0;
  double most = find_most (self->values);
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  for (guint i = 0; i < self->values->len; i++)
    {
      double value = MAX (g_array_index (self->values, double, i), 0);
      GdkRGBA shade = color;
      float tall = most > 0 ? MAX ((float) (value / most) * height, FOOT) : FOOT;
      float left = slot * (float) (is_rtl ? self->values->len - 1 - i : i);

      shade.alpha *= value > 0 ? 0.7f : 0.25f;
      gtk_snapshot_append_color (snapshot, &shade,
                                 &GRAPHENE_RECT_INIT (left, height - tall,
                                                      MAX (slot - GAP, 1.0f), tall));
    }
}

static void
okap_sparkline_finalize (GObject *object)
{
  g_array_unref (OKAP_SPARKLINE (object)->values);
  G_OBJECT_CLASS (okap_sparkline_parent_class)->finalize (object);
}

static void
okap_sparkline_class_init (OkapSparklineClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = okap_sparkline_finalize;
  widget_class->measure = okap_sparkline_measure;
  widget_class->snapshot = okap_sparkline_snapshot;
  gtk_widget_class_set_css_name (widget_class, "sparkline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
okap_sparkline_init (OkapSparkline *self)
{
  self->values = g_array_new (FALSE, FALSE, sizeof (double));
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

/** okap_sparkline_new: empty */
GtkWidget *
okap_sparkline_new (void)
{
  return g_object_new (OKAP_TYPE_SPARKLINE, NULL);
}

/**
 * okap_sparkline_set_values:
 * @values: oldest first, in any unit; copied
 * @n_values: of which the newest 128 are drawn
 */
void
okap_sparkline_set_values (OkapSparkline *self, const double *values, guint n_values)
{
  guint n_drawn = MIN (n_values, MOST_VALUES);

  g_return_if_fail (OKAP_IS_SPARKLINE (self));

  g_array_set_size (self->values, 0);
  if (n_drawn > 0)
    g_array_append_vals (self->values, values + (n_values - n_drawn), n_drawn);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
