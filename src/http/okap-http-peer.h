/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caller.h"

G_BEGIN_DECLS

/* Finds out who is at the other end of a connection. Belongs to the server's thread. */
typedef struct _OkapHttpPeers OkapHttpPeers;

OkapHttpPeers *okap_http_peers_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void           okap_http_peers_free     (OkapHttpPeers *peers);
void           okap_http_peers_set_plain (OkapHttpPeers *peers);
OkapCaller    *okap_http_peers_identify (OkapHttpPeers *peers, int fd)
                                         G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
