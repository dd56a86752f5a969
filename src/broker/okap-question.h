/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-ask.h"
#include "okap-grant.h"
#include "okap-key-info.h"
#include "okap-proof.h"
#include "okap-secret.h"
#include "okap-step-up.h"

G_BEGIN_DECLS

/* The question that a person is asked. Constant, but for the number of those who wait. Main thread.
 * Property: "waiting", how many more wait. Signal:
 *   "present-again" (activation_token, parent_window), both nullable: the program asked once more;
 *                   whoever shows the question brings it to the front with them */
#define OKAP_TYPE_QUESTION (okap_question_get_type ())
G_DECLARE_FINAL_TYPE (OkapQuestion, okap_question, OKAP, QUESTION, GObject)

OkapQuestion *okap_question_new         (const OkapAsk *ask, GListModel *keys)
                                         G_GNUC_WARN_UNUSED_RESULT;
const OkapAsk *okap_question_get_ask    (OkapQuestion *self);
OkapRequest  *okap_question_get_request (OkapQuestion *self);
OkapCaller   *okap_question_get_caller  (OkapQuestion *self);
GListModel   *okap_question_get_keys    (OkapQuestion *self);
GPtrArray    *okap_question_list_keys   (OkapQuestion *self, const char *provider);
guint         okap_question_get_waiting (OkapQuestion *self);
void          okap_question_set_waiting (OkapQuestion *self, guint waiting);

/* What needs the passphrase: @scopes (nullable) (element-type OkapScope) as they would be allowed,
 * NULL for as asked. The broker asks the same. */
OkapStepUp    okap_question_find_step_up (OkapQuestion *self, const GPtrArray *scopes);

/* Checks the passphrase while the question stays open; a wrong one is
 * %OKAP_ERROR_WRONG_PASSPHRASE, and may be typed again. Put the proof into the decision. */
void          okap_question_prove_async  (OkapQuestion *self, OkapSecret *secret,
                                          GAsyncReadyCallback callback, gpointer user_data);
OkapProof    *okap_question_prove_finish (OkapQuestion *self, GAsyncResult *result, GError **error)
                                          G_GNUC_WARN_UNUSED_RESULT;

/* Which terms may be offered, and the latest end that each may have (0: the term is not for it). */
gboolean      okap_question_may_last     (OkapQuestion *self, OkapGrantTerm term);
gint64        okap_question_get_end      (OkapQuestion *self, OkapGrantTerm term, gint64 now_us);

/* Whether this program was refused so often that "always" should be in plain sight. */
gboolean      okap_question_is_nagging   (OkapQuestion *self);

/* How many questions came while the screen was locked; 0 but for the first one after it. */
guint         okap_question_get_missed   (OkapQuestion *self);

G_END_DECLS
