/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-vault.h"

G_BEGIN_DECLS

/* The first step of a new user: a passphrase. Emits "created" with the recovery code and
 * the passphrase (both OkapSecret). */
#define OKAP_TYPE_CREATE_PAGE (okap_create_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapCreatePage, okap_create_page, OKAP, CREATE_PAGE, AdwBin)

void okap_create_page_set_vault (OkapCreatePage *self, OkapVault *vault);

G_END_DECLS
