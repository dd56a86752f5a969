/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap open, and okap alone: starts the app, which is a program of its own so that this one stays
 * free of GTK. If it runs already, it shows its window. */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "okap-commands.h"

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

int
okap_cmd_open (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *app = NULL;
  char *arguments[] = { NULL, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  if (argc > 1 && !okap_cli_parse_one_id (command, NULL, argc, argv, NULL, &status))
    return status;
  if (!has_display ())
    return okap_cli_fail_with ("There is no display to open the app on. In a terminal, use: "
                               "okap serve. All commands: okap --help");
  app = find_app ();
  if (app == NULL)
    return okap_cli_fail_with ("The app is not installed beside this command. Without it, use: "
                               "okap serve");
  arguments[0] = app;
  if (!g_spawn_async (NULL, arguments, NULL, G_SPAWN_DEFAULT, detach_cb, NULL, NULL, &error))
    return okap_cli_fail (error);
  return OKAP_EXIT_DONE;
}
