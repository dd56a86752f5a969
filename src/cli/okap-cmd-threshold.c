/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap threshold: up to which limits of money a click is enough. Beyond them the dialog wants the
 * passphrase, and so does raising them here. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

#include "okap-client.h"
#include "okap-commands.h"
#include "okap-error.h"
#include "okap-money.h"
#include "okap-process.h"

#define ROUTE "/okap/control/threshold"

enum
{
  DAILY,
  MONTHLY,
  TOTAL,
  N_LIMITS
};

static const char *const names[N_LIMITS] = { "daily", "monthly", "total" };

static double
get_now (OkapReply *now, guint i)
{
  return json_object_get_double_member_with_default (okap_reply_get_object (now), names[i], 0);
}

/* Whether the passphrase is wanted. */
static gboolean
raises (OkapReply *now, char *const wanted[N_LIMITS], gboolean *out_raises, GError **error)
{
  *out_raises = FALSE;
  for (guint i = 0; i < N_LIMITS; i++)
    {
      gint64 nusd;

      if (wanted[i] == NULL)
        continue;
      if (!okap_money_parse (wanted[i], &nusd, error))
        return FALSE;
      *out_raises |= okap_money_to_double (nusd) > get_now (now, i);
    }
  return TRUE;
}

static OkapReply *
change (OkapReply *now, char *const wanted[N_LIMITS], int fd, GError **error)
{
  g_autofree char *path = okap_client_dup_path (ROUTE, "daily", wanted[DAILY], "monthly",
                                                wanted[MONTHLY], "total", wanted[TOTAL], NULL);
  g_autoptr (OkapSecret) passphrase = NULL;
  gboolean with_passphrase;

  if (!raises (now, wanted, &with_passphrase, error))
    return NULL;
  if (!with_passphrase)
    passphrase = okap_secret_new ("", 0);
  else
    {
      if (fd < 0 && !isatty (STDIN_FILENO))
        fd = STDIN_FILENO;
      passphrase = okap_cli_read_passphrase (fd, _("Passphrase or recovery code: "), error);
    }
  return passphrase != NULL ? okap_client_post_secret (path, passphrase, error) : NULL;
}

int
okap_cmd_threshold (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *daily = NULL, *monthly = NULL, *total = NULL;
  gboolean json = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "daily", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &daily,
      N_("A click is enough up to so many dollars a day"), "USD" },
    { "monthly", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &monthly,
      N_("The same for a month"), "USD" },
    { "total", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &total,
      N_("The same for all that an app may ever spend"), "USD" },
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase, which raising needs, from descriptor N instead of asking"), "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse (command, entries, FALSE, &argc, &argv, &status))
    return status;
  if (argc > 1)
    return okap_cli_misuse (command, "expected options only, such as --monthly 20");
  reply = okap_client_get (ROUTE, &error);
  if (reply != NULL && (daily != NULL || monthly != NULL || total != NULL))
    {
      char *const wanted[N_LIMITS] = { daily, monthly, total };
      g_autoptr (OkapReply) now = g_steal_pointer (&reply);

      reply = change (now, wanted, fd, &error);
    }
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    printf ("Up to $%.2f a day, $%.2f a month, $%.2f in all, a click is enough.\n"
            "Beyond that, the passphrase is asked for, too.\n",
            get_now (reply, DAILY), get_now (reply, MONTHLY), get_now (reply, TOTAL));
  return OKAP_EXIT_DONE;
}
