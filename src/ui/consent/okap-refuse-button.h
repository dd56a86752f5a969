/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-prompter.h"

G_BEGIN_DECLS

/* Don't Allow, with a menu of how long that is to last. Emits "refused" (OkapRefusal). */
#define OKAP_TYPE_REFUSE_BUTTON (okap_refuse_button_get_type ())
G_DECLARE_FINAL_TYPE (OkapRefuseButton, okap_refuse_button, OKAP, REFUSE_BUTTON, AdwBin)

void okap_refuse_button_set_question (OkapRefuseButton *self, OkapQuestion *question);

G_END_DECLS
