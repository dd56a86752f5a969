/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-digest.h"
#include "okap-facts.h"

G_BEGIN_DECLS

/* What was made of a process, and what it was made from. Constant. */
typedef struct
{
  gatomicrefcount ref_count;
  OkapIdentity *identity;   /* (owned) sealed */
  OkapFacts *facts;         /* (owned) */
  char *script;             /* (owned) (nullable) a file whose content is part of the identity */
  struct stat script_file;
} OkapReading;

OkapReading  *okap_reading_new         (OkapDigests *digests, pid_t pid, int pidfd)
                                        G_GNUC_WARN_UNUSED_RESULT;
OkapReading  *okap_reading_ref         (OkapReading *reading);
void          okap_reading_unref       (OkapReading *reading);
gboolean      okap_reading_still_holds (const OkapReading *reading);
OkapIdentity *okap_grade_file          (OkapDigests *digests, const char *path, GError **error)
                                        G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapReading, okap_reading_unref)

G_END_DECLS
