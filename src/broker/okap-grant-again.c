/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Further tokens of a grant: a program that asks again for what it has gets one, not another
 * budget. Main thread.
 *
 * The hashes stand in the grant's own row: under its tag, and covered by the audit trail, so that
 * no other program can add one or put a dropped one back; and they end with the grant, in the same
 * step. One grant has so many tokens; the oldest makes room. A token opens nothing before its row
 * is durable, since nobody has it. */
#include "config.h"

#include "okap-grant-book-private.h"

#include <string.h>

#include "okap-audit.h"
#include "okap-caps.h"
#include "okap-error.h"

typedef struct
{
  GTask *task;          /* (owned) */
  OkapGrant *next;      /* (owned) */
} Giving;

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Giving *giving = user_data;
  g_autoptr (GTask) task = giving->task;
  g_autoptr (OkapGrant) next = giving->next;
  OkapGrant *current = okap_grant_book_find (OKAP_GRANT_BOOK (source), next->id);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_error (task, error);
  else if (current != NULL && current->state == OKAP_GRANT_REVOKED)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_USER_DENIED,
                             "The access was revoked in the moment it was given again.");
  else
    g_task_return_pointer (task, g_steal_pointer (&next), (GDestroyNotify) okap_grant_unref);
}

/* The next version with one more token. The row's own hash is that of the oldest: @out_row. */
static OkapGrant *
add_token (const OkapGrant *grant, const guint8 *row_hash, const guint8 *hash, guint8 *out_row)
{
  OkapGrant *next = okap_grant_copy_next (grant);

  memcpy (out_row, row_hash, OKAP_TOKEN_HASH_BYTES);
  g_ptr_array_add (next->tokens, g_bytes_new (hash, OKAP_TOKEN_HASH_BYTES));
  if (next->tokens->len < OKAP_CAP_GRANT_TOKENS)
    return next;
  memcpy (out_row, g_bytes_get_data (g_ptr_array_index (next->tokens, 0), NULL),
          OKAP_TOKEN_HASH_BYTES);
  g_ptr_array_remove_index (next->tokens, 0);
  return next;
}

/* (nullable): the grant, if it can be given again; else @task is told. */
static OkapGrant *
find_live (OkapGrantBook *self, const char *id, GTask *task)
{
  OkapGrant *grant = okap_grant_book_find (self, id);

  if (self->tag_key == NULL)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                             "The vault was locked meanwhile. Unlock it first.");
  else if (grant == NULL || grant->state != OKAP_GRANT_ACTIVE
           || !okap_grant_is_live (grant, okap_clock_get_now (self->clock)))
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_USER_DENIED,
                             "The access that would have been given again has ended. Ask again.");
  else
    return grant;
  return NULL;
}

/**
 * okap_grant_book_give_again_async:
 * @token: its further token; only the hash is kept
 */
void
okap_grant_book_give_again_async (OkapGrantBook *self, const char *id, const OkapSecret *token,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (OkapSecret) hash_key = NULL;
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  guint8 row_hash[OKAP_TOKEN_HASH_BYTES];
  OkapGrant *grant;
  Giving *giving;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_grant_book_give_again_async);
  grant = find_live (self, id, task);
  if (grant == NULL)
    return;
  hash_key = okap_vault_derive (self->vault, OKAP_DERIVED_TOKEN_HASH, &error);
  if (hash_key == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  okap_token_hash (okap_secret_get_text (token), hash_key, hash);
  giving = g_new0 (Giving, 1);
  giving->task = g_steal_pointer (&task);
  giving->next = add_token (grant, g_hash_table_lookup (self->hashes, id), hash, row_hash);
  g_hash_table_replace (self->hashes, g_strdup (id), g_memdup2 (row_hash, sizeof row_hash));
  okap_grant_book_change (self, g_task_new (self, NULL, changed_cb, giving), giving->next, row_hash,
                          okap_audit_given_again (okap_clock_get_now (self->clock), giving->next));
}

/**
 * okap_grant_book_give_again_finish:
 * @error: %OKAP_ERROR_USER_DENIED if the grant has ended, %OKAP_ERROR_VAULT_LOCKED,
 *   %OKAP_ERROR_STORAGE
 */
OkapGrant *
okap_grant_book_give_again_finish (OkapGrantBook *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/** okap_grant_book_withdraw: revokes a new grant whose token nobody has; if the vault was locked
 *   meanwhile, as soon as it opens */
void
okap_grant_book_withdraw (OkapGrantBook *self, const char *id, const char *why)
{
  if (self->tag_key != NULL && okap_grant_book_find (self, id) != NULL)
    okap_grant_book_set_state_async (self, id, OKAP_GRANT_REVOKED, why, NULL, NULL);
  else
    g_hash_table_replace (self->unkept, g_strdup (id), GUINT_TO_POINTER (OKAP_GRANT_REVOKED));
}

/** okap_grant_book_is_ready: whether all grants of an open vault are here */
gboolean
okap_grant_book_is_ready (OkapGrantBook *self)
{
  return self->tag_key != NULL && !self->loading;
}
