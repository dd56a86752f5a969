/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* A grant made by hand, for an app that does not ask by itself. */
#define OKAP_TYPE_HAND_DIALOG (okap_hand_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapHandDialog, okap_hand_dialog, OKAP, HAND_DIALOG, AdwWindow)

GtkWidget *okap_hand_dialog_new (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
