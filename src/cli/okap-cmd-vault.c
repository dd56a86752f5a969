/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap vault: what opens the vault, and backups. Works through the Okap that runs. Passphrases come
 * from the terminal, unseen, or line by line from standard input: first the one that is asked for,
 * then the new one. A new recovery code is the only thing on standard output. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-client.h"
#include "okap-commands.h"
#include "okap-error.h"
#include "okap-plain.h"
#include "okap-process.h"
#include "okap-table.h"
#include "okap-terminal.h"

#define ROUTE "/okap/control/vault"

static const char *
get_member (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, "");
}

static void
print_status (OkapReply *reply, const char *id)
{
  JsonObject *object = okap_reply_get_object (reply);
  JsonArray *rows = okap_reply_get_rows (reply);

  printf (_("The vault is %s.\n"), get_member (object, "vault"));
  if (json_array_get_length (rows) > 0)
    printf (_("It opens in %u ways; okap vault slots lists them.\n"),
            json_array_get_length (rows));
  puts (json_object_get_boolean_member_with_default (object, "keyring", FALSE)
        ? _("The login keyring opens it when Okap starts.")
        : _("The login keyring does not open it."));
}

static void
print_slots (OkapReply *reply, const char *id)
{
  static const char *const headings[] = { "<ID", "<KIND", "<LABEL", "<CREATED", NULL };
  g_autoptr (OkapTable) table = okap_table_new (headings);
  JsonArray *rows = okap_reply_get_rows (reply);
  g_autofree char *text = NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);

      okap_table_add_row (table, (const char *[]) { get_member (row, "id"),
                                                    get_member (row, "kind"),
                                                    get_member (row, "label"),
                                                    get_member (row, "created") });
    }
  if (okap_table_get_rows (table) == 0)
    {
      fputs (_("okap: The vault is locked. Unlock it with: okap unlock\n"), stderr);
      return;
    }
  text = okap_table_format (table);
  okap_cli_print (text);
}

int
okap_cmd_vault_status (const OkapCommand *command, int argc, char *argv[])
{
  return okap_plain_get (command, ROUTE, print_status, argc, argv);
}

int
okap_cmd_vault_slots (const OkapCommand *command, int argc, char *argv[])
{
  return okap_plain_get (command, ROUTE, print_slots, argc, argv);
}

/* Two lines of the terminal, the second one typed twice if it is new; or both from @fd as they
 * come. */
static OkapSecret *
read_pair (int fd, const char *prompt, const char *second_prompt, gboolean is_new, GError **error)
{
  g_autoptr (OkapSecret) first = NULL, second = NULL, again = NULL;

  if (fd >= 0 || !isatty (STDIN_FILENO))
    {
      g_autoptr (OkapSecret) both = NULL;

      both = okap_secret_new_from_fd (fd >= 0 ? fd : STDIN_FILENO,
                                      2 * OKAP_CAP_PASSPHRASE_BYTES + 1, error);
      if (both == NULL)
        return NULL;
      second = okap_secret_dup_second (both);
      if (second != NULL && okap_secret_get_length (second) > 0)
        return g_steal_pointer (&both);
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           is_new ? _("Expected two lines: the passphrase, and the new one")
                                  : _("Expected two lines: the passphrase of the backup, and that "
                                      "of the vault"));
      return NULL;
    }
  first = okap_cli_read_passphrase (-1, prompt, error);
  second = first != NULL ? okap_cli_read_passphrase (-1, second_prompt, error) : NULL;
  if (second == NULL)
    return NULL;
  if (is_new)
    again = okap_cli_read_passphrase (-1, _("The same again: "), error);
  if (is_new && again == NULL)
    return NULL;
  if (!is_new || okap_secret_equal (second, again))
    return okap_secret_new_pair (first, second);
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       _("The two new passphrases differ. Nothing was changed"));
  return NULL;
}

static void
print_reply (OkapReply *reply, gboolean json, OkapPlainPrintFunc print, const char *id)
{
  if (json)
    okap_cli_print_json (reply->root);
  else
    print (reply, id);
}

/* Sends @path with what it needs, and prints the answer. */
static int
post (const char *path, int fd, gboolean with_new, const char *new_prompt, gboolean json,
      OkapPlainPrintFunc print, const char *id)
{
  g_autoptr (OkapReply) running = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (OkapSecret) secret = NULL;
  g_autoptr (GError) error = NULL;

  if (!with_new)
    reply = okap_plain_post_passphrase (path, fd, &error);
  else
    {
      running = okap_client_get ("/okap/control/status", &error);
      if (running != NULL)
        secret = read_pair (fd, _("Passphrase or recovery code: "), new_prompt, TRUE, &error);
      if (secret != NULL)
        reply = okap_client_post_secret (path, secret, &error);
    }
  if (reply == NULL)
    return okap_cli_fail (error);
  print_reply (reply, json, print, id);
  return OKAP_EXIT_DONE;
}

static void
print_changed (OkapReply *reply, const char *id)
{
  JsonObject *object = okap_reply_get_object (reply);
  const char *code = get_member (object, "recovery_code");

  if (*code == '\0')
    {
      fputs (_("okap: Done. Copies of the vault that were made before are as they were.\n"),
             stderr);
      return;
    }
  fputs (_("okap: This is the new recovery code; the old one ended. Write it down; it is not shown "
           "again.\n"), stderr);
  printf ("%s\n", code);
}

/* What the commands that change a slot have in common. */
static int
change (const OkapCommand *command, int argc, char *argv[], const char *action, gboolean wants_id,
        gboolean with_new)
{
  g_autofree char *label = NULL;
  g_autofree char *slot = NULL;
  g_autofree char *path = NULL;
  g_autofree char *id = NULL;
  gboolean json = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase from descriptor N instead of asking; a new one from its second line"),
      "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { "label", 0, with_new ? G_OPTION_FLAG_NONE : G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &label,
      N_("A name for a passphrase that is added"), "L" },
    { "slot", 0, with_new ? G_OPTION_FLAG_NONE : G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &slot,
      N_("Which passphrase is changed, if there are several"), "ID" },
    { NULL },
  };
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, wants_id ? &id : NULL, &status))
    return status;
  if (strcmp (action, "keyring") == 0)
    {
      if (strcmp (id, "on") != 0 && strcmp (id, "off") != 0)
        return okap_cli_misuse (command, _("expected on or off"));
      action = strcmp (id, "on") == 0 ? "keyring-on" : "keyring-off";
      g_clear_pointer (&id, g_free);
    }
  path = okap_client_dup_path (ROUTE "/change", "action", action, "slot", id != NULL ? id : slot,
                               "label", label, NULL);
  return post (path, fd, with_new, _("New passphrase: "), json, print_changed, id);
}

int
okap_cmd_vault_passphrase (const OkapCommand *command, int argc, char *argv[])
{
  return change (command, argc, argv, "passphrase", FALSE, TRUE);
}

int
okap_cmd_vault_add (const OkapCommand *command, int argc, char *argv[])
{
  return change (command, argc, argv, "add", FALSE, TRUE);
}

int
okap_cmd_vault_recovery (const OkapCommand *command, int argc, char *argv[])
{
  return change (command, argc, argv, "recovery", FALSE, FALSE);
}

int
okap_cmd_vault_remove (const OkapCommand *command, int argc, char *argv[])
{
  return change (command, argc, argv, "remove", TRUE, FALSE);
}

int
okap_cmd_vault_keyring (const OkapCommand *command, int argc, char *argv[])
{
  return change (command, argc, argv, "keyring", TRUE, FALSE);
}

static void
print_exported (OkapReply *reply, const char *id)
{
  printf ("%s\n", get_member (okap_reply_get_object (reply), "file"));
}

static void
print_backup (OkapReply *reply, const char *id)
{
  static const char *const headings[] = { "<ID", "<PROVIDER", "<LABEL", "<IS", NULL };
  g_autoptr (OkapTable) table = okap_table_new (headings);
  JsonArray *rows = okap_reply_get_rows (reply);
  JsonObject *object = okap_reply_get_object (reply);
  g_autofree char *text = NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);

      okap_table_add_row (table, (const char *[]) { get_member (row, "id"),
                                                    get_member (row, "provider"),
                                                    get_member (row, "label"),
                                                    get_member (row, "is") });
    }
  text = okap_table_format (table);
  okap_cli_print (text);
  if (json_object_has_member (object, "added"))
    fprintf (stderr, _("okap: Keys that were added: %d\n"),
             (int) json_object_get_int_member (object, "added"));
  else
    fputs (_("okap: Nothing was added yet. Add those that are new with: okap vault import FILE "
             "--add\n"), stderr);
}

/* What a file holds comes from whoever made it, so to add it takes the vault's passphrase, too. */
static int
post_import (const char *path, int fd, gboolean json)
{
  g_autoptr (OkapReply) running = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (OkapSecret) secret = NULL;
  g_autoptr (GError) error = NULL;

  running = okap_client_get ("/okap/control/status", &error);
  if (running != NULL)
    secret = read_pair (fd, _("Passphrase of the backup: "), _("Passphrase or recovery code: "),
                        FALSE, &error);
  if (secret != NULL)
    reply = okap_client_post_secret (path, secret, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  print_reply (reply, json, print_backup, NULL);
  return OKAP_EXIT_DONE;
}

static int
with_file (const OkapCommand *command, int argc, char *argv[], gboolean is_import)
{
  g_autofree char *file = NULL;
  g_autofree char *absolute = NULL;
  g_autofree char *path = NULL;
  gboolean json = FALSE, apply = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase from descriptor N instead of asking; a second one from its next "
         "line"),
      "N" },
    { "add", 0, is_import ? G_OPTION_FLAG_NONE : G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &apply,
      N_("Add the keys that are new, instead of only showing them"), NULL },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, &file, &status))
    return status;
  absolute = g_canonicalize_filename (file, NULL);
  path = is_import ? okap_client_dup_path (ROUTE "/import", "path", absolute, "apply",
                                           apply ? "yes" : NULL, NULL)
                   : okap_client_dup_path (ROUTE "/export", "path", absolute, NULL);
  if (is_import && apply)
    return post_import (path, fd, json);
  return post (path, fd, !is_import, _("New passphrase, of the backup: "), json,
               is_import ? print_backup : print_exported, NULL);
}

int
okap_cmd_vault_export (const OkapCommand *command, int argc, char *argv[])
{
  return with_file (command, argc, argv, FALSE);
}

int
okap_cmd_vault_import (const OkapCommand *command, int argc, char *argv[])
{
  return with_file (command, argc, argv, TRUE);
}
