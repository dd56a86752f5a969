/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One service on a bus, as the watchers here use it: it is waited for and never started, every call
 * is asynchronous and has a time-out, and what belongs to a service that has gone — signals,
 * answers that are still on their way — goes with it. So nothing that is absent, slow or dying can
 * hold Okap up, and no answer of an earlier life of the service is taken for one of the next.
 * Main thread. */
#include "config.h"

#include "okap-service.h"

#include "okap-caps.h"

struct _OkapService
{
  gatomicrefcount ref_count;   /* calls on their way hold one */
  GBusType type;
  char *name;                  /* (owned) */
  gboolean outlives_bus;
  OkapServiceFunc appeared;
  OkapServiceFunc vanished;
  gpointer user_data;
  guint watch_id;
  GDBusConnection *bus;        /* (owned) (nullable) while the service is there */
  GCancellable *life;          /* (owned) (nullable) likewise: cancelled when it goes */
  GArray *signals;             /* (owned) (element-type guint) on @bus */
};

typedef struct
{
  OkapService *service;        /* (owned) */
  OkapServiceAnswerFunc func;
} Call;

typedef struct
{
  OkapService *service;        /* (unowned) */
  char *type;                  /* (owned) */
  OkapServiceSignalFunc func;
} Signal;

static void
service_unref (OkapService *service)
{
  if (!g_atomic_ref_count_dec (&service->ref_count))
    return;
  g_array_unref (service->signals);
  g_free (service->name);
  g_free (service);
}

static void
forget (OkapService *service)
{
  if (service->life != NULL)
    g_cancellable_cancel (service->life);
  g_clear_object (&service->life);
  for (guint i = 0; i < service->signals->len; i++)
    g_dbus_connection_signal_unsubscribe (service->bus,
                                          g_array_index (service->signals, guint, i));
  g_array_set_size (service->signals, 0);
  g_clear_object (&service->bus);
}

/* A bus that ends must not end a program that can do without it. */
static void
keep_alive (const OkapService *service, GDBusConnection *bus)
{
  if (service->outlives_bus && bus != NULL)
    g_dbus_connection_set_exit_on_close (bus, FALSE);
}

static void
appeared_cb (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  OkapService *service = user_data;

  keep_alive (service, bus);
  forget (service);
  service->bus = g_object_ref (bus);
  service->life = g_cancellable_new ();
  service->appeared (service, service->user_data);
}

static void
vanished_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  OkapService *service = user_data;

  keep_alive (service, bus);
  if (service->bus == NULL)
    return;
  forget (service);
  service->vanished (service, service->user_data);
}

/**
 * okap_service_watch:
 * @outlives_bus: the program goes on when the bus ends
 * @appeared: the service is there, perhaps anew: subscribe, then ask
 * @vanished: it was there and is not any more
 */
OkapService *
okap_service_watch (GBusType bus, const char *name, gboolean outlives_bus,
                    OkapServiceFunc appeared, OkapServiceFunc vanished, gpointer user_data)
{
  OkapService *service = g_new0 (OkapService, 1);

  g_atomic_ref_count_init (&service->ref_count);
  service->type = bus;
  service->name = g_strdup (name);
  service->outlives_bus = outlives_bus;
  service->appeared = appeared;
  service->vanished = vanished;
  service->user_data = user_data;
  service->signals = g_array_new (FALSE, FALSE, sizeof (guint));
  service->watch_id = g_bus_watch_name (bus, name, G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb,
                                        vanished_cb, service, NULL);
  return service;
}

/** okap_service_unwatch: nobody is called back after it */
void
okap_service_unwatch (OkapService *service)
{
  g_bus_unwatch_name (service->watch_id);
  forget (service);
  service_unref (service);
}

gboolean
okap_service_is_there (OkapService *service)
{
  return service->bus != NULL;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
    g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &fds, result,
                                                     &error);

  if (answer == NULL)
    g_debug ("%s does not answer: %s", call->service->name, error->message);
  if (answer != NULL || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    call->func (answer, fds, call->service->user_data);
  service_unref (call->service);
}

/**
 * okap_service_call:
 * @parameters: (nullable): floating
 * @func: called once, unless the service goes or is unwatched before
 *
 * Only while the service is there.
 */
void
okap_service_call (OkapService *service, const char *path, const char *interface,
                   const char *method, GVariant *parameters, const char *answer_type,
                   OkapServiceAnswerFunc func)
{
  Call *call;

  g_return_if_fail (service->bus != NULL);

  call = g_new0 (Call, 1);
  call->service = service;
  call->func = func;
  g_atomic_ref_count_inc (&service->ref_count);
  g_dbus_connection_call_with_unix_fd_list (service->bus, service->name, path, interface, method,
                                            parameters, G_VARIANT_TYPE (answer_type),
                                            G_DBUS_CALL_FLAGS_NO_AUTO_START, OKAP_CAP_BUS_CALL_MS,
                                            NULL, service->life, answered_cb, call);
}

/** okap_service_get_all: the answer is (a{sv}) */
void
okap_service_get_all (OkapService *service, const char *path, const char *interface,
                      OkapServiceAnswerFunc func)
{
  okap_service_call (service, path, "org.freedesktop.DBus.Properties", "GetAll",
                     g_variant_new ("(s)", interface), "(a{sv})", func);
}

static void
signal_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
           const char *name, GVariant *parameters, gpointer user_data)
{
  const Signal *signal = user_data;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE (signal->type)))
    signal->func (parameters, signal->service->user_data);
}

static void
signal_free (gpointer user_data)
{
  Signal *signal = user_data;

  g_free (signal->type);
  g_free (signal);
}

/**
 * okap_service_subscribe:
 * @arg0: (nullable): only if the first argument is this
 * @type: of the parameters; others are dropped
 *
 * Until the service goes.
 */
void
okap_service_subscribe (OkapService *service, const char *path, const char *interface,
                        const char *name, const char *arg0, const char *type,
                        OkapServiceSignalFunc func)
{
  Signal *signal;
  guint id;

  g_return_if_fail (service->bus != NULL);

  signal = g_new0 (Signal, 1);
  signal->service = service;
  signal->type = g_strdup (type);
  signal->func = func;
  id = g_dbus_connection_signal_subscribe (service->bus, service->name, interface, name, path,
                                           arg0, G_DBUS_SIGNAL_FLAGS_NONE, signal_cb, signal,
                                           signal_free);
  g_array_append_val (service->signals, id);
}
