/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"
#include "okap-headers.h"

G_BEGIN_DECLS

/* The connections to the providers, and the requests that run on them. Everything belongs to the
 * thread of its main context, except okap_upstream_new() and _free(), when that does not run. */
typedef struct _OkapUpstream OkapUpstream;
typedef struct _OkapTransfer OkapTransfer;

#define OKAP_TRANSFER_READ_END (-1)

/* What a transfer tells. From within, okap_transfer_cancel() may be called, nothing else of this
 * file; from done() everything. */
typedef struct
{
  /* The head of the answer. @headers: lines that pass to the app. @content_length: -1 for none. */
  void     (*head)  (guint status, const char *headers, const char *content_type,
                     gint64 content_length, gpointer user_data);
  /* Bytes of its body, as they come. FALSE: not taken; they come again after the resume. */
  gboolean (*data)  (const char *data, gsize length, gpointer user_data);
  /* The next bytes of a streamed request: how many were written to @room, 0 for none now (until
   * okap_transfer_resume()), OKAP_TRANSFER_READ_END behind the last. (nullable) */
  gssize   (*read)  (char *room, gsize length, gpointer user_data);
  /* All that came in with the head was told. (nullable) */
  void     (*flush) (gpointer user_data);
  /* It is over; the last call. @error: NULL if the answer is complete. */
  void     (*done)  (const GError *error, gpointer user_data);
} OkapTransferHandler;

typedef struct
{
  const char *method;
  const char *base_url;
  const char *path;              /* with its leading slash */
  const char *query;             /* (nullable) */
  OkapHeaderList *headers;       /* contents taken over */
  const char *body;              /* (nullable) kept by the caller until it is over */
  gint64 body_length;            /* of @body; with read() of the stream, -1 if not known */
} OkapTransferRequest;

OkapUpstream *okap_upstream_new         (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
void          okap_upstream_free        (OkapUpstream *upstream);
gboolean      okap_upstream_has_sent    (const OkapUpstream *upstream);
void          okap_upstream_set_silence (OkapUpstream *upstream, gint64 most_us);

OkapTransfer *okap_transfer_start  (OkapUpstream *upstream, const OkapTransferRequest *request,
                                    const OkapTransferHandler *handler, gpointer user_data);
void          okap_transfer_resume (OkapTransfer *transfer);
void          okap_transfer_cancel (OkapTransfer *transfer);

G_END_DECLS
