/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server on a thread, and the provider that is one. */
#include "okap-invoke.h"
#include "proxy-fixture.h"

#include <string.h>

static gpointer
host_run (gpointer data)
{
  Host *host = data;

  g_main_context_push_thread_default (host->context);
  g_main_loop_run (host->loop);
  g_main_context_pop_thread_default (host->context);
  return NULL;
}

void
host_start (Host *host, OkapHttpRouteFunc route, gpointer data)
{
  g_autoptr (GError) error = NULL;

  host->context = g_main_context_new ();
  host->loop = g_main_loop_new (host->context, FALSE);
  host->server = okap_http_server_new (host->context, route, data);
  g_assert_true (okap_http_server_listen_tcp (host->server, "127.0.0.1", 0, &host->port, &error));
  g_assert_no_error (error);
}

static gboolean
host_quit_cb (gpointer data)
{
  Host *host = data;

  okap_http_server_stop (host->server);
  g_main_loop_quit (host->loop);
  return G_SOURCE_REMOVE;
}

void
host_stop (Host *host)
{
  okap_invoke (host->context, host_quit_cb, host, NULL);
  g_thread_join (host->thread);
  okap_http_server_free (host->server);
  g_main_loop_unref (host->loop);
}

void
host_run_thread (Host *host)
{
  host->thread = g_thread_new ("host", host_run, host);
}

typedef struct
{
  Mock *mock;
  OkapHttpExchange *http;
  GString *body;
  GSource *timer;
  char *what;
  guint n, of;
  gsize big;
  gboolean over;
} Call;

static void
mock_count (Mock *mock, guint *counter)
{
  g_mutex_lock (&mock->lock);
  (*counter)++;
  g_cond_broadcast (&mock->changed);
  g_mutex_unlock (&mock->lock);
}

void
mock_wait (Mock *mock, const guint *counter, guint least)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_US;

  g_mutex_lock (&mock->lock);
  while (*counter < least)
    g_assert_true (g_cond_wait_until (&mock->changed, &mock->lock, end_us));
  g_mutex_unlock (&mock->lock);
}

static void
call_set_timer (Call *call, GSourceFunc func, guint interval_ms)
{
  call->timer = g_timeout_source_new (interval_ms);
  g_source_set_callback (call->timer, func, call, NULL);
  g_source_attach (call->timer, call->mock->host.context);
}

/* One event each time, sixteen if the stream is to be fast. */
static gboolean
call_event_cb (gpointer data)
{
  Call *call = data;
  guint burst = call->of > 100 ? 16 : 1;

  while (burst-- > 0 && call->n < call->of)
    {
      g_autofree char *event = g_strdup_printf ("data: {\"model\":\"gpt-4o-mini\",\"i\":%u,"
                                                "\"choices\":[{\"delta\":{\"content\":\"abcd\"}}]}"
                                                "\n\n",
                                                call->n++);

      if (okap_http_exchange_write (call->http, event, strlen (event))
          >= OKAP_CAP_STREAM_WINDOW_BYTES)
        break;
    }
  if (call->n < call->of)
    return G_SOURCE_CONTINUE;
  if (strcmp (call->what, "reset") == 0)
    okap_http_exchange_abort (call->http);
  else if (strcmp (call->what, "endless") != 0)
    {
      okap_http_exchange_write (call->http, "data: [DONE]\n\n", 14);
      okap_http_exchange_finish (call->http, NULL);
    }
  return G_SOURCE_REMOVE;
}

/* The next piece of what the test wants to be answered. */
static gboolean
call_script_cb (gpointer data)
{
  Call *call = data;
  gsize left = strlen (call->mock->script) - call->n;
  gsize length = MIN (left, call->of);

  okap_http_exchange_write (call->http, call->mock->script + call->n, length);
  call->n += (guint) length;
  if (length < left)
    return G_SOURCE_CONTINUE;
  okap_http_exchange_finish (call->http, NULL);
  return G_SOURCE_REMOVE;
}

/* As much as the proxy takes. */
static void
call_write_big (Call *call)
{
  static char block[16 * 1024];
  const gsize all = BIG_BYTES;

  memset (block, 'x', sizeof block);
  while (call->big < all)
    {
      call->big += sizeof block;
      if (okap_http_exchange_write (call->http, block, sizeof block)
          >= OKAP_CAP_STREAM_WINDOW_BYTES)
        return;
    }
  if (!call->over)
    okap_http_exchange_finish (call->http, NULL);
  call->over = TRUE;
}

static gboolean
call_read_again_cb (gpointer data)
{
  Call *call = data;

  okap_http_exchange_resume (call->http);
  return G_SOURCE_REMOVE;
}

/* Takes only the key that the request itself names; refuses others at once, or in pieces. */
static void
call_check_key (Call *call)
{
  static const char refusal[] = REFUSAL;
  const OkapHttpHead *head = okap_http_exchange_get_head (call->http);
  const char *auth = okap_http_head_get (head, "authorization");
  const char *key = okap_http_head_get (head, "x-mock-key");

  if (auth != NULL && key != NULL && g_str_has_suffix (auth, key))
    okap_http_exchange_respond (call->http, 200, "Content-Type: application/json\r\n", ANSWER,
                                strlen (ANSWER));
  else if (strcmp (call->what, "strict") == 0)
    okap_http_exchange_respond (call->http, 401, "Content-Type: application/json\r\n", refusal,
                                strlen (refusal));
  else
    {
      okap_http_exchange_start (call->http, 401, "Content-Type: application/json\r\n", -1);
      okap_http_exchange_write (call->http, refusal, 10);
      okap_http_exchange_write (call->http, refusal + 10, strlen (refusal) - 10);
      okap_http_exchange_finish (call->http, NULL);
    }
}

static void
call_answer (Call *call)
{
  const char *what = call->what;

  if (g_str_has_prefix (what, "strict"))
    call_check_key (call);
  else if (strcmp (what, "stream") == 0 || strcmp (what, "reset") == 0
           || strcmp (what, "endless") == 0)
    {
      okap_http_exchange_start (call->http, 200, "Content-Type: text/event-stream\r\n", -1);
      call_set_timer (call, call_event_cb, call->of > 100 ? 1 : 5);
    }
  else if (strcmp (what, "script") == 0)
    {
      g_autofree char *type
        = g_strdup_printf ("Content-Type: %s\r\n",
                           okap_http_head_get (okap_http_exchange_get_head (call->http),
                                               "x-mock-type"));

      okap_http_exchange_start (call->http, 200, type, -1);
      call_set_timer (call, call_script_cb, 1);
    }
  else if (strcmp (what, "big") == 0)
    {
      okap_http_exchange_start (call->http, 200, "Content-Type: application/octet-stream\r\n",
                                BIG_BYTES);
      call_write_big (call);
    }
  else if (strcmp (what, "short") == 0)
    {
      okap_http_exchange_start (call->http, 200, "Content-Type: application/json\r\n", 1000);
      okap_http_exchange_write (call->http, "{\"a\":", 5);
      okap_http_exchange_abort (call->http);
    }
  else if (strcmp (what, "redirect") == 0)
    okap_http_exchange_respond (call->http, 302, "Location: http://127.0.0.1:1/\r\n", "", 0);
  else if (strcmp (what, "plain") == 0)
    okap_http_exchange_respond (call->http, 200, "Content-Type: text/plain\r\n", "Hello.", 6);
  else if (strcmp (what, "refuse") == 0)
    okap_http_exchange_respond (call->http, 429, "Content-Type: application/json\r\n"
                                "Retry-After: 7\r\nSet-Cookie: a=b\r\n", "{\"error\":{}}", 12);
  else if (strcmp (what, "vanish") == 0)
    okap_http_exchange_abort (call->http);
  else if (strcmp (what, "hang") != 0)
    okap_http_exchange_respond (call->http, 200, "Content-Type: application/json\r\n"
                                "x-request-id: req_1\r\n", ANSWER, strlen (ANSWER));
}

static void
call_body_cb (OkapHttpExchange *http, const char *data, gsize length, gboolean last, gpointer user)
{
  Call *call = user;
  Mock *mock = call->mock;

  g_string_append_len (call->body, data, (gssize) length);
  if (strcmp (call->what, "slow-reader") == 0 && call->timer == NULL && call->body->len > 100000)
    {
      okap_http_exchange_pause (http);
      call_set_timer (call, call_read_again_cb, 100);
    }
  if (!last)
    return;
  g_mutex_lock (&mock->lock);
  g_string_assign (mock->head, "");
  g_string_append_printf (mock->head, "%s %s\n", okap_http_exchange_get_head (http)->method,
                          okap_http_exchange_get_head (http)->target);
  for (guint i = 0; i < okap_http_exchange_get_head (http)->n_headers; i++)
    g_string_append_printf (mock->head, "%s: %s\n",
                            okap_http_exchange_get_head (http)->headers[i].name,
                            okap_http_exchange_get_head (http)->headers[i].value);
  g_string_truncate (mock->body, 0);
  g_string_append_len (mock->body, call->body->str, (gssize) call->body->len);
  g_mutex_unlock (&mock->lock);
  call_answer (call);
  mock_count (mock, &mock->requests);
}

static void
call_drained_cb (OkapHttpExchange *http, gpointer user)
{
  Call *call = user;

  if (strcmp (call->what, "big") == 0)
    call_write_big (call);
}

static void
call_gone_cb (OkapHttpExchange *http, gpointer user)
{
  Call *call = user;

  mock_count (call->mock, &call->mock->gone);
}

static void
call_closed_cb (OkapHttpExchange *http, gpointer user)
{
  Call *call = user;

  if (call->timer != NULL)
    {
      g_source_destroy (call->timer);
      g_source_unref (call->timer);
    }
  g_string_free (call->body, TRUE);
  g_free (call->what);
  g_free (call);
}

static void
mock_route_cb (OkapHttpExchange *http, const OkapHttpHead *head, gpointer data)
{
  static const OkapHttpHandler handler = {
    call_body_cb, call_drained_cb, call_gone_cb, call_closed_cb,
  };
  const char *what = okap_http_head_get (head, "x-mock");
  const char *of = okap_http_head_get (head, "x-mock-events");
  Call *call = g_new0 (Call, 1);

  call->mock = data;
  call->http = http;
  call->body = g_string_new (NULL);
  call->what = g_strdup (what != NULL ? what : "");
  call->of = of != NULL ? (guint) g_ascii_strtoull (of, NULL, 10) : 3;
  okap_http_exchange_set_handler (http, &handler, call);
  okap_http_exchange_set_body_limit (http, 64 * 1024 * 1024);
}

void
mock_set_up (Mock *mock)
{
  g_mutex_init (&mock->lock);
  g_cond_init (&mock->changed);
  mock->head = g_string_new (NULL);
  mock->body = g_string_new (NULL);
  host_start (&mock->host, mock_route_cb, mock);
  host_run_thread (&mock->host);
}

void
mock_tear_down (Mock *mock)
{
  host_stop (&mock->host);
  g_mutex_clear (&mock->lock);
  g_cond_clear (&mock->changed);
  g_string_free (mock->head, TRUE);
  g_string_free (mock->body, TRUE);
}
