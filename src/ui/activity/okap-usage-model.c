/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window on the ledger that grows at both ends.
 *
 *   newer ◀── "usage-added": at most three times a second, all rows above the newest we have
 *   older ──▶ load_more(): a page, when somebody scrolls there
 *
 * Rows are known by the store's ids, which only rise, so nothing is shown twice and nothing is
 * missed. After a burst that is longer than a page the list starts again from the newest. */
#include "config.h"

#include "okap-usage-model.h"

#include "okap-usage-item.h"

#define PAGE       100
#define REFRESH_MS 300

struct _OkapUsageModel
{
  GObject parent_instance;

  OkapStore *store;        /* (owned) (immutable) */
  GPtrArray *above;        /* (owned) (element-type OkapUsageItem) what came since, newest last */
  GPtrArray *below;        /* (owned) (element-type OkapUsageItem) what was there, oldest last */
  gboolean loading_older;
  gboolean loading_newer;
  gboolean all_loaded;     /* there is nothing older */
  gboolean stale;          /* something was added while we were reading */
  guint timeout_id;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OkapUsageModel, okap_usage_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void schedule_newer (OkapUsageModel *self);

/* The list from the top: @above backwards, then @below. Both only grow at their ends. */
static OkapUsageItem *
peek_item (OkapUsageModel *self, guint position)
{
  guint n_above = self->above->len;

  return position < n_above ? g_ptr_array_index (self->above, n_above - 1 - position)
                            : g_ptr_array_index (self->below, position - n_above);
}

static guint
count_items (OkapUsageModel *self)
{
  return self->above->len + self->below->len;
}

static gint64
id_at (OkapUsageModel *self, guint position)
{
  return okap_usage_item_get_usage (peek_item (self, position))->id;
}

static GPtrArray *
take_rows (GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = okap_store_list_usage_finish (OKAP_STORE (source), result, &error);

  if (rows == NULL)
    g_message ("The activity could not be read: %s", error->message);
  return rows;
}

static void
older_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapUsageModel) self = user_data;
  g_autoptr (GPtrArray) rows = take_rows (source, result);
  guint before = count_items (self);

  self->loading_older = FALSE;
  if (rows == NULL || rows->len < PAGE)
    self->all_loaded = TRUE;
  if (rows == NULL || rows->len == 0)
    return;
  for (guint i = 0; i < rows->len; i++)
    {
      OkapUsage *usage = g_ptr_array_index (rows, i);

      if (count_items (self) == 0 || usage->id < id_at (self, count_items (self) - 1))
        g_ptr_array_add (self->below, okap_usage_item_new (usage));
    }
  g_list_model_items_changed (G_LIST_MODEL (self), before, 0, count_items (self) - before);
}

/* @rows: newest first */
static void
add_newer (OkapUsageModel *self, GPtrArray *rows)
{
  guint before = count_items (self);
  gint64 newest = before > 0 ? id_at (self, 0) : 0;
  const OkapUsage *oldest_read = g_ptr_array_index (rows, rows->len - 1);
  guint removed = 0;

  if (before > 0 && rows->len == PAGE && oldest_read->id > newest + 1)
    {
      removed = before;
      g_ptr_array_set_size (self->above, 0);
      g_ptr_array_set_size (self->below, 0);
      self->all_loaded = FALSE;
      before = 0;
      newest = 0;
    }
  for (guint i = rows->len; i-- > 0;)
    {
      OkapUsage *usage = g_ptr_array_index (rows, i);

      if (usage->id > newest)
        g_ptr_array_add (self->above, okap_usage_item_new (usage));
    }
  if (removed > 0 || count_items (self) > before)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, removed, count_items (self) - before);
}

static void
newer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapUsageModel) self = user_data;
  g_autoptr (GPtrArray) rows = take_rows (source, result);

  self->loading_newer = FALSE;
  if (rows != NULL && rows->len > 0)
    add_newer (self, rows);
  if (self->stale)
    schedule_newer (self);
}

static gboolean
load_newer_cb (gpointer user_data)
{
  OkapUsageModel *self = user_data;

  self->timeout_id = 0;
  self->stale = FALSE;
  self->loading_newer = TRUE;
  okap_store_list_usage_async (self->store, 0, PAGE, newer_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
schedule_newer (OkapUsageModel *self)
{
  self->stale = TRUE;
  if (self->timeout_id == 0 && !self->loading_newer)
    self->timeout_id = g_timeout_add (REFRESH_MS, load_newer_cb, self);
}

static GType
okap_usage_model_get_item_type (GListModel *model)
{
  return OKAP_TYPE_USAGE_ITEM;
}

static guint
okap_usage_model_get_n_items (GListModel *model)
{
  return count_items (OKAP_USAGE_MODEL (model));
}

static gpointer
okap_usage_model_get_item (GListModel *model, guint position)
{
  OkapUsageModel *self = OKAP_USAGE_MODEL (model);

  if (position >= count_items (self))
    return NULL;
  return g_object_ref (peek_item (self, position));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = okap_usage_model_get_item_type;
  iface->get_n_items = okap_usage_model_get_n_items;
  iface->get_item = okap_usage_model_get_item;
}

static void
okap_usage_model_dispose (GObject *object)
{
  OkapUsageModel *self = OKAP_USAGE_MODEL (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (okap_usage_model_parent_class)->dispose (object);
}

static void
okap_usage_model_finalize (GObject *object)
{
  g_ptr_array_unref (OKAP_USAGE_MODEL (object)->above);
  g_ptr_array_unref (OKAP_USAGE_MODEL (object)->below);
  G_OBJECT_CLASS (okap_usage_model_parent_class)->finalize (object);
}

static void
okap_usage_model_class_init (OkapUsageModelClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_usage_model_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_usage_model_finalize;
}

static void
okap_usage_model_init (OkapUsageModel *self)
{
  self->above = g_ptr_array_new_with_free_func (g_object_unref);
  self->below = g_ptr_array_new_with_free_func (g_object_unref);
}

/** okap_usage_model_new: begins to read at once */
OkapUsageModel *
okap_usage_model_new (OkapStore *store)
{
  OkapUsageModel *self = g_object_new (OKAP_TYPE_USAGE_MODEL, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "usage-added", G_CALLBACK (schedule_newer), self,
                           G_CONNECT_SWAPPED);
  okap_usage_model_load_more (self);
  return self;
}

/** okap_usage_model_load_more: reads the next older page, unless one is being read */
void
okap_usage_model_load_more (OkapUsageModel *self)
{
  if (self->loading_older || self->all_loaded)
    return;
  self->loading_older = TRUE;
  okap_store_list_usage_async (self->store,
                               count_items (self) > 0 ? id_at (self, count_items (self) - 1) : 0,
                               PAGE, older_cb, g_object_ref (self));
}
