/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a question reaches a person whose desktop may not let windows come to the front. Main thread.
 *
 *   present ──▶ with the parent window and the activation token that the app gave, if it did
 *      │ not active after a moment
 *      ▼
 *   notice ──▶ its action presents the window, with the notification's own token
 *      │ still not active 10 s later
 *      ▼
 *   notice again, once; then it waits, visible among the windows
 *
 * All the while the icon in the tray says that somebody waits (okap-tray.c). Who wants no notices
 * of questions (the setting "notify-requests") has that and the window.
 *
 * A window that was active once has been seen: the notice goes, and nothing repeats. A window that
 * is not even mapped after 3 s has no display to be on: "failed". Nothing here loops, grabs, or
 * raises another window of ours. */
#include "config.h"

#include "okap-presenter.h"

#include "okap-parent-window.h"
#include "okap-settings.h"

#define GRACE_MS     300   /* a window that comes to the front needs no notice */
#define REPEAT_MS    10000
#define MAPPED_MS    3000
#define NOTICES_MOST 2

struct _OkapPresenter
{
  GObject parent_instance;

  GtkWindow *window;      /* (unowned) owns us by way of its prompt */
  OkapNotice *notice;     /* (owned) */
  guint notice_id;        /* the next notice */
  guint mapped_id;        /* the watchdog */
  guint n_notices;        /* how often it was shown */
  gboolean announced;     /* the notice tells more than the window does, and stays */
};

G_DEFINE_FINAL_TYPE (OkapPresenter, okap_presenter, G_TYPE_OBJECT)

enum
{
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
show_notice (OkapPresenter *self)
{
  if (g_settings_get_boolean (okap_settings_get (), "notify-requests"))
    okap_notice_show (self->notice);
}

static gboolean
notice_cb (gpointer user_data)
{
  OkapPresenter *self = user_data;

  self->notice_id = 0;
  if (gtk_window_is_active (self->window))
    return G_SOURCE_REMOVE;
  show_notice (self);
  if (++self->n_notices < NOTICES_MOST)
    self->notice_id = g_timeout_add (REPEAT_MS, notice_cb, self);
  return G_SOURCE_REMOVE;
}

static gboolean
mapped_cb (gpointer user_data)
{
  OkapPresenter *self = user_data;

  self->mapped_id = 0;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self->window)))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0);
  return G_SOURCE_REMOVE;
}

static void
active_changed_cb (OkapPresenter *self)
{
  if (!gtk_window_is_active (self->window))
    return;
  g_clear_handle_id (&self->notice_id, g_source_remove);
  self->n_notices = NOTICES_MOST;
  if (!self->announced)
    okap_notice_withdraw (self->notice);
}

static void
invoked_cb (OkapPresenter *self, const char *token)
{
  okap_presenter_present (self, NULL, token);
}

static void
okap_presenter_dispose (GObject *object)
{
  OkapPresenter *self = OKAP_PRESENTER (object);

  g_clear_handle_id (&self->notice_id, g_source_remove);
  g_clear_handle_id (&self->mapped_id, g_source_remove);
  if (self->notice != NULL)
    okap_notice_withdraw (self->notice);
  g_clear_object (&self->notice);
  G_OBJECT_CLASS (okap_presenter_parent_class)->dispose (object);
}

static void
okap_presenter_class_init (OkapPresenterClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_presenter_dispose;
  signals[SIGNAL_FAILED] = g_signal_new ("failed", OKAP_TYPE_PRESENTER, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_presenter_init (OkapPresenter *self)
{
}

/**
 * okap_presenter_new:
 * @window: which must outlive it
 * @notice: what is said where the window cannot come to the front
 */
OkapPresenter *
okap_presenter_new (GtkWindow *window, OkapNotice *notice)
{
  OkapPresenter *self = g_object_new (OKAP_TYPE_PRESENTER, NULL);

  self->window = window;
  self->notice = g_object_ref (notice);
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (active_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (notice, "invoked", G_CALLBACK (invoked_cb), self, G_CONNECT_SWAPPED);
  return self;
}

/**
 * okap_presenter_present: shows the window, or brings it to the front again
 * @parent_window: (nullable): the caller's, unchecked
 * @activation_token: (nullable): unchecked
 */
void
okap_presenter_present (OkapPresenter *self, const char *parent_window,
                        const char *activation_token)
{
  if (!gtk_widget_get_realized (GTK_WIDGET (self->window)))
    gtk_widget_realize (GTK_WIDGET (self->window));
  if (parent_window != NULL && *parent_window != '\0')
    (void) okap_parent_window_set (self->window, parent_window);
  if (activation_token != NULL && *activation_token != '\0')
    gtk_window_set_startup_id (self->window, activation_token);
  gtk_window_present (self->window);

  if (self->mapped_id == 0 && !gtk_widget_get_mapped (GTK_WIDGET (self->window)))
    self->mapped_id = g_timeout_add (MAPPED_MS, mapped_cb, self);
  if (self->notice_id == 0 && self->n_notices < NOTICES_MOST)
    self->notice_id = g_timeout_add (GRACE_MS, notice_cb, self);
}

/** okap_presenter_announce: shows the notice at once, and leaves it there while the window is; it
 * is the only one then */
void
okap_presenter_announce (OkapPresenter *self)
{
  self->announced = TRUE;
  self->n_notices = NOTICES_MOST;
  show_notice (self);
}
