/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours are those of Okabe and Ito, darker in the light style and lighter in the dark one
 * until each has a contrast of 3 : 1 at least with what is behind it. Neighbours in a stack are far
 * apart in lightness, too. At high contrast, a pattern is laid over them: none, stripes of two
 * slopes, lines across and along, both. Main thread. */
#include "config.h"

#include "okap-palette.h"

#define SIDE 12
#define STRIPE 4.0f    /* from one stripe to the next */
#define THICK 0.34f    /* of it */

typedef struct
{
  const char *light;
  const char *dark;
} Shade;

static const Shade shades[OKAP_PALETTE_COLORS] = {
  { "#0072b2", "#4aa8e8" },  /* blue */
  { "#c77c00", "#f0ad2e" },  /* orange */
  { "#007f5f", "#2ec99b" },  /* green */
  { "#b0578d", "#e8a3cb" },  /* purple */
  { "#3a8fc7", "#a5dcfb" },  /* sky */
  { "#b84300", "#f5824a" },  /* vermilion */
};
static const Shade rest = { "#77767b", "#9a9996" };

static void
append_stripes (GtkSnapshot *snapshot, const graphene_rect_t *area, float across, float down,
                const GdkRGBA *color)
{
  const GdkRGBA clear = { color->red, color->green, color->blue, 0 };
  const GskColorStop stops[] = {
    { 0, *color }, { THICK, *color }, { THICK, clear }, { 1, clear },
  };
  graphene_point_t end = GRAPHENE_POINT_INIT (area->origin.x + across, area->origin.y + down);

  gtk_snapshot_append_repeating_linear_gradient (snapshot, area, &area->origin, &end, stops,
                                                 G_N_ELEMENTS (stops));
}

static void
append_pattern (GtkSnapshot *snapshot, const graphene_rect_t *area, guint number,
                const GdkRGBA *color)
{
  switch (number)
    {
    case 0:
      break;
    case 1:
      append_stripes (snapshot, area, STRIPE, STRIPE, color);
      break;
    case 2:
      append_stripes (snapshot, area, 0, STRIPE, color);
      break;
    case 3:
      append_stripes (snapshot, area, STRIPE, -STRIPE, color);
      break;
    case 4:
      append_stripes (snapshot, area, STRIPE, 0, color);
      break;
    case 5:
    default:
      append_stripes (snapshot, area, STRIPE, 0, color);
      append_stripes (snapshot, area, 0, STRIPE, color);
      break;
    }
}

/**
 * okap_palette_append:
 * @is_rest: it is what was left over, grey whatever its number
 *
 * Fills @area in the way of a group.
 */
void
okap_palette_append (GtkSnapshot *snapshot, const graphene_rect_t *area, guint group,
                     gboolean is_rest)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  gboolean is_dark = adw_style_manager_get_dark (style);
  guint number = group % OKAP_PALETTE_COLORS;
  const Shade *shade = is_rest ? &rest : &shades[number];
  GdkRGBA color;

  if (area->size.width <= 0 || area->size.height <= 0)
    return;
  gdk_rgba_parse (&color, is_dark ? shade->dark : shade->light);
  gtk_snapshot_append_color (snapshot, &color, area);
  if (!adw_style_manager_get_high_contrast (style) || is_rest)
    return;
  gdk_rgba_parse (&color, is_dark ? "#000000" : "#ffffff");
  append_pattern (snapshot, area, number, &color);
}

struct _OkapSwatch
{
  GtkWidget parent_instance;

  guint group;
  gboolean is_rest;
};

G_DEFINE_FINAL_TYPE (OkapSwatch, okap_swatch, GTK_TYPE_WIDGET)

static void
okap_swatch_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                     int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = SIDE;
}

static void
okap_swatch_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapSwatch *self = OKAP_SWATCH (widget);
  graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget),
                                             (float) gtk_widget_get_height (widget));
  GskRoundedRect clip;

  gsk_rounded_rect_init_from_rect (&clip, &area, 3);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  okap_palette_append (snapshot, &area, self->group, self->is_rest);
  gtk_snapshot_pop (snapshot);
}

static void
okap_swatch_class_init (OkapSwatchClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->measure = okap_swatch_measure;
  widget_class->snapshot = okap_swatch_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
okap_swatch_init (OkapSwatch *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (gtk_widget_queue_draw),
                           self, G_CONNECT_SWAPPED);
}

GtkWidget *
okap_swatch_new (guint group, gboolean is_rest)
{
  OkapSwatch *self = g_object_new (OKAP_TYPE_SWATCH, NULL);

  self->group = group;
  self->is_rest = is_rest;
  return GTK_WIDGET (self);
}
