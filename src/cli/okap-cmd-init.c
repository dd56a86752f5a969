/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap init: a new vault. Works on the file itself; no Okap needs to run. The recovery code is
 * the only thing on standard output, once. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "okap-commands.h"
#include "okap-error.h"
#include "okap-paths.h"
#include "okap-process.h"
#include "okap-vault.h"

typedef struct
{
  GMainLoop *loop;
  OkapSecret *code;   /* (owned) (nullable) */
  GError *error;      /* (owned) (nullable) */
} Making;

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Making *making = user_data;

  okap_vault_create_finish (OKAP_VAULT (source), result, &making->code, &making->error);
  g_main_loop_quit (making->loop);
}

static OkapSecret *
read_new_passphrase (int fd, GError **error)
{
  g_autoptr (OkapSecret) first = okap_cli_read_passphrase (fd, _("New passphrase: "), error);
  g_autoptr (OkapSecret) second = NULL;

  if (first == NULL || fd >= 0)
    return g_steal_pointer (&first);
  second = okap_cli_read_passphrase (-1, _("The same again: "), error);
  if (second == NULL)
    return NULL;
  if (!okap_secret_equal (first, second))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "The two passphrases differ. Nothing was made; run okap init again.");
      return NULL;
    }
  return g_steal_pointer (&first);
}

static void
print_code (OkapSecret *code)
{
  fputs ("okap: The vault is made. If you forget the passphrase, only this recovery code opens "
         "it. Write it down; it is not shown again.\n", stderr);
  fputs (okap_secret_get_text (code), stdout);
  fputc ('\n', stdout);
}

int
okap_cmd_init (const OkapCommand *command, int argc, char *argv[])
{
  int fd = -1;
  const GOptionEntry entries[] = {
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase from descriptor N instead of asking"), "N" },
    { NULL },
  };
  g_autofree char *path = okap_paths_dup_vault ();
  g_autoptr (OkapVault) vault = NULL;
  g_autoptr (OkapSecret) passphrase = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (GError) error = NULL;
  Making making = { NULL };
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return okap_cli_fail_with ("There is a vault already: %s. It stays as it is.", path);
  passphrase = read_new_passphrase (fd, &error);
  if (passphrase == NULL)
    return okap_cli_fail (error);

  vault = okap_vault_new (path, okap_clock_get_real ());
  making.loop = loop = g_main_loop_new (NULL, FALSE);
  okap_vault_create_async (vault, passphrase, created_cb, &making);
  g_main_loop_run (loop);
  if (making.error != NULL)
    {
      status = okap_cli_fail (making.error);
      g_clear_error (&making.error);
      return status;
    }
  print_code (making.code);
  okap_secret_unref (making.code);
  okap_vault_lock (vault);
  return OKAP_EXIT_DONE;
}
