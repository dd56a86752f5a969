/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection: its socket, its two buffers, its deadlines, and the order in which requests
 * pass through it, strictly one at a time. Server thread.
 *
 *   HEAD ──head complete──▶ EXCHANGE ──answer sent, body read──▶ HEAD
 *    │ fault: refused            │ to be closed, bytes may still come
 *    ▼                           ▼
 *   EXCHANGE                   LINGER ──drained or 1 s──▶ CLOSED ◀── from everywhere: hung up
 *
 * epoll reports edges, so that a request costs no change of registration: "readable" remembers
 * that the socket may have more, and EPOLLOUT is asked for only while the socket is full. All
 * progress is made by okap_http_connection_run(), which steps until nothing can be done; it is
 * called by the server when an event came or somebody scheduled it, and never by the functions
 * that handlers call. So callbacks are never nested. The peer's half-close counts as hanging up.
 *
 * Before the first request of a connection is routed, the program at the other end is identified. A
 * request that has to wait for that waits in EXCHANGE, without a handler; what comes behind it
 * stays in the buffer and in the socket.
 *
 * The head of the running exchange stays at the front of "in", because the strings of the request
 * point into it; "in" only grows while no head is parsed. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "okap-http-body.h"
#include "okap-http-private.h"
#include "okap-secret.h"

#define IN_ROOM (8 * 1024)
#define BODY_ROOM (4 * 1024)  /* behind the head, at least: chunked bodies are read there */
#define OUT_ROOM (16 * 1024)
#define STEPS_MOST 64         /* before other connections have their turn */
#define PARTS_MOST 8

OkapHttpConnection *
okap_http_connection_new (OkapHttpServer *server, const OkapHttpListener *listener, int fd,
                          OkapPeer *peer)
{
  OkapHttpConnection *connection = g_new0 (OkapHttpConnection, 1);

  connection->watch = OKAP_HTTP_WATCH_CONNECTION;
  connection->server = server;
  connection->names = &listener->names;
  connection->peer = peer;
  connection->fd = fd;
  connection->read_deadline_us = connection->write_deadline_us = G_MAXINT64;
  connection->all_link.data = connection->idle_link.data = connection->run_link.data = connection;
  connection->exchange.connection = connection;
  return connection;
}

/* Heads hold tokens and bodies hold prompts: neither stays behind in free memory. */
static void
free_buffer (char **buffer, gsize *room)
{
  if (*buffer != NULL)
    okap_wipe (*buffer, *room);
  g_clear_pointer (buffer, g_free);
  *room = 0;
}

void
okap_http_connection_free (OkapHttpConnection *connection)
{
  g_assert (connection->phase == OKAP_HTTP_CONNECTION_CLOSED);

  free_buffer (&connection->in, &connection->in_room);
  free_buffer (&connection->out, &connection->out_room);
  okap_http_page_clear (&connection->exchange);
  if (connection->exchange.request.path != NULL)
    g_string_free (connection->exchange.request.path, TRUE);
  g_free (connection);
}

/** okap_http_connection_close: closes now; no handler may be left */
void
okap_http_connection_close (OkapHttpConnection *connection)
{
  g_assert (!connection->exchange.has_handler);

  if (connection->phase == OKAP_HTTP_CONNECTION_CLOSED)
    return;
  connection->phase = OKAP_HTTP_CONNECTION_CLOSED;
  close (connection->fd);
  connection->fd = -1;
  g_clear_pointer (&connection->peer, okap_peer_free);
  okap_http_server_forget (connection->server, connection);
}

/** okap_http_connection_break: nothing more is sent or read; handlers are told by the next run */
void
okap_http_connection_break (OkapHttpConnection *connection)
{
  if (connection->phase == OKAP_HTTP_CONNECTION_CLOSED)
    return;
  connection->hung_up = TRUE;
  okap_http_server_schedule (connection->server, connection);
}

/* Moves what is in a buffer to one with @room bytes. */
static void
resize_buffer (char **buffer, gsize *room, gsize used, gsize new_room)
{
  char *grown = g_malloc (new_room);

  if (used > 0)
    memcpy (grown, *buffer, used);
  free_buffer (buffer, room);
  *buffer = grown;
  *room = new_room;
}

gsize
okap_http_connection_get_unsent (const OkapHttpConnection *connection)
{
  return connection->out_end - connection->out_pos;
}

static void
queue (OkapHttpConnection *connection, const char *data, gsize length)
{
  gsize unsent = okap_http_connection_get_unsent (connection);

  if (length > OKAP_CAP_UNSENT_BYTES - unsent)
    {
      okap_http_connection_break (connection);
      return;
    }
  if (connection->out_end + length > connection->out_room && connection->out_pos > 0)
    {
      memmove (connection->out, connection->out + connection->out_pos, unsent);
      connection->out_pos = 0;
      connection->out_end = unsent;
    }
  if (unsent + length > connection->out_room)
    {
      gsize room = MAX (connection->out_room, OUT_ROOM);

      while (room < unsent + length)
        room *= 2;
      resize_buffer (&connection->out, &connection->out_room, unsent, room);
    }
  memcpy (connection->out + connection->out_end, data, length);
  connection->out_end += length;
}

/* Gives the socket the queue and @parts in one call; returns how many bytes it took. */
static gsize
push (OkapHttpConnection *connection, const struct iovec *parts, guint n_parts)
{
  struct iovec all[PARTS_MOST + 1];
  struct msghdr message = { .msg_iov = all };
  gssize n;

  g_assert (n_parts <= PARTS_MOST);

  if (okap_http_connection_get_unsent (connection) > 0)
    all[message.msg_iovlen++] = (struct iovec) {
      .iov_base = connection->out + connection->out_pos,
      .iov_len = okap_http_connection_get_unsent (connection),
    };
  for (guint i = 0; i < n_parts; i++)
    if (parts[i].iov_len > 0)
      all[message.msg_iovlen++] = parts[i];

  do
    n = sendmsg (connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN)
    okap_http_connection_break (connection);
  return n > 0 ? (gsize) n : 0;
}

/**
 * okap_http_connection_send:
 * @parts: (nullable): bytes to send behind those that are queued
 *
 * Sends at once what the socket takes and queues the rest.
 */
void
okap_http_connection_send (OkapHttpConnection *connection, const struct iovec *parts, guint n_parts)
{
  gsize sent = 0, from_queue;

  if (connection->hung_up)
    return;
  if (!connection->blocked)
    sent = push (connection, parts, n_parts);
  if (connection->hung_up)
    return;

  if (sent > 0)
    connection->write_deadline_us = G_MAXINT64;
  from_queue = MIN (sent, okap_http_connection_get_unsent (connection));
  connection->out_pos += from_queue;
  sent -= from_queue;
  for (guint i = 0; i < n_parts; i++)
    {
      gsize of_part = MIN (sent, parts[i].iov_len);

      sent -= of_part;
      if (of_part < parts[i].iov_len)
        queue (connection, (const char *) parts[i].iov_base + of_part, parts[i].iov_len - of_part);
    }

  if (okap_http_connection_get_unsent (connection) == 0)
    {
      connection->out_pos = connection->out_end = 0;
      return;
    }
  if (!connection->blocked)
    {
      connection->blocked = TRUE;
      okap_http_server_watch_out (connection->server, connection, TRUE);
    }
  if (connection->write_deadline_us == G_MAXINT64)
    connection->write_deadline_us = okap_http_server_get_now (connection->server)
                                    + OKAP_CAP_WRITE_TIMEOUT_S * OKAP_SECOND_US;
}

/** okap_http_connection_hold: queues @parts, to be sent with what comes next or by the next run */
void
okap_http_connection_hold (OkapHttpConnection *connection, const struct iovec *parts, guint n_parts)
{
  for (guint i = 0; i < n_parts && !connection->hung_up; i++)
    if (parts[i].iov_len > 0)
      queue (connection, parts[i].iov_base, parts[i].iov_len);
  okap_http_server_schedule (connection->server, connection);
}

static void
flush (OkapHttpConnection *connection)
{
  if (connection->blocked || okap_http_connection_get_unsent (connection) == 0)
    return;
  okap_http_connection_send (connection, NULL, 0);
  if (!connection->blocked)
    okap_http_server_watch_out (connection->server, connection, FALSE);
}

/**
 * okap_http_connection_receive:
 *
 * Returns: how many bytes came into @into; 0 if none are there now or the peer is gone
 */
gsize
okap_http_connection_receive (OkapHttpConnection *connection, char *into, gsize room)
{
  gssize n;

  do
    n = recv (connection->fd, into, room, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  connection->readable = n > 0 && (gsize) n == room;
  if (n == 0 || (n < 0 && errno != EAGAIN))
    connection->hung_up = TRUE;
  return n > 0 ? (gsize) n : 0;
}

static void
wait_for_head (OkapHttpConnection *connection)
{
  gint64 now_us = okap_http_server_get_now (connection->server);
  gboolean idle = connection->in_end == 0;

  if (connection->is_idle != idle || connection->read_deadline_us == G_MAXINT64)
    connection->read_deadline_us = now_us + (idle ? OKAP_CAP_IDLE_TIMEOUT_S
                                                  : OKAP_CAP_HEAD_TIMEOUT_S) * OKAP_SECOND_US;
  okap_http_server_set_idle (connection->server, connection, idle);
}

static void
begin_exchange (OkapHttpConnection *connection, const OkapHttpFault *fault)
{
  okap_http_server_set_idle (connection->server, connection, FALSE);
  connection->read_deadline_us = G_MAXINT64;
  connection->phase = OKAP_HTTP_CONNECTION_EXCHANGE;
  connection->in_pos = fault == NULL ? connection->scan.length : connection->in_end;
  okap_http_exchange_begin (&connection->exchange, fault);
}

static gboolean
step_head (OkapHttpConnection *connection)
{
  OkapHttpFault fault = { 0 };
  OkapHttpProgress progress = OKAP_HTTP_MORE;

  if (connection->in_end > 0)
    progress = okap_http_scan_head (&connection->scan, connection->in, connection->in_end, &fault);
  if (progress == OKAP_HTTP_BAD)
    {
      begin_exchange (connection, &fault);
      return TRUE;
    }
  if (progress == OKAP_HTTP_DONE)
    {
      if (connection->in_room < connection->scan.length + BODY_ROOM)
        resize_buffer (&connection->in, &connection->in_room, connection->in_end,
                       connection->in_room + BODY_ROOM);
      begin_exchange (connection, NULL);
      return TRUE;
    }

  if (!connection->readable)
    {
      wait_for_head (connection);
      return FALSE;
    }
  if (connection->in_end == connection->in_room)
    resize_buffer (&connection->in, &connection->in_room, connection->in_end,
                   MAX (IN_ROOM, connection->in_room * 2));
  connection->in_end += okap_http_connection_receive (connection,
                                                      connection->in + connection->in_end,
                                                      connection->in_room - connection->in_end);
  return TRUE;
}

static void
next_request (OkapHttpConnection *connection)
{
  gsize left = connection->in_end - connection->in_pos;

  memmove (connection->in, connection->in + connection->in_pos, left);
  connection->in_pos = 0;
  connection->in_end = left;
  if (connection->in_room > IN_ROOM && left <= IN_ROOM)
    resize_buffer (&connection->in, &connection->in_room, left, IN_ROOM);
  free_buffer (&connection->out, &connection->out_room);
  connection->scan = (OkapHttpScan) { 0 };
  connection->phase = OKAP_HTTP_CONNECTION_HEAD;
}

/* The answer is sent and the client may still be sending: closing now would reset the connection,
 * and the answer could be lost. */
static void
linger (OkapHttpConnection *connection)
{
  if (shutdown (connection->fd, SHUT_WR) != 0)
    {
      okap_http_connection_close (connection);
      return;
    }
  connection->phase = OKAP_HTTP_CONNECTION_LINGER;
  connection->read_deadline_us = okap_http_server_get_now (connection->server)
                                 + OKAP_CAP_LINGER_S * OKAP_SECOND_US;
}

static void
end_exchange (OkapHttpConnection *connection)
{
  OkapHttpExchange *exchange = &connection->exchange;

  connection->read_deadline_us = G_MAXINT64;
  okap_http_exchange_tell_closed (exchange);
  if (connection->hung_up)
    return;
  okap_http_body_skip (exchange);
  if (exchange->body_done && !connection->close_after)
    next_request (connection);
  else if (exchange->body_done && connection->in_pos == connection->in_end
           && !connection->readable)
    okap_http_connection_close (connection);
  else
    linger (connection);
}

static gboolean
step_exchange (OkapHttpConnection *connection)
{
  OkapHttpExchange *exchange = &connection->exchange;
  gsize unsent = okap_http_connection_get_unsent (connection);

  if (exchange->waits && exchange->answer == OKAP_HTTP_ANSWER_NONE)
    {
      if (okap_peer_get_caller (connection->peer) == NULL)
        return FALSE;
      connection->read_deadline_us = G_MAXINT64;
      okap_http_exchange_route (exchange);
      return TRUE;
    }
  if (exchange->answer == OKAP_HTTP_ANSWER_FINISHED)
    {
      if (unsent > 0)
        return FALSE;
      end_exchange (connection);
      return TRUE;
    }
  if (exchange->over_half && unsent < OKAP_CAP_STREAM_WINDOW_BYTES / 2)
    {
      exchange->over_half = FALSE;
      if (exchange->has_handler && exchange->handler.drained != NULL)
        exchange->handler.drained (exchange, exchange->user_data);
      return TRUE;
    }
  return okap_http_body_step (exchange);
}

static gboolean
step_linger (OkapHttpConnection *connection)
{
  while (connection->readable)
    {
      connection->lingered_bytes += okap_http_connection_receive (
        connection, connection->server->scratch, OKAP_HTTP_SCRATCH_BYTES);
      if (connection->lingered_bytes > OKAP_CAP_LINGER_BYTES)
        connection->hung_up = TRUE;
    }
  return connection->hung_up;
}

static gboolean
step (OkapHttpConnection *connection)
{
  if (connection->phase == OKAP_HTTP_CONNECTION_CLOSED)
    return FALSE;
  flush (connection);
  if (connection->hung_up)
    {
      if (connection->phase == OKAP_HTTP_CONNECTION_EXCHANGE)
        {
          okap_http_exchange_tell_gone (&connection->exchange);
          okap_http_exchange_tell_closed (&connection->exchange);
        }
      okap_http_connection_close (connection);
      return FALSE;
    }
  switch (connection->phase)
    {
    case OKAP_HTTP_CONNECTION_HEAD:
      return step_head (connection);
    case OKAP_HTTP_CONNECTION_EXCHANGE:
      return step_exchange (connection);
    case OKAP_HTTP_CONNECTION_LINGER:
      return step_linger (connection);
    case OKAP_HTTP_CONNECTION_CLOSED:
    default:
      return FALSE;
    }
}

/** okap_http_connection_run: does all that can be done now; never from within a callback */
void
okap_http_connection_run (OkapHttpConnection *connection)
{
  guint n_steps = 0;

  g_assert (!connection->running);

  connection->running = TRUE;
  while (step (connection) && ++n_steps < STEPS_MOST)
    ;
  connection->running = FALSE;
  if (n_steps == STEPS_MOST)
    okap_http_server_schedule (connection->server, connection);
}

/** okap_http_connection_expire: what has waited beyond its deadline ends; to be run afterwards */
void
okap_http_connection_expire (OkapHttpConnection *connection, gint64 now_us)
{
  static const OkapHttpFault late_head = {
    .status = 408, .code = OKAP_ERROR_INVALID_REQUEST,
    .words = "Expected the whole head of the request within 10 seconds",
  };
  static const OkapHttpFault late_body = {
    .status = 408, .code = OKAP_ERROR_INVALID_REQUEST,
    .words = "Expected more of the request's body within 60 seconds",
  };

  static const OkapHttpFault late_identity = {
    .status = 503, .code = OKAP_ERROR_BUSY,
    .words = "Okap could not find out in time which program asks; try again",
  };

  if (connection->write_deadline_us <= now_us)
    {
      connection->hung_up = TRUE;
      return;
    }
  if (connection->read_deadline_us > now_us)
    return;
  connection->read_deadline_us = G_MAXINT64;
  if (connection->phase == OKAP_HTTP_CONNECTION_HEAD && connection->in_end > 0)
    begin_exchange (connection, &late_head);
  else if (connection->phase == OKAP_HTTP_CONNECTION_EXCHANGE
           && connection->exchange.answer == OKAP_HTTP_ANSWER_NONE)
    okap_http_exchange_refuse_fault (&connection->exchange,
                                     connection->exchange.waits ? &late_identity : &late_body);
  else
    connection->hung_up = TRUE;
}
