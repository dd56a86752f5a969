/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the server share: server, connection and exchange know each other. All of it
 * belongs to the server's thread. */
#pragma once

#include <sys/uio.h>

#include "okap-clock.h"
#include "okap-http-guard.h"
#include "okap-peers.h"

G_BEGIN_DECLS

typedef struct _OkapHttpConnection OkapHttpConnection;

/* What an epoll event points to. */
typedef enum
{
  OKAP_HTTP_WATCH_LISTENER,
  OKAP_HTTP_WATCH_CONNECTION,
} OkapHttpWatch;

typedef struct
{
  OkapHttpWatch watch;
  int fd;               /* (owned) */
  gboolean registered;  /* with epoll; not while descriptors are short */
  OkapHttpNames names;
  char *path;           /* (owned) (nullable) of the Unix socket */
  dev_t dev;            /* of the file at path */
  ino_t ino;
} OkapHttpListener;

typedef enum
{
  OKAP_HTTP_ANSWER_NONE,
  OKAP_HTTP_ANSWER_STARTED,
  OKAP_HTTP_ANSWER_FINISHED,
} OkapHttpAnswer;

struct _OkapHttpExchange
{
  OkapHttpConnection *connection;  /* (unowned) */
  OkapHttpRequest request;
  OkapHttpHandler handler;
  gpointer user_data;              /* of handler */
  gboolean has_handler;
  gboolean waits;                  /* for the program to be identified */

  /* of a web page */
  OkapCaller *page;                /* (owned) (nullable) the website, instead of its browser */
  char *page_headers;              /* (owned) (nullable) lines that go into every answer */

  /* the body */
  gsize body_limit;
  gint64 body_bytes;               /* that came so far */
  gboolean body_done;              /* all of it has been read */
  gboolean body_told;              /* the handler knows that it is done */
  gboolean paused;
  OkapHttpChunks chunks;

  /* the answer */
  OkapHttpAnswer answer;
  gboolean no_body;                /* HEAD, 204, 304: what is written is dropped */
  gboolean chunked;
  gint64 answer_left;              /* bytes to come; -1: not known */
  gboolean over_half;              /* drained() is due */
};

typedef enum
{
  OKAP_HTTP_CONNECTION_HEAD,
  OKAP_HTTP_CONNECTION_EXCHANGE,
  OKAP_HTTP_CONNECTION_LINGER,
  OKAP_HTTP_CONNECTION_CLOSED,
} OkapHttpPhase;

struct _OkapHttpConnection
{
  OkapHttpWatch watch;
  OkapHttpServer *server;          /* (unowned) */
  const OkapHttpNames *names;      /* (unowned) of its listener, which lives as long as server */
  OkapPeer *peer;                  /* (owned) who is at the other end */
  int fd;                          /* (owned) -1 once closed */
  OkapHttpPhase phase;

  gboolean readable;               /* the socket may have more */
  gboolean blocked;                /* the socket takes no more; EPOLLOUT is awaited */
  gboolean hung_up;                /* nothing can be sent or received any more */
  gboolean running;                /* okap_http_connection_run() is on the stack */
  gboolean close_after;            /* no other request on this connection */

  /* Bytes that came: the head of the exchange at the front, what is not used yet in [pos, end). */
  char *in;                        /* (owned) (nullable) */
  gsize in_room, in_pos, in_end;
  OkapHttpScan scan;
  gsize lingered_bytes;

  /* Bytes to send: [pos, end). */
  char *out;                       /* (owned) (nullable) */
  gsize out_room, out_pos, out_end;

  gint64 read_deadline_us;         /* monotonic; G_MAXINT64 for none */
  gint64 write_deadline_us;

  GList all_link;                  /* in server->connections */
  GList idle_link;                 /* in server->idle while it waits for a request */
  GList run_link;                  /* in server->runnable */
  gboolean is_idle, is_runnable;

  OkapHttpExchange exchange;
};

struct _OkapHttpServer
{
  GMainContext *context;           /* (owned) */
  GThread *thread;                 /* (unowned) (nullable) that runs the context; once it did */
  GSource *source;                 /* (owned) */
  gpointer source_tag;
  OkapClock *clock;                /* (unowned) */
  OkapHttpRouteFunc route;
  gpointer user_data;
  OkapPeers *peers;                /* (owned) */
  int epoll_fd;                    /* (owned) */
  GPtrArray *listeners;            /* (owned) of OkapHttpListener */
  OkapHttpOrigins origins;         /* pages that may come in, over TCP */
  gboolean accept_paused;          /* until the next tick: descriptors are short */

  GQueue connections;              /* all that are open */
  GQueue idle;                     /* of those, the idle ones, longest idle first */
  GQueue runnable;                 /* of those, the ones with work although no event came */
  GQueue dead;                     /* closed; freed when no event can point to them */
  gboolean dispatching;

  gint64 next_tick_us;             /* real monotonic time; G_MAXINT64: not armed */
  gint64 ready_us;                 /* what the source was told */
  gint64 date_s;                   /* the second that date stands for */
  char date[32];
  char *scratch;                   /* (owned) OKAP_HTTP_SCRATCH_BYTES: bodies pass through */
};

#define OKAP_HTTP_SCRATCH_BYTES (64 * 1024)

/* server */
void        okap_http_server_set_clock  (OkapHttpServer *server, OkapClock *clock);
void        okap_http_server_tick       (OkapHttpServer *server);
gint64      okap_http_server_get_now    (OkapHttpServer *server);
const char *okap_http_server_get_date   (OkapHttpServer *server);
void        okap_http_server_schedule   (OkapHttpServer *server, OkapHttpConnection *connection);
void        okap_http_server_set_idle   (OkapHttpServer *server, OkapHttpConnection *connection,
                                         gboolean idle);
void        okap_http_server_watch_out  (OkapHttpServer *server, OkapHttpConnection *connection,
                                         gboolean watch);
void        okap_http_server_forget     (OkapHttpServer *server, OkapHttpConnection *connection);

/* listeners */
OkapHttpListener *okap_http_listener_new_tcp  (const char *address, guint16 port,
                                               guint16 *out_port, GError **error);
OkapHttpListener *okap_http_listener_new_unix (const char *path, GError **error);
void              okap_http_listener_free     (OkapHttpListener *listener);

/* connection */
OkapHttpConnection *okap_http_connection_new (OkapHttpServer *server,
                                              const OkapHttpListener *listener, int fd,
                                              OkapPeer *peer);
void  okap_http_connection_free       (OkapHttpConnection *connection);
void  okap_http_connection_run        (OkapHttpConnection *connection);
void  okap_http_connection_send       (OkapHttpConnection *connection, const struct iovec *parts,
                                       guint n_parts);
void  okap_http_connection_hold       (OkapHttpConnection *connection, const struct iovec *parts,
                                       guint n_parts);
gsize okap_http_connection_receive    (OkapHttpConnection *connection, char *into, gsize room);
gsize okap_http_connection_get_unsent (const OkapHttpConnection *connection);
void  okap_http_connection_break      (OkapHttpConnection *connection);
void  okap_http_connection_close      (OkapHttpConnection *connection);
void  okap_http_connection_expire     (OkapHttpConnection *connection, gint64 now_us);

/* exchange */
void  okap_http_exchange_begin        (OkapHttpExchange *exchange,
                                       const OkapHttpFault *scan_fault);
void  okap_http_exchange_route        (OkapHttpExchange *exchange);
void  okap_http_exchange_refuse_fault (OkapHttpExchange *exchange, const OkapHttpFault *fault);
void  okap_http_exchange_tell_gone    (OkapHttpExchange *exchange);
void  okap_http_exchange_tell_closed  (OkapHttpExchange *exchange);

/* page */
gboolean okap_http_page_admit         (OkapHttpExchange *exchange);
void     okap_http_page_clear         (OkapHttpExchange *exchange);

/* answer */
#define OKAP_HTTP_HEAD_ROOM 256
gsize okap_http_answer_format_head    (char *room, guint status, const char *date,
                                       gint64 content_length, gboolean chunked, gboolean close);
gboolean okap_http_status_has_no_body (guint status);

G_END_DECLS
