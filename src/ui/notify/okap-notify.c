/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all our notifications have in common: the setting that silences them, and what a person may
 * do from them. Main thread.
 *
 * Any program on the bus can say that an action was chosen. So they lead to the window, or take
 * something away; nothing is allowed from a notification. */
#include "config.h"

#include "okap-notify.h"

#include <glib/gi18n.h>

#include "okap-settings.h"

/**
 * okap_notify_send:
 * @setting: which of the settings says whether a person wants it
 * @id: the next one with it replaces this one
 * @grant_id: (nullable): of the app that it is about
 */
void
okap_notify_send (GApplication *application, const char *setting, const char *id,
                  GNotification *notification, const char *grant_id)
{
  if (!g_settings_get_boolean (okap_settings_get (), setting))
    return;
  g_notification_set_default_action (notification, "app.show");
  g_notification_add_button (notification, _("Show"), "app.show");
  if (grant_id != NULL)
    g_notification_add_button_with_target (notification, _("Pause This App"), "app.pause-app", "s",
                                           grant_id);
  g_application_send_notification (application, id, notification);
}
