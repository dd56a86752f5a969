/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-locking.h"

G_BEGIN_DECLS

/* What the window shows while nobody is taken to be there: why, what goes on, and the way back for
 * whoever has the passphrase. */
#define OKAP_TYPE_RESTRICTED_PAGE (okap_restricted_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapRestrictedPage, okap_restricted_page, OKAP, RESTRICTED_PAGE, AdwBin)

void okap_restricted_page_set_locking (OkapRestrictedPage *self, OkapLocking *locking,
                                       OkapBroker *broker);

G_END_DECLS
