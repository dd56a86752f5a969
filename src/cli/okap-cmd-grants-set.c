/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap grants set: how money of a grant is handled, within its limits. A ceiling lets an app spend
 * more than before, so it asks for the passphrase. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "okap-client.h"
#include "okap-commands.h"
#include "okap-plain.h"
#include "okap-process.h"

typedef struct
{
  char *provider;          /* (owned) (nullable) */
  char *ceiling_input;     /* (owned) (nullable) */
  char *ceiling_output;    /* (owned) (nullable) */
  gboolean no_ceiling;
  gboolean keep_output, lower_output;
  gboolean finish, cancel;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->provider);
  g_free (options->ceiling_input);
  g_free (options->ceiling_output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* (nullable): for the route */
static const char *
choose (gboolean yes, gboolean no)
{
  return yes ? "yes" : no ? "no" : NULL;
}

static char *
dup_path (const char *route, const char *id, const Options *options)
{
  return okap_client_dup_path (route, "id", id, "provider", options->provider,
                               "ceiling_input", options->ceiling_input,
                               "ceiling_output", options->ceiling_output,
                               "no_ceiling", options->no_ceiling ? "yes" : NULL,
                               "keep_output", choose (options->keep_output, options->lower_output),
                               "finish_and_count", choose (options->finish, options->cancel), NULL);
}

static OkapReply *
set (const char *id, const Options *options, int fd, GError **error)
{
  gboolean widens = options->ceiling_input != NULL || options->ceiling_output != NULL;
  g_autofree char *path = dup_path (widens ? "/okap/control/grants/ceiling"
                                           : "/okap/control/grants/set", id, options);

  return widens ? okap_plain_post_passphrase (path, fd, error) : okap_client_post (path, error);
}

int
okap_cmd_grants_set (const OkapCommand *command, int argc, char *argv[])
{
  g_auto (Options) options = { 0 };
  gboolean json = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "provider", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &options.provider,
      N_("Only at this provider; else at all of the grant's"), "NAME" },
    { "ceiling-input", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &options.ceiling_input,
      N_("What a model without a known price may cost, in dollars for a million tokens read"),
      "USD" },
    { "ceiling-output", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &options.ceiling_output,
      N_("The same for a million tokens written"), "USD" },
    { "no-ceiling", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &options.no_ceiling,
      N_("Refuse models without a known price"), NULL },
    { "keep-output", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &options.keep_output,
      N_("Refuse a request that could cost more than is left"), NULL },
    { "lower-output", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &options.lower_output,
      N_("Let it write only as much as is left instead (as it is at first)"), NULL },
    { "finish-and-count", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &options.finish,
      N_("Let a request go on at the provider when the app hangs up, and count it exactly"), NULL },
    { "cancel", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &options.cancel,
      N_("End it there, too (as it is at first)"), NULL },
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase, which a ceiling needs, from descriptor N instead of asking"), "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *id = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, &id, &status))
    return status;
  if ((options.keep_output && options.lower_output) || (options.finish && options.cancel))
    return okap_cli_misuse (command, "--keep-output and --lower-output exclude each other, and so "
                                     "do --finish-and-count and --cancel");
  reply = set (id, &options, fd, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    printf ("%s set\n", id);
  return OKAP_EXIT_DONE;
}
