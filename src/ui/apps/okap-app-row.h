/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-app-icons.h"
#include "okap-app-stats.h"
#include "okap-broker.h"

G_BEGIN_DECLS

/* An app in the list: who it is, how it does, what is used of its budget. Its details open when it
 * is activated. */
#define OKAP_TYPE_APP_ROW (okap_app_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppRow, okap_app_row, OKAP, APP_ROW, AdwActionRow)

GtkWidget     *okap_app_row_new      (OkapBroker *broker, OkapAppStats *stats, OkapAppIcons *icons,
                                      OkapGrantItem *item) G_GNUC_WARN_UNUSED_RESULT;
OkapGrantItem *okap_app_row_get_item (OkapAppRow *self);
/* There is little room: what the words say, too, is left out. */
void           okap_app_row_set_narrow (OkapAppRow *self, gboolean narrow);
/* Time has passed. */
void           okap_app_row_refresh  (OkapAppRow *self);

G_END_DECLS
