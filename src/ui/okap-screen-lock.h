/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether the screen is locked, as far as anybody on the buses says so. Property: "locked". */
#define OKAP_TYPE_SCREEN_LOCK (okap_screen_lock_get_type ())
G_DECLARE_FINAL_TYPE (OkapScreenLock, okap_screen_lock, OKAP, SCREEN_LOCK, GObject)

OkapScreenLock *okap_screen_lock_new       (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean        okap_screen_lock_is_locked (OkapScreenLock *self);

G_END_DECLS
