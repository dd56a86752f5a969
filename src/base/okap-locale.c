/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's language, for the app and the command. Main thread, before any other.
 *
 * Translations are found where they were installed, or, by a program that runs from its build
 * folder, in that folder's po. Which of the two is told by the program's own place and by nothing
 * that another program can set: the words of a question are what the user decides by, and the
 * environment of a program that the bus starts can be changed by every program of the user. */
#include "config.h"

#include "okap-locale.h"

#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

/* Where meson puts our programs, below the build folder. */
static const char *const places[] = { "/src/ui", "/src/cli" };

/**
 * okap_locale_dup_folder:
 * @program: (nullable): the path of the program that runs
 *
 * Returns: (transfer full): the folder with LANGUAGE/LC_MESSAGES for it
 */
char *
okap_locale_dup_folder (const char *program)
{
  g_autofree char *folder = g_path_get_dirname (program != NULL ? program : "/");

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_has_suffix (folder, places[i]))
      {
        g_autofree char *build = g_strndup (folder, strlen (folder) - strlen (places[i]));
        g_autofree char *made_by = g_build_filename (build, "build.ninja", NULL);

        if (g_file_test (made_by, G_FILE_TEST_IS_REGULAR))
          return g_build_filename (build, "po", NULL);
      }
  return g_strdup (OKAP_LOCALE_DIR);
}

/** okap_locale_set_up: from here on what is translated comes in the language of the user */
void
okap_locale_set_up (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = okap_locale_dup_folder (program);

  setlocale (LC_ALL, "");
  /* Names and reasons are UTF-8 whatever a bare environment says. */
  if (strcmp (nl_langinfo (CODESET), "UTF-8") != 0)
    setlocale (LC_CTYPE, "C.UTF-8");
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
