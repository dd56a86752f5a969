/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-app-icons.h"

G_BEGIN_DECLS

/* An app's picture: the icon of its program, or the initials of its name. Decoration beside the
 * name. Property: "size" in pixels. */
#define OKAP_TYPE_APP_ICON (okap_app_icon_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppIcon, okap_app_icon, OKAP, APP_ICON, AdwBin)

void okap_app_icon_show (OkapAppIcon *self, GIcon *icon, const char *name);

G_END_DECLS
