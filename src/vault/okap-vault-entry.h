/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A key's record: what okap-vault-body.c and okap-vault-entry.c share. */
#pragma once

#include "okap-cursor.h"
#include "okap-vault-body.h"

G_BEGIN_DECLS

#define OKAP_VAULT_TYPE_OPTIONAL 0x8000

void            okap_vault_entry_encode (const OkapVaultEntry *entry, OkapWriter *writer);
OkapVaultEntry *okap_vault_entry_decode (const guint8 *data, gsize length, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;

gboolean okap_vault_refuse       (GError **error, const char *what);
gboolean okap_vault_refuse_newer (GError **error, guint type);

G_END_DECLS
