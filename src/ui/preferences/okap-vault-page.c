/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: the ways into the vault. Each change asks for the passphrase and is on the disk when
 * the dialog closes; the list below shows what came of it. Backups are in okap-backup-group.c. Main
 * thread. */
#include "config.h"

#include <glib/gi18n.h>

#include "okap-backup-group.h"
#include "okap-format.h"
#include "okap-preferences.h"
#include "okap-rows.h"
#include "okap-secret-dialog.h"
#include "okap-setting-rows.h"
#include "okap-vault-slots.h"

typedef enum
{
  CHANGE_PASSPHRASE,
  NEW_CODE,
  ADD_PASSPHRASE,
  REMOVE_PASSPHRASE,
  KEYRING_ON,
  KEYRING_OFF,
} Change;

typedef struct
{
  OkapVault *vault;            /* (owned) */
  AdwPreferencesGroup *group;
  GPtrArray *rows;             /* (owned) of the group, one for each slot */
  GtkWidget *locked_row;
  GtkWidget *add;
  GtkWidget *keyring_row;
  GtkSwitch *keyring;
  gulong keyring_id;
  char *keyring_slot;          /* (owned) (nullable) */

  Change change;               /* what the dialog is for */
  char *slot_id;               /* (owned) (nullable) likewise */
  OkapSecretDialog *dialog;    /* (nullable) weak: while one asks */
} Ways;

static void refresh (GObject *page);

static void
ways_free (gpointer data)
{
  Ways *self = data;

  g_clear_weak_pointer (&self->dialog);
  g_object_unref (self->vault);
  g_ptr_array_unref (self->rows);
  g_free (self->keyring_slot);
  g_free (self->slot_id);
  g_free (self);
}

static Ways *
get (gpointer page)
{
  return g_object_get_data (page, "okap-ways");
}

/* A change under way. Its dialog may be closed meanwhile, and another one be open. */
typedef struct
{
  GObject *page;               /* (owned) */
  Change change;
  OkapSecretDialog *dialog;    /* (nullable) weak */
} Asked;

static Asked *
asked_new (GObject *page, Change change, OkapSecretDialog *dialog)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->page = g_object_ref (page);
  asked->change = change;
  g_set_weak_pointer (&asked->dialog, dialog);
  return asked;
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (GObject) page = asked->page;
  Ways *self = get (page);
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (GError) error = NULL;

  if (asked->change == KEYRING_ON)
    (void) okap_vault_add_keyring_slot_finish (self->vault, result, &error);
  else
    (void) okap_vault_change_slots_finish (self->vault, result, &code, &error);
  if (asked->dialog != NULL)
    okap_secret_dialog_finish (asked->dialog, error);
  g_clear_weak_pointer (&asked->dialog);
  if (code != NULL)
    okap_code_dialog_show (GTK_WIDGET (page), code);
  refresh (page);
}

static void
submit_cb (OkapSecretDialog *dialog, GObject *page)
{
  Ways *self = get (page);
  g_autoptr (OkapSecret) proof = okap_secret_dialog_dup_proof (dialog);
  g_autoptr (OkapSecret) fresh = okap_secret_dialog_dup_new (dialog);
  Asked *asked = asked_new (page, self->change, dialog);

  switch (self->change)
    {
    case CHANGE_PASSPHRASE:
      okap_vault_change_passphrase_async (self->vault, proof, self->slot_id, fresh, changed_cb,
                                          asked);
      break;
    case NEW_CODE:
      okap_vault_new_recovery_code_async (self->vault, proof, changed_cb, asked);
      break;
    case ADD_PASSPHRASE:
      okap_vault_add_passphrase_async (self->vault, proof, okap_secret_dialog_get_label (dialog),
                                       fresh, changed_cb, asked);
      break;
    case KEYRING_ON:
      okap_vault_add_keyring_slot_async (self->vault, proof, changed_cb, asked);
      break;
    case REMOVE_PASSPHRASE:
    case KEYRING_OFF:
      okap_vault_remove_slot_async (self->vault, proof, self->slot_id, changed_cb, asked);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
closed_cb (gpointer page, GObject *dialog)
{
  refresh (page);
  g_object_unref (page);
}

/* Asks for the passphrase and then makes the change. */
static void
begin (GObject *page, Change change, const char *slot_id)
{
  const struct
  {
    OkapSecretDialogFlags flags;
    const char *title;
    const char *why;
    const char *button;
  } asks[] = {
    [CHANGE_PASSPHRASE] = {
      OKAP_SECRET_DIALOG_NEW, _("Change the Passphrase"),
      _("The old one ends. Copies of the vault that were made before still open with it."),
      _("_Change") },
    [NEW_CODE] = {
      OKAP_SECRET_DIALOG_PROOF, _("New Recovery Code"),
      _("You get another code, shown once. The old one ends, but copies of the vault that were "
        "made before still open with it."),
      _("_Make One") },
    [ADD_PASSPHRASE] = {
      OKAP_SECRET_DIALOG_NEW | OKAP_SECRET_DIALOG_LABEL, _("Add a Passphrase"),
      _("Each passphrase opens the vault by itself."), _("_Add") },
    [REMOVE_PASSPHRASE] = {
      OKAP_SECRET_DIALOG_REMOVES, _("Remove the Passphrase"),
      _("It does not open the vault any more. Copies of the vault that were made before still open "
        "with it."), _("_Remove") },
    [KEYRING_ON] = {
      OKAP_SECRET_DIALOG_PROOF, _("Unlock with the Login Keyring"),
      _("Okap opens when you log in, without asking. That protects your keys if the computer is "
        "stolen while it is off, but not from programs that you run: they can read the keyring as "
        "well as Okap can."), _("_Turn On") },
    [KEYRING_OFF] = {
      OKAP_SECRET_DIALOG_REMOVES, _("Stop Using the Login Keyring"),
      _("Okap asks for the passphrase when it starts. Copies of the vault that were made before "
        "still open with what was in the keyring, which is removed there."), _("_Turn Off") },
  };
  Ways *self = get (page);

  self->change = change;
  g_free (self->slot_id);
  self->slot_id = g_strdup (slot_id);
  g_clear_weak_pointer (&self->dialog);
  self->dialog = okap_secret_dialog_new (GTK_WIDGET (page), self->vault, asks[change].flags,
                                         asks[change].title, asks[change].why,
                                         asks[change].button);
  g_object_add_weak_pointer (G_OBJECT (self->dialog), (gpointer *) &self->dialog);
  g_signal_connect_object (self->dialog, "submit", G_CALLBACK (submit_cb), page, 0);
  g_object_weak_ref (G_OBJECT (self->dialog), closed_cb, g_object_ref (page));
  gtk_window_present (GTK_WINDOW (self->dialog));
}

static const char *
get_slot (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (button), "okap-slot");
}

static void
change_cb (GtkWidget *button, GObject *page)
{
  begin (page, CHANGE_PASSPHRASE, get_slot (button));
}

static void
remove_cb (GtkWidget *button, GObject *page)
{
  begin (page, REMOVE_PASSPHRASE, get_slot (button));
}

static void
new_code_cb (GtkWidget *button, GObject *page)
{
  begin (page, NEW_CODE, NULL);
}

static void
add_cb (GtkWidget *button, GObject *page)
{
  begin (page, ADD_PASSPHRASE, NULL);
}

/* The switch follows when the change is made. */
static gboolean
keyring_cb (GtkSwitch *keyring, gboolean on, GObject *page)
{
  Ways *self = get (page);

  if (on != (self->keyring_slot != NULL))
    begin (page, on ? KEYRING_ON : KEYRING_OFF, self->keyring_slot);
  return TRUE;
}

static GtkWidget *
make_row (GObject *page, const OkapSlotInfo *slot, guint n_passphrases)
{
  g_autofree char *date = okap_format_date (slot->created_us);
  /* Translators: %s is a date */
  g_autofree char *since = g_strdup_printf (_("Since %s"), date);
  /* Translators: %1$s is what a user called a passphrase, %2$s such as "Since 3 May 2026" */
  g_autofree char *words = *slot->label != '\0'
                           ? g_strdup_printf (_("%1$s. %2$s"), slot->label, since)
                           : g_strdup (since);
  GtkWidget *row, *button;

  if (slot->kind == OKAP_SLOT_RECOVERY)
    {
      row = okap_row_new_button (_("Recovery Code"), words, _("_New Code…"), &button);
      g_signal_connect_object (button, "clicked", G_CALLBACK (new_code_cb), page, 0);
      return row;
    }
  if (slot->kind != OKAP_SLOT_PASSPHRASE)
    return okap_row_new (_("Something That a Newer Okap Knows"), words);
  row = okap_row_new_button (_("Passphrase"), words, _("_Change…"), &button);
  g_object_set_data_full (G_OBJECT (button), "okap-slot", g_strdup (slot->id), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (change_cb), page, 0);
  if (n_passphrases > 1)
    {
      GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");

      gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (remove, "flat");
      gtk_widget_set_tooltip_text (remove, _("Remove This Passphrase"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _("Remove This Passphrase"), -1);
      g_object_set_data_full (G_OBJECT (remove), "okap-slot", g_strdup (slot->id), g_free);
      g_signal_connect_object (remove, "clicked", G_CALLBACK (remove_cb), page, 0);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
    }
  return row;
}

static void
show_keyring (Ways *self, const OkapSlotInfo *slot)
{
  gboolean on = slot != NULL;

  g_free (self->keyring_slot);
  self->keyring_slot = on ? g_strdup (slot->id) : NULL;
  g_signal_handler_block (self->keyring, self->keyring_id);
  gtk_switch_set_active (self->keyring, on);
  gtk_switch_set_state (self->keyring, on);
  g_signal_handler_unblock (self->keyring, self->keyring_id);
}

static void
refresh (GObject *page)
{
  Ways *self = get (page);
  gboolean unlocked = okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;
  g_autoptr (GPtrArray) slots = okap_vault_list_slots (self->vault);
  const OkapSlotInfo *keyring = NULL;
  guint n_passphrases = 0;

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->group, g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < slots->len; i++)
    n_passphrases += ((OkapSlotInfo *) g_ptr_array_index (slots, i))->kind == OKAP_SLOT_PASSPHRASE;
  for (guint i = 0; i < slots->len; i++)
    {
      const OkapSlotInfo *slot = g_ptr_array_index (slots, i);
      GtkWidget *row;

      if (slot->kind == OKAP_SLOT_KEYRING)
        {
          keyring = slot;
          continue;
        }
      row = make_row (page, slot, n_passphrases);
      adw_preferences_group_add (self->group, row);
      g_ptr_array_add (self->rows, row);
    }
  gtk_widget_set_visible (self->locked_row, !unlocked);
  gtk_widget_set_sensitive (self->add, unlocked);
  gtk_widget_set_sensitive (self->keyring_row, unlocked && okap_vault_can_use_keyring ());
  if (unlocked)
    show_keyring (self, keyring);
}

static void
slots_changed_cb (GObject *vault, gpointer page)
{
  refresh (page);
}

static void
state_cb (GObject *vault, GParamSpec *pspec, gpointer page)
{
  refresh (page);
}

static void
add_keyring (AdwPreferencesPage *page, Ways *self)
{
  AdwPreferencesGroup *group = okap_group_new (page, NULL, NULL);

  self->keyring_row = okap_row_new (_("Unlock with the Login Keyring"),
                                    okap_vault_can_use_keyring ()
                                    ? _("When you log in, without asking. Protects against a "
                                        "stolen disk, not against programs that you run.")
                                    : _("This Okap was built without support for login "
                                        "keyrings."));
  self->keyring = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->keyring), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->keyring_row), GTK_WIDGET (self->keyring));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->keyring_row),
                                         GTK_WIDGET (self->keyring));
  self->keyring_id = g_signal_connect_object (self->keyring, "state-set", G_CALLBACK (keyring_cb),
                                              page, 0);
  adw_preferences_group_add (group, self->keyring_row);
}

GtkWidget *
okap_vault_page_new (OkapCore *core)
{
  AdwPreferencesPage *page = okap_page_new ("vault", _("Vault"), "dialog-password-symbolic");
  Ways *self = g_new0 (Ways, 1);

  self->vault = g_object_ref (okap_core_get_vault (core));
  self->rows = g_ptr_array_new ();
  g_object_set_data_full (G_OBJECT (page), "okap-ways", self, ways_free);
  self->group = okap_group_new (page, _("What Opens the Vault"),
                                _("Each opens it by itself. A change takes your passphrase."));
  self->add = gtk_button_new_with_mnemonic (_("_Add Passphrase…"));
  okap_button_name_plainly (self->add, FALSE);
  gtk_widget_set_valign (self->add, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->add, "flat");
  adw_preferences_group_set_header_suffix (self->group, self->add);
  g_signal_connect_object (self->add, "clicked", G_CALLBACK (add_cb), page, 0);
  self->locked_row = okap_row_new (_("The Vault Is Locked"), _("Unlock it to see and change what "
                                                               "opens it."));
  adw_preferences_group_add (self->group, self->locked_row);
  add_keyring (page, self);
  okap_backup_group_add (page, self->vault);
  refresh (G_OBJECT (page));
  g_signal_connect_object (self->vault, "slots-changed", G_CALLBACK (slots_changed_cb), page, 0);
  g_signal_connect_object (self->vault, "notify::state", G_CALLBACK (state_cb), page, 0);
  return GTK_WIDGET (page);
}
