/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"
#include "okap-key-stats.h"

G_BEGIN_DECLS

/* All about one key, and what can be done with it. Emits "back", and "show-app" (grant id). */
#define OKAP_TYPE_KEY_DETAILS (okap_key_details_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyDetails, okap_key_details, OKAP, KEY_DETAILS, AdwBin)

void        okap_key_details_set_core (OkapKeyDetails *self, OkapCore *core, OkapKeyStats *stats);
void        okap_key_details_show     (OkapKeyDetails *self, OkapKeyInfo *key);
const char *okap_key_details_get_id   (OkapKeyDetails *self);
void        okap_key_details_test     (OkapKeyDetails *self);

G_END_DECLS
