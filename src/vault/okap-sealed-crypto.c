/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cryptography of the sealed file, all of it from libsodium.
 *
 *   a secret --> slot key --unwraps--> vault key --crypto_kdf--> header key, body key, other keys
 *               (okap-slot.c)
 *
 * The tag over the header is a keyed BLAKE2b: it makes the whole header authentic and, unlike the
 * cipher alone, commits to one vault key. The body has prologue, header and tag as its associated
 * data, so that no part of one file fits another, not even another generation of the same vault.
 *
 * Pure functions, safe from any thread; secrets live in guarded memory. */
#include "config.h"

#include "okap-sealed-crypto.h"

#include <sodium.h>
#include <string.h>

#include "okap-error.h"

G_STATIC_ASSERT (OKAP_SEALED_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
G_STATIC_ASSERT (OKAP_SEALED_KEY_BYTES == crypto_kdf_KEYBYTES);
G_STATIC_ASSERT (OKAP_SEALED_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
G_STATIC_ASSERT (OKAP_SEALED_MAC_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES);

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
