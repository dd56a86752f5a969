/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-http.h"
#include "okap-token.h"

G_BEGIN_DECLS

gboolean okap_http_token_find      (const OkapHttpHead *head, const char *in_path,
                                    gsize in_path_length, char out_token[OKAP_TOKEN_LENGTH],
                                    GError **error);
gboolean okap_http_token_is_header (const char *name);
gboolean okap_http_token_is_query  (const char *parameter, gsize length);

G_END_DECLS
