/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* More money for an app until the day is over, with the passphrase. */
#define OKAP_TYPE_MORE_DIALOG (okap_more_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapMoreDialog, okap_more_dialog, OKAP, MORE_DIALOG, AdwWindow)

GtkWidget *okap_more_dialog_new (OkapBroker *broker, OkapGrantItem *item, gint64 nusd)
                                 G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
