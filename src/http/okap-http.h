/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-caller.h"

G_BEGIN_DECLS

/* A strict HTTP/1.1 server for loopback and a Unix socket. Everything here belongs to the thread
 * that runs the server's main context; only okap_http_server_free() may come after it ended. */
typedef struct _OkapHttpServer OkapHttpServer;
typedef struct _OkapHttpExchange OkapHttpExchange;

typedef struct
{
  const char *name;   /* as it came */
  const char *value;  /* without white space around it */
} OkapHttpHeader;

/* The head of a request that passed PROTOCOL section 5, points 1 to 5. Lent by the exchange. */
typedef struct
{
  const char *method;
  const char *target;              /* as it came */
  const char *path;                /* of the target, without query, still percent-encoded */
  const char *query;               /* (nullable) behind the question mark */
  const OkapHttpHeader *headers;
  guint n_headers;
  gint64 content_length;           /* -1: chunked; 0: no body */
  gboolean on_socket;              /* came in by the Unix socket */
} OkapHttpHead;

/* What an exchange tells its handler. Each is called at most once, except body and drained. */
typedef struct
{
  /* Bytes of the body, as they come; @last with the final ones (perhaps none). */
  void (*body)    (OkapHttpExchange *exchange, const char *data, gsize length, gboolean last,
                   gpointer user_data);
  /* Unsent bytes of the answer have fallen below half of the window. */
  void (*drained) (OkapHttpExchange *exchange, gpointer user_data);
  /* The client is gone; nothing can be sent any more. Not called once the answer is complete. */
  void (*gone)    (OkapHttpExchange *exchange, gpointer user_data);
  /* The exchange is over, for whatever reason; the last call. Frees @user_data. */
  void (*closed)  (OkapHttpExchange *exchange, gpointer user_data);
} OkapHttpHandler;

/* Decides who serves a request: sets the exchange's handler, or answers at once. */
typedef void (*OkapHttpRouteFunc) (OkapHttpExchange *exchange, const OkapHttpHead *head,
                                   gpointer user_data);

OkapHttpServer *okap_http_server_new         (GMainContext *context, OkapHttpRouteFunc route,
                                              gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void            okap_http_server_free        (OkapHttpServer *server);
gboolean        okap_http_server_listen_tcp  (OkapHttpServer *server, const char *address,
                                              guint16 port, guint16 *out_port, GError **error);
gboolean        okap_http_server_listen_unix (OkapHttpServer *server, const char *path,
                                              GError **error);
void            okap_http_server_stop        (OkapHttpServer *server);

void            okap_http_exchange_set_handler (OkapHttpExchange *exchange,
                                                const OkapHttpHandler *handler,
                                                gpointer user_data);
const OkapHttpHead *okap_http_exchange_get_head (OkapHttpExchange *exchange);
OkapCaller     *okap_http_exchange_get_caller (OkapHttpExchange *exchange);
void            okap_http_exchange_set_body_limit (OkapHttpExchange *exchange, gsize most_bytes);

/* Back-pressure on the request: no body() calls until resumed. */
void            okap_http_exchange_pause     (OkapHttpExchange *exchange);
void            okap_http_exchange_resume    (OkapHttpExchange *exchange);

/* The answer, whole. @headers: (nullable) lines "Name: value\r\n". The server adds Date,
 * Content-Length and Connection. */
void            okap_http_exchange_respond   (OkapHttpExchange *exchange, guint status,
                                              const char *headers, const char *body, gsize length);
/* The answer, in pieces: content_length -1 sends it chunked. */
void            okap_http_exchange_start     (OkapHttpExchange *exchange, guint status,
                                              const char *headers, gint64 content_length);
/* Sends or queues; returns how many bytes are unsent now. */
gsize           okap_http_exchange_write     (OkapHttpExchange *exchange, const char *data,
                                              gsize length);
/* @trailers: (nullable) lines, only for chunked answers. */
void            okap_http_exchange_finish    (OkapHttpExchange *exchange, const char *trailers);
/* Breaks the connection: the client sees an answer that is not complete. */
void            okap_http_exchange_abort     (OkapHttpExchange *exchange);

/* Answers with an error of PROTOCOL section 3. @retry_after_s: 0 for none. */
void            okap_http_exchange_refuse    (OkapHttpExchange *exchange, const GError *error,
                                              guint retry_after_s);

const char     *okap_http_head_get           (const OkapHttpHead *head, const char *name);

G_END_DECLS
