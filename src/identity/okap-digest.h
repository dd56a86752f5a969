/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* SHA-256 of files, remembered as long as they do not change. One thread at a time. */
typedef struct _OkapDigests OkapDigests;

OkapDigests *okap_digests_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void         okap_digests_free     (OkapDigests *digests);
char        *okap_digests_dup      (OkapDigests *digests, int fd, struct stat *out_file)
                                    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
