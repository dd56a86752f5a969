/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is refused, most of it before a route sees it, and whom a route sees; through a real server,
 * over real sockets. */
#include "test-http-cases.h"
#include "test-http-fixture.h"

static gboolean
is_path (const OkapHttpHead *head, const char *path)
{
  return strcmp (head->path, path) == 0;
}

static void
route_cb (OkapHttpExchange *exchange, const OkapHttpHead *head, gpointer user_data)
{
  Fixture *f = user_data;

  g_atomic_int_inc (&f->n_routed);
  if (is_path (head, "/nothing"))
    return;
  if (is_path (head, "/refused"))
    {
      g_autoptr (GError) error = g_error_new (OKAP_ERROR, OKAP_ERROR_RATE_LIMITED, "Slow down");

      okap_http_exchange_refuse (exchange, error, 7);
      return;
    }
  if (is_path (head, "/caller"))
    {
      OkapCaller *caller = okap_http_exchange_get_caller (exchange);
      g_autofree char *text = g_strdup_printf ("%d %d %s", (int) caller->door,
                                               (int) caller->pid,
                                               caller->identity->program != NULL
                                               ? caller->identity->program : "-");

      okap_http_exchange_respond (exchange, 200, NULL, text, strlen (text));
      return;
    }
  okap_http_exchange_respond (exchange, 200, NULL, "hello", 5);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  set_up_with (f, route_cb);
}

static void
clean_up (Fixture *f, gconstpointer data)
{
  tear_down (f);
}

/* Every case of the table, over TCP, with the port that the server has. */
static void
test_table (Fixture *f, gconstpointer data)
{
  g_autofree char *port = g_strdup_printf (":%u", f->port);

  for (gsize i = 0; i < G_N_ELEMENTS (okap_http_refused); i++)
    {
      const OkapHttpCase *c = &okap_http_refused[i];
      gsize length = c->length > 0 ? c->length : strlen (c->request);
      g_autoptr (GString) request = g_string_new (NULL);
      g_autofree char *answer = NULL;
      g_autofree char *start = g_strdup_printf ("HTTP/1.1 %u ", c->status);
      int fd = connect_tcp (f);

      for (gsize at = 0; at < length; at++)
        {
          gboolean is_port = length - at >= 5 && memcmp (c->request + at, ":6527", 5) == 0;

          g_string_append_len (request, is_port ? port : c->request + at,
                               is_port ? (gssize) strlen (port) : 1);
          at += is_port ? 4 : 0;
        }
      send_bytes (fd, request->str, request->len);
      answer = read_to_end (fd);
      close (fd);
      g_test_message ("%s", c->name);
      if (!g_str_has_prefix (answer, start))
        g_error ("%s: expected %s, got “%s”", c->name, start, answer);
      g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
      g_assert_nonnull (strstr (answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
      g_assert_null (strstr (answer, "Access-Control"));
    }
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 0);
}

/* What stands behind a refused request is not read as a second one. */
static void
test_ends_connection (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *answer = NULL;

  send_text (f, fd,
             "POST /hello HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 4\r\n"
             "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
             "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", f->port, f->port);
  answer = read_to_end (fd);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 "));
  g_assert_null (strstr (answer + 1, "HTTP/1.1"));
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 0);
  close (fd);
}

/* A connection that was good so far has no credit. */
static void
test_later (Fixture *f, gconstpointer data)
{
  static const char *const second[] = {
    "\x16\x03", "GET / HTTP/1.1\n", "GET //a HTTP/1.1\r\n\r\n",
  };
  static const char *const first[] = { "GET /hello", "HEAD /hello" };

  for (gsize i = 0; i < G_N_ELEMENTS (second); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (first); j++)
      {
        int fd = connect_tcp (f);
        g_autofree char *answer = NULL;

        ask (f, fd, first[j], NULL);
        g_free (read_until (fd, j == 0 ? "hello" : "\r\n\r\n"));
        send_text (f, fd, "%s", second[i]);
        answer = read_to_end (fd);
        g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 "));
        g_assert_true (g_str_has_suffix (answer, "}"));
        close (fd);
      }
}

static void
test_by_routes (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *head = NULL;

  ask (f, fd, "GET /nothing", NULL);
  expect_answer (fd, 404, NULL);
  ask (f, fd, "GET /refused", NULL);
  head = read_until (fd, "\r\n\r\n");
  g_assert_true (g_str_has_prefix (head, "HTTP/1.1 429 "));
  g_assert_nonnull (strstr (head, "\r\nRetry-After: 7\r\n"));
  g_assert_null (strstr (head, "x-should-retry"));
  g_free (read_until (fd, "\"detail\":\"Slow down\"}"));
  ask (f, fd, "GET /hello", NULL);
  expect_answer (fd, 200, "hello");
  close (fd);
}

static void
real_func (Fixture *f, gpointer data)
{
  okap_peers_set_identity (f->server->peers, NULL);
}

static void
test_callers (Fixture *f, gconstpointer data)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *expected = g_strdup_printf ("%d %d %s", OKAP_DOOR_SOCKET, (int) getpid (),
                                               program);
  g_autofree char *tcp = g_strdup_printf ("%d %d %s", OKAP_DOOR_TCP, (int) getpid (), program);
  int fd = connect_unix (f);

  in_server (f, real_func, NULL);
  send_text (f, fd, "GET /caller HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect_answer (fd, 200, expected);
  close (fd);
  fd = connect_tcp (f);
  ask (f, fd, "GET /caller", NULL);
  expect_answer (fd, 200, tcp);
  close (fd);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/http-refused/table", Fixture, NULL, set_up, test_table, clean_up);
  g_test_add ("/http-refused/ends-connection", Fixture, NULL, set_up, test_ends_connection,
              clean_up);
  g_test_add ("/http-refused/later", Fixture, NULL, set_up, test_later, clean_up);
  g_test_add ("/http-refused/by-routes", Fixture, NULL, set_up, test_by_routes, clean_up);
  g_test_add ("/http-refused/callers", Fixture, NULL, set_up, test_callers, clean_up);
  return g_test_run ();
}
