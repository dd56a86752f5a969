/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-http.h"

G_BEGIN_DECLS

/* Why a request is refused before any route saw it. Static words, no allocation. */
typedef struct
{
  guint status;       /* of the answer */
  OkapError code;     /* gives the name on the wire */
  const char *words;  /* for the client: what was expected */
} OkapHttpFault;

typedef enum
{
  OKAP_HTTP_MORE,  /* the bytes so far are fine, but not all */
  OKAP_HTTP_DONE,
  OKAP_HTTP_BAD,
} OkapHttpProgress;

/* How far the search for the end of a head came. Zero it to begin. */
typedef struct
{
  gsize offset;   /* bytes that were looked at */
  gsize line;     /* where the current line begins */
  guint n_lines;  /* complete lines */
  gsize length;   /* of the head, with the empty line at its end; once done */
} OkapHttpScan;

/* One request. The parser fills minor, headers, and of the head method, target and headers; the
 * guard fills the rest. All strings point into the bytes that were parsed, or into path. */
typedef struct
{
  OkapHttpHead head;
  guint minor;               /* of HTTP/1.minor */
  gboolean keep_alive;       /* the client keeps the connection */
  gboolean expect_continue;  /* the client waits for 100 before it sends the body */
  GString *path;             /* (owned) (nullable) room for head.path, kept between requests */
  OkapHttpHeader headers[OKAP_CAP_HEADERS];
} OkapHttpRequest;

/* State of a chunked body. Zero it to begin. */
typedef struct
{
  guint state;
  guint n_digits;      /* of the size that is being read */
  guint64 left;        /* bytes of the chunk that are still to come */
  gsize line_bytes;    /* of the size line or trailer that is being read */
  gsize extra_bytes;   /* extensions and trailers so far */
} OkapHttpChunks;

OkapHttpProgress okap_http_scan_head     (OkapHttpScan *scan, const char *data, gsize length,
                                          OkapHttpFault *fault);
gboolean         okap_http_parse_head    (OkapHttpRequest *request, char *data, gsize length,
                                          OkapHttpFault *fault);
OkapHttpProgress okap_http_chunks_decode (OkapHttpChunks *chunks, char *data, gsize length,
                                          gsize *out_decoded, gsize *out_used);

#define OKAP_HTTP_FAULT(fault, the_status, the_code, the_words) \
  (*(fault) = (OkapHttpFault) { .status = (the_status), .code = (the_code), .words = (the_words) })

G_END_DECLS
