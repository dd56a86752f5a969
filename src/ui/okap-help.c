/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help pages, in whatever viewer the desktop has for them. There may be none: then a dialog
 * says which one to install, and where the pages are. Main thread. */
#include "config.h"

#include "okap-help.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define HELP_URI "help:okap"

static void
tell (GtkWindow *parent)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, _("There is no viewer for help"), NULL);

  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  /* Translators: a folder */
                                  _("Install the app Help, which is in the package yelp. The pages "
                                    "are in %s."), OKAP_HELP_DIR);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWindow) parent = user_data;
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_full_finish (parent, result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    tell (parent);
}

/**
 * okap_help_show:
 * @parent: the window from which it was asked for
 */
void
okap_help_show (GtkWindow *parent)
{
  gtk_show_uri_full (parent, HELP_URI, GDK_CURRENT_TIME, NULL, shown_cb, g_object_ref (parent));
}
