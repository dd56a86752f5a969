/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of a request's head, RFC 9112 without its tolerance: lines end with CR LF and
 * nothing else, names are tokens with the colon right behind them, no line is folded, values have
 * no control characters. What two readers could understand differently is refused, because the
 * difference is how requests are smuggled.
 *
 * Pure: bytes in, values out, no I/O, no allocation. First okap_http_scan_head() finds the end,
 * however the bytes trickle in; then okap_http_parse_head() cuts the head into strings in place. */
#include "config.h"

#include "okap-http-parse.h"

#include <string.h>

#define METHOD_BYTES_MOST 32

/* For each byte: may it stand in a token (RFC 9110 5.6.2), in a target, in a header's value. */
enum
{
  IN_TOKEN = 1,
  IN_TARGET = 2,
  IN_VALUE = 4,
};

#define T (IN_TOKEN | IN_TARGET | IN_VALUE)
#define P (IN_TARGET | IN_VALUE)
#define V (IN_VALUE)

static const guint8 classes[256] = {
  ['\t'] = V, [' '] = V,
  ['!'] = T, ['"'] = P, ['#'] = T, ['$'] = T, ['%'] = T, ['&'] = T, ['\''] = T, ['('] = P,
  [')'] = P, ['*'] = T, ['+'] = T, [','] = P, ['-'] = T, ['.'] = T, ['/'] = P,
  ['0'...'9'] = T, [':'] = P, [';'] = P, ['<'] = P, ['='] = P, ['>'] = P, ['?'] = P, ['@'] = P,
  ['A'...'Z'] = T, ['['] = P, ['\\'] = P, [']'] = P, ['^'] = T, ['_'] = T, ['`'] = T,
  ['a'...'z'] = T, ['{'] = P, ['|'] = T, ['}'] = P, ['~'] = T,
  [0x80 ... 0xFF] = V,
};

#undef T
#undef P
#undef V

static inline gboolean
is_in (char c, guint8 class)
{
  return (classes[(guchar) c] & class) != 0;
}

static gboolean
bad (OkapHttpFault *fault, const char *words)
{
  OKAP_HTTP_FAULT (fault, 400, OKAP_ERROR_INVALID_REQUEST, words);
  return FALSE;
}

/**
 * okap_http_scan_head:
 * @data: all bytes of the head that have come, the same ones again and more each time
 * @fault: set with %OKAP_HTTP_BAD
 *
 * Looks for the empty line that ends a head. Each byte is looked at once, however often this is
 * called.
 *
 * Returns: %OKAP_HTTP_DONE with @scan->length set; %OKAP_HTTP_BAD as soon as the bytes cannot
 *   become a head within our bounds
 */
OkapHttpProgress
okap_http_scan_head (OkapHttpScan *scan, const char *data, gsize length, OkapHttpFault *fault)
{
  gsize most = MIN (length, OKAP_CAP_HEAD_BYTES);

  if (length > 0 && !is_in (data[0], IN_TOKEN))
    {
      bad (fault, "Expected an HTTP/1.1 request that begins with a method");
      return OKAP_HTTP_BAD;
    }

  while (scan->offset < most)
    {
      const char *end = memchr (data + scan->offset, '\n', most - scan->offset);
      gsize at;

      if (end == NULL)
        {
          scan->offset = most;
          break;
        }
      at = (gsize) (end - data);
      if (at == scan->line || data[at - 1] != '\r')
        {
          bad (fault, "Expected each line of the head to end with CR LF");
          return OKAP_HTTP_BAD;
        }
      if (at == scan->line + 1)
        {
          scan->length = at + 1;
          return OKAP_HTTP_DONE;
        }
      scan->n_lines++;
      scan->line = scan->offset = at + 1;
      if (scan->n_lines > OKAP_CAP_HEADERS + 1)
        {
          OKAP_HTTP_FAULT (fault, 431, OKAP_ERROR_TOO_LARGE,
                           "Expected at most 100 headers; send fewer");
          return OKAP_HTTP_BAD;
        }
    }

  if (length < OKAP_CAP_HEAD_BYTES)
    return OKAP_HTTP_MORE;
  OKAP_HTTP_FAULT (fault, 431, OKAP_ERROR_TOO_LARGE,
                   "Expected a head of at most 32 KiB; send shorter headers");
  return OKAP_HTTP_BAD;
}

/* Method, target and version. Every loop ends at the CR of the line at the latest. */
static char *
parse_request_line (OkapHttpRequest *request, char *p, OkapHttpFault *fault)
{
  char *start = p;

  while (is_in (*p, IN_TOKEN))
    p++;
  if (p == start || *p != ' ' || p - start > METHOD_BYTES_MOST)
    return bad (fault, "Expected the request line to begin with a method and one space"), NULL;
  *p++ = '\0';
  request->head.method = start;

  start = p;
  while (is_in (*p, IN_TARGET))
    p++;
  if (p == start || *p != ' ')
    return bad (fault, "Expected a target of printable ASCII without spaces"), NULL;
  *p++ = '\0';
  request->head.target = start;

  if (strncmp (p, "HTTP/", 5) != 0 || !g_ascii_isdigit (p[5]) || p[6] != '.'
      || !g_ascii_isdigit (p[7]) || p[8] != '\r' || p[9] != '\n')
    return bad (fault, "Expected the request line to end with HTTP/1.1"), NULL;
  if (p[5] != '1' || p[7] > '1')
    {
      OKAP_HTTP_FAULT (fault, 505, OKAP_ERROR_INVALID_REQUEST, "Expected HTTP/1.1");
      return NULL;
    }
  request->minor = (guint) (p[7] - '0');
  return p + 10;
}

static char *
parse_header (OkapHttpHeader *header, char *p, OkapHttpFault *fault)
{
  char *start = p;
  char *end;

  while (is_in (*p, IN_TOKEN))
    p++;
  if (p == start && (*p == ' ' || *p == '\t'))
    return bad (fault, "Expected each header on one line; folded headers are refused"), NULL;
  if (p == start || *p != ':')
    return bad (fault, "Expected each header as a name with a colon right behind it"), NULL;
  *p++ = '\0';
  header->name = start;

  while (*p == ' ' || *p == '\t')
    p++;
  start = p;
  while (is_in (*p, IN_VALUE))
    p++;
  if (p[0] != '\r' || p[1] != '\n')
    return bad (fault, "Expected the values of headers without control characters"), NULL;
  end = p;
  while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  *end = '\0';
  header->value = start;
  return p + 2;
}

/**
 * okap_http_parse_head:
 * @request: filled; its path room is kept
 * @data: the head; strings are ended in place, so it must stay as long as @request is used
 * @length: what okap_http_scan_head() found
 * @fault: set on failure
 *
 * Returns: whether the head keeps to the grammar
 */
gboolean
okap_http_parse_head (OkapHttpRequest *request, char *data, gsize length, OkapHttpFault *fault)
{
  char *end = data + length - 2;
  char *p;

  g_assert (length >= 4 && end[0] == '\r' && end[1] == '\n');

  request->head = (OkapHttpHead) { .headers = request->headers };
  request->minor = 1;
  request->keep_alive = FALSE;
  request->expect_continue = FALSE;

  p = parse_request_line (request, data, fault);
  while (p != NULL && p < end)
    {
      g_assert (request->head.n_headers < OKAP_CAP_HEADERS);
      p = parse_header (&request->headers[request->head.n_headers], p, fault);
      request->head.n_headers++;
    }
  return p != NULL;
}
