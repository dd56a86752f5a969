/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-error.h"
#include "okap-money.h"

static const struct
{
  const char *text;
  gint64 nusd;  /* -1: refused */
} parse_cases[] = {
  { "0", 0 }, { "10", 10 * OKAP_NUSD_PER_USD }, { "2.50", 2500000000 }, { "0.000000001", 1 },
  { "0.0000000001", -1 }, { "1000000", OKAP_MONEY_MOST_NUSD }, { "1000001", -1 },
  { "99999999999999999999", -1 }, { "", -1 }, { ".5", -1 }, { "5.", -1 }, { "-1", -1 },
  { "1e3", -1 }, { "1,5", -1 }, { "nan", -1 }, { " 1", -1 },
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (parse_cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 nusd = -1;
      gboolean parsed = okap_money_parse (parse_cases[i].text, &nusd, &error);

      g_test_message ("%s", parse_cases[i].text);
      g_assert_cmpint (parsed, ==, parse_cases[i].nusd >= 0);
      if (parsed)
        g_assert_cmpint (nusd, ==, parse_cases[i].nusd);
      else
        g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
    }
}

static void
test_format (void)
{
  static const struct { gint64 nusd; const char *text; } cases[] = {
    { 0, "0.00" }, { 10 * OKAP_NUSD_PER_USD, "10.00" }, { 2500000000, "2.50" },
    { 1, "0.000000001" }, { 1234567890, "1.23456789" }, { -2500000000, "-2.50" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = okap_money_format (cases[i].nusd);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_units (void)
{
  /* A million tokens at 0.15 dollars a million: 150,000 pico-dollars each. */
  g_assert_cmpint (okap_money_for_units (1000000, 150000), ==, 150000000);
  g_assert_cmpint (okap_money_for_units (1, 1), ==, 1);  /* rounded up */
  g_assert_cmpint (okap_money_for_units (0, 1), ==, 0);
  g_assert_cmpint (okap_money_for_units (G_MAXINT64, 2), ==, G_MAXINT64);
  g_assert_cmpint (okap_money_add (G_MAXINT64, 1), ==, G_MAXINT64);
}

static void
test_double (void)
{
  gint64 nusd;

  g_assert_true (okap_money_from_double (0.1, &nusd));
  g_assert_cmpint (nusd, ==, 100000000);
  g_assert_false (okap_money_from_double (-0.01, &nusd));
  g_assert_false (okap_money_from_double (1e7, &nusd));
  g_assert_false (okap_money_from_double (1.0 / 0.0, &nusd));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/money/parse", test_parse);
  g_test_add_func ("/money/format", test_format);
  g_test_add_func ("/money/units", test_units);
  g_test_add_func ("/money/double", test_double);
  return g_test_run ();
}
