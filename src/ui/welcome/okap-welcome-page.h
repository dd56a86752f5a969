/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* First run: passphrase, recovery code, login, first key, first question. Emits "done" with whether
 * to "try-it" or "look" first. */
#define OKAP_TYPE_WELCOME_PAGE (okap_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapWelcomePage, okap_welcome_page, OKAP, WELCOME_PAGE, AdwBin)

void     okap_welcome_page_set_core (OkapWelcomePage *self, OkapCore *core);
gboolean okap_welcome_page_resume   (OkapWelcomePage *self);

G_END_DECLS
