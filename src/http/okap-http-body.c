/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a request, from the socket to the handler. Server thread.
 *
 * Nothing is collected: each piece that was read is handed on and forgotten, and while the handler
 * is paused nothing is read, so that the client's TCP window closes. A body of known length is
 * read into the server's scratch room and never beyond its end; a chunked one behind the head in
 * the connection's own buffer, where what belongs to the next request can stay. */
#include "config.h"

#include "okap-http-body.h"

static void
deliver (OkapHttpExchange *exchange, const char *data, gsize length)
{
  static const OkapHttpFault too_large = {
    .status = 413, .code = OKAP_ERROR_TOO_LARGE,
    .words = "The request's body is larger than this path takes",
  };

  exchange->body_bytes += (gint64) length;
  if ((guint64) exchange->body_bytes > exchange->body_limit
      || exchange->request.head.content_length > (gint64) exchange->body_limit)
    {
      okap_http_exchange_refuse_fault (exchange, &too_large);
      return;
    }
  if (length == 0 && !exchange->body_done)
    return;
  exchange->body_told = exchange->body_done;
  exchange->handler.body (exchange, data, length, exchange->body_done, exchange->user_data);
}

/* Bytes of a body whose length is known; never more than are left of it. */
static void
take_plain (OkapHttpExchange *exchange, const char *data, gsize length)
{
  exchange->body_done = exchange->body_bytes + (gint64) length
                        == exchange->request.head.content_length;
  deliver (exchange, data, length);
}

static void
take_chunked (OkapHttpExchange *exchange)
{
  static const OkapHttpFault malformed = {
    .status = 400, .code = OKAP_ERROR_INVALID_REQUEST,
    .words = "Expected the body in chunks as RFC 9112 section 7.1 describes them",
  };
  OkapHttpConnection *connection = exchange->connection;
  char *data = connection->in + connection->in_pos;
  gsize decoded, used;
  OkapHttpProgress progress;

  progress = okap_http_chunks_decode (&exchange->chunks, data,
                                      connection->in_end - connection->in_pos, &decoded, &used);
  connection->in_pos += used;
  if (progress == OKAP_HTTP_BAD)
    {
      okap_http_exchange_refuse_fault (exchange, &malformed);
      return;
    }
  exchange->body_done = progress == OKAP_HTTP_DONE;
  deliver (exchange, data, decoded);
}

static gsize
get_left (const OkapHttpExchange *exchange)
{
  return (gsize) (exchange->request.head.content_length - exchange->body_bytes);
}

static void
take_buffered (OkapHttpExchange *exchange)
{
  OkapHttpConnection *connection = exchange->connection;
  const char *data = connection->in + connection->in_pos;
  gsize n = connection->in_end - connection->in_pos;

  if (exchange->request.head.content_length < 0)
    {
      take_chunked (exchange);
      return;
    }
  n = MIN (n, get_left (exchange));
  connection->in_pos += n;
  take_plain (exchange, data, n);
}

static void
receive (OkapHttpExchange *exchange)
{
  OkapHttpConnection *connection = exchange->connection;
  gsize n;

  if (exchange->request.head.content_length >= 0)
    {
      char *scratch = connection->server->scratch;

      n = okap_http_connection_receive (connection, scratch,
                                        MIN (OKAP_HTTP_SCRATCH_BYTES, get_left (exchange)));
      if (n > 0)
        take_plain (exchange, scratch, n);
    }
  else
    {
      connection->in_pos = connection->in_end = connection->scan.length;
      n = okap_http_connection_receive (connection, connection->in + connection->in_end,
                                        connection->in_room - connection->in_end);
      connection->in_end += n;
    }
  if (n > 0)
    connection->read_deadline_us = G_MAXINT64;
}

static void
wait (OkapHttpExchange *exchange)
{
  static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  OkapHttpConnection *connection = exchange->connection;

  if (exchange->request.expect_continue && exchange->body_bytes == 0
      && exchange->answer == OKAP_HTTP_ANSWER_NONE)
    {
      struct iovec part = { .iov_base = go_on, .iov_len = sizeof go_on - 1 };

      exchange->request.expect_continue = FALSE;
      okap_http_connection_send (connection, &part, 1);
    }
  if (connection->read_deadline_us == G_MAXINT64)
    connection->read_deadline_us = okap_http_server_get_now (connection->server)
                                   + OKAP_CAP_BODY_TIMEOUT_S * OKAP_SECOND_US;
}

/**
 * okap_http_body_step:
 *
 * Hands the next piece of the body to the handler, if it wants one and one is there.
 *
 * Returns: whether something was done, so that more may be possible
 */
gboolean
okap_http_body_step (OkapHttpExchange *exchange)
{
  OkapHttpConnection *connection = exchange->connection;

  if (!exchange->has_handler || exchange->handler.body == NULL || exchange->paused
      || exchange->body_told)
    {
      connection->read_deadline_us = G_MAXINT64;
      return FALSE;
    }
  if (exchange->body_done || exchange->request.head.content_length > (gint64) exchange->body_limit)
    deliver (exchange, "", 0);
  else if (connection->in_pos < connection->in_end)
    take_buffered (exchange);
  else if (connection->readable)
    receive (exchange);
  else
    {
      wait (exchange);
      return connection->hung_up;
    }
  return TRUE;
}

/** okap_http_body_is_buffered: whether the rest of the body is here already */
gboolean
okap_http_body_is_buffered (const OkapHttpExchange *exchange)
{
  const OkapHttpConnection *connection = exchange->connection;

  return exchange->body_done
         || (exchange->request.head.content_length > 0
             && connection->in_end - connection->in_pos >= get_left (exchange));
}

/** okap_http_body_skip: drops the rest of the body if it is here */
void
okap_http_body_skip (OkapHttpExchange *exchange)
{
  if (exchange->body_done || !okap_http_body_is_buffered (exchange))
    return;
  exchange->connection->in_pos += get_left (exchange);
  exchange->body_done = TRUE;
}
