/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-locale.h"

#include <glib/gstdio.h>

typedef struct
{
  const char *program;   /* below a folder of the test's; NULL: not known */
  gboolean with_build;   /* the folder is one that meson built in */
  gboolean from_build;
} Row;

static const Row rows[] = {
  { "src/ui/okap-app", TRUE, TRUE },
  { "src/cli/okap", TRUE, TRUE },
  { "src/ui/okap-app", FALSE, FALSE },
  { "src/cli/okap", FALSE, FALSE },
  { "bin/okap", TRUE, FALSE },
  { "mysrc/cli/okap", TRUE, FALSE },
  { "libexec/okap-app", TRUE, FALSE },
  { NULL, TRUE, FALSE },
};

static void
test_folder (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *root = g_dir_make_tmp ("okap-locale-XXXXXX", NULL);
  g_autofree char *made_by = g_build_filename (root, "build.ninja", NULL);
  g_autofree char *program = row->program != NULL ? g_build_filename (root, row->program, NULL)
                                                  : NULL;
  g_autofree char *built = g_build_filename (root, "po", NULL);
  g_autofree char *folder = NULL;

  if (row->with_build)
    g_assert_true (g_file_set_contents (made_by, "", 0, NULL));
  /* What a program of the user can set has no say in it. */
  g_setenv ("OKAP_LOCALE_DIR", "/elsewhere", TRUE);
  g_setenv ("TEXTDOMAINDIR", "/elsewhere", TRUE);
  folder = okap_locale_dup_folder (program);
  g_assert_cmpstr (folder, ==, row->from_build ? built : OKAP_LOCALE_DIR);
  if (row->with_build)
    g_assert_cmpint (g_unlink (made_by), ==, 0);
  g_assert_cmpint (g_rmdir (root), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/locale/folder/%u", i);

      g_test_add_data_func (path, &rows[i], test_folder);
    }
  return g_test_run ();
}
