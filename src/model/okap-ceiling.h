/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-price.h"

G_BEGIN_DECLS

gboolean okap_ceiling_parse (const char *input, const char *output, OkapPriceCeiling *out_ceiling,
                             GError **error);

G_END_DECLS
