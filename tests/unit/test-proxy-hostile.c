/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Providers that answer what no provider should: bytes over a raw socket. The app gets an answer or
 * a broken connection, nothing of another answer, and the proxy goes on. */
#include "proxy-fixture.h"

#include <string.h>

typedef struct
{
  const char *path;
  const char *answer;    /* of the provider, as bytes */
  long status;           /* that the app sees */
  const char *missing;   /* (nullable) not in the head that the app sees */
} Case;

#define TWO "Content-Length: 2\r\n\r\n{}"

static const Case cases[] = {
  { "/proxy-hostile/fine", "HTTP/1.1 200 OK\r\n" TWO, 200, NULL },
  { "/proxy-hostile/switches", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhello", 502, NULL },
  { "/proxy-hostile/interim-only", "HTTP/1.1 100 Continue\r\n\r\n", 502, NULL },
  { "/proxy-hostile/interim-first",
    "HTTP/1.1 103 Early\r\nX-Secret: 1\r\n\r\nHTTP/1.1 200 OK\r\n" TWO, 200, "X-Secret" },
  { "/proxy-hostile/low-status", "HTTP/1.1 099 X\r\n" TWO, 502, NULL },
  { "/proxy-hostile/small-letters", "http/1.1 200 OK\r\n" TWO, 200, "X-Before" },
  { "/proxy-hostile/no-status", "HTTP/1.1\r\n" TWO, 502, NULL },
  { "/proxy-hostile/junk", "\x01\x02\x03\x04", 502, NULL },
  { "/proxy-hostile/nothing", "", 502, NULL },
  { "/proxy-hostile/cookie",
    "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie : b\r\n Set-Cookie: c\r\n" TWO, 200,
    "ookie" },
  { "/proxy-hostile/framing",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n" TWO, 200, "chunked" },
  { "/proxy-hostile/negative-length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}", 0, NULL },
};

typedef struct
{
  GSocketListener *listener; /* (owned) */
  GCancellable *stop;        /* (owned) */
  GThread *thread;
  guint16 port;
  const char *answer;        /* (unowned) atomic; changed between requests */
} Raw;

static gpointer
raw_run (gpointer data)
{
  Raw *raw = data;
  GSocketConnection *connection;
  char room[4096];

  while ((connection = g_socket_listener_accept (raw->listener, NULL, raw->stop, NULL)) != NULL)
    {
      GIOStream *stream = G_IO_STREAM (connection);
      const char *answer = g_atomic_pointer_get (&raw->answer);

      if (g_input_stream_read (g_io_stream_get_input_stream (stream), room, sizeof room, NULL,
                               NULL) > 0)
        g_output_stream_write_all (g_io_stream_get_output_stream (stream), answer, strlen (answer),
                                   NULL, NULL, NULL);
      g_io_stream_close (stream, NULL, NULL);
      g_object_unref (connection);
    }
  return NULL;
}

static void
raw_start (Raw *raw)
{
  g_autoptr (GError) error = NULL;

  raw->listener = g_socket_listener_new ();
  raw->stop = g_cancellable_new ();
  raw->port = g_socket_listener_add_any_inet_port (raw->listener, NULL, &error);
  g_assert_no_error (error);
  raw->thread = g_thread_new ("raw", raw_run, raw);
}

static void
raw_stop (Raw *raw)
{
  g_cancellable_cancel (raw->stop);
  g_thread_join (raw->thread);
  g_object_unref (raw->listener);
  g_object_unref (raw->stop);
}

static void
redirect_to (Fixture *fixture, const Raw *raw)
{
  OkapScope *scope = g_ptr_array_index (fixture->grant->scopes, 0);
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autoptr (OkapSecret) key = okap_secret_new_from_string (KEY);
  g_autofree char *base_url = g_strdup_printf ("http://127.0.0.1:%u", raw->port);
  g_autoptr (OkapCredential) credential = okap_credential_new (scope->key_id, provider, base_url,
                                                               key);

  g_assert_cmpstr (scope->provider, ==, "openai");
  okap_gate_put_credential (fixture->gate, credential);
}

static void
test_answer (Fixture *fixture, gconstpointer data)
{
  const Case *test = data;
  Raw raw = { .answer = "HTTP/1.1 203 Before\r\nX-Before: 1\r\n" TWO };
  g_autoptr (App) before = app_new (fixture, "POST", CHAT, "", BODY);
  g_autoptr (App) app = app_new (fixture, "POST", CHAT, "", BODY);
  g_autoptr (App) after = app_new (fixture, "POST", CHAT, "", BODY);

  raw_start (&raw);
  redirect_to (fixture, &raw);
  app_perform (before);
  g_assert_cmpint (before->status, ==, 203);

  g_atomic_pointer_set (&raw.answer, test->answer);
  app_perform (app);
  if (test->status != 0)
    g_assert_cmpint (app->status, ==, test->status);
  if (test->missing != NULL)
    g_assert_null (strstr (app->head->str, test->missing));

  g_atomic_pointer_set (&raw.answer, cases[0].answer);
  app_perform (after);
  g_assert_cmpint (after->status, ==, 200);
  wait_usage (fixture, 3);
  raw_stop (&raw);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Fixture, &cases[i], set_up, test_answer, tear_down);
  return g_test_run ();
}
