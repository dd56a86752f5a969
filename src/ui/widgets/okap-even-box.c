/* SPDX-License-Identifier: GPL-3.0-or-later */
/* They are side by side if there is room for the widest one's natural width as often as there are
 * children. All of them are children of the template; they stay. Main thread. */
#include "config.h"

#include "okap-even-box.h"

#define SPACING 12

struct _OkapEvenBox
{
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (OkapEvenBox, okap_even_box, GTK_TYPE_WIDGET)

typedef struct
{
  int count;
  int minimum;   /* widths */
  int natural;
} Widest;

static Widest
find_widest (GtkWidget *widget)
{
  Widest widest = { 0 };

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int minimum, natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
      widest.count++;
      widest.minimum = MAX (widest.minimum, minimum);
      widest.natural = MAX (widest.natural, natural);
    }
  return widest;
}

static gboolean
fits (const Widest *widest, int width)
{
  return width < 0 || width >= widest->count * (widest->natural + SPACING) - SPACING;
}

/* The width of each child when all of them have @width. */
static int
get_width (const Widest *widest, int width)
{
  if (width < 0 || !fits (widest, width) || widest->count == 0)
    return width;
  return (width - (widest->count - 1) * SPACING) / widest->count;
}

static void
measure_heights (GtkWidget *widget, int width, int *out_minimum, int *out_natural)
{
  Widest widest = find_widest (widget);
  gboolean is_row = fits (&widest, width);

  *out_minimum = *out_natural = is_row ? 0 : MAX (widest.count - 1, 0) * SPACING;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int minimum, natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, get_width (&widest, width), &minimum,
                          &natural, NULL, NULL);
      *out_minimum = is_row ? MAX (*out_minimum, minimum) : *out_minimum + minimum;
      *out_natural = is_row ? MAX (*out_natural, natural) : *out_natural + natural;
    }
}

static void
okap_even_box_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  Widest widest;

  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      measure_heights (widget, for_size, minimum, natural);
      return;
    }
  widest = find_widest (widget);
  *minimum = widest.minimum;
  *natural = MAX (widest.count * (widest.natural + SPACING) - SPACING, widest.minimum);
}

static void
okap_even_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  Widest widest = find_widest (widget);
  gboolean is_row = fits (&widest, width);
  int part = get_width (&widest, width);
  int place = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkAllocation area = { 0, place, width, height };
      int natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, part, NULL, &natural, NULL, NULL);
      if (is_row)
        area = (GtkAllocation) { is_rtl ? width - place - part : place, 0, part, height };
      else
        area.height = natural;
      gtk_widget_size_allocate (child, &area, -1);
      place += (is_row ? part : natural) + SPACING;
    }
}

static GtkSizeRequestMode
okap_even_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
okap_even_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (okap_even_box_parent_class)->dispose (object);
}

static void
okap_even_box_class_init (OkapEvenBoxClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_even_box_dispose;
  widget_class->measure = okap_even_box_measure;
  widget_class->size_allocate = okap_even_box_size_allocate;
  widget_class->get_request_mode = okap_even_box_get_request_mode;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
okap_even_box_init (OkapEvenBox *self)
{
}
