/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A secret: immutable bytes in libsodium's guarded memory (locked if the limit allows, never in a
 * core dump, wiped when the last reference goes). Safe from any thread. The bytes always have a
 * NUL behind them, so that a textual secret can be lent as a string. */
#include "config.h"

#include "okap-secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "okap-error.h"

struct _OkapSecret
{
  gatomicrefcount ref_count;
  gsize length;   /* (immutable) without the NUL */
  guint8 *data;   /* (owned) (immutable) guarded */
};

G_DEFINE_BOXED_TYPE (OkapSecret, okap_secret, okap_secret_ref, okap_secret_unref)

static OkapSecret *
secret_alloc (gsize length)
{
  OkapSecret *secret;

  if (sodium_init () < 0)
    g_error ("libsodium could not be initialised: no source of randomness");

  secret = g_new (OkapSecret, 1);
  g_atomic_ref_count_init (&secret->ref_count);
  secret->length = length;
  secret->data = sodium_malloc (length + 1);
  if (secret->data == NULL)
    g_error ("no guarded memory left for a secret of %zu bytes", length);
  secret->data[length] = 0;
  return secret;
}

static void
secret_seal (OkapSecret *secret)
{
  (void) sodium_mprotect_readonly (secret->data);  /* a hint: the bytes are ours either way */
}

/**
 * okap_secret_new:
 * @data: (array length=length): the bytes; the caller wipes its own copy
 *
 * Returns: (transfer full): a new secret with a copy of @data
 */
OkapSecret *
okap_secret_new (gconstpointer data, gsize length)
{
  OkapSecret *secret = secret_alloc (length);

  if (length > 0)
    memcpy (secret->data, data, length);
  secret_seal (secret);
  return secret;
}

/**
 * okap_secret_new_random:
 *
 * Returns: (transfer full): a new secret of @length random bytes
 */
OkapSecret *
okap_secret_new_random (gsize length)
{
  OkapSecret *secret = secret_alloc (length);

  randombytes_buf (secret->data, length);
  secret_seal (secret);
  return secret;
}

/**
 * okap_secret_new_from_string:
 * @text: the caller wipes its own copy
 *
 * Returns: (transfer full): a new secret with the bytes of @text
 */
OkapSecret *
okap_secret_new_from_string (const char *text)
{
  return okap_secret_new (text, strlen (text));
}

/**
 * okap_secret_new_pair:
 *
 * Returns: (transfer full): both as one secret, with a line break between: what is of two values
 *   is stored and replaced as the one thing that it is
 */
OkapSecret *
okap_secret_new_pair (const OkapSecret *first, const OkapSecret *second)
{
  OkapSecret *pair = secret_alloc (first->length + 1 + second->length);

  memcpy (pair->data, first->data, first->length);
  pair->data[first->length] = '\n';
  memcpy (pair->data + first->length + 1, second->data, second->length);
  secret_seal (pair);
  return pair;
}

/** okap_secret_dup_first: (transfer full): the first value of a pair; all of it if it is none */
OkapSecret *
okap_secret_dup_first (const OkapSecret *pair)
{
  const guint8 *end = memchr (pair->data, '\n', pair->length);

  return okap_secret_new (pair->data, end != NULL ? (gsize) (end - pair->data) : pair->length);
}

/** okap_secret_dup_second: (transfer full) (nullable): the second value of a pair; NULL if it is
 *   none */
OkapSecret *
okap_secret_dup_second (const OkapSecret *pair)
{
  const guint8 *end = memchr (pair->data, '\n', pair->length);

  return end != NULL ? okap_secret_new (end + 1, pair->length - (gsize) (end + 1 - pair->data))
                     : NULL;
}

/**
 * okap_secret_new_from_fd:
 * @fd: a descriptor to read to its end; stays open
 * @most: the most bytes that are accepted
 * @error: %OKAP_ERROR_TOO_LARGE if there are more, %OKAP_ERROR_INVALID_REQUEST if there is none
 *
 * Reads a secret straight into guarded memory. One line break at the end is not part of it.
 * Blocks; for command line tools.
 *
 * Returns: (transfer full) (nullable): the secret
 */
OkapSecret *
okap_secret_new_from_fd (int fd, gsize most, GError **error)
{
  g_autoptr (OkapSecret) room = secret_alloc (most + 2);
  gsize length = 0;

  while (length < most + 2)
    {
      gssize n = read (fd, room->data + length, most + 2 - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Reading the secret from descriptor %d failed: %s", fd, g_strerror (errno));
          return NULL;
        }
      if (n == 0)
        break;
      length += (gsize) n;
    }

  if (length > 0 && room->data[length - 1] == '\n')
    length--;
  if (length > 0 && room->data[length - 1] == '\r')
    length--;
  if (length > most)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE,
                   "A secret may have at most %zu bytes", most);
      return NULL;
    }
  if (length == 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a secret, but the input is empty");
      return NULL;
    }
  return okap_secret_new (room->data, length);
}

OkapSecret *
okap_secret_ref (OkapSecret *secret)
{
  g_return_val_if_fail (secret != NULL, NULL);

  g_atomic_ref_count_inc (&secret->ref_count);
  return secret;
}

void
okap_secret_unref (OkapSecret *secret)
{
  g_return_if_fail (secret != NULL);

  if (!g_atomic_ref_count_dec (&secret->ref_count))
    return;
  sodium_free (secret->data);
  g_free (secret);
}

/**
 * okap_secret_get_data:
 *
 * Returns: (transfer none): the bytes; valid as long as the reference
 */
const guint8 *
okap_secret_get_data (const OkapSecret *secret)
{
  return secret->data;
}

/**
 * okap_secret_get_text:
 *
 * Returns: (transfer none): the bytes as a NUL-terminated string
 */
const char *
okap_secret_get_text (const OkapSecret *secret)
{
  return (const char *) secret->data;
}

gsize
okap_secret_get_length (const OkapSecret *secret)
{
  return secret->length;
}

/**
 * okap_secret_equal:
 *
 * Returns: whether both hold the same bytes; takes the same time wherever they differ
 */
gboolean
okap_secret_equal (const OkapSecret *a, const OkapSecret *b)
{
  return a->length == b->length && sodium_memcmp (a->data, b->data, a->length) == 0;
}

/** okap_wipe: overwrites @length bytes at @data in a way that the compiler keeps */
void
okap_wipe (gpointer data, gsize length)
{
  if (data != NULL)
    sodium_memzero (data, length);
}

/** okap_wipe_string: wipes and frees a heap string (nullable) that held a secret */
void
okap_wipe_string (char *text)
{
  if (text == NULL)
    return;
  sodium_memzero (text, strlen (text));
  g_free (text);
}
