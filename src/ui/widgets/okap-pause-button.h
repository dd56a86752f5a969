/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* Pauses all apps, and resumes them. Emits "failed" with words for the person if it could not. */
#define OKAP_TYPE_PAUSE_BUTTON (okap_pause_button_get_type ())
G_DECLARE_FINAL_TYPE (OkapPauseButton, okap_pause_button, OKAP, PAUSE_BUTTON, GtkButton)

void okap_pause_button_set_broker (OkapPauseButton *self, OkapBroker *broker);

G_END_DECLS
