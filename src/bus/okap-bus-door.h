/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* The door on the session bus. Main thread. */
#define OKAP_TYPE_BUS_DOOR (okap_bus_door_get_type ())
G_DECLARE_FINAL_TYPE (OkapBusDoor, okap_bus_door, OKAP, BUS_DOOR, GObject)

OkapBusDoor *okap_bus_door_new        (void) G_GNUC_WARN_UNUSED_RESULT;

/* In this order: exported before the name is owned, the broker before the main loop runs, opened
 * when the core serves. What is asked before that is answered then. */
gboolean     okap_bus_door_export     (OkapBusDoor *self, GDBusConnection *connection,
                                       GError **error);
void         okap_bus_door_set_broker (OkapBusDoor *self, OkapBroker *broker);
void         okap_bus_door_open       (OkapBusDoor *self, const char *origin, const char *socket);
/* Or the core cannot serve: whatever is asked is refused. */
void         okap_bus_door_fail       (OkapBusDoor *self, const GError *error);

/* Ends what waits ("session_ending") and all that comes; before the broker's prompter goes. */
void         okap_bus_door_close      (OkapBusDoor *self);
void         okap_bus_door_unexport   (OkapBusDoor *self);

G_END_DECLS
