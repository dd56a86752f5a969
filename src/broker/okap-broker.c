/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broker: from a request to a durable grant, and the only place that grants.
 *
 * Main thread. It puts the request into canonical form, lets the consent queue ask a person, checks
 * that the answer is no wider than the question, chooses the keys, mints the token and lets the
 * book write it down. Every refusal is recorded with its reason. It also keeps the gate's
 * credentials in step with the vault's keys. */
#include "config.h"

#include "okap-broker.h"

#include "okap-audit.h"
#include "okap-caps.h"
#include "okap-consent.h"
#include "okap-error.h"
#include "okap-grant-book.h"
#include "okap-id.h"

#define BUILTIN_KEY_PREFIX "builtin:"  /* key ids of providers that need none */

struct _OkapBroker
{
  GObject parent_instance;

  OkapVault *vault;      /* (owned) */
  OkapStore *store;      /* (owned) */
  OkapGate *gate;        /* (unowned) */
  OkapClock *clock;      /* (unowned) */
  OkapConsent *consent;  /* (owned) */
  OkapGrantBook *book;   /* (owned) */
  GHashTable *keys;      /* (owned) id → OkapKeyInfo, of the keys that the gate has */
  gboolean was_open;
};

G_DEFINE_FINAL_TYPE (OkapBroker, okap_broker, G_TYPE_OBJECT)

/* One request on its way. */
typedef struct
{
  /* input */
  OkapRequest *request;      /* (owned) canonical */
  OkapCaller *caller;        /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable) */

  /* in progress */
  OkapGrant *grant;          /* (owned) (nullable) */
  OkapSecret *token;         /* (owned) (nullable) */
} Authorization;

static void
authorization_free (Authorization *authorization)
{
  okap_request_unref (authorization->request);
  okap_caller_unref (authorization->caller);
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
                                                         authorization->request,
                                                         authorization->caller, error);

  if (!g_error_matches (error, OKAP_ERROR, OKAP_ERROR_BUSY))
    okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
  g_task_return_error (task, error);
}

static char *
dup_builtin_key_id (const char *provider_id)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup (provider_id);

  return provider != NULL && !okap_provider_needs_key (provider)
         ? g_strconcat (BUILTIN_KEY_PREFIX, provider_id, NULL) : NULL;
}

/* The id of the key that @scope is to use: the chosen one, else the first, else the built-in. */
static char *
choose_key (OkapBroker *self, const OkapScope *scope, GError **error)
{
  GListModel *keys = okap_vault_get_keys (self->vault);
  g_autofree char *builtin = dup_builtin_key_id (scope->provider);

  if (builtin != NULL && g_strcmp0 (scope->key_id, builtin) == 0)
    return g_steal_pointer (&builtin);
  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (keys, i);

      if (g_str_equal (okap_key_info_get_provider (key), scope->provider)
          && (scope->key_id == NULL || g_str_equal (okap_key_info_get_id (key), scope->key_id)))
        return g_strdup (okap_key_info_get_id (key));
    }
  if (builtin != NULL && scope->key_id == NULL)
    return g_steal_pointer (&builtin);
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_NO_KEY,
               "no key for %s: add one in Okap, or with okap keys add %s", scope->provider,
               scope->provider);
  return NULL;
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
      granted->key_id = choose_key (self, scope, error);
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
  const OkapRequest *request = authorization->request;

  grant->id = okap_id_new ("g");
  grant->state = OKAP_GRANT_ACTIVE;
  grant->app_name = g_strdup (request->app_name != NULL ? request->app_name : "");
  grant->app_url = g_strdup (request->app_url != NULL ? request->app_url : "");
  grant->reason = g_strdup (request->reason != NULL ? request->reason : "");
  grant->evidence = okap_caller_dup_words (authorization->caller);
  grant->program = g_strdup (authorization->caller->program);
  grant->created_us = okap_clock_get_now (self->clock);
  grant->expires_us = decision->expires_us > 0 ? MIN (decision->expires_us, request->expires_us)
                                               : request->expires_us;
  grant->ends_with_process = authorization->caller->door == OKAP_DOOR_RUN;
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

/**
 * okap_broker_authorize_async:
 * @request: checked by okap_request_parse()
 * @wait_s: seconds that a person may take, at most %OKAP_CAP_WAIT_MOST_S
 * @cancellable: (nullable): cancelled from any thread when the caller is gone
 */
void
okap_broker_authorize_async (OkapBroker *self, OkapRequest *request, OkapCaller *caller,
                             guint wait_s, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (OkapQuestion) question = NULL;
  Authorization *authorization = g_new0 (Authorization, 1);

  g_task_set_source_tag (task, okap_broker_authorize_async);
  authorization->request = make_canonical (request);
  authorization->caller = okap_caller_ref (caller);
  g_set_object (&authorization->cancellable, cancellable);
  g_task_set_task_data (task, authorization, (GDestroyNotify) authorization_free);

  question = okap_question_new (authorization->request, caller, okap_vault_get_keys (self->vault));
  okap_consent_ask_async (self->consent, question, wait_s, cancellable, decided_cb,
                          g_steal_pointer (&task));
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

/* The provider that a key is for: a built-in one, else the user's own at the key's address. */
static OkapProvider *
dup_provider (OkapKeyInfo *key, GError **error)
{
  const char *id = okap_key_info_get_provider (key);
  const char *base_url = okap_key_info_get_base_url (key);
  OkapProvider *provider = okap_provider_lookup (id);

  if (provider == NULL && base_url != NULL)
    provider = okap_provider_new_compatible (id, base_url);
  if (provider == NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                 "The provider “%s” is not known, and its key has no base URL.", id);
  return provider;
}

/**
 * okap_broker_dup_credential:
 * @error: %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_NOT_FOUND
 *
 * Returns: (transfer full) (nullable): the key with where it is used
 */
OkapCredential *
okap_broker_dup_credential (OkapBroker *self, const char *key_id, GError **error)
{
  OkapKeyInfo *key = okap_vault_find_key (self->vault, key_id);
  g_autoptr (OkapSecret) secret = okap_vault_dup_key (self->vault, key_id, error);
  g_autoptr (OkapProvider) provider = NULL;
  const char *base_url;

  if (key == NULL || secret == NULL)
    return NULL;
  provider = dup_provider (key, error);
  if (provider == NULL)
    return NULL;
  base_url = okap_key_info_get_base_url (key);
  if (base_url == NULL)
    base_url = okap_provider_get_base_url (provider);
  if (*base_url == '\0')
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                   "A key for %s needs the address of your own resource as its base URL.",
                   okap_provider_get_name (provider));
      return NULL;
    }
  return okap_credential_new (key_id, provider, base_url,
                              okap_secret_get_length (secret) > 0 ? secret : NULL);
}

static void
put_key (OkapBroker *self, OkapKeyInfo *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapCredential) credential = NULL;

  credential = okap_broker_dup_credential (self, okap_key_info_get_id (key), &error);
  if (credential != NULL)
    okap_gate_put_credential (self->gate, credential);
  else
    g_message ("A key cannot be used: %s", error->message);
}

static void
put_builtin_keys (OkapBroker *self)
{
  g_autoptr (GPtrArray) providers = okap_provider_list ();

  for (guint i = 0; i < providers->len; i++)
    {
      OkapProvider *provider = g_ptr_array_index (providers, i);
      g_autofree char *key_id = dup_builtin_key_id (okap_provider_get_id (provider));
      g_autoptr (OkapCredential) credential = NULL;

      if (key_id == NULL)
        continue;
      credential = okap_credential_new (key_id, provider, okap_provider_get_base_url (provider),
                                        NULL);
      okap_gate_put_credential (self->gate, credential);
    }
}

static GHashTable *
new_key_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

static void
record_key (OkapBroker *self, OkapKeyInfo *key, gboolean added)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_key (okap_clock_get_now (self->clock), key, added);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

/* The vault's keys changed, or all of them came or went: bring the gate into step, and record
 * what a person did. */
static void
keys_changed_cb (GListModel *list, guint position, guint removed, guint added, OkapBroker *self)
{
  g_autoptr (GHashTable) old = g_steal_pointer (&self->keys);
  gboolean by_person = self->was_open
                       && okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;
  GHashTableIter iter;
  gpointer id, gone;

  self->keys = new_key_table ();
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (list, i);

      if (!g_hash_table_remove (old, okap_key_info_get_id (key)))
        {
          put_key (self, key);
          if (by_person)
            record_key (self, key, TRUE);
        }
      g_hash_table_insert (self->keys, g_strdup (okap_key_info_get_id (key)), g_object_ref (key));
    }
  g_hash_table_iter_init (&iter, old);
  while (g_hash_table_iter_next (&iter, &id, &gone))
    {
      okap_gate_remove_credential (self->gate, id);
      if (by_person)
        record_key (self, gone, FALSE);
    }
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
      put_builtin_keys (self);
    }
  else
    {
      record_lock (self, FALSE);
      okap_store_set_audit_key (self->store, NULL);
    }
}

static void
okap_broker_dispose (GObject *object)
{
  OkapBroker *self = OKAP_BROKER (object);

  if (self->vault != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->vault, self);
      g_signal_handlers_disconnect_by_data (okap_vault_get_keys (self->vault), self);
    }
  g_clear_object (&self->book);
  g_clear_object (&self->consent);
  g_clear_object (&self->store);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->keys, g_hash_table_unref);
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
  self->keys = new_key_table ();
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
  self->consent = okap_consent_new (vault);
  /* Before the book, because the store needs the audit key to read the grants. */
  g_signal_connect_swapped (vault, "notify::state", G_CALLBACK (vault_changed_cb), self);
  g_signal_connect (okap_vault_get_keys (vault), "items-changed", G_CALLBACK (keys_changed_cb),
                    self);
  vault_changed_cb (self);
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

/** okap_broker_get_gate: (transfer none): for doors that look up a token; safe from any thread */
OkapGate *
okap_broker_get_gate (OkapBroker *self)
{
  return self->gate;
}

GListModel *
okap_broker_get_grants (OkapBroker *self)
{
  return okap_grant_book_get_list (self->book);
}

/** okap_broker_find_grant: (transfer none) (nullable): valid until the next change */
OkapGrant *
okap_broker_find_grant (OkapBroker *self, const char *id)
{
  return okap_grant_book_find (self->book, id);
}

static void
state_set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (okap_grant_book_set_state_finish (OKAP_GRANT_BOOK (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/** okap_broker_set_grant_state_async: see okap_grant_book_set_state_async() */
void
okap_broker_set_grant_state_async (OkapBroker *self, const char *id, OkapGrantState state,
                                   const char *why, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_set_grant_state_async);
  okap_grant_book_set_state_async (self->book, id, state, why, state_set_cb, task);
}

gboolean
okap_broker_set_grant_state_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_broker_bind_to_process: revokes the grant when the process ends; keeps @pidfd */
void
okap_broker_bind_to_process (OkapBroker *self, const char *grant_id, int pidfd)
{
  okap_grant_book_bind (self->book, grant_id, pidfd);
}

/** okap_broker_get_pending: how many requests wait for an answer */
guint
okap_broker_get_pending (OkapBroker *self)
{
  return okap_consent_get_pending (self->consent);
}
