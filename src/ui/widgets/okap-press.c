/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a button's "clicked" came from. It watches the events of the window that the button is in,
 * for as long as it is in one. Main thread.
 *
 * Invariants:
 *   - "clicked" alone says nothing: a press of a pointer, a finger or a key that presses buttons
 *     must have hit this button and was not let go elsewhere, and the last event of that press
 *     must be fresh. An activation that reaches us over the accessibility bus brings no event.
 *   - A press counts once.
 *   - A key that is held down counts from its first press; its repetitions count nothing. */
#include "config.h"

#include "okap-press.h"

#include <glib/gi18n.h>

#include "okap-clock.h"

/* Longer than the quarter of a second for which GtkButton shows a key press. */
#define FRESH_US (OKAP_SECOND_US * 6 / 10)

struct _OkapPress
{
  GObject parent_instance;

  GtkWidget *button;                /* (unowned) looked at only while in a window */
  GtkWindow *window;                /* (weak) (nullable) that the button is in */
  GtkEventController *events;       /* (owned) (nullable) on @window */
  gulong active_id;                 /* notify::is-active of @window */
  gint64 pressed_us;                /* monotonic: a press that hit the button; 0 if none */
  gint64 last_event_us;             /* monotonic: last device event of the window */
  guint held_key;                   /* keyval that is down, 0 if none */
  gint64 held_since_us;             /* monotonic: since when */
};

G_DEFINE_FINAL_TYPE (OkapPress, okap_press, G_TYPE_OBJECT)

static gboolean
hits_button (OkapPress *self, GdkEvent *event)
{
  double x, y, surface_x, surface_y;
  GtkWidget *hit;

  if (!gdk_event_get_position (event, &x, &y))
    return FALSE;
  gtk_native_get_surface_transform (GTK_NATIVE (self->window), &surface_x, &surface_y);
  hit = gtk_widget_pick (GTK_WIDGET (self->window), x - surface_x, y - surface_y,
                         GTK_PICK_DEFAULT);
  return hit != NULL && (hit == self->button || gtk_widget_is_ancestor (hit, self->button));
}

static gboolean
is_return (guint keyval)
{
  return keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter;
}

static gboolean
presses_buttons (guint keyval)
{
  return is_return (keyval) || keyval == GDK_KEY_space || keyval == GDK_KEY_KP_Space;
}

static void
key_pressed (OkapPress *self, guint keyval, gint64 now_us)
{
  if (self->held_key == keyval)
    return;
  self->held_key = keyval;
  self->held_since_us = now_us;
  self->pressed_us = presses_buttons (keyval)
                     && gtk_window_get_focus (self->window) == self->button ? now_us : 0;
}

static gboolean
event_cb (OkapPress *self, GdkEvent *event)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->window == NULL)
    return GDK_EVENT_PROPAGATE;
  switch ((int) gdk_event_get_event_type (event))
    {
    case GDK_BUTTON_PRESS:
    case GDK_TOUCH_BEGIN:
      self->pressed_us = hits_button (self, event) ? now_us : 0;
      break;
    case GDK_KEY_PRESS:
      key_pressed (self, gdk_key_event_get_keyval (event), now_us);
      break;
    case GDK_KEY_RELEASE:
      self->held_key = 0;
      break;
    case GDK_BUTTON_RELEASE:
    case GDK_TOUCH_END:
      if (!hits_button (self, event))
        self->pressed_us = 0;
      break;
    case GDK_TOUCH_CANCEL:
      self->pressed_us = 0;
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  self->last_event_us = now_us;
  return GDK_EVENT_PROPAGATE;
}

/* The press that brings a window to the front may come before the news that it is there. */
static void
active_changed_cb (OkapPress *self)
{
  self->held_key = 0;
  if (!gtk_window_is_active (self->window))
    self->pressed_us = 0;
}

static void
leave_window (OkapPress *self)
{
  self->held_key = 0;
  self->pressed_us = 0;
  if (self->window != NULL)
    {
      g_clear_signal_handler (&self->active_id, self->window);
      if (gtk_event_controller_get_widget (self->events) == GTK_WIDGET (self->window))
        gtk_widget_remove_controller (GTK_WIDGET (self->window), self->events);
    }
  self->active_id = 0;
  g_clear_object (&self->events);
  g_clear_weak_pointer (&self->window);
}

static void
root_changed_cb (OkapPress *self)
{
  GtkRoot *root = gtk_widget_get_root (self->button);

  leave_window (self);
  if (!GTK_IS_WINDOW (root))
    return;
  g_set_weak_pointer (&self->window, GTK_WINDOW (root));
  self->active_id = g_signal_connect_swapped (root, "notify::is-active",
                                              G_CALLBACK (active_changed_cb), self);
  self->events = gtk_event_controller_legacy_new ();
  gtk_event_controller_set_propagation_phase (self->events, GTK_PHASE_CAPTURE);
  g_signal_connect_object (self->events, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (root), g_object_ref (self->events));
}

static void
okap_press_dispose (GObject *object)
{
  leave_window (OKAP_PRESS (object));
  G_OBJECT_CLASS (okap_press_parent_class)->dispose (object);
}

static void
okap_press_class_init (OkapPressClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_press_dispose;
}

static void
okap_press_init (OkapPress *self)
{
}

/** okap_press_new: @button: must live, or be in no window any more, for as long as this does */
OkapPress *
okap_press_new (GtkWidget *button)
{
  OkapPress *self = g_object_new (OKAP_TYPE_PRESS, NULL);

  self->button = button;
  g_signal_connect_object (button, "notify::root", G_CALLBACK (root_changed_cb), self,
                           G_CONNECT_SWAPPED);
  root_changed_cb (self);
  return self;
}

/** okap_press_take: for each "clicked" of the button: whether a person at a device pressed it, at
 * @since_us (monotonic; 0: whenever) or later. The press is used up. */
gboolean
okap_press_take (OkapPress *self, gint64 since_us)
{
  gboolean by_person = self->pressed_us != 0 && self->pressed_us >= since_us
                       && g_get_monotonic_time () - self->last_event_us <= FRESH_US;

  self->pressed_us = 0;
  return by_person;
}

/** okap_press_forget: what was pressed so far counts no more */
void
okap_press_forget (OkapPress *self)
{
  self->pressed_us = 0;
}

/** okap_press_holds_return: whether Return is down now, in whichever widget, and was pressed by a
 * person at @since_us (monotonic) or later */
gboolean
okap_press_holds_return (OkapPress *self, gint64 since_us)
{
  return is_return (self->held_key) && self->held_since_us >= since_us;
}

/** okap_press_get_hint: what to say where a press by no device does nothing */
const char *
okap_press_get_hint (void)
{
  return _("Press the button by keyboard, pointer or touch. A program cannot press it for you.");
}
