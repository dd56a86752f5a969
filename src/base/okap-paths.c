/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and folders. Everything lies in "okap" below XDG_DATA_HOME, XDG_CONFIG_HOME and
 * XDG_RUNTIME_DIR, so that a test run never meets a real vault. */
#include "config.h"

#include "okap-paths.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okap-error.h"

/** okap_paths_dup_vault: (transfer full): the sealed file */
char *
okap_paths_dup_vault (void)
{
  return g_build_filename (g_get_user_data_dir (), "okap", "vault.okap", NULL);
}

/** okap_paths_dup_database: (transfer full): grants, usage and audit, in SQLite */
char *
okap_paths_dup_database (void)
{
  return g_build_filename (g_get_user_data_dir (), "okap", "okap.db", NULL);
}

/** okap_paths_dup_journal: (transfer full): running requests; beside the database that it is of */
char *
okap_paths_dup_journal (void)
{
  return g_build_filename (g_get_user_data_dir (), "okap", "leases", NULL);
}

/** okap_paths_dup_settings: (transfer full): what must be known before the vault is open */
char *
okap_paths_dup_settings (void)
{
  return g_build_filename (g_get_user_config_dir (), "okap", "settings.ini", NULL);
}

/** okap_paths_dup_price_table: (transfer full): a newer table of prices than Okap came with */
char *
okap_paths_dup_price_table (void)
{
  return g_build_filename (g_get_user_data_dir (), "okap", "prices.json", NULL);
}

/** okap_paths_dup_price_overrides: (transfer full): the prices that the user set */
char *
okap_paths_dup_price_overrides (void)
{
  return g_build_filename (g_get_user_config_dir (), "okap", "prices.json", NULL);
}

/** okap_paths_dup_price_tag: (transfer full): says that the user confirmed the prices in both */
char *
okap_paths_dup_price_tag (void)
{
  return g_build_filename (g_get_user_data_dir (), "okap", "prices.tag", NULL);
}

/** okap_paths_dup_asking: (transfer full): which programs are not asked for, and such */
char *
okap_paths_dup_asking (void)
{
  return g_build_filename (g_get_user_data_dir (), "okap", "asking", NULL);
}

/** okap_paths_dup_paused: (transfer full): it exists while all apps are paused */
char *
okap_paths_dup_paused (void)
{
  return g_build_filename (g_get_user_data_dir (), "okap", "paused", NULL);
}

/** okap_paths_dup_runtime: (transfer full): the folder of the socket, gone at logout */
char *
okap_paths_dup_runtime (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "okap", NULL);
}

/** okap_paths_dup_socket: (transfer full): PROTOCOL section 2 */
char *
okap_paths_dup_socket (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "okap", "okap.sock", NULL);
}

/** okap_paths_dup_discovery: (transfer full): PROTOCOL section 2 */
char *
okap_paths_dup_discovery (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "okap", "vault.json", NULL);
}

/**
 * okap_paths_make_private:
 * @directory: made with its parents if missing
 * @error: %OKAP_ERROR_STORAGE
 *
 * Makes sure that @directory is a folder of this user that nobody else can enter.
 */
gboolean
okap_paths_make_private (const char *directory, GError **error)
{
  struct stat st;

  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The folder %s could not be made: %s", directory, g_strerror (errno));
      return FALSE;
    }
  if (lstat (directory, &st) != 0 || !S_ISDIR (st.st_mode) || st.st_uid != geteuid ())
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "Expected %s to be a folder that belongs to you", directory);
      return FALSE;
    }
  if ((st.st_mode & 0077) != 0 && chmod (directory, 0700) != 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The folder %s could not be made private: %s", directory, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}
