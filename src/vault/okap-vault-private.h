/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-vault.h"

G_BEGIN_DECLS

/* For tests. The cost goes into new slots only, so that no setting weakens an existing vault. */
void  okap_vault_set_cost          (OkapVault *self, guint64 memory_bytes, guint passes);
guint okap_vault_get_n_derivations (OkapVault *self);

G_END_DECLS
