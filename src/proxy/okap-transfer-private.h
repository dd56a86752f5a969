/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What okap-upstream.c and okap-transfer.c share. */
#pragma once

#include "okap-caps.h"
#include "okap-curl.h"
#include "okap-upstream.h"

G_BEGIN_DECLS

struct _OkapUpstream
{
  CURLM *multi;          /* (owned) */
  GSource *source;       /* (owned) */
  gpointer epoll_tag;
  int epoll_fd;          /* (owned) */
  GArray *sockets;       /* (owned) by descriptor */
  gint64 timer_us;       /* when libcurl wants to be called; monotonic, G_MAXINT64 for never */
  gint64 tick_us;        /* when silence is looked for */
  gint64 silence_us;
  gboolean has_sent;     /* of the transfer that ended last, something had left */
  gboolean in_curl;      /* libcurl is on the stack */
  guint n_cancelled;     /* transfers to be freed when it is not */
  GQueue transfers;      /* that run */
  GQueue flushes;        /* of those, the ones whose head was told in this dispatch */
  GQueue spare;          /* ready to be used again */
};

/* How libcurl was last told to send. */
typedef enum
{
  OKAP_TRANSFER_GET,
  OKAP_TRANSFER_HEAD,
  OKAP_TRANSFER_POST,
  OKAP_TRANSFER_UPLOAD,
} OkapTransferMode;

struct _OkapTransfer
{
  OkapUpstream *upstream;
  CURL *easy;                          /* (owned) */
  const OkapTransferHandler *handler;  /* NULL: cancelled */
  gpointer user_data;
  OkapHeaderList headers;              /* (owned) holds the provider's key */
  OkapTransferMode mode;
  GString *head;                       /* (owned) lines that pass */
  char content_type[64];               /* as much as the framing needs */
  gint64 content_length;
  guint status;
  gboolean head_told;
  gboolean paused;                     /* the app does not take more */
  gboolean read_waits;                 /* the app has not sent more */
  gint64 active_us;                    /* when something last moved; monotonic */
  char host[128];                      /* for words */
  GList link;                          /* in upstream->transfers or ->spare */
  GList flush_link;                    /* in upstream->flushes */
  gboolean flushes;
};

curl_socket_t okap_upstream_open_socket  (void *user_data, curlsocktype purpose,
                                          struct curl_sockaddr *address);
int           okap_upstream_close_socket (void *user_data, curl_socket_t fd);

void okap_transfer_flush   (OkapTransfer *transfer);
void okap_transfer_finish  (OkapTransfer *transfer, CURLcode code);
void okap_transfer_recycle (OkapTransfer *transfer);
void okap_transfer_free    (OkapTransfer *transfer);

G_END_DECLS
