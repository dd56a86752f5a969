/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that wait until it is known which program asks, through a real server. */
#include "test-http-fixture.h"

#include <fcntl.h>
#include <signal.h>

static void
closed_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  say (user_data, "closed");
}

static void
gone_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  say (user_data, "gone");
}

static void
route_cb (OkapHttpExchange *exchange, const OkapHttpHead *head, gpointer user_data)
{
  static const OkapHttpHandler silent = { .gone = gone_cb, .closed = closed_cb };
  Fixture *f = user_data;
  g_autofree char *text = NULL;

  g_atomic_int_inc (&f->n_routed);
  if (strcmp (head->path, "/silent") == 0)
    {
      okap_http_exchange_set_handler (exchange, &silent, f);
      say (f, "silent");
      return;
    }
  text = g_strdup_printf ("%s %d", head->path, (int) okap_http_exchange_get_caller (exchange)->pid);
  okap_http_exchange_respond (exchange, 200, NULL, text, strlen (text));
}

static void
hold_func (Fixture *f, gpointer data)
{
  okap_peers_set_held (f->server->peers, GPOINTER_TO_INT (data));
}

static void
real_func (Fixture *f, gpointer data)
{
  okap_peers_set_identity (f->server->peers, NULL);
}

static void
count_func (Fixture *f, gpointer data)
{
  *(guint *) data = f->server->connections.length;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  set_up_with (f, route_cb);
  in_server (f, real_func, NULL);
}

static void
clean_up (Fixture *f, gconstpointer data)
{
  tear_down (f);
}

/* Nothing is routed before; what came behind is kept, in order, with its body. */
static void
test_waits (Fixture *f, gconstpointer data)
{
  g_autofree char *one = g_strdup_printf ("/one %d", (int) getpid ());
  g_autofree char *two = g_strdup_printf ("/two %d", (int) getpid ());
  int fd = connect_tcp (f);

  in_server (f, hold_func, GINT_TO_POINTER (TRUE));
  ask (f, fd, "POST /one", "Content-Length: 4\r\n\r\nbody");
  ask (f, fd, "GET /two", NULL);
  settle (f);
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 0);
  in_server (f, hold_func, GINT_TO_POINTER (FALSE));
  expect_answer (fd, 200, one);
  expect_answer (fd, 200, two);
  close (fd);
}

static void
test_hangs_up (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  guint n = 1;

  in_server (f, hold_func, GINT_TO_POINTER (TRUE));
  ask (f, fd, "GET /silent", NULL);
  settle (f);
  close (fd);
  while (n > 0)
    in_server (f, count_func, &n);
  in_server (f, hold_func, GINT_TO_POINTER (FALSE));
  settle (f);
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 0);
  expect_no_word (f);
}

static void
test_times_out (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  in_server (f, hold_func, GINT_TO_POINTER (TRUE));
  ask (f, fd, "GET /one", NULL);
  settle (f);
  advance (f, OKAP_CAP_IDENTIFY_TIMEOUT_S - 1);
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 0);
  advance (f, 2);
  expect_answer (fd, 503, NULL);
  expect_end (fd);
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 0);
  close (fd);
}

/* What is refused before routing needs nobody's name. */
static void
test_refused_at_once (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  in_server (f, hold_func, GINT_TO_POINTER (TRUE));
  send_text (f, fd, "GET /one HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  g_free (read_answer (fd, 400));
  close (fd);
}

/* On a kept connection nobody asks again. */
static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autofree char *one = g_strdup_printf ("/one %d", (int) getpid ());
  int fd = connect_unix (f);

  send_text (f, fd, "GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect_answer (fd, 200, one);
  in_server (f, hold_func, GINT_TO_POINTER (TRUE));
  for (guint i = 0; i < 5; i++)
    {
      send_text (f, fd, "GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n");
      expect_answer (fd, 200, one);
    }
  close (fd);
}

/* The server ends while requests wait, some of them looked at just then. */
static void
test_ends (Fixture *f, gconstpointer data)
{
  int fds[20];

  in_server (f, hold_func, GINT_TO_POINTER (TRUE));
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = i % 2 == 0 ? connect_tcp (f) : connect_unix (f);
      send_text (f, fds[i], "GET /silent HTTP/1.1\r\nHost: localhost\r\n\r\n");
      if (i == 10)
        in_server (f, hold_func, GINT_TO_POINTER (FALSE));
    }
  tear_down (f);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

/* A program that is known already gives its new connection to another one: both are cut off. */
static void
test_shared (Fixture *f, gconstpointer data)
{
  char *argv[] = { (char *) "/bin/sleep", (char *) "60", NULL };
  int first = connect_tcp (f), second, done[2];
  pid_t child;
  char byte;

  ask (f, first, "GET /one", NULL);
  g_free (read_answer (first, 200));
  second = connect_tcp (f);
  g_assert_cmpint (pipe2 (done, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      fcntl (second, F_SETFD, 0);
      execv (argv[0], argv);
      _exit (1);
    }
  close (done[1]);
  g_assert_cmpint (read (done[0], &byte, 1), ==, 0);  /* it has become the other program */
  close (done[0]);
  ask (f, second, "GET /silent", NULL);
  expect_word (f, "silent");
  expect_word (f, "gone");
  expect_word (f, "closed");
  expect_end (second);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  close (second);
  close (first);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/http-peers/waits", Fixture, NULL, set_up, test_waits, clean_up);
  g_test_add ("/http-peers/hangs-up", Fixture, NULL, set_up, test_hangs_up, clean_up);
  g_test_add ("/http-peers/times-out", Fixture, NULL, set_up, test_times_out, clean_up);
  g_test_add ("/http-peers/refused-at-once", Fixture, NULL, set_up, test_refused_at_once,
              clean_up);
  g_test_add ("/http-peers/kept", Fixture, NULL, set_up, test_kept, clean_up);
  g_test_add ("/http-peers/ends", Fixture, NULL, set_up, test_ends, NULL);
  g_test_add ("/http-peers/shared", Fixture, NULL, set_up, test_shared, clean_up);
  return g_test_run ();
}
