/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-error.h"
#include "okap-prompter.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* A prompter that answers as a test says, or waits. Keeps what it was asked. */
#define SCRIPTED_TYPE_PROMPTER (scripted_prompter_get_type ())
G_DECLARE_FINAL_TYPE (ScriptedPrompter, scripted_prompter, SCRIPTED, PROMPTER, GObject)

ScriptedPrompter *scripted_prompter_new            (void);
guint             scripted_prompter_get_asked      (ScriptedPrompter *self);
guint             scripted_prompter_get_unlocks    (ScriptedPrompter *self);
gboolean          scripted_prompter_is_shown       (ScriptedPrompter *self);
OkapQuestion     *scripted_prompter_get_question   (ScriptedPrompter *self);
void              scripted_prompter_answer         (ScriptedPrompter *self, OkapDecision *decision);
void              scripted_prompter_answer_unlock  (ScriptedPrompter *self, gboolean unlocked);
void              scripted_prompter_set_attended   (ScriptedPrompter *self, gboolean attended);
void              scripted_prompter_fail           (ScriptedPrompter *self, OkapError code);

G_END_DECLS
