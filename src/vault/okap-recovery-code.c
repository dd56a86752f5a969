/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recovery code: 26 random characters of five bits and four that are computed from them, in
 * six groups of five. Its alphabet has no look-alikes; O is read as 0, I and L as 1. The computed
 * characters tell a typing error (one in a million passes) from a code of another vault. */
#include "config.h"

#include "okap-recovery-code.h"

#include <sodium.h>
#include <string.h>

#define RANDOM_CHARS 26
#define CHECK_CHARS 4
#define CODE_CHARS (RANDOM_CHARS + CHECK_CHARS)
#define GROUP_CHARS 5
#define TYPO_CHARS 3   /* so many may be missing or too many in what was meant as a code */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Computes the last characters from the first; all are numbers below 32. */
static void
compute_check (const guint8 random[RANDOM_CHARS], guint8 out_check[CHECK_CHARS])
{
  guint8 digest[crypto_generichash_BYTES_MIN];

  (void) crypto_generichash (digest, sizeof digest, random, RANDOM_CHARS,
                             (const guint8 *) "okap recovery code", 18);
  for (guint i = 0; i < CHECK_CHARS; i++)
    out_check[i] = digest[i] & 31;
  okap_wipe (digest, sizeof digest);
}

/**
 * okap_recovery_code_new:
 * @out_bits: (out) (transfer full): the randomness, for okap_slot_wrap()
 *
 * Returns: (transfer full): a new code as it is shown to its owner
 */
OkapSecret *
okap_recovery_code_new (OkapSecret **out_bits)
{
  guint8 values[CODE_CHARS];
  char text[CODE_CHARS + CODE_CHARS / GROUP_CHARS];
  OkapSecret *code;
  gsize length = 0;

  if (sodium_init () < 0)
    g_error ("libsodium could not be initialised: no source of randomness");
  randombytes_buf (values, RANDOM_CHARS);
  for (guint i = 0; i < RANDOM_CHARS; i++)
    values[i] &= 31;
  compute_check (values, values + RANDOM_CHARS);
  for (guint i = 0; i < CODE_CHARS; i++)
    {
      if (i > 0 && i % GROUP_CHARS == 0)
        text[length++] = '-';
      text[length++] = alphabet[values[i]];
    }
  code = okap_secret_new (text, length);
  *out_bits = okap_secret_new (values, RANDOM_CHARS);
  okap_wipe (values, sizeof values);
  okap_wipe (text, sizeof text);
  return code;
}

/* Returns: the number that @c stands for, or -1 */
static int
value_of (gunichar c)
{
  const char *found;

  if (c >= 'a' && c <= 'z')
    c -= 'a' - 'A';
  if (c == 'O')
    c = '0';
  if (c == 'I' || c == 'L')
    c = '1';
  if (c == 0 || c > 'Z')
    return -1;
  found = strchr (alphabet, (int) c);
  return found != NULL ? (int) (found - alphabet) : -1;
}

static gboolean
is_separator (gunichar c)
{
  return g_unichar_isspace (c) || g_unichar_type (c) == G_UNICODE_DASH_PUNCTUATION
         || c == 0x2212 /* minus sign */;
}

/**
 * okap_recovery_code_parse:
 * @text: UTF-8, as a person typed it; case, spaces and dashes do not matter
 * @out_bits: (out) (transfer full): set for %OKAP_RECOVERY_CODE
 */
OkapRecoveryResult
okap_recovery_code_parse (OkapSecret *text, OkapSecret **out_bits)
{
  guint8 values[CODE_CHARS + TYPO_CHARS];
  guint8 check[CHECK_CHARS];
  OkapRecoveryResult result = OKAP_RECOVERY_NOT_A_CODE;
  guint n = 0, n_dashes = 0;

  *out_bits = NULL;
  for (const char *p = okap_secret_get_text (text); *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      int value = value_of (c);

      if (value < 0 && is_separator (c))
        {
          n_dashes += !g_unichar_isspace (c);
          continue;
        }
      if (value < 0 || n == sizeof values)
        {
          n = 0;
          break;
        }
      values[n++] = (guint8) value;
    }

  if (n == CODE_CHARS)
    {
      compute_check (values, check);
      result = sodium_memcmp (check, values + RANDOM_CHARS, CHECK_CHARS) == 0
               ? OKAP_RECOVERY_CODE : OKAP_RECOVERY_TYPO;
    }
  else if (n >= CODE_CHARS - TYPO_CHARS && n_dashes > 0)
    {
      result = OKAP_RECOVERY_TYPO;
    }
  if (result == OKAP_RECOVERY_CODE)
    *out_bits = okap_secret_new (values, RANDOM_CHARS);
  okap_wipe (values, sizeof values);
  okap_wipe (check, sizeof check);
  return result;
}
