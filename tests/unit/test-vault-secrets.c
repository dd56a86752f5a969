/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passphrases and recovery codes as people type them, and what is left in memory after locking. */
#include "vault-fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "okap-passphrase.h"
#include "okap-recovery-code.h"

static void
assert_normalizes (const char *text)
{
  g_autoptr (OkapSecret) typed = okap_secret_new_from_string (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) normal = okap_passphrase_normalize (typed, &error);
  g_autofree char *expected = g_utf8_normalize (text, -1, G_NORMALIZE_NFC);

  g_assert_no_error (error);
  g_assert_cmpstr (okap_secret_get_text (normal), ==, expected);
}

static void
test_normalize (void)
{
  static const char *const texts[] = {
    "plain", "Gr\xc3\xbc\xc3\x9f" "e", "Gru\xcc\x88\xc3\x9f" "e",
    "a\xcc\xa3\xcc\x82",               /* two marks, composed one after the other */
    "a\xcc\x82\xcc\xa3",               /* the same in the other order */
    "\xcc\x81" "e",                    /* a mark without a base */
    "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",  /* Hangul from its parts */
    "\xed\x95\x9c", "\xea\xb0\x80\xe1\x86\xa8",
    "\xe2\x84\xab \xe2\x84\xa6",       /* Angstrom and Ohm signs */
    "\xef\xac\x81",                    /* a ligature stays in this form */
    "\xe0\xa4\x95\xe0\xa4\xbc",        /* excluded from composition */
    "\xf0\x9f\x94\x91 key", "\xe1\xbe\x82", "x\xcc\xb8\xcc\x88\xcc\x81y",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_normalizes (texts[i]);
}

/* Our function and GLib's agree on random text that is rich in what composes. */
static void
test_normalize_random (void)
{
  for (guint round = 0; round < 3000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      guint n = (guint) g_test_rand_int_range (1, 12);

      while (n-- > 0)
        switch (g_test_rand_int_range (0, 6))
          {
          case 0:
            g_string_append_unichar (text, (gunichar) g_test_rand_int_range ('A', 'z'));
            break;
          case 1:
          case 2:
            g_string_append_unichar (text, (gunichar) g_test_rand_int_range (0x300, 0x370));
            break;
          case 3:
            g_string_append_unichar (text, (gunichar) g_test_rand_int_range (0xc0, 0x250));
            break;
          case 4:
            g_string_append_unichar (text, (gunichar) g_test_rand_int_range (0x1100, 0x1200));
            break;
          default:
            g_string_append_unichar (text, (gunichar) g_test_rand_int_range (0x900, 0xe00));
          }
      assert_normalizes (text->str);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    gsize length;
  } cases[] = {
    { "", 0 }, { "\xff", 1 }, { "a\0b", 3 }, { "\xed\xa0\x80", 3 }, { "\xc3", 1 },
  };
  g_autofree char *longest = g_strnfill (1025, 'x');
  g_autoptr (OkapSecret) too_long = okap_secret_new_from_string (longest);
  g_autoptr (OkapSecret) fits = okap_secret_new (longest, 1024);
  g_autoptr (OkapSecret) normal = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapSecret) typed = okap_secret_new (cases[i].text, cases[i].length);

      g_assert_null (okap_passphrase_normalize (typed, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_clear_error (&error);
    }
  g_assert_null (okap_passphrase_normalize (too_long, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  normal = okap_passphrase_normalize (fits, &error);
  g_assert_no_error (error);
}

static OkapRecoveryResult
parse (const char *text, OkapSecret *expected)
{
  g_autoptr (OkapSecret) typed = okap_secret_new_from_string (text);
  g_autoptr (OkapSecret) bits = NULL;
  OkapRecoveryResult result = okap_recovery_code_parse (typed, &bits);

  g_assert_true ((bits != NULL) == (result == OKAP_RECOVERY_CODE));
  if (bits != NULL)
    g_assert_true (okap_secret_equal (bits, expected));
  return result;
}

static void
test_recovery_code (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (OkapSecret) bits = NULL;
      g_autoptr (OkapSecret) code = okap_recovery_code_new (&bits);
      g_autofree char *text = g_strdup (okap_secret_get_text (code));
      g_autofree char *lower = g_ascii_strdown (text, -1);
      g_auto (GStrv) groups = g_strsplit (text, "-", -1);
      g_autofree char *joined = g_strjoinv ("", groups);
      g_autofree char *spaced = g_strjoinv (" \xe2\x80\x93 ", groups);
      g_autofree char *look_alike = g_strdelimit (g_strdelimit (g_strdup (text), "0", 'o'), "1",
                                                  'l');

      g_assert_cmpint (strlen (text), ==, 35);
      g_assert_null (strpbrk (text, "ILOUilou"));
      g_assert_cmpint (parse (text, bits), ==, OKAP_RECOVERY_CODE);
      g_assert_cmpint (parse (lower, bits), ==, OKAP_RECOVERY_CODE);
      g_assert_cmpint (parse (joined, bits), ==, OKAP_RECOVERY_CODE);
      g_assert_cmpint (parse (spaced, bits), ==, OKAP_RECOVERY_CODE);
      g_assert_cmpint (parse (look_alike, bits), ==, OKAP_RECOVERY_CODE);

      /* Every single wrong, lost or doubled character, and every swap, is a typing error. */
      for (guint i = 0; i < 35; i++)
        {
          g_autofree char *wrong = g_strdup (text);
          g_autofree char *lost = g_strdup_printf ("%.*s%s", (int) i, text, text + i + 1);
          g_autofree char *doubled = g_strdup_printf ("%.*s%s", (int) i + 1, text, text + i);

          if (text[i] == '-')
            continue;
          wrong[i] = wrong[i] == '7' ? '8' : '7';
          g_assert_cmpint (parse (wrong, NULL), ==, OKAP_RECOVERY_TYPO);
          g_assert_cmpint (parse (lost, NULL), ==, OKAP_RECOVERY_TYPO);
          g_assert_cmpint (parse (doubled, NULL), ==, OKAP_RECOVERY_TYPO);
          if (text[i + 1] == '\0' || text[i + 1] == '-' || text[i + 1] == text[i])
            continue;
          memcpy (wrong, text, 35);
          wrong[i] = text[i + 1];
          wrong[i + 1] = text[i];
          g_assert_cmpint (parse (wrong, NULL), ==, OKAP_RECOVERY_TYPO);
        }
    }
  g_assert_cmpint (parse (PASSPHRASE, NULL), ==, OKAP_RECOVERY_NOT_A_CODE);
  g_assert_cmpint (parse ("", NULL), ==, OKAP_RECOVERY_NOT_A_CODE);
  g_assert_cmpint (parse ("\xf0\x9f\x94\x91", NULL), ==, OKAP_RECOVERY_NOT_A_CODE);
}

/* The same letters, composed in another way, open the vault. */
static void
test_composed (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, "Gr\xc3\xbc\xc3\x9f" "e", &error);

  g_assert_no_error (error);
  okap_vault_lock (f->vault);
  g_assert_true (vault_unlock (f->vault, "Gru\xcc\x88\xc3\x9f" "e", &error));
  g_assert_no_error (error);
}

/* Searching our own memory for what must not be there. The needle is kept masked, or the search
 * would find itself. */
#define MASK 0x5a
#define NEEDLE_BYTES 40

typedef struct
{
  guint8 masked[NEEDLE_BYTES];
} Needle;

static void
unmask (const Needle *needle, char out[NEEDLE_BYTES + 1])
{
  for (guint i = 0; i < NEEDLE_BYTES; i++)
    out[i] = (char) (needle->masked[i] ^ MASK);
  out[NEEDLE_BYTES] = '\0';
}

static void
needle_init (Needle *needle)
{
  static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";

  for (guint i = 0; i < NEEDLE_BYTES; i++)
    needle->masked[i] = (guint8) (alphabet[g_random_int_range (0, 36)] ^ MASK);
}

static guint
count_in (const guint8 *data, gsize length, const Needle *needle)
{
  guint found = 0;

  for (gsize i = 0; i + NEEDLE_BYTES <= length; i++)
    {
      gsize k = 0;

      if ((data[i] ^ MASK) != needle->masked[0])
        continue;
      while (k < NEEDLE_BYTES && (data[i + k] ^ MASK) == needle->masked[k])
        k++;
      found += k == NEEDLE_BYTES;
    }
  return found;
}

/* How often @needle stands in memory of ours that is readable. */
static guint
count_in_memory (const Needle *needle)
{
  enum { CHUNK = 1 << 20 };
  static guint8 buffer[CHUNK + NEEDLE_BYTES];
  FILE *maps = fopen ("/proc/self/maps", "re");
  int mem = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  char line[512];
  guint found = 0;

  g_assert_nonnull (maps);
  g_assert_cmpint (mem, >=, 0);
  while (fgets (line, sizeof line, maps) != NULL)
    {
      unsigned long start, end;

      if (sscanf (line, "%lx-%lx r", &start, &end) != 2 || strstr (line, " r") == NULL
          || strstr (line, "[v") != NULL)
        continue;
      for (unsigned long at = start; at < end; at += CHUNK)
        {
          gssize n = pread (mem, buffer, MIN (sizeof buffer, end - at), (off_t) at);

          /* The buffer itself holds copies of what was read before. */
          if (n > 0 && !(at < (gulong) (gsize) buffer + sizeof buffer
                         && at + (gulong) n > (gulong) (gsize) buffer))
            found += count_in (buffer, (gsize) n, needle);
          memset (buffer, 0, sizeof buffer);
        }
    }
  fclose (maps);
  close (mem);
  return found;
}

/* Runs a call with an unmasked needle that leaves no copy of the test's own behind. */
static OkapSecret *
needle_secret (const Needle *needle)
{
  char text[NEEDLE_BYTES + 1];
  OkapSecret *secret;

  unmask (needle, text);
  secret = okap_secret_new_from_string (text);
  okap_wipe (text, sizeof text);
  return secret;
}

static void
test_wiped (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GAsyncResult) added = NULL;
  g_autoptr (GAsyncResult) unlocked = NULL;
  g_autoptr (OkapKeyInfo) info = NULL;
  OkapSecret *code, *secret;
  Needle passphrase, key;

#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
  g_test_skip ("sanitizers keep freed memory");
  return;
#endif
  needle_init (&passphrase);
  needle_init (&key);
  secret = needle_secret (&passphrase);
  okap_vault_create_async (f->vault, secret, keep_result_cb, &created);
  wait_for (&created);
  g_assert_true (okap_vault_create_finish (f->vault, created, &code, &error));
  okap_secret_unref (code);
  okap_secret_unref (secret);
  g_clear_object (&created);
  g_assert_cmpint (count_in_memory (&passphrase), ==, 0);

  secret = needle_secret (&key);
  okap_vault_add_key_async (f->vault, "openai", NULL, NULL, secret, keep_result_cb, &added);
  wait_for (&added);
  info = okap_vault_add_key_finish (f->vault, added, &error);
  g_assert_no_error (error);
  okap_secret_unref (secret);
  g_clear_object (&added);
  g_assert_cmpint (count_in_memory (&key), ==, 1);

  okap_vault_lock (f->vault);
  g_assert_cmpint (count_in_memory (&key), ==, 0);
  secret = needle_secret (&passphrase);
  okap_vault_unlock_async (f->vault, secret, keep_result_cb, &unlocked);
  wait_for (&unlocked);
  g_assert_true (okap_vault_unlock_finish (f->vault, unlocked, &error));
  okap_secret_unref (secret);
  g_clear_object (&unlocked);
  g_assert_cmpint (count_in_memory (&passphrase), ==, 0);
  g_assert_cmpint (count_in_memory (&key), ==, 1);
  okap_vault_lock (f->vault);
  g_assert_cmpint (count_in_memory (&key), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vault/passphrase/normalize", test_normalize);
  g_test_add_func ("/vault/passphrase/normalize-random", test_normalize_random);
  g_test_add_func ("/vault/passphrase/refused", test_refused);
  g_test_add_func ("/vault/recovery-code", test_recovery_code);
  g_test_add ("/vault/composed", Fixture, NULL, fixture_set_up, test_composed, fixture_tear_down);
  g_test_add ("/vault/wiped", Fixture, NULL, fixture_set_up, test_wiped, fixture_tear_down);
  return g_test_run ();
}
