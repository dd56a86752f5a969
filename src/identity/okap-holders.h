/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Who has a socket open. */
typedef struct
{
  guint64 inode;
  GArray *pids;          /* (owned) of pid_t, each once */
  GArray *fds;           /* (owned) of int: the last descriptor of each */
  gboolean too_many;     /* more than OKAP_CAP_IDENTITY_HOLDERS */
} OkapHolders;

guint    okap_holders_find      (GPtrArray *all);
gboolean okap_holders_has       (int folder, guint64 inode, int *hint, guint *budget);
gboolean okap_holders_has_near  (int folder, guint64 inode, int *hint, guint *budget);
gboolean okap_holders_parse     (const char *target, gssize length, guint64 *out_inode);

G_END_DECLS
