/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is the screen locked? The interface is the same everywhere, the names are not: the common one,
 * and those of the desktops that have only their own. Each is heard by itself; what follows from
 * what they say, okap_screen_words_note() knows. Main thread. */
#include "config.h"

#include "okap-screen-saver.h"

#include "okap-service.h"

static const struct
{
  const char *name;  /* of the service and its interface */
  const char *path;
} savers[OKAP_SCREEN_SAVERS] = {
  { "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver" },
  { "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver" },
  { "org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver" },
  { "org.mate.ScreenSaver", "/org/mate/ScreenSaver" },
  { "org.xfce.ScreenSaver", "/org/xfce/ScreenSaver" },
};

typedef struct
{
  OkapScreenSaver *saver;   /* (unowned) */
  guint number;
  OkapService *service;     /* (owned) */
} Source;

struct _OkapScreenSaver
{
  OkapScreenSaverFunc func;
  gpointer user_data;
  Source sources[OKAP_SCREEN_SAVERS];
};

static void
say (Source *source, OkapScreenWord word)
{
  source->saver->func (source->number, word, source->saver->user_data);
}

static void
changed_cb (GVariant *parameters, gpointer user_data)
{
  gboolean active;

  g_variant_get (parameters, "(b)", &active);
  say (user_data, active ? OKAP_SCREEN_WORD_LOCKED : OKAP_SCREEN_WORD_UNLOCKED);
}

static void
asked_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  if (answer != NULL)
    changed_cb (answer, user_data);
}

static void
appeared_cb (OkapService *service, gpointer user_data)
{
  const Source *source = user_data;
  const char *name = savers[source->number].name;
  const char *path = savers[source->number].path;

  okap_service_subscribe (service, path, name, "ActiveChanged", NULL, "(b)", changed_cb);
  okap_service_call (service, path, name, "GetActive", NULL, "(b)", asked_cb);
}

static void
vanished_cb (OkapService *service, gpointer user_data)
{
  say (user_data, OKAP_SCREEN_WORD_NONE);
}

/** okap_screen_saver_new: nobody is called back before this returns */
OkapScreenSaver *
okap_screen_saver_new (gboolean outlives_bus, OkapScreenSaverFunc func, gpointer user_data)
{
  OkapScreenSaver *saver = g_new0 (OkapScreenSaver, 1);

  saver->func = func;
  saver->user_data = user_data;
  for (guint i = 0; i < OKAP_SCREEN_SAVERS; i++)
    {
      Source *source = &saver->sources[i];

      source->saver = saver;
      source->number = i;
      source->service = okap_service_watch (G_BUS_TYPE_SESSION, savers[i].name, outlives_bus,
                                            appeared_cb, vanished_cb, source);
    }
  return saver;
}

void
okap_screen_saver_free (OkapScreenSaver *saver)
{
  for (guint i = 0; i < OKAP_SCREEN_SAVERS; i++)
    okap_service_unwatch (saver->sources[i].service);
  g_free (saver);
}
