/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* Who uses the keys, for what, at what cost: the first page. Emits "try-it" and "add-key" from its
 * empty state, and "show-page" (name) from rows that lead to another page. */
#define OKAP_TYPE_OVERVIEW_PAGE (okap_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapOverviewPage, okap_overview_page, OKAP, OVERVIEW_PAGE, AdwBin)

void okap_overview_page_set_core (OkapOverviewPage *self, OkapCore *core);

G_END_DECLS
