/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-text.h"

static const struct
{
  const char *name;
  const char *in;
  gsize most;
  const char *out;
} clean_cases[] = {
  { "plain", "Example App", 64, "Example App" },
  { "newlines fold", "a\n\n\tb ", 64, "a b" },
  { "controls vanish", "a\x01\x1b[31mb", 64, "a[31mb" },
  { "right-to-left override", "evil\u202Egpj.exe", 64, "evilgpj.exe" },
  { "isolates", "\u2066a\u2069", 64, "a" },
  { "zero width", "a\u200Bb\u200Dc\uFEFFd", 64, "abcd" },
  { "filler", "\u3164\u3164", 64, "" },
  { "tower of marks", "e\u0301\u0302\u0303\u0304\u0305", 64, "e\u0301\u0302\u0303" },
  { "mark alone", "\u0301a", 64, "a" },
  { "cut by characters", "ääää", 3, "äää" },
  { "right-to-left letters stay", "שלום", 64, "שלום" },
  { "markup is text", "<b>&amp;</b>", 64, "<b>&amp;</b>" },
};

static void
test_clean (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (clean_cases); i++)
    {
      g_autofree char *out = okap_text_clean (clean_cases[i].in, clean_cases[i].most);

      g_test_message ("%s", clean_cases[i].name);
      g_assert_cmpstr (out, ==, clean_cases[i].out);
    }
}

static void
test_shorten (void)
{
  g_autofree char *same = okap_text_shorten ("abcdef", 6);
  g_autofree char *shorter = okap_text_shorten ("abcdefgh", 5);

  g_assert_cmpstr (same, ==, "abcdef");
  g_assert_cmpstr (shorter, ==, "ab…gh");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/clean", test_clean);
  g_test_add_func ("/text/shorten", test_shorten);
  return g_test_run ();
}
