/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-ask.h"
#include "okap-grant.h"

G_BEGIN_DECLS

/* How long decisions are remembered, and which of them answer a request again. Pure. */
gboolean okap_remembered_may_last (const OkapAsk *ask, OkapGrantTerm term);
gint64   okap_remembered_get_end  (const OkapAsk *ask, OkapGrantTerm term, gint64 decided_us,
                                   gint64 now_us);
char    *okap_remembered_dup_asked (const OkapAsk *ask) G_GNUC_WARN_UNUSED_RESULT;
gboolean okap_remembered_is_same  (const OkapAsk *open, const OkapAsk *later);
gboolean okap_remembered_covers   (const OkapGrant *grant, const OkapAsk *ask, gint64 now_us);

G_END_DECLS
