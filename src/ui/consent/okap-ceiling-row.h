/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-price.h"

G_BEGIN_DECLS

/* What a model without a known price may cost at most: an expander row to switch on. */
#define OKAP_TYPE_CEILING_ROW (okap_ceiling_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapCeilingRow, okap_ceiling_row, OKAP, CEILING_ROW, AdwExpanderRow)

GtkWidget       *okap_ceiling_row_new (void) G_GNUC_WARN_UNUSED_RESULT;
OkapPriceCeiling okap_ceiling_row_get (OkapCeilingRow *self);
void             okap_ceiling_row_set (OkapCeilingRow *self, const OkapPriceCeiling *ceiling);

G_END_DECLS
