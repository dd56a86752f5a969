/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serving thread. It is built and bound on the main thread before it starts, so that a port
 * that is taken is an answer of start, and taken down after it ended; in between everything in it
 * belongs to the thread. */
#include "config.h"

#include "okap-http-thread.h"

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-invoke.h"
#include "okap-listen.h"
#include "okap-paths.h"

struct _OkapHttpThread
{
  GMainContext *context;     /* (owned) */
  GMainLoop *loop;           /* (owned) */
  GThread *thread;           /* (owned) (nullable) */
  OkapHttpServer *server;    /* (owned) (http thread) */
  OkapProxy *proxy;          /* (owned) (http thread) */
  OkapTransport *transport;  /* (owned) (http thread) */
  OkapGate *gate;            /* (unowned) */
  OkapBroker *broker;        /* (unowned) */
  char *origin;              /* (owned) (immutable) once started */
  char *socket;              /* (owned) (immutable) once started */
  gboolean port_moved;       /* (immutable) once started */
};

/* HTTP thread: who serves a request. */
static void
route_cb (OkapHttpExchange *exchange, const OkapHttpHead *head, gpointer user_data)
{
  OkapHttpThread *thread = user_data;
  g_autoptr (GError) error = NULL;

  if (okap_proxy_route (thread->proxy, exchange, head)
      || okap_transport_route (thread->transport, exchange, head))
    return;
  g_set_error (&error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
               "There is nothing at this path. GET /.well-known/okap says what there is.");
  okap_http_exchange_refuse (exchange, error, 0);
}

/* HTTP thread. */
static gboolean
origin_cb (const char *origin, gpointer user_data)
{
  return okap_gate_has_origin (user_data, origin);
}

static void
cut_cb (const char *grant_id, OkapError why, gpointer user_data)
{
  OkapHttpThread *thread = user_data;

  okap_proxy_cut (thread->proxy, grant_id, why);
}

typedef struct
{
  OkapBroker *broker;    /* (owned) */
  char *key_id;          /* (owned) */
  OkapKeyHealth health;
  guint n_good;
} Report;

static void
report_free (gpointer user_data)
{
  Report *report = user_data;

  g_object_unref (report->broker);
  g_free (report->key_id);
  g_free (report);
}

static gboolean
report_cb (gpointer user_data)
{
  const Report *report = user_data;

  okap_key_care_report (okap_broker_get_key_care (report->broker), report->key_id, &report->health,
                        report->n_good);
  return G_SOURCE_REMOVE;
}

/* HTTP thread: the main thread hears of a change. */
static void
health_cb (const char *key_id, const OkapKeyHealth *health, guint n_good, gpointer user_data)
{
  OkapHttpThread *thread = user_data;
  Report *report = g_new (Report, 1);

  report->broker = g_object_ref (thread->broker);
  report->key_id = g_strdup (key_id);
  report->health = *health;
  report->n_good = n_good;
  okap_invoke (NULL, report_cb, report, report_free);
}

static gpointer
run (gpointer user_data)
{
  OkapHttpThread *thread = user_data;

  g_main_context_push_thread_default (thread->context);
  g_main_loop_run (thread->loop);
  g_main_context_pop_thread_default (thread->context);
  return NULL;
}

static void
http_thread_free (OkapHttpThread *thread)
{
  g_clear_pointer (&thread->server, okap_http_server_free);
  g_clear_pointer (&thread->proxy, okap_proxy_free);
  g_clear_pointer (&thread->transport, okap_transport_free);
  g_main_loop_unref (thread->loop);
  g_main_context_unref (thread->context);
  g_free (thread->origin);
  g_free (thread->socket);
  g_free (thread);
}

static gboolean
bind_all (OkapHttpThread *thread, const char *listen, guint16 port, GError **error)
{
  g_autofree char *socket = okap_paths_dup_socket ();

  /* The socket first: it tells whether another Okap serves this user. */
  if (!okap_http_server_listen_unix (thread->server, socket, error))
    return FALSE;
  thread->socket = g_steal_pointer (&socket);
  thread->origin = okap_listen_bind (thread->server, listen, port, &thread->port_moved, error);
  if (thread->origin == NULL)
    return FALSE;
  okap_transport_set_address (thread->transport, thread->origin, thread->socket);
  return TRUE;
}

/**
 * okap_http_thread_start:
 * @listen: (nullable): see okap_core_start_async()
 * @port: see okap_core_set_port()
 * @error: %OKAP_ERROR_CONFLICT, %OKAP_ERROR_STORAGE, %OKAP_ERROR_INVALID_REQUEST
 */
OkapHttpThread *
okap_http_thread_start (OkapGate *gate, OkapBroker *broker, OkapClock *clock, const char *listen,
                        guint16 port, GError **error)
{
  OkapHttpThread *thread = g_new0 (OkapHttpThread, 1);

  thread->context = g_main_context_new ();
  thread->loop = g_main_loop_new (thread->context, FALSE);
  thread->gate = gate;
  thread->broker = broker;
  thread->server = okap_http_server_new (thread->context, route_cb, thread);
  okap_http_server_set_origin_func (thread->server, origin_cb, gate);
  thread->proxy = okap_proxy_new (gate, clock, thread->context);
  thread->transport = okap_transport_new (broker, thread->context);
  if (!bind_all (thread, listen, port, error))
    {
      http_thread_free (thread);
      return NULL;
    }
  okap_gate_set_cut_func (gate, cut_cb, thread);
  okap_proxy_set_health_func (thread->proxy, health_cb, thread);
  okap_proxy_resume_jobs (thread->proxy);
  thread->thread = g_thread_new ("okap-http", run, thread);
  return thread;
}

static gboolean
quit_cb (gpointer user_data)
{
  OkapHttpThread *thread = user_data;

  okap_http_server_stop (thread->server);
  g_main_loop_quit (thread->loop);
  return G_SOURCE_REMOVE;
}

/** okap_http_thread_stop: cuts what runs, waits for the thread, frees */
void
okap_http_thread_stop (OkapHttpThread *thread)
{
  g_autoptr (GSource) quit = g_idle_source_new ();

  g_source_set_priority (quit, G_PRIORITY_HIGH);
  g_source_set_callback (quit, quit_cb, thread, NULL);
  g_source_attach (quit, thread->context);
  g_thread_join (thread->thread);
  okap_gate_set_cut_func (thread->gate, NULL, NULL);
  http_thread_free (thread);
}

typedef struct
{
  GSourceFunc done;
  gpointer done_data;
} Settling;

/* HTTP thread: what was posted before, was done before. */
static gboolean
settled_cb (gpointer user_data)
{
  const Settling *settling = user_data;

  okap_invoke (NULL, settling->done, settling->done_data, NULL);
  return G_SOURCE_REMOVE;
}

/** okap_http_thread_settle: @done on the main thread, once what was cut until now has ended */
void
okap_http_thread_settle (OkapHttpThread *thread, GSourceFunc done, gpointer done_data)
{
  Settling *settling = g_new (Settling, 1);

  settling->done = done;
  settling->done_data = done_data;
  okap_invoke (thread->context, settled_cb, settling, g_free);
}

OkapProxy *
okap_http_thread_get_proxy (OkapHttpThread *thread)
{
  return thread->proxy;
}

OkapTransport *
okap_http_thread_get_transport (OkapHttpThread *thread)
{
  return thread->transport;
}

const char *
okap_http_thread_get_origin (OkapHttpThread *thread)
{
  return thread->origin;
}

const char *
okap_http_thread_get_socket (OkapHttpThread *thread)
{
  return thread->socket;
}

gboolean
okap_http_thread_port_moved (OkapHttpThread *thread)
{
  return thread->port_moved;
}
