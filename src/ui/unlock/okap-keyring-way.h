/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-vault.h"

G_BEGIN_DECLS

/* Unlocking by the login keyring: silently when the app starts, and when the user presses the
 * button for it. Emits "changed". Main thread. */
#define OKAP_TYPE_KEYRING_WAY (okap_keyring_way_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyringWay, okap_keyring_way, OKAP, KEYRING_WAY, GObject)

OkapKeyringWay *okap_keyring_way_get       (OkapVault *vault);
void            okap_keyring_way_try       (OkapKeyringWay *self, gboolean interactive);
gboolean        okap_keyring_way_is_there  (OkapKeyringWay *self);
gboolean        okap_keyring_way_is_busy   (OkapKeyringWay *self);
const char     *okap_keyring_way_get_words (OkapKeyringWay *self);

G_END_DECLS
