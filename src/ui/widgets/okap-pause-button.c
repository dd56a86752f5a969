/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panic switch in the header bar. To pause is anybody's, a screen reader's and a program's,
 * too; to resume takes a press by a device, since it gives back what a person took. Main thread. */
#include "config.h"

#include "okap-pause-button.h"

#include <glib/gi18n.h>

#include "okap-press.h"

struct _OkapPauseButton
{
  GtkButton parent_instance;

  OkapBroker *broker;   /* (owned) (nullable) until set */
  OkapPress *press;     /* (owned) */
};

G_DEFINE_FINAL_TYPE (OkapPauseButton, okap_pause_button, GTK_TYPE_BUTTON)

enum
{
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
okap_pause_button_clicked (GtkButton *button)
{
  OkapPauseButton *self = OKAP_PAUSE_BUTTON (button);
  gboolean by_person = okap_press_take (self->press, 0);
  g_autoptr (GError) error = NULL;

  if (self->broker == NULL)
    return;
  if (!okap_broker_get_paused (self->broker))
    okap_broker_set_paused (self->broker, TRUE, "paused in the window", NULL);
  else if (!by_person)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, okap_press_get_hint ());
  else if (!okap_broker_set_paused (self->broker, FALSE, "resumed in the window", &error))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);
}

static void
show_state (OkapPauseButton *self)
{
  gboolean paused = self->broker != NULL && okap_broker_get_paused (self->broker);
  const char *label = paused ? _("Resume All Apps") : _("Pause All Apps");

  gtk_button_set_icon_name (GTK_BUTTON (self), paused ? "media-playback-start-symbolic"
                                                      : "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self),
                               paused ? _("Let apps use your keys again")
                                      : _("Stop all apps at once, until you resume them"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
okap_pause_button_dispose (GObject *object)
{
  OkapPauseButton *self = OKAP_PAUSE_BUTTON (object);

  g_clear_object (&self->press);
  g_clear_object (&self->broker);
  G_OBJECT_CLASS (okap_pause_button_parent_class)->dispose (object);
}

static void
okap_pause_button_class_init (OkapPauseButtonClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_pause_button_dispose;
  GTK_BUTTON_CLASS (class)->clicked = okap_pause_button_clicked;
  signals[SIGNAL_FAILED] = g_signal_new ("failed", OKAP_TYPE_PAUSE_BUTTON, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
okap_pause_button_init (OkapPauseButton *self)
{
  self->press = okap_press_new (GTK_WIDGET (self));
  show_state (self);
}

/** okap_pause_button_set_broker: once */
void
okap_pause_button_set_broker (OkapPauseButton *self, OkapBroker *broker)
{
  g_return_if_fail (self->broker == NULL);

  self->broker = g_object_ref (broker);
  g_signal_connect_object (broker, "notify::paused", G_CALLBACK (show_state), self,
                           G_CONNECT_SWAPPED);
  show_state (self);
}
