/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"

G_BEGIN_DECLS

/* How much of what an app may use is used. */
gboolean okap_budget_find       (OkapGate *gate, const OkapGrant *grant,
                                 OkapStanding *out_standing);
double   okap_budget_get_part   (const OkapStanding *standing);
char    *okap_budget_dup_words  (const OkapStanding *standing) G_GNUC_WARN_UNUSED_RESULT;
char    *okap_budget_dup_left   (const OkapStanding *standing, gint64 now_us)
                                 G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
