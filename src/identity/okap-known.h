/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-grade.h"

G_BEGIN_DECLS

/* Processes that were identified a while ago and are still there. One thread. */
typedef struct _OkapKnown OkapKnown;

OkapKnown   *okap_known_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void         okap_known_free     (OkapKnown *known);
void         okap_known_add      (OkapKnown *known, OkapReading *reading, int fd);
OkapReading *okap_known_find     (OkapKnown *known, guint64 inode, pid_t pid);
void         okap_known_prune    (OkapKnown *known);
guint        okap_known_get_size (OkapKnown *known);

G_END_DECLS
