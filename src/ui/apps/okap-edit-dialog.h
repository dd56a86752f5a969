/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* What an app may do, to be changed: narrower by a click, wider with the passphrase. */
#define OKAP_TYPE_EDIT_DIALOG (okap_edit_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapEditDialog, okap_edit_dialog, OKAP, EDIT_DIALOG, AdwWindow)

GtkWidget *okap_edit_dialog_new (OkapBroker *broker, OkapGrantItem *item) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
