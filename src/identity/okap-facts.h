/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sys/stat.h>

#include "okap-identity.h"
#include "okap-proc.h"

G_BEGIN_DECLS

/* What was read of one process, not judged yet. */
typedef struct
{
  int folder;            /* (owned) its folder in /proc */
  OkapProcessId process;
  OkapProcStat stat;
  OkapDoubt doubt;       /* why the rest is missing: GONE, HIDDEN, CHANGED; or NONE */
  gboolean replaced;     /* its file is not at its path any more */
  gboolean foreign;      /* it has namespaces, or a root, of its own */
  char *exe;             /* (owned) (nullable) what the link says */
  struct stat file;      /* of the file that runs */
  char *bytes;           /* (owned) (nullable) its command line, as it stands in memory */
  gsize n_bytes;
  char **command;        /* (owned) (nullable) the same as arguments */
  char *cwd;             /* (owned) (nullable) */
  char *unit;            /* (owned) (nullable) systemd's */
  GArray *ancestors;     /* (owned) of OkapProcessId, parent first */
  char **parents;        /* (owned) names of their programs */
  gboolean below_hidden; /* one of them is ours and does not let itself be read */
} OkapFacts;

OkapFacts *okap_facts_read         (pid_t pid, int pidfd) G_GNUC_WARN_UNUSED_RESULT;
void       okap_facts_free         (OkapFacts *facts);
gboolean   okap_facts_still_hold   (const OkapFacts *facts);
void       okap_facts_copy_shown   (const OkapFacts *facts, OkapIdentity *identity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapFacts, okap_facts_free)

G_END_DECLS
