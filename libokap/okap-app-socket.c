/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Asking by Okap's Unix socket: for programs without a session bus. The answer comes on the same
 * connection, which nobody else can read, so there is no code to redeem. */
#include "config.h"

#include "okap-app-private.h"

#include <gio/gunixsocketaddress.h>

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  OkapAppReply *reply = okap_app_http_post_finish (result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, reply, (GDestroyNotify) okap_app_reply_free);
  else
    g_task_return_error (task, error);
}

void
okap_app_socket_ask_async (const OkapAppQuestion *question, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *path = okap_app_dup_socket ();
  g_autofree char *prefer = g_strdup_printf ("Prefer: wait=%u\r\n", question->timeout_s);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  g_task_set_source_tag (task, okap_app_socket_ask_async);
  okap_app_http_post_async (G_SOCKET_CONNECTABLE (address), "localhost", "/okap/authorize", prefer,
                            question->json, cancellable, answered_cb, task);
}

OkapAppReply *
okap_app_socket_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
