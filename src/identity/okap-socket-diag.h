/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <sys/socket.h>

G_BEGIN_DECLS

typedef union
{
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_storage storage;
} OkapAddress;

/* A connection that we accepted, by which the kernel can be asked about its other end. */
typedef struct
{
  OkapAddress ours, theirs;  /* of TCP */
  guint64 inode;             /* of our own end, of a Unix socket */
} OkapSocket;

/* Asks the kernel about sockets. One thread at a time. */
typedef struct _OkapSocketDiag OkapSocketDiag;

typedef enum
{
  OKAP_SOCKET_FOUND,
  OKAP_SOCKET_UNKNOWN,      /* nobody owns that end any more */
  OKAP_SOCKET_ABSENT,       /* no such connection */
  OKAP_SOCKET_UNAVAILABLE,  /* the kernel does not say */
} OkapSocketAnswer;

OkapSocketDiag  *okap_socket_diag_new       (void) G_GNUC_WARN_UNUSED_RESULT;
void             okap_socket_diag_free      (OkapSocketDiag *diag);
void             okap_socket_diag_set_plain (OkapSocketDiag *diag);
gboolean         okap_socket_read           (int fd, OkapSocket *out);
OkapSocketAnswer okap_socket_diag_ask       (OkapSocketDiag *diag, const OkapSocket *socket,
                                             uid_t *out_uid, guint64 *out_inode);

G_END_DECLS
