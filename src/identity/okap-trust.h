/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

gboolean okap_trust_is_same_file (const struct stat *a, const struct stat *b);
gboolean okap_trust_is_unchanged (const struct stat *a, const struct stat *b);
gboolean okap_trust_is_installed (const char *path, const struct stat *file);

G_END_DECLS
