/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The book of grants: everything that happens to a grant after it was allowed.
 *
 * Main thread. While the vault is open, the list, the rows in the store and the gate say the same:
 * a change goes to the gate first (so that it holds at once) and is finished when the row and its
 * audit line are durable. When the vault locks, list and gate are emptied; when it opens, the
 * grants are read again, each together with what was used under it (okap-grant-load.c).
 *
 * Ends: one timer for the grant that expires next; one pidfd for each grant of okap run. */
#include "config.h"

#include "okap-grant-book-private.h"

#include "okap-audit.h"
#include "okap-binding.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-policy-tag.h"

#define EXPIRY_CHECK_MOST_S 3600  /* look at least hourly: the machine may have slept */

G_DEFINE_FINAL_TYPE (OkapGrantBook, okap_grant_book, G_TYPE_OBJECT)

static void schedule_expiry (OkapGrantBook *self);

static OkapGrantItem *
find_item (OkapGrantBook *self, const char *id)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);

      if (g_str_equal (okap_grant_item_get_grant (item)->id, id))
        return item;  /* the list keeps it alive */
    }
  return NULL;
}

/** okap_grant_book_find: (transfer none) (nullable): valid until the next change */
OkapGrant *
okap_grant_book_find (OkapGrantBook *self, const char *id)
{
  OkapGrantItem *item = find_item (self, id);

  return item != NULL ? okap_grant_item_get_grant (item) : NULL;
}

GListModel *
okap_grant_book_get_list (OkapGrantBook *self)
{
  return G_LIST_MODEL (self->list);
}

/** okap_grant_book_enter_list: shows a grant that is in the gate, or its next version */
void
okap_grant_book_enter_list (OkapGrantBook *self, OkapGrant *grant, const guint8 *token_hash)
{
  OkapGrantItem *item = find_item (self, grant->id);

  if (item != NULL)
    okap_grant_item_set_grant (item, grant);
  else
    {
      g_autoptr (OkapGrantItem) added = okap_grant_item_new (grant);

      g_list_store_insert (self->list, 0, added);
      g_hash_table_insert (self->hashes, g_strdup (grant->id),
                           g_memdup2 (token_hash, OKAP_TOKEN_HASH_BYTES));
    }
  schedule_expiry (self);
}

/* Puts a new grant, or the next version of one that is here, into list and gate. */
static void
enter (OkapGrantBook *self, OkapGrant *grant, const guint8 *token_hash)
{
  okap_gate_put_grant (self->gate, grant, token_hash);
  okap_grant_book_enter_list (self, grant, token_hash);
}

/* A change of a grant, until its row is durable. */
typedef struct
{
  char *id;              /* (owned) */
  OkapGrantState state;
} Change;

static void
change_free (Change *change)
{
  g_free (change->id);
  g_free (change);
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapGrantBook *self = g_task_get_source_object (task);
  const Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  if (okap_store_commit_finish (OKAP_STORE (source), result, &error))
    {
      g_hash_table_remove (self->unkept, change->id);
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_hash_table_replace (self->unkept, g_strdup (change->id), GUINT_TO_POINTER (change->state));
  g_task_return_error (task, error);
}

static gboolean
check_open (OkapGrantBook *self, GTask *task)
{
  if (self->tag_key != NULL)
    return TRUE;
  g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault is locked. Unlock it first.");
  return FALSE;
}

/* What okap_grant_book_add_async() has in hand until the row is durable. */
typedef struct
{
  OkapGrant *grant;  /* (owned) */
  guint8 token_hash[OKAP_TOKEN_HASH_BYTES];
  guint epoch;
} Addition;

static void
addition_free (Addition *addition)
{
  okap_grant_unref (addition->grant);
  g_free (addition);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapGrantBook *self = g_task_get_source_object (task);
  Addition *addition = g_task_get_task_data (task);
  GError *error = NULL;

  if (!okap_store_commit_finish (OKAP_STORE (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  /* If the vault locked meanwhile, the row is read with the others when it opens. */
  if (addition->epoch == self->epoch && self->tag_key != NULL)
    enter (self, addition->grant, addition->token_hash);
  if (self->loading)  /* nothing passes the gate before that is done */
    g_ptr_array_add (self->waiting, g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * okap_grant_book_add_async:
 * @grant: a new grant, active
 * @token: its token; only the hash is kept
 *
 * Writes grant and audit line in one transaction; the token opens nothing before that.
 */
void
okap_grant_book_add_async (OkapGrantBook *self, OkapGrant *grant, const OkapSecret *token,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (OkapSecret) hash_key = NULL;
  g_autoptr (OkapGrantRow) row = NULL;
  g_autoptr (OkapAuditEntry) entry = NULL;
  GError *error = NULL;
  Addition *addition;

  g_task_set_source_tag (task, okap_grant_book_add_async);
  if (!check_open (self, task))
    return;
  hash_key = okap_vault_derive (self->vault, OKAP_DERIVED_TOKEN_HASH, &error);
  if (hash_key == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  addition = g_new0 (Addition, 1);
  addition->grant = okap_grant_ref (grant);
  addition->epoch = self->epoch;
  okap_token_hash (okap_secret_get_text (token), hash_key, addition->token_hash);
  g_task_set_task_data (task, addition, (GDestroyNotify) addition_free);

  row = okap_policy_seal (grant, addition->token_hash, self->tag_key);
  entry = okap_audit_granted (okap_clock_get_now (self->clock), grant);
  okap_store_commit_async (self->store, row, entry, added_cb, g_steal_pointer (&task));
}

/** okap_grant_book_add_finish: @error: %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_STORAGE */
gboolean
okap_grant_book_add_finish (OkapGrantBook *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_grant_book_find_for: (nullable): the grant; if there is none, or the vault is locked, @task
 * is told */
OkapGrant *
okap_grant_book_find_for (OkapGrantBook *self, const char *id, GTask *task)
{
  OkapGrant *grant;

  if (!check_open (self, task))
    return NULL;
  grant = okap_grant_book_find (self, id);
  if (grant == NULL)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                             "There is no grant “%.32s”. okap grants list shows them.", id);
  return grant;
}

/** okap_grant_book_change: puts @next into list and gate, then on the disk */
void
okap_grant_book_change (OkapGrantBook *self, GTask *task, OkapGrant *next,
                        const guint8 *token_hash, OkapAuditEntry *entry)
{
  g_autoptr (OkapGrantRow) row = okap_policy_seal (next, token_hash, self->tag_key);
  g_autoptr (OkapAuditEntry) owned = entry;
  Change *change = g_new0 (Change, 1);

  change->id = g_strdup (next->id);
  change->state = next->state;
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  enter (self, next, token_hash);
  okap_store_commit_async (self->store, row, owned, committed_cb, task);
}

/* @task, @entry: (transfer full) */
static void
change_to (OkapGrantBook *self, GTask *task, OkapGrant *next, OkapAuditEntry *entry)
{
  okap_grant_book_change (self, task, next, g_hash_table_lookup (self->hashes, next->id), entry);
}

/**
 * okap_grant_book_set_state_async:
 * @why: for the audit trail, a sentence
 *
 * Holds in the gate before this returns. Setting the state that a grant has is no error. A change
 * that could not be written holds until Okap ends, and is tried again by the next call for the
 * same grant and when the vault opens.
 */
void
okap_grant_book_set_state_async (OkapGrantBook *self, const char *id, OkapGrantState state,
                                 const char *why, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (OkapGrant) next = NULL;
  gint64 now_us = okap_clock_get_now (self->clock);
  OkapGrant *grant;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_grant_book_set_state_async);
  if (state == OKAP_GRANT_REVOKED)
    g_hash_table_remove (self->undos, id);  /* whoever revokes now means it for good */
  if ((grant = okap_grant_book_find_for (self, id, task)) == NULL)
    return;
  if (!okap_grant_may_become (grant, state, now_us, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (grant->state == state && !g_hash_table_contains (self->unkept, id))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  next = okap_grant_copy_next (grant);
  next->state = state;
  change_to (self, g_steal_pointer (&task), next, okap_audit_state_changed (now_us, next, why));
}

/**
 * okap_grant_book_replace_async:
 * @next: the next version of a grant that is here, made of the current one in the same step
 * @words: for the audit trail, what changes
 *
 * Holds in the gate before this returns: limits, models and what may be done count for the next
 * request, and a grant that ends by it is cut. What runs keeps what is set aside for it. Finish it
 * with okap_grant_book_set_state_finish().
 */
void
okap_grant_book_replace_async (OkapGrantBook *self, OkapGrant *next, const char *words,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  OkapGrant *grant;

  g_task_set_source_tag (task, okap_grant_book_replace_async);
  if ((grant = okap_grant_book_find_for (self, next->id, task)) == NULL)
    return;
  g_return_if_fail (next->version == grant->version + 1);
  change_to (self, g_steal_pointer (&task), next,
             okap_audit_changed (okap_clock_get_now (self->clock), next, words));
}

/**
 * okap_grant_book_set_money_async:
 *
 * Holds for requests that come from now on. Finish it with okap_grant_book_set_state_finish().
 */
void
okap_grant_book_set_money_async (OkapGrantBook *self, const char *id, const OkapGrantMoney *money,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (OkapGrant) next = NULL;
  g_autofree char *words = okap_grant_money_describe (money);
  OkapGrant *grant;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_grant_book_set_money_async);
  if ((grant = okap_grant_book_find_for (self, id, task)) == NULL)
    return;
  next = okap_grant_money_apply (grant, money, &error);
  if (next == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  change_to (self, g_steal_pointer (&task), next,
             okap_audit_changed (okap_clock_get_now (self->clock), next, words));
}

/* (nullable): the next version of @grant, with @identity among those that may use it. */
static OkapGrant *
add_program (const OkapGrant *grant, OkapIdentity *identity, GError **error)
{
  OkapGrant *next;

  if (identity->kind == OKAP_IDENTITY_UNKNOWN)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                           "A program that Okap cannot tell apart from others cannot be allowed "
                           "alone. It can ask for access of its own.");
      return NULL;
    }
  if (grant->others->len >= OKAP_CAP_OTHER_PROGRAMS)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                   "Already %u other programs may use this grant. The program can ask for access "
                   "of its own.", grant->others->len);
      return NULL;
    }
  next = okap_grant_copy_next (grant);
  g_ptr_array_add (next->others, okap_identity_ref (identity));
  return next;
}

/**
 * okap_grant_book_allow_async:
 * @identity: a program that shall be able to use the token, too
 *
 * Holds in the gate before this returns; a program that may use it already is no error.
 */
void
okap_grant_book_allow_async (OkapGrantBook *self, const char *id, OkapIdentity *identity,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  gint64 now_us = okap_clock_get_now (self->clock);
  g_autoptr (OkapGrant) next = NULL;
  g_autofree char *seen = okap_identity_dup_words (identity);
  g_autofree char *words = g_strconcat ("the user lets another program use it, too: ", seen, NULL);
  OkapGrant *grant;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_grant_book_allow_async);
  if ((grant = okap_grant_book_find_for (self, id, task)) == NULL)
    return;
  if (okap_grant_admits (grant, identity))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (okap_grant_is_live (grant, now_us))
    next = add_program (grant, identity, &error);
  else
    error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_CONFLICT,
                                 "This grant has ended. The program can ask for access of its "
                                 "own.");
  if (next == NULL)
    g_task_return_error (task, error);
  else
    change_to (self, g_steal_pointer (&task), next, okap_audit_changed (now_us, next, words));
}

/**
 * okap_grant_book_give_async:
 * @caller: who shall have the grant from now on, instead of whom it was made for
 *
 * For okap-redeem.c alone: a grant of a link, to the program that fetched its token. If that is not
 * known either, the grant ends soon.
 */
void
okap_grant_book_give_async (OkapGrantBook *self, const char *id, OkapCaller *caller,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (OkapGrant) next = NULL;
  g_autofree char *seen = okap_caller_dup_words (caller);
  g_autofree char *words = g_strconcat ("bound to the program that fetched the token: ", seen,
                                        NULL);
  OkapGrant *grant;

  g_task_set_source_tag (task, okap_grant_book_give_async);
  if ((grant = okap_grant_book_find_for (self, id, task)) == NULL)
    return;
  next = okap_grant_copy_next (grant);
  okap_identity_unref (next->identity);
  next->identity = okap_identity_ref (caller->identity);
  g_free (next->evidence);
  next->evidence = g_steal_pointer (&seen);
  okap_binding_limit (next);
  change_to (self, g_steal_pointer (&task), next,
             okap_audit_changed (okap_clock_get_now (self->clock), next, words));
}

/**
 * okap_grant_book_set_state_finish:
 * @error: %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_CONFLICT,
 *   %OKAP_ERROR_STORAGE
 */
gboolean
okap_grant_book_set_state_finish (OkapGrantBook *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
expiry_cb (gpointer user_data)
{
  OkapGrantBook *self = user_data;
  gint64 now_us = okap_clock_get_now (self->clock);

  self->expiry_id = 0;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);
      OkapGrant *grant = okap_grant_item_get_grant (item);

      if (grant->state != OKAP_GRANT_REVOKED && now_us >= grant->expires_us)
        {
          okap_gate_put_grant (self->gate, grant, g_hash_table_lookup (self->hashes, grant->id));
          okap_grant_item_set_grant (item, grant);
        }
    }
  schedule_expiry (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_expiry (OkapGrantBook *self)
{
  gint64 now_us = okap_clock_get_now (self->clock);
  gint64 next_us = G_MAXINT64;
  gint64 wait_ms;

  g_clear_handle_id (&self->expiry_id, g_source_remove);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);
      OkapGrant *grant = okap_grant_item_get_grant (item);

      if (okap_grant_is_live (grant, now_us))
        next_us = MIN (next_us, grant->expires_us);
    }
  if (next_us == G_MAXINT64)
    return;
  wait_ms = MIN ((next_us - now_us) / 1000 + 1, EXPIRY_CHECK_MOST_S * 1000);
  self->expiry_id = g_timeout_add ((guint) wait_ms, expiry_cb, self);
}

void
okap_grant_book_revoke_quietly (OkapGrantBook *self, const char *id, const char *why)
{
  okap_grant_book_set_state_async (self, id, OKAP_GRANT_REVOKED, why, NULL, NULL);
}

static void
process_ended_cb (const char *grant_id, gpointer user_data)
{
  OkapGrantBook *self = user_data;

  if (self->tag_key != NULL)
    okap_grant_book_revoke_quietly (self, grant_id, "the command that it was made for has ended");
}

/**
 * okap_grant_book_bind:
 * @pidfd: of a process; kept
 *
 * Revokes the grant when the process ends. While the vault is locked it opens nothing anyway, and
 * is revoked as soon as the vault opens.
 */
void
okap_grant_book_bind (OkapGrantBook *self, const char *id, int pidfd)
{
  okap_process_watch_add (self->processes, id, pidfd);
}

static void
okap_grant_book_dispose (GObject *object)
{
  OkapGrantBook *self = OKAP_GRANT_BOOK (object);

  if (self->tag_key != NULL)
    okap_grant_book_close (self);
  g_clear_pointer (&self->processes, okap_process_watch_free);
  g_clear_object (&self->vault);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (okap_grant_book_parent_class)->dispose (object);
}

static void
okap_grant_book_finalize (GObject *object)
{
  OkapGrantBook *self = OKAP_GRANT_BOOK (object);

  g_object_unref (self->list);
  g_hash_table_unref (self->hashes);
  g_hash_table_unref (self->undos);
  g_hash_table_unref (self->unkept);
  g_ptr_array_unref (self->waiting);
  G_OBJECT_CLASS (okap_grant_book_parent_class)->finalize (object);
}

static void
okap_grant_book_class_init (OkapGrantBookClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_grant_book_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_grant_book_finalize;
}

static void
okap_grant_book_init (OkapGrantBook *self)
{
  self->list = g_list_store_new (OKAP_TYPE_GRANT_ITEM);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->processes = okap_process_watch_new (process_ended_cb, self);
  self->undos = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->unkept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

OkapGrantBook *
okap_grant_book_new (OkapVault *vault, OkapStore *store, OkapGate *gate, OkapClock *clock)
{
  OkapGrantBook *self = g_object_new (OKAP_TYPE_GRANT_BOOK, NULL);

  self->vault = g_object_ref (vault);
  self->store = g_object_ref (store);
  self->gate = gate;
  self->clock = clock;
  g_signal_connect_object (vault, "notify::state", G_CALLBACK (okap_grant_book_vault_changed), self,
                           G_CONNECT_SWAPPED);
  okap_grant_book_vault_changed (self);
  return self;
}
