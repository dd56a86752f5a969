/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-vault.h"

G_BEGIN_DECLS

/* Whether the user confirmed the prices in the user's own files. Main thread. Signals:
 *   "load"         whoever lets the files count does so anew, before the emission ends
 *   "unconfirmed"  files do not count, which a person should hear; once for each state of them
 *   "confirmed"    the user did */
#define OKAP_TYPE_PRICE_SEAL (okap_price_seal_get_type ())
G_DECLARE_FINAL_TYPE (OkapPriceSeal, okap_price_seal, OKAP, PRICE_SEAL, GObject)

OkapPriceSeal *okap_price_seal_new        (OkapVault *vault) G_GNUC_WARN_UNUSED_RESULT;

/* For whoever loads. */
gboolean       okap_price_seal_check      (OkapPriceSeal *self, const char *digest);
gboolean       okap_price_seal_warn       (OkapPriceSeal *self);

void           okap_price_seal_refresh    (OkapPriceSeal *self);
const char    *okap_price_seal_get_digest (OkapPriceSeal *self);
gboolean       okap_price_seal_is_confirmed (OkapPriceSeal *self);

/* Takes the passphrase, although the vault is unlocked. What was confirmed counts when it
 * finishes. */
void           okap_price_seal_confirm_async (OkapPriceSeal *self, const char *digest,
                                              OkapSecret *secret, GAsyncReadyCallback callback,
                                              gpointer user_data);
gboolean       okap_price_seal_confirm_finish (OkapPriceSeal *self, GAsyncResult *result,
                                               GError **error);

G_END_DECLS
