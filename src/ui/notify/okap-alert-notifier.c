/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alerts about money as desktop notifications. One for each limit of an app: the next part of it
 * replaces what was said before. Prices that nobody confirmed are told of, too, since a limit is
 * worth no more than the prices that it is reckoned with. */
#include "config.h"

#include "okap-alert-notifier.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-notify.h"
#include "okap-words.h"

#define PRICES_ID "prices"

static char *
format_title (const OkapAlert *alert)
{
  const char *app = okap_grant_get_title (alert->grant);

  if (alert->percent >= 100)
    /* Translators: %s is an app's name */
    return g_strdup_printf (_("%s has used up its limit"), app);
  /* Translators: %s is an app's name, %u a number up to 99 */
  return g_strdup_printf (_("%s has used %u %% of its limit"), app, alert->percent);
}

/* What comes next: when it runs out, or when it begins anew. */
static char *
format_outlook (const OkapAlert *alert)
{
  g_autofree char *date = NULL;

  if (alert->lasts_until_us != 0)
    {
      date = okap_format_time (alert->lasts_until_us);
      /* Translators: %s is a time */
      return g_strdup_printf (_("At this pace it is used up %s."), date);
    }
  if (alert->standing.resets_us == 0)
    return g_strdup (alert->percent >= 100 ? _("It does not begin again.") : "");
  date = okap_format_time (alert->standing.resets_us);
  /* Translators: %s is a time */
  return g_strdup_printf (_("It begins again %s."), date);
}

static char *
format_body (const OkapAlert *alert)
{
  g_autofree char *used = okap_format_usd (alert->standing.settled);
  g_autofree char *limit = okap_words_for_limit_value (alert->standing.limit,
                                                       alert->standing.cap);
  g_autofree char *provider = okap_words_for_provider (alert->provider);
  g_autofree char *outlook = format_outlook (alert);

  /* Translators: such as "$8.00 of $10.00 a month at OpenAI. It begins again on 1 March." */
  return g_strdup_printf (_("%1$s of %2$s at %3$s. %4$s"), used, limit, provider, outlook);
}

static void
alert_cb (OkapAlerts *alerts, const OkapAlert *alert, GApplication *application)
{
  g_autofree char *title = format_title (alert);
  g_autofree char *body = format_body (alert);
  g_autofree char *id = g_strdup_printf ("limit-%s-%s-%s", alert->grant->id, alert->provider,
                                         okap_limit_get_name (alert->standing.limit));
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_notification_set_priority (notification, alert->percent >= 95
                                             ? G_NOTIFICATION_PRIORITY_HIGH
                                             : G_NOTIFICATION_PRIORITY_NORMAL);
  okap_notify_send (application, "notify-limits", id, notification, alert->grant->id);
}

static void
unconfirmed_cb (OkapPriceSeal *prices, GApplication *application)
{
  g_autoptr (GNotification) notification = g_notification_new (_("Your prices were changed"));

  /* Translators: "okap prices confirm" is a command, to be left as it is */
  g_notification_set_body (notification,
                           _("They do not count, since you did not confirm them. If it was you, "
                             "run: okap prices confirm"));
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  okap_notify_send (application, "notify-limits", PRICES_ID, notification, NULL);
}

/* Also when the command that changed them is only slower than we are. */
static void
confirmed_cb (OkapPriceSeal *prices, GApplication *application)
{
  g_application_withdraw_notification (application, PRICES_ID);
}

/** okap_alert_notifier_attach: tells of @alerts and @prices as long as @application lives */
void
okap_alert_notifier_attach (OkapAlerts *alerts, OkapPriceSeal *prices, GApplication *application)
{
  g_signal_connect_object (alerts, "alert", G_CALLBACK (alert_cb), application, 0);
  g_signal_connect_object (prices, "unconfirmed", G_CALLBACK (unconfirmed_cb), application, 0);
  g_signal_connect_object (prices, "confirmed", G_CALLBACK (confirmed_cb), application, 0);
}
