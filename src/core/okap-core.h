/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* Everything but a user interface: vault, store, gate, broker, HTTP thread with proxy and doors.
 * The app and "okap serve" are two thin shells around it. Main thread. */
#define OKAP_TYPE_CORE (okap_core_get_type ())
G_DECLARE_FINAL_TYPE (OkapCore, okap_core, OKAP, CORE, GObject)

OkapCore   *okap_core_new          (void) G_GNUC_WARN_UNUSED_RESULT;

/* @listen: (nullable): "ADDRESS:PORT" on loopback; NULL for the remembered port or 6527, and a
 * free one if that is taken. Only one core runs per XDG_RUNTIME_DIR (%OKAP_ERROR_CONFLICT). */
void        okap_core_start_async  (OkapCore *self, const char *listen,
                                    GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_core_start_finish (OkapCore *self, GAsyncResult *result, GError **error);

/* Cuts what runs, writes what is queued, closes. Blocks until done; call it once, at the end. */
void        okap_core_stop         (OkapCore *self);

/* The port that the user wants instead of the usual one; 0 for that. Before the start. */
void        okap_core_set_port     (OkapCore *self, guint16 port);

/* Calls @done on the main thread once no other thread works for what was cut until now. */
void        okap_core_settle       (OkapCore *self, GSourceFunc done, gpointer done_data);

OkapVault  *okap_core_get_vault    (OkapCore *self);
OkapStore  *okap_core_get_store    (OkapCore *self);
OkapBroker *okap_core_get_broker   (OkapCore *self);
const char *okap_core_get_origin   (OkapCore *self);
const char *okap_core_get_socket   (OkapCore *self);
gboolean    okap_core_port_moved   (OkapCore *self);

void        okap_core_test_key_async  (OkapCore *self, const char *key_id,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_core_test_key_finish (OkapCore *self, GAsyncResult *result, char **out_words,
                                       GError **error);

G_END_DECLS
