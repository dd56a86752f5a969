/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: what is kept of the requests of apps, and for how long. The store keeps the rule
 * beside what it rules. Main thread. */
#include "config.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-preferences.h"
#include "okap-rows.h"
#include "okap-setting-rows.h"
#include "okap-words.h"

#define MEGABYTE (1024 * 1024)
#define LEAST_MEGABYTES (OKAP_RETENTION_LEAST_BYTES / MEGABYTE)
#define MOST_MEGABYTES (1024 * 1024)

typedef struct
{
  OkapCore *core;          /* (owned) */
  GtkWidget *days;
  GtkWidget *megabytes;
  GtkWidget *now_row;
  GtkWidget *apply;
  GtkWidget *apply_row;
  GtkWidget *delete;
  OkapRetention shown;
} Privacy;

static void
privacy_free (gpointer data)
{
  Privacy *self = data;

  g_object_unref (self->core);
  g_free (self);
}

static Privacy *
get (gpointer page)
{
  return g_object_get_data (page, "okap-privacy");
}

static gint64
get_bytes (Privacy *self)
{
  gint64 megabytes = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->megabytes));

  /* Less than the least stands for no limit, and the row says so. */
  return megabytes < LEAST_MEGABYTES ? 0 : megabytes * MEGABYTE;
}

static guint
get_days (Privacy *self)
{
  return (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->days));
}

static void
edited_cb (GtkWidget *spin, gpointer user_data)
{
  Privacy *self = user_data;
  gboolean differs = get_days (self) != self->shown.keep_days
                     || get_bytes (self) / MEGABYTE != self->shown.keep_bytes / MEGABYTE;
  gboolean shorter = (get_days (self) != 0
                      && (self->shown.keep_days == 0 || get_days (self) < self->shown.keep_days))
                     || (get_bytes (self) != 0
                         && (self->shown.keep_bytes == 0
                             || get_bytes (self) < self->shown.keep_bytes));

  gtk_widget_set_sensitive (self->apply, differs);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->apply_row),
                               !differs ? _("This is how it is now.")
                               : shorter ? _("What is older or too much is deleted, for good.")
                                         : _("Nothing is deleted."));
}

static void
show_retention (Privacy *self, const OkapRetention *retention)
{
  g_autofree char *size = g_format_size ((guint64) MAX (retention->database_bytes, 0));
  g_autofree char *date = retention->oldest_us >= 0 ? okap_format_date (retention->oldest_us)
                                                    : NULL;
  g_autofree char *words = NULL;

  if (date != NULL)
    /* Translators: %1$s is a size such as 12 MB, %2$s a date */
    words = g_strdup_printf (_("%1$s; the oldest request is of %2$s."), size, date);
  else
    /* Translators: %s is a size such as 12 MB */
    words = g_strdup_printf (_("%s; no request yet."), size);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->now_row), words);
  gtk_widget_set_sensitive (self->delete, date != NULL);
  self->shown = *retention;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->days), retention->keep_days);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->megabytes),
                             (double) (retention->keep_bytes / MEGABYTE));
  edited_cb (NULL, self);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GObject) page = user_data;
  Privacy *self = get (page);
  g_autoptr (GError) error = NULL;
  g_autofree OkapRetention *retention =
    okap_store_retention_finish (OKAP_STORE (source), result, &error);

  if (retention != NULL)
    show_retention (self, retention);
  else
    {
      g_autofree char *words = okap_words_for_error (error);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->now_row), words);
    }
}

static void
apply_cb (GtkWidget *button, GObject *page)
{
  Privacy *self = get (page);
  OkapRetention change = { .keep_days = get_days (self), .keep_bytes = get_bytes (self) };

  okap_store_retention_async (okap_core_get_store (self->core), &change, found_cb,
                              g_object_ref (page));
}

static void
refresh (GObject *page)
{
  okap_store_retention_async (okap_core_get_store (get (page)->core), NULL, found_cb,
                              g_object_ref (page));
}

static void
forgotten_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GObject) page = user_data;
  g_autoptr (GError) error = NULL;

  if (okap_store_forget_finish (OKAP_STORE (source), result, &error))
    refresh (page);
  else
    {
      g_autofree char *words = okap_words_for_error (error);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (get (page)->now_row), words);
    }
}

static void
answered_cb (GtkWidget *dialog, const char *response, GObject *page)
{
  if (g_str_equal (response, "delete"))
    okap_store_forget_async (okap_core_get_store (get (page)->core), forgotten_cb,
                             g_object_ref (page));
}

static void
delete_cb (GtkWidget *button, GObject *page)
{
  GtkWidget *dialog = adw_message_dialog_new (
    GTK_WINDOW (gtk_widget_get_root (button)), _("Delete All Requests?"),
    _("The list of what apps asked providers goes for good. Sums stay, so limits and charts stay "
      "right; so do the apps, the keys and the audit trail."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "delete",
                                    _("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (answered_cb), page, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

GtkWidget *
okap_privacy_page_new (OkapCore *core)
{
  AdwPreferencesPage *page = okap_page_new ("privacy", _("Privacy"),
                                            "preferences-system-privacy-symbolic");
  AdwPreferencesGroup *group;
  Privacy *self = g_new0 (Privacy, 1);

  self->core = g_object_ref (core);
  g_object_set_data_full (G_OBJECT (page), "okap-privacy", self, privacy_free);

  group = okap_group_new (page, _("What Is Kept"), NULL);
  adw_preferences_group_add (
    group, okap_row_new (_("Of Each Request"),
                         _("Time, app, provider, model, number of tokens, cost, and how it ended. "
                           "Never what was asked or answered, and never a key.")));
  self->now_row = okap_row_new_button (_("Now"), NULL, _("_Delete Now…"), &self->delete);
  gtk_widget_add_css_class (self->delete, "destructive-action");
  adw_preferences_group_add (group, self->now_row);

  group = okap_group_new (page, _("How Long"), _("Single requests are forgotten after this. Sums "
                                                 "of an hour or a day are kept."));
  adw_preferences_group_add (group,
                             okap_row_new_number (_("Days"), _("0 keeps them whatever their age."),
                                                  NULL, 0, OKAP_RETENTION_MOST_DAYS, 0,
                                                  &self->days));
  adw_preferences_group_add (group,
                             okap_row_new_number (_("Megabytes"),
                                                  _("At least 16; less than that stands for no "
                                                    "limit of size."),
                                                  NULL, 0, MOST_MEGABYTES, 0, &self->megabytes));
  self->apply_row = okap_row_new_button (_("Keep So Much"), NULL, _("_Apply"), &self->apply);
  adw_preferences_group_add (group, self->apply_row);
  g_signal_connect (self->days, "value-changed", G_CALLBACK (edited_cb), self);
  g_signal_connect (self->megabytes, "value-changed", G_CALLBACK (edited_cb), self);
  g_signal_connect_object (self->apply, "clicked", G_CALLBACK (apply_cb), page, 0);
  g_signal_connect_object (self->delete, "clicked", G_CALLBACK (delete_cb), page, 0);
  refresh (G_OBJECT (page));
  return GTK_WIDGET (page);
}
