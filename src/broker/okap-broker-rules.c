/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules about asking: what is answered without a question, when nothing is presented, which
 * programs are not asked for, and up to which money a click is enough. Main thread.
 *
 *   pause or block begins ─▶ okap-flood.c ─▶ audit line, and a row that outlasts us
 *                                            (okap-asking-file.c)
 *   pause is over ─▶ a timer here ─▶ okap-flood.c ─▶ likewise */
#include "config.h"

#include "okap-broker-private.h"

#include <glib/gstdio.h>

#include "okap-asking-file.h"
#include "okap-audit.h"
#include "okap-error.h"
#include "okap-process-watch.h"
#include "okap-remembered.h"

#define ASKING_MOST_BYTES (1024 * 1024)
#define PAUSE_CHECK_MOST_S 3600  /* look at least hourly: the machine may have slept */

/* --- What is granted already --- */

/** okap_broker_find_covering: (transfer full) (nullable): id of the grant that answers @ask */
char *
okap_broker_find_covering (OkapBroker *self, const OkapAsk *ask)
{
  GListModel *grants = okap_grant_book_get_list (self->book);
  gint64 now_us = okap_clock_get_now (self->clock);

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      const OkapGrant *grant = okap_grant_item_get_grant (item);

      if (okap_remembered_covers (grant, ask, now_us))
        return g_strdup (grant->id);
    }
  return NULL;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapBroker) self = user_data;

  (void) okap_grant_book_wait_finish (OKAP_GRANT_BOOK (source), result, NULL);
  okap_consent_check_again (self->consent);
}

/* Called when a question would be shown; the vault is open, but its grants may be read yet. */
static char *
cover_cb (const OkapAsk *ask, gboolean *out_later, gpointer user_data)
{
  OkapBroker *self = user_data;

  if (okap_grant_book_is_ready (self->book))
    return okap_broker_find_covering (self, ask);
  *out_later = TRUE;
  okap_grant_book_wait_async (self->book, read_cb, g_object_ref (self));
  return NULL;
}

/** okap_broker_end_with_program: a grant for "this run" goes with the process that asked */
void
okap_broker_end_with_program (OkapBroker *self, const OkapGrant *grant, const OkapCaller *caller)
{
  int pidfd;

  if (grant->term != OKAP_TERM_RUN || caller->door == OKAP_DOOR_RUN)  /* okap run sees to its own */
    return;
  pidfd = okap_process_watch_pin (&caller->identity->process);
  if (pidfd >= 0)
    okap_grant_book_bind (self->book, grant->id, pidfd);
  else
    okap_grant_book_withdraw (self->book, grant->id, "the program that it was made for is gone");
}

void
okap_broker_give_back (OkapBroker *self, const char *grant_id, const char *why)
{
  const OkapGrant *grant = okap_grant_book_find (self->book, grant_id);

  if (grant != NULL && grant->tokens->len == 0)
    okap_grant_book_set_state_async (self->book, grant_id, OKAP_GRANT_REVOKED, why, NULL, NULL);
}

/* --- When nothing is presented --- */

guint
okap_broker_authorize_get_retry_after (OkapBroker *self, GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), 0);

  return okap_retry_after_get (result);
}

void
okap_broker_end_session (OkapBroker *self)
{
  okap_consent_end_session (self->consent);
}

/* --- What outlasts us --- */

static void watch_pauses (OkapBroker *self);

/* The file is small; it is replaced as a whole, and a crash may lose the last change. */
static void
save_rules (OkapBroker *self)
{
  g_autoptr (OkapSecret) key = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (self->asking_path == NULL || !self->asking_read)
    return;
  key = okap_vault_derive (self->vault, OKAP_DERIVED_POLICY_TAG, NULL);
  if (key == NULL)
    return;  /* saved with the next change while the vault is open */
  text = okap_asking_file_format (&self->threshold, okap_flood_get_blocks (self->flood), key);
  if (!g_file_set_contents_full (self->asking_path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 &error))
    g_message ("Which programs are not asked for could not be kept: %s", error->message);
}

/* (transfer full) (nullable) */
static char *
read_rules (OkapBroker *self)
{
  g_autofree char *text = NULL;
  GStatBuf status;

  if (self->asking_path == NULL || g_stat (self->asking_path, &status) != 0
      || status.st_size > ASKING_MOST_BYTES
      || !g_file_get_contents (self->asking_path, &text, NULL, NULL))
    return NULL;
  return g_steal_pointer (&text);
}

/** okap_broker_keep_rules: what is there counts already, as far as it only refuses */
void
okap_broker_keep_rules (OkapBroker *self, const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) blocks = NULL;
  OkapThreshold threshold;

  self->asking_path = g_strdup (path);
  text = read_rules (self);
  if (text != NULL && okap_asking_file_parse (text, &threshold, &blocks))
    for (guint i = 0; i < blocks->len; i++)
      (void) okap_flood_restore (self->flood, g_ptr_array_index (blocks, i));
  watch_pauses (self);
  okap_broker_check_rules (self);
}

/** okap_broker_check_rules: the vault may be open: what it did not write is dropped */
void
okap_broker_check_rules (OkapBroker *self)
{
  g_autoptr (OkapSecret) key = okap_vault_derive (self->vault, OKAP_DERIVED_POLICY_TAG, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) blocks = NULL;
  OkapThreshold threshold;

  if (key == NULL || self->asking_path == NULL)
    return;
  text = self->asking_read ? NULL : read_rules (self);
  self->asking_read = TRUE;
  if (text != NULL && okap_asking_file_parse (text, &threshold, &blocks))
    {
      if (okap_asking_file_is_sound (text, key))
        self->threshold = threshold;
      else
        for (guint i = 0; i < blocks->len; i++)
          okap_flood_end_block (self->flood, okap_block_get_key (g_ptr_array_index (blocks, i)));
    }
  save_rules (self);
}

/* --- Who is not asked for --- */

static gboolean
pause_over_cb (gpointer user_data)
{
  OkapBroker *self = user_data;

  self->pause_id = 0;
  watch_pauses (self);
  return G_SOURCE_REMOVE;
}

static void
watch_pauses (OkapBroker *self)
{
  gint64 wait_us = okap_flood_end_past (self->flood);

  g_clear_handle_id (&self->pause_id, g_source_remove);
  if (wait_us > 0)
    self->pause_id = g_timeout_add_seconds ((guint) MIN (wait_us / OKAP_SECOND_US + 1,
                                                         PAUSE_CHECK_MOST_S), pause_over_cb, self);
}

static void
paused_cb (OkapBlock *block, gboolean began, gpointer user_data)
{
  OkapBroker *self = user_data;
  g_autoptr (OkapAuditEntry) entry = okap_audit_pause (okap_clock_get_now (self->clock), block,
                                                       began);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
  save_rules (self);
  if (began && self->pause_id == 0)
    self->pause_id = g_timeout_add_seconds (1, pause_over_cb, self);
}

static void
pending_changed_cb (OkapBroker *self)
{
  g_object_notify (G_OBJECT (self), "pending");
}

/** okap_broker_start_rules: before anything is asked */
void
okap_broker_start_rules (OkapBroker *self)
{
  self->flood = okap_flood_new (self->clock);
  okap_flood_set_func (self->flood, paused_cb, self);
  self->consent = okap_consent_new (self->vault, self->flood);
  okap_consent_set_cover_func (self->consent, cover_cb, self);
  g_signal_connect_object (self->consent, "pending-changed", G_CALLBACK (pending_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/** okap_broker_get_blocks: (transfer none) (element-type OkapBlock) */
GListModel *
okap_broker_get_blocks (OkapBroker *self)
{
  return okap_flood_get_blocks (self->flood);
}

/** okap_broker_end_block: the program may ask again, as if it never had; not while restricted */
void
okap_broker_end_block (OkapBroker *self, OkapBlock *block)
{
  if (!self->restricted)
    okap_flood_end_block (self->flood, okap_block_get_key (block));
}

/* --- Up to which money a click is enough --- */

OkapThreshold
okap_broker_get_threshold (OkapBroker *self)
{
  return self->threshold;
}

static void
set_threshold (GTask *task)
{
  OkapBroker *self = g_task_get_source_object (task);

  self->threshold = *(const OkapThreshold *) g_task_get_task_data (task);
  save_rules (self);
  g_task_return_boolean (task, TRUE);
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    set_threshold (task);
  else
    g_task_return_error (task, error);
}

/**
 * okap_broker_set_threshold_async:
 * @secret: (nullable): the passphrase or the recovery code; not needed for what only lowers
 */
void
okap_broker_set_threshold_async (OkapBroker *self, const OkapThreshold *threshold,
                                 OkapSecret *secret, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, okap_broker_set_threshold_async);
  g_task_set_task_data (task, g_memdup2 (threshold, sizeof *threshold), g_free);
  if (okap_vault_get_state (self->vault) != OKAP_VAULT_UNLOCKED)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                             "The vault is locked. Unlock it first.");
  else if (okap_threshold_is_lower (threshold, &self->threshold))
    set_threshold (task);
  else if (!okap_broker_check_unrestricted (self, &error))
    g_task_return_error (task, error);
  else if (secret == NULL)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE,
                             "To allow more with a click takes the passphrase.");
  else
    okap_vault_unlock_async (self->vault, secret, shown_cb, g_steal_pointer (&task));
}

/**
 * okap_broker_set_threshold_finish:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_RESTRICTED,
 *   %OKAP_ERROR_STORAGE
 */
gboolean
okap_broker_set_threshold_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
