/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The okap command: a table of commands and what they share. Each command is one function that
 * returns the exit status; nothing here ends the process, so tests can call it. What a user does
 * wrong is answered on stderr with what to do instead. */
#include "config.h"

#include "okap-cli.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-commands.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-locale.h"
#include "okap-terminal.h"

static const OkapCommand commands[] = {
  { "open", "[LINK]", N_("open the app, or an okap:// link; okap alone opens the app"),
    N_("A link is a question by an app or a website. It is shown in the Okap that runs, or in "
        "the app, which is started; the answer goes to the address that the link names. What "
        "is printed are the two digits that the question shows."),
    "okap open", okap_cmd_open },
  { "init", "", N_("make a vault and print its recovery code once"),
    N_("The passphrase is asked for twice on the terminal, or read from a descriptor."),
    "okap init", okap_cmd_init },
  { "serve", "", N_("run Okap without a window, for servers, scripts and tests"),
    N_("When it listens it prints one line: okap: ready http://127.0.0.1:PORT "
        "unix:/path\n"
        "Requests are shown on the terminal, or decided by --approve."),
    "okap serve --listen 127.0.0.1:6527 --approve ask", okap_cmd_serve },
  { "status", "", N_("how Okap is: locked or not, where it listens"),
    NULL, "okap status --json", okap_cmd_status },
  { "unlock", "", N_("unlock the vault of the Okap that runs"),
    N_("Takes the passphrase or the recovery code."),
    "okap unlock", okap_cmd_unlock },
  { "lock", "", N_("lock the vault; no app can use your keys then"),
    NULL, "okap lock", okap_cmd_lock },
  { "pause", "", N_("pause all apps at once; what they run now is cut"),
    N_("They stay paused until you resume them, even if Okap or the computer starts anew."),
    "okap pause", okap_cmd_pause },
  { "resume", "", N_("let all apps go on after a pause"),
    N_("It gives access back, so you are asked for the passphrase or the recovery code. Apps that "
        "were paused one by one stay paused."),
    "okap resume", okap_cmd_resume },
  { "doctor", "[PROVIDER]", N_("look at this installation and say what is wrong with it"),
    NULL, "okap doctor\nokap doctor --endpoints openai", okap_cmd_doctor },
  { "keys add", "PROVIDER", N_("add a provider key, read from standard input"),
    N_("The key is never an argument: other programs can read arguments, and shells keep them. "
        "Apps send what they ask to the address of the key: one of its own (--base-url), which is "
        "not the provider's, takes the passphrase, for which you are asked on the terminal."),
    "okap keys add openai --label Personal < key.txt", okap_cmd_keys_add },
  { "keys list", "", N_("list the keys, by label and last four characters"),
    NULL, "okap keys list --json", okap_cmd_keys_list },
  { "keys remove", "ID", N_("remove a key; apps that use it lose their access"),
    NULL, "okap keys remove k_23456789abcd", okap_cmd_keys_remove },
  { "keys test", "ID", N_("ask the provider whether it accepts the key"),
    NULL, "okap keys test k_23456789abcd", okap_cmd_keys_test },
  { "keys rotate", "ID", N_("replace a key; apps notice nothing"),
    N_("The new key is read from standard input and tested, then used at once. What runs ends "
        "with the old key. The new one is watched for 10 minutes or 20 calls: if the provider "
        "refuses it, the old one comes back by itself; else the old one is wiped."),
    "okap keys rotate k_23456789abcd < new-key.txt", okap_cmd_keys_rotate },
  { "request", "[FILE|-]", N_("ask for access as an app would, and print the answer"),
    N_("With a FILE, or - for standard input, the request is sent as it stands there. The "
        "answer holds the token: it is printed nowhere else. Since it is for another program, "
        "any program is to be able to use it, which the question says; with --bind it is that "
        "program alone."),
    "okap request --provider openai --model gpt-4o-mini --monthly 5 --name Notes",
    okap_cmd_request },
  { "grants list", "", N_("list what apps may do"),
    NULL, "okap grants list --json", okap_cmd_grants_list },
  { "grants show", "ID", N_("show one grant with its limits"),
    NULL, "okap grants show g_23456789abcd", okap_cmd_grants_show },
  { "grants pause", "ID", N_("stop a grant for a while; running answers are cut"),
    NULL, "okap grants pause g_23456789abcd", okap_cmd_grants_change },
  { "grants resume", "ID", N_("let a paused grant go on"),
    N_("It gives access back, so you are asked for the passphrase or the recovery code."),
    "okap grants resume g_23456789abcd", okap_cmd_grants_resume },
  { "grants set", "ID", N_("set how money of a grant is handled, within its limits"),
    N_("Models whose price nobody knows are refused to an app with a spend limit, unless you "
        "say what they may cost at most. For that, you are asked for the passphrase."),
    "okap grants set g_23456789abcd --ceiling-input 1 --ceiling-output 5", okap_cmd_grants_set },
  { "grants revoke", "ID", N_("end a grant for good; running answers are cut"),
    NULL, "okap grants revoke g_23456789abcd", okap_cmd_grants_change },
  { "threshold", "", N_("show or set up to which limits a click is enough to allow"),
    N_("Who allows an app more than that types the passphrase, too; so does who raises it "
        "here."),
    "okap threshold --monthly 20 --daily 5", okap_cmd_threshold },
  { "vault status", "", N_("how the vault opens"),
    NULL, "okap vault status", okap_cmd_vault_status },
  { "vault slots", "", N_("list what opens the vault"),
    NULL, "okap vault slots --json", okap_cmd_vault_slots },
  { "vault passphrase", "", N_("change the passphrase"),
    N_("Takes the old one or the recovery code, then the new one. Copies of the vault that were "
        "made before still open with the old one."),
    "okap vault passphrase", okap_cmd_vault_passphrase },
  { "vault add", "", N_("add a passphrase that opens the vault by itself"),
    NULL, "okap vault add --label Anna", okap_cmd_vault_add },
  { "vault remove", "SLOT", N_("remove a further passphrase, or the login keyring"),
    NULL, "okap vault remove 5f0c4c1e0b6d4f7c9d3b2a1908f7e6d5", okap_cmd_vault_remove },
  { "vault recovery", "", N_("make a new recovery code"),
    N_("The old one ends. The new one is printed once."),
    "okap vault recovery", okap_cmd_vault_recovery },
  { "vault keyring", "on|off", N_("let the login keyring open the vault, or not"),
    N_("That protects the keys on a stolen disk, not from programs that you run."),
    "okap vault keyring on", okap_cmd_vault_keyring },
  { "vault export", "FILE", N_("write all keys into a sealed backup"),
    N_("It gets a passphrase of its own and also opens with the recovery code. No file is "
        "overwritten."),
    "okap vault export ~/okap-backup.okap", okap_cmd_vault_export },
  { "vault import", "FILE", N_("show what is in a backup, and add it"),
    N_("Takes the passphrase of the backup, and to add its keys also that of the vault. Keys that "
        "the vault has stay as they are."),
    "okap vault import ~/okap-backup.okap --add", okap_cmd_vault_import },
  { "usage", "", N_("what was used: requests, tokens, money"),
    NULL, "okap usage --by model --since 30d", okap_cmd_usage },
  { "usage list", "", N_("list single requests, the newest first"),
    NULL, "okap usage list --provider openai --failed --most 20", okap_cmd_usage_list },
  { "usage keep", "", N_("show or set how long single requests are kept"),
    N_("Sums are kept for ever, so that limits and charts stay right."),
    "okap usage keep --days 90 --size 500MB", okap_cmd_usage_keep },
  { "usage correct", "GRANT PROVIDER AMOUNT",
    N_("correct what a grant spent, if a price was wrong"),
    N_("Adds AMOUNT to what the grant spent, or takes it away if it is below zero. The "
        "requests stay as they are; the correction is a row of its own, and a line of the "
        "audit trail. It may give money back, so it takes the passphrase or the recovery code."),
    "okap usage correct g_23456789abcd openai -2.50 --reason \"price was doubled\"",
    okap_cmd_usage_correct },
  { "prices list", "", N_("list the prices that Okap reckons with"),
    N_("Input, cached and output are dollars a million tokens. The source is \"user\" for "
        "what you set yourself, or letters for the packages that the table was made from."),
    "okap prices list --provider openai", okap_cmd_prices_list },
  { "prices show", "MODEL", N_("show all that is known of the price of a model"),
    NULL, "okap prices show gpt-4o-mini --provider openai", okap_cmd_prices_show },
  { "prices set", "PROVIDER MODEL", N_("set a price; it wins over Okap's table"),
    N_("A model may end with * for all its dated versions, or be * for all of a provider. "
        "What you do not give stays as you set it before, or costs nothing if you never did, "
        "but searches. Prices of tokens and characters are dollars a million. What you set "
        "counts once you confirm it with the passphrase, for which you are asked if Okap is "
        "unlocked."),
    "okap prices set replicate acme/painter --per-second 0.00115\n"
    "okap prices set my-server '*' --input 0.5 --output 1.5", okap_cmd_prices_set },
  { "prices unset", "PROVIDER MODEL", N_("go back to the price of Okap's table"),
    NULL, "okap prices unset replicate acme/painter", okap_cmd_prices_unset },
  { "prices update", "FILE", N_("use a newer table of prices, from a file that you have"),
    N_("Okap never fetches prices. The table is checked completely first; if anything is "
        "wrong with it, the one in use stays."),
    "okap prices update prices.json", okap_cmd_prices_update },
  { "prices check", "FILE", N_("say whether a table, or a file of your own prices, is good"),
    NULL, "okap prices check ~/.config/okap/prices.json", okap_cmd_prices_check },
  { "prices confirm", "", N_("let your own prices count, and the table that you installed"),
    N_("Any program of yours can write the files that they are in, so Okap asks for the "
        "passphrase; until then only the table that came with it counts. Look at what you "
        "confirm first, with: okap prices list --mine"),
    "okap prices confirm", okap_cmd_prices_confirm },
  { "run", "-- COMMAND [ARGUMENTS]", N_("run a program with access that ends when it ends"),
    N_("Asks for one grant and sets the variables in which the providers' own libraries look "
        "for a key and an address. The program keeps terminal, signals and exit status."),
    "okap run --provider openai --monthly 5 -- node chat.js", okap_cmd_run },
};

/** okap_cli_print: @text to standard output, as it is */
void
okap_cli_print (const char *text)
{
  fputs (text, stdout);
}

/** okap_cli_print_json: for a person or a program, one value, with a line break behind it */
void
okap_cli_print_json (JsonNode *node)
{
  g_autofree char *text = okap_json_print (node, TRUE);

  fputs (text, stdout);
  fputc ('\n', stdout);
  okap_wipe (text, strlen (text));
}

/** okap_cli_fail: says what went wrong; returns the exit status for it */
int
okap_cli_fail (const GError *error)
{
  fprintf (stderr, "okap: %s\n", error->message);
  return OKAP_EXIT_FAILED;
}

int
okap_cli_fail_with (const char *format, ...)
{
  va_list args;

  fputs ("okap: ", stderr);
  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  return OKAP_EXIT_FAILED;
}

/** okap_cli_misuse: says what was wrong in the call; returns the exit status for it */
int
okap_cli_misuse (const OkapCommand *command, const char *format, ...)
{
  va_list args;

  fprintf (stderr, "okap %s: ", command->name);
  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  /* Translators: the name of a command, such as keys add */
  fprintf (stderr, _("Try: okap %s --help"), command->name);
  fputc ('\n', stderr);
  return OKAP_EXIT_USAGE;
}

/* What the help says behind the options: more words, if there are any, and the example. */
static char *
describe (const OkapCommand *command)
{
  GString *text = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (command->example, "\n", -1);

  if (command->help != NULL)
    g_string_append_printf (text, "%s\n\n", _(command->help));
  g_string_append (text, _("Example:"));
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (text, "\n  %s", lines[i]);
  return g_string_free (text, FALSE);
}

/* An empty string would be translated into the catalogue's head. */
static GOptionContext *
new_context (const OkapCommand *command)
{
  GOptionContext *context = g_option_context_new (*command->arguments != '\0'
                                                    ? command->arguments : NULL);
  g_autofree char *description = describe (command);

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, command->summary);
  g_option_context_set_description (context, description);
  g_option_context_set_help_enabled (context, FALSE);
  return context;
}

static void
print_help (const OkapCommand *command, GOptionContext *context)
{
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

  okap_cli_print (help);
}

/**
 * okap_cli_parse:
 * @entries: (nullable): ends with an empty entry
 * @stop_at_argument: whether the first argument ends the options, as for a command to run
 * @out_exit: set if it returns %FALSE
 *
 * Reads the options of a command and takes them out of @argv; --help is answered here.
 *
 * Returns: whether the command goes on
 */
gboolean
okap_cli_parse (const OkapCommand *command, const GOptionEntry *entries, gboolean stop_at_argument,
                int *argc, char **argv[], int *out_exit)
{
  g_autoptr (GOptionContext) context = new_context (command);
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry help_entry[] = {
    { "help", 'h', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &help, N_("Show this help"), NULL },
    { NULL },
  };
  g_autofree char *name = g_strconcat ("okap ", command->name, NULL);

  g_set_prgname (name);
  g_option_context_set_strict_posix (context, stop_at_argument);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_entry, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      *out_exit = okap_cli_misuse (command, "%s", error->message);
      return FALSE;
    }
  if (help)
    {
      print_help (command, context);
      *out_exit = OKAP_EXIT_DONE;
      return FALSE;
    }
  return TRUE;
}

/**
 * okap_cli_parse_one_id:
 * @out_id: (out) (transfer full): the one argument; with @command's arguments empty there is none
 *
 * As okap_cli_parse(), for commands with exactly the arguments that they show.
 */
gboolean
okap_cli_parse_one_id (const OkapCommand *command, const GOptionEntry *entries, int argc,
                       char *argv[], char **out_id, int *out_exit)
{
  int expected = *command->arguments != '\0' ? 1 : 0;

  if (!okap_cli_parse (command, entries, FALSE, &argc, &argv, out_exit))
    return FALSE;
  if (argc == 3 && expected == 1 && strcmp (argv[1], "--") == 0)
    {
      argv++;
      argc--;
    }
  if (argc - 1 != expected)
    {
      *out_exit = expected == 0 ? okap_cli_misuse (command, "expected no argument")
                                : okap_cli_misuse (command, "expected exactly one argument: %s",
                                                   command->arguments);
      return FALSE;
    }
  if (expected == 1)
    *out_id = g_strdup (argv[1]);
  return TRUE;
}

/**
 * okap_cli_read_passphrase:
 * @fd: to read from; -1 to ask on the terminal
 * @error: says what to do if there is no terminal
 */
OkapSecret *
okap_cli_read_passphrase (int fd, const char *prompt, GError **error)
{
  OkapSecret *secret;

  if (fd < 0)
    return okap_terminal_ask_secret (prompt, OKAP_CAP_PASSPHRASE_BYTES, error);
  secret = okap_secret_new_from_fd (fd, OKAP_CAP_PASSPHRASE_BYTES, error);
  if (fd > STDERR_FILENO)
    close (fd);
  return secret;
}

static void
print_commands (FILE *stream, const char *prefix)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *call = g_strdup_printf ("%s %s", commands[i].name, commands[i].arguments);

      if (g_str_has_prefix (commands[i].name, prefix))
        fprintf (stream, "  okap %-28s %s\n", call, _(commands[i].summary));
    }
}

static void
print_overview (FILE *stream, const char *prefix)
{
  fprintf (stream, "%s\n\n",
           _("Okap keeps your AI provider keys and lets apps use them within limits that you "
             "set."));
  print_commands (stream, prefix);
  fprintf (stream, "\n%s\n",
           _("Each command explains itself with --help. okap --version tells the version."));
}

static gboolean
is_group (const char *word)
{
  g_autofree char *prefix = g_strconcat (word, " ", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_has_prefix (commands[i].name, prefix))
      return TRUE;
  return FALSE;
}

static const OkapCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static gboolean
is_help (const char *word)
{
  return strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0 || strcmp (word, "help") == 0;
}

/* A group whose name is a command, too: without another word, or with an option, that is meant. */
static const OkapCommand *
find_command_of_group (int argc, char *argv[])
{
  return argc == 2 || argv[2][0] == '-' ? find_command (argv[1]) : NULL;
}

static int
run_group (int argc, char *argv[])
{
  const OkapCommand *itself = find_command_of_group (argc, argv);
  g_autofree char *prefix = g_strconcat (argv[1], " ", NULL);
  g_autofree char *name = argc > 2 ? g_strconcat (prefix, argv[2], NULL) : NULL;
  const OkapCommand *command = name != NULL ? find_command (name) : NULL;

  if (itself != NULL)
    return itself->run (itself, argc - 1, argv + 1);
  if (command != NULL)
    return command->run (command, argc - 2, argv + 2);
  if (argc > 2 && is_help (argv[2]))
    {
      print_overview (stdout, prefix);
      return OKAP_EXIT_DONE;
    }
  fprintf (stderr, "okap: %s\n", _("expected one of these:"));
  print_commands (stderr, prefix);
  return OKAP_EXIT_USAGE;
}

/** okap_cli_main: runs the command that @argv names; returns the exit status */
int
okap_cli_main (int argc, char *argv[])
{
  const OkapCommand *command;

  okap_locale_set_up ();
  if (argc < 2)
    return okap_cmd_open (find_command ("open"), argc, argv);
  if (is_help (argv[1]))
    {
      print_overview (stdout, "");
      return OKAP_EXIT_DONE;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      printf ("okap %s\n", OKAP_VERSION);
      return OKAP_EXIT_DONE;
    }
  if (is_group (argv[1]))
    return run_group (argc, argv);
  command = find_command (argv[1]);
  if (command != NULL && strchr (command->name, ' ') == NULL)
    return command->run (command, argc - 1, argv + 1);
  fprintf (stderr, "okap: %s\n", _("there is no such command. These are:"));
  print_commands (stderr, "");
  return OKAP_EXIT_USAGE;
}
