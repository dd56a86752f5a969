/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A width is known only while widgets are placed, when none of them may change; so it is told a
 * moment later. Main thread. */
#include "config.h"

#include "okap-width-bin.h"

#define NARROW_PX 480  /* below that */

struct _OkapWidthBin
{
  GtkWidget parent_instance;

  GtkWidget *child;  /* (nullable) */
  gboolean narrow;
  guint notify_id;
};

G_DEFINE_FINAL_TYPE (OkapWidthBin, okap_width_bin, GTK_TYPE_WIDGET)

enum
{
  PROP_CHILD = 1,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static gboolean
notify_cb (gpointer user_data)
{
  OkapWidthBin *self = user_data;

  self->notify_id = 0;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
  return G_SOURCE_REMOVE;
}

static GtkSizeRequestMode
okap_width_bin_get_request_mode (GtkWidget *widget)
{
  OkapWidthBin *self = OKAP_WIDTH_BIN (widget);

  return self->child != NULL ? gtk_widget_get_request_mode (self->child)
                             : GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

static void
okap_width_bin_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  OkapWidthBin *self = OKAP_WIDTH_BIN (widget);

  if (self->child != NULL)
    gtk_widget_measure (self->child, orientation, for_size, minimum, natural, minimum_baseline,
                        natural_baseline);
}

static void
okap_width_bin_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  OkapWidthBin *self = OKAP_WIDTH_BIN (widget);

  if (self->child != NULL)
    gtk_widget_allocate (self->child, width, height, baseline, NULL);
  if ((width < NARROW_PX) == self->narrow)
    return;
  self->narrow = !self->narrow;
  if (self->notify_id == 0)
    self->notify_id = g_idle_add (notify_cb, self);
}

static void
okap_width_bin_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapWidthBin *self = OKAP_WIDTH_BIN (object);

  if (id == PROP_CHILD)
    g_value_set_object (value, self->child);
  else
    g_value_set_boolean (value, self->narrow);
}

static void
okap_width_bin_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OkapWidthBin *self = OKAP_WIDTH_BIN (object);

  g_clear_pointer (&self->child, gtk_widget_unparent);
  self->child = g_value_get_object (value);
  if (self->child != NULL)
    gtk_widget_set_parent (self->child, GTK_WIDGET (self));
}

static void
okap_width_bin_dispose (GObject *object)
{
  OkapWidthBin *self = OKAP_WIDTH_BIN (object);

  g_clear_handle_id (&self->notify_id, g_source_remove);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (okap_width_bin_parent_class)->dispose (object);
}

static void
okap_width_bin_class_init (OkapWidthBinClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = okap_width_bin_get_property;
  object_class->set_property = okap_width_bin_set_property;
  object_class->dispose = okap_width_bin_dispose;
  widget_class->get_request_mode = okap_width_bin_get_request_mode;
  widget_class->measure = okap_width_bin_measure;
  widget_class->size_allocate = okap_width_bin_size_allocate;

  properties[PROP_CHILD] = g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
okap_width_bin_init (OkapWidthBin *self)
{
}

gboolean
okap_width_bin_get_narrow (OkapWidthBin *self)
{
  return self->narrow;
}
