/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed backups. Main thread.
 *
 *   export   choose a file ─▶ passphrase of the vault, one for the backup ─▶ written
 *   import   choose a file ─▶ passphrase of the backup ─▶ what would be added ─▶ added
 *
 * An import only ever adds keys; what the vault has stays. */
#include "config.h"

#include "okap-backup-group.h"

#include <glib/gi18n.h>

#include "okap-error.h"
#include "okap-rows.h"
#include "okap-secret-dialog.h"
#include "okap-setting-rows.h"
#include "okap-vault-backup.h"
#include "okap-words.h"

typedef struct
{
  OkapVault *vault;            /* (owned) */
  AdwPreferencesGroup *group;
  GtkWidget *export_row;
  GtkWidget *import_row;
  char *path;                  /* (owned) (nullable) what was chosen */
  OkapBackup *backup;          /* (owned) (nullable) what was read, until it is added or not */
  OkapSecretDialog *dialog;    /* (nullable) weak: while one asks */
} Backups;

static void
backups_free (gpointer data)
{
  Backups *self = data;

  g_clear_weak_pointer (&self->dialog);
  g_clear_pointer (&self->backup, okap_backup_unref);
  g_object_unref (self->vault);
  g_free (self->path);
  g_free (self);
}

static Backups *
get (gpointer page)
{
  return g_object_get_data (page, "okap-backups");
}

static void
say (GtkWidget *row, const char *words)
{
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), words);
}

static void
ask (GObject *page, OkapSecretDialogFlags flags, const char *title, const char *why,
     const char *button, GCallback submit)
{
  Backups *self = get (page);

  g_clear_weak_pointer (&self->dialog);
  self->dialog = okap_secret_dialog_new (GTK_WIDGET (page), self->vault, flags, title, why, button);
  g_object_add_weak_pointer (G_OBJECT (self->dialog), (gpointer *) &self->dialog);
  g_signal_connect_object (self->dialog, "submit", submit, page, 0);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

/* A step under way. Its dialog may be closed meanwhile, and another file be chosen. */
typedef struct
{
  GObject *page;               /* (owned) */
  char *path;                  /* (owned) */
  OkapBackup *backup;          /* (owned) (nullable) */
  OkapSecretDialog *dialog;    /* (nullable) weak */
} Asked;

static Asked *
asked_new (GObject *page, OkapSecretDialog *dialog)
{
  Backups *self = get (page);
  Asked *asked = g_new0 (Asked, 1);

  asked->page = g_object_ref (page);
  asked->path = g_strdup (self->path);
  asked->backup = self->backup != NULL ? okap_backup_ref (self->backup) : NULL;
  g_set_weak_pointer (&asked->dialog, dialog);
  return asked;
}

/* Says how it went where it was asked, if that is still there. */
static void
asked_free (Asked *asked, const GError *error)
{
  if (asked->dialog != NULL)
    okap_secret_dialog_finish (asked->dialog, error);
  g_clear_weak_pointer (&asked->dialog);
  g_clear_pointer (&asked->backup, okap_backup_unref);
  g_object_unref (asked->page);
  g_free (asked->path);
  g_free (asked);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  Backups *self = get (asked->page);
  g_autoptr (GError) error = NULL;

  if (okap_vault_export_finish (OKAP_VAULT (source), result, &error))
    {
      g_autofree char *name = g_path_get_basename (asked->path);
      /* Translators: %s is the name of a file */
      g_autofree char *words = g_strdup_printf (_("Written to %s. Keep it where this computer is "
                                                  "not."), name);

      say (self->export_row, words);
    }
  asked_free (asked, error);
}

static void
export_submit_cb (OkapSecretDialog *dialog, GObject *page)
{
  Backups *self = get (page);
  g_autoptr (OkapSecret) proof = okap_secret_dialog_dup_proof (dialog);
  g_autoptr (OkapSecret) fresh = okap_secret_dialog_dup_new (dialog);

  okap_vault_export_async (self->vault, proof, self->path, fresh, exported_cb,
                           asked_new (page, dialog));
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  Backups *self = get (asked->page);
  g_autoptr (GError) error = NULL;
  int n_added = okap_vault_import_finish (OKAP_VAULT (source), result, &error);
  g_autofree char *words = NULL;

  if (n_added >= 0)
    {
      words = g_strdup_printf (ngettext ("%d key was added.", "%d keys were added.",
                                         (gulong) n_added), n_added);
      say (self->import_row, words);
    }
  asked_free (asked, error);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  g_autoptr (GError) error = NULL;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    okap_vault_import_async (OKAP_VAULT (source), asked->backup, imported_cb, asked);
  else
    asked_free (asked, error);
}

static void
add_submit_cb (OkapSecretDialog *dialog, GObject *page)
{
  Backups *self = get (page);
  g_autoptr (OkapSecret) proof = okap_secret_dialog_dup_proof (dialog);

  if (self->backup != NULL)
    okap_vault_unlock_async (self->vault, proof, proven_cb, asked_new (page, dialog));
}

/* Whoever made the file chose the keys in it and its passphrase, so that of the vault is wanted. */
static void
answered_cb (GtkWidget *question, const char *response, GObject *page)
{
  Backups *self = get (page);

  if (self->backup != NULL && g_str_equal (response, "add"))
    ask (page, OKAP_SECRET_DIALOG_PROOF, _("Import a Backup"),
         _("Adds the keys of a backup; what you have stays as it is."), _("_Add"),
         G_CALLBACK (add_submit_cb));
  else
    g_clear_pointer (&self->backup, okap_backup_unref);
}

/* One line for each key of @status, under @heading. */
static void
append_keys (GString *text, OkapBackup *backup, OkapBackupStatus status, const char *heading)
{
  GPtrArray *items = okap_backup_get_items (backup);

  if (okap_backup_count (backup, status) == 0)
    return;
  g_string_append_printf (text, "%s%s", text->len > 0 ? "\n\n" : "", heading);
  for (guint i = 0; i < items->len; i++)
    {
      OkapBackupItem *item = g_ptr_array_index (items, i);
      g_autofree char *words = NULL;

      if (item->status != status)
        continue;
      words = okap_words_for_key (item->info);
      g_string_append_printf (text, "\n%s", words);
    }
}

/* Says what would be done before it is done. */
static void
show_backup (GObject *page)
{
  Backups *self = get (page);
  guint n_new = okap_backup_count (self->backup, OKAP_BACKUP_NEW);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *heading = n_new == 0
    ? g_strdup (_("Nothing to Add"))
    : g_strdup_printf (ngettext ("Add %u Key?", "Add %u Keys?", n_new), n_new);
  GtkWidget *question;

  append_keys (text, self->backup, OKAP_BACKUP_NEW, _("These are added:"));
  append_keys (text, self->backup, OKAP_BACKUP_SAME, _("These are in the vault already:"));
  append_keys (text, self->backup, OKAP_BACKUP_DIFFERENT,
               _("Of these the vault has another version, which stays:"));
  question = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page))), heading,
                                     text->str);
  if (n_new == 0)
    adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (question), "cancel", _("_Close"));
  else
    {
      adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (question), "cancel", _("_Cancel"),
                                        "add", _("_Add"), NULL);
      adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (question), "add",
                                                  ADW_RESPONSE_SUGGESTED);
      adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (question), "add");
    }
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (question), "cancel");
  g_signal_connect_object (question, "response", G_CALLBACK (answered_cb), page, 0);
  g_signal_connect_object (self->vault, "locked", G_CALLBACK (gtk_window_destroy), question,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (question));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  g_autoptr (GObject) page = g_object_ref (asked->page);
  Backups *self = get (page);
  g_autoptr (OkapBackup) backup = NULL;
  g_autoptr (GError) error = NULL;
  gboolean cancelled = asked->dialog == NULL;

  backup = okap_vault_read_backup_finish (OKAP_VAULT (source), result, &error);
  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE))
    {
      g_clear_error (&error);
      error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                                   _("That does not open this backup. It has a passphrase of its "
                                     "own, or opens with the recovery code of its vault."));
    }
  asked_free (asked, error);
  if (backup == NULL || cancelled)
    return;
  g_clear_pointer (&self->backup, okap_backup_unref);
  self->backup = g_steal_pointer (&backup);
  show_backup (page);
}

static void
import_submit_cb (OkapSecretDialog *dialog, GObject *page)
{
  Backups *self = get (page);
  g_autoptr (OkapSecret) secret = okap_secret_dialog_dup_proof (dialog);

  okap_vault_read_backup_async (self->vault, self->path, secret, read_cb,
                                asked_new (page, dialog));
}

/* Whether a file of this computer was chosen; forgets the chooser. */
static gboolean
take_path (Backups *self, GtkFileChooserNative *chooser, int response)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

  g_free (self->path);
  self->path = file != NULL ? g_file_get_path (file) : NULL;
  g_object_unref (chooser);
  return response == GTK_RESPONSE_ACCEPT && self->path != NULL;
}

static void
export_chosen_cb (GtkFileChooserNative *chooser, int response, GObject *page)
{
  if (take_path (get (page), chooser, response))
    ask (page, OKAP_SECRET_DIALOG_NEW, _("Export a Backup"),
         _("It holds all keys, sealed. It opens with the new passphrase that you give it here, or "
           "with your recovery code, on any computer. Apps and limits stay behind."),
         _("_Export"), G_CALLBACK (export_submit_cb));
}

static void
import_chosen_cb (GtkFileChooserNative *chooser, int response, GObject *page)
{
  Backups *self = get (page);

  if (!take_path (self, chooser, response))
    return;
  ask (page, OKAP_SECRET_DIALOG_PROOF, _("Import a Backup"),
       _("You will see what is in it before anything is added."), _("_Open"),
       G_CALLBACK (import_submit_cb));
  okap_secret_dialog_set_asked (self->dialog, _("Passphrase of the Backup"));
}

static void
choose (GtkWidget *button, const char *title, GtkFileChooserAction action, const char *name,
        GCallback chosen, GObject *page)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
    title, GTK_WINDOW (gtk_widget_get_root (button)), action, NULL, NULL);

  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", chosen, page, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
export_cb (GtkWidget *button, GObject *page)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  /* Translators: the name of a file, for g_date_time_format(); keep ".okap" */
  g_autofree char *name = g_date_time_format (now, _("Okap backup %Y-%m-%d.okap"));

  choose (button, _("Export a Backup"), GTK_FILE_CHOOSER_ACTION_SAVE, name,
          G_CALLBACK (export_chosen_cb), page);
}

static void
import_cb (GtkWidget *button, GObject *page)
{
  choose (button, _("Import a Backup"), GTK_FILE_CHOOSER_ACTION_OPEN, NULL,
          G_CALLBACK (import_chosen_cb), page);
}

static void
state_cb (OkapVault *vault, GParamSpec *pspec, gpointer page)
{
  Backups *self = get (page);
  gboolean unlocked = okap_vault_get_state (vault) == OKAP_VAULT_UNLOCKED;

  gtk_widget_set_sensitive (GTK_WIDGET (self->group), unlocked);
  if (!unlocked)
    g_clear_pointer (&self->backup, okap_backup_unref);
}

void
okap_backup_group_add (AdwPreferencesPage *page, OkapVault *vault)
{
  Backups *self = g_new0 (Backups, 1);
  GtkWidget *export, *import;

  self->vault = g_object_ref (vault);
  g_object_set_data_full (G_OBJECT (page), "okap-backups", self, backups_free);
  self->group = okap_group_new (page, _("Backup"), NULL);
  self->export_row = okap_row_new_button (_("Export"), _("Writes all keys into a sealed file with "
                                                         "a passphrase of its own."),
                                          _("_Export…"), &export);
  self->import_row = okap_row_new_button (_("Import"), _("Adds the keys of a backup; what you have "
                                                         "stays as it is."), _("_Import…"),
                                          &import);
  adw_preferences_group_add (self->group, self->export_row);
  adw_preferences_group_add (self->group, self->import_row);
  g_signal_connect_object (export, "clicked", G_CALLBACK (export_cb), page, 0);
  g_signal_connect_object (import, "clicked", G_CALLBACK (import_cb), page, 0);
  g_signal_connect_object (vault, "notify::state", G_CALLBACK (state_cb), page, 0);
  state_cb (vault, NULL, page);
}
