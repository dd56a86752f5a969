/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a request: held whole while it must be read, or as a queue between app and provider.
 * All bodies together are bounded; what does not fit is refused before it is allocated. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-exchange.h"

#define ROOM_LEAST 4096
#define ROOM_AT_ONCE (1024 * 1024)  /* for a body that was announced, before it comes */
#define ROOM_KEPT (2 * OKAP_CAP_STREAM_WINDOW_BYTES)

static void
set_room (OkapExchange *exchange, gsize room)
{
  exchange->proxy->held_bytes += room;
  exchange->proxy->held_bytes -= exchange->body_room;
  exchange->body = g_realloc (exchange->body, room);
  exchange->body_room = room;
}

/**
 * okap_exchange_digest_body:
 *
 * The next bytes of the body as the app sent them. What leaves while it comes is never changed, so
 * one digest speaks for both ends; of what Okap changes, okap_exchange_edit_body() makes the other.
 */
void
okap_exchange_digest_body (OkapExchange *exchange, const char *data, gsize length)
{
  if (!exchange->counted)
    return;
  if (exchange->body_done && exchange->digester == NULL)  /* all at once, as most do */
    {
      if (length > 0)
        exchange->digest_in = okap_body_digest_of (data, length);
      return;
    }
  if (exchange->digester == NULL)
    exchange->digester = okap_body_digester_new ();
  okap_body_digester_feed (exchange->digester, data, length);
  if (!exchange->body_done)
    return;
  if (exchange->bytes_in > 0)
    exchange->digest_in = okap_body_digester_end (exchange->digester);
  g_clear_pointer (&exchange->digester, okap_body_digester_free);
}

/** okap_exchange_append_body: FALSE: all bodies together would be more than may be held */
gboolean
okap_exchange_append_body (OkapExchange *exchange, const char *data, gsize length)
{
  gsize needed = exchange->body_end + length;
  gsize room = exchange->body_room;

  if (length == 0)
    return TRUE;
  if (needed > room)
    {
      gint64 announced = okap_http_exchange_get_head (exchange->http)->content_length;

      /* The announced length is right for a body that is gathered, but who announces much and
       * sends little must not hold the room of others. */
      room = MAX (room * 2, ROOM_LEAST);
      if (!exchange->streams_up && announced > 0)
        room = MIN (MAX (room, ROOM_AT_ONCE), (gsize) announced);
      room = MAX (room, needed);
      if (exchange->proxy->held_bytes - exchange->body_room + room > OKAP_CAP_PROXY_BODIES_BYTES)
        return FALSE;
      set_room (exchange, room);
    }
  memcpy (exchange->body + exchange->body_end, data, length);
  exchange->body_end = needed;
  return TRUE;
}

/** okap_exchange_read_body: see OkapTransferHandler.read */
gssize
okap_exchange_read_body (OkapExchange *exchange, char *room, gsize length)
{
  gsize waiting = exchange->body_end - exchange->body_pos;

  length = MIN (length, waiting);
  if (length == 0)
    return exchange->body_done ? OKAP_TRANSFER_READ_END : 0;
  memcpy (room, exchange->body + exchange->body_pos, length);
  exchange->body_pos += length;
  waiting -= length;
  if (waiting == 0)
    {
      exchange->body_pos = exchange->body_end = 0;
      if (exchange->body_room > ROOM_KEPT)
        okap_exchange_drop_body (exchange);
    }
  if (exchange->app_paused && waiting < OKAP_CAP_STREAM_WINDOW_BYTES / 2)
    {
      exchange->app_paused = FALSE;
      okap_http_exchange_resume (exchange->http);
    }
  return (gssize) length;
}

/** okap_exchange_drop_body: forgets what is not sent */
void
okap_exchange_drop_body (OkapExchange *exchange)
{
  exchange->proxy->held_bytes -= exchange->body_room;
  g_clear_pointer (&exchange->body, g_free);
  exchange->body_room = exchange->body_pos = exchange->body_end = 0;
}

/** okap_exchange_edit_body: of a body that is held whole and not sent yet */
void
okap_exchange_edit_body (OkapExchange *exchange, const OkapBodyEdits *edits)
{
  gsize length = okap_body_edits_get_length (edits, exchange->body_end);
  char *edited = g_malloc (length);

  okap_body_edits_apply (edits, exchange->body, exchange->body_end, edited);
  exchange->digest_out = okap_body_digest_of (edited, length);
  okap_exchange_drop_body (exchange);
  exchange->proxy->held_bytes += length;
  exchange->body = edited;
  exchange->body_room = exchange->body_end = length;
}
