/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-identity.h"
#include "okap-request.h"

G_BEGIN_DECLS

/* Who it is: what Okap saw first, then what the app says of itself, as a quotation. */
#define OKAP_TYPE_WHO_BOX (okap_who_box_get_type ())
G_DECLARE_FINAL_TYPE (OkapWhoBox, okap_who_box, OKAP, WHO_BOX, GtkBox)

void okap_who_box_show (OkapWhoBox *self, const OkapIdentity *seen, const OkapRequest *claim);

G_END_DECLS
