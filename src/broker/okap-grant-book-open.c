/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The book of grants when the vault opens and closes. Main thread.
 *
 *   locked ── the vault opens ──▶ loading ── all grants are in the gate ──▶ open
 *                                    │  ▲
 *                                    └──┘ they could not be read: again in some seconds
 *
 * The gate opens last, so that nobody is told "unknown token" by a vault that is still reading. */
#include "config.h"

#include "okap-grant-book-private.h"

#include <time.h>

#include "okap-clock.h"
#include "okap-grant-load.h"

#define LOAD_AGAIN_S 5u

static void load (OkapGrantBook *self);

/* A process of before this boot may have had the same number and ticks as one of now. */
static gboolean
is_of_this_boot (gint64 made_us)
{
  struct timespec up;

  return clock_gettime (CLOCK_BOOTTIME, &up) == 0
         && made_us > g_get_real_time () - up.tv_sec * OKAP_SECOND_US;
}

/* The grant lives as long as its process does, and that may have outlived an earlier Okap. */
static void
watch_process (OkapGrantBook *self, const OkapGrant *grant)
{
  int pidfd = is_of_this_boot (grant->created_us)
              ? okap_process_watch_pin (&grant->identity->process) : -1;

  if (pidfd >= 0)
    okap_process_watch_add (self->processes, grant->id, pidfd);
  else
    okap_grant_book_revoke_quietly (self, grant->id, "the command that it was made for is gone");
}

static void
take_loaded (OkapGrantBook *self, const OkapLoadedGrant *loaded)
{
  OkapGrant *grant = loaded->grant;
  gpointer wanted;

  if (okap_grant_book_find (self, grant->id) != NULL)
    return;  /* added while the rows were read */
  okap_gate_restore_grant (self->gate, grant, loaded->token_hash, loaded->pasts,
                           grant->scopes->len);
  okap_grant_book_enter_list (self, grant, loaded->token_hash);
  if (g_hash_table_lookup_extended (self->unkept, grant->id, NULL, &wanted)
      && GPOINTER_TO_UINT (wanted) != OKAP_GRANT_ACTIVE)
    okap_grant_book_set_state_async (self, grant->id, GPOINTER_TO_UINT (wanted),
                                     "could not be written when it was decided", NULL, NULL);
  if (grant->term == OKAP_TERM_RUN && okap_grant_is_live (grant, okap_clock_get_now (self->clock))
      && !okap_process_watch_is_running (self->processes, grant->id))
    watch_process (self, grant);
}

/* The grants are read, or there is no use in waiting for them. */
static void
end_loading (OkapGrantBook *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->loading = FALSE;
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_boolean (g_ptr_array_index (waiting, i), TRUE);
}

/** okap_grant_book_wait_async: until the grants of an open vault are read, or it is locked */
void
okap_grant_book_wait_async (OkapGrantBook *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_grant_book_wait_async);
  if (self->loading)
    g_ptr_array_add (self->waiting, g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

gboolean
okap_grant_book_wait_finish (OkapGrantBook *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Carries the epoch, so that rows read for an earlier unlocked time are dropped. */
typedef struct
{
  OkapGrantBook *book;  /* (owned) */
  guint epoch;
} Loading;

static gboolean
load_again_cb (gpointer user_data)
{
  OkapGrantBook *self = user_data;

  self->again_id = 0;
  load (self);
  return G_SOURCE_REMOVE;
}

/* The gate opens when all grants are in it: an app that was told "unknown token" meanwhile would
 * not try again. If they cannot be read it stays locked, which apps may wait for. */
static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Loading *loading = user_data;
  g_autoptr (OkapGrantBook) self = loading->book;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) grants = okap_grant_load_finish (OKAP_STORE (source), result, &error);
  g_autoptr (OkapSecret) hash_key = NULL;

  if (loading->epoch != self->epoch || self->tag_key == NULL)
    return;
  if (grants == NULL)
    {
      if (!self->load_failed)
        g_message ("The grants and what they have used could not be read, so nothing passes; "
                   "trying again every %u seconds: %s", LOAD_AGAIN_S, error->message);
      self->load_failed = TRUE;
      self->again_id = g_timeout_add_seconds (LOAD_AGAIN_S, load_again_cb, self);
      end_loading (self);
      return;
    }
  self->load_failed = FALSE;
  for (guint i = grants->len; i > 0; i--)  /* oldest first, each goes to the front */
    take_loaded (self, g_ptr_array_index (grants, i - 1));
  hash_key = okap_vault_derive (self->vault, OKAP_DERIVED_TOKEN_HASH, NULL);
  okap_gate_unlock (self->gate, hash_key);
  end_loading (self);
}

static void
load (OkapGrantBook *self)
{
  Loading *loading = g_new0 (Loading, 1);

  self->loading = TRUE;
  loading->book = g_object_ref (self);
  loading->epoch = self->epoch;
  okap_grant_load_async (self->store, self->gate, self->clock, self->tag_key, loaded_cb, loading);
}

static void
open_book (OkapGrantBook *self)
{
  self->tag_key = okap_vault_derive (self->vault, OKAP_DERIVED_POLICY_TAG, NULL);
  self->epoch++;
  load (self);
}

/** okap_grant_book_close: the vault is locked: list and gate are emptied, and nobody waits */
void
okap_grant_book_close (OkapGrantBook *self)
{
  g_clear_pointer (&self->tag_key, okap_secret_unref);
  g_clear_handle_id (&self->expiry_id, g_source_remove);
  g_clear_handle_id (&self->again_id, g_source_remove);
  self->epoch++;
  okap_gate_lock (self->gate);
  g_list_store_remove_all (self->list);
  g_hash_table_remove_all (self->hashes);
  g_hash_table_remove_all (self->undos);
  end_loading (self);
}

/** okap_grant_book_vault_changed: on a change of the state of the vault, and at the beginning */
void
okap_grant_book_vault_changed (OkapGrantBook *self)
{
  gboolean is_open = okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;

  if (is_open && self->tag_key == NULL)
    open_book (self);
  else if (!is_open && self->tag_key != NULL)
    okap_grant_book_close (self);
}
