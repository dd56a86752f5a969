/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-prompter.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* Asks to unlock because a request waits. Emits "decided" with whether the vault is unlocked. */
#define OKAP_TYPE_UNLOCK_DIALOG (okap_unlock_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapUnlockDialog, okap_unlock_dialog, OKAP, UNLOCK_DIALOG, AdwWindow)

GtkWidget *okap_unlock_dialog_new (OkapVault *vault, OkapQuestion *question)
                                   G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
