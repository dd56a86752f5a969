/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-cli.h"

G_BEGIN_DECLS

#define OKAP_DECLARE_COMMAND(name) \
  int okap_cmd_##name (const OkapCommand *command, int argc, char *argv[])

OKAP_DECLARE_COMMAND (open);
OKAP_DECLARE_COMMAND (init);
OKAP_DECLARE_COMMAND (serve);
OKAP_DECLARE_COMMAND (status);
OKAP_DECLARE_COMMAND (unlock);
OKAP_DECLARE_COMMAND (lock);
OKAP_DECLARE_COMMAND (pause);
OKAP_DECLARE_COMMAND (resume);
OKAP_DECLARE_COMMAND (doctor);
OKAP_DECLARE_COMMAND (keys_add);
OKAP_DECLARE_COMMAND (keys_list);
OKAP_DECLARE_COMMAND (keys_remove);
OKAP_DECLARE_COMMAND (keys_test);
OKAP_DECLARE_COMMAND (keys_rotate);
OKAP_DECLARE_COMMAND (request);
OKAP_DECLARE_COMMAND (grants_list);
OKAP_DECLARE_COMMAND (grants_show);
OKAP_DECLARE_COMMAND (grants_change);
OKAP_DECLARE_COMMAND (grants_resume);
OKAP_DECLARE_COMMAND (grants_set);
OKAP_DECLARE_COMMAND (threshold);
OKAP_DECLARE_COMMAND (usage);
OKAP_DECLARE_COMMAND (usage_list);
OKAP_DECLARE_COMMAND (usage_keep);
OKAP_DECLARE_COMMAND (usage_correct);
OKAP_DECLARE_COMMAND (prices_list);
OKAP_DECLARE_COMMAND (prices_show);
OKAP_DECLARE_COMMAND (prices_set);
OKAP_DECLARE_COMMAND (prices_unset);
OKAP_DECLARE_COMMAND (prices_update);
OKAP_DECLARE_COMMAND (prices_check);
OKAP_DECLARE_COMMAND (prices_confirm);
OKAP_DECLARE_COMMAND (vault_status);
OKAP_DECLARE_COMMAND (vault_slots);
OKAP_DECLARE_COMMAND (vault_passphrase);
OKAP_DECLARE_COMMAND (vault_add);
OKAP_DECLARE_COMMAND (vault_recovery);
OKAP_DECLARE_COMMAND (vault_remove);
OKAP_DECLARE_COMMAND (vault_keyring);
OKAP_DECLARE_COMMAND (vault_export);
OKAP_DECLARE_COMMAND (vault_import);
OKAP_DECLARE_COMMAND (run);

G_END_DECLS
