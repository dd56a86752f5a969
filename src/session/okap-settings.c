/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences; com.example.Okap.gschema.xml says what there is. Main thread.
 *
 * Every program of the user can write them, so nothing that approves or weakens consent is read
 * from here. A program that runs from its build folder takes the schema of that folder, whatever
 * version may be installed. */
#include "config.h"

#include "okap-settings.h"

#include <stdlib.h>

/* (nullable): BUILD/data for BUILD/src/ui/okap-app and the like. */
static char *
dup_build_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *sources = NULL;
  g_autofree char *sources_name = NULL;
  g_autofree char *build = NULL;

  if (program == NULL)
    return NULL;
  folder = g_path_get_dirname (program);
  sources = g_path_get_dirname (folder);
  sources_name = g_path_get_basename (sources);
  if (!g_str_equal (sources_name, "src") && !g_str_equal (sources_name, "tests"))
    return NULL;
  build = g_path_get_dirname (sources);
  return g_build_filename (build, "data", NULL);
}

static GSettingsSchema *
find_schema (void)
{
  g_autofree char *folder = dup_build_folder ();
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) built = NULL;
  GSettingsSchema *schema = NULL;

  if (folder != NULL)
    built = g_settings_schema_source_new_from_directory (folder, NULL, FALSE, NULL);
  if (built != NULL)
    schema = g_settings_schema_source_lookup (built, OKAP_APP_ID, FALSE);
  if (schema == NULL && installed != NULL)
    schema = g_settings_schema_source_lookup (installed, OKAP_APP_ID, TRUE);
  return schema;
}

/** okap_settings_get: (transfer none); ends the program if the schema is not installed */
GSettings *
okap_settings_get (void)
{
  static GSettings *settings;

  if (settings == NULL)
    {
      g_autoptr (GSettingsSchema) schema = find_schema ();

      if (schema == NULL)
        {
          g_printerr ("okap: the settings schema %s is not installed; install Okap again, or run "
                      "glib-compile-schemas on the folder that has it\n", OKAP_APP_ID);
          exit (EXIT_FAILURE);
        }
      settings = g_settings_new_full (schema, NULL, NULL);
    }
  return settings;
}
