/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* A thin row that counts down to the end of the grant that ends first, while that is less than an
 * hour away. Emits "show-grant" (id). */
#define OKAP_TYPE_COUNTDOWN (okap_countdown_get_type ())
G_DECLARE_FINAL_TYPE (OkapCountdown, okap_countdown, OKAP, COUNTDOWN, GtkWidget)

void okap_countdown_set_broker (OkapCountdown *self, OkapBroker *broker);

G_END_DECLS
