/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as what a client sends: a head, and behind it a chunked body. What must hold: each
 * refusal has a status and words; it does not matter in which pieces the bytes came; what is let
 * through keeps the promises of PROTOCOL section 5, checked here a second time in other words. */
#include "config.h"

#include <string.h>

#include "okap-fuzz.h"
#include "okap-http-guard.h"

static const char *
find_header (const OkapHttpHead *head, const char *name, guint *out_count)
{
  const char *value = NULL;

  *out_count = 0;
  for (guint i = 0; i < head->n_headers; i++)
    if (g_ascii_strcasecmp (head->headers[i].name, name) == 0)
      {
        value = head->headers[i].value;
        (*out_count)++;
      }
  return value;
}

static void
check_framing (const OkapHttpHead *head)
{
  guint n_lengths, n_codings;
  const char *length = find_header (head, "Content-Length", &n_lengths);
  const char *coding = find_header (head, "Transfer-Encoding", &n_codings);

  g_assert_cmpuint (n_lengths + n_codings, <=, 1);
  if (n_codings == 1)
    g_assert_cmpstr (coding, ==, "chunked");
  if (n_lengths == 1)
    {
      g_assert_cmpuint (strspn (length, "0123456789"), ==, strlen (length));
      g_assert_cmpint (head->content_length, ==, g_ascii_strtoll (length, NULL, 10));
    }
  else
    g_assert_cmpint (head->content_length, ==, n_codings == 1 ? -1 : 0);
}

static void
check_path (const OkapHttpHead *head)
{
  g_autofree char *decoded = g_uri_unescape_string (head->path, NULL);
  g_auto (GStrv) segments = NULL;
  guint n_slashes = 0, n_segments;

  g_assert_nonnull (decoded);  /* no %00, no broken escape */
  g_assert_true (head->path[0] == '/');
  g_assert_null (strpbrk (decoded, "\\\n\r"));
  for (const char *p = head->path; *p != '\0'; p++)
    n_slashes += *p == '/';
  segments = g_strsplit (decoded + 1, "/", -1);
  n_segments = g_strv_length (segments);
  g_assert_cmpuint (n_segments, <=, n_slashes);  /* none was encoded */
  for (guint i = 0; i < n_segments; i++)
    {
      g_assert_true (*segments[i] != '\0' || i == n_segments - 1);
      g_assert_cmpstr (segments[i], !=, ".");
      g_assert_cmpstr (segments[i], !=, "..");
    }
  for (const char *p = head->target; *p != '\0'; p++)
    g_assert_true (g_ascii_isgraph (*p));
}

static void
check_head (const OkapHttpHead *head)
{
  static const char *const names[] = { "127.0.0.1:6527", "[::1]:6527", "localhost:6527", NULL };
  guint count;

  g_assert_cmpuint (head->n_headers, <=, OKAP_CAP_HEADERS);
  for (guint i = 0; i < head->n_headers; i++)
    {
      const OkapHttpHeader *header = &head->headers[i];

      g_assert_cmpuint (strcspn (header->name, " \t:()<>@,;\\\"/[]?={}"), ==,
                        strlen (header->name));
      g_assert_null (strpbrk (header->value, "\r\n\x01\x7f"));
    }
  g_assert_true (g_strv_contains (names, find_header (head, "Host", &count)));
  g_assert_cmpuint (count, ==, 1);
  find_header (head, "Origin", &count);
  g_assert_cmpuint (count, ==, 0);
  find_header (head, "Authorization", &count);
  g_assert_cmpuint (count, <=, 1);
  check_framing (head);
  check_path (head);
}

/* Feeds @data in pieces of @step bytes; a scan that was refused or done stays so. */
static OkapHttpProgress
scan (const char *data, gsize size, gsize step, OkapHttpScan *out_scan, OkapHttpFault *fault)
{
  OkapHttpProgress progress = OKAP_HTTP_MORE;
  gsize n = 0;

  *out_scan = (OkapHttpScan) { 0 };
  while (progress == OKAP_HTTP_MORE && n < size)
    {
      n = MIN (n + step, size);
      progress = okap_http_scan_head (out_scan, data, n, fault);
    }
  return progress;
}

static OkapHttpProgress
decode (const char *data, gsize size, gsize step, GString *out)
{
  OkapHttpChunks chunks = { 0 };
  OkapHttpProgress progress = OKAP_HTTP_MORE;
  gsize at = 0;

  while (progress == OKAP_HTTP_MORE && at < size)
    {
      gsize n = MIN (step, size - at), decoded, used;
      g_autofree char *piece = g_memdup2 (data + at, n);

      progress = okap_http_chunks_decode (&chunks, piece, n, &decoded, &used);
      g_assert_cmpuint (decoded, <=, used);
      g_assert_cmpuint (used, <=, n);
      g_string_append_len (out, piece, (gssize) decoded);
      at += used;
    }
  return progress;
}

static void
check_body (const char *data, gsize size, gsize step)
{
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GString) pieces = g_string_new (NULL);
  OkapHttpProgress progress = decode (data, size, size + 1, whole);

  g_assert_cmpint (decode (data, size, step, pieces), ==, progress);
  if (progress != OKAP_HTTP_BAD)
    g_assert_true (g_string_equal (whole, pieces));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *bytes = NULL;
  OkapHttpRequest request = { 0 };
  OkapHttpFault fault = { 0 };
  OkapHttpNames names;
  OkapHttpScan whole, pieces;
  OkapHttpProgress progress;
  gsize step;

  if (size < 2)
    return 0;
  step = 1 + data[0] % 16;
  data++, size--;
  bytes = g_memdup2 (data, size);
  okap_http_names_init_tcp (&names, 6527);

  progress = scan (bytes, size, size, &whole, &fault);
  g_assert_cmpint (scan (bytes, size, step, &pieces, &fault), ==, progress);
  if (progress == OKAP_HTTP_DONE)
    {
      g_assert_cmpuint (whole.length, ==, pieces.length);
      g_assert_cmpuint (whole.length, <=, MIN (size, OKAP_CAP_HEAD_BYTES));
      if (okap_http_parse_head (&request, bytes, whole.length, &fault)
          && okap_http_guard_check (&request, &names, &fault))
        check_head (&request.head);
      else
        progress = OKAP_HTTP_BAD;
      check_body (bytes + whole.length, size - whole.length, step);
    }
  if (progress == OKAP_HTTP_BAD)
    {
      g_assert_cmpuint (fault.status, >=, 400);
      g_assert_nonnull (fault.words);
    }
  if (request.path != NULL)
    g_string_free (request.path, TRUE);
  return 0;
}
