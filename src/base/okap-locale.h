/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void  okap_locale_set_up (void);
char *okap_locale_dup_folder (const char *program);

G_END_DECLS
