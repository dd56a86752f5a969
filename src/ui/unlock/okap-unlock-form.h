/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* Asks for the passphrase or the recovery code and unlocks the vault with it. Emits "unlocked"
 * when this or anything else has unlocked it. */
#define OKAP_TYPE_UNLOCK_FORM (okap_unlock_form_get_type ())
G_DECLARE_FINAL_TYPE (OkapUnlockForm, okap_unlock_form, OKAP, UNLOCK_FORM, GtkBox)

void okap_unlock_form_set_vault  (OkapUnlockForm *self, OkapVault *vault);
/* In place of that: who types it here is there, too. */
void okap_unlock_form_set_broker (OkapUnlockForm *self, OkapBroker *broker);

G_END_DECLS
