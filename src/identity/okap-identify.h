/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-identity.h"

G_BEGIN_DECLS

/* Identifies programs, on a thread of its own ("okap-identity"): reading a process, hashing a file
 * or looking through all processes may take a while. One for the whole process: whoever needs it
 * holds a reference, and the last one to let go ends the thread. Safe from any thread. */
typedef struct _OkapIdentifier OkapIdentifier;

OkapIdentifier *okap_identifier_get   (void) G_GNUC_WARN_UNUSED_RESULT;
OkapIdentifier *okap_identifier_ref   (OkapIdentifier *identifier);
void            okap_identifier_unref (OkapIdentifier *identifier);

/* Which program a process runs. The answer comes in the thread's default main context. @pidfd: of
 * the process, from who vouches for it (borrowed; it is duplicated); -1 if there is only a number:
 * then it is the process that has it now, and whoever told the number has to be asked once more. */
void          okap_identify_process_async  (OkapIdentifier *identifier, pid_t pid, int pidfd,
                                            GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): always one; OKAP_IDENTITY_UNKNOWN with the doubt if nothing better is known */
OkapIdentity *okap_identify_process_finish (GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

/* Which program a file would be if it were started: INSTALLED or USER_PROGRAM, or SCRIPT for a
 * file that begins with #!. @path: absolute. */
void          okap_identify_file_async     (OkapIdentifier *identifier, const char *path,
                                            GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full) (nullable): OKAP_ERROR_INVALID_REQUEST: there is no such file, it cannot be
 * started, or it is one that says nothing about who uses it (an interpreter, a relay) */
OkapIdentity *okap_identify_file_finish    (GAsyncResult *result, GError **error)
                                            G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapIdentifier, okap_identifier_unref)

G_END_DECLS
