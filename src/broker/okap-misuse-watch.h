/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"
#include "okap-misuse.h"
#include "okap-store.h"

G_BEGIN_DECLS

/* Hears of tokens that other programs tried. Emits "misuse" (OkapMisuse) when a person should be
 * told: "Token of A used by B". What the person may do then, in the window and nowhere else:
 *
 *   okap_broker_allow_program_async (broker, grant->id, okap_misuse_get_identity (misuse), …)
 *     only where okap_misuse_is_allowable(), only from a press that OkapAllowButton took for real
 *   okap_broker_set_grant_state_async (broker, grant->id, OKAP_GRANT_REVOKED, …)
 *
 * Either takes the rows that it settles out of the list. Main thread. */
#define OKAP_TYPE_MISUSE_WATCH (okap_misuse_watch_get_type ())
G_DECLARE_FINAL_TYPE (OkapMisuseWatch, okap_misuse_watch, OKAP, MISUSE_WATCH, GObject)

OkapMisuseWatch *okap_misuse_watch_new      (OkapGate *gate, OkapStore *store, OkapClock *clock)
                                             G_GNUC_WARN_UNUSED_RESULT;
GListModel      *okap_misuse_watch_get_list (OkapMisuseWatch *self);
void             okap_misuse_watch_forget   (OkapMisuseWatch *self, const char *grant_id,
                                             const OkapIdentity *identity);

G_END_DECLS
