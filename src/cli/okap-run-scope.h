/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean okap_run_scope_enter   (const char *program);
gboolean okap_run_scope_is_in   (const char *cgroups, const char *scope);
void     okap_run_scope_adopt   (void);

G_END_DECLS
