/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chunked transfer coding (RFC 9112 7.1) of a request's body, read strictly: the size is hex
 * digits with CR LF or ";" right behind them, extensions and trailers are dropped but bounded,
 * data must be followed by CR LF. Pure, no allocation.
 *
 *   SIZE ──;──▶ EXTENSION ──CR──▶ SIZE_LF ──▶ DATA ──▶ DATA_CR ──▶ DATA_LF ──▶ SIZE
 *    └────────CR───────────────────▲  │ size 0
 *                                     ▼
 *                       TRAILER ◀──▶ TRAILER_LF ──empty line──▶ END
 */
#include "config.h"

#include "okap-http-parse.h"

#include <string.h>

#define SIZE_DIGITS_MOST 15
#define LINE_BYTES_MOST 256
#define EXTRA_BYTES_MOST (8 * 1024)

enum
{
  STATE_SIZE,
  STATE_EXTENSION,
  STATE_SIZE_LF,
  STATE_DATA,
  STATE_DATA_CR,
  STATE_DATA_LF,
  STATE_TRAILER,
  STATE_TRAILER_LF,
  STATE_END,
  STATE_BROKEN,
};

static void
enter (OkapHttpChunks *chunks, guint state)
{
  chunks->state = state;
  chunks->line_bytes = 0;
}

/* A byte of an extension or trailer: dropped, if it is text and within bounds. */
static guint
drop (OkapHttpChunks *chunks, char c, guint at_cr)
{
  if (c == '\r')
    return at_cr;
  if (((guchar) c < ' ' && c != '\t') || c == 0x7F)
    return STATE_BROKEN;
  if (++chunks->line_bytes > LINE_BYTES_MOST || ++chunks->extra_bytes > EXTRA_BYTES_MOST)
    return STATE_BROKEN;
  return chunks->state;
}

static void
read_size (OkapHttpChunks *chunks, char c)
{
  int digit = g_ascii_xdigit_value (c);

  if (digit >= 0)
    {
      if (++chunks->n_digits > SIZE_DIGITS_MOST)
        chunks->state = STATE_BROKEN;
      chunks->left = chunks->left << 4 | (guint) digit;
    }
  else if (chunks->n_digits > 0 && c == ';')
    enter (chunks, STATE_EXTENSION);
  else if (chunks->n_digits > 0 && c == '\r')
    chunks->state = STATE_SIZE_LF;
  else
    chunks->state = STATE_BROKEN;
}

/* One byte of framing. */
static void
read_framing (OkapHttpChunks *chunks, char c)
{
  switch (chunks->state)
    {
    case STATE_SIZE:
      read_size (chunks, c);
      break;
    case STATE_EXTENSION:
      chunks->state = drop (chunks, c, STATE_SIZE_LF);
      break;
    case STATE_SIZE_LF:
      chunks->n_digits = 0;
      if (c != '\n')
        chunks->state = STATE_BROKEN;
      else
        enter (chunks, chunks->left > 0 ? STATE_DATA : STATE_TRAILER);
      break;
    case STATE_DATA_CR:
      chunks->state = c == '\r' ? STATE_DATA_LF : STATE_BROKEN;
      break;
    case STATE_DATA_LF:
      chunks->state = c == '\n' ? STATE_SIZE : STATE_BROKEN;
      break;
    case STATE_TRAILER:
      chunks->state = drop (chunks, c, STATE_TRAILER_LF);
      break;
    case STATE_TRAILER_LF:
      if (c != '\n')
        chunks->state = STATE_BROKEN;
      else
        enter (chunks, chunks->line_bytes == 0 ? STATE_END : STATE_TRAILER);
      break;
    default:
      chunks->state = STATE_BROKEN;
      break;
    }
}

/**
 * okap_http_chunks_decode:
 * @data: the next bytes of the body as they came; the data in them is moved to their front
 * @out_decoded: how many bytes of data stand there now
 * @out_used: how many of @length were read; fewer than all only at the end of the body
 *
 * Returns: %OKAP_HTTP_DONE when the body is complete; after %OKAP_HTTP_BAD nothing can be read
 */
OkapHttpProgress
okap_http_chunks_decode (OkapHttpChunks *chunks, char *data, gsize length, gsize *out_decoded,
                         gsize *out_used)
{
  gsize in = 0, out = 0;

  while (in < length && chunks->state < STATE_END)
    {
      gsize n;

      if (chunks->state != STATE_DATA)
        {
          read_framing (chunks, data[in++]);
          continue;
        }
      n = (gsize) MIN (chunks->left, length - in);
      memmove (data + out, data + in, n);
      in += n;
      out += n;
      chunks->left -= n;
      if (chunks->left == 0)
        chunks->state = STATE_DATA_CR;
    }

  *out_decoded = out;
  *out_used = in;
  if (chunks->state == STATE_BROKEN)
    return OKAP_HTTP_BAD;
  return chunks->state == STATE_END ? OKAP_HTTP_DONE : OKAP_HTTP_MORE;
}
