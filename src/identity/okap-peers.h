/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caller.h"

G_BEGIN_DECLS

/* Who is at the other ends of connections. All of it belongs to one thread, whose main context it
 * is given; callbacks come from there, never from within a call. */
typedef struct _OkapPeers OkapPeers;
typedef struct _OkapPeer OkapPeer;

typedef enum
{
  OKAP_PEER_IDENTIFIED,  /* okap_peer_get_caller() knows now */
  OKAP_PEER_GONE,        /* it has ended since; whoever may have the connection now is not it */
  OKAP_PEER_SHARED,      /* somebody else holds the connection too */
} OkapPeerNews;

typedef void (*OkapPeerFunc) (OkapPeer *peer, OkapPeerNews news, gpointer user_data);

OkapPeers  *okap_peers_new          (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
void        okap_peers_free         (OkapPeers *peers);
/* for tests */
void        okap_peers_set_old      (OkapPeers *peers);
void        okap_peers_set_plain    (OkapPeers *peers);
void        okap_peers_set_identity (OkapPeers *peers, OkapIdentity *identity);
void        okap_peers_set_held     (OkapPeers *peers, gboolean held);

/* @fd: a socket that was just accepted. (nullable): NULL if it is another user's, not on this
 * machine, or nobody's: then nothing of it may be read. */
OkapPeer   *okap_peer_new           (OkapPeers *peers, int fd) G_GNUC_WARN_UNUSED_RESULT;
void        okap_peer_free          (OkapPeer *peer);
/* Once, when a request is there: TRUE if the caller is known at once, else @func is called later.
 * @func is also called if what was known at once turns out to be wrong: then the connection must
 * be cut. */
gboolean    okap_peer_identify      (OkapPeer *peer, OkapPeerFunc func, gpointer user_data);
/* (transfer none) (nullable): NULL until it is identified */
OkapCaller *okap_peer_get_caller    (OkapPeer *peer);

G_END_DECLS
