/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap status, unlock, lock, pause, resume. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "okap-client.h"
#include "okap-plain.h"
#include "okap-commands.h"
#include "okap-process.h"

static const char *
get_words (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, "");
}

/* Programs that are not asked for; the window ends that. */
static void
print_blocks (JsonArray *blocks)
{
  for (guint i = 0; blocks != NULL && i < json_array_get_length (blocks); i++)
    {
      JsonObject *block = json_array_get_object_element (blocks, i);
      const char *until = get_words (block, "until");

      printf ("not asked for, until %s: %s. %s\n", *until != '\0' ? until : "you end it in Okap",
              get_words (block, "program"), get_words (block, "why"));
    }
}

static void
print_status (OkapReply *reply, const char *id)
{
  JsonObject *status = okap_reply_get_object (reply);
  printf ("vault    %s\n", get_words (status, "vault"));
  if (json_object_get_boolean_member_with_default (status, "paused", FALSE))
    puts ("apps     all paused; they go on with: okap resume");
  printf ("url      %s\n", get_words (status, "url"));
  printf ("socket   %s\n", get_words (status, "socket"));
  printf ("keys     %" G_GINT64_FORMAT "\n",
          json_object_get_int_member_with_default (status, "keys", 0));
  printf ("grants   %" G_GINT64_FORMAT "\n",
          json_object_get_int_member_with_default (status, "grants", 0));
  printf ("waiting  %" G_GINT64_FORMAT "\n",
          json_object_get_int_member_with_default (status, "waiting", 0));
  printf ("version  %s\n", get_words (status, "version"));
  if (json_object_has_member (status, "not_asked"))
    print_blocks (json_object_get_array_member (status, "not_asked"));
}

int
okap_cmd_status (const OkapCommand *command, int argc, char *argv[])
{
  return okap_plain_get (command, "/okap/control/status", print_status, argc, argv);
}

/* A command that is the passphrase for @route, and prints nothing. */
static int
post_passphrase (const OkapCommand *command, const char *route, int argc, char *argv[])
{
  int fd = -1;
  const GOptionEntry entries[] = {
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase from descriptor N instead of asking"), "N" },
    { NULL },
  };
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  reply = okap_plain_post_passphrase (route, fd, &error);
  return reply != NULL ? OKAP_EXIT_DONE : okap_cli_fail (error);
}

int
okap_cmd_unlock (const OkapCommand *command, int argc, char *argv[])
{
  return post_passphrase (command, "/okap/control/unlock", argc, argv);
}

int
okap_cmd_lock (const OkapCommand *command, int argc, char *argv[])
{
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!okap_cli_parse_one_id (command, NULL, argc, argv, NULL, &status))
    return status;
  reply = okap_client_post ("/okap/control/lock", &error);
  return reply != NULL ? OKAP_EXIT_DONE : okap_cli_fail (error);
}

static void
print_paused (OkapReply *reply, const char *id)
{
}

int
okap_cmd_pause (const OkapCommand *command, int argc, char *argv[])
{
  return okap_plain_post (command, "/okap/control/pause", print_paused, argc, argv);
}

int
okap_cmd_resume (const OkapCommand *command, int argc, char *argv[])
{
  return post_passphrase (command, "/okap/control/resume", argc, argv);
}
