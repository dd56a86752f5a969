/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-app-icons.h"
#include "okap-core.h"

G_BEGIN_DECLS

/* All about one app, and what can be done to it. Emits "revoked" (id) when the user took it back
 * here, and "show-activity" (id). */
#define OKAP_TYPE_APP_DETAILS (okap_app_details_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppDetails, okap_app_details, OKAP, APP_DETAILS, AdwBin)

void           okap_app_details_set_core (OkapAppDetails *self, OkapCore *core,
                                          OkapAppIcons *icons);
/* @item: (nullable) */
void           okap_app_details_set_item (OkapAppDetails *self, OkapGrantItem *item);
OkapGrantItem *okap_app_details_get_item (OkapAppDetails *self);

G_END_DECLS
