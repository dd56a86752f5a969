/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-http-parse.h"

#include <string.h>

/* Decodes @text, @step bytes at a time; returns what came out, and how it ended. */
static char *
decode (const char *text, gsize length, gsize step, OkapHttpProgress *out_progress, gsize *out_used)
{
  OkapHttpChunks chunks = { 0 };
  GString *out = g_string_new (NULL);

  *out_progress = OKAP_HTTP_MORE;
  *out_used = 0;
  while (*out_used < length && *out_progress == OKAP_HTTP_MORE)
    {
      gsize n = MIN (step, length - *out_used), decoded, used;
      g_autofree char *piece = g_memdup2 (text + *out_used, n);

      *out_progress = okap_http_chunks_decode (&chunks, piece, n, &decoded, &used);
      g_assert_cmpuint (decoded, <=, used);
      g_assert_cmpuint (used, <=, n);
      g_string_append_len (out, piece, (gssize) decoded);
      *out_used += used;
    }
  return g_string_free (out, FALSE);
}

static void
test_table (void)
{
  static const struct
  {
    const char *text;
    OkapHttpProgress progress;
    const char *data;  /* (nullable) of a body that is not bad */
  } cases[] = {
    { "0\r\n\r\n", OKAP_HTTP_DONE, "" },
    { "3\r\nabc\r\n0\r\n\r\n", OKAP_HTTP_DONE, "abc" },
    { "3\r\nabc\r\n2\r\nde\r\n00\r\n\r\n", OKAP_HTTP_DONE, "abcde" },
    { "A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n", OKAP_HTTP_DONE, "0123456789abcdefghij" },
    { "3;name=value;x=\"y\"\r\nabc\r\n0;z\r\n\r\n", OKAP_HTTP_DONE, "abc" },
    { "1\r\na\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", OKAP_HTTP_DONE, "a" },
    { "2\r\n\r\n\r\n0\r\n\r\n", OKAP_HTTP_DONE, "\r\n" },
    { "3\r\nab", OKAP_HTTP_MORE, "ab" },
    { "0\r\n", OKAP_HTTP_MORE, "" },
    { "\r\n", OKAP_HTTP_BAD, NULL },
    { "x\r\n", OKAP_HTTP_BAD, NULL },
    { "-1\r\n", OKAP_HTTP_BAD, NULL },
    { "+1\r\na\r\n", OKAP_HTTP_BAD, NULL },
    { "0x1\r\na\r\n", OKAP_HTTP_BAD, NULL },
    { " 1\r\na\r\n", OKAP_HTTP_BAD, NULL },
    { "1 \r\na\r\n", OKAP_HTTP_BAD, NULL },
    { "1 ;x\r\na\r\n", OKAP_HTTP_BAD, NULL },
    { ";x\r\n", OKAP_HTTP_BAD, NULL },
    { "1\na\r\n", OKAP_HTTP_BAD, NULL },
    { "1\r\na\n0\r\n", OKAP_HTTP_BAD, NULL },
    { "1\r\nab\r\n", OKAP_HTTP_BAD, NULL },
    { "1\r\na0\r\n\r\n", OKAP_HTTP_BAD, NULL },
    { "1\rxa", OKAP_HTTP_BAD, NULL },
    { "1;a\nb\r\na\r\n", OKAP_HTTP_BAD, NULL },
    { "1;a\rb\r\n", OKAP_HTTP_BAD, NULL },
    { "1;\x01\r\na\r\n", OKAP_HTTP_BAD, NULL },
    { "0\r\nA: b\n\r\n", OKAP_HTTP_BAD, NULL },
    { "0\r\n\rX", OKAP_HTTP_BAD, NULL },
    { "10000000000000000\r\n", OKAP_HTTP_BAD, NULL },
    { "0000000000000001\r\na", OKAP_HTTP_BAD, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 1; step <= 64; step *= 2)
      {
        OkapHttpProgress progress;
        gsize used;
        g_autofree char *data = decode (cases[i].text, strlen (cases[i].text), step, &progress,
                                        &used);

        g_test_message ("%s", cases[i].text);
        g_assert_cmpint (progress, ==, cases[i].progress);
        if (progress != OKAP_HTTP_BAD)
          g_assert_cmpstr (data, ==, cases[i].data);
        if (progress == OKAP_HTTP_DONE)
          g_assert_cmpuint (used, ==, strlen (cases[i].text));
      }
}

/* What stands behind the end belongs to the next request. */
static void
test_next_request_is_left (void)
{
  OkapHttpProgress progress;
  gsize used;
  g_autofree char *data = decode ("1\r\na\r\n0\r\n\r\nGET /", 16, 16, &progress, &used);

  g_assert_cmpint (progress, ==, OKAP_HTTP_DONE);
  g_assert_cmpstr (data, ==, "a");
  g_assert_cmpuint (used, ==, 11);
}

static void
test_bounds (void)
{
  g_autofree char *long_line = g_strdup_printf ("1;%0300d\r\na\r\n0\r\n\r\n", 1);
  g_autofree char *long_trailer = g_strdup_printf ("0\r\nA: %0300d\r\n\r\n", 1);
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) plain = g_string_new (NULL);
  OkapHttpProgress progress;
  gsize used;

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (many, "1;%0200d\r\na\r\n", 1);
  for (guint i = 0; i < 100000; i++)
    g_string_append (plain, "1\r\na\r\n");
  g_string_append (many, "0\r\n\r\n");
  g_string_append (plain, "0\r\n\r\n");

  g_free (decode (long_line, strlen (long_line), 64, &progress, &used));
  g_assert_cmpint (progress, ==, OKAP_HTTP_BAD);
  g_free (decode (long_trailer, strlen (long_trailer), 64, &progress, &used));
  g_assert_cmpint (progress, ==, OKAP_HTTP_BAD);
  g_free (decode (many->str, many->len, 64, &progress, &used));
  g_assert_cmpint (progress, ==, OKAP_HTTP_BAD);
  g_free (decode (plain->str, plain->len, 4096, &progress, &used));
  g_assert_cmpint (progress, ==, OKAP_HTTP_DONE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-chunks/table", test_table);
  g_test_add_func ("/http-chunks/next-request-is-left", test_next_request_is_left);
  g_test_add_func ("/http-chunks/bounds", test_bounds);
  return g_test_run ();
}
