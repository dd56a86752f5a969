/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain command: at most one argument, the id of something, and --json; one call to the Okap
 * that runs, one answer printed. Most commands are this and a way to print. */
#include "config.h"

#include "okap-plain.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

typedef OkapReply *(*CallFunc) (const char *path, GError **error);

static int
run (const OkapCommand *command, CallFunc call, const char *route, OkapPlainPrintFunc print,
     int argc, char *argv[])
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!okap_cli_parse_one_id (command, entries, argc, argv, &id, &status))
    return status;
  path = id != NULL ? okap_client_dup_path (route, "id", id, NULL) : g_strdup (route);
  reply = call (path, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    print (reply, id);
  return OKAP_EXIT_DONE;
}

/** okap_plain_get: asks @route, with the id if the command takes one; returns the exit status */
int
okap_plain_get (const OkapCommand *command, const char *route, OkapPlainPrintFunc print, int argc,
                char *argv[])
{
  return run (command, okap_client_get, route, print, argc, argv);
}

/** okap_plain_post: as okap_plain_get(), for a route that changes something */
int
okap_plain_post (const OkapCommand *command, const char *route, OkapPlainPrintFunc print, int argc,
                 char *argv[])
{
  return run (command, okap_client_post, route, print, argc, argv);
}

/**
 * okap_plain_post_passphrase:
 * @fd: to read the passphrase from; -1 to ask on the terminal, or read standard input without one
 *
 * For a route that takes the passphrase as its body. Nobody is asked for it if no Okap runs.
 */
OkapReply *
okap_plain_post_passphrase (const char *path, int fd, GError **error)
{
  g_autoptr (OkapReply) running = okap_client_get ("/okap/control/status", error);
  g_autoptr (OkapSecret) passphrase = NULL;

  /* Nobody should have to type before they learn that it is of no use. */
  if (running == NULL)
    return NULL;
  if (fd < 0 && !isatty (STDIN_FILENO))
    fd = STDIN_FILENO;
  passphrase = okap_cli_read_passphrase (fd, _("Passphrase or recovery code: "), error);
  return passphrase != NULL ? okap_client_post_secret (path, passphrase, error) : NULL;
}
