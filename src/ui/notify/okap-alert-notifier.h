/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-alerts.h"
#include "okap-price-seal.h"

G_BEGIN_DECLS

void okap_alert_notifier_attach (OkapAlerts *alerts, OkapPriceSeal *prices,
                                 GApplication *application);

G_END_DECLS
