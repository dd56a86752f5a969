/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* The door for okap:// links. Main thread. */

/* Asks what @uri asks for, and sends the answer to its callback. Finishes when that is done or
 * cannot be; nothing is told to whoever opened the link. */
void     okap_link_open_async  (OkapBroker *broker, const char *uri, GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean okap_link_open_finish (OkapBroker *broker, GAsyncResult *result, GError **error);

/* The same; what goes wrong is logged. */
void     okap_link_open        (OkapBroker *broker, const char *uri);

/* Whether @uri could be opened, and the digits that the dialog will show. */
char    *okap_link_dup_match   (const char *uri, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
