/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list that may be a million rows long. Main thread.
 *
 * The store says which ids fit the filter, as a set (okap-id-set.h); so the length of the list and
 * the id at each place are known, and nothing else. A list widget asks for the items near to what
 * it shows: each begins empty, and what was asked for in one go is read in one go, newest wish
 * first. Somebody who drags the scroll bar through the list asks for more than can be looked at;
 * wishes beyond WANTED_MOST are forgotten, and come again if their place is still on the screen.
 *
 *   filter ──▸ set of ids ──▸ items-changed      "usage-added" ──▸ ids above the last ──▸ on top
 *                 place ──▸ id ──▸ item (kept: KEPT_MOST) ──▸ read ──▸ "changed" of the item
 *
 * It follows the store only while it is live, that is while somebody sees it, and at most three
 * times a second. Rows that the store has forgotten meanwhile leave with the next new set. */
#include "config.h"

#include "okap-log-model.h"

#include "okap-log-item.h"

#define LOAD_MOST 200
#define WANTED_MOST 600
#define KEPT_MOST 2000
#define REFRESH_MS 300

struct _OkapLogModel
{
  GObject parent_instance;

  OkapStore *store;              /* (owned) (immutable) */
  OkapLogKind kind;              /* (immutable) */
  OkapUsageFilter *usage_filter; /* (owned) */
  OkapAuditFilter *audit_filter; /* (owned) */

  OkapLogState state;
  GError *error;                 /* (owned) (nullable) if it failed */
  OkapIdSet *ids;                /* (owned) (nullable) until the first answer */
  GCancellable *matching;        /* (owned) (nullable) of the question that is under way */
  gboolean live;
  gboolean stale;                /* something came that we have not looked at */
  guint refresh_id;

  GHashTable *items;             /* (owned) id → OkapLogItem (owned) */
  GQueue kept;                   /* of the same items, oldest first */
  GPtrArray *wanted;             /* (owned) items to be loaded, newest wish last */
  GPtrArray *loading;            /* (owned) (nullable) items that are being loaded */
  guint load_id;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OkapLogModel, okap_log_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

enum
{
  SIGNAL_STATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void schedule_refresh (OkapLogModel *self);
static void match (OkapLogModel *self, gboolean whole);

static guint
count_items (OkapLogModel *self)
{
  return self->ids != NULL ? okap_id_set_count (self->ids) : 0;
}

static void
set_state (OkapLogModel *self, OkapLogState state, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  self->state = state;
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
}

/* --- what stands at a place --- */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static gboolean
load_cb (gpointer user_data)
{
  OkapLogModel *self = user_data;
  guint n = MIN (self->wanted->len, LOAD_MOST);
  gint64 ids[LOAD_MOST];

  self->load_id = 0;
  if (n == 0 || self->loading != NULL)
    return G_SOURCE_REMOVE;
  self->loading = g_ptr_array_new_full (n, g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      OkapLogItem *item = g_ptr_array_steal_index (self->wanted, self->wanted->len - 1);

      ids[i] = okap_log_item_get_id (item);
      g_ptr_array_add (self->loading, item);
    }
  if (self->kind == OKAP_LOG_REQUESTS)
    okap_store_get_usage_async (self->store, ids, n, loaded_cb, g_object_ref (self));
  else
    okap_store_get_audit_async (self->store, ids, n, loaded_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
schedule_load (OkapLogModel *self)
{
  if (self->load_id == 0 && self->loading == NULL && self->wanted->len > 0)
    self->load_id = g_idle_add_full (G_PRIORITY_DEFAULT, load_cb, self, NULL);
}

static void
fill (OkapLogModel *self, OkapLogItem *item, gpointer row)
{
  (void) okap_log_item_want (item, FALSE);
  if (row == NULL)
    self->stale = TRUE;  /* forgotten meanwhile */
  else if (self->kind == OKAP_LOG_REQUESTS)
    okap_log_item_set_usage (item, row);
  else
    okap_log_item_set_entry (item, row);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapLogModel) self = user_data;
  g_autoptr (GPtrArray) items = g_steal_pointer (&self->loading);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = self->kind == OKAP_LOG_REQUESTS
                               ? okap_store_get_usage_finish (self->store, result, &error)
                               : okap_store_get_audit_finish (self->store, result, &error);
  gboolean gone = FALSE;

  if (rows == NULL)
    {
      for (guint i = 0; i < items->len; i++)
        (void) okap_log_item_want (items->pdata[i], FALSE);
      set_state (self, OKAP_LOG_FAILED, g_steal_pointer (&error));
      return;
    }
  for (guint i = 0; i < items->len; i++)
    {
      gone = gone || rows->pdata[i] == NULL;
      fill (self, items->pdata[i], rows->pdata[i]);
    }
  schedule_load (self);
  if (gone && self->matching == NULL)
    match (self, TRUE);
}

static void
want (OkapLogModel *self, OkapLogItem *item)
{
  if (okap_log_item_is_loaded (item) || !okap_log_item_want (item, TRUE))
    return;
  g_ptr_array_add (self->wanted, g_object_ref (item));
  if (self->wanted->len > WANTED_MOST)
    {
      (void) okap_log_item_want (self->wanted->pdata[0], FALSE);
      g_ptr_array_remove_index (self->wanted, 0);
    }
  schedule_load (self);
}

static OkapLogItem *
make_item (OkapLogModel *self, gint64 id)
{
  OkapLogItem *item = okap_log_item_new (id);

  if (self->kept.length >= KEPT_MOST)
    {
      gint64 oldest = okap_log_item_get_id (g_queue_pop_head (&self->kept));

      g_hash_table_remove (self->items, &oldest);
    }
  g_hash_table_insert (self->items, g_memdup2 (&id, sizeof id), item);
  g_queue_push_tail (&self->kept, item);
  return item;
}

static GType
okap_log_model_get_item_type (GListModel *model)
{
  return OKAP_TYPE_LOG_ITEM;
}

static guint
okap_log_model_get_n_items (GListModel *model)
{
  return count_items (OKAP_LOG_MODEL (model));
}

static gpointer
okap_log_model_get_item (GListModel *model, guint position)
{
  OkapLogModel *self = OKAP_LOG_MODEL (model);
  OkapLogItem *item;
  gint64 id;

  if (position >= count_items (self))
    return NULL;
  id = okap_id_set_get_nth (self->ids, position);
  item = g_hash_table_lookup (self->items, &id);
  if (item == NULL)
    item = make_item (self, id);
  want (self, item);
  return g_object_ref (item);
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = okap_log_model_get_item_type;
  iface->get_n_items = okap_log_model_get_n_items;
  iface->get_item = okap_log_model_get_item;
}

/* --- which places there are --- */

typedef struct
{
  OkapLogModel *model;       /* (owned) */
  GCancellable *cancellable; /* (owned) */
  gboolean whole;            /* the set is new, else it is on top of the one that there is */
} Match;

static void
match_free (Match *answer)
{
  g_object_unref (answer->model);
  g_object_unref (answer->cancellable);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Match, match_free)

/* What stays is not changed: a press on a row that is replaced meanwhile would be lost. */
static void
take_ids (OkapLogModel *self, OkapIdSet *ids, gboolean whole)
{
  gboolean longer = whole && self->ids != NULL && okap_id_set_continues (ids, self->ids);
  guint n_before = count_items (self);
  guint n_after;

  if (whole)
    {
      g_clear_pointer (&self->ids, okap_id_set_free);
      self->ids = ids;
    }
  else
    {
      okap_id_set_append (self->ids, ids);
      okap_id_set_free (ids);
    }
  n_after = count_items (self);
  if (!whole || longer)
    {
      if (n_after > n_before)
        g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, n_after - n_before);
    }
  else if (n_before > 0 || n_after > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, n_after);
}

static void
matched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Match) answer = user_data;
  OkapLogModel *self = answer->model;
  g_autoptr (GError) error = NULL;
  OkapIdSet *ids = self->kind == OKAP_LOG_REQUESTS
                   ? okap_store_match_usage_finish (self->store, result, &error)
                   : okap_store_match_audit_finish (self->store, result, &error);

  if (self->matching != answer->cancellable)  /* another question has taken its place */
    {
      g_clear_pointer (&ids, okap_id_set_free);
      return;
    }
  g_clear_object (&self->matching);
  if (ids == NULL)
    {
      set_state (self, OKAP_LOG_FAILED, g_steal_pointer (&error));
      return;
    }
  take_ids (self, ids, answer->whole);
  if (self->state != OKAP_LOG_READY)
    set_state (self, OKAP_LOG_READY, NULL);
  if (self->stale)
    schedule_refresh (self);
}

static void
match (OkapLogModel *self, gboolean whole)
{
  Match *answer = g_new0 (Match, 1);
  gint64 after = !whole && self->ids != NULL ? okap_id_set_get_last (self->ids) : 0;

  if (self->matching != NULL)
    g_cancellable_cancel (self->matching);
  g_clear_object (&self->matching);
  self->matching = g_cancellable_new ();
  self->stale = FALSE;
  answer->model = g_object_ref (self);
  answer->cancellable = g_object_ref (self->matching);
  answer->whole = after == 0;
  if (self->kind == OKAP_LOG_REQUESTS)
    okap_store_match_usage_async (self->store, self->usage_filter, after, self->matching,
                                  matched_cb, answer);
  else
    okap_store_match_audit_async (self->store, self->audit_filter, after, self->matching,
                                  matched_cb, answer);
}

static gboolean
refresh_cb (gpointer user_data)
{
  OkapLogModel *self = user_data;

  self->refresh_id = 0;
  if (self->matching == NULL)
    match (self, self->state != OKAP_LOG_READY);
  return G_SOURCE_REMOVE;
}

static void
schedule_refresh (OkapLogModel *self)
{
  self->stale = TRUE;
  if (self->live && self->refresh_id == 0 && self->matching == NULL)
    self->refresh_id = g_timeout_add (REFRESH_MS, refresh_cb, self);
}

static void
begin (OkapLogModel *self)
{
  if (!self->live)
    {
      self->stale = TRUE;
      return;
    }
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  match (self, TRUE);
  set_state (self, OKAP_LOG_LOADING, NULL);
}

/** okap_log_model_set_usage_filter: of a list of requests */
void
okap_log_model_set_usage_filter (OkapLogModel *self, const OkapUsageFilter *filter)
{
  if (okap_store_filter_equal (self->usage_filter, filter) && self->state != OKAP_LOG_FAILED)
    return;
  okap_store_filter_free (self->usage_filter);
  self->usage_filter = okap_store_filter_copy (filter);
  begin (self);
}

/** okap_log_model_set_audit_filter: of a list of decisions */
void
okap_log_model_set_audit_filter (OkapLogModel *self, const OkapAuditFilter *filter)
{
  if (okap_audit_filter_equal (self->audit_filter, filter) && self->state != OKAP_LOG_FAILED)
    return;
  okap_audit_filter_free (self->audit_filter);
  self->audit_filter = okap_audit_filter_copy (filter);
  begin (self);
}

/**
 * okap_log_model_set_live:
 * @live: whether somebody sees it; when that begins, it is read anew
 */
void
okap_log_model_set_live (OkapLogModel *self, gboolean live)
{
  if (self->live == live)
    return;
  self->live = live;
  if (live)
    begin (self);
  else
    g_clear_handle_id (&self->refresh_id, g_source_remove);
}

OkapLogState
okap_log_model_get_state (OkapLogModel *self)
{
  return self->state;
}

/** okap_log_model_get_error: (transfer none) (nullable): why it failed */
const GError *
okap_log_model_get_error (OkapLogModel *self)
{
  return self->error;
}

/** okap_log_model_copy_ids: (transfer full): what is in the list now */
OkapIdSet *
okap_log_model_copy_ids (OkapLogModel *self)
{
  return self->ids != NULL ? okap_id_set_copy (self->ids) : okap_id_set_new (1, 0);
}

static void
okap_log_model_dispose (GObject *object)
{
  OkapLogModel *self = OKAP_LOG_MODEL (object);

  if (self->matching != NULL)
    g_cancellable_cancel (self->matching);
  g_clear_object (&self->matching);
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_handle_id (&self->load_id, g_source_remove);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (okap_log_model_parent_class)->dispose (object);
}

static void
okap_log_model_finalize (GObject *object)
{
  OkapLogModel *self = OKAP_LOG_MODEL (object);

  g_clear_error (&self->error);
  g_clear_pointer (&self->ids, okap_id_set_free);
  g_queue_clear (&self->kept);
  g_hash_table_unref (self->items);
  g_ptr_array_unref (self->wanted);
  okap_store_filter_free (self->usage_filter);
  okap_audit_filter_free (self->audit_filter);
  G_OBJECT_CLASS (okap_log_model_parent_class)->finalize (object);
}

static void
okap_log_model_class_init (OkapLogModelClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_log_model_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_log_model_finalize;

  signals[SIGNAL_STATE_CHANGED] = g_signal_new ("state-changed", OKAP_TYPE_LOG_MODEL,
                                                G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                G_TYPE_NONE, 0);
}

static void
okap_log_model_init (OkapLogModel *self)
{
  self->usage_filter = okap_store_filter_copy (NULL);
  self->audit_filter = okap_audit_filter_copy (NULL);
  self->items = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  self->wanted = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->kept);
}

/** okap_log_model_new: (transfer full): empty until it is live */
OkapLogModel *
okap_log_model_new (OkapStore *store, OkapLogKind kind)
{
  OkapLogModel *self = g_object_new (OKAP_TYPE_LOG_MODEL, NULL);

  self->store = g_object_ref (store);
  self->kind = kind;
  g_signal_connect_object (store, kind == OKAP_LOG_REQUESTS ? "usage-added" : "audit-added",
                           G_CALLBACK (schedule_refresh), self, G_CONNECT_SWAPPED);
  return self;
}
