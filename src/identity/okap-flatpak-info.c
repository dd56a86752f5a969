/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What flatpak writes: .flatpak-info, names of apps, folders and scopes. Texts only; any thread. */
#include "config.h"

#include "okap-flatpak.h"

#include <string.h>

#define NAME_BYTES     255
#define INSTANCE_BYTES 20

/** okap_flatpak_is_name: whether @text is letters, digits, "._-", and not hidden */
gboolean
okap_flatpak_is_name (const char *text)
{
  gsize n = strlen (text);

  if (n == 0 || n > NAME_BYTES || *text == '.')
    return FALSE;
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr ("._-", *at) == NULL)
      return FALSE;
  return TRUE;
}

void
okap_flatpak_info_clear (OkapFlatpakInfo *info)
{
  g_free (info->app_id);
  g_free (info->instance);
  g_free (info->app_path);
}

/**
 * okap_flatpak_parse_info:
 * @text: .flatpak-info
 * @out: cleared by the caller, whatever is returned
 *
 * Returns: whether it is that of an app
 */
gboolean
okap_flatpak_parse_info (const char *text, gsize length, OkapFlatpakInfo *out)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  const char *instance;

  if (memchr (text, '\0', length) != NULL
      || !g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL))
    return FALSE;
  out->app_id = g_key_file_get_string (file, "Application", "name", NULL);
  instance = out->instance = g_key_file_get_string (file, "Instance", "instance-id", NULL);
  out->app_path = g_key_file_get_string (file, "Instance", "app-path", NULL);
  return out->app_id != NULL && okap_flatpak_is_name (out->app_id) && instance != NULL
         && *instance != '\0' && strlen (instance) <= INSTANCE_BYTES
         && strspn (instance, "0123456789") == strlen (instance) && out->app_path != NULL;
}

/**
 * okap_flatpak_dup_place:
 * @removed: as it is after an update or a removal, for those that still run
 *
 * Returns: (transfer full) (nullable): where the app's files are within an installation; NULL if
 *   it does not come from one, or is of another app
 */
char *
okap_flatpak_dup_place (const OkapFlatpakInfo *info, gboolean removed)
{
  g_auto (GStrv) names = g_strsplit (info->app_path, "/", -1);
  guint n = g_strv_length (names);
  char **last;

  if (n < 7)
    return NULL;
  last = names + n - 6;  /* app, NAME, ARCHITECTURE, BRANCH, COMMIT, files */
  for (guint i = 0; i < 6; i++)
    if (!okap_flatpak_is_name (last[i]))
      return NULL;
  if (strcmp (last[0], "app") != 0 || strcmp (last[1], info->app_id) != 0
      || strcmp (last[5], "files") != 0)
    return NULL;
  if (removed)
    return g_strdup_printf (".removed/%s-%s/files", last[1], last[4]);
  return g_strjoinv ("/", last);
}

/** okap_flatpak_is_unit: whether @unit is the scope that flatpak has systemd make for @app_id */
gboolean
okap_flatpak_is_unit (const char *unit, const char *app_id)
{
  g_auto (GStrv) parts = g_strsplit (app_id, "-", -1);
  g_autofree char *escaped = g_strjoinv ("\\x2d", parts);
  g_autofree char *start = g_strdup_printf ("app-flatpak-%s-", escaped);
  gsize digits;

  if (!g_str_has_prefix (unit, start))
    return FALSE;
  unit += strlen (start);
  digits = strspn (unit, "0123456789");
  return digits > 0 && strcmp (unit + digits, ".scope") == 0;
}

/** okap_flatpak_is_proxy: whether @name is that of flatpak's proxy to the session bus */
gboolean
okap_flatpak_is_proxy (const char *name)
{
  return strcmp (name, "xdg-dbus-proxy") == 0 || strcmp (name, "flatpak-dbus-proxy") == 0;
}
