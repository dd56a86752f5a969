/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An app like any other, in miniature: it asks for access over HTTP and then sends a question
 * with the token that it got. It knows nothing of Okap's inside. Main thread. */
#define OKAP_TYPE_DEMO_CLIENT (okap_demo_client_get_type ())
G_DECLARE_FINAL_TYPE (OkapDemoClient, okap_demo_client, OKAP, DEMO_CLIENT, GObject)

/* Called on the main thread for each piece of the answer. */
typedef void (*OkapDemoTextFunc) (const char *text, gpointer user_data);

OkapDemoClient *okap_demo_client_new              (const char *origin) G_GNUC_WARN_UNUSED_RESULT;
gboolean        okap_demo_client_has_access       (OkapDemoClient *self);

void            okap_demo_client_authorize_async  (OkapDemoClient *self, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
gboolean        okap_demo_client_authorize_finish (OkapDemoClient *self, GAsyncResult *result,
                                                   GError **error);
void            okap_demo_client_ask_async        (OkapDemoClient *self, const char *question,
                                                   GCancellable *cancellable,
                                                   OkapDemoTextFunc func, gpointer func_data,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
gboolean        okap_demo_client_ask_finish       (OkapDemoClient *self, GAsyncResult *result,
                                                   GError **error);

G_END_DECLS
