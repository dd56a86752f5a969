/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is the screen locked? Three services may know, and none of them is everywhere: the screen saver's
 * interface under its two names on the session bus, and the session's LockedHint on the system bus.
 * The screen counts as locked while one of them says so. All calls are asynchronous and start no
 * service; one that is absent says nothing, one that goes away takes back what it said. What it
 * leads to is that questions wait, so a program that plays screen saver can hold them up and no
 * more. Main thread. */
#include "config.h"

#include "okap-screen-lock.h"

#define LOGIN_NAME    "org.freedesktop.login1"
#define LOGIN_PATH    "/org/freedesktop/login1"
#define SESSION       "org.freedesktop.login1.Session"
#define PROPERTIES    "org.freedesktop.DBus.Properties"
#define TIMEOUT_MS    5000

typedef enum
{
  SOURCE_FREEDESKTOP,
  SOURCE_GNOME,
  SOURCE_LOGIN,
  N_SOURCES,
} SourceIndex;

static const struct
{
  GBusType bus;
  const char *name;
  const char *path;       /* NULL: the session's, which has to be asked for */
} services[N_SOURCES] = {
  [SOURCE_FREEDESKTOP] = { G_BUS_TYPE_SESSION, "org.freedesktop.ScreenSaver",
                           "/org/freedesktop/ScreenSaver" },
  [SOURCE_GNOME] = { G_BUS_TYPE_SESSION, "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver" },
  [SOURCE_LOGIN] = { G_BUS_TYPE_SYSTEM, LOGIN_NAME, NULL },
};

typedef struct
{
  OkapScreenLock *lock;   /* (unowned) */
  SourceIndex index;
  guint watch_id;
  guint signal_id;        /* on @bus */
  GDBusConnection *bus;   /* (owned) (nullable) while the service is there */
  gboolean locked;
} LockSource;

struct _OkapScreenLock
{
  GObject parent_instance;

  LockSource sources[N_SOURCES];
  GCancellable *cancellable;  /* (owned) */
  gboolean locked;
};

typedef enum
{
  PROP_LOCKED = 1,
} OkapScreenLockProperty;

static GParamSpec *properties[PROP_LOCKED + 1];

G_DEFINE_FINAL_TYPE (OkapScreenLock, okap_screen_lock, G_TYPE_OBJECT)

static void
set_locked (LockSource *source, gboolean source_locked)
{
  OkapScreenLock *self = source->lock;
  gboolean locked = FALSE;

  source->locked = source_locked;
  for (guint i = 0; i < N_SOURCES; i++)
    locked |= self->sources[i].locked;
  if (self->locked == locked)
    return;
  self->locked = locked;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOCKED]);
}

/* (transfer full) (nullable): the answer; NULL if it is for nobody, or there is none */
static GVariant *
finish_call (GObject *connection, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  GVariant *answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result,
                                                    &error);

  if (answer == NULL)
    g_debug ("Nothing about the screen's lock: %s", error->message);
  return answer;
}

static void
call (LockSource *source, const char *path, const char *interface, const char *method,
      GVariant *parameters, const char *answer, GAsyncReadyCallback callback)
{
  g_dbus_connection_call (source->bus, services[source->index].name, path, interface, method,
                          parameters, G_VARIANT_TYPE (answer), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          TIMEOUT_MS, source->lock->cancellable, callback, source);
}

/* Screen savers */

static void
active_asked_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) answer = finish_call (connection, result);
  gboolean active;

  if (answer == NULL)
    return;
  g_variant_get (answer, "(b)", &active);
  set_locked (user_data, active);
}

static void
active_changed_cb (GDBusConnection *bus, const char *sender, const char *path,
                   const char *interface, const char *signal, GVariant *parameters,
                   gpointer user_data)
{
  gboolean active;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &active);
  set_locked (user_data, active);
}

/* logind */

static void
hint_asked_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) answer = finish_call (connection, result);
  g_autoptr (GVariant) value = NULL;

  if (answer == NULL)
    return;
  g_variant_get (answer, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    set_locked (user_data, g_variant_get_boolean (value));
}

static void
hint_changed_cb (GDBusConnection *bus, const char *sender, const char *path,
                 const char *interface, const char *signal, GVariant *parameters,
                 gpointer user_data)
{
  g_autoptr (GVariant) changed = NULL;
  gboolean locked;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (parameters, "(&s@a{sv}@as)", NULL, &changed, NULL);
  if (g_variant_lookup (changed, "LockedHint", "b", &locked))
    set_locked (user_data, locked);
}

static void
session_asked_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) answer = finish_call (connection, result);
  LockSource *source = user_data;
  const char *path;

  if (answer == NULL || source->bus == NULL || source->signal_id != 0)
    return;
  g_variant_get (answer, "(&o)", &path);
  source->signal_id = g_dbus_connection_signal_subscribe (
    source->bus, LOGIN_NAME, PROPERTIES, "PropertiesChanged", path, SESSION,
    G_DBUS_SIGNAL_FLAGS_NONE, hint_changed_cb, source, NULL);
  call (source, path, PROPERTIES, "Get", g_variant_new ("(ss)", SESSION, "LockedHint"), "(v)",
        hint_asked_cb);
}

/* Services come and go */

static void
forget (LockSource *source)
{
  if (source->signal_id != 0)
    g_dbus_connection_signal_unsubscribe (source->bus, source->signal_id);
  source->signal_id = 0;
  g_clear_object (&source->bus);
}

static void
appeared_cb (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  LockSource *source = user_data;

  forget (source);
  source->bus = g_object_ref (bus);
  if (source->index == SOURCE_LOGIN)
    {
      const char *id = g_getenv ("XDG_SESSION_ID");

      call (source, LOGIN_PATH, "org.freedesktop.login1.Manager", "GetSession",
            g_variant_new ("(s)", id != NULL ? id : "auto"), "(o)", session_asked_cb);
      return;
    }
  source->signal_id = g_dbus_connection_signal_subscribe (
    bus, name, name, "ActiveChanged", services[source->index].path, NULL,
    G_DBUS_SIGNAL_FLAGS_NONE, active_changed_cb, source, NULL);
  call (source, services[source->index].path, name, "GetActive", NULL, "(b)", active_asked_cb);
}

static void
vanished_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  LockSource *source = user_data;

  forget (source);
  set_locked (source, FALSE);
}

static void
okap_screen_lock_dispose (GObject *object)
{
  OkapScreenLock *self = OKAP_SCREEN_LOCK (object);

  g_cancellable_cancel (self->cancellable);
  for (guint i = 0; i < N_SOURCES; i++)
    {
      if (self->sources[i].watch_id != 0)
        g_bus_unwatch_name (self->sources[i].watch_id);
      self->sources[i].watch_id = 0;
      forget (&self->sources[i]);
    }
  G_OBJECT_CLASS (okap_screen_lock_parent_class)->dispose (object);
}

static void
okap_screen_lock_finalize (GObject *object)
{
  g_object_unref (OKAP_SCREEN_LOCK (object)->cancellable);
  G_OBJECT_CLASS (okap_screen_lock_parent_class)->finalize (object);
}

static void
okap_screen_lock_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((OkapScreenLockProperty) id)
    {
    case PROP_LOCKED:
      g_value_set_boolean (value, OKAP_SCREEN_LOCK (object)->locked);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_screen_lock_class_init (OkapScreenLockClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = okap_screen_lock_dispose;
  object_class->finalize = okap_screen_lock_finalize;
  object_class->get_property = okap_screen_lock_get_property;
  properties[PROP_LOCKED] =
    g_param_spec_boolean ("locked", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
okap_screen_lock_init (OkapScreenLock *self)
{
  self->cancellable = g_cancellable_new ();
  for (guint i = 0; i < N_SOURCES; i++)
    {
      LockSource *source = &self->sources[i];

      source->lock = self;
      source->index = (SourceIndex) i;
      source->watch_id = g_bus_watch_name (services[i].bus, services[i].name,
                                           G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb, vanished_cb,
                                           source, NULL);
    }
}

OkapScreenLock *
okap_screen_lock_new (void)
{
  return g_object_new (OKAP_TYPE_SCREEN_LOCK, NULL);
}

gboolean
okap_screen_lock_is_locked (OkapScreenLock *self)
{
  return self->locked;
}
