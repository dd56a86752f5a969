/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* The window while the vault is locked. */
#define OKAP_TYPE_UNLOCK_PAGE (okap_unlock_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapUnlockPage, okap_unlock_page, OKAP, UNLOCK_PAGE, AdwBin)

void okap_unlock_page_set_broker (OkapUnlockPage *self, OkapBroker *broker);

G_END_DECLS
