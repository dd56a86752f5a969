/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Menus are read once and stay. In the template of a window they would be made for each window, and
 * GTK 4.8 keeps some memory of each menu that it reads. Main thread. */
#include "config.h"

#include "okap-menus.h"

#include <gtk/gtk.h>

/** okap_menus_get: (transfer none): the one that all windows have */
GMenu *
okap_menus_get (const char *id)
{
  static GtkBuilder *builder;

  if (builder == NULL)
    builder = gtk_builder_new_from_resource ("/com/example/Okap/ui/menus.ui");
  return G_MENU (gtk_builder_get_object (builder, id));
}
