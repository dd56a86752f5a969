/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-key-standing.h"

G_BEGIN_DECLS

void okap_key_standing_read (const OkapProvider *provider, const char *headers, const char *body,
                             gsize length, OkapKeyStanding *out_standing);

G_END_DECLS
