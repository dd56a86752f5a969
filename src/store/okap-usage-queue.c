/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of usage between the threads that make them and the one that writes them. Any thread.
 *
 * A push is one short lock. Only the first push after a take asks for a wake-up, so that a burst
 * costs one. The queue is bounded, and losing a row is not allowed: while rows flow, whoever
 * pushes into a full queue waits for the writer, which takes all of it at once. Only while the
 * database takes nothing (its disk is full, or it is not open) there is no end to wait for, and a
 * push into a full queue is refused.
 *
 * For the pthread lock, see okap-worker.c. */
#include "config.h"

#include "okap-store-private.h"

#include <pthread.h>

struct _OkapUsageQueue
{
  guint most;              /* (immutable) */
  pthread_mutex_t lock;
  pthread_cond_t room;
  GPtrArray *rows;         /* locked by lock; (element-type OkapUsage) oldest first */
  gboolean woken;          /* locked by lock; a wake-up was asked for since the last take */
  gboolean flowing;        /* locked by lock */
};

static GPtrArray *
new_rows (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
}

/** okap_usage_queue_new: @most rows wait in it at once */
OkapUsageQueue *
okap_usage_queue_new (guint most)
{
  OkapUsageQueue *self = g_new0 (OkapUsageQueue, 1);

  self->most = most;
  self->rows = new_rows ();
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->room, NULL);
  return self;
}

void
okap_usage_queue_free (OkapUsageQueue *self)
{
  g_ptr_array_unref (self->rows);
  pthread_cond_destroy (&self->room);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/**
 * okap_usage_queue_push:
 * @usage: (transfer none)
 * @out_wake: (out): whether the caller has to wake the writer
 *
 * Returns: FALSE if the queue is full and nothing flows
 */
gboolean
okap_usage_queue_push (OkapUsageQueue *self, OkapUsage *usage, gboolean *out_wake)
{
  gboolean taken;

  pthread_mutex_lock (&self->lock);
  while (self->rows->len >= self->most && self->flowing)
    pthread_cond_wait (&self->room, &self->lock);
  taken = self->rows->len < self->most;
  if (taken)
    g_ptr_array_add (self->rows, okap_usage_ref (usage));
  *out_wake = !self->woken;
  self->woken = TRUE;
  pthread_mutex_unlock (&self->lock);
  return taken;
}

/** okap_usage_queue_take: (transfer full): everything, oldest first; writer only */
GPtrArray *
okap_usage_queue_take (OkapUsageQueue *self)
{
  GPtrArray *rows;

  pthread_mutex_lock (&self->lock);
  rows = self->rows;
  self->rows = new_rows ();
  self->woken = FALSE;
  pthread_cond_broadcast (&self->room);
  pthread_mutex_unlock (&self->lock);
  return rows;
}

/**
 * okap_usage_queue_put_back:
 * @rows: (transfer full): what was taken and could not be written
 *
 * They stand before those that came since, and may be more than the bound for that moment.
 */
void
okap_usage_queue_put_back (OkapUsageQueue *self, GPtrArray *rows)
{
  pthread_mutex_lock (&self->lock);
  g_ptr_array_extend_and_steal (rows, self->rows);
  self->rows = rows;
  pthread_mutex_unlock (&self->lock);
}

/** okap_usage_queue_set_flowing: whether the writer takes rows for good; lets waiting ones go */
void
okap_usage_queue_set_flowing (OkapUsageQueue *self, gboolean flowing)
{
  pthread_mutex_lock (&self->lock);
  self->flowing = flowing;
  pthread_cond_broadcast (&self->room);
  pthread_mutex_unlock (&self->lock);
}
