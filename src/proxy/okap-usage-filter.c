/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When Okap asks a provider for the usage of a stream (stream_options.include_usage) and the app
 * did not, the app must not see it: code that reads choices[0] falls over the extra event, whose
 * "choices" are empty. That event is dropped, and from the others "usage":null is cut out;
 * every other byte passes as it came: comments, pings, line ends of any form, events that are not
 * understood. An event is held until its end is there, but never more than HELD_MOST of it; a
 * longer one passes unread. Belongs to whoever made it. */
#include "config.h"

#include "okap-usage-filter.h"

#include <string.h>

#include "okap-json.h"

#define HELD_MOST (256 * 1024)

OkapUsageFilter *
okap_usage_filter_new (void)
{
  OkapUsageFilter *filter = g_new0 (OkapUsageFilter, 1);

  filter->held = g_string_sized_new (1024);
  filter->line_empty = TRUE;
  return filter;
}

void
okap_usage_filter_free (OkapUsageFilter *filter)
{
  g_string_free (filter->held, TRUE);
  g_free (filter);
}

/* Where in the event its one line of data stands; FALSE if there are none or several. */
static gboolean
find_data (const char *event, gsize length, gsize *out_line, gsize *out_data, gsize *out_end)
{
  gboolean found = FALSE;
  gsize at = 0;

  if (length >= 3 && memcmp (event, "\xEF\xBB\xBF", 3) == 0)
    at = 3;
  while (at < length)
    {
      gsize end = at;

      while (end < length && event[end] != '\r' && event[end] != '\n')
        end++;
      if (end - at >= 5 && memcmp (event + at, "data:", 5) == 0)
        {
          if (found)
            return FALSE;
          found = TRUE;
          *out_line = at;
          *out_data = at + 5;
          *out_end = end;
        }
      at = end + (end + 1 < length && event[end] == '\r' && event[end + 1] == '\n' ? 2 : 1);
    }
  return found;
}

/* What is to go: bytes [from, to) of the data. */
typedef struct
{
  gboolean whole;
  gsize from, to;
} Verdict;

static gboolean
judge (const char *data, gsize length, Verdict *out)
{
  OkapJsonScanner scanner;
  OkapJsonToken token;
  gsize last_end = 0, name_at = 0;
  gboolean empty_choices = FALSE, has_usage = FALSE, null_usage = FALSE, first = TRUE;
  gboolean to_next = FALSE;

  *out = (Verdict) { 0 };
  okap_json_scanner_init (&scanner, data, length, OKAP_JSON_DEPTH_MOST);
  if (okap_json_scanner_next (&scanner) != OKAP_JSON_OBJECT)
    return FALSE;
  while ((token = okap_json_scanner_next (&scanner)) == OKAP_JSON_NAME)
    {
      gboolean is_usage = okap_json_scanner_is (&scanner, "usage");
      gboolean is_choices = okap_json_scanner_is (&scanner, "choices");

      name_at = (gsize) (scanner.text - data) - 1;
      if (to_next)
        out->to = name_at;
      to_next = FALSE;
      token = okap_json_scanner_next (&scanner);
      if (is_choices && token == OKAP_JSON_ARRAY)
        {
          gsize begun = okap_json_scanner_get_offset (&scanner);

          if (!okap_json_scanner_skip (&scanner, token))
            return FALSE;
          empty_choices = TRUE;
          for (const char *p = data + begun; *p != ']' && empty_choices; p++)
            empty_choices = strchr (" \t\r\n", *p) != NULL;
        }
      else if (!okap_json_scanner_skip (&scanner, token))
        return FALSE;
      if (is_usage && token == OKAP_JSON_NULL && !null_usage)
        {
          null_usage = TRUE;
          out->from = first ? name_at : last_end;
          out->to = okap_json_scanner_get_offset (&scanner);
          to_next = first;
        }
      has_usage |= is_usage && token == OKAP_JSON_OBJECT;
      last_end = okap_json_scanner_get_offset (&scanner);
      first = FALSE;
    }
  if (token != OKAP_JSON_OBJECT_END || okap_json_scanner_next (&scanner) != OKAP_JSON_END)
    return FALSE;
  out->whole = empty_choices && has_usage;
  return out->whole || null_usage;
}

/* Whether something but the lines of data and the last, empty one stands in the event. */
static gboolean
has_more (const char *event, gsize length, gsize line, gsize end)
{
  gsize at = end;
  guint breaks = 0;

  if (line != 0)
    return TRUE;
  for (; at < length; at++)
    if (event[at] == '\n' || event[at] == '\r')
      breaks++;
    else
      return TRUE;
  return breaks > 4;
}

/* The event is complete: passes on what is to pass. */
static void
release (OkapUsageFilter *filter, GString *out)
{
  const char *event = filter->held->str;
  gsize length = filter->held->len;
  gsize line = 0, data = 0, end = 0;
  Verdict verdict;

  filter->dropped = FALSE;
  if (!find_data (event, length, &line, &data, &end) || !judge (event + data, end - data, &verdict))
    g_string_append_len (out, event, (gssize) length);
  else
    {
      filter->n_removed++;
      if (!verdict.whole)
        {
          g_string_append_len (out, event, (gssize) (data + verdict.from));
          g_string_append_len (out, event + data + verdict.to,
                               (gssize) (length - data - verdict.to));
        }
      else if (has_more (event, length, line, end))
        {
          gsize next = end + (end + 1 < length && event[end] == '\r' && event[end + 1] == '\n'
                              ? 2 : 1);

          g_string_append_len (out, event, (gssize) line);
          if (next < length)
            g_string_append_len (out, event + next, (gssize) (length - next));
        }
      else
        filter->dropped = TRUE;
    }
  g_string_truncate (filter->held, 0);
}

/* Bytes of one line, without its end. */
static void
take_line (OkapUsageFilter *filter, const char *data, gsize length, GString *out)
{
  filter->line_empty = FALSE;
  filter->between = FALSE;
  if (!filter->passing && filter->held->len + length > HELD_MOST)
    {
      filter->passing = TRUE;
      g_string_append_len (out, filter->held->str, (gssize) filter->held->len);
      g_string_truncate (filter->held, 0);
    }
  g_string_append_len (filter->passing ? out : filter->held, data, (gssize) length);
}

static void
take_line_end (OkapUsageFilter *filter, char c, GString *out)
{
  gboolean second = c == '\n' && filter->after_cr;

  filter->after_cr = c == '\r';
  if (second && filter->between)
    {
      /* The rest of the line end that ended an event. */
      if (!filter->dropped)
        g_string_append_c (out, c);
      return;
    }
  g_string_append_c (filter->passing ? out : filter->held, c);
  if (second)
    return;
  if (filter->line_empty)
    {
      if (!filter->passing)
        release (filter, out);
      filter->passing = FALSE;
      filter->between = TRUE;
    }
  filter->line_empty = TRUE;
}

/**
 * okap_usage_filter_feed:
 * @data: the next bytes of the stream, cut anywhere
 * @out: what is to be passed on is appended to it
 */
void
okap_usage_filter_feed (OkapUsageFilter *filter, const char *data, gsize length, GString *out)
{
  const char *end = data + length;

  while (data < end)
    {
      const char *p = data;

      while (p < end && *p != '\r' && *p != '\n')
        p++;
      if (p > data)
        {
          filter->after_cr = FALSE;
          take_line (filter, data, (gsize) (p - data), out);
        }
      if (p < end)
        take_line_end (filter, *p++, out);
      data = p;
    }
}

/** okap_usage_filter_finish: the stream is over, perhaps within an event */
void
okap_usage_filter_finish (OkapUsageFilter *filter, GString *out)
{
  if (filter->held->len > 0)
    release (filter, out);
}
