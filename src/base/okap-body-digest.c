/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests of bodies: they let a person tell whether the bytes that left are those that an app says
 * it sent, while nothing of the text is kept. Any thread.
 *
 * BLAKE2b, since libsodium has it in vector instructions: a microsecond for a kilobyte. It has no
 * key, so that "b2sum -l 128 FILE" says the same; who can guess a whole body to the last byte can
 * find his guess confirmed by it. */
#include "config.h"

#include "okap-body-digest.h"

#include <sodium.h>
#include <string.h>

#define ALIGNMENT 64

struct _OkapBodyDigester
{
  crypto_generichash_state state;
};

/** okap_body_digester_new: (transfer full) */
OkapBodyDigester *
okap_body_digester_new (void)
{
  OkapBodyDigester *self = g_aligned_alloc (1, sizeof *self, ALIGNMENT);

  (void) crypto_generichash_init (&self->state, NULL, 0, OKAP_BODY_DIGEST_BYTES);
  return self;
}

void
okap_body_digester_feed (OkapBodyDigester *self, gconstpointer data, gsize length)
{
  if (length > 0)
    (void) crypto_generichash_update (&self->state, data, length);
}

/** okap_body_digester_end: of all that was fed; nothing is fed after it */
OkapBodyDigest
okap_body_digester_end (OkapBodyDigester *self)
{
  OkapBodyDigest digest;

  (void) crypto_generichash_final (&self->state, digest.bytes, sizeof digest.bytes);
  return digest;
}

/* The last bytes of a body are in the state. */
void
okap_body_digester_free (OkapBodyDigester *self)
{
  sodium_memzero (self, sizeof *self);
  g_aligned_free (self);
}

OkapBodyDigest
okap_body_digest_of (gconstpointer data, gsize length)
{
  OkapBodyDigest digest;

  (void) crypto_generichash (digest.bytes, sizeof digest.bytes, data, length, NULL, 0);
  return digest;
}

/** okap_body_digest_is_set: FALSE for all zeros, which stand for none */
gboolean
okap_body_digest_is_set (const OkapBodyDigest *digest)
{
  return sodium_is_zero (digest->bytes, sizeof digest->bytes) == 0;
}

/** okap_body_digest_format: (transfer full) (nullable): 32 digits; NULL if there is none */
char *
okap_body_digest_format (const OkapBodyDigest *digest)
{
  char *text;

  if (!okap_body_digest_is_set (digest))
    return NULL;
  text = g_malloc (2 * OKAP_BODY_DIGEST_BYTES + 1);
  (void) sodium_bin2hex (text, 2 * OKAP_BODY_DIGEST_BYTES + 1, digest->bytes,
                         OKAP_BODY_DIGEST_BYTES);
  return text;
}

/**
 * okap_body_digest_parse:
 * @text: (nullable): as okap_body_digest_format() writes it
 *
 * Returns: whether it is one; if not, @out_digest is none
 */
gboolean
okap_body_digest_parse (const char *text, OkapBodyDigest *out_digest)
{
  gsize length;

  *out_digest = (OkapBodyDigest) { 0 };
  if (text == NULL || strlen (text) != 2 * OKAP_BODY_DIGEST_BYTES)
    return FALSE;
  if (sodium_hex2bin (out_digest->bytes, OKAP_BODY_DIGEST_BYTES, text, strlen (text), NULL, &length,
                      NULL) == 0 && length == OKAP_BODY_DIGEST_BYTES)
    return TRUE;
  *out_digest = (OkapBodyDigest) { 0 };
  return FALSE;
}
