/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* (transfer full) A toast that says that a grant was revoked, and gives it back when its button is
 * pressed by a device. @failed: called with words, if it cannot; for as long as @data lives. */
typedef void (*OkapUndoFailedFunc) (gpointer data, const char *words);

AdwToast *okap_undo_toast_new (OkapBroker *broker, OkapGrantItem *item, OkapUndoFailedFunc failed,
                               GObject *data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
