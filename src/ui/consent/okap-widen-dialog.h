/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* May one more program use a grant's token? */
#define OKAP_TYPE_WIDEN_DIALOG (okap_widen_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapWidenDialog, okap_widen_dialog, OKAP, WIDEN_DIALOG, AdwWindow)

GtkWidget *okap_widen_dialog_new (OkapBroker *broker, OkapMisuse *misuse)
                                  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
