/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of what a grant allows. Main thread.
 *
 *   next version of the one that is here ── nothing of it is wider ─────────▶ gate, disk
 *                  │ wider                                                     ▲
 *                  └── passphrase ── next version of the one that is here now ─┘
 *
 * The version is made anew after the passphrase was checked, since the grant may have changed in
 * that second. What is narrowed counts for the next request. What runs goes on with what was set
 * aside for it, which the lowered limit may no longer hold; then nothing more is let in until so
 * much is over. */
#include "config.h"

#include "okap-broker-private.h"

#include "okap-error.h"

/* What is wanted of a grant: an edit or more money. */
typedef struct
{
  char *id;              /* (owned) */
  OkapGrantEdit *edit;   /* (owned) (nullable) */
  char *provider;        /* (owned) (nullable) which shall have @nusd more today */
  gint64 nusd;
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  g_free (wish->id);
  g_clear_pointer (&wish->edit, okap_grant_edit_free);
  g_free (wish->provider);
  g_free (wish);
}

static OkapGrant *
find_grant (OkapBroker *self, const Wish *wish, GError **error)
{
  OkapGrant *grant = okap_broker_find_grant (self, wish->id);

  if (grant != NULL)
    return grant;
  if (okap_vault_get_state (self->vault) != OKAP_VAULT_UNLOCKED)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                         "The vault is locked. Unlock it first.");
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                 "There is no grant “%.32s”. okap grants list shows them.", wish->id);
  return NULL;
}

static OkapGrant *
make_next (OkapBroker *self, const Wish *wish, const OkapGrant *grant, GError **error)
{
  gint64 now_us = okap_clock_get_now (self->clock);

  if (wish->edit != NULL)
    return okap_grant_edit_apply (grant, wish->edit, now_us, error);
  return okap_grant_add_extra (grant, wish->provider, wish->nusd, now_us, error);
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (okap_grant_book_set_state_finish (OKAP_GRANT_BOOK (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void proven_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* @task: (transfer full). @secret: (nullable). @proven: the passphrase was shown. */
static void
go_on (GTask *transferred, OkapSecret *secret, gboolean proven)
{
  g_autoptr (GTask) task = transferred;
  OkapBroker *self = g_task_get_source_object (task);
  const Wish *wish = g_task_get_task_data (task);
  GError *error = NULL;
  const OkapGrant *grant = find_grant (self, wish, &error);
  g_autoptr (OkapGrant) next = grant != NULL ? make_next (self, wish, grant, &error) : NULL;
  g_autofree char *wider = NULL;
  g_autofree char *words = NULL;

  if (next == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  wider = okap_grant_dup_widening (grant, next);
  words = okap_grant_dup_changes (grant, next);
  if (words == NULL)
    g_task_return_boolean (task, TRUE);
  else if (wider != NULL && !okap_broker_check_unrestricted (self, &error))
    g_task_return_error (task, error);
  else if (wider == NULL || proven)
    okap_grant_book_replace_async (self->book, next, words, replaced_cb, g_steal_pointer (&task));
  else if (secret != NULL)
    okap_vault_unlock_async (self->vault, secret, proven_cb, g_steal_pointer (&task));
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE,
                             "To allow more takes the passphrase: %s", wider);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    g_task_return_error (task, error);
  else if (self->book == NULL)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED, "Okap ends.");
  else
    go_on (g_steal_pointer (&task), NULL, TRUE);
}

/**
 * okap_broker_edit_grant_async:
 * @secret: (nullable): the passphrase or the recovery code; not looked at if nothing is wider
 *
 * Finish it with okap_broker_set_grant_state_finish(): %OKAP_ERROR_WRONG_PASSPHRASE,
 * %OKAP_ERROR_CONFLICT if the grant has ended, %OKAP_ERROR_INVALID_REQUEST,
 * %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_RESTRICTED, %OKAP_ERROR_STORAGE.
 */
void
okap_broker_edit_grant_async (OkapBroker *self, const char *id, const OkapGrantEdit *edit,
                              OkapSecret *secret, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Wish *wish = g_new0 (Wish, 1);

  g_task_set_source_tag (task, okap_broker_edit_grant_async);
  wish->id = g_strdup (id);
  wish->edit = okap_grant_edit_copy (edit);
  g_task_set_task_data (task, wish, wish_free);
  go_on (task, secret, FALSE);
}

/** okap_broker_allow_more_async: as okap_broker_edit_grant_async() */
void
okap_broker_allow_more_async (OkapBroker *self, const char *id, const char *provider, gint64 nusd,
                              OkapSecret *secret, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Wish *wish = g_new0 (Wish, 1);

  g_task_set_source_tag (task, okap_broker_allow_more_async);
  wish->id = g_strdup (id);
  wish->provider = g_strdup (provider);
  wish->nusd = nusd;
  g_task_set_task_data (task, wish, wish_free);
  go_on (task, secret, FALSE);
}

/* --- revoke, and give back --- */

/** okap_broker_revoke_async: see okap_grant_book_revoke_async() */
void
okap_broker_revoke_async (OkapBroker *self, const char *id, const char *why,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_revoke_async);
  okap_grant_book_revoke_async (self->book, id, why, replaced_cb, task);
  okap_misuse_watch_forget (self->misuse_watch, id, NULL);
}

/** okap_broker_undo_revoke_async: %OKAP_ERROR_CONFLICT: it is too late */
void
okap_broker_undo_revoke_async (OkapBroker *self, const char *id, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_broker_undo_revoke_async);
  if (!okap_broker_refuse_restricted (task))
    okap_grant_book_undo_async (self->book, id, replaced_cb, task);
}
