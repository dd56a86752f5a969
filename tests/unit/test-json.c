/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-error.h"
#include "okap-json.h"

#include <string.h>

static const struct
{
  const char *text;
  gboolean valid;
} cases[] = {
  { "{}", TRUE }, { "[]", TRUE }, { " {\"a\" : [1, -2.5e+3, true, false, null, \"x\"]} ", TRUE },
  { "\"\\u00e4\\n\"", TRUE }, { "0", TRUE }, { "\"\\ud83d\\ude00\"", TRUE },
  { "", FALSE }, { "{", FALSE }, { "{]", FALSE }, { "[1,]", FALSE }, { "{\"a\":1,}", FALSE },
  { "{\"a\"}", FALSE }, { "{a:1}", FALSE }, { "01", FALSE }, { "1.", FALSE }, { ".5", FALSE },
  { "+1", FALSE }, { "NaN", FALSE }, { "Infinity", FALSE }, { "tru", FALSE }, { "{} {}", FALSE },
  { "[1 2]", FALSE }, { "\"\t\"", FALSE }, { "\"\\x\"", FALSE }, { "\"\\u12g4\"", FALSE },
  { "\"\xff\"", FALSE }, { "\"\\ud83d\"", FALSE }, { "\"\\u0000\"", FALSE }, { "'a'", FALSE },
  { "{\"a\":1,\"a\":2}", FALSE }, { "{\"a\":1,\"\\u0061\":2}", FALSE },
  { "{\"a\":{\"b\":1},\"c\":{\"b\":1}}", TRUE }, { "[[[[1]]]]", TRUE }, { "[[[[[1]]]]]", FALSE },
};

static void
test_strict (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *node = okap_json_parse_strict (cases[i].text, strlen (cases[i].text), 4, &error);

      g_test_message ("case %u", i);
      g_assert_cmpint (node != NULL, ==, cases[i].valid);
      if (node == NULL)
        g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_clear_pointer (&node, json_node_unref);
    }
}

static void
test_scan (void)
{
  static const char text[] = "{\"x\":{\"model\":\"no\"},\"model\":\"gpt\\u002d4o\",\"n\":17}";
  OkapJsonScanner scanner;
  OkapJsonToken token;
  g_autofree char *model = NULL;
  gint64 n = 0;

  okap_json_scanner_init (&scanner, text, strlen (text), 8);
  g_assert_cmpint (okap_json_scanner_next (&scanner), ==, OKAP_JSON_OBJECT);
  while ((token = okap_json_scanner_next (&scanner)) == OKAP_JSON_NAME)
    if (okap_json_scanner_is (&scanner, "model"))
      {
        g_assert_cmpint (okap_json_scanner_next (&scanner), ==, OKAP_JSON_STRING);
        model = okap_json_scanner_dup (&scanner);
      }
    else if (okap_json_scanner_is (&scanner, "n"))
      {
        g_assert_cmpint (okap_json_scanner_next (&scanner), ==, OKAP_JSON_NUMBER);
        g_assert_true (okap_json_scanner_get_int (&scanner, &n));
      }
    else
      g_assert_true (okap_json_scanner_skip (&scanner, token));
  g_assert_cmpint (token, ==, OKAP_JSON_OBJECT_END);
  g_assert_cmpint (okap_json_scanner_next (&scanner), ==, OKAP_JSON_END);
  g_assert_cmpstr (model, ==, "gpt-4o");
  g_assert_cmpint (n, ==, 17);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/strict", test_strict);
  g_test_add_func ("/json/scan", test_scan);
  return g_test_run ();
}
