/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *okap_text_clean        (const char *text, gsize most_chars);
char *okap_text_shorten      (const char *text, gsize most_chars);

G_END_DECLS
