/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* Adds a provider key, or replaces one. Emits "added" with the key as it is then, and
 * closes. */
#define OKAP_TYPE_KEY_DIALOG (okap_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyDialog, okap_key_dialog, OKAP, KEY_DIALOG, AdwWindow)

GtkWidget *okap_key_dialog_new (OkapBroker *broker, const char *provider)
                                G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_key_dialog_new_replacement (OkapBroker *broker, OkapKeyInfo *old_key)
                                            G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
