/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real server in a thread of its own, with a clock that stands still, and a client on a raw
 * socket. What handlers are told arrives as words in a queue. Locks are those of pthreads, which
 * ThreadSanitizer sees, other than GLib's. */
#pragma once

#include "okap-http-private.h"
#include "okap-invoke.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 20

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  OkapHttpServer *server;
  OkapClock *clock;
  guint16 port;
  char *folder;         /* of the socket */
  char *socket;
  pthread_mutex_t lock;
  pthread_cond_t cond;  /* of lock: a word came, or a job is done */
  GQueue words;         /* (locked by lock) what happened in the server, in order */
  gint n_routed;        /* (atomic) */
} Fixture;

typedef void (*FixtureFunc) (Fixture *f, gpointer data);

static G_GNUC_UNUSED void
say (Fixture *f, const char *word)
{
  pthread_mutex_lock (&f->lock);
  g_queue_push_tail (&f->words, g_strdup (word));
  pthread_cond_broadcast (&f->cond);
  pthread_mutex_unlock (&f->lock);
}

static G_GNUC_UNUSED void
expect_word (Fixture *f, const char *expected)
{
  struct timespec until;
  g_autofree char *word = NULL;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += PATIENCE_S;
  pthread_mutex_lock (&f->lock);
  while (f->words.length == 0 && pthread_cond_timedwait (&f->cond, &f->lock, &until) == 0)
    ;
  word = g_queue_pop_head (&f->words);
  pthread_mutex_unlock (&f->lock);
  g_assert_cmpstr (word, ==, expected);
}

static G_GNUC_UNUSED void
expect_no_word (Fixture *f)
{
  pthread_mutex_lock (&f->lock);
  g_assert_cmpuint (f->words.length, ==, 0);
  pthread_mutex_unlock (&f->lock);
}

static gpointer
serve (gpointer data)
{
  Fixture *f = data;

  g_main_context_push_thread_default (f->context);
  g_main_loop_run (f->loop);
  g_main_context_pop_thread_default (f->context);
  return NULL;
}

/* Everybody is known at once; what happens where that takes a while, test-http-peers.c tests. */
static void
set_up_with (Fixture *f, OkapHttpRouteFunc route)
{
  g_autoptr (OkapIdentity) known = okap_identity_new_unknown (OKAP_DOUBT_NONE);
  g_autoptr (GError) error = NULL;

  f->context = g_main_context_new ();
  f->loop = g_main_loop_new (f->context, FALSE);
  f->clock = okap_clock_new_fake (G_GINT64_CONSTANT (784111777) * OKAP_SECOND_US);
  pthread_mutex_init (&f->lock, NULL);
  pthread_cond_init (&f->cond, NULL);
  g_queue_init (&f->words);
  f->server = okap_http_server_new (f->context, route, f);
  okap_http_server_set_clock (f->server, f->clock);
  okap_peers_set_identity (f->server->peers, known);
  okap_http_server_listen_tcp (f->server, "127.0.0.1", 0, &f->port, &error);
  g_assert_no_error (error);
  f->folder = g_dir_make_tmp ("okap-http-XXXXXX", &error);
  g_assert_no_error (error);
  f->socket = g_build_filename (f->folder, "run", "okap.sock", NULL);
  okap_http_server_listen_unix (f->server, f->socket, &error);
  g_assert_no_error (error);
  f->thread = g_thread_new ("http", serve, f);
}

typedef struct
{
  Fixture *fixture;
  FixtureFunc func;
  gpointer data;
  gboolean done;  /* (locked by fixture->lock) */
} Job;

static gboolean
job_cb (gpointer user_data)
{
  Job *job = user_data;

  Fixture *f = job->fixture;

  pthread_mutex_lock (&f->lock);  /* what the test wrote before is seen now */
  pthread_mutex_unlock (&f->lock);
  job->func (f, job->data);
  pthread_mutex_lock (&f->lock);
  job->done = TRUE;
  pthread_cond_broadcast (&f->cond);
  pthread_mutex_unlock (&f->lock);
  return G_SOURCE_REMOVE;
}

static G_GNUC_UNUSED void
in_server (Fixture *f, FixtureFunc func, gpointer data)
{
  Job job = { .fixture = f, .func = func, .data = data };

  pthread_mutex_lock (&f->lock);
  okap_invoke (f->context, job_cb, &job, NULL);
  while (!job.done)
    pthread_cond_wait (&f->cond, &f->lock);
  pthread_mutex_unlock (&f->lock);
}

static void
quit_func (Fixture *f, gpointer data)
{
  g_main_loop_quit (f->loop);
}

static void
tear_down (Fixture *f)
{
  g_autofree char *run = g_path_get_dirname (f->socket);

  in_server (f, quit_func, NULL);
  g_thread_join (f->thread);
  okap_http_server_free (f->server);
  g_assert_false (g_file_test (f->socket, G_FILE_TEST_EXISTS));
  g_rmdir (run);
  g_rmdir (f->folder);
  g_main_loop_unref (f->loop);
  g_main_context_unref (f->context);
  okap_clock_free_fake (f->clock);
  g_queue_clear_full (&f->words, g_free);
  pthread_cond_destroy (&f->cond);
  pthread_mutex_destroy (&f->lock);
  g_free (f->socket);
  g_free (f->folder);
}

static void
advance_func (Fixture *f, gpointer data)
{
  okap_clock_advance (f->clock, GPOINTER_TO_INT (data) * OKAP_SECOND_US);
  okap_http_server_tick (f->server);
}

static G_GNUC_UNUSED void
advance (Fixture *f, int seconds)
{
  in_server (f, advance_func, GINT_TO_POINTER (seconds));
}

static void
nothing_func (Fixture *f, gpointer data)
{
}

/* Waits until the server has seen all that was sent so far: by one turn of its main context it has
 * accepted connections, by the next it has read what came on them. */
static G_GNUC_UNUSED void
settle (Fixture *f)
{
  in_server (f, nothing_func, NULL);
  in_server (f, nothing_func, NULL);
}

static void
be_patient (int fd)
{
  const struct timeval patience = { .tv_sec = PATIENCE_S };

  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), ==, 0);
}

static int
connect_tcp (Fixture *f)
{
  struct sockaddr_in at = {
    .sin_family = AF_INET, .sin_port = htons (f->port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  const int on = 1;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  be_patient (fd);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  return fd;
}

static G_GNUC_UNUSED int
connect_unix (Fixture *f)
{
  struct sockaddr_un at = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  be_patient (fd);
  g_strlcpy (at.sun_path, f->socket, sizeof at.sun_path);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  return fd;
}

/* The server may have refused and closed before all was sent; that is no failure here. */
static void
send_bytes (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = send (fd, data, length, MSG_NOSIGNAL);

      if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
        return;
      g_assert_cmpint (n, >, 0);
      data += n;
      length -= (gsize) n;
    }
}

static G_GNUC_UNUSED void G_GNUC_PRINTF (3, 4)
send_text (Fixture *f, int fd, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  send_bytes (fd, text, strlen (text));
}

/* Asks for @path with the right Host and @more header lines and body. */
static G_GNUC_UNUSED void
ask (Fixture *f, int fd, const char *method_and_path, const char *more)
{
  send_text (f, fd, "%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s", method_and_path, f->port,
             more != NULL ? more : "\r\n");
}

/* Everything up to the end of the connection. */
static char *
read_to_end (int fd)
{
  GString *all = g_string_new (NULL);
  char room[16384];
  gssize n;

  while ((n = recv (fd, room, sizeof room, 0)) > 0)
    g_string_append_len (all, room, n);
  if (n < 0 && errno != ECONNRESET)
    g_error ("reading failed: %s", g_strerror (errno));
  return g_string_free (all, FALSE);
}

static G_GNUC_UNUSED void
expect_end (int fd)
{
  g_autofree char *rest = read_to_end (fd);

  g_assert_cmpstr (rest, ==, "");
}

/* Reads until what came ends with @end. */
static char *
read_until (int fd, const char *end)
{
  GString *all = g_string_new (NULL);
  char c;

  while (!g_str_has_suffix (all->str, end))
    {
      gssize n = recv (fd, &c, 1, 0);

      if (n <= 0)
        g_error ("expected “%s” after “%s”", end, all->str);
      g_string_append_c (all, c);
    }
  return g_string_free (all, FALSE);
}

/* One answer with a Content-Length; returns its body. */
static G_GNUC_UNUSED char *
read_answer (int fd, guint status)
{
  g_autofree char *head = read_until (fd, "\r\n\r\n");
  g_autofree char *start = g_strdup_printf ("HTTP/1.1 %u ", status);
  const char *line = strstr (head, "Content-Length: ");
  gsize length = line != NULL ? strtoul (line + 16, NULL, 10) : 0;
  char *body = g_malloc0 (length + 1);

  if (!g_str_has_prefix (head, start))
    g_error ("expected %s, got %s", start, head);
  if (length > 0)
    g_assert_cmpint (recv (fd, body, length, MSG_WAITALL), ==, length);
  return body;
}

static G_GNUC_UNUSED void
expect_answer (int fd, guint status, const char *body)
{
  g_autofree char *got = read_answer (fd, status);

  if (body != NULL)
    g_assert_cmpstr (got, ==, body);
}
