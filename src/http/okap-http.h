/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-caller.h"
#include "okap-provider.h"

G_BEGIN_DECLS

/* A strict HTTP/1.1 server for loopback and a Unix socket. Everything here belongs to the thread
 * that runs the server's main context; only okap_http_server_free() may come after it ended.
 *
 * An exchange is one request and its answer. It is lent: after closed(), or once a route that set
 * no handler has returned, it may stand for the next request of the connection. Everything may be
 * called from within every callback; no callback is ever called from within one of the functions
 * below, but a moment later by the main context (except by okap_http_server_stop and _free).
 * Calls that come too late, because the client is gone or the server answered itself (a body that
 * is too large), do nothing. */
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
  const char *origin;              /* (nullable) of the page that a browser sends this for; it has
                                      a grant */
} OkapHttpHead;

/* What an exchange tells its handler. Each is called at most once, except body and drained.
 * All but closed may be NULL; without body() no body is read. */
typedef struct
{
  /* Bytes of the body, as they come; @last with the final ones (perhaps none). Called once with
   * none for a request that has no body. Not called once the answer is complete. */
  void (*body)    (OkapHttpExchange *exchange, const char *data, gsize length, gboolean last,
                   gpointer user_data);
  /* Unsent bytes of the answer, after they had reached half of OKAP_CAP_STREAM_WINDOW_BYTES,
   * have fallen below it. */
  void (*drained) (OkapHttpExchange *exchange, gpointer user_data);
  /* The client is gone (a half-closed connection counts as that); nothing can be sent any more.
   * Not called once the answer is complete. */
  void (*gone)    (OkapHttpExchange *exchange, gpointer user_data);
  /* The exchange is over, for whatever reason; the last call. Frees @user_data. */
  void (*closed)  (OkapHttpExchange *exchange, gpointer user_data);
} OkapHttpHandler;

/* Decides who serves a request: sets the exchange's handler, or answers at once. One that does
 * neither before it returns leaves the client with OKAP_ERROR_NOT_FOUND. */
typedef void (*OkapHttpRouteFunc) (OkapHttpExchange *exchange, const OkapHttpHead *head,
                                   gpointer user_data);

OkapHttpServer *okap_http_server_new         (GMainContext *context, OkapHttpRouteFunc route,
                                              gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void            okap_http_server_free        (OkapHttpServer *server);
/* Asked, on the server's thread, whether an origin may come in; without it none may. Before any
 * listening. */
typedef gboolean (*OkapHttpOriginFunc) (const char *origin, gpointer user_data);
void            okap_http_server_set_origin_func (OkapHttpServer *server, OkapHttpOriginFunc func,
                                                  gpointer user_data);
/* @address: "127.0.0.1" or "::1"; @port: 0 for a free one. Where the machine has no IPv6, "::1" is
 * no error and gives port 0. OKAP_ERROR_CONFLICT: somebody else has the port. */
gboolean        okap_http_server_listen_tcp  (OkapHttpServer *server, const char *address,
                                              guint16 port, guint16 *out_port, GError **error);
/* Makes the folder of @path private. OKAP_ERROR_CONFLICT: somebody answers there. */
gboolean        okap_http_server_listen_unix (OkapHttpServer *server, const char *path,
                                              GError **error);
/* Closes everything; handlers that still run are told closed(). */
void            okap_http_server_stop        (OkapHttpServer *server);

void            okap_http_exchange_set_handler (OkapHttpExchange *exchange,
                                                const OkapHttpHandler *handler,
                                                gpointer user_data);
const OkapHttpHead *okap_http_exchange_get_head (OkapHttpExchange *exchange);
/* (transfer none): which program is at the other end, seen before the first request of the
 * connection was routed. If it turns out that others hold the connection as well, it is cut: gone()
 * follows. */
OkapCaller     *okap_http_exchange_get_caller (OkapHttpExchange *exchange);
/* For route functions; OKAP_CAP_REQUEST_BYTES if it is not called. */
void            okap_http_exchange_set_body_limit (OkapHttpExchange *exchange, gsize most_bytes);

/* Back-pressure on the request: no body() calls until resumed. */
void            okap_http_exchange_pause     (OkapHttpExchange *exchange);
void            okap_http_exchange_resume    (OkapHttpExchange *exchange);

/* What every answer of our own carries. */
#define OKAP_HTTP_JSON_HEADERS \
  "Content-Type: application/json\r\nCache-Control: no-store\r\n" \
  "X-Content-Type-Options: nosniff\r\n"

/* The answer, whole. @headers: (nullable) lines "Name: value\r\n"; NULL for
 * OKAP_HTTP_JSON_HEADERS. The server adds Date (unless @headers has one), Content-Length or
 * Transfer-Encoding, and Connection: those must not be in @headers. */
void            okap_http_exchange_respond   (OkapHttpExchange *exchange, guint status,
                                              const char *headers, const char *body, gsize length);
/* The answer, in pieces: content_length -1 sends it chunked. The head leaves with the first piece
 * that is written before the main context runs on, else alone. */
void            okap_http_exchange_start     (OkapHttpExchange *exchange, guint status,
                                              const char *headers, gint64 content_length);
/* Sends or queues; returns how many bytes are unsent now. A handler stops writing when that
 * reaches OKAP_CAP_STREAM_WINDOW_BYTES, until drained(); above OKAP_CAP_UNSENT_BYTES the
 * connection is broken. */
gsize           okap_http_exchange_write     (OkapHttpExchange *exchange, const char *data,
                                              gsize length);
/* @trailers: (nullable) lines, only for chunked answers. */
void            okap_http_exchange_finish    (OkapHttpExchange *exchange, const char *trailers);
/* Breaks the connection: the client sees an answer that is not complete. */
void            okap_http_exchange_abort     (OkapHttpExchange *exchange);

/* Answers with an error of PROTOCOL section 3. @retry_after_s: 0 for none. If the answer has
 * begun, breaks the connection instead; so does okap_http_exchange_respond(). */
void            okap_http_exchange_refuse    (OkapHttpExchange *exchange, const GError *error,
                                              guint retry_after_s);
void            okap_http_exchange_refuse_as (OkapHttpExchange *exchange, const GError *error,
                                              guint retry_after_s, OkapErrorForm form);

const char     *okap_http_head_get           (const OkapHttpHead *head, const char *name);
gboolean        okap_http_head_wants_upgrade (const OkapHttpHead *head);

G_END_DECLS
