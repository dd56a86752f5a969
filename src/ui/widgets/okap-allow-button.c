/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allow, hard to press by mistake or by machine. Main thread.
 *
 *            window active          700 or 1500 ms
 *   asleep ───────────────▶ arming ─────────────▶ armed ── press and release ──▶ "approved"
 *     ▲                       │                     │
 *     └── window not active, its size or monitor changed, content changed, not complete ──┘
 *
 * Invariants:
 *   - Insensitive unless armed, so a press that began earlier never becomes a click.
 *   - "clicked" alone approves nothing: it must be a person's press (okap-press.c) that began after
 *     the button was armed. Any other emits "unattended", so that the dialog can say what to do. */
#include "config.h"

#include "okap-allow-button.h"

#include <glib/gi18n.h>

#include "okap-press.h"
#include "okap-ring.h"

struct _OkapAllowButton
{
  GtkButton parent_instance;

  GtkWidget *ring;                  /* (unowned) child */
  OkapPress *press;                 /* (owned) of this button */
  GtkWindow *window;                /* (unowned) (nullable) while rooted */
  gulong active_id;                 /* notify::is-active of @window */
  gulong realize_id;                /* realize of @window */
  guint delay_ms;                   /* how long it takes to arm */
  guint tick_id;                    /* while arming */
  gboolean complete;                /* the form can be allowed */
  gint64 began_us;                  /* monotonic: arming began; 0 while asleep */
  gint64 armed_us;                  /* monotonic: since when armed; 0 while not */
};

G_DEFINE_FINAL_TYPE (OkapAllowButton, okap_allow_button, GTK_TYPE_BUTTON)

enum
{
  SIGNAL_APPROVED,
  SIGNAL_UNATTENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
fall_asleep (OkapAllowButton *self)
{
  if (self->tick_id != 0)
    {
      gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
      self->tick_id = 0;
    }
  self->began_us = 0;
  self->armed_us = 0;
  okap_press_forget (self->press);
  gtk_widget_set_opacity (self->ring, 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
}

static gboolean
arming_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  OkapAllowButton *self = OKAP_ALLOW_BUTTON (widget);
  gint64 now_us = g_get_monotonic_time ();
  gint64 waited_us = now_us - self->began_us;

  okap_ring_set_fraction (OKAP_RING (self->ring),
                          (double) waited_us / (self->delay_ms * 1000.0));
  if (waited_us < self->delay_ms * G_GINT64_CONSTANT (1000))
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;
  self->armed_us = now_us;
  gtk_widget_set_opacity (self->ring, 0);
  gtk_widget_set_sensitive (widget, TRUE);
  return G_SOURCE_REMOVE;
}

static void
update (OkapAllowButton *self)
{
  if (self->window == NULL || !self->complete || !gtk_window_is_active (self->window))
    {
      fall_asleep (self);
      return;
    }
  if (self->began_us != 0)
    return;
  self->began_us = g_get_monotonic_time ();
  okap_ring_set_fraction (OKAP_RING (self->ring), 0);
  gtk_widget_set_opacity (self->ring, 1);
  self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), arming_tick_cb, NULL, NULL);
}

static void
okap_allow_button_clicked (GtkButton *button)
{
  OkapAllowButton *self = OKAP_ALLOW_BUTTON (button);
  gboolean by_person = okap_press_take (self->press, self->armed_us);

  if (self->armed_us == 0)
    return;
  g_signal_emit (self, signals[by_person ? SIGNAL_APPROVED : SIGNAL_UNATTENDED], 0);
}

/* Where the button is on the screen has changed, perhaps under the pointer. */
static void
watch_surface (OkapAllowButton *self)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (self->window));

  g_signal_connect_object (surface, "notify::width", G_CALLBACK (okap_allow_button_disarm), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (surface, "notify::height", G_CALLBACK (okap_allow_button_disarm), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (surface, "enter-monitor", G_CALLBACK (okap_allow_button_disarm), self,
                           G_CONNECT_SWAPPED);
}

static void
okap_allow_button_root (GtkWidget *widget)
{
  OkapAllowButton *self = OKAP_ALLOW_BUTTON (widget);

  GTK_WIDGET_CLASS (okap_allow_button_parent_class)->root (widget);
  self->window = GTK_WINDOW (gtk_widget_get_root (widget));
  self->active_id = g_signal_connect_swapped (self->window, "notify::is-active",
                                              G_CALLBACK (update), self);
  self->realize_id = g_signal_connect_data (self->window, "realize", G_CALLBACK (watch_surface),
                                            self, NULL, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  if (gtk_widget_get_realized (GTK_WIDGET (self->window)))
    watch_surface (self);
  update (self);
}

static void
okap_allow_button_unroot (GtkWidget *widget)
{
  OkapAllowButton *self = OKAP_ALLOW_BUTTON (widget);

  fall_asleep (self);
  g_clear_signal_handler (&self->active_id, self->window);
  g_clear_signal_handler (&self->realize_id, self->window);
  self->window = NULL;
  GTK_WIDGET_CLASS (okap_allow_button_parent_class)->unroot (widget);
}

static void
okap_allow_button_finalize (GObject *object)
{
  g_clear_object (&OKAP_ALLOW_BUTTON (object)->press);
  G_OBJECT_CLASS (okap_allow_button_parent_class)->finalize (object);
}

static void
okap_allow_button_class_init (OkapAllowButtonClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = okap_allow_button_finalize;
  GTK_BUTTON_CLASS (class)->clicked = okap_allow_button_clicked;
  widget_class->root = okap_allow_button_root;
  widget_class->unroot = okap_allow_button_unroot;

  /* A person pressed it, after it was armed. */
  signals[SIGNAL_APPROVED] =
    g_signal_new ("approved", OKAP_TYPE_ALLOW_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
  /* It was activated, but not by a press that we saw. */
  signals[SIGNAL_UNATTENDED] =
    g_signal_new ("unattended", OKAP_TYPE_ALLOW_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
okap_allow_button_init (OkapAllowButton *self)
{
  GtkWidget *box = gtk_center_box_new ();
  GtkWidget *label = gtk_label_new (C_("consent", "Allow"));

  self->press = okap_press_new (GTK_WIDGET (self));
  self->ring = okap_ring_new ();
  gtk_center_box_set_center_widget (GTK_CENTER_BOX (box), label);
  gtk_center_box_set_end_widget (GTK_CENTER_BOX (box), self->ring);
  gtk_button_set_child (GTK_BUTTON (self), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  C_("consent", "Allow"), -1);
  self->complete = TRUE;
  self->delay_ms = OKAP_ALLOW_BUTTON_ARM_MS;
  fall_asleep (self);
}

/** okap_allow_button_set_delay: how long it takes to arm; a change arms again */
void
okap_allow_button_set_delay (OkapAllowButton *self, guint delay_ms)
{
  if (self->delay_ms == delay_ms)
    return;
  self->delay_ms = delay_ms;
  okap_allow_button_disarm (self);
}

/** okap_allow_button_set_complete: whether what is to be allowed is complete; not: insensitive */
void
okap_allow_button_set_complete (OkapAllowButton *self, gboolean complete)
{
  if (self->complete == complete)
    return;
  self->complete = complete;
  update (self);
}

/** okap_allow_button_disarm: something that the person decides on has changed; arm again */
void
okap_allow_button_disarm (OkapAllowButton *self)
{
  fall_asleep (self);
  update (self);
}

/** okap_allow_button_takes_key: whether Return is down now, in whichever widget, and was pressed by
 * a person after the button was armed: what finishes an entry may then count as a press of the
 * button. With any other key down, only a program says that the entry is finished. */
gboolean
okap_allow_button_takes_key (OkapAllowButton *self)
{
  return self->armed_us != 0 && okap_press_holds_return (self->press, self->armed_us);
}
