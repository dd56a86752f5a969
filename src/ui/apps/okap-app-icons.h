/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-identity.h"

G_BEGIN_DECLS

/* Icons of programs, from the desktop files that are installed. They are read off this thread;
 * emits "changed" when they are there. Main thread. */
#define OKAP_TYPE_APP_ICONS (okap_app_icons_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppIcons, okap_app_icons, OKAP, APP_ICONS, GObject)

OkapAppIcons *okap_app_icons_new  (void) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer none) (nullable) */
GIcon        *okap_app_icons_find (OkapAppIcons *self, const OkapIdentity *identity);

G_END_DECLS
