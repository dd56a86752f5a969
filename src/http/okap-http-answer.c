/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of an answer, as bytes. Pure. */
#include "config.h"

#include <string.h>

#include "okap-http-private.h"

static const struct
{
  guint status;
  const char *reason;
} reasons[] = {
  { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
  { 206, "Partial Content" }, { 304, "Not Modified" },
  { 400, "Bad Request" }, { 401, "Unauthorized" }, { 402, "Payment Required" },
  { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
  { 408, "Request Timeout" }, { 409, "Conflict" }, { 413, "Content Too Large" },
  { 415, "Unsupported Media Type" }, { 417, "Expectation Failed" },
  { 422, "Unprocessable Content" }, { 423, "Locked" }, { 426, "Upgrade Required" },
  { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
  { 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
  { 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" },
};

/* A status that is not in the table has no reason phrase, which RFC 9112 section 4 allows. */
static const char *
find_reason (guint status)
{
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i].status == status)
      return reasons[i].reason;
  return "";
}

static char *
put (char *p, const char *text)
{
  return stpcpy (p, text);
}

static char *
put_number (char *p, guint64 number)
{
  char digits[20];
  guint n = 0;

  do
    digits[n++] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  while (n > 0)
    *p++ = digits[--n];
  return p;
}

/** okap_http_status_has_no_body: RFC 9110 section 6.4.1 */
gboolean
okap_http_status_has_no_body (guint status)
{
  return status == 204 || status == 304 || status < 200;
}

/**
 * okap_http_answer_format_head:
 * @room: for %OKAP_HTTP_HEAD_ROOM bytes
 * @date: (nullable): for the Date header
 * @content_length: -1 for none
 * @chunked: whether the body will be chunked
 * @close: whether the connection ends after the answer
 *
 * Writes the status line and the headers that belong to the server, without the empty line.
 *
 * Returns: how many bytes
 */
gsize
okap_http_answer_format_head (char *room, guint status, const char *date, gint64 content_length,
                              gboolean chunked, gboolean close)
{
  char *p = room;

  g_assert (status >= 100 && status <= 999);

  p = put (p, "HTTP/1.1 ");
  p = put_number (p, status);
  *p++ = ' ';
  p = put (p, find_reason (status));
  p = put (p, "\r\n");
  if (date != NULL)
    {
      p = put (p, "Date: ");
      p = put (p, date);
      p = put (p, "\r\n");
    }
  if (content_length >= 0 && !okap_http_status_has_no_body (status))
    {
      p = put (p, "Content-Length: ");
      p = put_number (p, (guint64) content_length);
      p = put (p, "\r\n");
    }
  if (chunked)
    p = put (p, "Transfer-Encoding: chunked\r\n");
  if (close)
    p = put (p, "Connection: close\r\n");
  g_assert (p - room < OKAP_HTTP_HEAD_ROOM);
  return (gsize) (p - room);
}
