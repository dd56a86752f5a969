/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bar in three parts, each as long as what it stands for: what Okap itself took, until the answer
 * began, until it was over. The numbers stand beside it as words, which a screen reader reads. */
#include "config.h"

#include "okap-timing-bar.h"

#include <glib/gi18n.h>


#define HEIGHT 12
#define LEAST 2.0      /* pixels of a part that is there at all */

enum
{
  PART_OKAP,
  PART_WAITING,
  PART_ANSWERING,
  N_PARTS,
};

struct _OkapTimingBar
{
  GtkWidget parent_instance;

  gint64 parts_us[N_PARTS];
};

G_DEFINE_FINAL_TYPE (OkapTimingBar, okap_timing_bar, GTK_TYPE_WIDGET)

static void
okap_timing_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 120;
}

static void
get_colors (GtkWidget *widget, GdkRGBA colors[N_PARTS])
{
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  GdkRGBA color;

  gtk_style_context_get_color (style, &color);
  colors[PART_OKAP] = color;
  colors[PART_WAITING] = color;
  colors[PART_WAITING].alpha *= 0.25f;
  colors[PART_ANSWERING] = color;
  colors[PART_ANSWERING].alpha *= 0.6f;
  (void) gtk_style_context_lookup_color (style, "accent_bg_color", &colors[PART_ANSWERING]);
}

static void
okap_timing_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapTimingBar *self = OKAP_TIMING_BAR (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  gint64 total_us = 0;
  GdkRGBA colors[N_PARTS];
  GskRoundedRect outline;
  float x = 0;

  for (guint i = 0; i < N_PARTS; i++)
    total_us += self->parts_us[i];
  if (total_us <= 0)
    return;
  get_colors (widget, colors);
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (0, 0, width, height),
                                   height / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  for (guint i = 0; i < N_PARTS; i++)
    {
      float part = width * (float) self->parts_us[i] / (float) total_us;

      if (self->parts_us[i] > 0)
        part = MAX (part, (float) LEAST);
      part = i == N_PARTS - 1 ? width - x : MIN (part, width - x);
      gtk_snapshot_append_color (snapshot, &colors[i],
                                 &GRAPHENE_RECT_INIT (rtl ? width - x - part : x, 0, part,
                                                      height));
      x += part;
    }
  gtk_snapshot_pop (snapshot);
}

static void
okap_timing_bar_class_init (OkapTimingBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->measure = okap_timing_bar_measure;
  widget_class->snapshot = okap_timing_bar_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
okap_timing_bar_init (OkapTimingBar *self)
{
}

GtkWidget *
okap_timing_bar_new (const OkapUsage *usage)
{
  OkapTimingBar *self = g_object_new (OKAP_TYPE_TIMING_BAR, NULL);
  gint64 end_us = MAX (usage->duration_us, 0);
  gint64 okap_us = CLAMP (usage->overhead_us, 0, end_us);
  gint64 first_us = usage->first_byte_us > 0 ? CLAMP (usage->first_byte_us, okap_us, end_us)
                                             : end_us;

  self->parts_us[PART_OKAP] = okap_us;
  self->parts_us[PART_WAITING] = first_us - okap_us;
  self->parts_us[PART_ANSWERING] = end_us - first_us;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("How the time was spent"), -1);
  return GTK_WIDGET (self);
}
