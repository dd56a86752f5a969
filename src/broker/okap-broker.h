/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-alerts.h"
#include "okap-block.h"
#include "okap-caller.h"
#include "okap-codes.h"
#include "okap-gate.h"
#include "okap-grant-change.h"
#include "okap-grant-money.h"
#include "okap-key-care.h"
#include "okap-misuse-watch.h"
#include "okap-price-seal.h"
#include "okap-prompter.h"
#include "okap-request.h"
#include "okap-store.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* The only place that grants. Main thread. */
#define OKAP_TYPE_BROKER (okap_broker_get_type ())
G_DECLARE_FINAL_TYPE (OkapBroker, okap_broker, OKAP, BROKER, GObject)

OkapBroker *okap_broker_new             (OkapVault *vault, OkapStore *store, OkapGate *gate,
                                         OkapClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void        okap_broker_set_prompter    (OkapBroker *self, OkapPrompter *prompter);
OkapVault  *okap_broker_get_vault       (OkapBroker *self);
OkapStore  *okap_broker_get_store       (OkapBroker *self);
OkapGate   *okap_broker_get_gate        (OkapBroker *self);
OkapClock  *okap_broker_get_clock       (OkapBroker *self);
OkapAlerts *okap_broker_get_alerts      (OkapBroker *self);
OkapCodes  *okap_broker_get_codes       (OkapBroker *self);
OkapKeyCare *okap_broker_get_key_care   (OkapBroker *self);
OkapMisuseWatch *okap_broker_get_misuse_watch (OkapBroker *self);
OkapPriceSeal *okap_broker_get_price_seal (OkapBroker *self);

/* From request to durable grant. @cancellable: the caller is gone or has waited enough; its
 * dialog goes with it. */
void        okap_broker_authorize_async (OkapBroker *self, const OkapAsk *ask,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
OkapGrant  *okap_broker_authorize_finish (OkapBroker *self, GAsyncResult *result,
                                          OkapSecret **out_token, GError **error);
/* After how many seconds it may be tried again: with %OKAP_ERROR_THROTTLED, %OKAP_ERROR_BUSY and
 * the like; 0: Okap does not say. Before or after the finish. */
guint       okap_broker_authorize_get_retry_after (OkapBroker *self, GAsyncResult *result);

/* While it is restricted nobody is taken to be there: nothing is presented, what waits goes on
 * waiting, and nothing is widened (%OKAP_ERROR_RESTRICTED). What is granted goes on. Property:
 * "restricted". Emits "person" when the passphrase was typed meanwhile by somebody who is there. */
void        okap_broker_set_restricted   (OkapBroker *self, gboolean restricted);
gboolean    okap_broker_is_restricted    (OkapBroker *self);
gboolean    okap_broker_check_unrestricted (OkapBroker *self, GError **error);
void        okap_broker_note_person      (OkapBroker *self);

/* The session ends: what is open ends with %OKAP_ERROR_SESSION_ENDING, and so does what comes. */
void        okap_broker_end_session     (OkapBroker *self);

/* The panic switch, property "paused": all apps at once. What they run is cut, what they ask is
 * refused. To pause is free; whoever resumes has seen the passphrase or a real press. */
gboolean    okap_broker_get_paused      (OkapBroker *self);
gboolean    okap_broker_set_paused      (OkapBroker *self, gboolean paused, const char *why,
                                         GError **error);

/* Keeps it in a file; it counts at once if the file is there. Before anything is asked. */
void        okap_broker_keep_pause      (OkapBroker *self, const char *path);

/* (element-type OkapBlock) programs that are not asked for, newest first. */
GListModel *okap_broker_get_blocks      (OkapBroker *self);
void        okap_broker_end_block       (OkapBroker *self, OkapBlock *block);

/* Keeps these and the threshold in a file; reads it at once. Before anything is asked. */
void        okap_broker_keep_rules      (OkapBroker *self, const char *path);

/* Up to which money a click is enough. To lower it is free; what raises it takes the passphrase
 * (@secret is nullable otherwise). Unlocked only; durable when it finishes. */
OkapThreshold okap_broker_get_threshold (OkapBroker *self);
void        okap_broker_set_threshold_async  (OkapBroker *self, const OkapThreshold *threshold,
                                              OkapSecret *secret, GAsyncReadyCallback callback,
                                              gpointer user_data);
gboolean    okap_broker_set_threshold_finish (OkapBroker *self, GAsyncResult *result,
                                              GError **error);

/* Unlocks the vault; finishes when its grants are read too, so that tokens work. Errors are those
 * of okap_vault_unlock_finish(). */
void        okap_broker_unlock_async    (OkapBroker *self, OkapSecret *secret,
                                         GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_broker_unlock_finish   (OkapBroker *self, GAsyncResult *result, GError **error);
/* That the secret was right: for whoever decides without a person, as the command line said. It is
 * good for any question, until the vault locks. */
OkapProof  *okap_broker_unlock_dup_proof (OkapBroker *self, GAsyncResult *result)
                                          G_GNUC_WARN_UNUSED_RESULT;

/* Adds a key for whoever is no person at the window. One with an address of its own takes the
 * passphrase (@passphrase is nullable otherwise). Finishes as okap_vault_add_key_finish(). */
void        okap_broker_add_key_async   (OkapBroker *self, const char *provider, const char *label,
                                         const char *base_url, OkapSecret *key,
                                         OkapSecret *passphrase, GAsyncReadyCallback callback,
                                         gpointer user_data);
OkapKeyInfo *okap_broker_add_key_finish (OkapBroker *self, GAsyncResult *result, GError **error);

/* (element-type OkapGrantItem) all grants while unlocked, newest first; empty while locked. */
GListModel *okap_broker_get_grants      (OkapBroker *self);
OkapGrant  *okap_broker_find_grant      (OkapBroker *self, const char *id);

/* Effective in the gate before this returns; durable when it finishes. A revoked grant stays so. */
void        okap_broker_set_grant_state_async  (OkapBroker *self, const char *id,
                                                OkapGrantState state, const char *why,
                                                GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_broker_set_grant_state_finish (OkapBroker *self, GAsyncResult *result,
                                                GError **error);

/* An answer did not reach its program: the grant is revoked, unless other tokens of it are in use;
 * then the lost one opens nothing for anybody, because nobody has it. */
void        okap_broker_give_back       (OkapBroker *self, const char *grant_id, const char *why);

/* Likewise; finishes like a change of state. A ceiling that is set lets an app spend more: whoever
 * calls for one has seen the passphrase. */
void        okap_broker_set_grant_money_async  (OkapBroker *self, const char *id,
                                                const OkapGrantMoney *money,
                                                GAsyncReadyCallback callback, gpointer user_data);

/* Changes what a grant allows; finishes like a change of state. What only narrows holds in the gate
 * before this returns. What widens anything (okap_grant_dup_widening()) takes the passphrase, and
 * holds once that was shown. */
void        okap_broker_edit_grant_async (OkapBroker *self, const char *id,
                                          const OkapGrantEdit *edit, OkapSecret *secret,
                                          GAsyncReadyCallback callback, gpointer user_data);

/* So much more money than the limits say, until the day is over; likewise, and always with the
 * passphrase. */
void        okap_broker_allow_more_async (OkapBroker *self, const char *id, const char *provider,
                                          gint64 nusd, OkapSecret *secret,
                                          GAsyncReadyCallback callback, gpointer user_data);

/* Revokes a grant, as a change of state does; but for ten seconds it can be given back. No door
 * leads here: it is for the window alone, and to give back takes a press by a device. Both finish
 * like a change of state. */
#define OKAP_UNDO_S 10
void        okap_broker_revoke_async (OkapBroker *self, const char *id, const char *why,
                                      GAsyncReadyCallback callback, gpointer user_data);
void        okap_broker_undo_revoke_async (OkapBroker *self, const char *id,
                                           GAsyncReadyCallback callback, gpointer user_data);

/* A grant for a program that does not ask by itself. @request says what the person wants: its
 * bind_program is who shall use it, if it is not portable. The question is never shown to anybody
 * else; it says what needs the passphrase, and proves it. No door leads here. */
void          okap_broker_prepare_async  (OkapBroker *self, OkapRequest *request,
                                          GAsyncReadyCallback callback, gpointer user_data);
OkapQuestion *okap_broker_prepare_finish (OkapBroker *self, GAsyncResult *result, GError **error)
                                          G_GNUC_WARN_UNUSED_RESULT;
/* Finishes as okap_broker_authorize_finish() does. */
void          okap_broker_make_async     (OkapBroker *self, OkapQuestion *question,
                                          const OkapDecision *decision,
                                          GAsyncReadyCallback callback, gpointer user_data);

/* Lets one more program use the grant's token. No door leads here: it is for the window alone,
 * after a press that OkapAllowButton took for real. Holds in the gate before this returns. */
void        okap_broker_allow_program_async  (OkapBroker *self, const char *grant_id,
                                              OkapIdentity *identity,
                                              GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_broker_allow_program_finish (OkapBroker *self, GAsyncResult *result,
                                              GError **error);

/* Adds to or takes from what a grant spent, because a price was wrong; takes the passphrase again.
 * Counts in the gate and is durable when it finishes. */
void        okap_broker_correct_async   (OkapBroker *self, const char *grant_id,
                                         const char *provider, gint64 nusd, const char *reason,
                                         OkapSecret *secret, GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean    okap_broker_correct_finish  (OkapBroker *self, GAsyncResult *result, GError **error);

/* Revokes the grant when the process ends. Keeps @pidfd. */
void        okap_broker_bind_to_process (OkapBroker *self, const char *grant_id, int pidfd);

/* Property "pending": how many questions wait. */
guint       okap_broker_get_pending     (OkapBroker *self);

/* A row of the list of grants: the current version, replaced as it changes (notify::grant). */
#define OKAP_TYPE_GRANT_ITEM (okap_grant_item_get_type ())
G_DECLARE_FINAL_TYPE (OkapGrantItem, okap_grant_item, OKAP, GRANT_ITEM, GObject)

OkapGrantItem *okap_grant_item_new       (OkapGrant *grant) G_GNUC_WARN_UNUSED_RESULT;
OkapGrant     *okap_grant_item_get_grant (OkapGrantItem *self);
void           okap_grant_item_set_grant (OkapGrantItem *self, OkapGrant *grant);

G_END_DECLS
