/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-grant.h"
#include "okap-secret.h"
#include "okap-store.h"

G_BEGIN_DECLS

OkapGrantRow *okap_policy_seal (const OkapGrant *grant,
                                const guint8 token_hash[OKAP_TOKEN_HASH_BYTES],
                                const OkapSecret *key) G_GNUC_WARN_UNUSED_RESULT;
OkapGrant    *okap_policy_open (const OkapGrantRow *row, const OkapSecret *key, GError **error)
                                G_GNUC_WARN_UNUSED_RESULT;

/* Of what a user confirmed of prices. */
void          okap_policy_tag_prices (const char *digest, const OkapSecret *key,
                                      guint8 out_tag[OKAP_STORE_TAG_BYTES]);
void          okap_policy_tag_asking (const char *text, const OkapSecret *key,
                                      guint8 out_tag[OKAP_STORE_TAG_BYTES]);

G_END_DECLS
