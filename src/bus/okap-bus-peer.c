/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is behind a unique name. Main thread, and never waits for the bus.
 *
 *   ask the bus for credentials ─▶ look at the process ─▶ ask again: the same uid and process?
 *
 * A unique name is given out once in the life of a bus, so the second answer can only differ if
 * the first one was about something else. Where the bus hands over a descriptor of the process, it
 * pins it; otherwise a descriptor is opened here, before anything is read. Whatever is not certain
 * makes the program an unknown one; another user's program is an error. */
#include "config.h"

#include "okap-bus-peer.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-identify.h"

#define BUS_NAME      "org.freedesktop.DBus"
#define BUS_PATH      "/org/freedesktop/DBus"
#define BUS_INTERFACE "org.freedesktop.DBus"

typedef struct
{
  /* input */
  GDBusConnection *connection;  /* (owned) */
  char *sender;                 /* (owned) */
  OkapIdentifier *identifier;   /* (owned) */

  /* in progress */
  guint32 uid;
  guint32 pid;                  /* 0 where the bus does not say */
  int pidfd;                    /* (owned) -1 where the bus gave none */
  OkapIdentity *identity;       /* (owned) (nullable) until it was looked at */
} Look;

static void
look_free (Look *look)
{
  g_object_unref (look->connection);
  g_free (look->sender);
  okap_identifier_unref (look->identifier);
  if (look->pidfd >= 0)
    (void) close (look->pidfd);
  g_clear_pointer (&look->identity, okap_identity_unref);
  g_free (look);
}

static void
ask_bus (GTask *task, GAsyncReadyCallback callback)
{
  Look *look = g_task_get_task_data (task);

  g_dbus_connection_call_with_unix_fd_list (look->connection, BUS_NAME, BUS_PATH, BUS_INTERFACE,
                                            "GetConnectionCredentials",
                                            g_variant_new ("(s)", look->sender),
                                            G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE,
                                            OKAP_CAP_BUS_CALL_MS, NULL,
                                            g_task_get_cancellable (task), callback, task);
}

/* The answer of the bus: uid and pid, and perhaps a descriptor of the process. */
static gboolean
read_answer (GObject *source, GAsyncResult *result, guint32 *out_uid, guint32 *out_pid,
             int *out_pidfd, GError **error)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) dict = NULL;
  g_autoptr (GError) bus_error = NULL;
  gint32 index = -1;

  *out_pidfd = -1;
  *out_pid = 0;
  answer = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &fds,
                                                            result, &bus_error);
  if (answer == NULL)
    {
      if (g_error_matches (bus_error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
          || g_error_matches (bus_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                             "The app left the bus before it could be looked at.");
      else
        g_set_error (error, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                     "The bus did not tell who calls: %s", bus_error->message);
      return FALSE;
    }
  dict = g_variant_get_child_value (answer, 0);
  if (!g_variant_lookup (dict, "UnixUserID", "u", out_uid) || *out_uid != getuid ())
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_BLOCKED,
                           "Okap serves only programs of the user who runs it.");
      return FALSE;
    }
  (void) g_variant_lookup (dict, "ProcessID", "u", out_pid);
  if (fds != NULL && g_variant_lookup (dict, "ProcessFD", "h", &index))
    *out_pidfd = g_unix_fd_list_get (fds, index, NULL);
  return TRUE;
}

static void
asked_again_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Look *look = g_task_get_task_data (task);
  GError *error = NULL;
  guint32 uid, pid;
  int pidfd;

  if (!read_answer (source, result, &uid, &pid, &pidfd, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (pidfd >= 0)
    (void) close (pidfd);
  if (pid != look->pid)
    {
      okap_identity_unref (look->identity);
      look->identity = okap_identity_new_unknown (OKAP_DOUBT_CHANGED);
    }
  g_task_return_pointer (task, okap_caller_new (OKAP_DOOR_BUS, uid, (pid_t) pid, look->identity),
                         (GDestroyNotify) okap_caller_unref);
}

static void
identified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Look *look = g_task_get_task_data (task);

  look->identity = okap_identify_process_finish (result);
  ask_bus (g_steal_pointer (&task), asked_again_cb);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Look *look = g_task_get_task_data (task);
  GError *error = NULL;

  if (!read_answer (source, result, &look->uid, &look->pid, &look->pidfd, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (look->pid > 0)
    {
      okap_identify_process_async (look->identifier, (pid_t) look->pid, look->pidfd, identified_cb,
                                   g_steal_pointer (&task));
      return;
    }
  look->identity = okap_identity_new_unknown (OKAP_DOUBT_NONE);
  ask_bus (g_steal_pointer (&task), asked_again_cb);
}

/**
 * okap_bus_peer_identify_async:
 * @sender: a unique name
 * @cancellable: (nullable): cancelled when the caller has left
 */
void
okap_bus_peer_identify_async (GDBusConnection *connection, const char *sender,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Look *look = g_new0 (Look, 1);

  look->connection = g_object_ref (connection);
  look->sender = g_strdup (sender);
  look->pidfd = -1;
  look->identifier = okap_identifier_get ();
  g_task_set_source_tag (task, okap_bus_peer_identify_async);
  g_task_set_task_data (task, look, (GDestroyNotify) look_free);
  ask_bus (task, asked_cb);
}

/**
 * okap_bus_peer_identify_finish:
 * @error: %OKAP_ERROR_CALLER_GONE, %OKAP_ERROR_BLOCKED for another user's program,
 *   %OKAP_ERROR_INTERNAL if the bus does not answer
 *
 * Returns: (transfer full) (nullable): the caller, whose identity may be an unknown one
 */
OkapCaller *
okap_bus_peer_identify_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  OkapBusVanishedFunc vanished;
  gpointer user_data;
} Watch;

static void
owner_changed_cb (GDBusConnection *connection, const char *sender, const char *path,
                  const char *interface, const char *signal, GVariant *parameters,
                  gpointer user_data)
{
  const Watch *watch = user_data;
  const char *new_owner = NULL;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &new_owner);
  if (new_owner[0] == '\0')
    watch->vanished (watch->user_data);
}

/** okap_bus_peer_watch: returns: for g_dbus_connection_signal_unsubscribe() */
guint
okap_bus_peer_watch (GDBusConnection *connection, const char *sender, OkapBusVanishedFunc vanished,
                     gpointer user_data)
{
  Watch *watch = g_new (Watch, 1);

  watch->vanished = vanished;
  watch->user_data = user_data;
  return g_dbus_connection_signal_subscribe (connection, BUS_NAME, BUS_INTERFACE,
                                             "NameOwnerChanged", BUS_PATH, sender,
                                             G_DBUS_SIGNAL_FLAGS_NONE, owner_changed_cb, watch,
                                             g_free);
}
