/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request to a provider and its answer, on one of libcurl's handles. Handles are kept and used
 * again: making one costs more than a request on it. The thread of the upstream's context. */
#include "config.h"

#include <string.h>

#include "okap-error.h"
#include "okap-transfer-private.h"

#define SPARE_MOST 64

static void
touch (OkapTransfer *transfer)
{
  transfer->active_us = g_get_monotonic_time ();
}

static gboolean
name_is (const char *line, gsize length, const char *name)
{
  gsize name_length = strlen (name);

  return length > name_length && line[name_length] == ':'
         && g_ascii_strncasecmp (line, name, name_length) == 0;
}

static void
take_header (OkapTransfer *transfer, const char *line, gsize length)
{
  const char *value = memchr (line, ':', length);

  if (value == NULL || memchr (line, '\r', length) != NULL || memchr (line, '\0', length) != NULL)
    return;
  value++;
  while (value < line + length && (*value == ' ' || *value == '\t'))
    value++;
  if (name_is (line, length, "content-length"))
    transfer->content_length = g_ascii_strtoll (value, NULL, 10);
  else if (name_is (line, length, "content-type"))
    {
      gsize value_length = MIN ((gsize) (line + length - value), sizeof transfer->content_type - 1);

      memcpy (transfer->content_type, value, value_length);
      transfer->content_type[value_length] = '\0';
    }
  if (okap_headers_pass_to_app (line, length) && transfer->head->len < OKAP_CAP_HEAD_BYTES)
    {
      g_string_append_len (transfer->head, line, (gssize) length);
      g_string_append (transfer->head, "\r\n");
    }
}

static void
forget_head (OkapTransfer *transfer)
{
  transfer->status = 0;
  transfer->content_length = -1;
  transfer->content_type[0] = '\0';
  g_string_truncate (transfer->head, 0);
}

static void
begin_head (OkapTransfer *transfer, const char *line, gsize length)
{
  const char *space = memchr (line, ' ', length);

  forget_head (transfer);
  transfer->status = space != NULL ? (guint) g_ascii_strtoull (space, NULL, 10) : 0;
}

static void
end_head (OkapTransfer *transfer)
{
  OkapUpstream *upstream = transfer->upstream;

  if (transfer->status < 200 || transfer->status > 999)
    return;  /* an interim answer; the real one follows */
  transfer->head_told = TRUE;
  transfer->handler->head (transfer->status, transfer->head->str, transfer->content_type,
                           transfer->content_length, transfer->user_data);
  if (transfer->handler != NULL && transfer->handler->flush != NULL)
    {
      transfer->flushes = TRUE;
      g_queue_push_tail_link (&upstream->flushes, &transfer->flush_link);
    }
}

/* One line of the head, or a trailer, which nobody needs. */
static size_t
header_cb (char *line, size_t size, size_t n, void *user_data)
{
  OkapTransfer *transfer = user_data;
  gsize length = size * n;

  touch (transfer);
  if (transfer->handler == NULL)
    return 0;
  if (transfer->head_told)
    return size * n;
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
    length--;
  if (length == 0)
    end_head (transfer);
  else if (length > 5 && g_ascii_strncasecmp (line, "HTTP/", 5) == 0)
    begin_head (transfer, line, length);
  else
    take_header (transfer, line, length);
  return transfer->handler != NULL ? size * n : 0;
}

static size_t
write_cb (char *data, size_t size, size_t n, void *user_data)
{
  OkapTransfer *transfer = user_data;

  touch (transfer);
  if (transfer->handler == NULL || !transfer->head_told)
    return CURL_WRITEFUNC_ERROR;  /* nobody wants it, or it belongs to an interim answer (101) */
  if (!transfer->handler->data (data, size * n, transfer->user_data))
    {
      transfer->paused = TRUE;
      return CURL_WRITEFUNC_PAUSE;
    }
  return size * n;
}

static size_t
read_cb (char *room, size_t size, size_t n, void *user_data)
{
  OkapTransfer *transfer = user_data;
  gssize length;

  touch (transfer);
  if (transfer->handler == NULL || transfer->handler->read == NULL)
    return CURL_READFUNC_ABORT;
  length = transfer->handler->read (room, size * n, transfer->user_data);
  if (length == OKAP_TRANSFER_READ_END)
    return 0;
  if (length > 0)
    return (size_t) length;
  transfer->read_waits = TRUE;
  return CURL_READFUNC_PAUSE;
}

static OkapTransfer *
transfer_new (OkapUpstream *upstream)
{
  OkapTransfer *transfer = g_new0 (OkapTransfer, 1);
  CURL *easy = curl_easy_init ();

  transfer->upstream = upstream;
  transfer->easy = easy;
  transfer->head = g_string_sized_new (1024);
  transfer->link.data = transfer;
  transfer->flush_link.data = transfer;
  curl_easy_setopt (easy, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt (easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt (easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt (easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt (easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt (easy, CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
  curl_easy_setopt (easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT, (long) OKAP_CAP_CONNECT_TIMEOUT_S);
  curl_easy_setopt (easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt (easy, CURLOPT_HEADERFUNCTION, header_cb);
  curl_easy_setopt (easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, write_cb);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt (easy, CURLOPT_READFUNCTION, read_cb);
  curl_easy_setopt (easy, CURLOPT_READDATA, transfer);
  curl_easy_setopt (easy, CURLOPT_OPENSOCKETFUNCTION, okap_upstream_open_socket);
  curl_easy_setopt (easy, CURLOPT_OPENSOCKETDATA, upstream);
  curl_easy_setopt (easy, CURLOPT_CLOSESOCKETFUNCTION, okap_upstream_close_socket);
  curl_easy_setopt (easy, CURLOPT_CLOSESOCKETDATA, upstream);
  return transfer;
}

void
okap_transfer_free (OkapTransfer *transfer)
{
  curl_easy_cleanup (transfer->easy);
  okap_header_list_clear (&transfer->headers);
  g_string_free (transfer->head, TRUE);
  g_free (transfer);
}

/* Takes it out of everything and keeps it for the next request. */
void
okap_transfer_recycle (OkapTransfer *transfer)
{
  OkapUpstream *upstream = transfer->upstream;

  curl_multi_remove_handle (upstream->multi, transfer->easy);
  g_queue_unlink (&upstream->transfers, &transfer->link);
  if (transfer->flushes)
    g_queue_unlink (&upstream->flushes, &transfer->flush_link);
  transfer->flushes = FALSE;
  transfer->handler = NULL;
  okap_header_list_clear (&transfer->headers);
  curl_easy_setopt (transfer->easy, CURLOPT_HTTPHEADER, NULL);
  if (transfer->mode == OKAP_TRANSFER_POST)
    curl_easy_setopt (transfer->easy, CURLOPT_POSTFIELDS, NULL);
  if (upstream->spare.length < SPARE_MOST)
    g_queue_push_head_link (&upstream->spare, &transfer->link);
  else
    okap_transfer_free (transfer);
}

static void
set_method (OkapTransfer *transfer, const OkapTransferRequest *request, gboolean streamed)
{
  CURL *easy = transfer->easy;
  static const char *const implied[] = { "GET", "HEAD", "POST", "PUT" };
  OkapTransferMode mode = streamed ? OKAP_TRANSFER_UPLOAD
                          : request->body_length > 0 || request->method[0] == 'P'
                          ? OKAP_TRANSFER_POST  /* POST, PUT and PATCH tell a length of 0, too */
                          : strcmp (request->method, "HEAD") == 0 ? OKAP_TRANSFER_HEAD
                          : OKAP_TRANSFER_GET;

  if (transfer->mode == OKAP_TRANSFER_HEAD)
    curl_easy_setopt (easy, CURLOPT_NOBODY, 0L);
  if (transfer->mode == OKAP_TRANSFER_UPLOAD)
    curl_easy_setopt (easy, CURLOPT_UPLOAD, 0L);
  transfer->mode = mode;
  switch (mode)
    {
    case OKAP_TRANSFER_HEAD:
      curl_easy_setopt (easy, CURLOPT_NOBODY, 1L);
      break;
    case OKAP_TRANSFER_POST:
      curl_easy_setopt (easy, CURLOPT_POST, 1L);
      curl_easy_setopt (easy, CURLOPT_POSTFIELDS, request->body != NULL ? request->body : "");
      curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body_length);
      break;
    case OKAP_TRANSFER_UPLOAD:
      curl_easy_setopt (easy, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt (easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t) request->body_length);
      break;
    case OKAP_TRANSFER_GET:
    default:
      curl_easy_setopt (easy, CURLOPT_HTTPGET, 1L);
      break;
    }
  curl_easy_setopt (easy, CURLOPT_CUSTOMREQUEST,
                    strcmp (request->method, implied[mode]) == 0 ? NULL : request->method);
  /* A streamed body cannot be sent again when a kept connection turns out to be dead. */
  curl_easy_setopt (easy, CURLOPT_FRESH_CONNECT, streamed ? 1L : 0L);
}

static void
set_url (OkapTransfer *transfer, const OkapTransferRequest *request)
{
  static const char *const loopback[] = { "127.", "localhost", "[::1]" };
  g_autofree char *url = g_strconcat (request->base_url, request->path,
                                      request->query != NULL ? "?" : NULL, request->query, NULL);
  const char *host = strstr (request->base_url, "://");
  gboolean local = FALSE;

  host = host != NULL ? host + 3 : request->base_url;
  g_strlcpy (transfer->host, host, MIN (sizeof transfer->host, strcspn (host, "/?#") + 1));
  for (guint i = 0; i < G_N_ELEMENTS (loopback); i++)
    local |= g_ascii_strncasecmp (host, loopback[i], strlen (loopback[i])) == 0;
  curl_easy_setopt (transfer->easy, CURLOPT_URL, url);
  /* A proxy of the environment has no business on this computer. */
  curl_easy_setopt (transfer->easy, CURLOPT_PROXY, local ? "" : NULL);
}

/**
 * okap_transfer_start:
 * @handler: static; its read() makes the body a streamed one
 *
 * Never calls @handler before it returns.
 *
 * Returns: (transfer none): valid until done() or okap_transfer_cancel()
 */
OkapTransfer *
okap_transfer_start (OkapUpstream *upstream, const OkapTransferRequest *request,
                     const OkapTransferHandler *handler, gpointer user_data)
{
  GList *link = g_queue_pop_head_link (&upstream->spare);
  OkapTransfer *transfer = link != NULL ? link->data : transfer_new (upstream);

  transfer->handler = handler;
  transfer->user_data = user_data;
  transfer->headers = *request->headers;
  *request->headers = (OkapHeaderList) { 0 };
  transfer->head_told = transfer->paused = transfer->read_waits = FALSE;
  forget_head (transfer);
  touch (transfer);
  if (g_queue_is_empty (&upstream->transfers))
    upstream->tick_us = transfer->active_us + upstream->silence_us / 4;
  g_queue_push_tail_link (&upstream->transfers, &transfer->link);

  set_method (transfer, request, handler->read != NULL);
  set_url (transfer, request);
  curl_easy_setopt (transfer->easy, CURLOPT_HTTPHEADER, transfer->headers.list);
  curl_multi_add_handle (upstream->multi, transfer->easy);
  return transfer;
}

/** okap_transfer_resume: data() takes bytes again, or read() has some */
void
okap_transfer_resume (OkapTransfer *transfer)
{
  OkapUpstream *upstream = transfer->upstream;

  g_return_if_fail (!upstream->in_curl);

  if (!transfer->paused && !transfer->read_waits)
    return;
  transfer->paused = transfer->read_waits = FALSE;
  touch (transfer);
  upstream->in_curl = TRUE;
  (void) curl_easy_pause (transfer->easy, CURLPAUSE_CONT);  /* delivers what it kept, at once */
  upstream->in_curl = FALSE;
}

/** okap_transfer_cancel: ends it at once, without done() */
void
okap_transfer_cancel (OkapTransfer *transfer)
{
  transfer->handler = NULL;
  if (transfer->upstream->in_curl)
    transfer->upstream->n_cancelled++;
  else
    okap_transfer_recycle (transfer);
}

void
okap_transfer_flush (OkapTransfer *transfer)
{
  transfer->flushes = FALSE;
  if (transfer->handler != NULL)
    transfer->handler->flush (transfer->user_data);
}

/* Why it failed; NULL if it did not: an answer was complete, and it was one. */
static GError *
describe (const OkapTransfer *transfer, CURLcode code)
{
  const char *host = transfer->host;

  if (!transfer->head_told && (code == CURLE_OK || code == CURLE_WRITE_ERROR))
    return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                        "%s sent no answer that could be read", host);
  if (code == CURLE_OK)
    return NULL;
  switch ((int) code)
    {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                          "The name %s could not be resolved. Is this computer online?", host);
    case CURLE_COULDNT_CONNECT:
      return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                          "%s does not accept connections", host);
    case CURLE_OPERATION_TIMEDOUT:
      return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_TIMEOUT,
                          "%s did not answer in time", host);
    case CURLE_PEER_FAILED_VERIFICATION:
      return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                          "The certificate of %s is not trusted, so nothing was sent there", host);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                          "%s closed the connection before its answer was complete", host);
    case CURLE_ABORTED_BY_CALLBACK:
      return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                          "The request to %s was stopped because Okap is closing", host);
    default:
      return g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                          "The request to %s failed: %s", host, curl_easy_strerror (code));
    }
}

/* libcurl is through with it, or we are. */
void
okap_transfer_finish (OkapTransfer *transfer, CURLcode code)
{
  const OkapTransferHandler *handler = transfer->handler;
  gpointer user_data = transfer->user_data;
  g_autoptr (GError) error = describe (transfer, code);
  long request_bytes = 0;

  (void) curl_easy_getinfo (transfer->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
  transfer->upstream->has_sent = request_bytes > 0;
  if (handler == NULL)
    transfer->upstream->n_cancelled--;
  if (handler != NULL && transfer->flushes)
    handler->flush (user_data);
  okap_transfer_recycle (transfer);
  if (handler != NULL)
    handler->done (error, user_data);
}
