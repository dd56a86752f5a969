/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Token of A used by B" as a desktop notification, at once. One for each grant: the next replaces
 * what was said before. The window, to which it leads, says who it was. */
#include "config.h"

#include "okap-misuse-notifier.h"

#include "okap-misuse-words.h"
#include "okap-notify.h"

static void
misuse_cb (OkapMisuseWatch *watch, OkapMisuse *misuse, GApplication *application)
{
  g_autofree char *title = okap_words_misuse_title (misuse);
  g_autofree char *body = okap_words_misuse_body (misuse);
  g_autofree char *id = g_strdup_printf ("misuse-%s", okap_misuse_get_grant (misuse)->id);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_URGENT);
  okap_notify_send (application, "notify-misuse", id, notification,
                    okap_misuse_get_grant (misuse)->id);
}

/** okap_misuse_notifier_attach: tells of what @watch hears as long as @application lives */
void
okap_misuse_notifier_attach (OkapMisuseWatch *watch, GApplication *application)
{
  g_signal_connect_object (watch, "misuse", G_CALLBACK (misuse_cb), application, 0);
}
