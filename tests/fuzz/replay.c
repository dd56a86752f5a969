/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target without libFuzzer, with any compiler: every file of the folders that are
 * named on the command line, each of its beginnings, and each of its bytes changed a few ways. So
 * what fuzzing once found stays found in the usual suite. Always the same inputs, no randomness. */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "okap-fuzz.h"

/* Beyond this a file is run as it is: its variants would be quadratic. */
#define MOST_VARIED_BYTES 2048

/* An exact copy on the heap, so that a sanitizer sees the first byte that is read beyond it. */
static void
run (const char *data, gsize length)
{
  g_autofree uint8_t *copy = g_memdup2 (data, length);

  LLVMFuzzerTestOneInput (copy != NULL ? copy : (const uint8_t *) "", length);
}

static guint
run_variants (char *data, gsize length)
{
  static const char others[] = { '\0', '"', '\\', '{', ']', ',', '9', '-', '\x80' };
  guint n = 1;

  run (data, length);
  if (length > MOST_VARIED_BYTES)
    return n;
  for (gsize i = 0; i < length; i++)
    {
      char kept = data[i];

      run (data, i);
      for (guint j = 0; j < G_N_ELEMENTS (others); j++)
        {
          data[i] = others[j];
          run (data, length);
        }
      data[i] = kept;
      n += 1 + G_N_ELEMENTS (others);
    }
  return n;
}

static void
test_folder (gconstpointer user_data)
{
  const char *folder = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;
  guint n_files = 0, n_inputs = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *data = NULL;
      gsize length;

      g_file_get_contents (path, &data, &length, &error);
      g_assert_no_error (error);
      n_inputs += run_variants (data, length);
      n_files++;
    }
  g_test_message ("%u inputs from %u files", n_inputs, n_files);
  g_assert_cmpuint (n_files, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 1; i < argc; i++)
    {
      g_autofree char *name = g_path_get_basename (argv[i]);
      g_autofree char *path = g_strconcat ("/replay/", name, NULL);

      g_test_add_data_func (path, argv[i], test_folder);
    }
  return g_test_run ();
}
