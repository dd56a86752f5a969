/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-question.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* Whether who sits at a terminal has shown the passphrase there. Main thread. */
typedef struct _OkapTerminalVouch OkapTerminalVouch;

OkapTerminalVouch *okap_terminal_vouch_new (OkapVault *vault) G_GNUC_WARN_UNUSED_RESULT;
void        okap_terminal_vouch_free         (OkapTerminalVouch *self);
void        okap_terminal_vouch_give         (OkapTerminalVouch *self);
OkapStepUp  okap_terminal_vouch_find_step_up (const OkapTerminalVouch *self);
const char *okap_terminal_vouch_get_words    (const OkapTerminalVouch *self);

G_END_DECLS
