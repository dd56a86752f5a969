/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* Ask a question through Okap, with the built-in provider, as any app would. */
#define OKAP_TYPE_DEMO_PAGE (okap_demo_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapDemoPage, okap_demo_page, OKAP, DEMO_PAGE, AdwBin)

void okap_demo_page_set_core (OkapDemoPage *self, OkapCore *core);

G_END_DECLS
