/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cryptography of the sealed file, all of it from libsodium.
 *
 *   passphrase --Argon2id--+
 *                          +--> slot key --unwraps--> vault key --crypto_kdf--> header key, body
 *   recovery code --BLAKE2b+                                                    key, other keys
 *
 * A slot is XChaCha20-Poly1305 over the vault key; its associated data are vault id, slot id, kind
 * and parameters, so that no slot moves to another vault and none gets a lower cost. The tag over
 * the header is a keyed BLAKE2b: it makes the whole header authentic and, unlike the cipher alone,
 * commits to one vault key. The body has prologue, header and tag as its associated data, so that
 * no part of one file fits another, not even another generation of the same vault.
 *
 * The recovery code is 130 random bits, which no search reaches; it needs no slow hash. Pure
 * functions, safe from any thread; secrets live in guarded memory, short-lived keys on the stack
 * are wiped. */
#include "config.h"

#include "okap-sealed-crypto.h"

#include <sodium.h>
#include <string.h>

#include "okap-cursor.h"
#include "okap-error.h"

#define SLOT_CONTEXT "okap slot 1"
#define SLOT_DATA_MOST \
  (sizeof SLOT_CONTEXT + 2 * OKAP_SEALED_ID_BYTES + 2 + OKAP_SEALED_PARAMS_BYTES)

G_STATIC_ASSERT (OKAP_SEALED_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
G_STATIC_ASSERT (OKAP_SEALED_KEY_BYTES == crypto_kdf_KEYBYTES);
G_STATIC_ASSERT (OKAP_SEALED_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
G_STATIC_ASSERT (OKAP_SEALED_MAC_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES);
G_STATIC_ASSERT (OKAP_SEALED_SALT_BYTES == crypto_pwhash_SALTBYTES);
G_STATIC_ASSERT (OKAP_SEALED_SALT_BYTES == crypto_generichash_blake2b_SALTBYTES);

/**
 * okap_slot_init:
 * @slot: (out caller-allocates): gets a name of its own; kind and label are set
 * @label: at most 64 bytes
 */
void
okap_slot_init (OkapSlot *slot, OkapSlotKind kind, const char *label, gint64 created_us)
{
  memset (slot, 0, sizeof *slot);
  randombytes_buf (slot->id, sizeof slot->id);
  slot->kind = (guint8) kind;
  (void) g_strlcpy (slot->label, label, sizeof slot->label);
  slot->created_us = created_us;
  if (kind == OKAP_SLOT_RECOVERY)
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

/* The key that wraps the vault key in @slot. The caller wipes it. */
static gboolean
derive_slot_key (const OkapSlot *slot, OkapSecret *secret, guint8 key[OKAP_SEALED_KEY_BYTES],
                 GError **error)
{
  static const guint8 personal[crypto_generichash_blake2b_PERSONALBYTES] = "okap recovery 1";
  const guint8 *salt;
  guint64 memory_bytes;
  guint32 passes;

  if (slot->kind == OKAP_SLOT_RECOVERY)
    {
      (void) crypto_generichash_blake2b_salt_personal (key, OKAP_SEALED_KEY_BYTES, NULL, 0,
                                                       okap_secret_get_data (secret),
                                                       okap_secret_get_length (secret),
                                                       slot->params, personal);
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

/**
 * okap_slot_wrap:
 * @slot: complete but for nonce and wrapped key, which are set
 * @secret: a normalised passphrase, or the bits of a recovery code
 * @error: %OKAP_ERROR_BUSY if the memory for Argon2id cannot be had
 */
gboolean
okap_slot_wrap (OkapSlot *slot, const guint8 vault_id[OKAP_SEALED_ID_BYTES], OkapSecret *secret,
                OkapSecret *vault_key, GError **error)
{
  guint8 key[OKAP_SEALED_KEY_BYTES];
  guint8 data[SLOT_DATA_MOST];
  gsize data_length = slot_data (slot, vault_id, data);

  if (!derive_slot_key (slot, secret, key, error))
    return FALSE;
  randombytes_buf (slot->nonce, sizeof slot->nonce);
  (void) crypto_aead_xchacha20poly1305_ietf_encrypt (slot->wrapped, NULL,
                                                     okap_secret_get_data (vault_key),
                                                     OKAP_SEALED_KEY_BYTES, data, data_length, NULL,
                                                     slot->nonce, key);
  okap_wipe (key, sizeof key);
  return TRUE;
}

/**
 * okap_slot_unwrap:
 * @secret: a normalised passphrase, or the bits of a recovery code, as the slot's kind asks for
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_BUSY
 *
 * Returns: (transfer full) (nullable): the vault key
 */
OkapSecret *
okap_slot_unwrap (const OkapSlot *slot, const guint8 vault_id[OKAP_SEALED_ID_BYTES],
                  OkapSecret *secret, GError **error)
{
  guint8 key[OKAP_SEALED_KEY_BYTES];
  guint8 vault_key[OKAP_SEALED_KEY_BYTES];
  guint8 data[SLOT_DATA_MOST];
  gsize data_length = slot_data (slot, vault_id, data);
  OkapSecret *result = NULL;

  if (!derive_slot_key (slot, secret, key, error))
    return NULL;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (vault_key, NULL, NULL, slot->wrapped,
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

/**
 * okap_sealed_derive:
 * @context: eight characters, one text for each purpose
 *
 * Returns: (transfer full): 32 bytes that tell nothing of @vault_key or of other purposes
 */
OkapSecret *
okap_sealed_derive (OkapSecret *vault_key, const char context[8])
{
  guint8 key[OKAP_SEALED_KEY_BYTES];
  OkapSecret *result;

  (void) crypto_kdf_derive_from_key (key, sizeof key, 1, context,
                                     okap_secret_get_data (vault_key));
  result = okap_secret_new (key, sizeof key);
  okap_wipe (key, sizeof key);
  return result;
}

static void
compute_tag (OkapSecret *vault_key, const guint8 *head, gsize head_length,
             guint8 out_tag[OKAP_SEALED_TAG_BYTES])
{
  g_autoptr (OkapSecret) key = okap_sealed_derive (vault_key, "okap-hdr");

  (void) crypto_generichash (out_tag, OKAP_SEALED_TAG_BYTES, head, head_length,
                             okap_secret_get_data (key), okap_secret_get_length (key));
}

/**
 * okap_sealed_seal:
 * @header: what stands in front; at least one slot
 * @plain: what is inside; a multiple of 4096 bytes
 *
 * Returns: (transfer full): the whole file
 */
GBytes *
okap_sealed_seal (const OkapSealedHeader *header, OkapSecret *vault_key, const OkapGuarded *plain)
{
  g_autoptr (OkapSecret) key = okap_sealed_derive (vault_key, "okap-bdy");
  gsize body_length = OKAP_SEALED_NONCE_BYTES + plain->length + OKAP_SEALED_MAC_BYTES;
  GByteArray *file = okap_sealed_header_format (header, body_length);
  gsize head_length = file->len;
  guint8 *tag, *nonce;

  g_assert (plain->length > 0 && plain->length % OKAP_SEALED_PAD_BYTES == 0);

  g_byte_array_set_size (file, (guint) (head_length + OKAP_SEALED_TAG_BYTES + body_length));
  tag = file->data + head_length;
  nonce = tag + OKAP_SEALED_TAG_BYTES;
  compute_tag (vault_key, file->data, head_length, tag);
  randombytes_buf (nonce, OKAP_SEALED_NONCE_BYTES);
  (void) crypto_aead_xchacha20poly1305_ietf_encrypt (nonce + OKAP_SEALED_NONCE_BYTES, NULL,
                                                     plain->data, plain->length, file->data,
                                                     head_length + OKAP_SEALED_TAG_BYTES, NULL,
                                                     nonce, okap_secret_get_data (key));
  return g_byte_array_free_to_bytes (file);
}

/**
 * okap_sealed_open:
 * @file: parsed
 * @vault_key: from one of its slots
 * @error: %OKAP_ERROR_VAULT_DAMAGED if a single bit is not as the owner of the key wrote it
 *
 * Returns: (transfer full) (nullable): what is inside
 */
OkapGuarded *
okap_sealed_open (const OkapSealedFile *file, OkapSecret *vault_key, GError **error)
{
  g_autoptr (OkapSecret) key = okap_sealed_derive (vault_key, "okap-bdy");
  g_autoptr (OkapGuarded) plain = NULL;
  guint8 tag[OKAP_SEALED_TAG_BYTES];
  const guint8 *cipher = file->body + OKAP_SEALED_NONCE_BYTES;
  gsize cipher_length = file->body_length - OKAP_SEALED_NONCE_BYTES;

  compute_tag (vault_key, file->head, file->head_length, tag);
  if (sodium_memcmp (tag, file->tag, sizeof tag) != 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED,
                           "The secret fits, but the header of the vault file was changed by "
                           "something other than Okap. Earlier versions lie beside the file, with "
                           ".1 to .3 behind the name");
      return NULL;
    }
  plain = okap_guarded_new (cipher_length - OKAP_SEALED_MAC_BYTES);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (plain->data, NULL, NULL, cipher, cipher_length,
                                                  file->head,
                                                  file->head_length + OKAP_SEALED_TAG_BYTES,
                                                  file->body, okap_secret_get_data (key)) != 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED,
                           "The secret fits, but the contents of the vault file are damaged. "
                           "Earlier versions lie beside the file, with .1 to .3 behind the name");
      return NULL;
    }
  return g_steal_pointer (&plain);
}
