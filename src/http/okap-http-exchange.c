/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request and its answer, as handlers see them. Server thread; embedded in its connection and
 * used again for each request.
 *
 *   NONE ──start()──▶ STARTED ──finish(), abort()──▶ FINISHED ──all sent──▶ closed()
 *     └────────────respond(), refuse(), abort()─────────▲
 *
 * The functions here send what the socket takes at once, but leave everything that leads to a
 * callback to the next run of the connection, so that a handler is never called from within its
 * own call. What comes after FINISHED, or after the client is gone, does nothing. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "okap-answer-json.h"
#include "okap-http-body.h"
#include "okap-http-private.h"

#define HEAD_PARTS 4  /* of an answer */

/* Whether something can still be said in this exchange. */
static gboolean
is_open (const OkapHttpExchange *exchange)
{
  const OkapHttpConnection *connection = exchange->connection;

  g_assert (connection->server->thread == NULL
            || connection->server->thread == g_thread_self ());
  return connection->phase == OKAP_HTTP_CONNECTION_EXCHANGE && !connection->hung_up
         && exchange->answer != OKAP_HTTP_ANSWER_FINISHED;
}

static struct iovec
part (const char *data, gsize length)
{
  return (struct iovec) { .iov_base = (gpointer) data, .iov_len = length };
}

static void
reset (OkapHttpExchange *exchange)
{
  g_assert (!exchange->has_handler);

  exchange->waits = FALSE;
  okap_http_page_clear (exchange);
  exchange->body_limit = OKAP_CAP_REQUEST_BYTES;
  exchange->body_bytes = 0;
  exchange->body_done = exchange->body_told = FALSE;
  exchange->paused = FALSE;
  exchange->chunks = (OkapHttpChunks) { 0 };
  exchange->answer = OKAP_HTTP_ANSWER_NONE;
  exchange->no_body = exchange->chunked = exchange->over_half = FALSE;
  exchange->answer_left = 0;
}

/* Which program is at the other end is known now; or it is not the one that we took it for, and
 * whoever it is gets no more of the answer. */
static void
peer_cb (OkapPeer *peer, OkapPeerNews news, gpointer user_data)
{
  OkapHttpConnection *connection = user_data;
  const struct linger reset_now = { .l_onoff = 1, .l_linger = 0 };

  if (news == OKAP_PEER_IDENTIFIED)
    {
      okap_http_server_schedule (connection->server, connection);
      return;
    }
  (void) setsockopt (connection->fd, SOL_SOCKET, SO_LINGER, &reset_now, sizeof reset_now);
  okap_http_connection_break (connection);
}

/**
 * okap_http_exchange_begin:
 * @scan_fault: (nullable): why there is no head; NULL if it stands complete at the front of the
 *   connection's buffer
 */
void
okap_http_exchange_begin (OkapHttpExchange *exchange, const OkapHttpFault *scan_fault)
{
  OkapHttpConnection *connection = exchange->connection;
  OkapHttpRequest *request = &exchange->request;
  OkapHttpFault fault;

  reset (exchange);
  if (scan_fault != NULL)
    {
      okap_http_exchange_refuse_fault (exchange, scan_fault);
      return;
    }
  if (!okap_http_parse_head (request, connection->in, connection->scan.length, &fault)
      || !okap_http_guard_check (request, connection->names, &fault))
    {
      exchange->no_body = g_strcmp0 (request->head.method, "HEAD") == 0;
      okap_http_exchange_refuse_fault (exchange, &fault);
      return;
    }
  exchange->no_body = strcmp (request->head.method, "HEAD") == 0;
  exchange->body_done = request->head.content_length == 0;
  connection->close_after = !request->keep_alive;
  if (okap_peer_get_caller (connection->peer) != NULL
      || okap_peer_identify (connection->peer, peer_cb, connection))
    {
      okap_http_exchange_route (exchange);
      return;
    }
  exchange->waits = TRUE;
  connection->read_deadline_us = okap_http_server_get_now (connection->server)
                                 + OKAP_CAP_IDENTIFY_TIMEOUT_S * OKAP_SECOND_US;
}

/** okap_http_exchange_route: whose program is known gives its request to who serves it */
void
okap_http_exchange_route (OkapHttpExchange *exchange)
{
  OkapHttpServer *server = exchange->connection->server;
  const OkapHttpHead *head = &exchange->request.head;

  exchange->waits = FALSE;
  if (!okap_http_page_admit (exchange))
    return;
  server->route (exchange, head, server->user_data);
  if (!exchange->has_handler && exchange->answer == OKAP_HTTP_ANSWER_NONE)
    {
      g_autoptr (GError) error = g_error_new (OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                                              "Nothing answers %s here", head->method);

      okap_http_exchange_refuse (exchange, error, 0);
    }
}

/**
 * okap_http_exchange_set_handler:
 * @handler: copied
 * @user_data: until closed(), which is called even if the answer is complete already
 */
void
okap_http_exchange_set_handler (OkapHttpExchange *exchange, const OkapHttpHandler *handler,
                                gpointer user_data)
{
  g_return_if_fail (!exchange->has_handler && handler->closed != NULL);
  g_return_if_fail (exchange->connection->phase == OKAP_HTTP_CONNECTION_EXCHANGE);

  exchange->handler = *handler;
  exchange->user_data = user_data;
  exchange->has_handler = TRUE;
  okap_http_server_schedule (exchange->connection->server, exchange->connection);
}

/** okap_http_exchange_get_head: (transfer none): the request; lent until closed() */
const OkapHttpHead *
okap_http_exchange_get_head (OkapHttpExchange *exchange)
{
  return &exchange->request.head;
}

OkapCaller *
okap_http_exchange_get_caller (OkapHttpExchange *exchange)
{
  return exchange->page != NULL ? exchange->page
                                : okap_peer_get_caller (exchange->connection->peer);
}

/** okap_http_exchange_set_body_limit: a longer body is refused with 413 */
void
okap_http_exchange_set_body_limit (OkapHttpExchange *exchange, gsize most_bytes)
{
  exchange->body_limit = MIN (most_bytes, (gsize) G_MAXINT64);
}

void
okap_http_exchange_pause (OkapHttpExchange *exchange)
{
  exchange->paused = TRUE;
}

void
okap_http_exchange_resume (OkapHttpExchange *exchange)
{
  if (!exchange->paused)
    return;
  exchange->paused = FALSE;
  if (is_open (exchange))
    okap_http_server_schedule (exchange->connection->server, exchange->connection);
}

/* An answer that could not be sent is not complete: then gone() follows. */
static void
set_finished (OkapHttpExchange *exchange)
{
  if (exchange->connection->hung_up)
    return;
  exchange->answer = OKAP_HTTP_ANSWER_FINISHED;
  okap_http_server_schedule (exchange->connection->server, exchange->connection);
}

/* Whether the lines @headers have a Date of their own, as those of a provider's answer do. */
static gboolean
has_date (const char *headers)
{
  for (const char *line = headers; line != NULL && *line != '\0';)
    {
      const char *end = strchr (line, '\n');

      if (g_ascii_strncasecmp (line, "date:", 5) == 0)
        return TRUE;
      line = end != NULL ? end + 1 : NULL;
    }
  return FALSE;
}

/* The head of the answer as HEAD_PARTS parts; the first uses @room. */
static void
make_head (OkapHttpExchange *exchange, guint status, const char *headers, gint64 content_length,
           char *room, struct iovec *parts)
{
  OkapHttpConnection *connection = exchange->connection;
  const char *date = has_date (headers) ? NULL : okap_http_server_get_date (connection->server);

  parts[0] = part (room, okap_http_answer_format_head (room, status, date, content_length,
                                                       exchange->chunked,
                                                       connection->close_after));
  parts[1] = part (headers, strlen (headers));
  parts[2] = part (exchange->page_headers, exchange->page_headers != NULL
                                             ? strlen (exchange->page_headers) : 0);
  parts[3] = part ("\r\n", 2);
}

/**
 * okap_http_exchange_respond:
 * @headers: (nullable): lines; NULL for %OKAP_HTTP_JSON_HEADERS
 * @body: (nullable): of @length bytes; not sent if the request was HEAD
 */
void
okap_http_exchange_respond (OkapHttpExchange *exchange, guint status, const char *headers,
                            const char *body, gsize length)
{
  OkapHttpConnection *connection = exchange->connection;
  struct iovec parts[HEAD_PARTS + 1];
  char room[OKAP_HTTP_HEAD_ROOM];

  if (!is_open (exchange))
    return;
  if (exchange->answer == OKAP_HTTP_ANSWER_STARTED)
    {
      okap_http_exchange_abort (exchange);
      return;
    }
  if (!okap_http_body_is_buffered (exchange))
    connection->close_after = TRUE;
  exchange->no_body |= okap_http_status_has_no_body (status);

  make_head (exchange, status, headers != NULL ? headers : OKAP_HTTP_JSON_HEADERS,
             (gint64) length, room, parts);
  parts[HEAD_PARTS] = part (body, exchange->no_body ? 0 : length);
  okap_http_connection_send (connection, parts, HEAD_PARTS + 1);
  set_finished (exchange);
}

/**
 * okap_http_exchange_start:
 * @content_length: -1 if it is not known
 */
void
okap_http_exchange_start (OkapHttpExchange *exchange, guint status, const char *headers,
                          gint64 content_length)
{
  OkapHttpConnection *connection = exchange->connection;
  struct iovec parts[HEAD_PARTS];
  char room[OKAP_HTTP_HEAD_ROOM];

  if (!is_open (exchange))
    return;
  g_return_if_fail (exchange->answer == OKAP_HTTP_ANSWER_NONE);

  exchange->answer = OKAP_HTTP_ANSWER_STARTED;
  exchange->no_body |= okap_http_status_has_no_body (status);
  exchange->answer_left = content_length;
  exchange->chunked = content_length < 0 && !exchange->no_body && exchange->request.minor > 0;
  if (content_length < 0 && !exchange->no_body && !exchange->chunked)
    connection->close_after = TRUE;  /* HTTP/1.0: the end of the connection ends the answer */

  make_head (exchange, status, headers != NULL ? headers : OKAP_HTTP_JSON_HEADERS, content_length,
             room, parts);
  okap_http_connection_hold (connection, parts, HEAD_PARTS);
}

/* The line before a chunk. */
static gsize
format_chunk_size (char *room, gsize length)
{
  static const char digits[] = "0123456789abcdef";
  gsize n = 0;
  guint shift = 60;

  while (shift > 0 && (length >> shift) == 0)
    shift -= 4;
  for (;; shift -= 4)
    {
      room[n++] = digits[length >> shift & 15];
      if (shift == 0)
        break;
    }
  room[n++] = '\r';
  room[n++] = '\n';
  return n;
}

/**
 * okap_http_exchange_write:
 *
 * Sends @data at once as far as the socket takes it.
 *
 * Returns: how many bytes are unsent now
 */
gsize
okap_http_exchange_write (OkapHttpExchange *exchange, const char *data, gsize length)
{
  OkapHttpConnection *connection = exchange->connection;
  char size[20];
  struct iovec parts[3];
  gsize unsent;

  if (!is_open (exchange))
    return 0;
  g_return_val_if_fail (exchange->answer == OKAP_HTTP_ANSWER_STARTED, 0);

  if (exchange->no_body || length == 0)
    return okap_http_connection_get_unsent (connection);
  if (exchange->answer_left >= 0 && length > (gsize) exchange->answer_left)
    {
      okap_http_exchange_abort (exchange);
      return 0;
    }

  parts[0] = part (data, length);
  if (exchange->chunked)
    {
      parts[0] = part (size, format_chunk_size (size, length));
      parts[1] = part (data, length);
      parts[2] = part ("\r\n", 2);
    }
  if (exchange->answer_left >= 0)
    exchange->answer_left -= (gint64) length;
  okap_http_connection_send (connection, parts, exchange->chunked ? 3 : 1);

  unsent = okap_http_connection_get_unsent (connection);
  if (unsent >= OKAP_CAP_STREAM_WINDOW_BYTES / 2)
    exchange->over_half = TRUE;
  return unsent;
}

/**
 * okap_http_exchange_finish:
 * @trailers: (nullable): lines; dropped unless the answer is chunked
 *
 * Ends the answer. One that is shorter than it said breaks the connection.
 */
void
okap_http_exchange_finish (OkapHttpExchange *exchange, const char *trailers)
{
  struct iovec parts[3];

  if (!is_open (exchange))
    return;
  g_return_if_fail (exchange->answer == OKAP_HTTP_ANSWER_STARTED);

  if (exchange->answer_left > 0 && !exchange->no_body)
    {
      okap_http_exchange_abort (exchange);
      return;
    }
  if (exchange->chunked)
    {
      parts[0] = part ("0\r\n", 3);
      parts[1] = part (trailers, trailers != NULL ? strlen (trailers) : 0);
      parts[2] = part ("\r\n", 2);
      okap_http_connection_send (exchange->connection, parts, 3);
    }
  set_finished (exchange);
}

void
okap_http_exchange_abort (OkapHttpExchange *exchange)
{
  const struct linger reset_now = { .l_onoff = 1, .l_linger = 0 };

  if (!is_open (exchange))
    return;
  /* Where the end of the connection would look like the end of the answer, it is reset. */
  if (exchange->answer == OKAP_HTTP_ANSWER_STARTED && exchange->answer_left < 0
      && !exchange->chunked)
    (void) setsockopt (exchange->connection->fd, SOL_SOCKET, SO_LINGER, &reset_now,
                       sizeof reset_now);
  exchange->answer = OKAP_HTTP_ANSWER_FINISHED;
  okap_http_connection_break (exchange->connection);
}

static void
refuse (OkapHttpExchange *exchange, const GError *error, guint status, guint retry_after_s,
        OkapErrorForm form)
{
  g_autofree char *body = okap_answer_format_error (error, form);
  char headers[256];
  gsize n;

  n = g_strlcpy (headers, OKAP_HTTP_JSON_HEADERS, sizeof headers);
  if (!okap_error_is_retryable (error))
    n = g_strlcat (headers, "x-should-retry: false\r\n", sizeof headers);
  if (retry_after_s > 0)
    g_snprintf (headers + n, sizeof headers - n, "Retry-After: %u\r\n", retry_after_s);
  okap_http_exchange_respond (exchange, status, headers, body, strlen (body));
}

void
okap_http_exchange_refuse (OkapHttpExchange *exchange, const GError *error, guint retry_after_s)
{
  okap_http_exchange_refuse_as (exchange, error, retry_after_s, OKAP_ERROR_FORM_COMMON);
}

void
okap_http_exchange_refuse_as (OkapHttpExchange *exchange, const GError *error, guint retry_after_s,
                              OkapErrorForm form)
{
  if (!is_open (exchange))
    return;
  refuse (exchange, error, okap_error_get_http_status (error), retry_after_s, form);
}

/**
 * okap_http_exchange_refuse_fault:
 *
 * The server's own refusal; what the client sends after it is not trusted, so the connection ends.
 */
void
okap_http_exchange_refuse_fault (OkapHttpExchange *exchange, const OkapHttpFault *fault)
{
  g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, (int) fault->code, fault->words);

  if (!is_open (exchange))
    return;
  exchange->connection->close_after = TRUE;
  refuse (exchange, error, fault->status, 0, OKAP_ERROR_FORM_COMMON);
}

/** okap_http_exchange_tell_gone: the client hung up; nothing to tell if the answer was complete */
void
okap_http_exchange_tell_gone (OkapHttpExchange *exchange)
{
  if (exchange->answer == OKAP_HTTP_ANSWER_FINISHED)
    return;
  exchange->answer = OKAP_HTTP_ANSWER_FINISHED;
  if (exchange->has_handler && exchange->handler.gone != NULL)
    exchange->handler.gone (exchange, exchange->user_data);
}

/** okap_http_exchange_tell_closed: the last word to the handler, if there is one */
void
okap_http_exchange_tell_closed (OkapHttpExchange *exchange)
{
  exchange->answer = OKAP_HTTP_ANSWER_FINISHED;
  if (!exchange->has_handler)
    return;
  exchange->has_handler = FALSE;
  exchange->handler.closed (exchange, exchange->user_data);
}
