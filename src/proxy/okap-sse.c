/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-sent events, incrementally. The bytes of data lines are handed on where they lie, so an
 * event of any size costs no memory, and pieces may be cut anywhere. Line ends are CR, LF or CRLF;
 * several data lines of one event are joined by a line feed.
 *
 *   START ──▶ NAME ──:──▶ SPACE ──▶ VALUE (field "data": handed on; any other: passed over)
 *     ▲                               │ line end
 *     └───────────────────────────────┘      an empty line ends the event
 */
#include "config.h"

#include "okap-sse.h"

#include <string.h>

enum
{
  STATE_START,  /* at the start of a line */
  STATE_NAME,   /* in a field's name */
  STATE_SPACE,  /* behind the colon of a data line: one space is not part of the value */
  STATE_VALUE,  /* in the value of a data line */
  STATE_OTHER,  /* in a comment or the value of another field */
};

static const char byte_order_mark[] = "\xEF\xBB\xBF";

void
okap_sse_init (OkapSse *sse)
{
  memset (sse, 0, sizeof *sse);
}

static void
end_line (OkapSse *sse, const OkapSseHandler *handler, gpointer user_data)
{
  if (sse->state != STATE_START)
    {
      sse->state = STATE_START;
      return;
    }
  /* An empty line. */
  if (sse->has_data && handler->end != NULL)
    handler->end (user_data);
  sse->has_data = FALSE;
  sse->has_line = FALSE;
}

static void
begin_value (OkapSse *sse, const OkapSseHandler *handler, gpointer user_data)
{
  if (sse->field_length != 4 || memcmp (sse->field, "data", 4) != 0)
    {
      sse->state = STATE_OTHER;
      return;
    }
  if (sse->has_data && handler->data != NULL)
    handler->data ("\n", 1, user_data);
  sse->has_data = TRUE;
  sse->state = STATE_SPACE;
}

/* One byte that is no line end, outside of values. */
static void
feed_name (OkapSse *sse, char c, const OkapSseHandler *handler, gpointer user_data)
{
  if (sse->state == STATE_START)
    {
      if (!sse->has_line && sse->bom < 3 && c == byte_order_mark[sse->bom])
        {
          sse->bom++;
          return;
        }
      sse->bom = 3;
      sse->has_line = TRUE;
      sse->field_length = 0;
      sse->state = STATE_NAME;
    }
  if (c == ':')
    begin_value (sse, handler, user_data);
  else if (sse->field_length < sizeof sse->field)
    sse->field[sse->field_length++] = c;
}

/* How many bytes from @p on belong to the same line. */
static gsize
line_rest (const char *p, gsize length)
{
  const char *lf = memchr (p, '\n', length);
  const char *cr = memchr (p, '\r', lf != NULL ? (gsize) (lf - p) : length);

  return cr != NULL ? (gsize) (cr - p) : lf != NULL ? (gsize) (lf - p) : length;
}

/**
 * okap_sse_feed:
 * @data: the next bytes of the stream, cut anywhere
 *
 * Tells @handler what they hold, before it returns.
 */
void
okap_sse_feed (OkapSse *sse, const char *data, gsize length, const OkapSseHandler *handler,
               gpointer user_data)
{
  const char *end = data + length;

  while (data < end)
    {
      gsize rest;

      if (*data == '\n' || *data == '\r')
        {
          if (!(*data == '\n' && sse->after_cr))
            end_line (sse, handler, user_data);
          sse->after_cr = *data++ == '\r';
          continue;
        }
      sse->after_cr = FALSE;
      if (sse->state == STATE_START || sse->state == STATE_NAME)
        {
          feed_name (sse, *data++, handler, user_data);
          continue;
        }
      if (sse->state == STATE_SPACE)
        {
          sse->state = STATE_VALUE;
          if (*data == ' ')
            {
              data++;
              continue;
            }
        }
      rest = line_rest (data, (gsize) (end - data));
      if (sse->state == STATE_VALUE && handler->data != NULL)
        handler->data (data, rest, user_data);
      data += rest;
    }
}

/**
 * okap_sse_is_between_events:
 *
 * Returns: whether the last byte ended an event, so that another event may be written here
 */
gboolean
okap_sse_is_between_events (const OkapSse *sse)
{
  return sse->state == STATE_START && !sse->has_line;
}
