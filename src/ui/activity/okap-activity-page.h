/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-store.h"

G_BEGIN_DECLS

/* What went through Okap, newest first, as it happens. */
#define OKAP_TYPE_ACTIVITY_PAGE (okap_activity_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapActivityPage, okap_activity_page, OKAP, ACTIVITY_PAGE, AdwBin)

void okap_activity_page_set_store (OkapActivityPage *self, OkapStore *store);

G_END_DECLS
