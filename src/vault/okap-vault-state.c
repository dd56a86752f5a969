/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-vault.h"

/** okap_vault_state_get_name: (transfer none): as it stands on the wire and in command output */
const char *
okap_vault_state_get_name (OkapVaultState state)
{
  static const char *const names[] = { "none", "locked", "unlocking", "unlocked" };

  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (names), "none");
  return names[state];
}
