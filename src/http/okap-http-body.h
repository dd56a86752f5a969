/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-http-private.h"

G_BEGIN_DECLS

gboolean okap_http_body_step         (OkapHttpExchange *exchange);
gboolean okap_http_body_is_buffered  (const OkapHttpExchange *exchange);
void     okap_http_body_skip         (OkapHttpExchange *exchange);

G_END_DECLS
