/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-request.h"

G_BEGIN_DECLS

OkapRequest *okap_request_parse (const char *body, gsize length, gint64 now_us, GError **error)
                                 G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
