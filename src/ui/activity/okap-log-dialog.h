/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-log-item.h"

G_BEGIN_DECLS

/* All that is known of one request or one decision. Emits "show-app" with the id of a grant. */
#define OKAP_TYPE_LOG_DIALOG (okap_log_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapLogDialog, okap_log_dialog, OKAP, LOG_DIALOG, AdwWindow)

GtkWidget *okap_log_dialog_new (OkapLogItem *item, GtkWindow *parent);

G_END_DECLS
