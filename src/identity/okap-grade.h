/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-digest.h"
#include "okap-identity.h"

G_BEGIN_DECLS

OkapIdentity *okap_grade_process (OkapDigests *digests, pid_t pid, int pidfd)
                                  G_GNUC_WARN_UNUSED_RESULT;
OkapIdentity *okap_grade_file    (OkapDigests *digests, const char *path, GError **error)
                                  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
