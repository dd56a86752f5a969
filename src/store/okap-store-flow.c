/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage on its way from any thread to the disk, and off it again. Store thread, but for
 * okap_store_add_usage() and okap_store_set_durable_func().
 *
 * Usage is written by whatever the store thread finds in the queue when it comes round to it, in
 * one transaction that survives the end of the process, so that nobody waits for the disk. If
 * writing it fails, the rows stay in the queue and are tried again, at most once a second. Each
 * reading job writes the queue first, so that an answer holds every row that was added before the
 * question. Who keeps a journal is told of what was committed.
 *
 * After writing, now and then, it looks for rows that need not be kept (okap-store-retention.c),
 * some at a time, as jobs between others. */
#include "config.h"

#include "okap-store-private.h"

#define RETRY_US OKAP_SECOND_US
#define FORGET_AFTER_ROWS 1000
#define FORGET_AFTER_US (60 * OKAP_MINUTE_US)

static void
keep_for_later (OkapStore *self, GPtrArray *rows, const GError *error)
{
  if (!self->stalled)
    g_warning ("usage is not written for now and is kept in memory: %s", error->message);
  self->stalled = TRUE;
  self->retry_us = g_get_monotonic_time () + RETRY_US;
  okap_usage_queue_set_flowing (self->queue, FALSE);
  okap_usage_queue_put_back (self->queue, rows);
}

/* Consumes @rows: writes them, or keeps them for later. */
static gboolean
write_rows (OkapStore *self, GPtrArray *rows, GError **error)
{
  g_autoptr (GPtrArray) owned = rows;
  g_autoptr (GError) local = NULL;

  if (!okap_store_usage_write (self->db, rows, &local))
    {
      keep_for_later (self, g_steal_pointer (&owned), local);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (self->stalled)
    g_message ("usage is written again");
  self->stalled = FALSE;
  okap_usage_queue_set_flowing (self->queue, TRUE);
  okap_store_tell_durable (self, rows);
  okap_store_look_back (self, rows->len);
  okap_store_tell_news (self, OKAP_NEWS_USAGE);
  return TRUE;
}

/** okap_store_write_usage: store thread; writes what is queued, or leaves it for later */
void
okap_store_write_usage (OkapStore *self)
{
  g_autoptr (GPtrArray) rows = okap_usage_queue_take (self->queue);

  if (rows->len == 0)
    return;
  if (self->db == NULL || (self->stalled && g_get_monotonic_time () < self->retry_us))
    okap_usage_queue_put_back (self->queue, g_steal_pointer (&rows));
  else
    (void) write_rows (self, g_steal_pointer (&rows), NULL);
}

/**
 * okap_store_flush_usage:
 *
 * Store thread, open. For answers that must hold every row that was added before the question:
 * tries now, even if the last attempt has just failed.
 */
gboolean
okap_store_flush_usage (OkapStore *self, GError **error)
{
  g_autoptr (GPtrArray) rows = okap_usage_queue_take (self->queue);

  return rows->len == 0 || write_rows (self, g_steal_pointer (&rows), error);
}

/** okap_store_tell_durable: store thread; @rows have been committed */
void
okap_store_tell_durable (OkapStore *self, GPtrArray *rows)
{
  if (self->durable_func != NULL && rows->len > 0)
    self->durable_func (rows, self->durable_data);
}

static void
forget_job (gpointer data)
{
  OkapStore *self = data;
  g_autoptr (GError) error = NULL;
  gboolean more = FALSE;

  self->forgetting = FALSE;
  if (self->db == NULL)
    return;
  self->n_since_forget = 0;
  self->forget_us = g_get_monotonic_time () + FORGET_AFTER_US;
  if (!okap_store_usage_forget (self->db, OKAP_FORGET_ROWS, &more, &error))
    g_message ("old usage is kept for now: %s", error->message);
  else if (more)
    okap_store_forget (self);
}

/** okap_store_forget: store thread; looks for rows to forget once other jobs had their turn */
void
okap_store_forget (OkapStore *self)
{
  if (!self->forgetting)
    self->forgetting = okap_worker_post (self->worker, forget_job, self, NULL);
}

/** okap_store_look_back: store thread; looks for rows to forget now and then, after a write */
void
okap_store_look_back (OkapStore *self, guint n_written)
{
  self->n_since_forget += n_written;
  if (self->n_since_forget >= FORGET_AFTER_ROWS || g_get_monotonic_time () >= self->forget_us)
    okap_store_forget (self);
}

static void
write_usage_job (gpointer data)
{
  okap_store_write_usage (data);
}

/* Says it with the first, second, fourth… row rather than with each. */
static void
note_lost (OkapStore *self, const char *why)
{
  guint n_lost = (guint) g_atomic_int_add (&self->n_lost, 1) + 1;

  if ((n_lost & (n_lost - 1)) == 0)
    g_warning ("%u rows of usage were lost: %s", n_lost, why);
}

/**
 * okap_store_add_usage:
 * @usage: complete and from now on constant
 *
 * Any thread. Costs one short lock; waits only if %OKAP_CAP_USAGE_QUEUE rows have not been written
 * yet. Rows that come before the store is open wait for it; after it was closed they are lost, so
 * whoever adds rows is stopped first.
 */
void
okap_store_add_usage (OkapStore *self, OkapUsage *usage)
{
  gboolean wake;

  g_return_if_fail (OKAP_IS_STORE (self));
  g_return_if_fail (usage != NULL);

  if (!okap_usage_queue_push (self->queue, usage, &wake))
    note_lost (self, "the database takes none and the queue is full");
  else if (wake && !okap_worker_post (self->worker, write_usage_job, self, NULL))
    note_lost (self, "the store is closed");
}

/* What is told to others */

typedef struct
{
  OkapStore *store;
  OkapStoreDurableFunc func;
  gpointer data;
} DurableChange;

static void
set_durable_func_job (gpointer data)
{
  DurableChange *change = data;

  change->store->durable_func = change->func;
  change->store->durable_data = change->data;
}

/**
 * okap_store_set_durable_func:
 * @func: (nullable): called on the store thread
 * @data: must stay until the store is closed, or until another function was set and something that
 *   was asked for after that has been answered
 *
 * Takes effect in the order of the calls, so before any row that is added after it.
 */
void
okap_store_set_durable_func (OkapStore *self, OkapStoreDurableFunc func, gpointer data)
{
  DurableChange *change;

  g_return_if_fail (OKAP_IS_STORE (self));

  change = g_new0 (DurableChange, 1);
  change->store = self;
  change->func = func;
  change->data = data;
  (void) okap_worker_post (self->worker, set_durable_func_job, change, g_free);
}
