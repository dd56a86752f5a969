/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for the banner of a newer libadwaita. */
#include "config.h"

#include "okap-banner.h"

#include "okap-press.h"

struct _OkapBanner
{
  AdwBin parent_instance;

  GtkWidget *revealer;  /* (unowned) child */
  GtkWidget *label;     /* (unowned) in it */
  GtkWidget *button;    /* (unowned) in it */
  OkapPress *press;     /* (owned) of the button */
};

enum
{
  SIGNAL_CLICKED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OkapBanner, okap_banner, ADW_TYPE_BIN)

static void
okap_banner_dispose (GObject *object)
{
  g_clear_object (&OKAP_BANNER (object)->press);
  G_OBJECT_CLASS (okap_banner_parent_class)->dispose (object);
}

static void
okap_banner_class_init (OkapBannerClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_banner_dispose;
  signals[SIGNAL_CLICKED] = g_signal_new ("clicked", OKAP_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
clicked_cb (OkapBanner *self)
{
  g_signal_emit (self, signals[SIGNAL_CLICKED], 0);
}

static void
okap_banner_init (OkapBanner *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->label), GTK_JUSTIFY_CENTER);
  gtk_widget_set_hexpand (self->label, TRUE);
  self->button = gtk_button_new ();
  gtk_widget_set_visible (self->button, FALSE);
  gtk_widget_set_valign (self->button, GTK_ALIGN_CENTER);
  self->press = okap_press_new (self->button);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked_cb), self);
  gtk_box_append (GTK_BOX (box), self->label);
  gtk_box_append (GTK_BOX (box), self->button);
  gtk_widget_add_css_class (box, "okap-banner");
  self->revealer = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), box);
  adw_bin_set_child (ADW_BIN (self), self->revealer);
}

/** okap_banner_set_text: (nullable): NULL hides it; plain text */
void
okap_banner_set_text (OkapBanner *self, const char *text)
{
  if (text != NULL)
    gtk_label_set_text (GTK_LABEL (self->label), text);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), text != NULL);
}

/** okap_banner_set_button: (nullable): NULL for none; a click emits "clicked" */
void
okap_banner_set_button (OkapBanner *self, const char *label)
{
  if (label != NULL)
    gtk_button_set_label (GTK_BUTTON (self->button), label);
  gtk_widget_set_visible (self->button, label != NULL);
}

/** okap_banner_take_press: in "clicked": whether a person at a device pressed the button */
gboolean
okap_banner_take_press (OkapBanner *self)
{
  return okap_press_take (self->press, 0);
}
