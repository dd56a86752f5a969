/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broker: from a request to a durable grant, and the only place that grants.
 *
 * Main thread. It puts the request into canonical form, lets the consent queue ask a person, checks
 * that the answer is no wider than the question, chooses the keys, mints the token and lets the
 * book write it down. Every refusal is recorded with its reason. */
#include "config.h"

#include "okap-broker-private.h"

#include "okap-audit.h"
#include "okap-binding.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-id.h"
#include "okap-question-private.h"

G_DEFINE_FINAL_TYPE (OkapBroker, okap_broker, G_TYPE_OBJECT)

/* One request on its way. */
typedef struct
{
  /* input */
  OkapAsk *ask;              /* (owned) its request is canonical */
  GCancellable *cancellable; /* (owned) (nullable) */

  /* in progress */
  OkapGrant *grant;          /* (owned) (nullable) */
  OkapSecret *token;         /* (owned) (nullable) */
} Authorization;

static void
authorization_free (Authorization *authorization)
{
  okap_ask_free (authorization->ask);
  g_clear_object (&authorization->cancellable);
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

/* Ends the authorization, and records it unless it never came to a question: a program that asks
 * in a loop must not fill the disk. @error: (transfer full). */
static void
refuse (GTask *task, GError *error)
{
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  g_autoptr (OkapAuditEntry) entry = okap_audit_refused (okap_clock_get_now (self->clock),
                                                         authorization->ask->request,
                                                         authorization->ask->caller, error);

  if (!g_error_matches (error, OKAP_ERROR, OKAP_ERROR_BUSY))
    okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
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

static OkapGrant *
make_grant (OkapBroker *self, const Authorization *authorization, const OkapDecision *decision,
            GError **error)
{
  g_autoptr (OkapGrant) grant = okap_grant_new ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  const OkapRequest *request = authorization->ask->request;

  grant->id = okap_id_new ("g");
  grant->state = OKAP_GRANT_ACTIVE;
  grant->app_name = g_strdup (request->app_name != NULL ? request->app_name : "");
  grant->app_url = g_strdup (request->app_url != NULL ? request->app_url : "");
  grant->reason = g_strdup (request->reason != NULL ? request->reason : "");
  grant->evidence = okap_caller_dup_words (authorization->ask->caller);
  grant->created_us = okap_clock_get_now (self->clock);
  grant->expires_us = decision->expires_us > 0 ? MIN (decision->expires_us, request->expires_us)
                                               : request->expires_us;
  grant->term = authorization->ask->caller->door == OKAP_DOOR_RUN ? OKAP_TERM_RUN : decision->term;
  okap_binding_apply (grant, authorization->ask, decision);
  grant->zone = g_strdup (g_time_zone_get_identifier (zone));
  if (!add_granted_scopes (self, grant, request->scopes,
                           decision->scopes != NULL ? decision->scopes : request->scopes, error))
    return NULL;
  return g_steal_pointer (&grant);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  GError *error = NULL;

  if (!okap_grant_book_add_finish (OKAP_GRANT_BOOK (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (authorization->cancellable != NULL
      && g_cancellable_is_cancelled (authorization->cancellable))
    {
      /* The app hung up between the click and the disk: nobody has the token. */
      okap_grant_book_set_state_async (self->book, authorization->grant->id, OKAP_GRANT_REVOKED,
                                       "the app hung up before it got its token", NULL, NULL);
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                               "The app hung up before it got its token.");
      return;
    }
  g_task_return_pointer (task, okap_grant_ref (authorization->grant),
                         (GDestroyNotify) okap_grant_unref);
}

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  Authorization *authorization = g_task_get_task_data (task);
  g_autoptr (OkapDecision) decision = NULL;
  GError *error = NULL;

  decision = okap_consent_ask_finish (OKAP_CONSENT (source), result, &error);
  if (decision != NULL && !decision->allowed)
    g_set_error_literal (&error, OKAP_ERROR, OKAP_ERROR_USER_DENIED, "The user said no.");
  if (error == NULL)
    authorization->grant = make_grant (self, authorization, decision, &error);
  if (error != NULL)
    {
      refuse (task, error);
      return;
    }
  authorization->token = okap_token_mint ();
  okap_grant_book_add_async (self->book, authorization->grant, authorization->token, added_cb,
                             g_steal_pointer (&task));
}

/* @task: (transfer full) */
static void
ask_person (OkapBroker *self, GTask *task)
{
  Authorization *authorization = g_task_get_task_data (task);
  g_autoptr (OkapQuestion) question = okap_question_new (authorization->ask,
                                                         okap_vault_get_keys (self->vault));

  okap_question_set_rules (question, self->vault, &self->threshold);
  okap_consent_ask_async (self->consent, question, authorization->ask->wait_s,
                          authorization->cancellable, decided_cb, task);
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
    ask_person (self, g_steal_pointer (&task));
}

/**
 * okap_broker_authorize_async:
 * @ask: its request was checked by okap_request_parse(); copied
 * @cancellable: (nullable): cancelled from any thread when the caller is gone
 */
void
okap_broker_authorize_async (OkapBroker *self, const OkapAsk *ask, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Authorization *authorization = g_new0 (Authorization, 1);

  g_task_set_source_tag (task, okap_broker_authorize_async);
  authorization->ask = okap_ask_copy (ask);
  okap_request_unref (authorization->ask->request);
  authorization->ask->request = make_canonical (ask->request);
  g_set_object (&authorization->cancellable, cancellable);
  g_task_set_task_data (task, authorization, (GDestroyNotify) authorization_free);

  if (ask->request->bind_program != NULL && ask->bind_to == NULL)
    okap_binding_find_async (self->identifier, ask, program_found_cb, g_steal_pointer (&task));
  else
    ask_person (self, g_steal_pointer (&task));
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

static void
record_lock (OkapBroker *self, gboolean is_open)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_vault (okap_clock_get_now (self->clock), is_open);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

static void
vault_changed_cb (OkapBroker *self)
{
  gboolean is_open = okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;
  g_autoptr (OkapSecret) audit_key = NULL;

  if (is_open == self->was_open)
    return;
  self->was_open = is_open;
  if (is_open)
    {
      audit_key = okap_vault_derive (self->vault, OKAP_DERIVED_AUDIT, NULL);
      okap_store_set_audit_key (self->store, audit_key);
      record_lock (self, TRUE);
    }
  else
    {
      /* While the book still can write: it hears of the lock after us. */
      okap_codes_wipe (self->codes, "the vault was locked before the app fetched its token");
      record_lock (self, FALSE);
      okap_store_set_audit_key (self->store, NULL);
    }
}

static void
code_lost_cb (const char *grant_id, const char *why, gpointer user_data)
{
  OkapBroker *self = user_data;

  okap_grant_book_set_state_async (self->book, grant_id, OKAP_GRANT_REVOKED, why, NULL, NULL);
}

static void
okap_broker_dispose (GObject *object)
{
  OkapBroker *self = OKAP_BROKER (object);

  if (self->vault != NULL)
    g_signal_handlers_disconnect_by_data (self->vault, self);
  g_clear_pointer (&self->codes, okap_codes_free);
  g_clear_object (&self->book);
  g_clear_object (&self->key_care);
  g_clear_object (&self->price_seal);
  g_clear_pointer (&self->credentials, okap_credentials_free);
  g_clear_object (&self->alerts);
  g_clear_object (&self->misuse_watch);
  g_clear_pointer (&self->identifier, okap_identifier_unref);
  g_clear_object (&self->consent);
  g_clear_object (&self->blocks);
  g_clear_object (&self->store);
  g_clear_object (&self->vault);
  G_OBJECT_CLASS (okap_broker_parent_class)->dispose (object);
}

static void
okap_broker_class_init (OkapBrokerClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_broker_dispose;
}

static void
okap_broker_init (OkapBroker *self)
{
  self->blocks = g_list_store_new (OKAP_TYPE_BLOCK);
  self->threshold = okap_threshold_get_default ();
}

/**
 * okap_broker_new:
 * @gate: outlives the broker
 * @clock: outlives the broker
 */
OkapBroker *
okap_broker_new (OkapVault *vault, OkapStore *store, OkapGate *gate, OkapClock *clock)
{
  OkapBroker *self = g_object_new (OKAP_TYPE_BROKER, NULL);

  self->vault = g_object_ref (vault);
  self->store = g_object_ref (store);
  self->gate = gate;
  self->clock = clock;
  self->identifier = okap_identifier_get ();
  self->consent = okap_consent_new (vault);
  self->codes = okap_codes_new (clock, code_lost_cb, self);
  self->alerts = okap_alerts_new (gate, store, clock);
  self->misuse_watch = okap_misuse_watch_new (gate, store, clock);
  self->price_seal = okap_price_seal_new (vault);
  /* Before the others, because the store needs the audit key to read the grants. */
  g_signal_connect_swapped (vault, "notify::state", G_CALLBACK (vault_changed_cb), self);
  vault_changed_cb (self);
  self->credentials = okap_credentials_new (vault, store, gate, clock);
  self->key_care = okap_key_care_new (vault, gate, self->credentials, clock);
  self->book = okap_grant_book_new (vault, store, gate, clock);
  return self;
}

/** okap_broker_set_prompter: (nullable): without one, every request is refused */
void
okap_broker_set_prompter (OkapBroker *self, OkapPrompter *prompter)
{
  okap_consent_set_prompter (self->consent, prompter);
}

OkapVault *
okap_broker_get_vault (OkapBroker *self)
{
  return self->vault;
}

OkapStore *
okap_broker_get_store (OkapBroker *self)
{
  return self->store;
}

OkapClock *
okap_broker_get_clock (OkapBroker *self)
{
  return self->clock;
}

/** okap_broker_get_alerts: (transfer none): emits "alert" when a limit of money nears its end */
OkapAlerts *
okap_broker_get_alerts (OkapBroker *self)
{
  return self->alerts;
}

/** okap_broker_get_codes: (transfer none): for doors that others can read */
OkapCodes *
okap_broker_get_codes (OkapBroker *self)
{
  return self->codes;
}

/** okap_broker_get_misuse_watch: (transfer none): emits "misuse" when a program tries a token that
 * was given to another one */
OkapMisuseWatch *
okap_broker_get_misuse_watch (OkapBroker *self)
{
  return self->misuse_watch;
}

/** okap_broker_get_key_care: (transfer none): how the keys do, and their replacement */
OkapKeyCare *
okap_broker_get_key_care (OkapBroker *self)
{
  return self->key_care;
}

/** okap_broker_get_price_seal: (transfer none): whether the user's prices are confirmed */
OkapPriceSeal *
okap_broker_get_price_seal (OkapBroker *self)
{
  return self->price_seal;
}

/** okap_broker_get_gate: (transfer none): for doors that look up a token; safe from any thread */
OkapGate *
okap_broker_get_gate (OkapBroker *self)
{
  return self->gate;
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_boolean (task, okap_grant_book_wait_finish (OKAP_GRANT_BOOK (source), result,
                                                            NULL));
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    g_task_return_error (task, error);
  else if (self->book == NULL)
    g_task_return_boolean (task, TRUE);
  else
    okap_grant_book_wait_async (self->book, waited_cb, g_steal_pointer (&task));
}

/** okap_broker_unlock_async: @secret: a passphrase or a recovery code */
void
okap_broker_unlock_async (OkapBroker *self, OkapSecret *secret, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_unlock_async);
  okap_vault_unlock_async (self->vault, secret, unlocked_cb, task);
}

gboolean
okap_broker_unlock_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_broker_get_pending: how many requests wait for an answer */
guint
okap_broker_get_pending (OkapBroker *self)
{
  return okap_consent_get_pending (self->consent);
}
