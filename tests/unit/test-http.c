/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways of a request and its answer through a real server, over real sockets. */
#include "test-http-fixture.h"

#define BIG_BYTES (3 * 1024 * 1024)

/* A handler's state. Its behaviour is the path of the request. */
typedef struct
{
  Fixture *f;
  OkapHttpExchange *exchange;
  GString *body;
  gsize sent;       /* of a big answer */
  gsize most_unsent;
  gboolean paused;  /* between body() and the resume that it asked for */
} Call;

static gboolean
is_path (OkapHttpExchange *exchange, const char *path)
{
  return strcmp (okap_http_exchange_get_head (exchange)->path, path) == 0;
}

static gboolean
answer_later_cb (gpointer user_data)
{
  Call *call = user_data;

  okap_http_exchange_respond (call->exchange, 200, "X-Late: yes\r\n", "late", 4);
  return G_SOURCE_REMOVE;
}

static gboolean
resume_cb (gpointer user_data)
{
  Call *call = user_data;

  call->paused = FALSE;
  okap_http_exchange_resume (call->exchange);
  return G_SOURCE_REMOVE;
}

static void
write_more (Call *call)
{
  static const char block[4096] = { [0 ... 4095] = 'b' };

  while (call->sent < BIG_BYTES)
    {
      gsize unsent = okap_http_exchange_write (call->exchange, block, sizeof block);

      call->sent += sizeof block;
      call->most_unsent = MAX (call->most_unsent, unsent);
      if (unsent >= OKAP_CAP_STREAM_WINDOW_BYTES)
        return;
    }
  g_assert_cmpuint (call->most_unsent, <, OKAP_CAP_STREAM_WINDOW_BYTES + sizeof block + 16);
  okap_http_exchange_finish (call->exchange, NULL);
}

static void
end_of_body (Call *call)
{
  OkapHttpExchange *exchange = call->exchange;

  if (is_path (exchange, "/echo") || is_path (exchange, "/slow") || is_path (exchange, "/limit"))
    okap_http_exchange_respond (exchange, 200, NULL, call->body->str, call->body->len);
  else if (is_path (exchange, "/later"))
    okap_invoke (call->f->context, answer_later_cb, call, NULL);
  else if (is_path (exchange, "/stream"))
    okap_http_exchange_finish (exchange, "X-Sum: 1\r\n");
  else if (is_path (exchange, "/big"))
    {
      okap_http_exchange_start (exchange, 200, NULL, BIG_BYTES);
      write_more (call);
    }
  else if (is_path (exchange, "/abort") || is_path (exchange, "/short"))
    {
      okap_http_exchange_start (exchange, 200, NULL, is_path (exchange, "/short") ? 10 : -1);
      okap_http_exchange_write (exchange, "part", 4);
      if (is_path (exchange, "/short"))
        okap_http_exchange_finish (exchange, NULL);
      else
        okap_http_exchange_abort (exchange);
      okap_http_exchange_abort (exchange);
      okap_http_exchange_finish (exchange, NULL);
      okap_http_exchange_write (exchange, "more", 4);
    }
  else
    say (call->f, "body");
}

static void
body_cb (OkapHttpExchange *exchange, const char *data, gsize length, gboolean last,
         gpointer user_data)
{
  Call *call = user_data;

  g_assert_true (call->exchange == exchange);
  g_assert_false (call->paused);
  g_string_append_len (call->body, data, (gssize) length);
  if (is_path (exchange, "/slow") && !last)
    {
      call->paused = TRUE;
      okap_http_exchange_pause (exchange);
      okap_invoke (call->f->context, resume_cb, call, NULL);
    }
  if (is_path (exchange, "/stream"))
    okap_http_exchange_write (exchange, data, length);
  if (last)
    end_of_body (call);
}

static void
drained_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  write_more (user_data);
}

static void
gone_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  Call *call = user_data;

  say (call->f, "gone");
  okap_http_exchange_abort (exchange);
  okap_http_exchange_respond (exchange, 200, NULL, "too late", 8);
}

static void
closed_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  Call *call = user_data;

  okap_http_exchange_abort (exchange);
  say (call->f, "closed");
  g_string_free (call->body, TRUE);
  g_free (call);
}

static const OkapHttpHandler handler = { body_cb, drained_cb, gone_cb, closed_cb };

static void
route_cb (OkapHttpExchange *exchange, const OkapHttpHead *head, gpointer user_data)
{
  Fixture *f = user_data;
  Call *call;

  g_atomic_int_inc (&f->n_routed);
  if (is_path (exchange, "/hello"))
    {
      okap_http_exchange_respond (exchange, 200, NULL, "hello", 5);
      return;
    }

  call = g_new0 (Call, 1);
  call->f = f;
  call->exchange = exchange;
  call->body = g_string_new (NULL);
  if (is_path (exchange, "/limit"))
    okap_http_exchange_set_body_limit (exchange, 10);
  else if (!is_path (exchange, "/echo"))
    okap_http_exchange_set_body_limit (exchange, 2 * BIG_BYTES);
  okap_http_exchange_set_handler (exchange, &handler, call);
  if (is_path (exchange, "/stream"))
    okap_http_exchange_start (exchange, 200, "Content-Type: text/plain\r\nDate: today\r\n", -1);
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

static void
test_keep_alive (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *head = NULL;

  ask (f, fd, "GET /hello", NULL);
  head = read_until (fd, "\r\n\r\nhello");
  g_assert_cmpstr (head, ==,
                   "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 5\r\n"
                   "Content-Type: application/json\r\nCache-Control: no-store\r\n"
                   "X-Content-Type-Options: nosniff\r\n\r\nhello");
  for (guint i = 0; i < 3; i++)
    {
      ask (f, fd, "POST /echo", "Content-Length: 3\r\n\r\nabc");
      expect_answer (fd, 200, "abc");
      expect_word (f, "closed");
    }
  ask (f, fd, "GET /hello", "Connection: close\r\n\r\n");
  expect_answer (fd, 200, "hello");
  expect_end (fd);
  close (fd);
}

static void
test_http_1_0 (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *answer = NULL;

  send_text (f, fd, "POST /stream HTTP/1.0\r\nHost: localhost:%u\r\nContent-Length: 3\r\n\r\nabc",
             f->port);
  answer = read_to_end (fd);
  g_assert_cmpstr (answer, ==, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                               "Content-Type: text/plain\r\nDate: today\r\n\r\nabc");
  close (fd);
}

static void
test_pipelining (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  send_text (f, fd,
             "POST /later HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nTransfer-Encoding: chunked\r\n\r\n"
             "1\r\na\r\n0\r\n\r\n"
             "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 2\r\n\r\nbc"
             "POST /hello HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 2\r\n\r\nde"
             "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
             f->port, f->port, f->port, f->port);
  expect_answer (fd, 200, "late");
  expect_answer (fd, 200, "bc");
  expect_answer (fd, 200, "hello");
  expect_answer (fd, 200, "hello");
  expect_word (f, "closed");
  expect_word (f, "closed");
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 4);
  close (fd);
}

/* More requests in one go than a connection may answer in one turn. */
static void
test_deep_pipeline (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autoptr (GString) many = g_string_new (NULL);

  for (guint i = 0; i < 500; i++)
    g_string_append_printf (many, "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", f->port);
  send_bytes (fd, many->str, many->len);
  for (guint i = 0; i < 500; i++)
    expect_answer (fd, 200, "hello");
  close (fd);
}

static void
test_chunked_both_ways (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *head = NULL;
  g_autofree char *first = NULL;
  g_autofree char *rest = NULL;

  ask (f, fd, "POST /stream", "Transfer-Encoding: chunked\r\n\r\n");
  head = read_until (fd, "\r\n\r\n");  /* leaves although nothing was written yet */
  g_assert_nonnull (strstr (head, "Transfer-Encoding: chunked\r\n"));
  g_assert_null (strstr (head, "Content-Length"));
  send_text (f, fd, "1a\r\nabcdefghijklmnopqrstuvwxyz\r\n");
  first = read_until (fd, "z\r\n");
  g_assert_cmpstr (first, ==, "1a\r\nabcdefghijklmnopqrstuvwxyz\r\n");
  send_text (f, fd, "2\r\n12\r\n0\r\n\r\n");
  rest = read_until (fd, "\r\n\r\n");
  g_assert_cmpstr (rest, ==, "2\r\n12\r\n0\r\nX-Sum: 1\r\n\r\n");
  ask (f, fd, "GET /hello", NULL);
  expect_answer (fd, 200, "hello");
  close (fd);
}

static void
test_bad_chunks (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *streamed = NULL;

  ask (f, fd, "POST /echo", "Transfer-Encoding: chunked\r\n\r\n3\r\nabcX");
  expect_answer (fd, 400, NULL);
  expect_end (fd);
  expect_word (f, "closed");
  close (fd);

  fd = connect_tcp (f);  /* too late for a refusal: the answer stays incomplete */
  ask (f, fd, "POST /stream", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
  g_free (read_until (fd, "1\r\na\r\n"));
  send_text (f, fd, "zz");
  streamed = read_to_end (fd);
  g_assert_cmpstr (streamed, ==, "");
  expect_word (f, "closed");
  close (fd);
}

static void
test_head_method (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *whole = NULL;
  g_autofree char *streamed = NULL;

  ask (f, fd, "HEAD /hello", NULL);
  whole = read_until (fd, "\r\n\r\n");
  g_assert_nonnull (strstr (whole, "Content-Length: 5\r\n"));
  ask (f, fd, "HEAD /stream", NULL);
  streamed = read_until (fd, "\r\n\r\n");
  g_assert_true (g_str_has_prefix (streamed, "HTTP/1.1 200 "));
  ask (f, fd, "GET /hello", NULL);
  expect_answer (fd, 200, "hello");
  close (fd);
}

static void
test_byte_by_byte (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *text = g_strdup_printf (
    "POST /echo?a=b HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n", f->port);

  for (const char *p = text; *p != '\0'; p++)
    send_bytes (fd, p, 1);
  expect_answer (fd, 200, "hello!");
  close (fd);
}

/* A head that outgrows the first buffer, with a chunked body behind it, twice. */
static void
test_large_head (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *padding = g_strnfill (OKAP_CAP_HEAD_BYTES - 200, 'p');
  g_autofree char *block = g_strnfill (50000, 'b');

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *body = NULL;

      send_text (f, fd,
                 "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nX: %s\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
                 f->port, padding, strlen (block), block);
      body = read_answer (fd, 200);
      g_assert_cmpstr (body, ==, block);
    }
  close (fd);
}

static void
send_big (Fixture *f, int fd, const char *path, gboolean chunked)
{
  g_autofree char *block = g_malloc (BIG_BYTES);

  for (gsize i = 0; i < BIG_BYTES; i++)
    block[i] = (char) ('a' + i % 23);
  if (chunked)
    {
      send_text (f, fd, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n", path, f->port);
      for (gsize at = 0; at < BIG_BYTES; at += 1024 * 1024)
        {
          send_text (f, fd, "%x\r\n", 1024u * 1024u);
          send_bytes (fd, block + at, 1024 * 1024);
          send_text (f, fd, "\r\n");
        }
      send_text (f, fd, "0\r\n\r\n");
    }
  else
    {
      send_text (f, fd, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                 "Content-Length: %d\r\n\r\n", path, f->port, BIG_BYTES);
      send_bytes (fd, block, BIG_BYTES);
    }
}

/* The handler takes a piece, pauses, and resumes later: nothing is lost, nothing comes between. */
static void
test_pause_and_resume (Fixture *f, gconstpointer data)
{
  for (guint chunked = 0; chunked < 2; chunked++)
    {
      int fd = connect_tcp (f);
      g_autofree char *body = NULL;

      send_big (f, fd, "/slow", chunked != 0);
      body = read_answer (fd, 200);
      g_assert_cmpuint (strlen (body), ==, BIG_BYTES);
      for (gsize i = 0; i < BIG_BYTES; i++)
        if (body[i] != (char) ('a' + i % 23))
          g_error ("byte %zu is wrong", i);
      close (fd);
    }
}

static void
test_big_answer (Fixture *f, gconstpointer data)
{
  int fd = connect_unix (f);  /* whose buffers in the kernel do not grow */
  g_autofree char *body = NULL;

  send_text (f, fd, "GET /big HTTP/1.1\r\nHost: okap\r\n\r\n");
  settle (f);
  expect_no_word (f);
  body = read_answer (fd, 200);
  g_assert_cmpuint (strlen (body), ==, BIG_BYTES);
  expect_word (f, "closed");
  send_text (f, fd, "GET /hello HTTP/1.1\r\nHost: okap\r\n\r\n");
  expect_answer (fd, 200, "hello");
  close (fd);
}

static void
test_body_limit (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *path;
    const char *more;
    guint status;
  } cases[] = {
    { "POST /limit", "Content-Length: 10\r\n\r\n0123456789", 200 },
    { "POST /limit", "Content-Length: 11\r\n\r\n0123456789a", 413 },
    { "POST /limit", "Content-Length: 9223372036854775807\r\n\r\n", 413 },
    { "POST /limit", "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n", 200 },
    { "POST /limit", "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\na\r\n", 413 },
    { "POST /limit", "Expect: 100-continue\r\nContent-Length: 11\r\n\r\n", 413 },
    { "POST /echo", "Content-Length: 65537\r\n\r\n", 413 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int fd = connect_tcp (f);

      ask (f, fd, cases[i].path, cases[i].more);
      expect_answer (fd, cases[i].status, NULL);
      expect_word (f, "closed");
      if (cases[i].status == 413)
        expect_end (fd);
      close (fd);
    }
}

static void
test_expect_continue (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *interim = NULL;

  ask (f, fd, "POST /echo", "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  interim = read_until (fd, "\r\n\r\n");
  g_assert_cmpstr (interim, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  send_text (f, fd, "abc");
  expect_answer (fd, 200, "abc");
  ask (f, fd, "POST /echo", "Expect: 100-continue\r\nContent-Length: 3\r\n\r\ndef");
  expect_answer (fd, 200, "def");  /* it did not wait, so nothing is said in between */
  ask (f, fd, "POST /hello", "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  expect_answer (fd, 200, "hello");
  expect_end (fd);
  close (fd);
}

/* An answer before the body is read: the client sees it, whatever it still sends. */
static void
test_answer_before_body (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  g_autofree char *more = g_strnfill (100 * 1024, 'x');
  g_autofree char *answer = NULL;

  ask (f, fd, "POST /hello", "Content-Length: 1000000\r\n\r\nabc");
  settle (f);
  send_bytes (fd, more, strlen (more));
  answer = read_to_end (fd);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_true (g_str_has_suffix (answer, "hello"));
  g_assert_nonnull (strstr (answer, "Connection: close\r\n"));
  close (fd);
}

static void
test_client_gone (Fixture *f, gconstpointer data)
{
  static const char *const more[] = {
    "\r\n", "Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    for (guint half = 0; half < 2; half++)
      {
        int fd = connect_tcp (f);

        ask (f, fd, "POST /wait", more[i]);
        expect_word (f, "body");
        if (half == 1)
          shutdown (fd, SHUT_WR);
        else
          close (fd);
        expect_word (f, "gone");
        expect_word (f, "closed");
        if (half == 1)
          close (fd);
      }
}

static void
test_client_gone_within_body (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  ask (f, fd, "POST /wait", "Content-Length: 10\r\n\r\nabc");
  settle (f);
  close (fd);
  expect_word (f, "gone");
  expect_word (f, "closed");
}

static void
test_abort (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = { "GET /abort", "GET /short" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      int fd = connect_tcp (f);
      g_autofree char *answer = NULL;

      ask (f, fd, paths[i], NULL);
      answer = read_to_end (fd);
      g_assert_false (g_str_has_suffix (answer, "0\r\n\r\n"));
      g_assert_null (strstr (answer, "more"));
      expect_word (f, "closed");
      expect_no_word (f);
      close (fd);
    }
}

static void
stop_func (Fixture *f, gpointer data)
{
  okap_http_server_stop (f->server);
  say (f, "stopped");
}

static void
test_stop (Fixture *f, gconstpointer data)
{
  int busy = connect_tcp (f);
  int idle = connect_tcp (f);

  ask (f, busy, "GET /wait", NULL);
  expect_word (f, "body");
  in_server (f, stop_func, NULL);
  expect_word (f, "closed");
  expect_word (f, "stopped");
  expect_end (busy);
  expect_end (idle);
  close (busy);
  close (idle);
}

int
main (int argc, char *argv[])
{
  static const struct { const char *name; void (*func) (Fixture *, gconstpointer); } tests[] = {
    { "keep-alive", test_keep_alive },
    { "http-1.0", test_http_1_0 },
    { "pipelining", test_pipelining },
    { "deep-pipeline", test_deep_pipeline },
    { "chunked-both-ways", test_chunked_both_ways },
    { "bad-chunks", test_bad_chunks },
    { "head-method", test_head_method },
    { "byte-by-byte", test_byte_by_byte },
    { "large-head", test_large_head },
    { "pause-and-resume", test_pause_and_resume },
    { "big-answer", test_big_answer },
    { "body-limit", test_body_limit },
    { "expect-continue", test_expect_continue },
    { "answer-before-body", test_answer_before_body },
    { "client-gone", test_client_gone },
    { "client-gone-within-body", test_client_gone_within_body },
    { "abort", test_abort },
    { "stop", test_stop },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/http/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].func, clean_up);
    }
  return g_test_run ();
}
