/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One way to the vault key.
 *
 *   passphrase ----Argon2id--+
 *   recovery code --BLAKE2b--+--> slot key --unwraps--> vault key
 *   login keyring --BLAKE2b--+
 *
 * A slot is XChaCha20-Poly1305 over the vault key; its associated data are vault id, slot id, kind
 * and parameters, so that no slot moves to another vault and none gets a lower cost. Recovery code
 * and keyring secret are 130 and 256 random bits, which no search reaches; they need no slow hash.
 *
 * When a slot is removed, the vault gets a new key, and the slots that stay must get it without
 * their secrets being typed. For that, the slot key also gives an X25519 key pair. Its public half
 * lies in the sealed body (only there: whoever has the file alone cannot even begin to search for
 * the other half). The new vault key is wrapped under what an ephemeral key and that public half
 * agree on; the ephemeral public key stands behind the slot's parameters:
 *
 *   slot key --> private half + ephemeral public key --> wrapping key --unwraps--> vault key
 *
 * So somebody who knows an old body and the secret of a removed slot, and with them every public
 * half, still cannot open what was saved later. Pure functions, safe from any thread; short-lived
 * keys on the stack are wiped. */
#include "config.h"

#include "okap-sealed-crypto.h"

#include <sodium.h>
#include <string.h>

#include "okap-cursor.h"
#include "okap-error.h"

#define SLOT_CONTEXT "okap slot 1"
#define SLOT_DATA_MOST \
  (sizeof SLOT_CONTEXT + 2 * OKAP_SEALED_ID_BYTES + 2 + OKAP_SEALED_PARAMS_BYTES)

G_STATIC_ASSERT (OKAP_SEALED_SALT_BYTES == crypto_pwhash_SALTBYTES);
G_STATIC_ASSERT (OKAP_SEALED_SALT_BYTES == crypto_generichash_blake2b_SALTBYTES);
G_STATIC_ASSERT (OKAP_SEALED_PUBLIC_BYTES == crypto_scalarmult_BYTES);
G_STATIC_ASSERT (OKAP_SEALED_KEY_BYTES == crypto_scalarmult_SCALARBYTES);

/**
 * okap_slot_init:
 * @slot: (out caller-allocates): gets a name of its own; kind and label are set
 * @label: cut to 64 bytes
 */
void
okap_slot_init (OkapSlot *slot, OkapSlotKind kind, const char *label, gint64 created_us)
{
  const char *end;

  memset (slot, 0, sizeof *slot);
  randombytes_buf (slot->id, sizeof slot->id);
  slot->kind = (guint8) kind;
  (void) g_strlcpy (slot->label, label, sizeof slot->label);
  if (!g_utf8_validate (slot->label, -1, &end))
    slot->label[end - slot->label] = '\0';
  slot->created_us = created_us;
  if (kind != OKAP_SLOT_PASSPHRASE)
    {
      randombytes_buf (slot->params, OKAP_SEALED_SALT_BYTES);
      slot->params_length = OKAP_SEALED_SALT_BYTES;
    }
}

static gsize
slot_data (const OkapSlot *slot, const guint8 *vault_id, guint8 out[SLOT_DATA_MOST])
{
  OkapWriter writer;

  okap_writer_init (&writer, out, SLOT_DATA_MOST);
  okap_writer_put (&writer, SLOT_CONTEXT, sizeof SLOT_CONTEXT);
  okap_writer_put (&writer, vault_id, OKAP_SEALED_ID_BYTES);
  okap_writer_put (&writer, slot->id, sizeof slot->id);
  okap_writer_put_u8 (&writer, slot->kind);
  okap_writer_put_u8 (&writer, slot->params_length);
  okap_writer_put (&writer, slot->params, slot->params_length);
  return writer.length;
}

/* The slot key. The caller wipes it. */
static gboolean
derive_slot_key (const OkapSlot *slot, OkapSecret *secret, guint8 key[OKAP_SEALED_KEY_BYTES],
                 GError **error)
{
  static const guint8 recovery[crypto_generichash_blake2b_PERSONALBYTES] = "okap recovery 1";
  static const guint8 keyring[crypto_generichash_blake2b_PERSONALBYTES] = "okap keyring 1";
  const guint8 *salt;
  guint64 memory_bytes;
  guint32 passes;

  if (slot->kind == OKAP_SLOT_RECOVERY || slot->kind == OKAP_SLOT_KEYRING)
    {
      (void) crypto_generichash_blake2b_salt_personal (key, OKAP_SEALED_KEY_BYTES, NULL, 0,
                                                       okap_secret_get_data (secret),
                                                       okap_secret_get_length (secret),
                                                       slot->params,
                                                       slot->kind == OKAP_SLOT_RECOVERY ? recovery
                                                                                        : keyring);
      return TRUE;
    }
  if (!okap_slot_get_cost (slot, &memory_bytes, &passes, &salt))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                   "An unlock slot of kind %u cannot be opened with text", slot->kind);
      return FALSE;
    }
  if (crypto_pwhash (key, OKAP_SEALED_KEY_BYTES, okap_secret_get_text (secret),
                     okap_secret_get_length (secret), salt, passes, (gsize) memory_bytes,
                     crypto_pwhash_ALG_ARGON2ID13) != 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_BUSY,
                   "Checking the passphrase needs %" G_GUINT64_FORMAT " MiB of free memory. Close "
                   "another program and try again", memory_bytes >> 20);
      return FALSE;
    }
  return TRUE;
}

/* The private half of the slot's key pair. The caller wipes it. */
static void
derive_private (const guint8 slot_key[OKAP_SEALED_KEY_BYTES],
                guint8 private_key[crypto_scalarmult_SCALARBYTES])
{
  (void) crypto_kdf_derive_from_key (private_key, crypto_scalarmult_SCALARBYTES, 1, "okap-slt",
                                     slot_key);
}

/* What wraps the vault key if the two ends agreed on @shared. The caller wipes it. */
static void
derive_wrapping_key (const guint8 shared[crypto_scalarmult_BYTES], const guint8 *ephemeral,
                     const guint8 *public_key, guint8 key[OKAP_SEALED_KEY_BYTES])
{
  crypto_generichash_state state;

  (void) crypto_generichash_init (&state, shared, crypto_scalarmult_BYTES, OKAP_SEALED_KEY_BYTES);
  (void) crypto_generichash_update (&state, ephemeral, OKAP_SEALED_PUBLIC_BYTES);
  (void) crypto_generichash_update (&state, public_key, OKAP_SEALED_PUBLIC_BYTES);
  (void) crypto_generichash_final (&state, key, OKAP_SEALED_KEY_BYTES);
  okap_wipe (&state, sizeof state);
}

static void
encrypt (OkapSlot *slot, const guint8 *vault_id, OkapSecret *vault_key, const guint8 *key)
{
  guint8 data[SLOT_DATA_MOST];
  gsize data_length = slot_data (slot, vault_id, data);

  randombytes_buf (slot->nonce, sizeof slot->nonce);
  (void) crypto_aead_xchacha20poly1305_ietf_encrypt (slot->wrapped, NULL,
                                                     okap_secret_get_data (vault_key),
                                                     OKAP_SEALED_KEY_BYTES, data, data_length, NULL,
                                                     slot->nonce, key);
}

/* The public half, for whoever has the slot key. */
static void
compute_public (const guint8 *slot_key, guint8 out_public[OKAP_SEALED_PUBLIC_BYTES])
{
  guint8 private_key[crypto_scalarmult_SCALARBYTES];

  derive_private (slot_key, private_key);
  (void) crypto_scalarmult_base (out_public, private_key);
  okap_wipe (private_key, sizeof private_key);
}

/**
 * okap_slot_wrap:
 * @slot: complete but for nonce and wrapped key, which are set
 * @secret: a normalised passphrase, the bits of a recovery code, or what is in the keyring
 * @out_public: (out) (optional): for okap_slot_rewrap()
 * @error: %OKAP_ERROR_BUSY if the memory for Argon2id cannot be had
 */
gboolean
okap_slot_wrap (OkapSlot *slot, const guint8 vault_id[OKAP_SEALED_ID_BYTES], OkapSecret *secret,
                OkapSecret *vault_key, guint8 out_public[OKAP_SEALED_PUBLIC_BYTES], GError **error)
{
  guint8 key[OKAP_SEALED_KEY_BYTES];

  if (!derive_slot_key (slot, secret, key, error))
    return FALSE;
  if (out_public != NULL)
    compute_public (key, out_public);
  slot->params_length = (guint8) okap_slot_get_own_params (slot);
  encrypt (slot, vault_id, vault_key, key);
  okap_wipe (key, sizeof key);
  return TRUE;
}

/**
 * okap_slot_rewrap:
 * @slot: of a kind that we know
 * @public_key: of the slot, as okap_slot_wrap() or okap_slot_unwrap() gave it
 *
 * Puts another vault key into @slot, which opens with the same secret as before.
 *
 * Returns: %FALSE if @public_key is none
 */
gboolean
okap_slot_rewrap (OkapSlot *slot, const guint8 vault_id[OKAP_SEALED_ID_BYTES],
                  const guint8 public_key[OKAP_SEALED_PUBLIC_BYTES], OkapSecret *vault_key)
{
  guint8 private_key[crypto_scalarmult_SCALARBYTES];
  guint8 shared[crypto_scalarmult_BYTES];
  guint8 key[OKAP_SEALED_KEY_BYTES];
  gsize own = okap_slot_get_own_params (slot);
  guint8 *ephemeral = slot->params + own;
  gboolean agreed;

  randombytes_buf (private_key, sizeof private_key);
  (void) crypto_scalarmult_base (ephemeral, private_key);
  agreed = crypto_scalarmult (shared, private_key, public_key) == 0;
  okap_wipe (private_key, sizeof private_key);
  if (!agreed)
    return FALSE;
  slot->params_length = (guint8) (own + OKAP_SEALED_PUBLIC_BYTES);
  derive_wrapping_key (shared, ephemeral, public_key, key);
  encrypt (slot, vault_id, vault_key, key);
  okap_wipe (shared, sizeof shared);
  okap_wipe (key, sizeof key);
  return TRUE;
}

/* Turns the slot key into what wraps the vault key in @slot. */
static gboolean
agree (const OkapSlot *slot, guint8 key[OKAP_SEALED_KEY_BYTES])
{
  gsize own = okap_slot_get_own_params (slot);
  guint8 private_key[crypto_scalarmult_SCALARBYTES];
  guint8 public_key[OKAP_SEALED_PUBLIC_BYTES];
  guint8 shared[crypto_scalarmult_BYTES];
  gboolean agreed;

  if (slot->params_length == own)
    return TRUE;
  derive_private (key, private_key);
  (void) crypto_scalarmult_base (public_key, private_key);
  agreed = crypto_scalarmult (shared, private_key, slot->params + own) == 0;
  if (agreed)
    derive_wrapping_key (shared, slot->params + own, public_key, key);
  okap_wipe (private_key, sizeof private_key);
  okap_wipe (shared, sizeof shared);
  return agreed;
}

/**
 * okap_slot_unwrap:
 * @secret: what the slot's kind asks for, see okap_slot_wrap()
 * @out_public: (out) (optional): for okap_slot_rewrap()
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_BUSY
 *
 * Returns: (transfer full) (nullable): the vault key
 */
OkapSecret *
okap_slot_unwrap (const OkapSlot *slot, const guint8 vault_id[OKAP_SEALED_ID_BYTES],
                  OkapSecret *secret, guint8 out_public[OKAP_SEALED_PUBLIC_BYTES], GError **error)
{
  guint8 key[OKAP_SEALED_KEY_BYTES];
  guint8 vault_key[OKAP_SEALED_KEY_BYTES];
  guint8 data[SLOT_DATA_MOST];
  gsize data_length = slot_data (slot, vault_id, data);
  OkapSecret *result = NULL;

  if (!derive_slot_key (slot, secret, key, error))
    return NULL;
  if (out_public != NULL)
    compute_public (key, out_public);
  if (agree (slot, key)
      && crypto_aead_xchacha20poly1305_ietf_decrypt (vault_key, NULL, NULL, slot->wrapped,
                                                     sizeof slot->wrapped, data, data_length,
                                                     slot->nonce, key) == 0)
    result = okap_secret_new (vault_key, sizeof vault_key);
  else
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE,
                         "The passphrase is not the one of this vault");
  okap_wipe (key, sizeof key);
  okap_wipe (vault_key, sizeof vault_key);
  return result;
}
