/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-gate.h"
#include "okap-store.h"

G_BEGIN_DECLS

/* What a person should hear of money. Constant, shared by reference. */
#define OKAP_TYPE_ALERT (okap_alert_get_type ())
typedef struct
{
  gatomicrefcount ref_count;
  OkapGrant *grant;         /* (owned) */
  char *provider;           /* (owned) */
  OkapStanding standing;    /* of the limit that it is about */
  guint percent;            /* of it that is settled: 50, 80, 95 or 100 */
  gint64 lasts_until_us;    /* at the pace of this window; 0: it lasts, or is used up */
} OkapAlert;

GType      okap_alert_get_type (void) G_GNUC_CONST;
OkapAlert *okap_alert_ref      (OkapAlert *alert);
void       okap_alert_unref    (OkapAlert *alert);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapAlert, okap_alert_unref)

/* Writes an audit line for each alert of the gate and emits "alert" (OkapAlert). Main thread. */
#define OKAP_TYPE_ALERTS (okap_alerts_get_type ())
G_DECLARE_FINAL_TYPE (OkapAlerts, okap_alerts, OKAP, ALERTS, GObject)

OkapAlerts *okap_alerts_new      (OkapGate *gate, OkapStore *store, OkapClock *clock)
                                  G_GNUC_WARN_UNUSED_RESULT;
gint64      okap_alerts_forecast (const OkapStanding *standing, gint64 window_start_us,
                                  gint64 now_us);

G_END_DECLS
