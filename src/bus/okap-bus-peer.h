/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-caller.h"

G_BEGIN_DECLS

/* Finds out who is behind a unique name. Main thread. */
void        okap_bus_peer_identify_async  (GDBusConnection *connection, const char *sender,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);
OkapCaller *okap_bus_peer_identify_finish (GAsyncResult *result, GError **error)
                                           G_GNUC_WARN_UNUSED_RESULT;

/* Calls @vanished once, on the main thread, when @sender leaves the bus. Matches are there before
 * any call that is made later reaches the bus. */
typedef void (*OkapBusVanishedFunc) (gpointer user_data);

guint       okap_bus_peer_watch   (GDBusConnection *connection, const char *sender,
                                   OkapBusVanishedFunc vanished, gpointer user_data);

G_END_DECLS
