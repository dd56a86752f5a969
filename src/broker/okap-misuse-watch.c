/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens that another program tried: the gate refuses on whatever thread serves the request; here,
 * on the main thread, it becomes a row, a line in the audit trail and a signal.
 *
 *   gate, any thread ─▶ waiting (one per grant and program, under the lock) ─▶ main: list ─▶ told
 *
 * A program that tries in a loop costs a count and nothing else: what waits is counted, not queued,
 * and one closure is on its way at most. A program is told of at its first try, and again after
 * ten minutes if it goes on; of one grant at most so often in an hour. So a thief of one token can
 * neither fill the disk nor drown what happens to another one. A row of the same grant makes room
 * first, for whoever has a token can come as many programs. */
#include "config.h"

#include "okap-misuse-watch.h"

#include "okap-audit.h"
#include "okap-caps.h"
#include "okap-invoke.h"

/* Tries that the main thread has not seen yet. */
typedef struct
{
  OkapGrant *grant;    /* (owned) */
  OkapCaller *caller;  /* (owned) the first one's */
  guint64 count;
} Tries;

/* What was told of one grant lately. */
typedef struct
{
  gint64 since_us;
  guint told;
} Telling;

struct _OkapMisuseWatch
{
  GObject parent_instance;

  OkapStore *store;       /* (owned) */
  OkapClock *clock;       /* (unowned) */
  GMainContext *context;  /* (owned) the main thread's */
  GListStore *list;       /* (owned) (element-type OkapMisuse) newest first */
  GHashTable *tellings;   /* (owned) grant id → Telling */

  GMutex lock;
  GPtrArray *waiting;     /* (owned) (element-type Tries) (locked by lock) */
  gboolean posted;        /* (locked by lock) */
};

G_DEFINE_FINAL_TYPE (OkapMisuseWatch, okap_misuse_watch, G_TYPE_OBJECT)

enum
{
  SIGNAL_MISUSE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
tries_free (gpointer data)
{
  Tries *tries = data;

  okap_grant_unref (tries->grant);
  okap_caller_unref (tries->caller);
  g_free (tries);
}

static OkapMisuse *
get_row (OkapMisuseWatch *self, guint position)
{
  g_autoptr (OkapMisuse) row = g_list_model_get_item (G_LIST_MODEL (self->list), position);

  return row;  /* the list keeps it alive */
}

/* One program of a grant, or one of all, goes to make room: that which tried longest ago. */
static void
make_room (OkapMisuseWatch *self, const char *grant_id)
{
  guint n_all = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  guint n_of_grant = 0;
  guint stalest = 0;
  guint stalest_of_grant = 0;

  for (guint i = 0; i < n_all; i++)
    {
      OkapMisuse *row = get_row (self, i);
      gint64 last_us = okap_misuse_get_last (row);

      if (last_us <= okap_misuse_get_last (get_row (self, stalest)))
        stalest = i;
      if (!okap_misuse_is_of (row, grant_id, NULL))
        continue;
      if (n_of_grant == 0
          || last_us <= okap_misuse_get_last (get_row (self, stalest_of_grant)))
        stalest_of_grant = i;
      n_of_grant++;
    }
  if (n_of_grant >= OKAP_CAP_MISUSES_OF_GRANT)
    g_list_store_remove (self->list, stalest_of_grant);
  else if (n_all >= OKAP_CAP_MISUSES)
    g_list_store_remove (self->list, stalest);
}

static OkapMisuse *
find_or_add_row (OkapMisuseWatch *self, const Tries *tries, gint64 now_us)
{
  g_autoptr (OkapMisuse) added = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    if (okap_misuse_is_of (get_row (self, i), tries->grant->id, tries->caller->identity))
      return get_row (self, i);
  make_room (self, tries->grant->id);
  added = okap_misuse_new (tries->grant, tries->caller, now_us);
  g_list_store_insert (self->list, 0, added);
  return added;  /* the list keeps it alive */
}

/* Whether the grant may be told of once more in this hour. Grants are made by a person, so there
 * are few of them. */
static gboolean
take_turn (OkapMisuseWatch *self, const char *grant_id, gint64 now_us)
{
  Telling *telling = g_hash_table_lookup (self->tellings, grant_id);

  if (telling == NULL)
    {
      telling = g_new0 (Telling, 1);
      telling->since_us = now_us;
      g_hash_table_insert (self->tellings, g_strdup (grant_id), telling);
    }
  if (now_us < telling->since_us || now_us - telling->since_us >= 60 * OKAP_MINUTE_US)
    *telling = (Telling) { .since_us = now_us };
  return telling->told++ < OKAP_CAP_MISUSE_TOLD;
}

static void
take (OkapMisuseWatch *self, const Tries *tries)
{
  gint64 now_us = okap_clock_get_now (self->clock);
  OkapMisuse *row = find_or_add_row (self, tries, now_us);
  g_autoptr (OkapAuditEntry) entry = NULL;

  okap_misuse_add (row, tries->count, now_us);
  if (!okap_misuse_is_due (row, now_us) || !take_turn (self, tries->grant->id, now_us))
    return;
  okap_misuse_set_told (row, now_us);
  entry = okap_audit_misused (now_us, row);
  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
  g_signal_emit (self, signals[SIGNAL_MISUSE], 0, row);
}

static gboolean
take_all (gpointer user_data)
{
  OkapMisuseWatch *self = user_data;
  g_autoptr (GPtrArray) taken = NULL;

  g_mutex_lock (&self->lock);
  taken = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new_with_free_func (tries_free);
  self->posted = FALSE;
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < taken->len; i++)
    take (self, g_ptr_array_index (taken, i));
  return G_SOURCE_REMOVE;
}

static gboolean
is_of (const Tries *tries, const char *grant_id, const OkapIdentity *identity)
{
  return g_str_equal (tries->grant->id, grant_id)
         && (identity == NULL
             || g_str_equal (okap_identity_get_key (tries->caller->identity),
                             okap_identity_get_key (identity)));
}

/* With the lock held. */
static Tries *
find_tries (OkapMisuseWatch *self, const OkapGrant *grant, const OkapCaller *caller)
{
  for (guint i = 0; i < self->waiting->len; i++)
    {
      Tries *tries = g_ptr_array_index (self->waiting, i);

      if (is_of (tries, grant->id, caller->identity))
        return tries;
    }
  return NULL;
}

/* From the thread that asked the gate. */
static void
misuse_cb (OkapGrant *grant, OkapCaller *caller, gpointer user_data)
{
  OkapMisuseWatch *self = user_data;
  Tries *tries;
  gboolean post;

  if (grant->state == OKAP_GRANT_REVOKED)
    return;  /* nothing is left to be decided */
  g_mutex_lock (&self->lock);
  tries = find_tries (self, grant, caller);
  if (tries == NULL && self->waiting->len < OKAP_CAP_MISUSES)
    {
      tries = g_new0 (Tries, 1);
      tries->grant = okap_grant_ref (grant);
      tries->caller = okap_caller_ref (caller);
      g_ptr_array_add (self->waiting, tries);
    }
  if (tries != NULL)
    tries->count++;
  post = !self->posted;
  self->posted = TRUE;
  g_mutex_unlock (&self->lock);
  if (post)
    okap_invoke (self->context, take_all, g_object_ref (self), g_object_unref);
}

static void
okap_misuse_watch_finalize (GObject *object)
{
  OkapMisuseWatch *self = OKAP_MISUSE_WATCH (object);

  g_object_unref (self->list);
  g_object_unref (self->store);
  g_hash_table_unref (self->tellings);
  g_ptr_array_unref (self->waiting);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (okap_misuse_watch_parent_class)->finalize (object);
}

static void
okap_misuse_watch_class_init (OkapMisuseWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = okap_misuse_watch_finalize;

  /**
   * OkapMisuseWatch::misuse:
   * @misuse: an #OkapMisuse
   *
   * A program tried the token of another one, and a person should hear of it. Main thread.
   */
  signals[SIGNAL_MISUSE] = g_signal_new ("misuse", OKAP_TYPE_MISUSE_WATCH, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, OKAP_TYPE_MISUSE);
}

static void
okap_misuse_watch_init (OkapMisuseWatch *self)
{
  g_mutex_init (&self->lock);
  self->list = g_list_store_new (OKAP_TYPE_MISUSE);
  self->tellings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->waiting = g_ptr_array_new_with_free_func (tries_free);
}

/**
 * okap_misuse_watch_new:
 * @gate: tells of nothing any more when this object goes: whoever asks it is stopped before
 * @clock: outlives the object
 *
 * To be called on the main thread before other threads use the gate.
 */
OkapMisuseWatch *
okap_misuse_watch_new (OkapGate *gate, OkapStore *store, OkapClock *clock)
{
  OkapMisuseWatch *self = g_object_new (OKAP_TYPE_MISUSE_WATCH, NULL);

  self->store = g_object_ref (store);
  self->clock = clock;
  self->context = g_main_context_ref_thread_default ();
  okap_gate_set_misuse_func (gate, misuse_cb, self);
  return self;
}

/** okap_misuse_watch_get_list: (transfer none) (element-type OkapMisuse): the newest first */
GListModel *
okap_misuse_watch_get_list (OkapMisuseWatch *self)
{
  return G_LIST_MODEL (self->list);
}

/** okap_misuse_watch_forget: @identity: (nullable): drops the rows that a person has settled, and
 * tries from before that */
void
okap_misuse_watch_forget (OkapMisuseWatch *self, const char *grant_id,
                          const OkapIdentity *identity)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->list)); i > 0; i--)
    if (okap_misuse_is_of (get_row (self, i - 1), grant_id, identity))
      g_list_store_remove (self->list, i - 1);
  g_mutex_lock (&self->lock);
  for (guint i = self->waiting->len; i > 0; i--)
    if (is_of (g_ptr_array_index (self->waiting, i - 1), grant_id, identity))
      g_ptr_array_remove_index (self->waiting, i - 1);
  g_mutex_unlock (&self->lock);
}
