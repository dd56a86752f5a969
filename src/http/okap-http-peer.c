/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is at the other end: PROTOCOL section 5, point 1. Belongs to the server's thread; asked once
 * for each connection, before its first byte is read.
 *
 * On the Unix socket the kernel noted the connecting process; its program is read while a
 * descriptor of the process shows that it still lives, so that a number that was given to another
 * process in between is not believed. On loopback TCP the socket diagnostics of the kernel name
 * the user who owns the client's end of this very connection. After that end was closed they say
 * uid 0 and inode 0, which means "unknown" and is never taken for root. Where they are missing
 * (some containers), /proc/net says the same, slower.
 *
 * The answer is a caller of our own user, or none. */
#include "config.h"

#include "okap-http-peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define TCP_STATE_ESTABLISHED 1

typedef union
{
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_storage storage;
} Address;

typedef enum
{
  LOOKUP_FOUND,
  LOOKUP_UNKNOWN,      /* nobody owns that end any more */
  LOOKUP_ABSENT,       /* no such connection */
  LOOKUP_UNAVAILABLE,  /* this way of asking does not work here */
} Lookup;

/* Columns of /proc/net/tcp. */
enum
{
  PROC_LOCAL = 1,
  PROC_REMOTE = 2,
  PROC_STATE = 3,
  PROC_UID = 7,
  PROC_INODE = 9,
  PROC_FIELDS = 10,
};

struct _OkapHttpPeers
{
  int netlink_fd;      /* (owned) -1 where the kernel has no socket diagnostics for us */
  guint32 sequence;
  gboolean proven;     /* netlink has known a connection */
};

static void
give_up_netlink (OkapHttpPeers *peers, const char *why)
{
  g_message ("The kernel's socket diagnostics do not answer (%s); "
             "using /proc/net/tcp to see who connects", why);
  if (peers->netlink_fd >= 0)
    close (peers->netlink_fd);
  peers->netlink_fd = -1;
}

/** okap_http_peers_new: (transfer full): */
OkapHttpPeers *
okap_http_peers_new (void)
{
  OkapHttpPeers *peers = g_new0 (OkapHttpPeers, 1);

  peers->netlink_fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                              NETLINK_SOCK_DIAG);
  if (peers->netlink_fd < 0)
    give_up_netlink (peers, g_strerror (errno));
  return peers;
}

void
okap_http_peers_free (OkapHttpPeers *peers)
{
  if (peers->netlink_fd >= 0)
    close (peers->netlink_fd);
  g_free (peers);
}

/** okap_http_peers_set_plain: for tests: asks /proc/net from now on */
void
okap_http_peers_set_plain (OkapHttpPeers *peers)
{
  if (peers->netlink_fd >= 0)
    close (peers->netlink_fd);
  peers->netlink_fd = -1;
}

static void
fill_socket_id (struct inet_diag_sockid *id, const Address *from, const Address *to)
{
  id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (from->any.sa_family == AF_INET)
    {
      id->idiag_sport = from->v4.sin_port;
      id->idiag_dport = to->v4.sin_port;
      memcpy (id->idiag_src, &from->v4.sin_addr, sizeof from->v4.sin_addr);
      memcpy (id->idiag_dst, &to->v4.sin_addr, sizeof to->v4.sin_addr);
      return;
    }
  id->idiag_sport = from->v6.sin6_port;
  id->idiag_dport = to->v6.sin6_port;
  memcpy (id->idiag_src, &from->v6.sin6_addr, sizeof from->v6.sin6_addr);
  memcpy (id->idiag_dst, &to->v6.sin6_addr, sizeof to->v6.sin6_addr);
}

static Lookup
judge_reply (const struct nlmsghdr *header, gssize length, uid_t *out_uid)
{
  const struct inet_diag_msg *message = NLMSG_DATA (header);

  if (length < (gssize) NLMSG_LENGTH (sizeof (int)))
    return LOOKUP_UNAVAILABLE;
  if (header->nlmsg_type == NLMSG_ERROR)
    return ((const struct nlmsgerr *) NLMSG_DATA (header))->error == -ENOENT ? LOOKUP_ABSENT
                                                                           : LOOKUP_UNAVAILABLE;
  if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY
      || length < (gssize) NLMSG_LENGTH (sizeof *message))
    return LOOKUP_UNAVAILABLE;
  if (message->idiag_inode == 0 || message->idiag_state != TCP_STATE_ESTABLISHED)
    return LOOKUP_UNKNOWN;
  *out_uid = message->idiag_uid;
  return LOOKUP_FOUND;
}

/* Asks for the one socket whose own address is @from and whose peer is @to. The kernel answers
 * before sendto() returns. */
static Lookup
ask_netlink (OkapHttpPeers *peers, const Address *from, const Address *to, uid_t *out_uid)
{
  struct
  {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } request = {
    .header = { .nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = ++peers->sequence },
    .body = { .sdiag_family = (guint8) from->any.sa_family, .sdiag_protocol = IPPROTO_TCP,
              .idiag_states = ~0u },
  };
  const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  union
  {
    struct nlmsghdr header;
    char bytes[1024];
  } reply;
  struct sockaddr_nl sender;

  fill_socket_id (&request.body.id, from, to);
  if (sendto (peers->netlink_fd, &request, sizeof request, 0, (const struct sockaddr *) &kernel,
              sizeof kernel) != (gssize) sizeof request)
    return LOOKUP_UNAVAILABLE;

  for (;;)
    {
      socklen_t sender_length = sizeof sender;
      gssize n = recvfrom (peers->netlink_fd, &reply, sizeof reply, 0,
                           (struct sockaddr *) &sender, &sender_length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < (gssize) sizeof reply.header)
        return LOOKUP_UNAVAILABLE;
      if (sender.nl_pid != 0 || reply.header.nlmsg_seq != peers->sequence)
        continue;
      return judge_reply (&reply.header, n, out_uid);
    }
}

/* Netlink says "absent" also where the kernel lacks the module for TCP. Our own end of the
 * connection certainly exists: if not even that is known, netlink is of no use. */
static Lookup
look_up_by_netlink (OkapHttpPeers *peers, const Address *theirs, const Address *ours,
                    uid_t *out_uid)
{
  Lookup lookup = ask_netlink (peers, theirs, ours, out_uid);
  uid_t ignored;

  if (lookup == LOOKUP_ABSENT && !peers->proven
      && ask_netlink (peers, ours, theirs, &ignored) == LOOKUP_ABSENT)
    lookup = LOOKUP_UNAVAILABLE;
  if (lookup == LOOKUP_UNAVAILABLE)
    give_up_netlink (peers, "it does not know TCP");
  else
    peers->proven = TRUE;
  return lookup;
}

/* An address as /proc/net writes it: words of the host's byte order in hex, a colon, the port. */
static void
print_proc_address (const Address *address, gboolean as_v6, char *out, gsize room)
{
  guint32 words[4] = { 0, 0, htonl (0xFFFF), 0 };
  guint16 port;

  if (address->any.sa_family == AF_INET)
    {
      memcpy (&words[3], &address->v4.sin_addr, sizeof words[3]);
      port = ntohs (address->v4.sin_port);
    }
  else
    {
      memcpy (words, &address->v6.sin6_addr, sizeof words);
      port = ntohs (address->v6.sin6_port);
    }
  if (as_v6)
    g_snprintf (out, room, "%08X%08X%08X%08X:%04X", words[0], words[1], words[2], words[3], port);
  else
    g_snprintf (out, room, "%08X:%04X", words[3], port);
}

/* Splits a row of /proc/net/tcp in place. */
static gboolean
split_proc_row (char *row, char *fields[PROC_FIELDS])
{
  for (guint i = 0; i < PROC_FIELDS; i++)
    {
      fields[i] = row + strspn (row, " \t\n");
      row = fields[i] + strcspn (fields[i], " \t\n");
      if (row == fields[i])
        return FALSE;
      if (*row != '\0')
        *row++ = '\0';
    }
  return TRUE;
}

static Lookup
look_up_in_proc (const char *file, gboolean as_v6, const Address *theirs, const Address *ours,
                 uid_t *out_uid)
{
  g_autofree char *line = NULL;
  char from[48], to[48];
  gsize room = 0;
  Lookup lookup = LOOKUP_UNKNOWN;
  FILE *stream = fopen (file, "re");

  if (stream == NULL)
    return LOOKUP_UNAVAILABLE;
  print_proc_address (theirs, as_v6, from, sizeof from);
  print_proc_address (ours, as_v6, to, sizeof to);
  while (getline (&line, &room, stream) > 0)
    {
      char *fields[PROC_FIELDS];

      if (!split_proc_row (line, fields)
          || strcmp (fields[PROC_LOCAL], from) != 0 || strcmp (fields[PROC_REMOTE], to) != 0)
        continue;
      if (strcmp (fields[PROC_INODE], "0") == 0
          || g_ascii_strtoull (fields[PROC_STATE], NULL, 16) != TCP_STATE_ESTABLISHED)
        break;
      *out_uid = (uid_t) g_ascii_strtoull (fields[PROC_UID], NULL, 10);
      lookup = LOOKUP_FOUND;
      break;
    }
  fclose (stream);
  return lookup;
}

static gboolean
is_loopback (const Address *address)
{
  if (address->any.sa_family == AF_INET)
    return ntohl (address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  return address->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK (&address->v6.sin6_addr);
}

static OkapCaller *
identify_tcp (OkapHttpPeers *peers, const Address *theirs, const Address *ours)
{
  Lookup lookup = LOOKUP_UNAVAILABLE;
  uid_t uid = (uid_t) -1;

  if (!is_loopback (theirs) || !is_loopback (ours)
      || theirs->any.sa_family != ours->any.sa_family)
    return NULL;
  if (peers->netlink_fd >= 0)
    lookup = look_up_by_netlink (peers, theirs, ours, &uid);
  if (lookup == LOOKUP_UNAVAILABLE && theirs->any.sa_family == AF_INET)
    lookup = look_up_in_proc ("/proc/net/tcp", FALSE, theirs, ours, &uid);
  if (lookup != LOOKUP_FOUND && peers->netlink_fd < 0)
    lookup = look_up_in_proc ("/proc/net/tcp6", TRUE, theirs, ours, &uid);
  if (lookup != LOOKUP_FOUND || uid != geteuid ())
    return NULL;
  return okap_caller_new (OKAP_DOOR_TCP, uid, 0, NULL);
}

/* A descriptor for the process that connected; -1 if there is none any more. */
static int
open_process (int fd, pid_t pid)
{
  int process = -1;
  socklen_t length = sizeof process;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERPIDFD, &process, &length) == 0)
    return process;
  return (int) syscall (SYS_pidfd_open, pid, 0);
}

static gboolean
is_alive (int process)
{
  struct pollfd poll_fd = { .fd = process, .events = POLLIN };

  return poll (&poll_fd, 1, 0) == 0;
}

/* (transfer full) (nullable): the program that process @pid runs. */
static char *
read_program (int fd, pid_t pid)
{
  char link[32];
  char target[4096];
  gssize n;
  gboolean alive;
  int process = open_process (fd, pid);

  if (process < 0)
    return NULL;
  g_snprintf (link, sizeof link, "/proc/%d/exe", (int) pid);
  n = readlink (link, target, sizeof target - 1);
  alive = is_alive (process);
  close (process);
  return n > 0 && alive ? g_strndup (target, (gsize) n) : NULL;
}

static OkapCaller *
identify_socket (int fd)
{
  struct ucred peer;
  socklen_t length = sizeof peer;
  g_autoptr (OkapIdentity) identity = okap_identity_new (OKAP_IDENTITY_UNKNOWN);

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.uid != geteuid ())
    return NULL;
  if (peer.pid > 0)
    identity->program = read_program (fd, peer.pid);
  return okap_caller_new (OKAP_DOOR_SOCKET, peer.uid, peer.pid, okap_identity_seal (identity));
}

/**
 * okap_http_peers_identify:
 * @fd: a socket that was just accepted
 *
 * Returns: (transfer full) (nullable): the caller; NULL if it is another user, not on this
 *   machine, or unknown: then nothing of it may be read
 */
OkapCaller *
okap_http_peers_identify (OkapHttpPeers *peers, int fd)
{
  Address ours = { 0 }, theirs = { 0 };
  socklen_t length = sizeof ours;

  if (getsockname (fd, &ours.any, &length) != 0)
    return NULL;
  if (ours.any.sa_family == AF_UNIX)
    return identify_socket (fd);
  length = sizeof theirs;
  if (getpeername (fd, &theirs.any, &length) != 0)
    return NULL;
  return identify_tcp (peers, &theirs, &ours);
}
