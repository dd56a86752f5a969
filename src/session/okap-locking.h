/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-boot-clock.h"
#include "okap-broker.h"
#include "okap-lock-state.h"

G_BEGIN_DECLS

/* Locks with the session, in two levels: okap-lock-state.c says what follows from what. Main
 * thread. Emits "changed" when the level or the reason is another one. */
#define OKAP_TYPE_LOCKING (okap_locking_get_type ())
G_DECLARE_FINAL_TYPE (OkapLocking, okap_locking, OKAP, LOCKING, GObject)

/* Calls @done once no other thread works with keys of what was cut. */
typedef void (*OkapLockingBarrierFunc) (GSourceFunc done, gpointer done_data, gpointer user_data);
typedef void (*OkapLockingFunc)        (gpointer user_data);

OkapLocking  *okap_locking_new         (OkapBroker *broker, GSettings *settings,
                                        OkapBootClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void          okap_locking_watch       (OkapLocking *self, gboolean session_bus,
                                        gboolean outlives_bus);
void          okap_locking_set_barrier (OkapLocking *self, OkapLockingBarrierFunc func,
                                        gpointer user_data);
OkapLockLevel okap_locking_get_level   (OkapLocking *self);
OkapLockHeld  okap_locking_get_held    (OkapLocking *self);

/* For those who watch, and for tests in their place. */
void          okap_locking_handle      (OkapLocking *self, OkapLockEvent event);
void          okap_locking_set_release_func (OkapLocking *self, OkapLockingFunc func,
                                             gpointer user_data);

G_END_DECLS
