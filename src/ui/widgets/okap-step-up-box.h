/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-secret.h"

G_BEGIN_DECLS

/* Asks for the passphrase beside a press, and says why. Invisible while nothing needs it. Emits
 * "changed", and "activate" when Return is pressed in the entry. */
#define OKAP_TYPE_STEP_UP_BOX (okap_step_up_box_get_type ())
G_DECLARE_FINAL_TYPE (OkapStepUpBox, okap_step_up_box, OKAP, STEP_UP_BOX, GtkBox)

void        okap_step_up_box_set_why     (OkapStepUpBox *self, const char *why);
void        okap_step_up_box_set_problem (OkapStepUpBox *self, const char *problem);
gboolean    okap_step_up_box_is_filled   (OkapStepUpBox *self);
OkapSecret *okap_step_up_box_take_secret (OkapStepUpBox *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
