/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-misuse.h"

G_BEGIN_DECLS

/* What is said of a token that another program tried. */
char *okap_words_misuse_title (OkapMisuse *misuse) G_GNUC_WARN_UNUSED_RESULT;
char *okap_words_misuse_body  (OkapMisuse *misuse) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
