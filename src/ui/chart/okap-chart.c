/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The container of a chart: it lays the layers over each other in the plot, and writes the names of
 * the marks beside and below it. The names of bars are written as often as there is room.
 *
 *   money │ plot: selection, grid, bars        which bar is shown:  the one pointed at,
 *         └───────────────────────────                              else the one chosen by keys
 *           names of bars                                           or a click, else none
 *
 * For a screen reader it is an image: its label says what the chart is about, its description what
 * the bar that is shown comes to, or all of them. */
#include "config.h"

#include "okap-chart.h"

#include "okap-chart-layer.h"

#define SPACE 6            /* between plot and names */
#define LEAST_WIDTH 160
#define WIDTH 480
#define PLOT_HEIGHT 160
#define LINES_OF_MARK 2.6  /* from one mark to the next */

struct _OkapChart
{
  GtkWidget parent_instance;

  OkapAxis *axis;            /* (owned) */
  OkapChartSeries *series;   /* (owned) (nullable) */
  char *summary;             /* (owned) of all bars */
  GtkWidget *layers[3];      /* (unowned) children, lowest first */
  int chosen;                /* bar; -1 for none */
  int pointed;               /* bar; -1 for none */
  double pointer_x;          /* where the pointer was last; */
  double pointer_y;          /* it is told of anew whenever anything is laid out */
  graphene_rect_t plot;      /* in the widget */
};

enum
{
  LAYER_SELECTION,
  LAYER_GRID,
  LAYER_BARS,
};

G_DEFINE_FINAL_TYPE (OkapChart, okap_chart, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_SHOWN_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static int
count_bars (OkapChart *self)
{
  return self->series != NULL ? (int) okap_chart_series_get_n_bars (self->series) : 0;
}

/* Which bar is shown */

static int
get_shown (OkapChart *self)
{
  return self->pointed >= 0 ? self->pointed : self->chosen;
}

/** okap_chart_get_words: (transfer none): of the bar that is shown, else of all */
const char *
okap_chart_get_words (OkapChart *self)
{
  int shown = get_shown (self);

  if (shown >= 0 && shown < count_bars (self))
    return okap_chart_series_get_words (self->series, (guint) shown);
  return self->summary != NULL ? self->summary : "";
}

static void
tell_shown (OkapChart *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->layers); i++)
    okap_chart_layer_set_shown (OKAP_CHART_LAYER (self->layers[i]), get_shown (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  okap_chart_get_words (self), -1);
  g_signal_emit (self, signals[SIGNAL_SHOWN_CHANGED], 0);
}

static void
choose (OkapChart *self, int bar)
{
  self->pointed = -1;
  self->chosen = CLAMP (bar, -1, count_bars (self) - 1);
  tell_shown (self);
}

static gboolean
key_pressed_cb (OkapChart *self, guint key, guint code, GdkModifierType state)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int begin = self->chosen >= 0 ? self->chosen : get_shown (self);
  int step = 0;

  if (count_bars (self) == 0 || (state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      step = is_rtl ? 1 : -1;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      step = is_rtl ? -1 : 1;
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      choose (self, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      choose (self, count_bars (self) - 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      if (self->chosen < 0)
        return GDK_EVENT_PROPAGATE;
      choose (self, -1);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  choose (self, MAX (begin + step, 0));
  return GDK_EVENT_STOP;
}

static void
focused_cb (OkapChart *self)
{
  if (self->chosen < 0 && self->series != NULL)
    choose (self, okap_chart_series_find_last (self->series));
}

static int
find_bar (OkapChart *self, double x, double y)
{
  int n_bars = count_bars (self);
  int place;

  if (n_bars == 0 || self->plot.size.width <= 0 || x < self->plot.origin.x
      || x >= self->plot.origin.x + self->plot.size.width)
    return -1;
  place = (int) ((x - self->plot.origin.x) / self->plot.size.width * n_bars);
  place = CLAMP (place, 0, n_bars - 1);
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? n_bars - 1 - place
                                                                          : place;
}

static void
point_at (OkapChart *self, int bar)
{
  if (bar == self->pointed)
    return;
  self->pointed = bar;
  tell_shown (self);
}

static void
motion_cb (OkapChart *self, double x, double y)
{
  if (fabs (x - self->pointer_x) < 1 && fabs (y - self->pointer_y) < 1)
    return;
  self->pointer_x = x;
  self->pointer_y = y;
  point_at (self, find_bar (self, x, y));
}

static void
leave_cb (OkapChart *self)
{
  self->pointer_x = self->pointer_y = -1;
  point_at (self, -1);
}

static void
pressed_cb (OkapChart *self, int n_press, double x, double y)
{
  int bar = find_bar (self, x, y);

  (void) gtk_widget_grab_focus (GTK_WIDGET (self));
  if (bar >= 0)
    choose (self, bar);
}

/* Names of marks */

static PangoLayout *
new_label (OkapChart *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (0.83));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

static int
get_line_height (OkapChart *self)
{
  g_autoptr (PangoLayout) layout = new_label (self, "$0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static int
get_widest_mark (OkapChart *self)
{
  const OkapTicks *ticks = okap_axis_get_ticks (self->axis);
  int widest = 0;

  for (guint i = 0; i < okap_ticks_get_count (ticks); i++)
    {
      g_autofree char *text = okap_ticks_format (ticks, i);
      g_autoptr (PangoLayout) layout = new_label (self, text);
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      widest = MAX (widest, width);
    }
  return widest;
}

static int
get_widest_name (OkapChart *self)
{
  int widest = 1;

  for (int bar = 0; bar < count_bars (self); bar++)
    {
      g_autoptr (PangoLayout) layout
          = new_label (self, okap_chart_series_get_tick (self->series, (guint) bar));
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      widest = MAX (widest, width);
    }
  return widest;
}

/* Of the names of bars each, each second, … so that they do not touch. */
static int
find_stride (OkapChart *self)
{
  static const int strides[] = { 1, 2, 3, 4, 6, 8, 12 };
  int n_bars = count_bars (self);
  int widest = get_widest_name (self) + SPACE;

  for (guint i = 0; i < G_N_ELEMENTS (strides); i++)
    if (self->plot.size.width / (float) n_bars * (float) strides[i] >= (float) widest)
      return strides[i];
  return n_bars;
}

static void
append_label (OkapChart *self, GtkSnapshot *snapshot, PangoLayout *layout, float x, float y)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  if (!adw_style_manager_get_high_contrast (adw_style_manager_get_default ()))
    color.alpha *= 0.7f;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (roundf (x), roundf (y)));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
append_marks (OkapChart *self, GtkSnapshot *snapshot)
{
  const OkapTicks *ticks = okap_axis_get_ticks (self->axis);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  for (guint i = 0; i < okap_ticks_get_count (ticks); i++)
    {
      g_autofree char *text = okap_ticks_format (ticks, i);
      g_autoptr (PangoLayout) layout = new_label (self, text);
      gint64 value = ticks->low + (gint64) i * ticks->step;
      float y = self->plot.origin.y
                + okap_chart_layer_get_y (OKAP_CHART_LAYER (self->layers[LAYER_GRID]), value);
      int width, height;

      pango_layout_get_pixel_size (layout, &width, &height);
      append_label (self, snapshot, layout,
                    is_rtl ? self->plot.origin.x + self->plot.size.width + SPACE
                           : self->plot.origin.x - SPACE - (float) width,
                    y - (float) height / 2);
    }
}

static void
append_names (OkapChart *self, GtkSnapshot *snapshot)
{
  int stride = count_bars (self) > 0 ? find_stride (self) : 1;

  for (int bar = 0; bar < count_bars (self); bar += stride)
    {
      g_autoptr (PangoLayout) layout
          = new_label (self, okap_chart_series_get_tick (self->series, (guint) bar));
      graphene_rect_t slot
          = okap_chart_layer_get_slot (OKAP_CHART_LAYER (self->layers[LAYER_BARS]), (guint) bar);
      float most = (float) gtk_widget_get_width (GTK_WIDGET (self));
      int width;
      float x;

      pango_layout_get_pixel_size (layout, &width, NULL);
      x = self->plot.origin.x + slot.origin.x + slot.size.width / 2 - (float) width / 2;
      append_label (self, snapshot, layout, CLAMP (x, 0, MAX (most - (float) width, 0)),
                    self->plot.origin.y + self->plot.size.height + SPACE);
    }
}

static void
okap_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapChart *self = OKAP_CHART (widget);

  append_marks (self, snapshot);
  append_names (self, snapshot);
  GTK_WIDGET_CLASS (okap_chart_parent_class)->snapshot (widget, snapshot);
}

/* Layout */

static void
okap_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
  int line = get_line_height (OKAP_CHART (widget));

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = LEAST_WIDTH;
      *natural = WIDTH;
    }
  else
    *minimum = *natural = MAX (PLOT_HEIGHT, 6 * line) + SPACE + line + line / 2;
}

static void
update_axis (OkapChart *self, int plot_height)
{
  gint64 least = 0;
  gint64 most = 0;
  double step = get_line_height (self) * LINES_OF_MARK;

  if (self->series != NULL)
    okap_chart_series_get_extent (self->series, &least, &most);
  okap_axis_set_range (self->axis, least, most, (guint) CLAMP (plot_height / step, 1, 8));
}

static void
okap_chart_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  OkapChart *self = OKAP_CHART (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int line = get_line_height (self);
  int plot_height = MAX (height - line - SPACE - line / 2, 1);
  int beside;
  GtkAllocation area;

  update_axis (self, plot_height);
  beside = MIN (get_widest_mark (self) + SPACE, width / 2);
  area = (GtkAllocation) { is_rtl ? 0 : beside, line / 2, MAX (width - beside, 1), plot_height };
  self->plot = GRAPHENE_RECT_INIT ((float) area.x, (float) area.y, (float) area.width,
                                   (float) area.height);
  for (guint i = 0; i < G_N_ELEMENTS (self->layers); i++)
    gtk_widget_size_allocate (self->layers[i], &area, -1);
}

/* Object */

static void
okap_chart_dispose (GObject *object)
{
  OkapChart *self = OKAP_CHART (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->layers); i++)
    g_clear_pointer (&self->layers[i], gtk_widget_unparent);
  g_clear_object (&self->series);
  g_clear_object (&self->axis);
  G_OBJECT_CLASS (okap_chart_parent_class)->dispose (object);
}

static void
okap_chart_finalize (GObject *object)
{
  g_free (OKAP_CHART (object)->summary);
  G_OBJECT_CLASS (okap_chart_parent_class)->finalize (object);
}

static void
okap_chart_class_init (OkapChartClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_chart_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_chart_finalize;
  widget_class->measure = okap_chart_measure;
  widget_class->size_allocate = okap_chart_size_allocate;
  widget_class->snapshot = okap_chart_snapshot;
  gtk_widget_class_set_css_name (widget_class, "okapchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  signals[SIGNAL_SHOWN_CHANGED] = g_signal_new ("shown-changed", OKAP_TYPE_CHART,
                                                G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                G_TYPE_NONE, 0);
}

static void
add_controllers (OkapChart *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (focused_cb), self);
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

static void
okap_chart_init (OkapChart *self)
{
  const GType types[] = {
    [LAYER_SELECTION] = OKAP_TYPE_SELECTION_LAYER,
    [LAYER_GRID] = OKAP_TYPE_GRID_LAYER,
    [LAYER_BARS] = OKAP_TYPE_STACKED_BARS,
  };

  self->chosen = self->pointed = -1;
  self->pointer_x = self->pointer_y = -1;
  self->axis = okap_axis_new ();
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      self->layers[i] = g_object_new (types[i], NULL);
      okap_chart_layer_set_axis (OKAP_CHART_LAYER (self->layers[i]), self->axis);
      gtk_widget_set_parent (self->layers[i], GTK_WIDGET (self));
    }
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  add_controllers (self);
}

GtkWidget *
okap_chart_new (void)
{
  return g_object_new (OKAP_TYPE_CHART, NULL);
}

/**
 * okap_chart_set_series:
 * @title: what the chart is about
 * @summary: what all of it comes to
 * @is_new: it shows something else than before, and not only newer numbers of the same
 */
void
okap_chart_set_series (OkapChart *self, OkapChartSeries *series, const char *title,
                       const char *summary, gboolean is_new)
{
  g_return_if_fail (OKAP_IS_CHART (self));

  g_set_object (&self->series, series);
  g_free (self->summary);
  self->summary = g_strdup (summary);
  for (guint i = 0; i < G_N_ELEMENTS (self->layers); i++)
    okap_chart_layer_set_series (OKAP_CHART_LAYER (self->layers[i]), series);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  if (is_new)
    {
      self->chosen = self->pointed = -1;
      okap_stacked_bars_grow (OKAP_STACKED_BARS (self->layers[LAYER_BARS]));
    }
  self->chosen = MIN (self->chosen, count_bars (self) - 1);
  self->pointed = MIN (self->pointed, count_bars (self) - 1);
  tell_shown (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
