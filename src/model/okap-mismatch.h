/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-identity.h"

G_BEGIN_DECLS

/* Whether the name that an app gives itself fits what Okap saw of it. Pure. */
gboolean okap_mismatch_found     (const char *claim, const OkapIdentity *seen);
char    *okap_mismatch_dup_words (const char *claim, const OkapIdentity *seen)
                                  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
