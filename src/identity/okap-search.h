/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-grade.h"
#include "okap-identify.h"
#include "okap-socket-diag.h"

G_BEGIN_DECLS

/* The question who holds the other end of one connection. Made and answered in one thread, worked
 * on in the identifier's; the two never touch it at the same time, but for its count. */
typedef struct _OkapSearch OkapSearch;

typedef void (*OkapSearchFunc) (OkapSearch *search, gpointer user_data);

struct _OkapSearch
{
  gatomicrefcount ref_count;
  GMainContext *context;     /* (owned) of who asks */
  OkapSearchFunc func;       /* (nullable) asker's thread; NULL: cancelled */
  gpointer user_data;        /* asker's thread */

  /* asked */
  OkapSocket socket;
  gboolean is_unix;
  pid_t connector;           /* of a Unix socket: who connected */
  int pidfd;                 /* (owned) of the connector, -1 if it is gone or not a Unix socket */
  gboolean vouched;          /* it came from the kernel with the connection */
  gboolean plain;            /* for tests: without socket diagnostics */

  /* found */
  OkapIdentity *identity;    /* (owned) (nullable) sealed; once answered */
  OkapReading *reading;      /* (owned) (nullable) of the one program that it is */
  int fd;                    /* at which descriptor it has the connection; -1: not known */
};

OkapSearch *okap_search_new    (GMainContext *context, OkapSearchFunc func, gpointer user_data)
                                G_GNUC_WARN_UNUSED_RESULT;
OkapSearch *okap_search_ref    (OkapSearch *search);
void        okap_search_unref  (OkapSearch *search);
void        okap_search_cancel (OkapSearch *search);
guint       okap_search_run    (GPtrArray *searches, OkapDigests *digests, OkapSocketDiag *diag);
void        okap_search_answer (OkapSearch *search);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapSearch, okap_search_unref)

/* in okap-identify.c */
void        okap_identifier_search (OkapIdentifier *identifier, OkapSearch *search);

G_END_DECLS
