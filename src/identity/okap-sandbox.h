/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-facts.h"

G_BEGIN_DECLS

OkapIdentity *okap_sandbox_identify       (const OkapFacts *facts, const char *runtime_folder)
                                           G_GNUC_WARN_UNUSED_RESULT;

/* its parts, for tests */
char         *okap_sandbox_parse_info     (const char *text, gsize length, char **out_instance);
char         *okap_sandbox_parse_label    (const char *text, gsize length);
gboolean      okap_sandbox_is_unit_of     (const char *unit, const char *app_id);
gboolean      okap_sandbox_is_instance    (const char *runtime_folder, const char *instance,
                                           const char *info, gsize length, int folder);

G_END_DECLS
