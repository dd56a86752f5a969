/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of 16 pixels that shows how much of a short wait is over. Decoration: it has no role of
 * its own for a screen reader. */
#include "config.h"

#include "okap-ring.h"

#define SIZE  16
#define WIDTH 2.0

struct _OkapRing
{
  GtkWidget parent_instance;

  double fraction;  /* 0 to 1 */
};

G_DEFINE_FINAL_TYPE (OkapRing, okap_ring, GTK_TYPE_WIDGET)

static void
okap_ring_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                   int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = SIZE;
}

static void
okap_ring_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapRing *self = OKAP_RING (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  double radius = (MIN (width, height) - WIDTH) / 2.0;
  GdkRGBA color;
  cairo_t *cr;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width,
                                                                 (float) height));
  cairo_set_line_width (cr, WIDTH);

  cairo_set_source_rgba (cr, color.red, color.green, color.blue, color.alpha * 0.25);
  cairo_arc (cr, width / 2.0, height / 2.0, radius, 0, 2 * G_PI);
  cairo_stroke (cr);

  gdk_cairo_set_source_rgba (cr, &color);
  cairo_arc (cr, width / 2.0, height / 2.0, radius, -G_PI / 2,
             -G_PI / 2 + 2 * G_PI * self->fraction);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
okap_ring_class_init (OkapRingClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->measure = okap_ring_measure;
  widget_class->snapshot = okap_ring_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
okap_ring_init (OkapRing *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
okap_ring_new (void)
{
  return g_object_new (OKAP_TYPE_RING, NULL);
}

/** okap_ring_set_fraction: how much of the wait is over, 0 to 1 */
void
okap_ring_set_fraction (OkapRing *self, double fraction)
{
  self->fraction = CLAMP (fraction, 0.0, 1.0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
