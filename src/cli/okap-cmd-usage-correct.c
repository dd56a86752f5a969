/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap usage correct: heals what a wrong price did to a limit. It may give money back, so it asks
 * for the passphrase. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-client.h"
#include "okap-commands.h"
#include "okap-money.h"
#include "okap-process.h"

/* An amount below zero looks like an option: it is taken out before the options are read. */
static const char *
take_negative (int *argc, char *argv[])
{
  for (int i = 1; i < *argc; i++)
    if (argv[i][0] == '-' && (g_ascii_isdigit (argv[i][1]) || argv[i][1] == '.'))
      {
        const char *amount = argv[i];

        memmove (&argv[i], &argv[i + 1], (gsize) (*argc - i) * sizeof *argv);
        (*argc)--;
        return amount;
      }
  return NULL;
}

static gboolean
is_amount (const char *text)
{
  gint64 nusd;

  return okap_money_parse (*text == '-' ? text + 1 : text, &nusd, NULL) && nusd != 0;
}

static OkapReply *
correct (const char *grant, const char *provider, const char *amount, const char *reason, int fd,
         GError **error)
{
  g_autoptr (OkapReply) running = okap_client_get ("/okap/control/status", error);
  g_autoptr (OkapSecret) passphrase = NULL;
  g_autofree char *path = NULL;

  /* Nobody should have to type before they learn that it is of no use. */
  if (running == NULL)
    return NULL;
  if (fd < 0 && !isatty (STDIN_FILENO))
    fd = STDIN_FILENO;
  passphrase = okap_cli_read_passphrase (fd, _("Passphrase or recovery code: "), error);
  if (passphrase == NULL)
    return NULL;
  path = okap_client_dup_path ("/okap/control/usage/correct", "grant", grant, "provider", provider,
                               "usd", amount, "reason", reason, NULL);
  return okap_client_post_secret (path, passphrase, error);
}

int
okap_cmd_usage_correct (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *reason = NULL;
  gboolean json = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "reason", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &reason,
      N_("Why; it is kept in the audit trail"), "TEXT" },
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase from descriptor N instead of asking"), "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  const char *amount = take_negative (&argc, argv);
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse (command, entries, FALSE, &argc, &argv, &status))
    return status;
  if (argc != (amount != NULL ? 3 : 4))
    return okap_cli_misuse (command, "expected a grant, a provider and an amount");
  if (amount == NULL)
    amount = argv[3];
  if (!is_amount (amount))
    return okap_cli_misuse (command, "expected an amount in dollars other than 0, such as -2.50");
  if (reason == NULL || *reason == '\0')
    return okap_cli_misuse (command, "expected --reason");
  reply = correct (argv[1], argv[2], amount, reason, fd, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    printf ("%s at %s: corrected by $%s\n", argv[1], argv[2], amount);
  return OKAP_EXIT_DONE;
}
