/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A passphrase in its one form: Unicode's form NFC, so that the same letters open the vault however
 * a keyboard or another system composes them. GLib's own function would leave copies of the
 * passphrase in ordinary memory; this one uses GLib's tables and works in guarded memory. */
#include "config.h"

#include "okap-passphrase.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-guarded.h"

/* A character comes apart into at most so many; a byte of UTF-8 holds at most one character. */
#define PARTS_MOST 18   /* G_UNICHAR_MAX_DECOMPOSITION_LENGTH */

G_STATIC_ASSERT (PARTS_MOST == G_UNICHAR_MAX_DECOMPOSITION_LENGTH);

/* Puts marks on the same base into their canonical order. */
static void
order_marks (gunichar *chars, gsize n)
{
  for (gsize i = 1; i < n; i++)
    {
      gint class = g_unichar_combining_class (chars[i]);

      for (gsize k = i; class != 0 && k > 0; k--)
        {
          gunichar before = chars[k - 1];

          if (g_unichar_combining_class (before) <= class)
            break;
          chars[k - 1] = chars[k];
          chars[k] = before;
        }
    }
}

/* Composes in place. Returns: the characters that are left */
static gsize
compose (gunichar *chars, gsize n)
{
  gsize starter = 0, out = 0;
  gboolean have_starter = FALSE;
  gint last_class = 0;

  for (gsize i = 0; i < n; i++)
    {
      gint class = g_unichar_combining_class (chars[i]);
      gunichar composed;

      /* Nothing between it and the starter blocks it: adjacent, or only lower classes between. */
      if (have_starter && (out == starter + 1 || last_class < class)
          && g_unichar_compose (chars[starter], chars[i], &composed))
        {
          chars[starter] = composed;
          continue;
        }
      if (class == 0)
        {
          starter = out;
          have_starter = TRUE;
        }
      last_class = class;
      chars[out++] = chars[i];
    }
  return out;
}

/**
 * okap_passphrase_normalize:
 * @typed: as it was typed
 * @error: %OKAP_ERROR_INVALID_REQUEST if it is empty, too long or not UTF-8
 *
 * Returns: (transfer full) (nullable): what the slots are tried with
 */
OkapSecret *
okap_passphrase_normalize (OkapSecret *typed, GError **error)
{
  const char *text = okap_secret_get_text (typed);
  gsize length = okap_secret_get_length (typed);
  g_autoptr (OkapGuarded) chars = NULL;
  g_autoptr (OkapGuarded) utf8 = NULL;
  gunichar *wide;
  gsize n = 0, bytes = 0;

  if (length == 0 || length > OKAP_CAP_PASSPHRASE_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected a passphrase of 1 to %d bytes, but it has %zu",
                   OKAP_CAP_PASSPHRASE_BYTES, length);
      return NULL;
    }
  if (!g_utf8_validate_len (text, length, NULL))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a passphrase in UTF-8 without NUL characters");
      return NULL;
    }

  chars = okap_guarded_new (length * PARTS_MOST * sizeof (gunichar));
  wide = (gunichar *) (gpointer) chars->data;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    n += g_unichar_fully_decompose (g_utf8_get_char (p), FALSE, wide + n, PARTS_MOST);
  order_marks (wide, n);
  n = compose (wide, n);

  utf8 = okap_guarded_new (n * 6);
  for (gsize i = 0; i < n; i++)
    bytes += (gsize) g_unichar_to_utf8 (wide[i], (char *) utf8->data + bytes);
  return okap_secret_new (utf8->data, bytes);
}
