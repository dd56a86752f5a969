/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store: one SQLite database behind one thread.
 *
 *   main thread            store thread ("okap-store")        proxy threads
 *   ───────────            ───────────────────────────        ─────────────
 *   open, commit, … ──────▸ jobs in the order of the calls
 *     GTask ◂───────────── answer
 *                           take all rows, one transaction ◂── okap_store_add_usage()
 *   "usage-added" ◂──────── ready time of one source
 *
 *   new ──open──▸ open ──close──▸ closed        (open failed: new; it may be tried again)
 *
 * What is told to have been kept by a commit is on the disk; how usage gets there is told in
 * okap-store-flow.c.
 *
 * Everything about the database is touched by the store thread only. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-paths.h"
#include "okap-migrations.h"

enum
{
  SIGNAL_USAGE_ADDED,
  SIGNAL_AUDIT_ADDED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OkapStore, okap_store, G_TYPE_OBJECT)

/* Usage */

static gboolean
notifier_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static gboolean
emit_news_cb (gpointer data)
{
  g_autoptr (OkapStore) self = g_object_ref (data);

  guint news = g_atomic_int_and (&self->news, 0);

  if ((news & OKAP_NEWS_USAGE) != 0)
    g_signal_emit (self, signals[SIGNAL_USAGE_ADDED], 0);
  if ((news & OKAP_NEWS_AUDIT) != 0)
    g_signal_emit (self, signals[SIGNAL_AUDIT_ADDED], 0);
  return G_SOURCE_CONTINUE;
}

/** okap_store_tell_news: any thread; emits the signals of @news on the main one */
void
okap_store_tell_news (OkapStore *self, OkapNews news)
{
  (void) g_atomic_int_or (&self->news, news);
  g_source_set_ready_time (self->notifier, 0);
}

/* Opening and closing */

/**
 * okap_store_commit:
 * @row: (nullable)
 * @entry: (nullable)
 * @usage: (nullable) (element-type OkapUsage)
 *
 * Store thread, open and with the audit key. Keeps all of it and the lines that wait, or nothing.
 */
gboolean
okap_store_commit (OkapStore *self, const OkapGrantRow *row, const OkapAuditEntry *entry,
                   GPtrArray *usage, GError **error)
{
  gboolean done;

  if (!okap_db_begin (self->db, OKAP_DB_DURABLE, error))
    return FALSE;
  done = okap_audit_trail_write_waiting (&self->trail, self->db, error)
         && (row == NULL || okap_store_grants_write (self->db, row, error))
         && (entry == NULL || okap_audit_trail_write (&self->trail, self->db, entry,
                                                       row != NULL ? row->tag : NULL, error))
         && (usage == NULL || okap_store_usage_write_within (self->db, usage, error));
  if (!okap_db_end (self->db, done, error))
    return FALSE;
  okap_audit_trail_clear_waiting (&self->trail);
  okap_store_tell_news (self, OKAP_NEWS_AUDIT);
  return TRUE;
}

/* Lines that came while the vault was locked; if it fails, the next commit takes them along. */
static void
write_waiting_lines (OkapStore *self)
{
  g_autoptr (GError) error = NULL;

  if (self->db == NULL || self->trail.key == NULL
      || !okap_audit_trail_has_waiting (&self->trail))
    return;
  if (!okap_store_commit (self, NULL, NULL, NULL, &error))
    g_warning ("audit lines from before the unlock are not written for now: %s", error->message);
}

static OkapDb *
open_database (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (OkapDb) db = NULL;
  g_autoptr (GError) local = NULL;
  gboolean repaired;

  if (!okap_paths_make_private (folder, error))
    return NULL;
  db = okap_db_open (path, error);
  if (db == NULL || !okap_migrations_run (db, okap_migrations_get_newest (), error)
      || !okap_store_rollup_repair (db, &repaired, error))
    return NULL;
  if (repaired)
    g_message ("The sums of usage were made anew from its rows");
  if (!okap_db_make_shrinkable (db, &local))
    g_message ("The database will not shrink for now: %s", local->message);
  return g_steal_pointer (&db);
}

/* Another vault's grants and audit trail mean nothing under this vault's key, and lines of two
 * vaults in one trail would look like damage for ever. */
static gboolean
begin_anew (OkapStore *self, GError **error)
{
  g_autofree char *kept = NULL;

  g_clear_pointer (&self->db, okap_db_close);
  if (!okap_store_move_aside (self->path, &kept, error))
    return FALSE;
  self->db = open_database (self->path, error);
  if (self->db == NULL)
    return FALSE;
  g_message ("The database belonged to another vault. It was moved to %s", kept);
  return okap_store_claim (self->db, self->trail.key, error) == OKAP_DB_OWNED;
}

/* Once both the database is open and the vault is. */
static void
claim_database (OkapStore *self)
{
  g_autoptr (GError) error = NULL;

  if (self->db == NULL || self->trail.key == NULL)
    return;
  switch (okap_store_claim (self->db, self->trail.key, &error))
    {
    case OKAP_DB_OWNED:
      break;
    case OKAP_DB_FOREIGN:
      (void) begin_anew (self, &error);
      okap_store_tell_news (self, OKAP_NEWS_USAGE);  /* what was shown of usage is gone */
      break;
    case OKAP_DB_UNCLEAR:
    default:
      break;
    }
  if (error != NULL)
    g_warning ("Whose database it is could not be settled: %s", error->message);
}

static gpointer
open_func (GTask *task, GError **error)
{
  OkapStore *self = g_task_get_source_object (task);

  if (self->db == NULL)
    self->db = open_database (self->path, error);
  if (self->db == NULL)
    return NULL;
  claim_database (self);
  okap_usage_queue_set_flowing (self->queue, TRUE);
  okap_store_write_usage (self);
  write_waiting_lines (self);
  return OKAP_STORE_DONE;
}

static void
close_job (gpointer data)
{
  OkapStore *self = data;
  g_autoptr (GPtrArray) unwritten = NULL;

  self->retry_us = 0;
  okap_store_write_usage (self);
  okap_usage_queue_set_flowing (self->queue, FALSE);
  unwritten = okap_usage_queue_take (self->queue);
  if (unwritten->len > 0)
    g_warning ("%u rows of usage were lost: the database did not take them", unwritten->len);
  if (okap_audit_trail_has_waiting (&self->trail))
    g_message ("%u audit lines from while the vault was locked are lost",
               self->trail.waiting.length + self->trail.n_dropped);
  okap_audit_trail_clear (&self->trail);
  g_clear_pointer (&self->db, okap_db_close);
}

/**
 * okap_store_open_async:
 *
 * Opens or makes the database at the path of the store, in a folder that is made private. Fails
 * with %OKAP_ERROR_CONFLICT if another Okap has it open, and with %OKAP_ERROR_STORAGE if it is
 * damaged, not ours, or newer than this program.
 */
void
okap_store_open_async (OkapStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (OKAP_IS_STORE (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, okap_store_open_async);
  okap_worker_run (self->worker, task, open_func, NULL);
}

gboolean
okap_store_open_finish (OkapStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

/**
 * okap_store_close:
 *
 * Finishes everything that was asked for, writes all usage, and lets go of the database: when this
 * returns, another may open it. Blocks for that long; for the end of the program. May be called
 * twice. Answers to calls that were under way still arrive; later calls fail.
 */
void
okap_store_close (OkapStore *self)
{
  g_return_if_fail (OKAP_IS_STORE (self));

  (void) okap_worker_post (self->worker, close_job, self, NULL);
  okap_worker_stop (self->worker);
}

static void
okap_store_dispose (GObject *object)
{
  OkapStore *self = OKAP_STORE (object);

  okap_store_close (self);
  if (self->notifier != NULL)
    g_source_destroy (self->notifier);

  G_OBJECT_CLASS (okap_store_parent_class)->dispose (object);
}

static void
okap_store_finalize (GObject *object)
{
  OkapStore *self = OKAP_STORE (object);

  okap_worker_free (self->worker);
  okap_usage_queue_free (self->queue);
  g_source_unref (self->notifier);
  g_free (self->path);

  G_OBJECT_CLASS (okap_store_parent_class)->finalize (object);
}

static void
okap_store_class_init (OkapStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = okap_store_dispose;
  object_class->finalize = okap_store_finalize;

  /**
   * OkapStore::usage-added:
   *
   * Rows of usage were written since the last time. Once for many rows; main thread.
   */
  signals[SIGNAL_USAGE_ADDED]
      = g_signal_new ("usage-added", OKAP_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 0);

  /**
   * OkapStore::audit-added:
   *
   * Lines of the audit trail were written since the last time. Main thread.
   */
  signals[SIGNAL_AUDIT_ADDED]
      = g_signal_new ("audit-added", OKAP_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 0);
}

static void
okap_store_init (OkapStore *self)
{
  static GSourceFuncs notifier_funcs = { .dispatch = notifier_dispatch };
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  g_queue_init (&self->trail.waiting);
  self->queue = okap_usage_queue_new (OKAP_CAP_USAGE_QUEUE);
  self->notifier = g_source_new (&notifier_funcs, sizeof (GSource));
  g_source_set_static_name (self->notifier, "okap-store-news");
  g_source_set_callback (self->notifier, emit_news_cb, self, NULL);
  g_source_attach (self->notifier, context);
  self->worker = okap_worker_new ("okap-store");
}

/**
 * okap_store_new:
 * @path: of the database
 *
 * Returns: (transfer full): a store that is not open yet; its signals and answers come in the
 *   thread-default context of this call, whose thread must also be the one that drops it
 */
OkapStore *
okap_store_new (const char *path)
{
  OkapStore *self = g_object_new (OKAP_TYPE_STORE, NULL);

  self->path = g_strdup (path);
  return self;
}

/* The audit key */

typedef struct
{
  OkapStore *store;  /* waits for the worker before it goes */
  OkapSecret *key;   /* (owned) (nullable) */
} KeyChange;

static void
key_change_free (gpointer data)
{
  KeyChange *change = data;

  g_clear_pointer (&change->key, okap_secret_unref);
  g_free (change);
}

static void
set_audit_key_job (gpointer data)
{
  KeyChange *change = data;

  okap_audit_trail_set_key (&change->store->trail, change->key);
  claim_database (change->store);
  write_waiting_lines (change->store);
}

/**
 * okap_store_set_audit_key:
 * @key: (nullable): 16 to 64 bytes derived from the vault key; NULL when the vault locks
 *
 * Also tells which vault the database must belong to; another one's is moved aside. Takes effect in
 * the order of the calls. Lines that came without a key are written when there is one.
 */
void
okap_store_set_audit_key (OkapStore *self, OkapSecret *key)
{
  KeyChange *change;

  g_return_if_fail (OKAP_IS_STORE (self));

  change = g_new0 (KeyChange, 1);
  change->store = self;
  change->key = key != NULL ? okap_secret_ref (key) : NULL;
  (void) okap_worker_post (self->worker, set_audit_key_job, change, key_change_free);
}
