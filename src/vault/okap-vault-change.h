/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of okap-vault-change.c and others into the vault's queue. */
#pragma once

#include "okap-vault-job.h"
#include "okap-vault.h"

G_BEGIN_DECLS

OkapClock *okap_vault_get_clock (OkapVault *self);
OkapVaultContents *okap_vault_get_contents (OkapVault *self);
guint      okap_vault_get_n_locks  (OkapVault *self);
void       okap_vault_change    (OkapVault *self, OkapVaultJob *job, GAsyncReadyCallback callback,
                                 gpointer user_data, gpointer tag);

G_END_DECLS
