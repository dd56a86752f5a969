/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other end of each connection: PROTOCOL section 5, point 1. Server thread.
 *
 *   accepted ──another user, or nobody──▸ dropped, before a byte is read
 *      │ first request
 *      ▼
 *   known process? ──yes──▸ identified at once ──the pass, a moment later──▸ the same: settled
 *      │ no                                                            └──▸ others too: SHARED
 *      ▼
 *   the pass ──▸ identified
 *
 * Which user it is is asked when the connection is accepted, which program when its first request
 * has come, since that is closer to what it is used for; once for each connection. The pass over
 * all processes is the identifier's (okap-search.c); those that only confirm a quick answer are
 * gathered for a moment, so that many short connections cost few passes. */
#include "config.h"

#include "okap-peers.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "okap-known.h"
#include "okap-search.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define GATHER_MS 300  /* of 500 processes, a pass takes some 30 ms */

struct _OkapPeers
{
  GMainContext *context;       /* (owned) */
  OkapIdentifier *identifier;  /* (owned) */
  OkapSocketDiag *diag;        /* (owned) */
  OkapKnown *known;            /* (owned) */
  OkapIdentity *fixed;         /* (owned) (nullable) for tests: who everybody is */
  GPtrArray *gathered;         /* (owned) (element-type OkapSearch) that confirm */
  GSource *timer;              /* (owned) (nullable) while there are some */
  gboolean held;               /* for tests: nothing is looked for */
  gboolean old;                /* for tests: without descriptors from the kernel */
  gboolean plain;              /* for tests: and without diagnostics */
};

struct _OkapPeer
{
  OkapPeers *peers;            /* (unowned) */
  OkapDoor door;
  uid_t uid;
  OkapSocket socket;
  pid_t connector;             /* of a Unix socket */
  int pidfd;                   /* (owned) of the connector; -1 */
  gboolean vouched;            /* pidfd came with the connection */
  OkapCaller *caller;          /* (owned) (nullable) */
  OkapSearch *search;          /* (owned) (nullable) that was not answered yet */
  OkapPeerFunc func;
  gpointer user_data;
};

OkapPeers *
okap_peers_new (GMainContext *context)
{
  OkapPeers *peers = g_new0 (OkapPeers, 1);

  peers->context = g_main_context_ref (context);
  peers->identifier = okap_identifier_get ();
  peers->diag = okap_socket_diag_new ();
  peers->known = okap_known_new ();
  peers->gathered = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_search_unref);
  return peers;
}

static void
stop_timer (OkapPeers *peers)
{
  if (peers->timer == NULL)
    return;
  g_source_destroy (peers->timer);
  g_clear_pointer (&peers->timer, g_source_unref);
}

/** okap_peers_free: after its last peer; waits for a pass that runs */
void
okap_peers_free (OkapPeers *peers)
{
  stop_timer (peers);
  g_ptr_array_unref (peers->gathered);
  okap_known_free (peers->known);
  okap_socket_diag_free (peers->diag);
  okap_identifier_unref (peers->identifier);
  g_clear_pointer (&peers->fixed, okap_identity_unref);
  g_main_context_unref (peers->context);
  g_free (peers);
}

/** okap_peers_set_old: for tests: does without what kernels before 6.5 do not have */
void
okap_peers_set_old (OkapPeers *peers)
{
  peers->old = TRUE;
}

/** okap_peers_set_plain: for tests: and without socket diagnostics */
void
okap_peers_set_plain (OkapPeers *peers)
{
  peers->old = peers->plain = TRUE;
  okap_socket_diag_set_plain (peers->diag);
}

/** okap_peers_set_identity: for tests: @identity: (nullable): who everybody is from now on */
void
okap_peers_set_identity (OkapPeers *peers, OkapIdentity *identity)
{
  g_clear_pointer (&peers->fixed, okap_identity_unref);
  peers->fixed = identity != NULL ? okap_identity_ref (identity) : NULL;
}

static void
send_gathered (OkapPeers *peers)
{
  stop_timer (peers);
  if (peers->held)
    return;
  for (guint i = 0; i < peers->gathered->len; i++)
    {
      OkapSearch *search = g_ptr_array_index (peers->gathered, i);

      if (search->func != NULL)
        okap_identifier_search (peers->identifier, search);
    }
  g_ptr_array_set_size (peers->gathered, 0);
}

/** okap_peers_set_held: for tests: while it is held, whoever is not known has to wait */
void
okap_peers_set_held (OkapPeers *peers, gboolean held)
{
  peers->held = held;
  send_gathered (peers);
}

static gboolean
is_loopback (const OkapAddress *address)
{
  if (address->any.sa_family == AF_INET)
    return ntohl (address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  return address->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK (&address->v6.sin6_addr);
}

static gboolean
is_own_tcp (OkapPeer *peer)
{
  const OkapSocket *socket = &peer->socket;
  guint64 inode;

  peer->door = OKAP_DOOR_TCP;
  return is_loopback (&socket->theirs) && is_loopback (&socket->ours)
         && socket->theirs.any.sa_family == socket->ours.any.sa_family
         && okap_socket_diag_ask (peer->peers->diag, socket, &peer->uid, &inode)
              == OKAP_SOCKET_FOUND
         && peer->uid == geteuid ();
}

static gboolean
is_own_socket (OkapPeer *peer, int fd)
{
  struct ucred connector;
  socklen_t length = sizeof connector;

  peer->door = OKAP_DOOR_SOCKET;
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &connector, &length) != 0
      || connector.uid != geteuid ())
    return FALSE;
  peer->uid = connector.uid;
  peer->connector = connector.pid;

  length = sizeof peer->pidfd;
  if (peer->peers->old
      || getsockopt (fd, SOL_SOCKET, SO_PEERPIDFD, &peer->pidfd, &length) != 0)
    {
      peer->pidfd = -1;
      if (peer->peers->old || errno == ENOPROTOOPT)
        peer->pidfd = okap_proc_pin (peer->connector);
      return TRUE;
    }
  peer->vouched = TRUE;
  return TRUE;
}

OkapPeer *
okap_peer_new (OkapPeers *peers, int fd)
{
  OkapPeer *peer = g_new0 (OkapPeer, 1);

  peer->peers = peers;
  peer->pidfd = -1;
  if (okap_socket_read (fd, &peer->socket)
      && (peer->socket.ours.any.sa_family == AF_UNIX ? is_own_socket (peer, fd)
                                                     : is_own_tcp (peer)))
    return peer;
  okap_peer_free (peer);
  return NULL;
}

void
okap_peer_free (OkapPeer *peer)
{
  if (peer->search != NULL)
    okap_search_cancel (peer->search);
  g_clear_pointer (&peer->search, okap_search_unref);
  g_clear_pointer (&peer->caller, okap_caller_unref);
  if (peer->pidfd >= 0)
    close (peer->pidfd);
  g_free (peer);
}

OkapCaller *
okap_peer_get_caller (OkapPeer *peer)
{
  return peer->caller;
}

static void
set_caller (OkapPeer *peer, OkapIdentity *identity)
{
  pid_t pid = peer->door == OKAP_DOOR_SOCKET ? peer->connector : identity->process.pid;

  g_clear_pointer (&peer->caller, okap_caller_unref);
  peer->caller = okap_caller_new (peer->door, peer->uid, pid, identity);
}

static void
search_cb (OkapSearch *search, gpointer user_data)
{
  OkapPeer *peer = user_data;
  g_autoptr (OkapSearch) answered = g_steal_pointer (&peer->search);

  if (peer->caller == NULL)
    {
      set_caller (peer, answered->identity);
      if (answered->reading != NULL)
        okap_known_add (peer->peers->known, answered->reading, answered->fd);
      peer->func (peer, OKAP_PEER_IDENTIFIED, peer->user_data);
      return;
    }
  if (okap_identity_covers (peer->caller->identity, answered->identity))
    return;
  set_caller (peer, answered->identity);
  peer->func (peer, answered->identity->doubt == OKAP_DOUBT_GONE ? OKAP_PEER_GONE
                                                                 : OKAP_PEER_SHARED,
              peer->user_data);
}

static OkapSearch *
new_search (OkapPeer *peer)
{
  OkapSearch *search = okap_search_new (peer->peers->context, search_cb, peer);

  search->socket = peer->socket;
  search->is_unix = peer->door == OKAP_DOOR_SOCKET;
  search->plain = peer->peers->plain;
  search->connector = peer->connector;
  search->pidfd = peer->pidfd;
  peer->pidfd = -1;
  search->vouched = peer->vouched;
  return search;
}

static gboolean
gathered_cb (gpointer user_data)
{
  OkapPeers *peers = user_data;

  send_gathered (peers);
  okap_known_prune (peers->known);
  return G_SOURCE_REMOVE;
}

/* The answer is known; that nobody else holds the connection is looked at soon. */
static void
confirm_soon (OkapPeer *peer)
{
  OkapPeers *peers = peer->peers;

  peer->search = new_search (peer);
  g_ptr_array_add (peers->gathered, okap_search_ref (peer->search));
  if (peers->timer != NULL)
    return;
  peers->timer = g_timeout_source_new (GATHER_MS);
  g_source_set_callback (peers->timer, gathered_cb, peers, NULL);
  g_source_set_static_name (peers->timer, "okap-peers");
  g_source_attach (peers->timer, peers->context);
}

/* (transfer none) (nullable): who it is, if it is a process that is known already */
static OkapReading *
find_known (OkapPeer *peer)
{
  gboolean is_unix = peer->door == OKAP_DOOR_SOCKET;
  guint64 inode;
  uid_t uid;

  if (okap_known_get_size (peer->peers->known) == 0
      || (is_unix && (peer->pidfd < 0 || !okap_proc_is_alive (peer->pidfd)))
      || okap_socket_diag_ask (peer->peers->diag, &peer->socket, &uid, &inode)
           != OKAP_SOCKET_FOUND)
    return NULL;
  return okap_known_find (peer->peers->known, inode, is_unix ? peer->connector : 0);
}

gboolean
okap_peer_identify (OkapPeer *peer, OkapPeerFunc func, gpointer user_data)
{
  OkapReading *reading = NULL;

  g_return_val_if_fail (peer->func == NULL, FALSE);

  peer->func = func;
  peer->user_data = user_data;
  if (peer->peers->fixed != NULL)
    {
      set_caller (peer, peer->peers->fixed);
      return TRUE;
    }
  reading = find_known (peer);
  if (reading != NULL)
    {
      set_caller (peer, reading->identity);
      confirm_soon (peer);
      return TRUE;
    }
  peer->search = new_search (peer);
  g_ptr_array_add (peer->peers->gathered, okap_search_ref (peer->search));
  send_gathered (peer->peers);
  return FALSE;
}
