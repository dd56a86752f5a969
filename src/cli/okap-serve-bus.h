/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-broker.h"

G_BEGIN_DECLS

/* The session bus for okap serve: connection, name and door. Main thread. */
typedef struct _OkapServeBus OkapServeBus;

/* Called once: the name is owned, or @error says why it is not. */
typedef void (*OkapServeBusOwnedFunc) (const GError *error, gpointer user_data);
/* Called once: what waited was told of the end, or the bus takes too long. */
typedef void (*OkapServeBusEndedFunc) (gpointer user_data);

OkapServeBus *okap_serve_bus_new  (OkapBroker *broker, OkapServeBusOwnedFunc owned,
                                   gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void          okap_serve_bus_open (OkapServeBus *bus, const char *origin, const char *socket);
void          okap_serve_bus_end  (OkapServeBus *bus, OkapServeBusEndedFunc ended,
                                   gpointer user_data);
void          okap_serve_bus_free (OkapServeBus *bus);

G_END_DECLS
