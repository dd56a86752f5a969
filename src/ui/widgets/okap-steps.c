/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One dot for each step, the one in hand larger and in the accent colour. Main thread. */
#include "config.h"

#include "okap-steps.h"

#include <glib/gi18n.h>

struct _OkapSteps
{
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (OkapSteps, okap_steps, GTK_TYPE_WIDGET)

static void
remove_dots (OkapSteps *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
}

static void
okap_steps_dispose (GObject *object)
{
  remove_dots (OKAP_STEPS (object));
  G_OBJECT_CLASS (okap_steps_parent_class)->dispose (object);
}

static void
okap_steps_class_init (OkapStepsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_steps_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
okap_steps_init (OkapSteps *self)
{
  gtk_box_layout_set_spacing (
    GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 6);
}

/** okap_steps_set: @step: from 1 */
void
okap_steps_set (OkapSteps *self, guint step, guint n_steps)
{
  /* Translators: how far one is in the first run */
  g_autofree char *words = g_strdup_printf (_("Step %u of %u"), step, n_steps);

  remove_dots (self);
  for (guint i = 1; i <= n_steps; i++)
    {
      GtkWidget *dot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_add_css_class (dot, "okap-step");
      if (i == step)
        gtk_widget_add_css_class (dot, "current");
      gtk_widget_set_valign (dot, GTK_ALIGN_CENTER);
      gtk_widget_set_parent (dot, GTK_WIDGET (self));
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}
