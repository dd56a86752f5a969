/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-console.h"
#include "okap-prompter.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* Asks the person at the terminal of okap serve. Main thread. */
#define OKAP_TYPE_TERMINAL_PROMPTER (okap_terminal_prompter_get_type ())
G_DECLARE_FINAL_TYPE (OkapTerminalPrompter, okap_terminal_prompter, OKAP, TERMINAL_PROMPTER,
                      GObject)

OkapPrompter *okap_terminal_prompter_new (OkapConsole *console, OkapVault *vault)
                                          G_GNUC_WARN_UNUSED_RESULT;
void          okap_terminal_prompter_vouch (OkapTerminalPrompter *self);

G_END_DECLS
