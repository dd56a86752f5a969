/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-vault.h"

G_BEGIN_DECLS

/* First run: passphrase, recovery code, first steps. Emits "done" with whether to "try-it",
 * "add-key" or "look" first. */
#define OKAP_TYPE_WELCOME_PAGE (okap_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapWelcomePage, okap_welcome_page, OKAP, WELCOME_PAGE, AdwBin)

void okap_welcome_page_set_vault (OkapWelcomePage *self, OkapVault *vault);

G_END_DECLS
