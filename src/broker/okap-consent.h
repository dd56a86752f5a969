/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-flood.h"
#include "okap-prompter.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* The queue in front of the person. Emits "pending-changed" when it has become longer or shorter;
 * whoever hears that does nothing to the queue. Main thread. */
#define OKAP_TYPE_CONSENT (okap_consent_get_type ())
G_DECLARE_FINAL_TYPE (OkapConsent, okap_consent, OKAP, CONSENT, GObject)

/* What came of a question, for one of those who asked it. */
typedef struct
{
  OkapDecision *decision;  /* (owned) (nullable) of the person */
  GPtrArray *others;       /* (owned) (nullable) (element-type GTask) those who asked the same, to
                              be answered with okap_consent_answer_others() */
  char *grant_id;          /* (owned) (nullable) without a decision: what is granted already */
  OkapGrant *grant;        /* (owned) (nullable) likewise, with a token that nobody has yet */
  OkapSecret *token;       /* (owned) (nullable) */
} OkapVerdict;

void okap_verdict_free (OkapVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapVerdict, okap_verdict_free)

/* Whether what is granted already answers @ask. @out_later: it cannot be told yet;
 * okap_consent_check_again() when it can. Returns: (transfer full) (nullable): id of the grant. */
typedef char *(*OkapConsentCoverFunc) (const OkapAsk *ask, gboolean *out_later,
                                       gpointer user_data);

OkapConsent  *okap_consent_new          (OkapVault *vault, OkapFlood *flood)
                                         G_GNUC_WARN_UNUSED_RESULT;
void          okap_consent_set_prompter (OkapConsent *self, OkapPrompter *prompter);
void          okap_consent_set_cover_func (OkapConsent *self, OkapConsentCoverFunc func,
                                           gpointer user_data);
void          okap_consent_check_again  (OkapConsent *self);

void          okap_consent_ask_async    (OkapConsent *self, OkapQuestion *question,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
OkapVerdict  *okap_consent_ask_finish   (OkapConsent *self, GAsyncResult *result, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;
void          okap_consent_answer_others (GPtrArray *others, const char *grant_id,
                                          const GError *error);
gboolean      okap_consent_pass_on      (GPtrArray *others, OkapGrant *grant, OkapSecret *token);

/* Kept with the result of what was refused: after how many seconds it may be tried again. */
guint         okap_retry_after_get      (GAsyncResult *result);
void          okap_retry_after_set      (GTask *task, guint seconds);

guint         okap_consent_get_pending  (OkapConsent *self);
void          okap_consent_set_hold     (OkapConsent *self, gboolean held);
void          okap_consent_end_session  (OkapConsent *self);
void          okap_consent_refuse_all   (OkapConsent *self, const GError *error);

G_END_DECLS
