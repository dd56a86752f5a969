/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* The apps that the user has let in, those that still are above those that were. Emits "try-it"
 * and "add-key" from its empty state. */
#define OKAP_TYPE_APPS_PAGE (okap_apps_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppsPage, okap_apps_page, OKAP, APPS_PAGE, AdwBin)

void okap_apps_page_set_core (OkapAppsPage *self, OkapCore *core);

G_END_DECLS
