/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "okap-secret.h"

G_BEGIN_DECLS

/* "okap_", 43 base64url characters of randomness, 6 of checksum (PROTOCOL section 2). */
#define OKAP_TOKEN_LENGTH 54
#define OKAP_TOKEN_HASH_BYTES 32

OkapSecret *okap_token_mint  (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean    okap_token_parse (const char *text, gsize length, char out_token[OKAP_TOKEN_LENGTH]);
void        okap_token_hash  (const char token[OKAP_TOKEN_LENGTH], const OkapSecret *key,
                              guint8 out_hash[OKAP_TOKEN_HASH_BYTES]);

G_END_DECLS
