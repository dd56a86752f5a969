/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A code challenge by S256 (RFC 7636, section 4.2): 43 characters of base64url. */
#define OKAP_CHALLENGE_LENGTH 43
#define OKAP_CHALLENGE_BYTES 32

gboolean okap_challenge_parse       (const char *text, guint8 out_hash[OKAP_CHALLENGE_BYTES]);
gboolean okap_challenge_is_verifier (const char *text);
gboolean okap_challenge_accepts     (const guint8 hash[OKAP_CHALLENGE_BYTES],
                                     const char *verifier);

G_END_DECLS
