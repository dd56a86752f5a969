/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start at login: the setting "autostart" as an entry of the desktop's autostart folder; inside a
 * Flatpak, where that folder is out of reach, as a wish to the background portal. Main thread.
 *
 * The entry is written when the setting is changed, and again at start if it is missing or says
 * something else, so that an Okap that moved is found. Who turned the entry off by the desktop's
 * own means (Hidden, or X-GNOME-Autostart-enabled=false) is left alone. */
#include "config.h"

#include "okap-autostart.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define ENTRY      OKAP_APP_ID ".desktop"
#define PORTAL     "org.freedesktop.portal.Desktop"
#define PATH       "/org/freedesktop/portal/desktop"
#define BACKGROUND "org.freedesktop.portal.Background"
#define TIMEOUT_MS 10000

static gboolean
is_flatpak (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
}

/* (transfer full): the program that runs, wherever it is installed; quoted for an entry. */
static char *
dup_command (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  GString *command = g_string_new ("\"");

  for (const char *c = program != NULL ? program : OKAP_LIBEXEC_DIR "/okap-app"; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '`' || *c == '$' || *c == '\\')
        g_string_append_c (command, '\\');
      if (*c == '%')
        g_string_append_c (command, '%');
      g_string_append_c (command, *c);
    }
  g_string_append (command, "\" --background");
  return g_string_free (command, FALSE);
}

static char *
dup_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", ENTRY, NULL);
}

static void
write_entry (const char *path, gboolean only_fresh)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *command = dup_command ();
  g_autofree char *known = NULL;
  g_autoptr (GError) error = NULL;

  (void) g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS
                                                | G_KEY_FILE_KEEP_TRANSLATIONS, NULL);
  known = g_key_file_get_string (file, G_KEY_FILE_DESKTOP_GROUP, "Exec", NULL);
  if (only_fresh && g_strcmp0 (known, command) == 0)
    return;
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Type", "Application");
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Name", "Okap");
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Icon", OKAP_APP_ID);
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, "Exec", command);
  g_key_file_set_boolean (file, G_KEY_FILE_DESKTOP_GROUP, "Terminal", FALSE);
  g_key_file_set_boolean (file, G_KEY_FILE_DESKTOP_GROUP, "NoDisplay", TRUE);
  if (!only_fresh)
    {
      (void) g_key_file_remove_key (file, G_KEY_FILE_DESKTOP_GROUP, "Hidden", NULL);
      (void) g_key_file_remove_key (file, G_KEY_FILE_DESKTOP_GROUP, "X-GNOME-Autostart-enabled",
                                    NULL);
    }
  if (g_mkdir_with_parents (folder, 0700) != 0
      || !g_key_file_save_to_file (file, path, &error))
    g_message ("Okap will not start at login: %s",
               error != NULL ? error->message : g_strerror (errno));
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                               &error);

  if (answer == NULL)
    g_message ("The desktop was not told whether Okap starts at login: %s", error->message);
}

static void
ask_portal (GDBusConnection *bus, gboolean wanted)
{
  const char *const command[] = { "okap-app", "--background", NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "reason",
                         g_variant_new_string (_("Apps go on using your keys")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (wanted));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_variant_builder_add (&options, "{sv}", "dbus-activatable", g_variant_new_boolean (FALSE));
  g_dbus_connection_call (bus, PORTAL, PATH, BACKGROUND, "RequestBackground",
                          g_variant_new ("(sa{sv})", "", &options), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, NULL, asked_cb, NULL);
}

static void
apply (GSettings *settings, gboolean only_fresh, GDBusConnection *bus)
{
  gboolean wanted = g_settings_get_boolean (settings, "autostart");
  g_autofree char *path = dup_path ();

  if (is_flatpak ())
    {
      if (bus != NULL && !only_fresh)
        ask_portal (bus, wanted);
    }
  else if (wanted)
    write_entry (path, only_fresh);
  else if (g_unlink (path) != 0 && errno != ENOENT)
    g_message ("Okap still starts at login, since %s cannot be removed: %s", path,
               g_strerror (errno));
}

static void
changed_cb (GSettings *settings, const char *key, GDBusConnection *bus)
{
  apply (settings, FALSE, bus);
}

/**
 * okap_autostart_follow:
 * @bus: (nullable): the session bus
 *
 * Once; for as long as @bus, or @settings without one, lives.
 */
void
okap_autostart_follow (GSettings *settings, GDBusConnection *bus)
{
  if (bus != NULL)
    g_signal_connect_object (settings, "changed::autostart", G_CALLBACK (changed_cb), bus, 0);
  else
    g_signal_connect (settings, "changed::autostart", G_CALLBACK (changed_cb), NULL);
  apply (settings, TRUE, bus);
}
