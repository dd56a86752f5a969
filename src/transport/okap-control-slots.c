/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap vault": what opens the vault, and backups. Each change takes the
 * passphrase as the body; where there is to be a new one, it stands in a second line. Paths are
 * opened by this process, with its rights. Main thread. */
#include "config.h"

#include <string.h>

#include "okap-broker-vault.h"
#include "okap-build.h"
#include "okap-error.h"
#include "okap-routes.h"

static OkapVault *
get_vault (OkapCall *call)
{
  return okap_broker_get_vault (call->transport->broker);
}

static void
answer_refused (OkapCall *call, const char *words)
{
  g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, words);

  okap_call_answer_error (call, error);
}

/* @code: (nullable): a new recovery code, told once */
static void
answer_slots (OkapCall *call, OkapSecret *code)
{
  OkapVault *vault = get_vault (call);
  g_autoptr (GPtrArray) slots = okap_vault_list_slots (vault);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  okap_build_string (builder, "vault", okap_vault_state_get_name (okap_vault_get_state (vault)));
  okap_build_int (builder, "generation", (gint64) okap_vault_get_generation (vault));
  json_builder_set_member_name (builder, "keyring");
  json_builder_add_boolean_value (builder, okap_vault_get_has_keyring (vault));
  if (code != NULL)
    okap_build_string (builder, "recovery_code", okap_secret_get_text (code));
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < slots->len; i++)
    {
      const OkapSlotInfo *slot = g_ptr_array_index (slots, i);

      json_builder_begin_object (builder);
      okap_build_string (builder, "id", slot->id);
      okap_build_string (builder, "kind", okap_slot_kind_get_name (slot->kind));
      okap_build_string (builder, "label", slot->label);
      okap_build_time (builder, "created", slot->created_us);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

void
okap_control_serve_slots (OkapCall *call)
{
  answer_slots (call, NULL);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (GError) error = NULL;

  if (!okap_vault_change_slots_finish (OKAP_VAULT (source), result, &code, &error))
    okap_call_answer_error (call, error);
  else if (call->transport->broker != NULL)
    answer_slots (call, code);
}

static void
keyring_added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_vault_add_keyring_slot_finish (OKAP_VAULT (source), result, &error))
    okap_call_answer_error (call, error);
  else if (call->transport->broker != NULL)
    answer_slots (call, NULL);
}

/* (nullable): the name of the slot for the login keyring. */
static char *
dup_keyring_slot (OkapVault *vault)
{
  g_autoptr (GPtrArray) slots = okap_vault_list_slots (vault);

  for (guint i = 0; i < slots->len; i++)
    if (((OkapSlotInfo *) g_ptr_array_index (slots, i))->kind == OKAP_SLOT_KEYRING)
      return g_strdup (((OkapSlotInfo *) g_ptr_array_index (slots, i))->id);
  return NULL;
}

void
okap_control_serve_slot_change (OkapCall *call)
{
  g_autofree char *action = okap_call_dup_param (call, "action");
  g_autofree char *slot = okap_call_dup_param (call, "slot");
  g_autofree char *label = okap_call_dup_param (call, "label");
  g_autoptr (OkapSecret) proof = NULL;
  g_autoptr (OkapSecret) fresh = NULL;
  OkapVault *vault = get_vault (call);

  if (!okap_call_needs_unlocked (call) || !okap_call_needs_secret (call))
    return;
  proof = okap_secret_dup_first (call->secret);
  fresh = okap_secret_dup_second (call->secret);
  if (g_strcmp0 (action, "passphrase") == 0 && fresh != NULL)
    okap_vault_change_passphrase_async (vault, proof, slot, fresh, changed_cb,
                                        okap_call_ref (call));
  else if (g_strcmp0 (action, "add") == 0 && fresh != NULL)
    okap_vault_add_passphrase_async (vault, proof, label, fresh, changed_cb, okap_call_ref (call));
  else if (g_strcmp0 (action, "recovery") == 0)
    okap_vault_new_recovery_code_async (vault, proof, changed_cb, okap_call_ref (call));
  else if (g_strcmp0 (action, "keyring-on") == 0)
    okap_vault_add_keyring_slot_async (vault, proof, keyring_added_cb, okap_call_ref (call));
  else if (g_strcmp0 (action, "keyring-off") == 0 || g_strcmp0 (action, "remove") == 0)
    {
      g_autofree char *keyring = *action == 'k' ? dup_keyring_slot (vault) : NULL;
      const char *which = *action == 'k' ? keyring : slot;

      if (which == NULL)
        answer_refused (call, *action == 'k' ? "The vault does not open by a login keyring"
                                             : "Expected which unlock slot to remove: its id");
      else
        okap_vault_remove_slot_async (vault, proof, which, changed_cb, okap_call_ref (call));
    }
  else
    answer_refused (call, "Expected an “action” of passphrase, recovery, add, remove, keyring-on "
                          "or keyring-off, and a new passphrase in the second line for two of "
                          "them");
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autofree char *path = okap_call_dup_param (call, "path");
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;

  if (!okap_vault_export_finish (OKAP_VAULT (source), result, &error))
    {
      okap_call_answer_error (call, error);
      return;
    }
  json_builder_begin_object (builder);
  okap_build_string (builder, "file", path);
  okap_build_int (builder, "keys",
                  g_list_model_get_n_items (okap_vault_get_keys (OKAP_VAULT (source))));
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

/* (nullable): answers the call itself if there is none */
static char *
dup_path (OkapCall *call)
{
  g_autofree char *path = okap_call_dup_param (call, "path");

  if (path != NULL && g_path_is_absolute (path))
    return g_steal_pointer (&path);
  answer_refused (call, "Expected the absolute “path” of a file");
  return NULL;
}

void
okap_control_serve_export (OkapCall *call)
{
  g_autoptr (OkapSecret) proof = NULL;
  g_autoptr (OkapSecret) fresh = NULL;
  g_autofree char *path = NULL;

  if (!okap_call_needs_unlocked (call) || !okap_call_needs_secret (call)
      || (path = dup_path (call)) == NULL)
    return;
  proof = okap_secret_dup_first (call->secret);
  fresh = okap_secret_dup_second (call->secret);
  if (fresh == NULL)
    answer_refused (call, "Expected a passphrase for the backup in the second line");
  else
    okap_vault_export_async (get_vault (call), proof, path, fresh, exported_cb,
                             okap_call_ref (call));
}

/* @n_added: -1: nothing was to be added yet */
static void
answer_backup (OkapCall *call, OkapBackup *backup, int n_added)
{
  static const char *const names[] = { "new", "same", "different" };
  GPtrArray *items = okap_backup_get_items (backup);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  if (n_added >= 0)
    okap_build_int (builder, "added", n_added);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < items->len; i++)
    {
      const OkapBackupItem *item = g_ptr_array_index (items, i);

      json_builder_begin_object (builder);
      okap_build_string (builder, "id", okap_key_info_get_id (item->info));
      okap_build_string (builder, "provider", okap_key_info_get_provider (item->info));
      okap_build_string (builder, "label", okap_key_info_get_label (item->info));
      okap_build_string (builder, "is", names[item->status]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

/* An import under way. */
typedef struct
{
  OkapCall *call;       /* (owned) */
  OkapBackup *backup;   /* (owned) */
} Import;

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Import *import = user_data;
  g_autoptr (GError) error = NULL;
  int n_added = okap_vault_import_finish (OKAP_VAULT (source), result, &error);

  if (n_added < 0)
    okap_call_answer_error (import->call, error);
  else
    answer_backup (import->call, import->backup, n_added);
  okap_backup_unref (import->backup);
  okap_call_unref (import->call);
  g_free (import);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Import *import = user_data;
  g_autoptr (GError) error = NULL;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    {
      okap_vault_import_async (OKAP_VAULT (source), import->backup, imported_cb, import);
      return;
    }
  okap_call_answer_error (import->call, error);
  okap_backup_unref (import->backup);
  okap_call_unref (import->call);
  g_free (import);
}

/* Whoever made the file chose its passphrase, the keys in it, their addresses and their ids, so to
 * add them takes the passphrase of this vault, in the second line. */
static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autofree char *apply = okap_call_dup_param (call, "apply");
  g_autoptr (OkapBackup) backup = NULL;
  g_autoptr (OkapSecret) proof = okap_secret_dup_second (call->secret);
  g_autoptr (GError) error = NULL;
  Import *import;

  backup = okap_vault_read_backup_finish (OKAP_VAULT (source), result, &error);
  if (backup == NULL)
    {
      okap_call_answer_error (call, error);
      return;
    }
  if (g_strcmp0 (apply, "yes") != 0)
    {
      answer_backup (call, backup, -1);
      return;
    }
  if (proof == NULL)
    {
      error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE,
                                   "Expected two lines: the passphrase of the backup, and that of "
                                   "the vault");
      okap_call_answer_error (call, error);
      return;
    }
  import = g_new0 (Import, 1);
  import->call = okap_call_ref (call);
  import->backup = okap_backup_ref (backup);
  okap_vault_unlock_async (OKAP_VAULT (source), proof, proven_cb, import);
}

void
okap_control_serve_import (OkapCall *call)
{
  g_autoptr (OkapSecret) secret = NULL;
  g_autofree char *path = NULL;

  if (!okap_call_needs_unlocked (call) || !okap_call_needs_secret (call)
      || (path = dup_path (call)) == NULL)
    return;
  secret = okap_secret_dup_first (call->secret);
  okap_vault_read_backup_async (get_vault (call), path, secret, read_cb, okap_call_ref (call));
}
