/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of "okap keys" share: a key comes in unseen, its state goes out in words. */
#pragma once

#include <json-glib/json-glib.h>

#include "okap-cli.h"

G_BEGIN_DECLS

gboolean    okap_keys_check_no_key (const OkapCommand *command, int argc, char *argv[],
                                    int *out_exit);
OkapSecret *okap_keys_read         (const char *prompt, GError **error);
char       *okap_keys_dup_health   (JsonObject *key);
char       *okap_keys_dup_version  (JsonObject *key);

G_END_DECLS
