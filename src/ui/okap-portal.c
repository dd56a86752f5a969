/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a desktop portal that does not answer from holding us up.
 *
 * While they start, GTK 4.8 (for inhibiting, which we do not use) and libadwaita 1.2 (for the
 * preference of dark colours) ask the portal and wait, up to 25 seconds for each question; portals
 * that hang or are slow when a session begins are common. So for that moment the portal is hidden:
 * what is sent to it goes to a name that nobody has, and the bus says so at once. The colours are
 * asked for afterwards, without waiting.
 *
 * The filter runs on whichever thread sends, and touches nothing but the message. */
#include "config.h"

#include "okap-portal.h"

#include <adwaita.h>
#include <string.h>

#define PORTAL     "org.freedesktop.portal.Desktop"
#define PATH       "/org/freedesktop/portal/desktop"
#define SETTINGS   "org.freedesktop.portal.Settings"
#define APPEARANCE "org.freedesktop.appearance"
#define COLORS     "color-scheme"
#define NOBODY     OKAP_APP_ID ".Nobody"
#define TIMEOUT_MS 5000

/* Whether a call to the bus itself is about the portal: who has its name, or that it be started. */
static gboolean
is_about_portal (GDBusMessage *message)
{
  const char *member = g_dbus_message_get_member (message);
  GVariant *body = g_dbus_message_get_body (message);
  const char *name = NULL;

  if (body == NULL || member == NULL)
    return FALSE;
  if (strcmp (member, "GetNameOwner") == 0 && g_variant_is_of_type (body, G_VARIANT_TYPE ("(s)")))
    g_variant_get (body, "(&s)", &name);
  else if (strcmp (member, "StartServiceByName") == 0
           && g_variant_is_of_type (body, G_VARIANT_TYPE ("(su)")))
    g_variant_get (body, "(&su)", &name, NULL);
  return g_strcmp0 (name, PORTAL) == 0;
}

/* @message: (transfer full) */
static GDBusMessage *
filter_cb (GDBusConnection *connection, GDBusMessage *message, gboolean incoming,
           gpointer user_data)
{
  const char *destination = g_dbus_message_get_destination (message);
  GDBusMessage *copy;

  if (incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL
      || (g_strcmp0 (destination, PORTAL) != 0
          && (g_strcmp0 (destination, "org.freedesktop.DBus") != 0 || !is_about_portal (message))))
    return message;
  copy = g_dbus_message_copy (message, NULL);
  if (copy == NULL)
    return message;
  g_object_unref (message);
  g_dbus_message_set_destination (copy, NOBODY);
  g_dbus_message_set_flags (copy, G_DBUS_MESSAGE_FLAGS_NO_AUTO_START);
  return copy;
}

/** okap_portal_hide: returns: for okap_portal_unhide() */
guint
okap_portal_hide (GDBusConnection *connection)
{
  return g_dbus_connection_add_filter (connection, filter_cb, NULL, NULL);
}

void
okap_portal_unhide (GDBusConnection *connection, guint filter)
{
  g_dbus_connection_remove_filter (connection, filter);
}

/* @value: the number, perhaps in further variants: Read() wraps it once more than the signal. */
static void
apply (GVariant *value)
{
  g_autoptr (GVariant) inner = g_variant_ref (value);

  while (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT))
    {
      GVariant *next = g_variant_get_variant (inner);

      g_variant_unref (inner);
      inner = next;
    }
  if (!g_variant_is_of_type (inner, G_VARIANT_TYPE_UINT32))
    return;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_variant_get_uint32 (inner) == 1
                                        ? ADW_COLOR_SCHEME_PREFER_DARK
                                        : ADW_COLOR_SCHEME_DEFAULT);
}

/* No portal, or one without that setting: then libadwaita's own way is the best there is. */
static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                              NULL);
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return;
  value = g_variant_get_child_value (reply, 0);
  apply (value);
}

static void
changed_cb (GDBusConnection *connection, const char *sender, const char *path,
            const char *interface, const char *signal, GVariant *parameters, gpointer user_data)
{
  const char *namespace, *key;
  g_autoptr (GVariant) value = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ssv)")))
    return;
  g_variant_get (parameters, "(&s&sv)", &namespace, &key, &value);
  if (strcmp (namespace, APPEARANCE) == 0 && strcmp (key, COLORS) == 0)
    apply (value);
}

/** okap_portal_follow_colors: for as long as the connection lives */
void
okap_portal_follow_colors (GDBusConnection *connection)
{
  g_dbus_connection_signal_subscribe (connection, PORTAL, SETTINGS, "SettingChanged", PATH,
                                      APPEARANCE, G_DBUS_SIGNAL_FLAGS_NONE, changed_cb, NULL, NULL);
  g_dbus_connection_call (connection, PORTAL, PATH, SETTINGS, "Read",
                          g_variant_new ("(ss)", APPEARANCE, COLORS), G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, NULL, read_cb, NULL);
}
