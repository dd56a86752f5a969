/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server: one epoll instance behind one GSource, so that the main context polls a single
 * descriptor however many connections there are. Server thread: the one that runs the context.
 *
 * Each dispatch takes the events that are there, runs the connections that they name, then those
 * that somebody scheduled (an answer that was finished elsewhere, a body that was resumed), and
 * once a second looks at the deadlines. The tick is armed only while connections exist, so an
 * idle server does not wake up. A connection that closes is freed at the end of the dispatch,
 * because an event that was already taken may still point to it. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "okap-answer-json.h"
#include "okap-http-private.h"

#define EVENTS_MOST 128
#define ACCEPTS_MOST 64  /* before connections have their turn */

#define CONNECTION_EVENTS (EPOLLIN | EPOLLRDHUP | EPOLLET)

typedef struct
{
  GSource source;
  OkapHttpServer *server;
} HttpSource;

/** okap_http_server_get_now: monotonic time, for deadlines */
gint64
okap_http_server_get_now (OkapHttpServer *server)
{
  return okap_clock_get_monotonic (server->clock);
}

/** okap_http_server_get_date: (transfer none): the time for a Date header, made once a second */
const char *
okap_http_server_get_date (OkapHttpServer *server)
{
  static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
  static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  time_t now_s = (time_t) (okap_clock_get_now (server->clock) / OKAP_SECOND_US);
  struct tm tm;

  if (now_s == server->date_s)
    return server->date;
  gmtime_r (&now_s, &tm);
  g_snprintf (server->date, sizeof server->date, "%s, %02d %s %04d %02d:%02d:%02d GMT",
              days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
              tm.tm_min, tm.tm_sec);
  server->date_s = now_s;
  return server->date;
}

/* Tells the main context when to come without an event. */
static void
update_ready_time (OkapHttpServer *server)
{
  gint64 ready_us;

  if (server->runnable.length > 0)
    ready_us = 0;
  else if (server->connections.length > 0 || server->accept_paused)
    ready_us = server->next_tick_us;
  else
    ready_us = -1;
  if (ready_us == server->ready_us)
    return;
  server->ready_us = ready_us;
  g_source_set_ready_time (server->source, ready_us);
}

/** okap_http_server_schedule: runs @connection soon, if it is not running now */
void
okap_http_server_schedule (OkapHttpServer *server, OkapHttpConnection *connection)
{
  if (connection->is_runnable || connection->running
      || connection->phase == OKAP_HTTP_CONNECTION_CLOSED)
    return;
  connection->is_runnable = TRUE;
  g_queue_push_tail_link (&server->runnable, &connection->run_link);
  if (!server->dispatching)
    update_ready_time (server);
}

/** okap_http_server_set_idle: keeps the list of those that can be closed to make room */
void
okap_http_server_set_idle (OkapHttpServer *server, OkapHttpConnection *connection, gboolean idle)
{
  if (connection->is_idle == idle)
    return;
  connection->is_idle = idle;
  if (idle)
    g_queue_push_tail_link (&server->idle, &connection->idle_link);
  else
    g_queue_unlink (&server->idle, &connection->idle_link);
}

/** okap_http_server_watch_out: whether to be told when the socket takes bytes again */
void
okap_http_server_watch_out (OkapHttpServer *server, OkapHttpConnection *connection, gboolean watch)
{
  struct epoll_event event = {
    .events = CONNECTION_EVENTS | (watch ? (guint) EPOLLOUT : 0u), .data.ptr = connection,
  };

  if (epoll_ctl (server->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) != 0)
    okap_http_connection_break (connection);
}

/** okap_http_server_forget: @connection is closed; frees it when nothing points to it any more */
void
okap_http_server_forget (OkapHttpServer *server, OkapHttpConnection *connection)
{
  okap_http_server_set_idle (server, connection, FALSE);
  if (connection->is_runnable)
    g_queue_unlink (&server->runnable, &connection->run_link);
  connection->is_runnable = FALSE;
  g_queue_unlink (&server->connections, &connection->all_link);
  g_queue_push_tail_link (&server->dead, &connection->all_link);
}

static void
free_dead (OkapHttpServer *server)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&server->dead)) != NULL)
    okap_http_connection_free (link->data);
}

/* Closes the connection that has been idle longest; returns whether there was one. */
static gboolean
evict_idle (OkapHttpServer *server)
{
  OkapHttpConnection *connection = g_queue_peek_head (&server->idle);

  if (connection == NULL)
    return FALSE;
  okap_http_connection_close (connection);
  return TRUE;
}

/* More connections than we keep, and none of them idle. */
static void
turn_away (int fd)
{
  g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_BUSY,
                                                  "Too many connections; close some");
  g_autofree char *body = okap_answer_format_error (error, OKAP_ERROR_FORM_COMMON);
  g_autofree char *answer = g_strdup_printf ("HTTP/1.1 503 Service Unavailable\r\n"
                                             OKAP_HTTP_JSON_HEADERS
                                             "Content-Length: %zu\r\n"
                                             "Retry-After: 1\r\n"
                                             "Connection: close\r\n"
                                             "\r\n"
                                             "%s", strlen (body), body);

  (void) send (fd, answer, strlen (answer), MSG_NOSIGNAL | MSG_DONTWAIT);
  (void) shutdown (fd, SHUT_WR);
  close (fd);
}

static void
add_connection (OkapHttpServer *server, OkapHttpListener *listener, int fd)
{
  OkapPeer *peer = okap_peer_new (server->peers, fd);
  struct epoll_event event = { .events = CONNECTION_EVENTS };
  OkapHttpConnection *connection;

  if (peer == NULL)
    {
      close (fd);  /* another user, or nobody: not a byte is read, nothing is said */
      return;
    }
  if (server->connections.length >= OKAP_CAP_CONNECTIONS && !evict_idle (server))
    {
      okap_peer_free (peer);
      turn_away (fd);
      return;
    }

  connection = okap_http_connection_new (server, listener, fd, peer);
  g_queue_push_tail_link (&server->connections, &connection->all_link);
  event.data.ptr = connection;
  if (epoll_ctl (server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    {
      okap_http_connection_close (connection);
      return;
    }
  if (server->next_tick_us == G_MAXINT64)
    server->next_tick_us = g_get_monotonic_time () + OKAP_SECOND_US;
  okap_http_connection_run (connection);
}

static gboolean
watch_listener (OkapHttpServer *server, OkapHttpListener *listener, gboolean watch)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = listener };

  if (listener->registered == watch)
    return TRUE;
  listener->registered = watch;
  return epoll_ctl (server->epoll_fd, watch ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listener->fd,
                    &event) == 0;
}

/* Descriptors or memory are short. Asking again at once would spin, so we wait for the tick. */
static void
pause_accepting (OkapHttpServer *server)
{
  g_warning ("No more connections can be accepted: %s; raise the limit of open files",
             g_strerror (errno));
  server->accept_paused = TRUE;
  if (server->next_tick_us == G_MAXINT64)
    server->next_tick_us = g_get_monotonic_time () + OKAP_SECOND_US;
  for (guint i = 0; i < server->listeners->len; i++)
    watch_listener (server, g_ptr_array_index (server->listeners, i), FALSE);
}

static void
accept_some (OkapHttpServer *server, OkapHttpListener *listener)
{
  for (guint i = 0; i < ACCEPTS_MOST; i++)
    {
      int fd = accept4 (listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

      if (fd >= 0)
        {
          add_connection (server, listener, fd);
          continue;
        }
      if (errno == EAGAIN)
        return;
      if ((errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
          && !evict_idle (server))
        {
          pause_accepting (server);
          return;
        }
    }
}

/**
 * okap_http_server_tick:
 *
 * Ends what has waited too long by the server's clock. Called once a second while there are
 * connections, and by tests.
 */
void
okap_http_server_tick (OkapHttpServer *server)
{
  gint64 now_us = okap_http_server_get_now (server);

  for (GList *link = server->connections.head, *next; link != NULL; link = next)
    {
      OkapHttpConnection *connection = link->data;

      next = link->next;
      if (connection->read_deadline_us > now_us && connection->write_deadline_us > now_us)
        continue;
      okap_http_connection_expire (connection, now_us);
      okap_http_server_schedule (server, connection);
    }
  if (server->accept_paused)
    {
      server->accept_paused = FALSE;
      for (guint i = 0; i < server->listeners->len; i++)
        watch_listener (server, g_ptr_array_index (server->listeners, i), TRUE);
    }
}

static void
handle_event (OkapHttpServer *server, const struct epoll_event *event)
{
  OkapHttpConnection *connection = event->data.ptr;

  if (connection->watch == OKAP_HTTP_WATCH_LISTENER)
    {
      accept_some (server, event->data.ptr);
      return;
    }
  if (connection->phase == OKAP_HTTP_CONNECTION_CLOSED)
    return;
  if (event->events & EPOLLIN)
    connection->readable = TRUE;
  if (event->events & EPOLLOUT)
    connection->blocked = FALSE;
  if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
    connection->hung_up = TRUE;
  okap_http_connection_run (connection);
}

/* Runs those that are scheduled now; what they schedule waits for the next dispatch. */
static void
run_scheduled (OkapHttpServer *server)
{
  for (guint n = server->runnable.length; n > 0 && server->runnable.length > 0; n--)
    {
      OkapHttpConnection *connection = g_queue_pop_head_link (&server->runnable)->data;

      connection->is_runnable = FALSE;
      okap_http_connection_run (connection);
    }
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  OkapHttpServer *server = ((HttpSource *) source)->server;
  struct epoll_event events[EVENTS_MOST];
  int n_events = 0;

  server->thread = g_thread_self ();
  server->dispatching = TRUE;
  if (g_source_query_unix_fd (source, server->source_tag) != 0)
    n_events = epoll_wait (server->epoll_fd, events, EVENTS_MOST, 0);
  for (int i = 0; i < n_events; i++)
    handle_event (server, &events[i]);
  run_scheduled (server);
  if (server->next_tick_us <= g_source_get_time (source))
    {
      okap_http_server_tick (server);
      run_scheduled (server);
      server->next_tick_us = g_source_get_time (source) + OKAP_SECOND_US;
    }
  free_dead (server);
  if (server->connections.length == 0 && !server->accept_paused)
    server->next_tick_us = G_MAXINT64;
  server->dispatching = FALSE;
  update_ready_time (server);
  return G_SOURCE_CONTINUE;
}

/**
 * okap_http_server_new:
 * @context: (nullable): where the server runs; NULL for the default context
 * @route: asked for each request that passed PROTOCOL section 5, points 1 to 6
 *
 * Returns: (transfer full): a server that does not listen yet
 */
OkapHttpServer *
okap_http_server_new (GMainContext *context, OkapHttpRouteFunc route, gpointer user_data)
{
  static GSourceFuncs funcs = { .dispatch = dispatch };
  OkapHttpServer *server = g_new0 (OkapHttpServer, 1);

  server->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  server->clock = okap_clock_get_real ();
  server->route = route;
  server->user_data = user_data;
  server->peers = okap_peers_new (server->context);
  server->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_http_listener_free);
  server->next_tick_us = G_MAXINT64;
  server->ready_us = -1;
  server->scratch = g_malloc (OKAP_HTTP_SCRATCH_BYTES);
  server->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (server->epoll_fd < 0)
    g_error ("no epoll instance could be made: %s", g_strerror (errno));

  server->source = g_source_new (&funcs, sizeof (HttpSource));
  ((HttpSource *) server->source)->server = server;
  g_source_set_static_name (server->source, "okap-http-server");
  server->source_tag = g_source_add_unix_fd (server->source, server->epoll_fd, G_IO_IN);
  g_source_attach (server->source, server->context);
  return server;
}

/** okap_http_server_set_clock: for tests, before the first connection: what deadlines go by */
void
okap_http_server_set_clock (OkapHttpServer *server, OkapClock *clock)
{
  server->clock = clock;
}

void
okap_http_server_set_origin_func (OkapHttpServer *server, OkapHttpOriginFunc func,
                                  gpointer user_data)
{
  server->origins = (OkapHttpOrigins) { func, user_data };
}

static gboolean
add_listener (OkapHttpServer *server, OkapHttpListener *listener, GError **error)
{
  g_ptr_array_add (server->listeners, listener);
  if (watch_listener (server, listener, TRUE))
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INTERNAL, "A listening socket cannot be watched: %s",
               g_strerror (errno));
  g_ptr_array_remove (server->listeners, listener);
  return FALSE;
}

gboolean
okap_http_server_listen_tcp (OkapHttpServer *server, const char *address, guint16 port,
                             guint16 *out_port, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint16 got = 0;
  OkapHttpListener *listener = okap_http_listener_new_tcp (address, port, &got, &local);

  if (out_port != NULL)
    *out_port = got;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (listener != NULL)
    listener->names.origins = &server->origins;
  return listener == NULL || add_listener (server, listener, error);
}

gboolean
okap_http_server_listen_unix (OkapHttpServer *server, const char *path, GError **error)
{
  OkapHttpListener *listener = okap_http_listener_new_unix (path, error);

  return listener != NULL && add_listener (server, listener, error);
}

/* Within a callback, the connection that is running ends when its run goes on. */
void
okap_http_server_stop (OkapHttpServer *server)
{
  for (guint i = 0; i < server->listeners->len; i++)
    watch_listener (server, g_ptr_array_index (server->listeners, i), FALSE);
  for (GList *link = server->connections.head; link != NULL; link = link->next)
    {
      OkapHttpConnection *connection = link->data;

      okap_http_exchange_abort (&connection->exchange);
      connection->hung_up = TRUE;
    }
  for (GList *link = server->connections.head, *next; link != NULL; link = next)
    {
      OkapHttpConnection *connection = link->data;

      next = link->next;
      if (!connection->running)
        okap_http_connection_run (connection);
    }
}

/** okap_http_server_free: never from within a callback */
void
okap_http_server_free (OkapHttpServer *server)
{
  g_assert (!server->dispatching);

  server->thread = NULL;
  okap_http_server_stop (server);
  g_assert (server->connections.length == 0);
  free_dead (server);
  g_source_destroy (server->source);
  g_source_unref (server->source);
  g_ptr_array_unref (server->listeners);
  close (server->epoll_fd);
  okap_peers_free (server->peers);
  g_main_context_unref (server->context);
  g_free (server->scratch);
  g_free (server);
}
