/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proof that who fetches a token is who asked for it (RFC 7636). Only S256: a plain challenge
 * travels where others can read it, which is just what it is for to make harmless. */
#include "config.h"

#include "okap-challenge.h"

#include <sodium.h>
#include <string.h>

/* RFC 7636, section 4.1 */
#define VERIFIER_LEAST 43
#define VERIFIER_MOST 128

G_STATIC_ASSERT (OKAP_CHALLENGE_BYTES == crypto_hash_sha256_BYTES);

/**
 * okap_challenge_parse:
 * @text: any text
 *
 * Returns: whether @text is the one way to write 32 bytes in base64url without padding
 */
gboolean
okap_challenge_parse (const char *text, guint8 out_hash[OKAP_CHALLENGE_BYTES])
{
  gsize length = strnlen (text, OKAP_CHALLENGE_LENGTH + 1);

  return length == OKAP_CHALLENGE_LENGTH
         && sodium_base642bin (out_hash, OKAP_CHALLENGE_BYTES, text, length, NULL, &length, NULL,
                               sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0
         && length == OKAP_CHALLENGE_BYTES;
}

/** okap_challenge_is_verifier: whether @text has the form of RFC 7636, section 4.1 */
gboolean
okap_challenge_is_verifier (const char *text)
{
  gsize length = strnlen (text, VERIFIER_MOST + 1);

  if (length < VERIFIER_LEAST || length > VERIFIER_MOST)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-._~", *p) == NULL)
      return FALSE;
  return TRUE;
}

/** okap_challenge_accepts: whether @hash is of @verifier; takes the same time either way */
gboolean
okap_challenge_accepts (const guint8 hash[OKAP_CHALLENGE_BYTES], const char *verifier)
{
  guint8 came[OKAP_CHALLENGE_BYTES];

  (void) crypto_hash_sha256 (came, (const guint8 *) verifier, strlen (verifier));
  return sodium_memcmp (came, hash, sizeof came) == 0;
}
