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
  { "[9223372036854775807,-9223372036854775807,1e308]", TRUE }, { "[9223372036854775808]", FALSE },
  { "[18446744073709551626]", FALSE }, { "-18446744073709551615", FALSE },
  { "-99999999999999999999", FALSE }, { "[1e400]", FALSE }, { "[-1e400]", FALSE },
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

static void
test_print (void)
{
  static const char text[] = "{\"z\":[0.1,10.0,2.5,-0.3,1e-9,999999.999999999,7,-7],"
                             "\"a\":{\"b\":true,\"c\":null,\"d\":[],\"e\":{}},"
                             "\"s\":\"\\u00e4 \\\"\\\\\\/\\n\\u0001\"}";
  g_autoptr (JsonNode) node = okap_json_parse_strict (text, strlen (text), 4, NULL);
  g_autofree char *line = NULL;
  g_autofree char *pretty = NULL;

  g_assert_nonnull (node);
  line = okap_json_print (node, FALSE);
  g_assert_cmpstr (line, ==,
                   "{\"z\":[0.1,10.0,2.5,-0.3,1e-09,999999.999999999,7,-7],"
                   "\"a\":{\"b\":true,\"c\":null,\"d\":[],\"e\":{}},"
                   "\"s\":\"ä \\\"\\\\/\\n\\u0001\"}");
  pretty = okap_json_print (json_object_get_member (json_node_get_object (node), "a"), TRUE);
  g_assert_cmpstr (pretty, ==,
                   "{\n  \"b\": true,\n  \"c\": null,\n  \"d\": [],\n  \"e\": {}\n}");
}

/* The name of a member goes into the message; it must not be cut within a character. */
static void
test_twice_message (void)
{
  g_autoptr (GString) text = g_string_new ("{\"x");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append (text, "ä");
  g_string_append_printf (text, "\":1,%s\":2}", text->str + 1);
  g_assert_null (okap_json_parse_strict (text->str, text->len, 4, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_nonnull (strstr (error->message, "twice"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/strict", test_strict);
  g_test_add_func ("/json/scan", test_scan);
  g_test_add_func ("/json/print", test_print);
  g_test_add_func ("/json/twice-message", test_twice_message);
  return g_test_run ();
}
