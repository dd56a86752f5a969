/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-address-filter.h"

#include <string.h>

#include "okap-caps.h"

#define API "https://api.example.com/v1"
#define OURS "http://127.0.0.1:6527/v1/example"

static const char *const members[] = { "results_url", "urls.get", "next", NULL };

static char *
filter_in_pieces (const char *text, gsize piece)
{
  g_autoptr (OkapAddressFilter) filter
      = okap_address_filter_new (members, API, "https://api.example.org", OURS);
  GString *out = g_string_new (NULL);

  for (gsize at = 0; at < strlen (text); at += piece)
    okap_address_filter_feed (filter, text + at, MIN (piece, strlen (text) - at), out);
  okap_address_filter_finish (filter, out);
  return g_string_free (out, FALSE);
}

static void
test_addresses (void)
{
  static const struct
  {
    const char *text, *expected;  /* NULL: unchanged */
  } cases[] = {
    { "{\"id\":\"b\",\"results_url\":\"" API "/batches/b/results\"}",
      "{\"id\":\"b\",\"results_url\":\"" OURS "/batches/b/results\"}" },
    { "{ \"results_url\" : \"" API "/x\" , \"n\" : 1 }",
      "{ \"results_url\" : \"" OURS "/x\" , \"n\" : 1 }" },
    { "{\"urls\":{\"get\":\"" API "/p/1\",\"web\":\"" API "/p/1\"},"
      "\"next\":\"" API "/p?a=\\u00e4\"}",
      "{\"urls\":{\"get\":\"" OURS "/p/1\",\"web\":\"" API "/p/1\"},\"next\":\"" OURS
      "/p?a=\\u00e4\"}" },
    /* arrays are no part of a path; a slash may be escaped */
    { "[{\"urls\":[{\"get\":\"" API "/1\"}]},{\"next\":\"https:\\/\\/api.example.com\\/v1\\/2\"}]",
      "[{\"urls\":[{\"get\":\"" OURS "/1\"}]},{\"next\":\"" OURS "/2\"}]" },
    { "{\"next\":\"https://api.example.org/v9/2\"}", "{\"next\":\"" OURS "/v9/2\"}" },
    { "{\"next\":\"https://api.example.o", NULL },
    /* the same name elsewhere, a name in a value, an address in a text, another host, no slash */
    { "{\"get\":\"" API "/1\"}", NULL },
    { "{\"a\":{\"results_url\":\"" API "/1\"},\"results_url\":null}", NULL },
    { "{\"a\":\"results_url\",\"b\":\"" API "/1\"}", NULL },
    { "{\"results_url\":\"see " API "/1\"}", NULL },
    { "{\"results_url\":\"https://api.example.com.evil/v1/1\"}", NULL },
    { "{\"results_url\":\"" API "\"}", NULL },
    { "{\"results_url\":\"https://api.example.com/v1", NULL },
    { "{\"results_url\":\"https:\\n//api.example.com/v1/\"}", NULL },
    { "{\"a\":\"\\\"results_url\\\":\\\"" API "/1\\\"\"}", NULL },
    { "{\"results_url\\\"\":\"" API "/1\"}", NULL },
    { "]}{\"results_url\":\"" API "/1\"}", NULL },
    { "", NULL },
    { "\"", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize piece = 1; piece < 70; piece++)
      {
        g_autofree char *out = filter_in_pieces (cases[i].text, piece);

        g_assert_cmpstr (out, ==, cases[i].expected != NULL ? cases[i].expected : cases[i].text);
      }
}

/* What is too deep to be followed passes; a name of any length costs little. */
static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *deep = NULL;
  g_autofree char *longest = NULL;

  for (guint i = 0; i < 2 * OKAP_CAP_BODY_DEPTH; i++)
    g_string_append (text, "{\"next\":[");
  g_string_append (text, "\"" API "/1\"");
  deep = filter_in_pieces (text->str, 7);
  g_assert_cmpstr (deep, ==, text->str);

  g_string_assign (text, "{\"");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, 'n');
  g_string_append (text, "\":1,\"next\":\"" API "/1\"}");
  longest = filter_in_pieces (text->str, 4096);
  g_assert_nonnull (strstr (longest, ":1,\"next\":\"" OURS "/1\"}"));
  g_assert_cmpuint (strlen (longest), ==, text->len + strlen (OURS) - strlen (API));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address-filter/addresses", test_addresses);
  g_test_add_func ("/address-filter/bounds", test_bounds);
  return g_test_run ();
}
