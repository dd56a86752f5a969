/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-bus-door.h"
#include "okap-bus-options.h"
#include "okap-bus-outcome.h"

G_BEGIN_DECLS

typedef struct _OkapBusGrants OkapBusGrants;

/* okap-bus-door.c */
struct _OkapBusDoor
{
  GObject parent_instance;

  GDBusConnection *connection;  /* (owned) (nullable) while exported */
  guint registration;
  OkapBroker *broker;           /* (owned) (nullable) until it is set, and after closing */
  char *origin;                 /* (owned) (nullable) until the core serves */
  char *socket;                 /* (owned) (nullable) likewise */
  gboolean closed;
  GError *error;                /* (owned) (nullable) why the core cannot serve */
  const char *vault_state;      /* (unowned) as it was told */

  GHashTable *requests;         /* path (unowned) → OkapBusRequest (owned), all that exist */
  GQueue open;                  /* (element-type OkapBusRequest) unowned, oldest first */
  GQueue ended;                 /* likewise */
  guint sweep;                  /* while some have ended */
  OkapBusGrants *grants;        /* (owned) (nullable) while exported */
};

/* One request, an object on the bus: okap-bus-request.c */
#define OKAP_TYPE_BUS_REQUEST (okap_bus_request_get_type ())
G_DECLARE_FINAL_TYPE (OkapBusRequest, okap_bus_request, OKAP, BUS_REQUEST, GObject)

OkapBusRequest *okap_bus_request_new       (OkapBusDoor *door, const char *sender, const char *path,
                                            OkapBusOptions *options, GError **error)
                                            G_GNUC_WARN_UNUSED_RESULT;
void            okap_bus_request_start     (OkapBusRequest *self, const char *parent_window,
                                            const char *json);
void            okap_bus_request_go_on     (OkapBusRequest *self);
void            okap_bus_request_fail      (OkapBusRequest *self, const GError *error,
                                            guint retry_after_s);
void            okap_bus_request_end       (OkapBusRequest *self, const char *reason,
                                            const char *message);
void            okap_bus_request_remove    (OkapBusRequest *self);
const char     *okap_bus_request_get_path  (OkapBusRequest *self);
const char     *okap_bus_request_get_sender (OkapBusRequest *self);
gboolean        okap_bus_request_is_open   (OkapBusRequest *self);
gint64          okap_bus_request_get_ended (OkapBusRequest *self);

void            okap_bus_door_note_ended   (OkapBusDoor *self, OkapBusRequest *request);
void            okap_bus_door_forget       (OkapBusDoor *self, OkapBusRequest *request);

/* A caller's own grants: okap-bus-grants.c */
OkapBusGrants  *okap_bus_grants_new        (GDBusConnection *connection) G_GNUC_WARN_UNUSED_RESULT;
void            okap_bus_grants_free       (OkapBusGrants *grants);
void            okap_bus_grants_set_broker (OkapBusGrants *grants, OkapBroker *broker);
void            okap_bus_grants_list       (OkapBusGrants *grants, GDBusMethodInvocation *call,
                                            const char *origin);
void            okap_bus_grants_revoke     (OkapBusGrants *grants, GDBusMethodInvocation *call,
                                            const char *grant_id);
void            okap_bus_grants_add_owner  (OkapBusGrants *grants, const char *sender,
                                            const char *grant_id);

G_END_DECLS
