/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-guarded.h"
#include "okap-sealed-format.h"
#include "okap-secret.h"

G_BEGIN_DECLS

/* Slow for passphrase slots (Argon2id): crypto thread. */
gboolean     okap_slot_wrap      (OkapSlot *slot, const guint8 vault_id[OKAP_SEALED_ID_BYTES],
                                  OkapSecret *secret, OkapSecret *vault_key,
                                  guint8 out_public[OKAP_SEALED_PUBLIC_BYTES], GError **error);
OkapSecret  *okap_slot_unwrap    (const OkapSlot *slot,
                                  const guint8 vault_id[OKAP_SEALED_ID_BYTES], OkapSecret *secret,
                                  guint8 out_public[OKAP_SEALED_PUBLIC_BYTES],
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean     okap_slot_rewrap    (OkapSlot *slot, const guint8 vault_id[OKAP_SEALED_ID_BYTES],
                                  const guint8 public_key[OKAP_SEALED_PUBLIC_BYTES],
                                  OkapSecret *vault_key);
void         okap_slot_init      (OkapSlot *slot, OkapSlotKind kind, const char *label,
                                  gint64 created_us);

GBytes      *okap_sealed_seal    (const OkapSealedHeader *header, OkapSecret *vault_key,
                                  const OkapGuarded *plain) G_GNUC_WARN_UNUSED_RESULT;
OkapGuarded *okap_sealed_open    (const OkapSealedFile *file, OkapSecret *vault_key,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

OkapSecret  *okap_sealed_derive  (OkapSecret *vault_key, const char context[8])
                                  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
