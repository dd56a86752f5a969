/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a request, and the only place that grants. Main thread.
 *
 *   canonical form ─▶ granted already? ─▶ a further token of that grant
 *                          │ no
 *                          ▼
 *                     consent queue ─▶ no wider than asked, with the passphrase where it is wanted
 *                                           │
 *                                           ▼
 *                  keys chosen, token minted ─▶ written down ─▶ answer
 *
 * No answer leaves before its grant is on the disk. Who asked the same meanwhile is answered with
 * the same grant. Every refusal of what a person could have been asked is recorded with its reason.
 */
#include "config.h"

#include "okap-broker-private.h"

#include <unistd.h>

#include "okap-audit.h"
#include "okap-binding.h"
#include "okap-error.h"
#include "okap-id.h"
#include "okap-proof-private.h"
#include "okap-question-private.h"
#include "okap-remembered.h"

/* One request on its way. */
typedef struct
{
  /* input */
  OkapAsk *ask;              /* (owned) its request is canonical */
  GCancellable *cancellable; /* (owned) (nullable) */

  /* in progress */
  OkapQuestion *question;    /* (owned) (nullable) */
  GPtrArray *others;         /* (owned) (nullable) those who asked the same, until they are told */
  OkapGrant *grant;          /* (owned) (nullable) */
  OkapSecret *token;         /* (owned) (nullable) */
} Authorization;

static void
authorization_free (Authorization *authorization)
{
  okap_ask_free (authorization->ask);
  g_clear_object (&authorization->cancellable);
  g_clear_object (&authorization->question);
  g_clear_pointer (&authorization->others, g_ptr_array_unref);
  g_clear_pointer (&authorization->grant, okap_grant_unref);
  g_clear_pointer (&authorization->token, okap_secret_unref);
  g_free (authorization);
}

/* The request with its models named as the gate compares them (PROTOCOL section 2). */
static OkapRequest *
make_canonical (const OkapRequest *request)
{
  OkapRequest *canonical = okap_request_new (request->shape);

  for (guint i = 0; i < request->scopes->len; i++)
    {
      OkapScope *scope = okap_scope_copy (g_ptr_array_index (request->scopes, i));

      for (char **model = scope->models; *model != NULL; model++)
        {
          char *name = okap_provider_canonical_model (scope->provider, *model);

          g_free (*model);
          *model = name;
        }
      g_ptr_array_add (canonical->scopes, scope);
    }
  canonical->expires_us = request->expires_us;
  canonical->expires_defaulted = request->expires_defaulted;
  canonical->reason = g_strdup (request->reason);
  canonical->app_name = g_strdup (request->app_name);
  canonical->app_url = g_strdup (request->app_url);
  canonical->callback = g_strdup (request->callback);
  canonical->state = g_strdup (request->state);
  canonical->code_challenge = g_strdup (request->code_challenge);
  canonical->portable = request->portable;
  canonical->bind_program = g_strdup (request->bind_program);
  return canonical;
}

/* What never came to a question. */
static gboolean
is_unasked (const GError *error)
{
  return g_error_matches (error, OKAP_ERROR, OKAP_ERROR_BUSY)
         || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_THROTTLED)
         || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_BLOCKED)
         || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_SESSION_ENDING);
}

/* Ends the authorization, and records it unless it never came to a question: a program that asks
 * in a loop must not fill the disk. Those who asked the same hear the same. @error: (transfer
 * full). */
static void
refuse (GTask *task, GError *error)
{
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  g_autoptr (OkapAuditEntry) entry = okap_audit_refused (okap_clock_get_now (self->clock),
                                                         authorization->ask->request,
                                                         authorization->ask->caller, error);

  if (!is_unasked (error))
    okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
  if (authorization->others != NULL)
    okap_consent_answer_others (authorization->others, NULL, error);
  g_task_return_error (task, error);
}

static OkapScope *
find_scope (const GPtrArray *scopes, const char *provider)
{
  for (guint i = 0; i < scopes->len; i++)
    if (g_str_equal (((OkapScope *) g_ptr_array_index (scopes, i))->provider, provider))
      return g_ptr_array_index (scopes, i);
  return NULL;
}

/* A prompter may only narrow; one that does otherwise has a fault, and nothing is granted. */
static gboolean
add_granted_scopes (OkapBroker *self, OkapGrant *grant, const GPtrArray *asked,
                    const GPtrArray *decided, GError **error)
{
  for (guint i = 0; i < decided->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (decided, i);
      const OkapScope *bounds = find_scope (asked, scope->provider);
      g_autoptr (OkapScope) granted = NULL;

      if (bounds == NULL || !okap_scope_within (scope, bounds)
          || okap_grant_get_scope (grant, scope->provider) != NULL)
        {
          g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                               "The decision was wider than the request; nothing was granted.");
          return FALSE;
        }
      granted = okap_scope_copy (scope);
      g_free (granted->key_id);
      granted->key_id = okap_credentials_choose (self->credentials, scope, error);
      if (granted->key_id == NULL)
        return FALSE;
      g_ptr_array_add (grant->scopes, g_steal_pointer (&granted));
    }
  if (grant->scopes->len == 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_USER_DENIED, "Nothing was allowed.");
      return FALSE;
    }
  return TRUE;
}

/* What needs the passphrase has it, and what is to be remembered can be. */
static gboolean
check_decision (const Authorization *authorization, const OkapDecision *decision,
                OkapGrantTerm term, GError **error)
{
  OkapStepUp reasons = okap_question_find_step_up (authorization->question, decision->scopes)
                       | (decision->unattended ? OKAP_STEP_UP_UNATTENDED : OKAP_STEP_UP_NONE);
  g_autofree char *words = okap_step_up_dup_words (reasons);

  if (reasons != OKAP_STEP_UP_NONE
      && !okap_proof_take (decision->proof, authorization->question))
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED,
                 "This takes the passphrase beside the click, and it was not typed. %s", words);
  else if (!okap_remembered_may_last (authorization->ask, term)
           || (term == OKAP_TERM_RENEWING && decision->portable))
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                         "The decision was to be remembered longer than may be; nothing was "
                         "granted.");
  else
    return TRUE;
  return FALSE;
}

static OkapGrant *
make_grant (OkapBroker *self, const Authorization *authorization, const OkapDecision *decision,
            GError **error)
{
  g_autoptr (OkapGrant) grant = okap_grant_new ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  const OkapRequest *request = authorization->ask->request;
  gint64 now_us = okap_clock_get_now (self->clock);
  OkapGrantTerm term = authorization->ask->caller->door == OKAP_DOOR_RUN ? OKAP_TERM_RUN
                                                                         : decision->term;

  grant->id = okap_id_new ("g");
  grant->state = OKAP_GRANT_ACTIVE;
  grant->app_name = g_strdup (request->app_name != NULL ? request->app_name : "");
  grant->app_url = g_strdup (request->app_url != NULL ? request->app_url : "");
  grant->reason = g_strdup (request->reason != NULL ? request->reason : "");
  grant->evidence = okap_caller_dup_words (authorization->ask->caller);
  okap_binding_apply (grant, authorization->ask, decision);
  grant->created_us = now_us;
  grant->expires_us = okap_remembered_get_end (authorization->ask, term, decision->expires_us,
                                               now_us);
  grant->term = term;
  grant->asked = okap_remembered_dup_asked (authorization->ask);
  grant->zone = g_strdup (g_time_zone_get_identifier (zone));
  if (!add_granted_scopes (self, grant, request->scopes,
                           decision->scopes != NULL ? decision->scopes : request->scopes, error)
      || !check_decision (authorization, decision, term, error))
    return NULL;
  return g_steal_pointer (&grant);
}

static gboolean
is_gone (const Authorization *authorization)
{
  return authorization->cancellable != NULL
         && g_cancellable_is_cancelled (authorization->cancellable);
}

static void
return_grant (GTask *task)
{
  const Authorization *authorization = g_task_get_task_data (task);

  g_task_return_pointer (task, okap_grant_ref (authorization->grant),
                         (GDestroyNotify) okap_grant_unref);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  OkapGrant *grant = authorization->grant;
  gboolean given = !is_gone (authorization);
  GError *error = NULL;

  if (!okap_grant_book_add_finish (OKAP_GRANT_BOOK (source), result, &error))
    {
      okap_consent_answer_others (authorization->others, NULL, error);
      g_task_return_error (task, error);
      return;
    }
  okap_broker_end_with_program (self, grant, authorization->ask->caller);
  if (given || okap_consent_pass_on (authorization->others, grant, authorization->token))
    okap_consent_answer_others (authorization->others, grant->id, NULL);
  else
    /* The app hung up between the click and the disk: nobody has the token. */
    okap_grant_book_withdraw (self->book, grant->id, "the app hung up before it got its token");
  if (given)
    return_grant (task);
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                             "The app hung up before it got its token.");
}

static void
given_again_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Authorization *authorization = g_task_get_task_data (task);
  GError *error = NULL;

  authorization->grant = okap_grant_book_give_again_finish (OKAP_GRANT_BOOK (source), result,
                                                            &error);
  if (authorization->grant == NULL)
    g_task_return_error (task, error);
  else if (is_gone (authorization))  /* a token that nobody has; the grant is in use */
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                             "The app hung up before it got its token.");
  else
    return_grant (task);
}

/* A further token of what the program has. @task: (transfer full) */
static void
give_again (GTask *transferred, const char *grant_id)
{
  g_autoptr (GTask) task = transferred;
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  guint retry_s;

  if (!okap_flood_take_again (self->flood, authorization->ask->caller, &retry_s))
    {
      okap_retry_after_set (task, retry_s);
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_THROTTLED,
                               "This program asks again and again for what it has already. Keep "
                               "the token, or try again later.");
      return;
    }
  authorization->token = okap_token_mint ();
  okap_grant_book_give_again_async (self->book, grant_id, authorization->token, given_again_cb,
                                    g_steal_pointer (&task));
}

/* @task: (transfer full) */
static void
grant_as_decided (GTask *transferred, const OkapDecision *decision)
{
  g_autoptr (GTask) task = transferred;
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  GError *error = NULL;

  authorization->grant = make_grant (self, authorization, decision, &error);
  if (authorization->grant == NULL)
    {
      refuse (task, error);
      return;
    }
  authorization->token = okap_token_mint ();
  okap_grant_book_add_async (self->book, authorization->grant, authorization->token, added_cb,
                             g_steal_pointer (&task));
}

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Authorization *authorization = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (OkapVerdict) verdict = okap_consent_ask_finish (OKAP_CONSENT (source), result, &error);

  okap_retry_after_set (task, okap_retry_after_get (result));
  if (verdict == NULL)
    refuse (task, error);
  else if (verdict->grant != NULL)
    {
      authorization->grant = g_steal_pointer (&verdict->grant);
      authorization->token = g_steal_pointer (&verdict->token);
      return_grant (task);
    }
  else if (verdict->grant_id != NULL)
    give_again (g_steal_pointer (&task), verdict->grant_id);
  else
    {
      authorization->others = g_steal_pointer (&verdict->others);
      grant_as_decided (g_steal_pointer (&task), verdict->decision);
    }
}

static OkapQuestion *
make_question (OkapBroker *self, const OkapAsk *ask)
{
  OkapQuestion *question = okap_question_new (ask, okap_vault_get_keys (self->vault));

  okap_question_set_rules (question, self->vault, &self->threshold);
  return question;
}

/* @task: (transfer full) */
static void
ask_person (GTask *task)
{
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);

  authorization->question = make_question (self, authorization->ask);
  okap_consent_ask_async (self->consent, authorization->question, authorization->cancellable,
                          decided_cb, task);
}

static void
program_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  GError *error = NULL;

  if (!okap_binding_find_finish (authorization->ask, result, &error))
    g_task_return_error (task, error);
  else if (self->consent == NULL)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NO_PROMPTER, "Okap ends.");
  else
    ask_person (g_steal_pointer (&task));
}

/* Answers what may not be asked about. */
static void
answer_silently (GTask *task)
{
  OkapBroker *self = g_task_get_source_object (task);

  if (okap_vault_get_state (self->vault) != OKAP_VAULT_UNLOCKED)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                             "The vault is locked, and nobody was to be asked. Unlock it in Okap, "
                             "then try again.");
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NO_PROMPTER,
                             "Nothing that is granted already answers this, and nobody was to be "
                             "asked. Ask again, interactively.");
}

/* Two digits that the app shows, too, where nobody knows which app it is. */
static void
add_match_code (OkapAsk *ask)
{
  if (ask->match_code == NULL && ask->request->code_challenge != NULL
      && (ask->caller->door == OKAP_DOOR_LINK
          || ask->caller->identity->kind == OKAP_IDENTITY_UNKNOWN))
    ask->match_code = okap_codes_dup_match (ask->request->code_challenge);
}

/**
 * okap_broker_authorize_async:
 * @ask: its request was checked by okap_request_parse(); copied
 * @cancellable: (nullable): cancelled from any thread when the caller is gone
 *
 * What the program has already is given again without a question; all else is asked about.
 */
void
okap_broker_authorize_async (OkapBroker *self, const OkapAsk *ask, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *grant_id = NULL;
  Authorization *authorization = g_new0 (Authorization, 1);

  g_task_set_source_tag (task, okap_broker_authorize_async);
  authorization->ask = okap_ask_copy (ask);
  okap_request_unref (authorization->ask->request);
  authorization->ask->request = make_canonical (ask->request);
  add_match_code (authorization->ask);
  g_set_object (&authorization->cancellable, cancellable);
  g_task_set_task_data (task, authorization, (GDestroyNotify) authorization_free);

  if (self->paused)
    {
      g_task_return_error (task, okap_broker_make_paused_error ());
      return;
    }
  grant_id = okap_broker_find_covering (self, authorization->ask);
  if (grant_id != NULL)
    give_again (g_steal_pointer (&task), grant_id);
  else if (ask->silent)
    answer_silently (task);
  else if (ask->request->bind_program != NULL && ask->bind_to == NULL)
    okap_binding_find_async (self->identifier, ask, program_found_cb, g_steal_pointer (&task));
  else
    ask_person (g_steal_pointer (&task));
}

/**
 * okap_broker_authorize_finish:
 * @out_token: (out) (transfer full): the token, which is kept nowhere
 * @error: as okap_consent_ask_finish(), %OKAP_ERROR_NO_KEY, %OKAP_ERROR_STORAGE,
 *   %OKAP_ERROR_VAULT_LOCKED
 *
 * Returns: (transfer full) (nullable): the grant
 */
OkapGrant *
okap_broker_authorize_finish (OkapBroker *self, GAsyncResult *result, OkapSecret **out_token,
                              GError **error)
{
  Authorization *authorization = g_task_get_task_data (G_TASK (result));
  OkapGrant *grant = g_task_propagate_pointer (G_TASK (result), error);

  if (grant != NULL)
    *out_token = g_steal_pointer (&authorization->token);
  return grant;
}

/* --- by hand --- */

/* Who asks is the person in Okap's own window: the grant is for another program, or, if it is
 * portable, for whoever gets the token. */
static void
self_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  OkapAsk *ask = g_task_get_task_data (task);
  g_autoptr (OkapIdentity) identity = okap_identify_process_finish (result);

  okap_caller_unref (ask->caller);
  ask->caller = okap_caller_new (OKAP_DOOR_WINDOW, getuid (), getpid (), identity);
  g_task_return_pointer (task, make_question (self, ask), g_object_unref);
}

static void
chosen_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (okap_binding_find_finish (g_task_get_task_data (task), result, &error))
    okap_identify_process_async (self->identifier, getpid (), -1, self_found_cb,
                                 g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/**
 * okap_broker_prepare_async:
 * @request: its limits, models and end are what the person may decide on, at most
 */
void
okap_broker_prepare_async (OkapBroker *self, OkapRequest *request, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (OkapRequest) canonical = make_canonical (request);
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_WINDOW, getuid (), getpid (), NULL);
  OkapAsk *ask = okap_ask_new (canonical, caller);

  g_task_set_source_tag (task, okap_broker_prepare_async);
  g_task_set_task_data (task, ask, (GDestroyNotify) okap_ask_free);
  if (request->bind_program != NULL)
    okap_binding_find_async (self->identifier, ask, chosen_found_cb, g_steal_pointer (&task));
  else
    okap_identify_process_async (self->identifier, getpid (), -1, self_found_cb,
                                 g_steal_pointer (&task));
}

/**
 * okap_broker_prepare_finish:
 * @error: %OKAP_ERROR_INVALID_REQUEST: a token cannot be bound to the program that was chosen
 */
OkapQuestion *
okap_broker_prepare_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * okap_broker_make_async:
 * @question: of okap_broker_prepare_finish()
 * @decision: an allowed one
 *
 * Checked as if it had been asked for: what needs the passphrase needs it here.
 */
void
okap_broker_make_async (OkapBroker *self, OkapQuestion *question, const OkapDecision *decision,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Authorization *authorization;
  GError *error = NULL;

  g_return_if_fail (decision->allowed);
  g_return_if_fail (okap_question_get_caller (question)->door == OKAP_DOOR_WINDOW);

  g_task_set_source_tag (task, okap_broker_make_async);
  if (!okap_broker_check_unrestricted (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  authorization = g_new0 (Authorization, 1);
  authorization->ask = okap_ask_copy (okap_question_get_ask (question));
  authorization->question = g_object_ref (question);
  authorization->others = g_ptr_array_new ();
  g_task_set_task_data (task, authorization, (GDestroyNotify) authorization_free);
  grant_as_decided (g_steal_pointer (&task), decision);
}
