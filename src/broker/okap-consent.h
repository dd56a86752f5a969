/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-prompter.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* The queue in front of the person. Main thread. */
#define OKAP_TYPE_CONSENT (okap_consent_get_type ())
G_DECLARE_FINAL_TYPE (OkapConsent, okap_consent, OKAP, CONSENT, GObject)

OkapConsent  *okap_consent_new          (OkapVault *vault) G_GNUC_WARN_UNUSED_RESULT;
void          okap_consent_set_prompter (OkapConsent *self, OkapPrompter *prompter);
void          okap_consent_ask_async    (OkapConsent *self, OkapQuestion *question, guint wait_s,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
OkapDecision *okap_consent_ask_finish   (OkapConsent *self, GAsyncResult *result, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;
guint         okap_consent_get_pending  (OkapConsent *self);
void          okap_consent_set_hold     (OkapConsent *self, gboolean held);
void          okap_consent_end_session  (OkapConsent *self);

G_END_DECLS
