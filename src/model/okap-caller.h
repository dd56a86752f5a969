/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <sys/types.h>

#include "okap-identity.h"

G_BEGIN_DECLS

#define OKAP_TYPE_CALLER (okap_caller_get_type ())

/* How a request came in. */
typedef enum
{
  OKAP_DOOR_TCP,     /* HTTP on loopback */
  OKAP_DOOR_SOCKET,  /* HTTP on the Unix socket */
  OKAP_DOOR_RUN,     /* okap run, on the Unix socket */
  OKAP_DOOR_BUS,     /* the session bus */
  OKAP_DOOR_LINK,    /* an okap:// link that was opened */
  OKAP_DOOR_WINDOW,  /* a person, in a window of Okap's own */
} OkapDoor;

/* What Okap itself saw of who calls; nothing in here comes from the request. Constant. */
typedef struct
{
  gatomicrefcount ref_count;
  OkapDoor door;
  uid_t uid;
  pid_t pid;          /* 0 where it is not known */
  OkapIdentity *identity;  /* (owned) the program, as well as it is known */
} OkapCaller;

GType       okap_caller_get_type   (void) G_GNUC_CONST;
OkapCaller *okap_caller_new        (OkapDoor door, uid_t uid, pid_t pid,
                                    OkapIdentity *identity)
                                    G_GNUC_WARN_UNUSED_RESULT;
OkapCaller *okap_caller_ref        (OkapCaller *caller);
void        okap_caller_unref      (OkapCaller *caller);
char       *okap_caller_dup_words  (const OkapCaller *caller);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapCaller, okap_caller_unref)

G_END_DECLS
