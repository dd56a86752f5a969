/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vault: a state, the keys while it is unlocked, and a queue of slow jobs.
 *
 *            create                  unlock                       success
 *   NONE -------------> UNLOCKED   LOCKED -----------> UNLOCKING -----------> UNLOCKED
 *                                    ^  ^----failure-------|                     |
 *                                    |---------------lock--+---------lock--------|
 *
 * One job runs at a time, on its own crypto thread (okap-vault-job.c); the others wait in order,
 * so that each save builds on the one before. All else happens on the owner thread, where the
 * vault was made (main). Unlocked means: @contents is there; locking means: drop it. The model of
 * keys changes only after the change is on the disk.
 *
 * Locking wins. It cancels every job that it meets; a running one may have to finish what cannot
 * be interrupted, but its outcome unlocks nothing. A save that has already replaced the file
 * reports success all the same, because that is what happened. */
#include "config.h"

#include "okap-vault-private.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-invoke.h"
#include "okap-vault-change.h"

#define COST_MEMORY_BYTES (G_GUINT64_CONSTANT (256) << 20)
#define COST_PASSES 3
#define QUEUE_MOST 64          /* jobs that wait */
#define UNLOCKS_MOST 8         /* of them, unlocks: each costs a second and much memory */

struct _OkapVault
{
  GObject parent_instance;

  GThread *owner;               /* (unowned) (immutable) */
  GMainContext *context;        /* (owned) (immutable) */
  OkapClock *clock;             /* (unowned) (immutable) */
  char *path;                   /* (owned) (immutable) */
  guint64 memory_bytes;
  guint passes;

  gboolean exists;              /* whether there is a file, as far as we know */
  gboolean has_keyring;         /* whether it has a slot for the login keyring, as far as we know */
  OkapVaultContents *contents;  /* (owned) (nullable) unlocked if there is one */
  guint64 generation;
  OkapVaultState state;
  GListStore *keys;             /* (owned) (immutable) of OkapKeyInfo */

  OkapVaultJob *running;        /* (owned) (nullable) */
  GQueue waiting;               /* (owned) of OkapVaultJob */
  guint n_derivations;
  guint n_locks;                /* how often it was told to lock */
};

enum
{
  PROP_STATE = 1,
  N_PROPS,
};

enum
{
  SIGNAL_LOCKED,
  SIGNAL_SLOTS_CHANGED,
  SIGNAL_EXPORTED,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (OkapVaultState, okap_vault_state,
                    G_DEFINE_ENUM_VALUE (OKAP_VAULT_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (OKAP_VAULT_LOCKED, "locked"),
                    G_DEFINE_ENUM_VALUE (OKAP_VAULT_UNLOCKING, "unlocking"),
                    G_DEFINE_ENUM_VALUE (OKAP_VAULT_UNLOCKED, "unlocked"))

G_DEFINE_FINAL_TYPE (OkapVault, okap_vault, G_TYPE_OBJECT)

static void pump (OkapVault *self);

static void
assert_owner (OkapVault *self)
{
  g_assert (self->owner == g_thread_self ());
}

static void
okap_vault_finalize (GObject *object)
{
  OkapVault *self = OKAP_VAULT (object);

  /* Each job has a task, and each task a reference to us. */
  g_assert (self->running == NULL && g_queue_is_empty (&self->waiting));
  g_clear_pointer (&self->contents, okap_vault_contents_unref);
  g_clear_object (&self->keys);
  g_main_context_unref (self->context);
  g_free (self->path);
  G_OBJECT_CLASS (okap_vault_parent_class)->finalize (object);
}

static void
okap_vault_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapVault *self = OKAP_VAULT (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_vault_class_init (OkapVaultClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = okap_vault_finalize;
  object_class->get_property = okap_vault_get_property;
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OKAP_TYPE_VAULT_STATE,
                                         OKAP_VAULT_NONE,
                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[SIGNAL_LOCKED] = g_signal_new ("locked", OKAP_TYPE_VAULT, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SLOTS_CHANGED] = g_signal_new ("slots-changed", OKAP_TYPE_VAULT, G_SIGNAL_RUN_LAST,
                                                0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_EXPORTED] = g_signal_new ("exported", OKAP_TYPE_VAULT, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_vault_init (OkapVault *self)
{
  self->owner = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  self->keys = g_list_store_new (OKAP_TYPE_KEY_INFO);
  self->memory_bytes = MIN (COST_MEMORY_BYTES, okap_vault_job_memory_most ());
  self->passes = COST_PASSES;
  g_queue_init (&self->waiting);
}

/**
 * okap_vault_new:
 * @path: the sealed file, which need not exist
 * @clock: outlives the vault
 *
 * Returns: (transfer full): a locked vault, or one that is still to be created. It belongs to the
 *   calling thread and calls back in that thread's main context.
 */
OkapVault *
okap_vault_new (const char *path, OkapClock *clock)
{
  OkapVault *self = g_object_new (OKAP_TYPE_VAULT, NULL);

  self->path = g_strdup (path);
  self->clock = clock;
  self->exists = g_file_test (path, G_FILE_TEST_EXISTS);
  self->state = self->exists ? OKAP_VAULT_LOCKED : OKAP_VAULT_NONE;
  return self;
}

OkapVaultState
okap_vault_get_state (OkapVault *self)
{
  assert_owner (self);
  return self->state;
}

/** okap_vault_set_cost: for tests: what unlocking a vault made from now on costs */
void
okap_vault_set_cost (OkapVault *self, guint64 memory_bytes, guint passes)
{
  self->memory_bytes = CLAMP (memory_bytes, OKAP_SEALED_MEMORY_LEAST, OKAP_SEALED_MEMORY_MOST);
  self->passes = CLAMP (passes, 1, OKAP_SEALED_PASSES_MOST);
}

/** okap_vault_get_n_derivations: for tests: how often Argon2id ran */
guint
okap_vault_get_n_derivations (OkapVault *self)
{
  return self->n_derivations;
}

/** okap_vault_get_contents: (transfer none) (nullable): NULL unless it is unlocked */
OkapVaultContents *
okap_vault_get_contents (OkapVault *self)
{
  assert_owner (self);
  return self->contents;
}

/** okap_vault_get_n_locks: how often it was told to lock: more than before, and what waited outside
 * of the queue to unlock it must not any more */
guint
okap_vault_get_n_locks (OkapVault *self)
{
  return self->n_locks;
}

/** okap_vault_get_has_keyring: whether the login keyring may open it, as far as is known by now:
 * the last state seen, of the file or of the open vault */
gboolean
okap_vault_get_has_keyring (OkapVault *self)
{
  assert_owner (self);
  return self->has_keyring;
}

/** okap_vault_get_clock: (transfer none) */
OkapClock *
okap_vault_get_clock (OkapVault *self)
{
  return self->clock;
}

guint64
okap_vault_get_generation (OkapVault *self)
{
  assert_owner (self);
  return self->generation;
}

/* Computes the state from what it stands for. */
static void
update_state (OkapVault *self)
{
  OkapVaultState state;

  if (self->contents != NULL)
    state = OKAP_VAULT_UNLOCKED;
  else if (self->running != NULL && self->running->kind == OKAP_VAULT_JOB_UNLOCK
           && g_atomic_int_get (&self->running->cancelled) == 0)
    state = OKAP_VAULT_UNLOCKING;
  else
    state = self->exists ? OKAP_VAULT_LOCKED : OKAP_VAULT_NONE;
  if (state == self->state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

static void
fill_keys (OkapVault *self)
{
  g_autoptr (GPtrArray) infos = g_ptr_array_new ();
  GPtrArray *entries = self->contents->body->entries;

  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (infos, ((OkapVaultEntry *) g_ptr_array_index (entries, i))->info);
  g_list_store_splice (self->keys, 0, g_list_model_get_n_items (G_LIST_MODEL (self->keys)),
                       infos->pdata, infos->len);
}

/* Puts @info (nullable) in the place of the key @id. */
static void
replace_in_keys (OkapVault *self, const char *id, OkapKeyInfo *info)
{
  GListModel *model = G_LIST_MODEL (self->keys);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (OkapKeyInfo) old = g_list_model_get_item (model, i);

      if (strcmp (okap_key_info_get_id (old), id) == 0)
        {
          if (old != info)
            g_list_store_splice (self->keys, i, 1, (gpointer *) &info, info != NULL ? 1 : 0);
          return;
        }
    }
}

/* Takes over what a job brought back, unless the vault was locked meanwhile. */
static void
take_contents (OkapVault *self, OkapVaultJob *job)
{
  gboolean cancelled = g_atomic_int_get (&job->cancelled) != 0;

  self->exists = TRUE;
  self->has_keyring = okap_sealed_header_has (job->contents->header, OKAP_SLOT_KEYRING);
  self->generation = MAX (self->generation, job->contents->header->generation);
  if (cancelled || (job->kind == OKAP_VAULT_JOB_UNLOCK && self->contents != NULL))
    return;   /* an unlock while unlocked only checks the secret */

  g_clear_pointer (&self->contents, okap_vault_contents_unref);
  self->contents = okap_vault_contents_ref (job->contents);
  self->generation = job->contents->header->generation;
  if (job->kind == OKAP_VAULT_JOB_SLOTS)
    g_signal_emit (self, signals[SIGNAL_SLOTS_CHANGED], 0);
  else if (job->kind == OKAP_VAULT_JOB_ADD)
    g_list_store_append (self->keys, job->entry->info);
  else if (job->key_id != NULL)
    replace_in_keys (self, job->key_id, job->entry != NULL ? job->entry->info : NULL);
  else
    fill_keys (self);
}

static gboolean
job_done_cb (gpointer data)
{
  g_autoptr (OkapVault) self = g_object_ref (OKAP_VAULT (data));
  g_autoptr (OkapVaultJob) job = g_steal_pointer (&self->running);

  g_thread_join (g_steal_pointer (&job->thread));
  self->n_derivations += job->n_derivations;
  if (job->contents != NULL)
    take_contents (self, job);
  else if (job->peeked != NULL)
    self->has_keyring = okap_sealed_header_has (job->peeked, OKAP_SLOT_KEYRING);
  else if (g_error_matches (job->error, OKAP_ERROR, OKAP_ERROR_NO_VAULT))
    self->exists = FALSE;
  else if (g_error_matches (job->error, OKAP_ERROR, OKAP_ERROR_VAULT_EXISTS))
    self->exists = TRUE;
  g_clear_pointer (&job->base, okap_vault_contents_unref);
  if (job->kind == OKAP_VAULT_JOB_EXPORT && job->error == NULL)
    g_signal_emit (self, signals[SIGNAL_EXPORTED], 0);

  update_state (self);
  okap_vault_job_return (job);
  pump (self);
  return G_SOURCE_REMOVE;
}

/* Whether @job can start in the state that the jobs before it left; completes it if so. */
static gboolean
prepare (OkapVault *self, OkapVaultJob *job, GError **error)
{
  if (g_atomic_int_get (&job->cancelled) != 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault was locked meanwhile; nothing was changed");
      return FALSE;
    }
  job->context = self->context;
  job->done_cb = job_done_cb;
  job->done_data = self;
  job->now_us = okap_clock_get_now (self->clock);
  job->memory_bytes = self->memory_bytes;
  job->passes = self->passes;
  if (job->kind == OKAP_VAULT_JOB_UNLOCK && self->contents != NULL)
    job->base = okap_vault_contents_ref (self->contents);
  if (job->kind == OKAP_VAULT_JOB_CREATE || job->kind == OKAP_VAULT_JOB_UNLOCK
      || job->kind == OKAP_VAULT_JOB_PEEK)
    return TRUE;

  if (self->contents == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault is locked. Unlock it first");
      return FALSE;
    }
  return okap_vault_job_set_base (job, self->contents, error);
}

/* Starts the next job unless one runs. */
static void
pump (OkapVault *self)
{
  while (self->running == NULL && !g_queue_is_empty (&self->waiting))
    {
      g_autoptr (OkapVaultJob) job = g_queue_pop_head (&self->waiting);

      if (prepare (self, job, &job->error) && okap_vault_job_start (job, &job->error))
        {
          self->running = g_steal_pointer (&job);
          update_state (self);
          return;
        }
      okap_vault_job_return (job);
    }
}

static gboolean
pump_cb (gpointer data)
{
  pump (data);
  return G_SOURCE_REMOVE;
}

static void
enqueue (OkapVault *self, OkapVaultJob *job, GTask *task)
{
  g_autoptr (OkapVaultJob) owned = job;
  guint n_unlocks = 0;

  for (GList *l = self->waiting.head; l != NULL; l = l->next)
    n_unlocks += ((OkapVaultJob *) l->data)->kind == OKAP_VAULT_JOB_UNLOCK;
  if (self->waiting.length >= QUEUE_MOST
      || (job->kind == OKAP_VAULT_JOB_UNLOCK && n_unlocks >= UNLOCKS_MOST))
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_BUSY,
                               "Too many requests wait for the vault already. Try again later");
      return;
    }
  job->path = g_strdup (self->path);
  g_ptr_array_add (job->tasks, g_object_ref (task));
  g_queue_push_tail (&self->waiting, g_steal_pointer (&owned));
  pump (self);
}

static GTask *
new_task (OkapVault *self, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  assert_owner (self);
  g_task_set_source_tag (task, tag);
  return task;
}

/**
 * okap_vault_change:
 * @job: (transfer full): any but one that creates or unlocks with a passphrase
 * @tag: source tag of the task
 *
 * Runs @job in its turn; @callback gets what okap_vault_job_return() says.
 */
void
okap_vault_change (OkapVault *self, OkapVaultJob *job, GAsyncReadyCallback callback,
                   gpointer user_data, gpointer tag)
{
  g_autoptr (GTask) task = new_task (self, callback, user_data, tag);

  enqueue (self, job, task);
}

/**
 * okap_vault_create_async:
 * @passphrase: 1 to 1024 bytes of UTF-8; how strong it is, is for the caller to judge
 * @callback: gets the result; see okap_vault_create_finish()
 */
void
okap_vault_create_async (OkapVault *self, OkapSecret *passphrase, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = new_task (self, callback, user_data, okap_vault_create_async);
  OkapVaultJob *job = okap_vault_job_new (OKAP_VAULT_JOB_CREATE);

  job->secret = okap_secret_ref (passphrase);
  enqueue (self, job, task);
}

/**
 * okap_vault_create_finish:
 * @out_recovery_code: (out) (transfer full): to be shown once
 * @error: %OKAP_ERROR_VAULT_EXISTS, %OKAP_ERROR_STORAGE, %OKAP_ERROR_INVALID_REQUEST,
 *   %OKAP_ERROR_BUSY, %OKAP_ERROR_VAULT_LOCKED if it was locked before there was a file
 */
gboolean
okap_vault_create_finish (OkapVault *self, GAsyncResult *result, OkapSecret **out_recovery_code,
                          GError **error)
{
  *out_recovery_code = g_task_propagate_pointer (G_TASK (result), error);
  return *out_recovery_code != NULL;
}

/**
 * okap_vault_unlock_async:
 * @secret: a passphrase or the recovery code, as typed. If the vault is unlocked already, it is
 *   checked and nothing changes.
 */
void
okap_vault_unlock_async (OkapVault *self, OkapSecret *secret, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = new_task (self, callback, user_data, okap_vault_unlock_async);
  OkapVaultJob *same = NULL;
  OkapVaultJob *job;

  if (self->running != NULL && okap_vault_job_unlocks_with (self->running, secret))
    same = self->running;
  for (GList *l = self->waiting.head; l != NULL && same == NULL; l = l->next)
    if (okap_vault_job_unlocks_with (l->data, secret))
      same = l->data;
  if (same != NULL)
    {
      g_ptr_array_add (same->tasks, g_steal_pointer (&task));
      return;
    }
  job = okap_vault_job_new (OKAP_VAULT_JOB_UNLOCK);
  job->secret = okap_secret_ref (secret);
  enqueue (self, job, task);
}

/**
 * okap_vault_unlock_finish:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_NO_VAULT, %OKAP_ERROR_VAULT_DAMAGED,
 *   %OKAP_ERROR_VAULT_NEWER, %OKAP_ERROR_VAULT_HOSTILE, %OKAP_ERROR_STORAGE, %OKAP_ERROR_BUSY,
 *   %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_VAULT_LOCKED if it was locked meanwhile
 */
gboolean
okap_vault_unlock_finish (OkapVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * okap_vault_lock:
 *
 * Wipes the vault key and all provider keys, but for what others hold references to: listeners of
 * "locked" drop theirs. A running unlock or save keeps its own until it ends, and does not unlock.
 * Does nothing to a vault that is locked and idle.
 */
void
okap_vault_lock (OkapVault *self)
{
  g_autoptr (OkapVault) alive = g_object_ref (self);
  gboolean was_unlocked = self->contents != NULL;

  assert_owner (self);
  self->n_locks++;
  if (self->running != NULL)
    g_atomic_int_set (&self->running->cancelled, 1);
  for (GList *l = self->waiting.head; l != NULL; l = l->next)
    {
      g_atomic_int_set (&((OkapVaultJob *) l->data)->cancelled, 1);
      okap_vault_job_drop_secrets (l->data);
    }
  if (!g_queue_is_empty (&self->waiting))
    okap_invoke (self->context, pump_cb, g_object_ref (self), g_object_unref);

  g_clear_pointer (&self->contents, okap_vault_contents_unref);
  update_state (self);
  g_list_store_remove_all (self->keys);  /* after the state: nobody removed these */
  if (was_unlocked)
    g_signal_emit (self, signals[SIGNAL_LOCKED], 0);
}

/** okap_vault_get_keys: (transfer none): of OkapKeyInfo, in the order of adding; empty if locked */
GListModel *
okap_vault_get_keys (OkapVault *self)
{
  assert_owner (self);
  return G_LIST_MODEL (self->keys);
}
