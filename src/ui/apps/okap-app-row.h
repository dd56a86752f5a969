/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-app-stats.h"
#include "okap-broker.h"

G_BEGIN_DECLS

/* A grant in the list of apps: who, how much, and what it may do. */
#define OKAP_TYPE_APP_ROW (okap_app_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppRow, okap_app_row, OKAP, APP_ROW, AdwExpanderRow)

GtkWidget *okap_app_row_new (OkapBroker *broker, OkapAppStats *stats, OkapGrantItem *item)
                             G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
