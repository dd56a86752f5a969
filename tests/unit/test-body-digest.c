/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests against what "b2sum -l 128" prints, and what they cost. */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "okap-body-digest.h"

static const struct
{
  const char *text;
  const char *hex;
} cases[] = {
  { "", "cae66941d9efbd404e4d88758ea67670" },
  { "abc", "cf4ab791c62b8d2b2109c90275287816" },
  { "{\"model\":\"m\"}", "69288650df68c191616ce64139a3d4e9" },
};

static void
test_known (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapBodyDigest digest = okap_body_digest_of (cases[i].text, strlen (cases[i].text));
      g_autofree char *hex = okap_body_digest_format (&digest);
      OkapBodyDigest back;

      g_assert_cmpstr (hex, ==, cases[i].hex);
      g_assert_true (okap_body_digest_parse (hex, &back));
      g_assert_cmpmem (&back, sizeof back, &digest, sizeof digest);
    }
}

static void
test_pieces (void)
{
  g_autofree char *data = g_malloc0 (10000);
  OkapBodyDigest whole = okap_body_digest_of (data, 10000);

  for (gsize piece = 1; piece < 10000; piece = piece * 3 + 1)
    {
      g_autoptr (OkapBodyDigester) digester = okap_body_digester_new ();
      OkapBodyDigest digest;

      for (gsize at = 0; at < 10000; at += piece)
        okap_body_digester_feed (digester, data + at, MIN (piece, 10000 - at));
      digest = okap_body_digester_end (digester);
      g_assert_cmpmem (&digest, sizeof digest, &whole, sizeof whole);
    }
}

static void
test_none (void)
{
  static const char *const texts[] = {
    NULL, "", "cae66941d9efbd404e4d88758ea6767", "cae66941d9efbd404e4d88758ea676700",
    "cae66941d9efbd404e4d88758ea6767g", "cae66941d9efbd404e4d88758ea6767 ",
  };
  OkapBodyDigest digest = { 0 };

  g_assert_false (okap_body_digest_is_set (&digest));
  g_assert_null (okap_body_digest_format (&digest));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      digest.bytes[3] = 1;
      g_assert_false (okap_body_digest_parse (texts[i], &digest));
      g_assert_false (okap_body_digest_is_set (&digest));
    }
}

static void
test_speed (void)
{
  static const gsize sizes[] = { 1000, 10000, 100000, 1000000 };
  g_autofree char *data = g_malloc0 (1000000);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint n = (guint) (50000000 / sizes[i]);
      gint64 begin_us = g_get_monotonic_time ();
      guint odd = 0;

      for (guint j = 0; j < n; j++)
        {
          memcpy (data, &j, sizeof j);
          odd += okap_body_digest_of (data, sizes[i]).bytes[0] & 1;
        }
      g_assert_cmpuint (odd, <=, n);
      g_test_message ("%zu bytes: %.2f us", sizes[i],
                      (double) (g_get_monotonic_time () - begin_us) / n);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/body-digest/known", test_known);
  g_test_add_func ("/body-digest/pieces", test_pieces);
  g_test_add_func ("/body-digest/none", test_none);
  if (g_test_perf ())
    g_test_add_func ("/body-digest/speed", test_speed);
  return g_test_run ();
}
