/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window of the preferences: six pages. Main thread. Pages look at the state when they are
 * made and when it changes; nothing here is polled. */
#include "config.h"

#include "okap-preferences.h"

#include <glib/gi18n.h>

GtkWindow *
okap_preferences_new (GtkWindow *parent, OkapCore *core)
{
  GtkWidget *window = g_object_new (ADW_TYPE_PREFERENCES_WINDOW, "title", _("Preferences"),
                                    "transient-for", parent, "destroy-with-parent", TRUE,
                                    "default-width", 640, "default-height", 640,
                                    "search-enabled", TRUE, NULL);
  GtkWidget *pages[] = {
    okap_general_page_new (),
    okap_limits_page_new (core),
    okap_locking_page_new (),
    okap_privacy_page_new (core),
    okap_prices_page_new (core),
    okap_vault_page_new (core),
  };

  gtk_widget_set_size_request (window, 360, 360);
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (pages[i]));
  return GTK_WINDOW (window);
}
