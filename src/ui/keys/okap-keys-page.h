/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* The user's keys, by provider, and the page of each. Emits "show-app" (grant id). */
#define OKAP_TYPE_KEYS_PAGE (okap_keys_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeysPage, okap_keys_page, OKAP, KEYS_PAGE, AdwBin)

void okap_keys_page_set_core (OkapKeysPage *self, OkapCore *core);
void okap_keys_page_add_key  (OkapKeysPage *self);
void okap_keys_page_show_key (OkapKeysPage *self, const char *key_id);

G_END_DECLS
