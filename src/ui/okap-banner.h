/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A thin row below the header bar that says what is out of the ordinary, perhaps
 * with a button that mends it. */
#define OKAP_TYPE_BANNER (okap_banner_get_type ())
G_DECLARE_FINAL_TYPE (OkapBanner, okap_banner, OKAP, BANNER, AdwBin)

void     okap_banner_set_text   (OkapBanner *self, const char *text);
void     okap_banner_set_button (OkapBanner *self, const char *label);
gboolean okap_banner_take_press (OkapBanner *self);

G_END_DECLS
