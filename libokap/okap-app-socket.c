/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Asking by Okap's Unix socket: for programs without a session bus. The answer comes on the same
 * connection, which nobody else can read, so there is no code to redeem. */
#include "config.h"

#include "okap-app-private.h"

#include <gio/gunixsocketaddress.h>

/* okap_app_socket_ask_async: finished by okap_app_http_post_finish() */
void
okap_app_socket_ask_async (const OkapAppQuestion *question, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *path = okap_app_dup_socket ();
  g_autofree char *prefer = g_strdup_printf ("Prefer: wait=%u\r\n", question->timeout_s);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  okap_app_http_post_async (G_SOCKET_CONNECTABLE (address), "localhost", "/okap/authorize", prefer,
                            question->json, cancellable, callback, user_data);
}
