/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broker: its parts, and what it passes on to them. The way of a request is in
 * okap-broker-authorize.c, the rules about asking in okap-broker-rules.c. Main thread. */
#include "config.h"

#include "okap-broker-private.h"

#include "okap-audit.h"
#include "okap-error.h"
#include "okap-proof-private.h"

enum
{
  PROP_PAUSED = 1,
  PROP_RESTRICTED,
  PROP_PENDING,
};

enum
{
  SIGNAL_PERSON,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OkapBroker, okap_broker, G_TYPE_OBJECT)

static void
record_lock (OkapBroker *self, gboolean is_open)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_vault (okap_clock_get_now (self->clock), is_open);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

static void
record_act (OkapBroker *self, const char *event)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_vault_act (okap_clock_get_now (self->clock), event);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

static void
slots_changed_cb (OkapBroker *self)
{
  record_act (self, "vault.slots");
}

static void
exported_cb (OkapBroker *self)
{
  record_act (self, "vault.exported");
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
      okap_broker_check_paused (self);
      okap_broker_check_rules (self);
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
code_lost_cb (const char *grant_id, gboolean used_twice, const char *why, gpointer user_data)
{
  OkapBroker *self = user_data;

  if (used_twice)
    okap_grant_book_set_state_async (self->book, grant_id, OKAP_GRANT_REVOKED, why, NULL, NULL);
  else
    okap_broker_give_back (self, grant_id, why);
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
  g_clear_handle_id (&self->pause_id, g_source_remove);
  g_clear_pointer (&self->flood, okap_flood_free);
  g_clear_pointer (&self->asking_path, g_free);
  g_clear_pointer (&self->paused_path, g_free);
  g_clear_object (&self->store);
  g_clear_object (&self->vault);
  G_OBJECT_CLASS (okap_broker_parent_class)->dispose (object);
}

static void
okap_broker_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapBroker *self = OKAP_BROKER (object);

  if (id == PROP_PENDING)
    g_value_set_uint (value, okap_broker_get_pending (self));
  else
    g_value_set_boolean (value, id == PROP_PAUSED ? self->paused : self->restricted);
}

static GParamSpec *
new_flag (const char *name)
{
  return g_param_spec_boolean (name, NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
okap_broker_class_init (OkapBrokerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = okap_broker_dispose;
  object_class->get_property = okap_broker_get_property;
  g_object_class_install_property (object_class, PROP_PAUSED, new_flag ("paused"));
  g_object_class_install_property (object_class, PROP_RESTRICTED, new_flag ("restricted"));
  g_object_class_install_property (object_class, PROP_PENDING,
                                   g_param_spec_uint ("pending", NULL, NULL, 0, G_MAXUINT, 0,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  signals[SIGNAL_PERSON] = g_signal_new ("person", OKAP_TYPE_BROKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_broker_init (OkapBroker *self)
{
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
  okap_broker_start_rules (self);
  self->codes = okap_codes_new (clock, code_lost_cb, self);
  self->alerts = okap_alerts_new (gate, store, clock);
  self->misuse_watch = okap_misuse_watch_new (gate, store, clock);
  self->price_seal = okap_price_seal_new (vault);
  /* Before the others, because the store needs the audit key to read the grants. */
  g_signal_connect_swapped (vault, "notify::state", G_CALLBACK (vault_changed_cb), self);
  vault_changed_cb (self);
  g_signal_connect_object (vault, "slots-changed", G_CALLBACK (slots_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (vault, "exported", G_CALLBACK (exported_cb), self, G_CONNECT_SWAPPED);
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

/** okap_broker_note_person: the passphrase was typed in the window, or beside an open vault */
void
okap_broker_note_person (OkapBroker *self)
{
  if (self->restricted)
    g_signal_emit (self, signals[SIGNAL_PERSON], 0);
}

typedef struct
{
  OkapProof *proof;     /* (owned) (nullable) once the secret was right */
  gboolean was_open;    /* so that it says no more than that somebody is there */
} Unlocking;

static void
unlocking_free (gpointer data)
{
  Unlocking *unlocking = data;

  g_clear_pointer (&unlocking->proof, okap_proof_unref);
  g_free (unlocking);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  Unlocking *unlocking = g_task_get_task_data (task);
  GError *error = NULL;

  if (!okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (unlocking->was_open)
    okap_broker_note_person (self);
  unlocking->proof = okap_proof_new (self->vault, NULL);
  if (self->book == NULL)
    g_task_return_boolean (task, TRUE);
  else
    okap_grant_book_wait_async (self->book, waited_cb, g_steal_pointer (&task));
}

/**
 * okap_broker_unlock_async:
 * @secret: a passphrase or a recovery code
 *
 * A vault that is locked is opened, and that is all: on a locked screen Okap stays restricted. Of
 * one that is open, the secret only shows that somebody is there, which ends that.
 */
void
okap_broker_unlock_async (OkapBroker *self, OkapSecret *secret, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Unlocking *unlocking = g_new0 (Unlocking, 1);

  g_task_set_source_tag (task, okap_broker_unlock_async);
  g_task_set_task_data (task, unlocking, unlocking_free);
  unlocking->was_open = okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;
  okap_vault_unlock_async (self->vault, secret, unlocked_cb, task);
}

gboolean
okap_broker_unlock_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_broker_unlock_dup_proof: (transfer full) (nullable): of a secret that was right */
OkapProof *
okap_broker_unlock_dup_proof (OkapBroker *self, GAsyncResult *result)
{
  const Unlocking *unlocking = g_task_get_task_data (G_TASK (result));

  return unlocking->proof != NULL ? okap_proof_ref (unlocking->proof) : NULL;
}

/** okap_broker_get_pending: how many requests wait for an answer */
guint
okap_broker_get_pending (OkapBroker *self)
{
  return okap_consent_get_pending (self->consent);
}
