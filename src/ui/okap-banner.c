/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for the banner of a newer libadwaita. */
#include "config.h"

#include "okap-banner.h"

struct _OkapBanner
{
  AdwBin parent_instance;

  GtkWidget *revealer;  /* (unowned) child */
  GtkWidget *label;     /* (unowned) in it */
};

G_DEFINE_FINAL_TYPE (OkapBanner, okap_banner, ADW_TYPE_BIN)

static void
okap_banner_class_init (OkapBannerClass *class)
{
}

static void
okap_banner_init (OkapBanner *self)
{
  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->label, "okap-banner");
  self->revealer = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), self->label);
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
