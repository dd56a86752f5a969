/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-store.h"

G_BEGIN_DECLS

/* What went through Okap, and what was decided, newest first, as it happens. Emits "show-app" with
 * the id of a grant. */
#define OKAP_TYPE_ACTIVITY_PAGE (okap_activity_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapActivityPage, okap_activity_page, OKAP, ACTIVITY_PAGE, AdwBin)

void okap_activity_page_set_store (OkapActivityPage *self, OkapStore *store);
void okap_activity_page_show_app  (OkapActivityPage *self, const char *app);

G_END_DECLS
