/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes through the scanner and the strict parser. What must hold: the scanner ends and stays
 * in its text; it and the parser agree; what is printed has the same tokens. The first
 * byte chooses the depth, so that small inputs reach the bound. */
#include "config.h"

#include <string.h>

#include "okap-error.h"
#include "okap-fuzz.h"
#include "okap-json.h"

/* Walks by tokens; with @skip, over the value of every second member. */
static gboolean
walk (const char *text, gsize length, guint depth, gboolean skip)
{
  OkapJsonScanner scanner;
  gsize steps = 0;

  okap_json_scanner_init (&scanner, text, length, depth);
  for (;;)
    {
      OkapJsonToken token = okap_json_scanner_next (&scanner);
      gint64 value;

      g_assert_cmpuint (++steps, <=, length + 2);
      g_assert_cmpuint (scanner.depth, <=, depth);
      g_assert_cmpuint (okap_json_scanner_get_offset (&scanner), <=, length);
      if (token == OKAP_JSON_END || token == OKAP_JSON_INVALID)
        {
          g_assert_true (token == OKAP_JSON_INVALID
                         || okap_json_scanner_next (&scanner) != OKAP_JSON_OBJECT);
          return token == OKAP_JSON_END;
        }
      g_assert_true (scanner.text >= text && scanner.text + scanner.length <= text + length);
      if (token == OKAP_JSON_STRING || token == OKAP_JSON_NAME || token == OKAP_JSON_NUMBER)
        {
          g_autofree char *copy = okap_json_scanner_dup (&scanner);

          g_assert_true (copy == NULL || g_utf8_validate (copy, -1, NULL));
          okap_json_scanner_is (&scanner, "model");
          if (token == OKAP_JSON_NUMBER && okap_json_scanner_get_int (&scanner, &value))
            g_assert_cmpint (value, >=, 0);
        }
      if (skip && steps % 2 == 0 && !okap_json_scanner_skip (&scanner, token))
        return FALSE;
    }
}

static void
assert_same_number (const OkapJsonScanner *a, const OkapJsonScanner *b)
{
  g_autofree char *first = okap_json_scanner_dup (a);
  g_autofree char *second = okap_json_scanner_dup (b);
  double x = g_ascii_strtod (first, NULL);
  double y = g_ascii_strtod (second, NULL);

  g_assert_true (!(x < y) && !(x > y));
  if (strpbrk (first, ".eE") == NULL && strcmp (first, "-0") != 0)
    g_assert_cmpstr (first, ==, second);
}

/* Token by token: json-glib and our printer between them must not change any value. */
static void
assert_same (const char *text, gsize length, const char *printed)
{
  OkapJsonScanner a, b;
  OkapJsonToken token;

  okap_json_scanner_init (&a, text, length, OKAP_JSON_DEPTH_MOST);
  okap_json_scanner_init (&b, printed, strlen (printed), OKAP_JSON_DEPTH_MOST);
  do
    {
      token = okap_json_scanner_next (&a);
      g_assert_cmpint (okap_json_scanner_next (&b), ==, token);
      if (token == OKAP_JSON_NUMBER)
        assert_same_number (&a, &b);
      else if (token == OKAP_JSON_STRING || token == OKAP_JSON_NAME)
        {
          g_autofree char *first = okap_json_scanner_dup (&a);
          g_autofree char *second = okap_json_scanner_dup (&b);

          g_assert_cmpstr (first, ==, second);
        }
    }
  while (token != OKAP_JSON_END);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint depth = size > 0 ? data[0] % OKAP_JSON_DEPTH_MOST + 1 : 1;
  const char *text = (const char *) data;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *printed = NULL;
  gboolean valid = walk (text, size, depth, FALSE);

  g_assert_true (walk (text, size, depth, TRUE) == valid);
  node = okap_json_parse_strict (text, size, depth, &error);
  if (node == NULL)
    {
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpstr (error->message, !=, "The JSON could not be read");
      return 0;
    }
  g_assert_true (valid);
  printed = okap_json_print (node, FALSE);
  assert_same (text, size, printed);
  return 0;
}
