/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-ask.h"
#include "okap-identify.h"
#include "okap-prompter.h"

G_BEGIN_DECLS

/* Which program a grant is bound to. Main thread. */
void     okap_binding_find_async  (OkapIdentifier *identifier, const OkapAsk *ask,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean okap_binding_find_finish (OkapAsk *ask, GAsyncResult *result, GError **error);
void     okap_binding_apply       (OkapGrant *grant, const OkapAsk *ask,
                                   const OkapDecision *decision);
void     okap_binding_limit       (OkapGrant *grant);

G_END_DECLS
