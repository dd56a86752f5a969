/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *okap_request_binding_find (const char *program, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *okap_request_binding_add  (const char *body, gsize length, const char *program,
                                 gsize *out_length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
