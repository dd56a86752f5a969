/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys in trouble as desktop notifications: one for each key, the next replaces what was said
 * before. */
#include "config.h"

#include "okap-key-notifier.h"

#include "okap-key-words.h"
#include "okap-notify.h"

static void
alert_cb (OkapKeyCare *care, OkapKeyInfo *key, guint class, gboolean rolled_back,
          GApplication *application)
{
  g_autofree char *title = okap_words_key_alert_title (key, (OkapKeyClass) class, rolled_back);
  g_autofree char *id = g_strdup_printf ("key-%s", okap_key_info_get_id (key));
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, okap_words_key_alert_body ((OkapKeyClass) class,
                                                                    rolled_back));
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  okap_notify_send (application, "notify-keys", id, notification, NULL);
}

/** okap_key_notifier_attach: tells of @care's keys as long as @application lives */
void
okap_key_notifier_attach (OkapKeyCare *care, GApplication *application)
{
  g_signal_connect_object (care, "alert", G_CALLBACK (alert_cb), application, 0);
}
