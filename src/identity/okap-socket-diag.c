/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's socket diagnostics: who owns the other end of a connection, and its inode, by which
 * processes that hold it can be found. Each question is for exactly one socket.
 *
 * Of loopback TCP the kernel is asked for the socket whose own address is the other's. After that
 * end was closed it says uid 0 and inode 0, which means "unknown" and is never taken for root.
 * Where diagnostics are missing (some containers), /proc/net says the same, slower. Of a Unix
 * socket it is asked for ours, and tells its peer; whose that is, the socket itself knows
 * (SO_PEERCRED). */
#include "config.h"

#include "okap-socket-diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okap-socket-proc.h"

#define TCP_STATE_ESTABLISHED 1

typedef union
{
  struct nlmsghdr header;
  char bytes[1024];
} Reply;

struct _OkapSocketDiag
{
  int netlink_fd;      /* (owned) -1 where the kernel has no socket diagnostics for us */
  guint32 sequence;
  gboolean proven;     /* netlink has known a TCP connection */
};

static void
give_up_netlink (OkapSocketDiag *diag, const char *why)
{
  g_message ("The kernel's socket diagnostics do not answer (%s); "
             "using /proc/net/tcp to see who connects", why);
  okap_socket_diag_set_plain (diag);
}

/** okap_socket_diag_new: (transfer full): */
OkapSocketDiag *
okap_socket_diag_new (void)
{
  OkapSocketDiag *diag = g_new0 (OkapSocketDiag, 1);

  diag->netlink_fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                             NETLINK_SOCK_DIAG);
  if (diag->netlink_fd < 0)
    give_up_netlink (diag, g_strerror (errno));
  return diag;
}

void
okap_socket_diag_free (OkapSocketDiag *diag)
{
  okap_socket_diag_set_plain (diag);
  g_free (diag);
}

/** okap_socket_diag_set_plain: asks /proc/net from now on */
void
okap_socket_diag_set_plain (OkapSocketDiag *diag)
{
  if (diag->netlink_fd >= 0)
    close (diag->netlink_fd);
  diag->netlink_fd = -1;
}

/** okap_socket_read: what is needed to ask about the other end of @fd */
gboolean
okap_socket_read (int fd, OkapSocket *out)
{
  socklen_t length = sizeof out->ours;
  struct stat file;

  *out = (OkapSocket) { 0 };
  if (getsockname (fd, &out->ours.any, &length) != 0 || fstat (fd, &file) != 0)
    return FALSE;
  out->inode = file.st_ino;
  length = sizeof out->theirs;
  return out->ours.any.sa_family == AF_UNIX
         || getpeername (fd, &out->theirs.any, &length) == 0;
}

/* Sends one question; the kernel answers before sendto() returns. How many bytes are in @reply. */
static gssize
exchange (OkapSocketDiag *diag, struct nlmsghdr *question, Reply *reply)
{
  const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  struct sockaddr_nl sender;

  question->nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question->nlmsg_flags = NLM_F_REQUEST;
  question->nlmsg_seq = ++diag->sequence;
  if (sendto (diag->netlink_fd, question, question->nlmsg_len, 0,
              (const struct sockaddr *) &kernel, sizeof kernel) != (gssize) question->nlmsg_len)
    return -1;
  for (;;)
    {
      socklen_t sender_length = sizeof sender;
      gssize n = recvfrom (diag->netlink_fd, reply, sizeof *reply, 0, (struct sockaddr *) &sender,
                           &sender_length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < (gssize) NLMSG_LENGTH (sizeof (int)))
        return -1;
      if (sender.nl_pid == 0 && reply->header.nlmsg_seq == diag->sequence)
        return n;
    }
}

/* What an answer without a socket means. */
static OkapSocketAnswer
judge_error (const Reply *reply)
{
  return reply->header.nlmsg_type == NLMSG_ERROR
             && ((const struct nlmsgerr *) NLMSG_DATA (&reply->header))->error == -ENOENT
         ? OKAP_SOCKET_ABSENT : OKAP_SOCKET_UNAVAILABLE;
}

static void
fill_id (struct inet_diag_sockid *id, const OkapAddress *from, const OkapAddress *to)
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

/* Asks for the one socket whose own address is @from and whose peer is @to. */
static OkapSocketAnswer
ask_tcp (OkapSocketDiag *diag, const OkapAddress *from, const OkapAddress *to, uid_t *out_uid,
         guint64 *out_inode)
{
  struct
  {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } question = {
    .header = { .nlmsg_len = sizeof question },
    .body = { .sdiag_family = (guint8) from->any.sa_family, .sdiag_protocol = IPPROTO_TCP,
              .idiag_states = ~0u },
  };
  const struct inet_diag_msg *message;
  Reply reply;
  gssize n;

  fill_id (&question.body.id, from, to);
  n = exchange (diag, &question.header, &reply);
  if (n < 0)
    return OKAP_SOCKET_UNAVAILABLE;
  if (reply.header.nlmsg_type != SOCK_DIAG_BY_FAMILY
      || n < (gssize) NLMSG_LENGTH (sizeof *message))
    return judge_error (&reply);
  message = NLMSG_DATA (&reply.header);
  if (message->idiag_inode == 0 || message->idiag_state != TCP_STATE_ESTABLISHED)
    return OKAP_SOCKET_UNKNOWN;
  *out_uid = message->idiag_uid;
  *out_inode = message->idiag_inode;
  return OKAP_SOCKET_FOUND;
}

/* Netlink says "absent" also where the kernel lacks the module for TCP. Our own end of the
 * connection certainly exists: if not even that is known, netlink is of no use. */
static OkapSocketAnswer
ask_netlink (OkapSocketDiag *diag, const OkapSocket *socket, uid_t *out_uid, guint64 *out_inode)
{
  OkapSocketAnswer answer = ask_tcp (diag, &socket->theirs, &socket->ours, out_uid, out_inode);
  guint64 ignored_inode;
  uid_t ignored;

  if (answer == OKAP_SOCKET_ABSENT && !diag->proven
      && ask_tcp (diag, &socket->ours, &socket->theirs, &ignored, &ignored_inode)
           == OKAP_SOCKET_ABSENT)
    answer = OKAP_SOCKET_UNAVAILABLE;
  if (answer == OKAP_SOCKET_UNAVAILABLE)
    give_up_netlink (diag, "it does not know TCP");
  else
    diag->proven = TRUE;
  return answer;
}

static OkapSocketAnswer
ask_unix (OkapSocketDiag *diag, guint64 inode, guint64 *out_inode)
{
  struct
  {
    struct nlmsghdr header;
    struct unix_diag_req body;
  } question = {
    .header = { .nlmsg_len = sizeof question },
    .body = { .sdiag_family = AF_UNIX, .udiag_states = ~0u, .udiag_ino = (guint32) inode,
              .udiag_show = UDIAG_SHOW_PEER, .udiag_cookie = { ~0u, ~0u } },
  };
  const struct unix_diag_msg *message;
  const struct rtattr *attribute;
  Reply reply;
  gssize n;

  if (diag->netlink_fd < 0 || inode > G_MAXUINT32)
    return OKAP_SOCKET_UNAVAILABLE;
  n = exchange (diag, &question.header, &reply);
  if (n < 0)
    return OKAP_SOCKET_UNAVAILABLE;
  if (reply.header.nlmsg_type != SOCK_DIAG_BY_FAMILY
      || n < (gssize) NLMSG_LENGTH (sizeof *message))
    return OKAP_SOCKET_UNAVAILABLE;  /* ours exists, so it is the module that is missing */
  message = NLMSG_DATA (&reply.header);
  n -= (gssize) NLMSG_LENGTH (sizeof *message);
  for (attribute = (const struct rtattr *) (message + 1); RTA_OK (attribute, n);
       attribute = RTA_NEXT (attribute, n))
    if (attribute->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD (attribute) >= sizeof (guint32))
      {
        guint32 peer;

        memcpy (&peer, RTA_DATA (attribute), sizeof peer);
        *out_inode = peer;
        return peer != 0 ? OKAP_SOCKET_FOUND : OKAP_SOCKET_UNKNOWN;
      }
  return OKAP_SOCKET_UNKNOWN;
}

/**
 * okap_socket_diag_ask:
 * @out_uid: who owns the other end, of TCP; not set for Unix sockets
 * @out_inode: of the other end
 *
 * Returns: only with %OKAP_SOCKET_FOUND is anything set
 */
OkapSocketAnswer
okap_socket_diag_ask (OkapSocketDiag *diag, const OkapSocket *socket, uid_t *out_uid,
                      guint64 *out_inode)
{
  OkapSocketAnswer answer = OKAP_SOCKET_UNAVAILABLE;

  if (socket->ours.any.sa_family == AF_UNIX)
    return ask_unix (diag, socket->inode, out_inode);
  if (diag->netlink_fd >= 0)
    answer = ask_netlink (diag, socket, out_uid, out_inode);
  if (answer == OKAP_SOCKET_UNAVAILABLE && socket->theirs.any.sa_family == AF_INET)
    answer = okap_socket_proc_ask ("/proc/net/tcp", FALSE, socket, out_uid, out_inode);
  if (answer != OKAP_SOCKET_FOUND && diag->netlink_fd < 0)
    answer = okap_socket_proc_ask ("/proc/net/tcp6", TRUE, socket, out_uid, out_inode);
  return answer;
}
