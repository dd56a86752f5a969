/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-broker.h"
#include "okap-proxy.h"
#include "okap-transport.h"

G_BEGIN_DECLS

/* The thread that serves: HTTP server, proxy and doors on one main context. Main thread. */
typedef struct _OkapHttpThread OkapHttpThread;

OkapHttpThread *okap_http_thread_start (OkapGate *gate, OkapBroker *broker, OkapClock *clock,
                                        const char *listen, guint16 port, GError **error)
                                        G_GNUC_WARN_UNUSED_RESULT;
void            okap_http_thread_stop  (OkapHttpThread *thread);
void            okap_http_thread_settle (OkapHttpThread *thread, GSourceFunc done,
                                         gpointer done_data);
OkapProxy      *okap_http_thread_get_proxy     (OkapHttpThread *thread);
OkapTransport  *okap_http_thread_get_transport (OkapHttpThread *thread);
const char     *okap_http_thread_get_origin    (OkapHttpThread *thread);
const char     *okap_http_thread_get_socket    (OkapHttpThread *thread);
gboolean        okap_http_thread_port_moved    (OkapHttpThread *thread);

G_END_DECLS
