/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idle time, from whoever sees all input: the compositor, by GNOME's interface for it, which tells
 * when the time is over and when somebody is back. Nothing is ever polled. Desktops without it set
 * logind's hint (okap-logind.c); those with neither lock their screen, which is heard of anyway.
 * Main thread.
 *
 *   watch for @minutes ── fired ──▶ idle; watch for activity ── fired ──▶ active
 *
 * A compositor that goes while somebody is idle leaves it at that: the next one is asked for the
 * first activity. So does one that does not answer; then unlocking the screen ends it, or the
 * passphrase. */
#include "config.h"

#include "okap-idle.h"

#include "okap-service.h"

#define NAME "org.gnome.Mutter.IdleMonitor"
#define PATH "/org/gnome/Mutter/IdleMonitor/Core"
#define NO_WATCH 0u

struct _OkapIdle
{
  OkapIdleFunc func;
  gpointer user_data;
  OkapService *service;  /* (owned) */
  guint minutes;         /* 0: nobody wants to know */
  guint idle_watch;      /* their numbers, or NO_WATCH */
  guint active_watch;
  gboolean idle;
};

static void
say (OkapIdle *self, gboolean idle)
{
  if (self->idle == idle)
    return;
  self->idle = idle;
  self->func (idle, self->user_data);
}

static void
active_added_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  OkapIdle *self = user_data;

  if (answer != NULL)
    g_variant_get (answer, "(u)", &self->active_watch);
}

static void
watch_activity (OkapIdle *self)
{
  okap_service_call (self->service, PATH, NAME, "AddUserActiveWatch", NULL, "(u)",
                     active_added_cb);
}

static void
fired_cb (GVariant *parameters, gpointer user_data)
{
  OkapIdle *self = user_data;
  guint watch;

  g_variant_get (parameters, "(u)", &watch);
  if (watch == NO_WATCH)
    return;
  if (watch == self->idle_watch && !self->idle)
    {
      say (self, TRUE);
      watch_activity (self);
    }
  else if (watch == self->active_watch)
    {
      self->active_watch = NO_WATCH;
      say (self, FALSE);
    }
}

static void
removed_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
}

static void
remove_watch (OkapIdle *self, guint *watch)
{
  if (*watch != NO_WATCH && okap_service_is_there (self->service))
    okap_service_call (self->service, PATH, NAME, "RemoveWatch", g_variant_new ("(u)", *watch),
                       "()", removed_cb);
  *watch = NO_WATCH;
}

static void
idle_added_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  OkapIdle *self = user_data;

  if (answer == NULL)
    return;
  remove_watch (self, &self->idle_watch);  /* of minutes that were changed meanwhile */
  g_variant_get (answer, "(u)", &self->idle_watch);
  if (self->minutes == 0)
    remove_watch (self, &self->idle_watch);
}

static void
watch_idleness (OkapIdle *self)
{
  if (self->minutes > 0)
    okap_service_call (self->service, PATH, NAME, "AddIdleWatch",
                       g_variant_new ("(t)", (guint64) self->minutes * 60 * 1000), "(u)",
                       idle_added_cb);
}

static void
appeared_cb (OkapService *service, gpointer user_data)
{
  OkapIdle *self = user_data;

  okap_service_subscribe (service, PATH, NAME, "WatchFired", NULL, "(u)", fired_cb);
  watch_idleness (self);
  if (self->idle)
    watch_activity (self);
}

static void
vanished_cb (OkapService *service, gpointer user_data)
{
  OkapIdle *self = user_data;

  self->idle_watch = self->active_watch = NO_WATCH;
}

/** okap_idle_new: silent until minutes are set */
OkapIdle *
okap_idle_new (gboolean outlives_bus, OkapIdleFunc func, gpointer user_data)
{
  OkapIdle *self = g_new0 (OkapIdle, 1);

  self->func = func;
  self->user_data = user_data;
  self->service = okap_service_watch (G_BUS_TYPE_SESSION, NAME, outlives_bus, appeared_cb,
                                      vanished_cb, self);
  return self;
}

void
okap_idle_free (OkapIdle *self)
{
  okap_service_unwatch (self->service);
  g_free (self);
}

/** okap_idle_set_minutes: 0 for never; the count goes on from the last input */
void
okap_idle_set_minutes (OkapIdle *self, guint minutes)
{
  if (self->minutes == minutes)
    return;
  self->minutes = minutes;
  remove_watch (self, &self->idle_watch);
  if (okap_service_is_there (self->service))
    watch_idleness (self);
  if (minutes == 0)
    {
      remove_watch (self, &self->active_watch);
      say (self, FALSE);
    }
}

/** okap_idle_is_there: whether there is somebody who counts */
gboolean
okap_idle_is_there (OkapIdle *self)
{
  return okap_service_is_there (self->service);
}
