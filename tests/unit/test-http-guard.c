/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-http-guard.h"
#include "test-http-cases.h"

#include <string.h>

typedef struct
{
  OkapHttpRequest request;
  OkapHttpFault fault;
  char *bytes;
} Head;

static void
clear (Head *head)
{
  if (head->request.path != NULL)
    g_string_free (head->request.path, TRUE);
  g_free (head->bytes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Head, clear)

/* Reads @text as a connection would, @step bytes at a time. */
static gboolean
read_head (Head *head, const OkapHttpNames *names, const char *text, gsize length, gsize step)
{
  OkapHttpScan scan = { 0 };
  OkapHttpProgress progress = OKAP_HTTP_MORE;

  head->bytes = g_memdup2 (text, length);
  for (gsize n = MIN (step, length); progress == OKAP_HTTP_MORE; n = MIN (n + step, length))
    {
      progress = okap_http_scan_head (&scan, head->bytes, n, &head->fault);
      if (n == length)
        break;
    }
  g_assert_cmpint (progress, !=, OKAP_HTTP_MORE);
  return progress == OKAP_HTTP_DONE
         && okap_http_parse_head (&head->request, head->bytes, scan.length, &head->fault)
         && okap_http_guard_check (&head->request, names, &head->fault);
}

static gboolean
read_tcp (Head *head, const char *text)
{
  OkapHttpNames names;

  okap_http_names_init_tcp (&names, 6527);
  return read_head (head, &names, text, strlen (text), 7);
}

static void
test_refused (void)
{
  OkapHttpNames names;

  okap_http_names_init_tcp (&names, 6527);
  for (gsize i = 0; i < G_N_ELEMENTS (okap_http_refused); i++)
    for (gsize step = 1; step < 1000; step += 333)
      {
        const OkapHttpCase *c = &okap_http_refused[i];
        g_auto (Head) head = { 0 };

        g_test_message ("%s", c->name);
        g_assert_false (read_head (&head, &names, c->request,
                                   c->length > 0 ? c->length : strlen (c->request), step));
        g_assert_cmpuint (head.fault.status, ==, c->status);
        g_assert_nonnull (head.fault.words);
      }
}

static void
test_accepted (void)
{
  static const char *const accepted[] = {
    GET HOST "\r\n",
    GET "Host: localhost:6527\r\n\r\n",
    GET "host:[::1]:6527\r\n\r\n",
    GET "HOST: \t 127.0.0.1:6527 \t\r\n\r\n",
    "GET / HTTP/1.0\r\n" HOST "\r\n",
    "X-!#$%&'*+.^_`|~9 / HTTP/1.1\r\n" HOST "\r\n",
    TARGET ("/v1/openai/models/"),
    TARGET ("/v1/a.b/..c/...?x=//../%2f&y={\"a\"}"),
    TARGET ("/v1beta/models/gemini%20x:generateContent?alt=sse"),
    WITH ("Sec-Fetch-Site: none"),
    WITH ("Sec-Fetch-Site: same-origin"),
    WITH ("X-Empty:"),
    WITH ("User-Agent: caf\xc3\xa9 \"(;)\""),
    WITH ("Authorization: Bearer a"),
    POST "Content-Length: 0005\r\n\r\nabcde",
    POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_auto (Head) head = { 0 };

      g_test_message ("%s", accepted[i]);
      if (!read_tcp (&head, accepted[i]))
        g_error ("refused: %s", head.fault.words);
    }
}

static void
test_values (void)
{
  g_auto (Head) head = { 0 };
  g_auto (Head) chunked = { 0 };
  const OkapHttpHead *h = &head.request.head;

  g_assert_true (read_tcp (&head, "PUT /a/b%20c?d=e?f HTTP/1.1\r\n" HOST
                                  "Content-Length: 12\r\nX-A:  b  c \r\n"
                                  "Connection: Upgrade , close\r\n"
                                  "Upgrade: websocket\r\nExpect: 100-Continue\r\n\r\n"));
  g_assert_cmpstr (h->method, ==, "PUT");
  g_assert_cmpstr (h->target, ==, "/a/b%20c?d=e?f");
  g_assert_cmpstr (h->path, ==, "/a/b%20c");
  g_assert_cmpstr (h->query, ==, "d=e?f");
  g_assert_cmpint (h->content_length, ==, 12);
  g_assert_cmpuint (h->n_headers, ==, 6);
  g_assert_cmpstr (okap_http_head_get (h, "x-a"), ==, "b  c");
  g_assert_null (okap_http_head_get (h, "x-b"));
  g_assert_true (okap_http_head_wants_upgrade (h));
  g_assert_false (h->on_socket);
  g_assert_false (head.request.keep_alive);
  g_assert_true (head.request.expect_continue);

  g_assert_true (read_tcp (&chunked, POST "Transfer-Encoding: chunked\r\nUpgrade: h2c\r\n"
                                            "Connection: Upgrade, HTTP2-Settings\r\n\r\n"));
  g_assert_cmpint (chunked.request.head.content_length, ==, -1);
  g_assert_true (chunked.request.keep_alive);
  g_assert_null (chunked.request.head.query);
  g_assert_true (chunked.request.head.path == chunked.request.head.target);
  g_assert_false (okap_http_head_wants_upgrade (&chunked.request.head));
}

static void
test_socket_names (void)
{
  static const struct
  {
    const char *request;
    gboolean accepted;
  } cases[] = {
    { GET "Host: localhost\r\n\r\n", TRUE },
    { GET "Host: okap\r\n\r\n", TRUE },
    { GET "Host: 127.0.0.1:6527\r\n\r\n", FALSE },
    { GET "Host: evil.example\r\n\r\n", FALSE },
    { GET "\r\n", FALSE },
  };
  OkapHttpNames names;

  okap_http_names_init_socket (&names);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Head) head = { 0 };

      g_assert_cmpint (read_head (&head, &names, cases[i].request, strlen (cases[i].request), 1),
                       ==, cases[i].accepted);
      g_assert_true (!cases[i].accepted || head.request.head.on_socket);
    }
}

/* A head of exactly @n_headers headers and @length bytes. */
static char *
make_head (guint n_headers, gsize length)
{
  GString *text = g_string_new (GET HOST);

  for (guint i = 1; i + 1 < n_headers; i++)
    g_string_append (text, "A: b\r\n");
  g_string_append (text, "Z: ");
  while (text->len + 4 < length)
    g_string_append_c (text, 'z');
  g_string_append (text, "\r\n\r\n");
  return g_string_free (text, FALSE);
}

static void
test_bounds (void)
{
  static const struct
  {
    guint n_headers;
    gsize length;
    gboolean accepted;
  } cases[] = {
    { 2, OKAP_CAP_HEAD_BYTES, TRUE },
    { 2, OKAP_CAP_HEAD_BYTES + 1, FALSE },
    { OKAP_CAP_HEADERS, 2000, TRUE },
    { OKAP_CAP_HEADERS + 1, 2000, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = make_head (cases[i].n_headers, cases[i].length);
      g_auto (Head) head = { 0 };

      g_assert_cmpuint (strlen (text), ==, cases[i].length);
      g_assert_cmpint (read_tcp (&head, text), ==, cases[i].accepted);
      if (!cases[i].accepted)
        g_assert_cmpuint (head.fault.status, ==, 431);
    }
}

static void
test_endless_head (void)
{
  OkapHttpScan scan = { 0 };
  OkapHttpFault fault = { 0 };
  g_autofree char *text = g_strnfill (OKAP_CAP_HEAD_BYTES, 'A');

  g_assert_cmpint (okap_http_scan_head (&scan, text, OKAP_CAP_HEAD_BYTES - 1, &fault), ==,
                   OKAP_HTTP_MORE);
  g_assert_cmpint (okap_http_scan_head (&scan, text, OKAP_CAP_HEAD_BYTES, &fault), ==,
                   OKAP_HTTP_BAD);
  g_assert_cmpuint (fault.status, ==, 431);
}

static gboolean
is_granted (const char *origin, gpointer user_data)
{
  (*(guint *) user_data)++;
  return strcmp (origin, "https://a.example") == 0;
}

/* Pages of an origin that has a grant come in, over TCP, and no others; obvious strangers are
 * refused without a look into the table. */
static void
test_origins (void)
{
  static const struct
  {
    const char *headers;
    gboolean comes_in;
    guint n_looks;
  } cases[] = {
    { "Origin: https://a.example\r\n", TRUE, 1 },
    { "Origin: https://a.example\r\nSec-Fetch-Site: cross-site\r\n", TRUE, 1 },
    { "origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n", TRUE, 1 },
    { "", TRUE, 0 },
    { "Origin: https://b.example\r\n", FALSE, 1 },
    { "Origin: https://a.example:8443\r\n", FALSE, 1 },
    { "Origin: https://A.example\r\n", FALSE, 1 },
    { "Origin: https://a.example/\r\n", FALSE, 1 },
    { "Origin: http://a.example\r\n", FALSE, 0 },
    { "Origin: null\r\n", FALSE, 0 },
    { "Origin:\r\n", FALSE, 0 },
    { "Origin: *\r\n", FALSE, 0 },
    { "Origin: https://a.example\r\nOrigin: https://a.example\r\n", FALSE, 0 },
    { "Origin: https://a.example, https://b.example\r\n", FALSE, 1 },
    { "Sec-Fetch-Site: cross-site\r\n", FALSE, 0 },
    { "Sec-Fetch-Site: same-site\r\n", FALSE, 0 },
    { "Access-Control-Request-Method: POST\r\n", FALSE, 0 },
  };
  guint n_looks = 0;
  const OkapHttpOrigins origins = { is_granted, &n_looks };
  const OkapHttpOrigins nobody = { NULL, NULL };
  OkapHttpNames names;

  okap_http_names_init_tcp (&names, 6527);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (GET HOST, cases[i].headers, "\r\n", NULL);
      g_auto (Head) head = { 0 };
      g_auto (Head) stranger = { 0 };

      g_test_message ("%s", text);
      n_looks = 0;
      names.origins = &origins;
      g_assert_true (read_head (&head, &names, text, strlen (text), 7) == cases[i].comes_in);
      g_assert_cmpuint (n_looks, ==, cases[i].n_looks);
      if (cases[i].comes_in)
        g_assert_cmpstr (head.request.head.origin, ==,
                         i < 3 ? "https://a.example" : NULL);
      else
        g_assert_cmpint (head.fault.code, ==, OKAP_ERROR_ORIGIN_REFUSED);
      names.origins = &nobody;
      g_assert_true (read_head (&stranger, &names, text, strlen (text), 7)
                     == (*cases[i].headers == '\0'));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-guard/refused", test_refused);
  g_test_add_func ("/http-guard/accepted", test_accepted);
  g_test_add_func ("/http-guard/values", test_values);
  g_test_add_func ("/http-guard/socket-names", test_socket_names);
  g_test_add_func ("/http-guard/origins", test_origins);
  g_test_add_func ("/http-guard/bounds", test_bounds);
  g_test_add_func ("/http-guard/endless-head", test_endless_head);
  return g_test_run ();
}
