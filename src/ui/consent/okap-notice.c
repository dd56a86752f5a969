/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A notification over org.freedesktop.Notifications. Main thread; every call is asynchronous and
 * ends by itself, so that a service that is absent, slow or dead costs nothing but the notice.
 *
 * Showing it again replaces it. Whoever answers on the bus may say that the action was invoked;
 * all that it leads to is that a window is shown. What is withdrawn before the service told its
 * number is closed as soon as it does. */
#include "config.h"

#include "okap-notice.h"

#define NAME       "org.freedesktop.Notifications"
#define PATH       "/org/freedesktop/Notifications"
#define TIMEOUT_MS 5000
#define CRITICAL   2  /* urgency, by the specification */

struct _OkapNotice
{
  GObject parent_instance;

  GDBusConnection *bus;    /* (owned) (nullable) */
  char *title;             /* (owned) (immutable) plain text */
  char *body;              /* (owned) (immutable) plain text */
  char *action;            /* (owned) (immutable) */
  char *token;             /* (owned) (nullable) came ahead of the action */
  guint token_id;          /* subscriptions; 0 until shown */
  guint action_id;
  guint32 number;          /* 0 until known */
  gboolean shown;          /* asked for and not withdrawn */
};

G_DEFINE_FINAL_TYPE (OkapNotice, okap_notice, G_TYPE_OBJECT)

enum
{
  SIGNAL_INVOKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
close_number (OkapNotice *self)
{
  if (self->number != 0)
    g_dbus_connection_call (self->bus, NAME, PATH, NAME, "CloseNotification",
                            g_variant_new ("(u)", self->number), NULL,
                            G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS, NULL, NULL, NULL);
  self->number = 0;
}

static void
notified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapNotice) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (answer == NULL)
    {
      g_debug ("No notification: %s", error->message);
      return;
    }
  g_variant_get (answer, "(u)", &self->number);
  if (!self->shown)
    close_number (self);
}

static void
token_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
          const char *signal, GVariant *parameters, gpointer user_data)
{
  OkapNotice *self = user_data;
  const char *token;
  guint32 number;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &number, &token);
  if (number != self->number || !self->shown)
    return;
  g_free (self->token);
  self->token = g_strdup (token);
}

static void
action_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  OkapNotice *self = user_data;
  g_autofree char *token = NULL;
  guint32 number;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &number, NULL);
  if (number != self->number || !self->shown)
    return;
  token = g_steal_pointer (&self->token);
  g_signal_emit (self, signals[SIGNAL_INVOKED], 0, token);
}

static void
okap_notice_dispose (GObject *object)
{
  OkapNotice *self = OKAP_NOTICE (object);

  okap_notice_withdraw (self);
  if (self->token_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->token_id);
  if (self->action_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->action_id);
  self->token_id = self->action_id = 0;
  G_OBJECT_CLASS (okap_notice_parent_class)->dispose (object);
}

static void
okap_notice_finalize (GObject *object)
{
  OkapNotice *self = OKAP_NOTICE (object);

  g_clear_object (&self->bus);
  g_free (self->title);
  g_free (self->body);
  g_free (self->action);
  g_free (self->token);
  G_OBJECT_CLASS (okap_notice_parent_class)->finalize (object);
}

static void
okap_notice_class_init (OkapNoticeClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_notice_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_notice_finalize;
  signals[SIGNAL_INVOKED] = g_signal_new ("invoked", OKAP_TYPE_NOTICE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
okap_notice_init (OkapNotice *self)
{
}

/**
 * okap_notice_new:
 * @bus: (nullable): the session bus; without one nothing is ever shown
 * @title: plain text
 * @body: plain text
 * @action: the words on its button
 */
OkapNotice *
okap_notice_new (GDBusConnection *bus, const char *title, const char *body, const char *action)
{
  OkapNotice *self = g_object_new (OKAP_TYPE_NOTICE, NULL);

  self->bus = bus != NULL ? g_object_ref (bus) : NULL;
  self->title = g_strdup (title);
  self->body = g_strdup (body);
  self->action = g_strdup (action);
  return self;
}

static guint
subscribe (OkapNotice *self, const char *signal, GDBusSignalCallback callback)
{
  return g_dbus_connection_signal_subscribe (self->bus, NAME, NAME, signal, PATH, NULL,
                                             G_DBUS_SIGNAL_FLAGS_NONE, callback, self, NULL);
}

/** okap_notice_show: shows it, or calls attention to it once more */
void
okap_notice_show (OkapNotice *self)
{
  /* Services may take the body for markup; the title they never do. */
  g_autofree char *body = g_markup_escape_text (self->body, -1);
  GVariantBuilder actions, hints;

  if (self->bus == NULL)
    return;
  if (self->token_id == 0)
    {
      self->token_id = subscribe (self, "ActivationToken", token_cb);
      self->action_id = subscribe (self, "ActionInvoked", action_cb);
    }
  self->shown = TRUE;

  g_variant_builder_init (&actions, G_VARIANT_TYPE ("as"));
  g_variant_builder_add (&actions, "s", "default");
  g_variant_builder_add (&actions, "s", self->action);
  g_variant_builder_init (&hints, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&hints, "{sv}", "urgency", g_variant_new_byte (CRITICAL));
  g_variant_builder_add (&hints, "{sv}", "desktop-entry", g_variant_new_string (OKAP_APP_ID));
  g_dbus_connection_call (self->bus, NAME, PATH, NAME, "Notify",
                          g_variant_new ("(susssasa{sv}i)", "Okap", self->number, OKAP_APP_ID,
                                         self->title, body, &actions, &hints, -1),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, NULL,
                          notified_cb, g_object_ref (self));
}

void
okap_notice_withdraw (OkapNotice *self)
{
  self->shown = FALSE;
  g_clear_pointer (&self->token, g_free);
  close_number (self);
}
