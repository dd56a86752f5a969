/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap serve --bus: the door on the session bus where no desktop app is. Main thread.
 *
 *   connect ─▶ export ─▶ own the name ─▶ (the core starts) ─▶ open ─▶ end ─▶ free
 *       └────────┴──────────────┴──▶ not within OKAP_CAP_BUS_CALL_MS, or taken: an error
 *
 * The bus may go away later: then the other doors go on, which is said once. */
#include "config.h"

#include "okap-serve-bus.h"

#include "okap-bus-door.h"
#include "okap-caps.h"
#include "okap-error.h"

#define FLUSH_MS 1000

struct _OkapServeBus
{
  OkapBusDoor *door;             /* (owned) */
  GDBusConnection *connection;   /* (owned) (nullable) once there is one */
  guint owner;                   /* of the name, for g_bus_unown_name() */
  guint timeout;
  GError *export_error;          /* (owned) (nullable) */
  OkapServeBusOwnedFunc owned;   /* (nullable) once called */
  OkapServeBusEndedFunc ended;   /* (nullable) likewise */
  gpointer user_data;
};

static void
tell_owned (OkapServeBus *bus, const GError *error)
{
  OkapServeBusOwnedFunc owned = g_steal_pointer (&bus->owned);

  g_clear_handle_id (&bus->timeout, g_source_remove);
  if (owned != NULL)
    owned (error, bus->user_data);
}

static void
bus_acquired_cb (GDBusConnection *connection, const char *name, gpointer user_data)
{
  OkapServeBus *bus = user_data;

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  g_set_object (&bus->connection, connection);
  (void) okap_bus_door_export (bus->door, connection, &bus->export_error);
}

static void
name_acquired_cb (GDBusConnection *connection, const char *name, gpointer user_data)
{
  OkapServeBus *bus = user_data;

  tell_owned (bus, bus->export_error);
}

static void
name_lost_cb (GDBusConnection *connection, const char *name, gpointer user_data)
{
  OkapServeBus *bus = user_data;
  g_autoptr (GError) error = NULL;

  if (bus->owned == NULL)
    {
      g_printerr ("okap: The session bus is gone; the other doors stay open.\n");
      return;
    }
  if (connection == NULL)
    error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                                 "There is no session bus. Leave --bus out, or start okap under "
                                 "dbus-run-session.");
  else
    error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_CONFLICT,
                                 "Another Okap has the name " OKAP_APP_ID " on this session bus.");
  tell_owned (bus, error);
}

static gboolean
too_slow_cb (gpointer user_data)
{
  OkapServeBus *bus = user_data;
  g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_TIMED_OUT,
                                                  "The session bus does not answer.");

  bus->timeout = 0;
  tell_owned (bus, error);
  return G_SOURCE_REMOVE;
}

OkapServeBus *
okap_serve_bus_new (OkapBroker *broker, OkapServeBusOwnedFunc owned, gpointer user_data)
{
  OkapServeBus *bus = g_new0 (OkapServeBus, 1);

  bus->door = okap_bus_door_new ();
  okap_bus_door_set_broker (bus->door, broker);
  bus->owned = owned;
  bus->user_data = user_data;
  bus->timeout = g_timeout_add (OKAP_CAP_BUS_CALL_MS, too_slow_cb, bus);
  bus->owner = g_bus_own_name (G_BUS_TYPE_SESSION, OKAP_APP_ID, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                               bus_acquired_cb, name_acquired_cb, name_lost_cb, bus, NULL);
  return bus;
}

/** okap_serve_bus_open: the core serves */
void
okap_serve_bus_open (OkapServeBus *bus, const char *origin, const char *socket)
{
  okap_bus_door_open (bus->door, origin, socket);
}

static void
tell_ended (OkapServeBus *bus)
{
  OkapServeBusEndedFunc ended = g_steal_pointer (&bus->ended);

  g_clear_handle_id (&bus->timeout, g_source_remove);
  if (ended != NULL)
    ended (bus->user_data);
}

static gboolean
flush_too_slow_cb (gpointer user_data)
{
  OkapServeBus *bus = user_data;

  bus->timeout = 0;
  tell_ended (bus);
  return G_SOURCE_REMOVE;
}

/* May come after the time-out has ended everything. */
static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OkapServeBus *bus;

  if (g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL)
      && (bus = g_object_get_data (source, "okap-serve-bus")) != NULL)
    tell_ended (bus);
}

/** okap_serve_bus_end: tells those who wait; @ended is called in any case */
void
okap_serve_bus_end (OkapServeBus *bus, OkapServeBusEndedFunc ended, gpointer user_data)
{
  bus->ended = ended;
  bus->user_data = user_data;
  g_clear_handle_id (&bus->timeout, g_source_remove);
  okap_bus_door_close (bus->door);
  bus->timeout = g_timeout_add (bus->connection != NULL ? FLUSH_MS : 0, flush_too_slow_cb, bus);
  if (bus->connection == NULL)
    return;
  g_object_set_data (G_OBJECT (bus->connection), "okap-serve-bus", bus);
  g_dbus_connection_flush (bus->connection, NULL, flushed_cb, NULL);
}

void
okap_serve_bus_free (OkapServeBus *bus)
{
  g_clear_handle_id (&bus->timeout, g_source_remove);
  if (bus->connection != NULL)
    g_object_set_data (G_OBJECT (bus->connection), "okap-serve-bus", NULL);
  okap_bus_door_close (bus->door);
  okap_bus_door_unexport (bus->door);
  g_bus_unown_name (bus->owner);
  g_clear_error (&bus->export_error);
  g_clear_object (&bus->connection);
  g_object_unref (bus->door);
  g_free (bus);
}
