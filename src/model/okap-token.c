/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens: minted here, recognised here. The checksum tells a truncated or mistyped token, and a
 * provider's key pasted into the wrong place, from one of ours without a look-up. Only a hash
 * under a key derived from the vault key is ever stored. */
#include "config.h"

#include "okap-token.h"

#include <sodium.h>
#include <string.h>

#define PREFIX "okap_"
#define PREFIX_LENGTH 5
#define RANDOM_BYTES 32
#define RANDOM_LENGTH 43
#define CHECKSUM_BYTES 4
#define CHECKSUM_LENGTH 6

G_STATIC_ASSERT (PREFIX_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH == OKAP_TOKEN_LENGTH);

/* Writes CHECKSUM_LENGTH characters over the prefix and randomness at @token. */
static void
write_checksum (const char *token, char out[CHECKSUM_LENGTH + 1])
{
  guint8 digest[crypto_generichash_BYTES_MIN];

  (void) crypto_generichash (digest, sizeof digest, (const guint8 *) token,
                             PREFIX_LENGTH + RANDOM_LENGTH, NULL, 0);
  (void) sodium_bin2base64 (out, CHECKSUM_LENGTH + 1, digest, CHECKSUM_BYTES,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/** okap_token_mint: (transfer full): a new token */
OkapSecret *
okap_token_mint (void)
{
  char token[OKAP_TOKEN_LENGTH + 1] = PREFIX;
  guint8 random[RANDOM_BYTES];
  OkapSecret *secret;

  if (sodium_init () < 0)
    g_error ("libsodium could not be initialised: no source of randomness");
  randombytes_buf (random, sizeof random);
  (void) sodium_bin2base64 (token + PREFIX_LENGTH, RANDOM_LENGTH + 1, random, sizeof random,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  write_checksum (token, token + PREFIX_LENGTH + RANDOM_LENGTH);
  secret = okap_secret_new (token, OKAP_TOKEN_LENGTH);
  okap_wipe (random, sizeof random);
  okap_wipe (token, sizeof token);
  return secret;
}

/**
 * okap_token_parse:
 * @text: a credential as an app sent it; also written "sk-okap-…" or "sk-ant-okap-…"
 * @out_token: (out): the token in its one form, not NUL-terminated; the caller wipes it
 *
 * Returns: whether @text is a well-formed token of some vault
 */
gboolean
okap_token_parse (const char *text, gsize length, char out_token[OKAP_TOKEN_LENGTH])
{
  static const char *const prefixes[] = { PREFIX, "sk-okap-", "sk-ant-okap-" };
  char checksum[CHECKSUM_LENGTH + 1];

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      gsize prefix_length = strlen (prefixes[i]);

      if (length != prefix_length + RANDOM_LENGTH + CHECKSUM_LENGTH
          || memcmp (text, prefixes[i], prefix_length) != 0)
        continue;
      memcpy (out_token, PREFIX, PREFIX_LENGTH);
      memcpy (out_token + PREFIX_LENGTH, text + prefix_length, RANDOM_LENGTH + CHECKSUM_LENGTH);
      write_checksum (out_token, checksum);
      return memcmp (checksum, out_token + PREFIX_LENGTH + RANDOM_LENGTH, CHECKSUM_LENGTH) == 0;
    }
  return FALSE;
}

/**
 * okap_token_hash:
 * @token: as okap_token_parse() wrote it
 * @key: 32 bytes derived from the vault key
 */
void
okap_token_hash (const char token[OKAP_TOKEN_LENGTH], const OkapSecret *key,
                 guint8 out_hash[OKAP_TOKEN_HASH_BYTES])
{
  (void) crypto_generichash (out_hash, OKAP_TOKEN_HASH_BYTES, (const guint8 *) token,
                             OKAP_TOKEN_LENGTH, okap_secret_get_data (key),
                             okap_secret_get_length (key));
}
