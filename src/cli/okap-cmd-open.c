/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap open, and okap alone: starts the app, which is a program of its own so that this one stays
 * free of GTK. If it runs already, it shows its window.
 *
 * okap open LINK: the same as opening the link on the desktop, which it is for, too: the question
 * comes up in the Okap that runs, be it one without a window, else in the app. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-client.h"
#include "okap-commands.h"
#include "okap-error.h"
#include "okap-json.h"

/* Beside this program, beside it in a build tree, or where it is installed. */
static char *
find_app (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self != NULL ? self : ".");
  g_autofree char *beside = g_build_filename (folder, "okap-app", NULL);
  g_autofree char *built = g_build_filename (folder, "..", "ui", "okap-app", NULL);
  const char *places[] = { beside, built, OKAP_LIBEXEC_DIR "/okap-app" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_file_test (places[i], G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (places[i]);
  return NULL;
}

static gboolean
has_display (void)
{
  const char *x11 = g_getenv ("DISPLAY");
  const char *wayland = g_getenv ("WAYLAND_DISPLAY");

  return (x11 != NULL && *x11 != '\0') || (wayland != NULL && *wayland != '\0');
}

/* Runs in the child: the app outlives the terminal. */
static void
detach_cb (gpointer user_data)
{
  setsid ();
}

static int
start_app (const char *link)
{
  g_autofree char *app = NULL;
  char *arguments[] = { NULL, NULL, NULL };
  g_autoptr (GError) error = NULL;

  if (!has_display ())
    return okap_cli_fail_with ("There is no display to open the app on. In a terminal, use: "
                               "okap serve. All commands: okap --help");
  app = find_app ();
  if (app == NULL)
    return okap_cli_fail_with ("The app is not installed beside this command. Without it, use: "
                               "okap serve");
  arguments[0] = app;
  arguments[1] = (char *) link;
  if (!g_spawn_async (NULL, arguments, NULL, G_SPAWN_DEFAULT, detach_cb, NULL, NULL, &error))
    return okap_cli_fail (error);
  return OKAP_EXIT_DONE;
}

static char *
dup_body (const char *link)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "uri");
  json_builder_add_string_value (builder, link);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return okap_json_print (root, FALSE);
}

static int
open_link (const char *link)
{
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapReply) reply = NULL;

  if (!g_str_is_ascii (link) || g_ascii_strncasecmp (link, "okap:", 5) != 0)
    return okap_cli_fail_with ("Expected a link that begins with okap://");
  body = dup_body (link);
  reply = okap_client_call ("/okap/control/open", "application/json", body, strlen (body), &error);
  if (reply == NULL && has_display ())
    return start_app (link);
  if (reply == NULL || !okap_reply_check (reply, &error))
    return okap_cli_fail (error);
  printf ("Asked. The question shows the number %s.\n",
          json_object_get_string_member_with_default (okap_reply_get_object (reply), "match_code",
                                                      "?"));
  return OKAP_EXIT_DONE;
}

int
okap_cmd_open (const OkapCommand *command, int argc, char *argv[])
{
  int status;

  if (argc < 2)
    return start_app (NULL);
  if (!okap_cli_parse (command, NULL, FALSE, &argc, &argv, &status))
    return status;
  if (argc > 2)
    return okap_cli_misuse (command, "expected at most one argument: LINK");
  return argc == 2 ? open_link (argv[1]) : start_app (NULL);
}
