/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* The step for the first keys. Emits "next" when the user goes on, with keys or without. */
#define OKAP_TYPE_FIRST_KEY_PAGE (okap_first_key_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapFirstKeyPage, okap_first_key_page, OKAP, FIRST_KEY_PAGE, AdwBin)

void okap_first_key_page_set_core (OkapFirstKeyPage *self, OkapCore *core);

G_END_DECLS
