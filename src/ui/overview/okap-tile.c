/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-tile.h"

#define NATURAL_CHARS 18  /* of a line; longer ones wrap */
#define NEAR 0.8          /* from this fraction on the bar warns */

struct _OkapTile
{
  GtkBox parent_instance;

  GtkWidget *title;     /* (unowned) children */
  GtkWidget *amount;
  GtkWidget *remark;
  GtkWidget *bar;
};

G_DEFINE_FINAL_TYPE (OkapTile, okap_tile, GTK_TYPE_BOX)

enum
{
  PROP_0,
  PROP_TITLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
okap_tile_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  OkapTile *self = OKAP_TILE (object);

  if (id != PROP_TITLE)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      return;
    }
  gtk_label_set_text (GTK_LABEL (self->title), g_value_get_string (value));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  g_value_get_string (value), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  g_value_get_string (value), -1);
}

static void
okap_tile_class_init (OkapTileClass *class)
{
  G_OBJECT_CLASS (class)->set_property = okap_tile_set_property;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "",
                                                G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, properties);
}

static GtkWidget *
add_label (OkapTile *self, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), NATURAL_CHARS);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (self), label);
  return label;
}

static void
okap_tile_init (OkapTile *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  gtk_widget_add_css_class (GTK_WIDGET (self), "okap-tile");
  self->title = add_label (self, "heading");
  self->amount = add_label (self, "okap-amount");
  gtk_widget_add_css_class (self->amount, "numeric");
  self->bar = gtk_progress_bar_new ();
  gtk_widget_set_visible (self->bar, FALSE);
  gtk_box_append (GTK_BOX (self), self->bar);
  self->remark = add_label (self, "caption");
  gtk_widget_add_css_class (self->remark, "dim-label");
}

/** okap_tile_set: @fraction: of what there may be, as a bar; below zero for none */
void
okap_tile_set (OkapTile *self, const char *amount, const char *remark, double fraction)
{
  gtk_label_set_text (GTK_LABEL (self->amount), amount);
  gtk_label_set_text (GTK_LABEL (self->remark), remark);
  gtk_widget_set_visible (self->bar, fraction >= 0);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), CLAMP (fraction, 0, 1));
  if (fraction >= NEAR)
    gtk_widget_add_css_class (self->bar, "okap-near");
  else
    gtk_widget_remove_css_class (self->bar, "okap-near");
}
