/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brings the answer of a link to its callback. Main thread; nothing here blocks.
 *
 * A loopback address is asked by Okap itself, with one GET. A browser would do, too, but the person
 * has just answered in a window of ours and needs no other one; and what goes through a browser
 * stays in its history and is read by its extensions. It is a plain request that any program can
 * make: no cookie, no proxy, no redirect followed, a few seconds, and what comes back is read up to
 * a bound and dropped. It goes to a literal of loopback whatever "localhost" means here.
 *
 * Websites and schemes of apps are opened by whoever the desktop has for them. */
#include "config.h"

#include "okap-link-send.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"

typedef struct
{
  GSocketConnectable *second;     /* (owned) (nullable) to be tried if the first does not answer */
  GSocketConnection *connection;  /* (owned) (nullable) */
  char *head;                     /* (owned) of the request; has the code */
  char *room;                     /* (owned) for what comes back */
  gsize received;
} Sending;

static void
sending_free (gpointer data)
{
  Sending *sending = data;

  g_clear_object (&sending->second);
  g_clear_object (&sending->connection);
  g_free (sending->head);
  g_free (sending->room);
  g_free (sending);
}

static GSocketConnectable *
make_address (const char *literal, guint16 port)
{
  return G_SOCKET_CONNECTABLE (g_inet_socket_address_new_from_string (literal, port));
}

static gboolean
too_late_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

/* The answer counts as delivered once it is sent. */
static void
received_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sending *sending = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n > 0)
    sending->received += (gsize) n;
  if (n <= 0 || sending->received >= OKAP_CAP_CALLBACK_ANSWER_BYTES)
    g_task_return_boolean (task, TRUE);
  else
    g_input_stream_read_async (G_INPUT_STREAM (source), sending->room,
                               OKAP_CAP_CALLBACK_ANSWER_BYTES, G_PRIORITY_DEFAULT, cancellable,
                               received_cb, g_steal_pointer (&task));
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sending *sending = g_task_get_task_data (task);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (sending->connection));
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  sending->room = g_malloc (OKAP_CAP_CALLBACK_ANSWER_BYTES);
  g_input_stream_read_async (input, sending->room, OKAP_CAP_CALLBACK_ANSWER_BYTES,
                             G_PRIORITY_DEFAULT, cancellable, received_cb,
                             g_steal_pointer (&task));
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sending *sending = g_task_get_task_data (task);
  g_autoptr (GSocketConnectable) second = g_steal_pointer (&sending->second);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  sending->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (sending->connection == NULL && second != NULL)
    {
      g_error_free (error);
      g_socket_client_connect_async (G_SOCKET_CLIENT (source), second, cancellable, connected_cb,
                                     g_steal_pointer (&task));
      return;
    }
  if (sending->connection == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_output_stream_write_all_async (
    g_io_stream_get_output_stream (G_IO_STREAM (sending->connection)), sending->head,
    strlen (sending->head), G_PRIORITY_DEFAULT, cancellable, sent_cb, g_steal_pointer (&task));
}

/* The request for @answer, which begins with the authority of a callback on loopback. */
static char *
dup_head (const char *answer)
{
  const char *authority = answer + strlen ("http://");
  gsize length = strcspn (authority, "/?");
  const char *target = authority + length;

  return g_strdup_printf ("GET %s%s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: Okap/%s\r\n"
                          "Accept: */*\r\nConnection: close\r\n\r\n",
                          *target == '/' ? "" : "/", target, (int) length, authority,
                          OKAP_VERSION);
}

/* @task: (transfer full) */
static void
send_to_loopback (GTask *task, const OkapCallback *callback, const char *answer)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  gboolean by_name = g_str_equal (callback->host, "localhost");
  g_autoptr (GSocketConnectable) first = make_address (by_name ? "127.0.0.1" : callback->host,
                                                       callback->port);
  GCancellable *cancellable = g_task_get_cancellable (task);
  Sending *sending = g_new0 (Sending, 1);

  sending->head = dup_head (answer);
  if (by_name)
    sending->second = make_address ("::1", callback->port);
  g_task_set_task_data (task, sending, sending_free);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, OKAP_CAP_CALLBACK_S, too_late_cb,
                              g_object_ref (cancellable), g_object_unref);
  g_socket_client_connect_async (client, first, cancellable, connected_cb, task);
}

static void
launched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * okap_link_send_async:
 * @answer: as okap_callback_dup_answer() made it of @callback
 */
void
okap_link_send_async (const OkapCallback *callback, const char *answer,
                      GAsyncReadyCallback callback_func, gpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback_func, user_data);

  g_task_set_source_tag (task, okap_link_send_async);
  g_task_set_check_cancellable (task, FALSE);
  if (callback->kind == OKAP_CALLBACK_LOOPBACK)
    send_to_loopback (g_steal_pointer (&task), callback, answer);
  else
    g_app_info_launch_default_for_uri_async (answer, NULL, NULL, launched_cb,
                                             g_steal_pointer (&task));
}

/** okap_link_send_finish: whether it left Okap; errors are those of GIO */
gboolean
okap_link_send_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
