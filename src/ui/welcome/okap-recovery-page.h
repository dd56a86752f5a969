/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-secret.h"

G_BEGIN_DECLS

/* Shows the recovery code once and asks for two of its groups back. Emits "kept" when the user
 * has it. */
#define OKAP_TYPE_RECOVERY_PAGE (okap_recovery_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapRecoveryPage, okap_recovery_page, OKAP, RECOVERY_PAGE, AdwBin)

void okap_recovery_page_set_code (OkapRecoveryPage *self, OkapSecret *code);

G_END_DECLS
