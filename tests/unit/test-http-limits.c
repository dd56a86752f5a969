/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ends by itself: silence, too many connections, foreign users, a socket that is taken. */
#include "test-http-fixture.h"

static void
body_cb (OkapHttpExchange *exchange, const char *data, gsize length, gboolean last,
         gpointer user_data)
{
  static const char block[64 * 1024] = { 0 };

  if (last && strcmp (okap_http_exchange_get_head (exchange)->path, "/stall") == 0)
    {
      okap_http_exchange_start (exchange, 200, NULL, -1);
      while (okap_http_exchange_write (exchange, block, sizeof block) == 0)
        ;
    }
  say (user_data, last ? "last" : "part");
}

static void
gone_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  say (user_data, "gone");
}

static void
closed_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  say (user_data, "closed");
}

static void
route_cb (OkapHttpExchange *exchange, const OkapHttpHead *head, gpointer user_data)
{
  static const OkapHttpHandler handler = { .body = body_cb, .gone = gone_cb, .closed = closed_cb };
  Fixture *f = user_data;

  g_atomic_int_inc (&f->n_routed);
  if (strcmp (head->path, "/hello") == 0)
    okap_http_exchange_respond (exchange, 200, NULL, "hello", 5);
  else
    okap_http_exchange_set_handler (exchange, &handler, f);
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
expect_open (Fixture *f, int fd)
{
  ask (f, fd, "GET /hello", NULL);
  expect_answer (fd, 200, "hello");
}

static void
test_head_timeout (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  expect_open (f, fd);
  settle (f);
  advance (f, OKAP_CAP_HEAD_TIMEOUT_S + 1);  /* not a byte came: this one is only idle */
  send_text (f, fd, "GET /hello HTTP/1.1\r\n");
  settle (f);
  advance (f, OKAP_CAP_HEAD_TIMEOUT_S - 1);
  send_text (f, fd, "A: b\r\n");  /* a byte now and then gives no more time */
  settle (f);
  advance (f, 1);
  expect_answer (fd, 408, NULL);
  expect_end (fd);
  g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 1);
  close (fd);
}

static void
test_idle_timeout (Fixture *f, gconstpointer data)
{
  int used = connect_tcp (f);
  int fresh = connect_tcp (f);

  settle (f);
  advance (f, OKAP_CAP_IDLE_TIMEOUT_S - 1);
  expect_open (f, used);
  settle (f);
  advance (f, 1);
  expect_end (fresh);
  expect_open (f, used);
  settle (f);
  advance (f, OKAP_CAP_IDLE_TIMEOUT_S);
  expect_end (used);
  close (used);
  close (fresh);
}

static void
test_body_timeout (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  ask (f, fd, "POST /wait", "Content-Length: 10\r\n\r\nabc");
  expect_word (f, "part");
  settle (f);
  advance (f, OKAP_CAP_BODY_TIMEOUT_S - 1);
  send_text (f, fd, "d");
  expect_word (f, "part");
  settle (f);
  advance (f, OKAP_CAP_BODY_TIMEOUT_S - 1);
  expect_no_word (f);
  advance (f, 1);
  expect_answer (fd, 408, NULL);
  expect_end (fd);
  expect_word (f, "closed");
  close (fd);
}

/* A handler may take its time, ten minutes for a person or a model that thinks. */
static void
test_no_timeout_for_handlers (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  ask (f, fd, "GET /wait", NULL);
  expect_word (f, "last");
  settle (f);
  advance (f, 3600);
  expect_no_word (f);
  close (fd);
  expect_word (f, "gone");
  expect_word (f, "closed");
}

static void
test_write_timeout (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);

  ask (f, fd, "GET /stall", NULL);
  expect_word (f, "last");
  settle (f);
  advance (f, OKAP_CAP_WRITE_TIMEOUT_S - 1);
  expect_no_word (f);
  advance (f, 1);
  expect_word (f, "gone");
  expect_word (f, "closed");
  close (fd);
}

static void
test_linger_timeout (Fixture *f, gconstpointer data)
{
  int fd = connect_tcp (f);
  char c;

  ask (f, fd, "POST /hello", "Content-Length: 10\r\n\r\nabc");
  expect_answer (fd, 200, "hello");
  expect_end (fd);
  settle (f);
  advance (f, OKAP_CAP_LINGER_S);
  send_text (f, fd, "d");  /* answered by a reset now */
  g_assert_cmpint (recv (fd, &c, 1, 0), <=, 0);
  close (fd);
}

static void
count_func (Fixture *f, gpointer data)
{
  *(guint *) data = f->server->connections.length;
}

static gboolean
raise_file_limit (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  if (limit.rlim_cur >= 2 * OKAP_CAP_CONNECTIONS + 200)
    return TRUE;
  limit.rlim_cur = 2 * OKAP_CAP_CONNECTIONS + 200;
  if (limit.rlim_max < limit.rlim_cur || setrlimit (RLIMIT_NOFILE, &limit) != 0)
    {
      g_test_skip ("the limit of open files cannot be raised");
      return FALSE;
    }
  return TRUE;
}

static void
test_idle_make_room (Fixture *f, gconstpointer data)
{
  int fds[OKAP_CAP_CONNECTIONS + 2];
  guint n = 0;

  if (!raise_file_limit ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = connect_tcp (f);
      if (i == 0)
        expect_open (f, fds[0]);
      if (i % 32 == 0)
        settle (f);  /* the server accepts only so many in one turn */
    }
  settle (f);
  in_server (f, count_func, &n);
  g_assert_cmpuint (n, ==, OKAP_CAP_CONNECTIONS);
  expect_end (fds[0]);
  expect_end (fds[1]);
  expect_open (f, fds[2]);
  expect_open (f, fds[OKAP_CAP_CONNECTIONS + 1]);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

static void
test_busy_stay (Fixture *f, gconstpointer data)
{
  int fds[OKAP_CAP_CONNECTIONS];
  int fd;

  if (!raise_file_limit ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = connect_tcp (f);
      ask (f, fds[i], "GET /wait", NULL);
      expect_word (f, "last");
    }
  fd = connect_tcp (f);
  expect_answer (fd, 503, NULL);
  expect_end (fd);
  close (fd);
  close (fds[7]);
  expect_word (f, "gone");
  expect_word (f, "closed");
  fd = connect_tcp (f);
  expect_open (f, fd);
  close (fd);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (i != 7)
      close (fds[i]);
}

/* Sends a request as another user; TRUE if not a byte came back. Runs in a child that may only
 * make system calls, because the test has threads. */
static gboolean
is_dropped (const char *request, const struct sockaddr *at, socklen_t length)
{
  const struct timeval patience = { .tv_sec = PATIENCE_S };
  int status;
  pid_t child = fork ();

  if (child == 0)
    {
      char c;
      int fd;

      if (syscall (SYS_setresuid, 65534, 65534, 65534) != 0)
        _exit (2);
      fd = socket (at->sa_family, SOCK_STREAM, 0);
      setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      if (connect (fd, at, length) != 0)
        _exit (3);
      (void) send (fd, request, strlen (request), MSG_NOSIGNAL);
      _exit (recv (fd, &c, 1, 0) > 0 ? 1 : 0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), <=, 1);
  return WEXITSTATUS (status) == 0;
}

static void
plain_func (Fixture *f, gpointer data)
{
  okap_peers_set_plain (f->server->peers);
}

static void
test_other_user (Fixture *f, gconstpointer data)
{
  struct sockaddr_in v4 = {
    .sin_family = AF_INET, .sin_port = htons (f->port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  struct sockaddr_in6 mapped = { .sin6_family = AF_INET6, .sin6_port = htons (f->port) };
  g_autofree char *request = g_strdup_printf ("GET /hello HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
                                              f->port);

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become another user");
      return;
    }
  inet_pton (AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
  for (guint plain = 0; plain < 2; plain++)
    {
      int fd = connect_tcp (f);

      expect_open (f, fd);
      close (fd);
      g_atomic_int_set (&f->n_routed, 0);
      g_assert_true (is_dropped (request, (struct sockaddr *) &v4, sizeof v4));
      g_assert_true (is_dropped (request, (struct sockaddr *) &mapped, sizeof mapped));
      g_assert_cmpint (g_atomic_int_get (&f->n_routed), ==, 0);
      in_server (f, plain_func, NULL);
    }
}

/* Our own user through a socket of the other family: seen, and let in. */
static void
test_mapped_address (Fixture *f, gconstpointer data)
{
  struct sockaddr_in6 mapped = { .sin6_family = AF_INET6, .sin6_port = htons (f->port) };

  inet_pton (AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
  for (guint plain = 0; plain < 2; plain++)
    {
      int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

      if (fd < 0 || connect (fd, (struct sockaddr *) &mapped, sizeof mapped) != 0)
        {
          g_test_skip ("no IPv6 here");
          return;
        }
      expect_open (f, fd);
      close (fd);
      in_server (f, plain_func, NULL);
    }
}

typedef struct
{
  guint16 port;
  gboolean nodelay;
} Listened;

static void
listen_v6_func (Fixture *f, gpointer data)
{
  Listened *listened = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (okap_http_server_listen_tcp (f->server, "::1", f->port, &listened->port, &error));
  g_assert_no_error (error);
}

static void
nodelay_func (Fixture *f, gpointer data)
{
  Listened *listened = data;
  OkapHttpConnection *connection = f->server->connections.head->data;
  int on = 0;
  socklen_t length = sizeof on;

  getsockopt (connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, &length);
  listened->nodelay = on != 0;
}

static void
test_both_families (Fixture *f, gconstpointer data)
{
  struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  Listened listened = { 0 };
  int fd;

  in_server (f, listen_v6_func, &listened);
  if (listened.port == 0)
    {
      g_test_skip ("no IPv6 here");
      return;
    }
  g_assert_cmpuint (listened.port, ==, f->port);
  for (guint plain = 0; plain < 2; plain++)
    {
      at.sin6_port = htons (listened.port);
      fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (connect (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
      send_text (f, fd, "GET /hello HTTP/1.1\r\nHost: [::1]:%u\r\n\r\n", f->port);
      expect_answer (fd, 200, "hello");
      in_server (f, nodelay_func, &listened);
      g_assert_true (listened.nodelay);
      close (fd);
      in_server (f, plain_func, NULL);
    }
}

static void
test_listen_errors (Fixture *f, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  OkapHttpServer *other = okap_http_server_new (context, route_cb, f);
  g_autofree char *plain_file = g_build_filename (f->folder, "run", "file", NULL);
  g_autofree char *long_path = g_strdup_printf ("%s/%0200d", f->folder, 0);
  static const char *const foreign[] = { "0.0.0.0", "192.168.0.1", "::", "localhost", "127.0.0.2" };
  GError *error = NULL;
  guint16 port = 1;

  g_assert_false (okap_http_server_listen_tcp (other, "127.0.0.1", f->port, &port, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_assert_cmpuint (port, ==, 0);
  g_clear_error (&error);
  for (gsize i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_assert_false (okap_http_server_listen_tcp (other, foreign[i], 0, &port, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_clear_error (&error);
    }
  g_assert_false (okap_http_server_listen_unix (other, f->socket, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (plain_file, "kept", 4, NULL));
  g_assert_false (okap_http_server_listen_unix (other, plain_file, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (okap_http_server_listen_unix (other, long_path, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (plain_file), ==, 0);
  okap_http_server_free (other);
  g_assert_true (g_file_test (f->socket, G_FILE_TEST_EXISTS));
}

static void
test_stale_socket (Fixture *f, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  OkapHttpServer *other = okap_http_server_new (context, route_cb, f);
  g_autofree char *path = g_build_filename (f->folder, "run", "stale.sock", NULL);
  struct sockaddr_un at = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  GStatBuf st;

  g_strlcpy (at.sun_path, path, sizeof at.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  close (fd);
  g_assert_true (okap_http_server_listen_unix (other, path, NULL));
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
  okap_http_server_free (other);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
ready_func (Fixture *f, gpointer data)
{
  *(gint64 *) data = f->server->ready_us;
}

/* A server without connections asks for no wake-up. */
static void
test_idle_server_sleeps (Fixture *f, gconstpointer data)
{
  gint64 ready_us = 0;
  int fd;

  in_server (f, ready_func, &ready_us);
  g_assert_cmpint (ready_us, ==, -1);
  fd = connect_tcp (f);
  expect_open (f, fd);
  in_server (f, ready_func, &ready_us);
  g_assert_cmpint (ready_us, >, 0);
  close (fd);
  settle (f);
  in_server (f, ready_func, &ready_us);
  g_assert_cmpint (ready_us, ==, -1);
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "head-timeout", test_head_timeout },
    { "idle-timeout", test_idle_timeout },
    { "body-timeout", test_body_timeout },
    { "no-timeout-for-handlers", test_no_timeout_for_handlers },
    { "write-timeout", test_write_timeout },
    { "linger-timeout", test_linger_timeout },
    { "idle-make-room", test_idle_make_room },
    { "busy-stay", test_busy_stay },
    { "other-user", test_other_user },
    { "mapped-address", test_mapped_address },
    { "both-families", test_both_families },
    { "listen-errors", test_listen_errors },
    { "stale-socket", test_stale_socket },
    { "idle-server-sleeps", test_idle_server_sleeps },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/http-limits/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].func, clean_up);
    }
  return g_test_run ();
}
