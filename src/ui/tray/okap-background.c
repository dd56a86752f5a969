/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Life without a window. Main thread.
 *
 * With the setting "background" the application is held, so that it goes on when its window closes.
 * The way back is the icon in the tray, and always to open Okap again, which shows the window.
 * Where there is no tray, nothing on the screen says so; so it is told once, in the window as soon
 * as it is known, and by a notification when the window closes. */
#include "config.h"

#include "okap-background.h"

#include <glib/gi18n.h>
#include <malloc.h>

#define NOTIFICATION "background"

struct _OkapBackground
{
  GObject parent_instance;

  GApplication *application;  /* (unowned) outlives us */
  GSettings *settings;        /* (owned) */
  OkapTray *tray;             /* (owned) (nullable) without a session bus */
  gboolean holding;
  guint trim_id;
};

G_DEFINE_FINAL_TYPE (OkapBackground, okap_background, G_TYPE_OBJECT)

enum
{
  PROP_HINT = 1,
};

static void
apply (OkapBackground *self)
{
  gboolean hold = self->tray != NULL && g_settings_get_boolean (self->settings, "background");

  if (hold == self->holding)
    return;
  self->holding = hold;
  if (hold)
    g_application_hold (self->application);
  else
    g_application_release (self->application);
}

static void
changed_cb (OkapBackground *self)
{
  apply (self);
  g_object_notify (G_OBJECT (self), "hint");
}

static void
host_changed_cb (OkapBackground *self)
{
  g_object_notify (G_OBJECT (self), "hint");
}

static gboolean
lacks_tray (OkapBackground *self)
{
  return okap_tray_is_sure (self->tray) && !okap_tray_get_has_host (self->tray);
}

/** okap_background_get_stays: whether Okap goes on when its window closes */
gboolean
okap_background_get_stays (OkapBackground *self)
{
  return self->holding;
}

/** okap_background_get_hint: whether it has to be said that Okap goes on, and how to come back */
gboolean
okap_background_get_hint (OkapBackground *self)
{
  return self->holding && lacks_tray (self)
         && !g_settings_get_boolean (self->settings, "background-told");
}

/** okap_background_set_told: a person knows now */
void
okap_background_set_told (OkapBackground *self)
{
  g_settings_set_boolean (self->settings, "background-told", TRUE);
}

static gboolean
trim_cb (gpointer user_data)
{
  OkapBackground *self = user_data;

  self->trim_id = 0;
  malloc_trim (0);  /* a window takes many small pieces, and gives them back between others */
  return G_SOURCE_REMOVE;
}

/** okap_background_note_closed: the last window is gone */
void
okap_background_note_closed (OkapBackground *self)
{
  g_autoptr (GNotification) notification = NULL;

  g_clear_handle_id (&self->trim_id, g_source_remove);
  self->trim_id = g_timeout_add_seconds (1, trim_cb, self);
  if (!okap_background_get_hint (self))
    return;
  notification = g_notification_new (_("Okap Keeps Running"));
  g_notification_set_body (notification, _("Apps can go on using your keys. To come back, open "
                                           "Okap again from your app menu."));
  g_notification_set_default_action (notification, "app.show");
  g_notification_add_button (notification, _("Quit Okap"), "app.quit");
  g_application_send_notification (self->application, NOTIFICATION, notification);
  okap_background_set_told (self);
}

static void
okap_background_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, okap_background_get_hint (OKAP_BACKGROUND (object)));
}

static void
okap_background_dispose (GObject *object)
{
  OkapBackground *self = OKAP_BACKGROUND (object);

  g_clear_handle_id (&self->trim_id, g_source_remove);
  g_clear_object (&self->tray);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (okap_background_parent_class)->dispose (object);
}

static void
okap_background_class_init (OkapBackgroundClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = okap_background_get_property;
  object_class->dispose = okap_background_dispose;
  g_object_class_install_property (object_class, PROP_HINT,
                                   g_param_spec_boolean ("hint", NULL, NULL, FALSE,
                                                         G_PARAM_READABLE
                                                         | G_PARAM_STATIC_STRINGS));
}

static void
okap_background_init (OkapBackground *self)
{
}

/** okap_background_new: @tray: (nullable): without a session bus there is none, and then nobody
 * could bring a window back: Okap ends with it */
OkapBackground *
okap_background_new (GApplication *application, GSettings *settings, OkapTray *tray)
{
  OkapBackground *self = g_object_new (OKAP_TYPE_BACKGROUND, NULL);

  self->application = application;
  self->settings = g_object_ref (settings);
  g_signal_connect_object (settings, "changed::background", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::background-told", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  if (tray != NULL)
    {
      self->tray = g_object_ref (tray);
      g_signal_connect_object (tray, "notify::has-host", G_CALLBACK (host_changed_cb), self,
                               G_CONNECT_SWAPPED);
    }
  apply (self);
  return self;
}
