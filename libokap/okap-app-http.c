/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One POST to Okap, whose address is a socket of this computer: connect, send, read to the end.
 * The server is asked to close, and what it sends is bounded, so there is no more to HTTP here than
 * a status line and where the body begins. Runs in the caller's main context; the bytes are wiped.
 */
#include "config.h"

#include "okap-app-private.h"

#include <string.h>

#define ANSWER_BYTES (256 * 1024)

typedef struct
{
  char *request;                  /* (owned) may hold a verifier; wiped */
  GSocketConnection *connection;  /* (owned) (nullable) */
  char *answer;                   /* (owned) ANSWER_BYTES + 1; wiped */
  gsize length;
} Exchange;

static void
exchange_free (Exchange *exchange)
{
  okap_app_wipe (exchange->request);
  g_clear_object (&exchange->connection);
  explicit_bzero (exchange->answer, exchange->length);
  g_free (exchange->answer);
  g_free (exchange);
}

static void
fail (GTask *task, const char *why)
{
  g_task_return_new_error (task, OKAP_APP_ERROR, OKAP_APP_ERROR_PROTOCOL,
                           "Okap did not answer as expected: %s", why);
}

static void
finish (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  char *body;
  OkapAppReply *reply;

  exchange->answer[exchange->length] = '\0';
  body = strstr (exchange->answer, "\r\n\r\n");
  if (strlen (exchange->answer) != exchange->length || body == NULL
      || strncmp (exchange->answer, "HTTP/1.1 ", 9) != 0)
    {
      fail (task, "expected an answer of HTTP/1.1");
      return;
    }
  reply = g_new0 (OkapAppReply, 1);
  reply->status = (guint) g_ascii_strtoull (exchange->answer + 9, NULL, 10);
  reply->text = g_strdup (body + 4);
  g_task_return_pointer (task, reply, (GDestroyNotify) okap_app_reply_free);
}

static void read_on (GTask *task);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n < 0)
    g_task_return_error (task, error);
  else if (n == 0)
    finish (task);
  else
    {
      exchange->length += (gsize) n;
      if (exchange->length >= ANSWER_BYTES)
        fail (task, "its answer is too long");
      else
        read_on (g_steal_pointer (&task));
    }
}

/* @task: (transfer full) */
static void
read_on (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (exchange->connection));

  g_input_stream_read_async (input, exchange->answer + exchange->length,
                             ANSWER_BYTES - exchange->length, G_PRIORITY_DEFAULT,
                             g_task_get_cancellable (task), read_cb, task);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    read_on (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GOutputStream *output;

  exchange->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (exchange->connection == NULL)
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_task_return_error (task, g_steal_pointer (&error));
      else
        g_task_return_new_error (task, OKAP_APP_ERROR, OKAP_APP_ERROR_UNAVAILABLE,
                                 "Okap does not run: %s", error->message);
      return;
    }
  output = g_io_stream_get_output_stream (G_IO_STREAM (exchange->connection));
  g_output_stream_write_all_async (output, exchange->request, strlen (exchange->request),
                                   G_PRIORITY_DEFAULT, g_task_get_cancellable (task), written_cb,
                                   g_object_ref (task));
}

/**
 * okap_app_http_post_async:
 * @host: for the Host header
 * @headers: further lines, each with its end
 */
void
okap_app_http_post_async (GSocketConnectable *where, const char *host, const char *path,
                          const char *headers, const char *body, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  Exchange *exchange = g_new0 (Exchange, 1);

  g_task_set_source_tag (task, okap_app_http_post_async);
  exchange->request = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n"
                                       "Content-Type: application/json\r\nContent-Length: %zu\r\n"
                                       "%s\r\n%s", path, host, strlen (body), headers, body);
  exchange->answer = g_malloc (ANSWER_BYTES + 1);
  g_task_set_task_data (task, exchange, (GDestroyNotify) exchange_free);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, where, cancellable, connected_cb,
                                 g_steal_pointer (&task));
}

OkapAppReply *
okap_app_http_post_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
