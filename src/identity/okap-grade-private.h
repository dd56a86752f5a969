/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What grading a process and grading a file share. */
#pragma once

#include "okap-grade.h"

G_BEGIN_DECLS

OkapIdentity *okap_grade_program     (OkapDigests *digests, const char *path,
                                      const struct stat *file, int folder, const char *name)
                                      G_GNUC_WARN_UNUSED_RESULT;
char         *okap_grade_read_script (OkapDigests *digests, int folder, const char *name,
                                      char **out_path, struct stat *out_file)
                                      G_GNUC_WARN_UNUSED_RESULT;
char         *okap_grade_combine     (const OkapIdentity *interpreter, const char *digest,
                                      const char *loads, const char *folder)
                                      G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
