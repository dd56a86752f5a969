/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"
#include "okap-store.h"

G_BEGIN_DECLS

/* A kept grant, and what was used under it. */
typedef struct
{
  OkapGrant *grant;        /* (owned) */
  guint8 token_hash[OKAP_TOKEN_HASH_BYTES];
  OkapPast *pasts;         /* (owned) one for each scope of the grant, and in that order */
} OkapLoadedGrant;

/* (element-type OkapLoadedGrant) newest first. Main thread. */
void       okap_grant_load_async  (OkapStore *store, OkapGate *gate, OkapClock *clock,
                                   OkapSecret *tag_key, GAsyncReadyCallback callback,
                                   gpointer user_data);
GPtrArray *okap_grant_load_finish (OkapStore *store, GAsyncResult *result, GError **error);

G_END_DECLS
