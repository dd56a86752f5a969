/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a vault and the login keyring of this session make of each other.
 *
 *   keyring-probe VAULT SILENT_MS ASKING_MS < commands
 *
 * Makes VAULT if it is missing. Each line of the input is a command: add, remove, unlock, ask (as
 * unlock, but the keyring may ask the user), lock. Each answer is a line: "ok" or the name of the
 * error and its message, behind it the milliseconds that it took. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "okap-error.h"
#include "okap-keyring.h"
#include "okap-vault-private.h"
#include "okap-vault-slots.h"

#define PASSPHRASE "correct horse battery staple"

static void
keep_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
unlock_with (OkapVault *vault, OkapSecret *secret, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_unlock_async (vault, secret, keep_cb, &result);
  wait_for (&result);
  return okap_vault_unlock_finish (vault, result, error);
}

static gboolean
remove_keyring (OkapVault *vault, OkapSecret *secret, GError **error)
{
  g_autoptr (GPtrArray) slots = okap_vault_list_slots (vault);
  g_autoptr (GAsyncResult) result = NULL;
  const char *id = "";

  for (guint i = 0; i < slots->len; i++)
    if (((OkapSlotInfo *) g_ptr_array_index (slots, i))->kind == OKAP_SLOT_KEYRING)
      id = ((OkapSlotInfo *) g_ptr_array_index (slots, i))->id;
  okap_vault_remove_slot_async (vault, secret, id, keep_cb, &result);
  wait_for (&result);
  return okap_vault_change_slots_finish (vault, result, NULL, error);
}

static gboolean
obey (OkapVault *vault, OkapSecret *secret, const char *command, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (strcmp (command, "lock") == 0)
    {
      okap_vault_lock (vault);
      return TRUE;
    }
  if (strcmp (command, "unlock") == 0 || strcmp (command, "ask") == 0)
    {
      okap_vault_lock (vault);
      okap_vault_unlock_by_keyring_async (vault, strcmp (command, "ask") == 0, keep_cb, &result);
      wait_for (&result);
      return okap_vault_unlock_by_keyring_finish (vault, result, error);
    }
  if (!unlock_with (vault, secret, error))
    return FALSE;
  if (strcmp (command, "remove") == 0)
    return remove_keyring (vault, secret, error);
  okap_vault_add_keyring_slot_async (vault, secret, keep_cb, &result);
  wait_for (&result);
  return okap_vault_add_keyring_slot_finish (vault, result, error);
}

int
main (int argc, char *argv[])
{
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (PASSPHRASE);
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (OkapVault) vault = NULL;
  g_autoptr (GAsyncResult) made = NULL;
  g_autoptr (GError) made_error = NULL;
  char line[64];

  setlocale (LC_ALL, "");
  if (argc != 4)
    return 2;
  okap_keyring_set_bounds ((guint) atoi (argv[2]), (guint) atoi (argv[3]));
  vault = okap_vault_new (argv[1], okap_clock_get_real ());
  okap_vault_set_cost (vault, OKAP_SEALED_MEMORY_LEAST, 1);
  if (okap_vault_get_state (vault) == OKAP_VAULT_NONE)
    {
      okap_vault_create_async (vault, secret, keep_cb, &made);
      wait_for (&made);
      if (!okap_vault_create_finish (vault, made, &code, &made_error))
        g_error ("%s", made_error->message);
    }
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_autoptr (GError) error = NULL;
      gint64 start_us = g_get_monotonic_time ();
      gboolean done = obey (vault, secret, g_strstrip (line), &error);

      printf ("%s\t%s\t%d\n", done ? "ok" : okap_error_get_wire_name (error),
              done ? "" : error->message, (int) ((g_get_monotonic_time () - start_us) / 1000));
      fflush (stdout);
    }
  okap_vault_lock (vault);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
