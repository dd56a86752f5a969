/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-broker.h"

G_BEGIN_DECLS

/* From a one-time code to its token, for whichever door gave the code out. Main thread. */
void       okap_redeem_async  (OkapBroker *broker, const char *code, const char *verifier,
                               OkapCaller *caller, GAsyncReadyCallback callback,
                               gpointer user_data);
OkapGrant *okap_redeem_finish (OkapBroker *broker, GAsyncResult *result, OkapSecret **out_token,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
