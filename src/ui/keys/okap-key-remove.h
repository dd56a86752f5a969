/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-key-info.h"

G_BEGIN_DECLS

GtkWidget *okap_key_remove_dialog_new (GtkWindow *parent, OkapKeyInfo *key, const GPtrArray *apps)
                                       G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
