/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: what Okap reckons with. A table is read from a file that the user chose, checked,
 * and put where the core looks for it; it counts only once the user confirmed it with the
 * passphrase, as with "okap prices update". Main thread; files are read and written on another. */
#include "config.h"

#include <glib/gi18n.h>

#include "okap-preferences.h"
#include "okap-price-files.h"
#include "okap-price-override.h"
#include "okap-price-seal.h"
#include "okap-price.h"
#include "okap-rows.h"
#include "okap-secret-dialog.h"
#include "okap-setting-rows.h"
#include "okap-words.h"
#include "okap-worker.h"

typedef struct
{
  OkapCore *core;              /* (owned) */
  OkapWorker *worker;          /* (owned) (nullable) for files, once there was one to read */
  GtkWidget *table_row;
  GtkWidget *own_row;
  GtkWidget *update;
  GtkWidget *update_row;
  GtkWidget *built_in_row;
  GtkWidget *confirm_row;
  OkapSecretDialog *dialog;    /* (nullable) weak: while one asks */
} Prices;

static void
prices_free (gpointer data)
{
  Prices *self = data;

  g_clear_weak_pointer (&self->dialog);
  g_clear_pointer (&self->worker, okap_worker_free);
  g_object_unref (self->core);
  g_free (self);
}

static Prices *
get (gpointer page)
{
  return g_object_get_data (page, "okap-prices");
}

static OkapPriceSeal *
get_seal (Prices *self)
{
  return okap_broker_get_price_seal (okap_core_get_broker (self->core));
}

static void
refresh (Prices *self)
{
  gboolean unlocked = okap_vault_get_state (okap_core_get_vault (self->core))
                      == OKAP_VAULT_UNLOCKED;
  const OkapPriceBook *book = okap_price_book_get ();
  guint n_models = book->table->n_rows;
  guint n_own = book->overrides != NULL ? book->overrides->n_rows : 0;
  g_autofree char *count = g_strdup_printf (ngettext ("%u model", "%u models", n_models),
                                            n_models);
  /* Translators: %1$s is a date such as 2026-11-20, %2$s a number of models */
  g_autofree char *table = g_strdup_printf (_("Of %1$s, with %2$s."), okap_price_get_date (),
                                            count);
  g_autofree char *own = n_own == 0 ? g_strdup (_("None."))
                                    : g_strdup_printf (ngettext ("You set the price of %u model.",
                                                                 "You set the prices of %u models.",
                                                                 n_own), n_own);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->table_row), table);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->own_row), own);
  gtk_widget_set_visible (self->confirm_row,
                          unlocked && okap_price_seal_get_digest (get_seal (self)) != NULL
                          && !okap_price_seal_is_confirmed (get_seal (self)));
}

static void
say (Prices *self, const char *words)
{
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->update_row), words);
}

static void
confirmed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GObject) page = user_data;
  Prices *self = get (page);
  g_autoptr (GError) error = NULL;

  (void) okap_price_seal_confirm_finish (OKAP_PRICE_SEAL (source), result, &error);
  if (self->dialog != NULL)
    okap_secret_dialog_finish (self->dialog, error);
  refresh (self);
}

static void
submit_cb (OkapSecretDialog *dialog, GObject *page)
{
  Prices *self = get (page);
  g_autoptr (OkapSecret) proof = okap_secret_dialog_dup_proof (dialog);
  g_autofree char *digest = g_strdup (okap_price_seal_get_digest (get_seal (self)));

  okap_price_seal_confirm_async (get_seal (self), digest, proof, confirmed_cb,
                                 g_object_ref (page));
}

static void
confirm_cb (GtkWidget *button, GObject *page)
{
  Prices *self = get (page);

  g_clear_weak_pointer (&self->dialog);
  self->dialog = okap_secret_dialog_new (button, okap_core_get_vault (self->core),
                                         OKAP_SECRET_DIALOG_PROOF, _("Confirm the Prices"),
                                         _("Okap will reckon with the table and the prices that "
                                           "are in your files now. Any program of yours could "
                                           "have changed them, so be sure that you did."),
                                         _("_Confirm"));
  g_object_add_weak_pointer (G_OBJECT (self->dialog), (gpointer *) &self->dialog);
  g_signal_connect_object (self->dialog, "submit", G_CALLBACK (submit_cb), page, 0);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

/* On the worker: what the user chose goes where the core looks, or what is there goes away. */
static gpointer
install_func (GTask *task, GError **error)
{
  const char *path = g_task_get_task_data (task);
  g_autofree char *text = NULL;
  gsize length = 0;
  gboolean done;

  done = path != NULL ? okap_price_files_read (path, &text, &length, error)
                        && okap_price_files_install (text, length, error)
                      : okap_price_files_uninstall (error);
  return GINT_TO_POINTER (done);
}

static void
installed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Prices *self = get (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (g_task_propagate_pointer (G_TASK (result), &error) != NULL)
    {
      okap_price_seal_refresh (get_seal (self));
      refresh (self);
      say (self, gtk_widget_get_visible (self->confirm_row)
                 ? _("The table was read. Confirm it below, and it counts.")
                 : _("The table that counts is the one named above."));
      return;
    }
  words = okap_words_for_error (error);
  say (self, words);
}

/* @path: (nullable): NULL: back to the table that came with Okap */
static void
install (GObject *page, const char *path)
{
  Prices *self = get (page);
  GTask *task = g_task_new (page, NULL, installed_cb, NULL);

  g_task_set_source_tag (task, install);
  g_task_set_task_data (task, g_strdup (path), g_free);
  if (self->worker == NULL)
    self->worker = okap_worker_new ("okap-prices");
  okap_worker_run (self->worker, task, install_func, NULL);
}

static void
chosen_cb (GtkFileChooserNative *chooser, int response, GObject *page)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  const char *path = file != NULL ? g_file_peek_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    install (page, path);
  g_object_unref (chooser);
}

static void
update_cb (GtkWidget *button, GObject *page)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
    _("Choose a Table of Prices"), GTK_WINDOW (gtk_widget_get_root (button)),
    GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (chosen_cb), page, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
built_in_cb (GtkWidget *button, GObject *page)
{
  install (page, NULL);
}

static void
changed_cb (GObject *object, gpointer page)
{
  refresh (get (page));
}

static void
state_cb (GObject *object, GParamSpec *pspec, gpointer page)
{
  refresh (get (page));
}

GtkWidget *
okap_prices_page_new (OkapCore *core)
{
  AdwPreferencesPage *page = okap_page_new ("prices", _("Prices"),
                                            "accessories-calculator-symbolic");
  AdwPreferencesGroup *group = okap_group_new (page, _("What Okap Reckons With"), NULL);
  Prices *self = g_new0 (Prices, 1);
  GtkWidget *built_in, *confirm;

  self->core = g_object_ref (core);
  g_object_set_data_full (G_OBJECT (page), "okap-prices", self, prices_free);
  self->table_row = okap_row_new (_("Table of Prices"), NULL);
  self->own_row = okap_row_new (_("Prices of Your Own"), NULL);
  adw_preferences_group_add (group, self->table_row);
  adw_preferences_group_add (group, self->own_row);

  group = okap_group_new (page, _("Another Table"),
                          _("Okap fetches no prices by itself. A table counts when you have "
                            "confirmed it with your passphrase."));
  self->confirm_row = okap_row_new_button (_("Not Confirmed Yet"),
                                           _("The files of prices were changed; until you confirm "
                                             "them, the table that came with Okap counts."),
                                           _("_Confirm…"), &confirm);
  gtk_widget_add_css_class (confirm, "suggested-action");
  self->update_row = okap_row_new_button (_("Update from a File"),
                                          _("A newer table, as it comes with newer versions of "
                                            "Okap."), _("_Choose…"), &self->update);
  self->built_in_row = okap_row_new_button (_("Back to Okap’s Own Table"),
                                            _("Removes a table that you installed."), _("_Reset"),
                                            &built_in);
  adw_preferences_group_add (group, self->confirm_row);
  adw_preferences_group_add (group, self->update_row);
  adw_preferences_group_add (group, self->built_in_row);
  g_signal_connect_object (confirm, "clicked", G_CALLBACK (confirm_cb), page, 0);
  g_signal_connect_object (self->update, "clicked", G_CALLBACK (update_cb), page, 0);
  g_signal_connect_object (built_in, "clicked", G_CALLBACK (built_in_cb), page, 0);
  g_signal_connect_object (get_seal (self), "load", G_CALLBACK (changed_cb), page, G_CONNECT_AFTER);
  g_signal_connect_object (get_seal (self), "confirmed", G_CALLBACK (changed_cb), page, 0);
  g_signal_connect_object (okap_core_get_vault (core), "notify::state", G_CALLBACK (state_cb),
                           page, 0);
  refresh (self);
  return GTK_WIDGET (page);
}
