/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-facts.h"

G_BEGIN_DECLS

OkapIdentity *okap_sandbox_identify       (const OkapFacts *facts, const char *runtime_folder)
                                           G_GNUC_WARN_UNUSED_RESULT;

/* one of its parts, for tests */
char         *okap_sandbox_parse_label    (const char *text, gsize length);

G_END_DECLS
