/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap keys. A key goes from standard input (or the terminal, unseen) to the socket in guarded
 * memory; an argument that looks like a key is refused and not repeated. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-client.h"
#include "okap-plain.h"
#include "okap-commands.h"
#include "okap-keys-input.h"
#include "okap-process.h"
#include "okap-provider.h"
#include "okap-table.h"
#include "okap-terminal.h"

#define LONGEST_PLAIN_WORD 31

/* Not the name of a provider, a label or an address: too long for a word, or a known beginning. */
static gboolean
looks_like_key (const char *text)
{
  static const char * const beginnings[] = { "sk-", "sk_", "gsk_", "AIza", "AQ.", "csk-", "xai-",
                                             "pplx-", "r8_", "okap_" };

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (g_str_has_prefix (text, beginnings[i]))
      return TRUE;
  return strlen (text) > LONGEST_PLAIN_WORD && strpbrk (text, " :/.") == NULL;
}

/** okap_keys_check_no_key: FALSE: an argument looks like a key; the command's exit is set */
gboolean
okap_keys_check_no_key (const OkapCommand *command, int argc, char *argv[], int *out_exit)
{
  for (int i = 1; i < argc; i++)
    {
      const char *value = strchr (argv[i], '=');

      if (!looks_like_key (argv[i]) && (value == NULL || !looks_like_key (value + 1)))
        continue;
      *out_exit = okap_cli_misuse (command,
                                   "argument %d looks like a key. Other programs can read "
                                   "arguments and your shell may have kept it, so treat that key "
                                   "as seen. Give keys on standard input", i);
      return FALSE;
    }
  return TRUE;
}

/** okap_keys_read: (transfer full) (nullable): from the terminal, unseen, or standard input */
OkapSecret *
okap_keys_read (const char *prompt, GError **error)
{
  if (isatty (STDIN_FILENO))
    return okap_terminal_ask_secret (prompt, OKAP_CAP_PROVIDER_KEY_BYTES, error);
  return okap_secret_new_from_fd (STDIN_FILENO, OKAP_CAP_PROVIDER_KEY_BYTES, error);
}

/* The key and, if it has one, its second value: two lines of standard input, or asked in turn. */
static OkapSecret *
read_key (const char *provider, gboolean with_second, GError **error)
{
  g_autoptr (OkapProvider) known = okap_provider_lookup (provider);
  const char *what = known != NULL ? okap_provider_get_second_what (known) : NULL;
  g_autofree char *prompt = g_strdup_printf (_("Key for %s: "), provider);
  g_autofree char *second_prompt = g_strdup_printf (_("Second value (%s): "),
                                                    what != NULL ? what : _("as it says"));
  g_autoptr (OkapSecret) key = okap_keys_read (prompt, error);
  g_autoptr (OkapSecret) second = NULL;

  if (key == NULL || !with_second || !isatty (STDIN_FILENO))
    return g_steal_pointer (&key);
  second = okap_keys_read (second_prompt, error);
  return second != NULL ? okap_secret_new_pair (key, second) : NULL;
}

/* Puts the passphrase before @key, and how long it is into @length. */
static OkapSecret *
add_passphrase (OkapSecret *key, int fd, char **length, GError **error)
{
  g_autoptr (OkapSecret) passphrase = okap_cli_read_passphrase (fd, "Passphrase or recovery code, "
                                                                "because of the address: ", error);

  if (passphrase == NULL)
    return NULL;
  *length = g_strdup_printf ("%" G_GSIZE_FORMAT, okap_secret_get_length (passphrase));
  return okap_secret_new_pair (passphrase, key);
}

int
okap_cmd_keys_add (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *label = NULL;
  g_autofree char *base_url = NULL;
  gboolean no_key = FALSE;
  gboolean second = FALSE;
  gboolean json = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "label", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &label, N_("A name for it"), "L" },
    { "base-url", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &base_url,
      N_("Where the provider is, if not at its usual address"), "URL" },
    { "no-key", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &no_key,
      N_("The server at --base-url wants no key; reads nothing"), NULL },
    { "second", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &second,
      N_("The key has a second value, in the next line: for gateways, the provider's own key"),
      NULL },
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase, which an address of its own needs, from descriptor N"), "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *provider = NULL;
  g_autofree char *path = NULL;
  g_autofree char *passphrase_length = NULL;
  g_autoptr (OkapSecret) key = NULL;
  g_autoptr (OkapSecret) body = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_keys_check_no_key (command, argc, argv, &status)
      || !okap_cli_parse_one_id (command, entries, argc, argv, &provider, &status))
    return status;
  if (!okap_provider_id_is_valid (provider))
    return okap_cli_misuse (command, "expected the name of a provider, such as openai");
  if (no_key && base_url == NULL)
    return okap_cli_misuse (command, "--no-key needs --base-url");
  if (no_key && second)
    return okap_cli_misuse (command, "--no-key and --second exclude each other");
  key = no_key ? okap_secret_new ("", 0) : read_key (provider, second, &error);
  if (key == NULL)
    return okap_cli_fail (error);
  body = okap_provider_has_base_url (provider, base_url)
           ? okap_secret_ref (key) : add_passphrase (key, fd, &passphrase_length, &error);
  if (body == NULL)
    return okap_cli_fail (error);
  path = okap_client_dup_path ("/okap/control/keys/add", "provider", provider, "label", label,
                               "base_url", base_url, "second", second ? "1" : NULL,
                               "passphrase", passphrase_length, NULL);
  reply = okap_client_post_secret (path, body, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    printf ("%s\n", json_object_get_string_member_with_default (okap_reply_get_object (reply),
                                                                "id", ""));
  return OKAP_EXIT_DONE;
}

static void
print_keys (OkapReply *reply, const char *id)
{
  JsonArray *rows = okap_reply_get_rows (reply);
  static const char * const headings[] = { "<ID", "<PROVIDER", "<LABEL", "<KEY", "<HEALTH",
                                           "<VERSION", "<BASE URL", "<ADDED", NULL };
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autofree char *tail = g_strconcat ("····", json_object_get_string_member_with_default (
                                                     row, "tail", ""), NULL);
      g_autofree char *health = okap_keys_dup_health (row);
      g_autofree char *version = okap_keys_dup_version (row);
      const char *cells[] = {
        json_object_get_string_member_with_default (row, "id", ""),
        json_object_get_string_member_with_default (row, "provider", ""),
        json_object_get_string_member_with_default (row, "label", ""),
        tail,
        health,
        version,
        json_object_get_string_member_with_default (row, "base_url", ""),
        json_object_get_string_member_with_default (row, "created", ""),
      };

      okap_table_add_row (table, cells);
    }
  if (okap_table_get_rows (table) == 0)
    {
      fputs ("okap: No keys yet. Add one with: okap keys add PROVIDER\n", stderr);
      return;
    }
  text = okap_table_format (table);
  okap_cli_print (text);
}

int
okap_cmd_keys_list (const OkapCommand *command, int argc, char *argv[])
{
  return okap_plain_get (command, "/okap/control/keys", print_keys, argc, argv);
}

/* What the provider told of money and limits. */
static void
print_standing (JsonObject *root)
{
  JsonNode *node = json_object_get_member (root, "standing");
  JsonArray *facts = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                  : NULL;

  for (guint i = 0; facts != NULL && i < json_array_get_length (facts); i++)
    {
      JsonObject *fact = json_array_get_object_element (facts, i);
      const char *kind = json_object_get_string_member_with_default (fact, "kind", "");
      const char *window = json_object_get_string_member_with_default (fact, "window", NULL);
      gdouble amount = json_object_get_double_member_with_default (fact, "amount", 0);

      if (g_str_equal (kind, "requests"))
        printf ("%.0f requests left%s%s\n", amount, window != NULL ? " this " : "",
                window != NULL ? window : "");
      else
        printf ("%s: %s %.2f\n", g_str_equal (kind, "left") ? "Left of the key's own limit"
                                                            : "Balance",
                json_object_get_string_member_with_default (fact, "currency", ""), amount);
    }
}

/* remove and test: one id, one answer with a "result". */
static void
print_result (OkapReply *reply, const char *id)
{
  JsonObject *root = okap_reply_get_object (reply);

  printf ("%s\n", json_object_get_string_member_with_default (root, "result", "done"));
  print_standing (root);
}

static int
act_on_key (const OkapCommand *command, const char *route, int argc, char *argv[])
{
  int status;

  if (!okap_keys_check_no_key (command, argc, argv, &status))
    return status;
  return okap_plain_post (command, route, print_result, argc, argv);
}

int
okap_cmd_keys_remove (const OkapCommand *command, int argc, char *argv[])
{
  return act_on_key (command, "/okap/control/keys/remove", argc, argv);
}

int
okap_cmd_keys_test (const OkapCommand *command, int argc, char *argv[])
{
  return act_on_key (command, "/okap/control/keys/test", argc, argv);
}
