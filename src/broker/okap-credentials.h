/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"
#include "okap-store.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* The vault's keys as the gate uses them. Main thread. */
typedef struct _OkapCredentials OkapCredentials;

OkapCredentials *okap_credentials_new  (OkapVault *vault, OkapStore *store, OkapGate *gate,
                                        OkapClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void             okap_credentials_free (OkapCredentials *credentials);
OkapCredential  *okap_credentials_dup  (OkapCredentials *credentials, const char *key_id,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
OkapCredential  *okap_credentials_dup_other (OkapCredentials *credentials, const char *key_id,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
char            *okap_credentials_choose (OkapCredentials *credentials, const OkapScope *scope,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
