/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-broker.h"
#include "okap-http.h"

G_BEGIN_DECLS

/* The doors for requests over HTTP: PROTOCOL section 2, and on the Unix socket the control routes
 * of the okap command. Routes run on the HTTP thread and post to the broker's. */
typedef struct _OkapTransport OkapTransport;

OkapTransport *okap_transport_new   (OkapBroker *broker, GMainContext *context)
                                     G_GNUC_WARN_UNUSED_RESULT;
void           okap_transport_free  (OkapTransport *transport);

/* Known once the server listens. @origin: "http://127.0.0.1:6527"; @socket: path. */
void           okap_transport_set_address (OkapTransport *transport, const char *origin,
                                           const char *socket);

/* HTTP thread: takes the exchange if its path is one of the doors'. */
gboolean       okap_transport_route (OkapTransport *transport, OkapHttpExchange *exchange,
                                     const OkapHttpHead *head);

G_END_DECLS
