/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells ThreadSanitizer what GLib's locks and tasks order.
 *
 * The distribution's GLib is not instrumented, and its locks are futexes of its own, so the
 * sanitizer sees no order between threads that meet only there and reports races that are none.
 * This file is part of ThreadSanitizer builds alone. It stands in front of the functions that our
 * code calls and adds what they promise: who unlocks comes before who locks next, who returns a
 * task's result before who takes it, who drops a reference before who frees. It hides nothing
 * else: two threads that touch the same bytes without such a meeting are still reported. */
#include <dlfcn.h>
#include <gio/gio.h>
#include <sanitizer/tsan_interface.h>

#define NEXT(name)                                                                  \
  ({                                                                                \
    static __typeof__ (&name) next;                                                 \
    __typeof__ (&name) found = __atomic_load_n (&next, __ATOMIC_ACQUIRE);           \
    if (found == NULL)                                                              \
      {                                                                             \
        found = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name);                      \
        __atomic_store_n (&next, found, __ATOMIC_RELEASE);                          \
      }                                                                             \
    found;                                                                          \
  })

static void
acquire (gconstpointer address)
{
  __tsan_acquire ((void *) (gsize) address);
}

static void
release (gconstpointer address)
{
  __tsan_release ((void *) (gsize) address);
}

void
(g_mutex_lock) (GMutex *mutex)
{
  NEXT (g_mutex_lock) (mutex);
  acquire (mutex);
}

gboolean
(g_mutex_trylock) (GMutex *mutex)
{
  gboolean locked = NEXT (g_mutex_trylock) (mutex);

  if (locked)
    acquire (mutex);
  return locked;
}

void
(g_mutex_unlock) (GMutex *mutex)
{
  release (mutex);
  NEXT (g_mutex_unlock) (mutex);
}

void
(g_cond_wait) (GCond *cond, GMutex *mutex)
{
  release (mutex);
  NEXT (g_cond_wait) (cond, mutex);
  acquire (mutex);
}

gboolean
(g_cond_wait_until) (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  release (mutex);
  signalled = NEXT (g_cond_wait_until) (cond, mutex, end_time);
  acquire (mutex);
  return signalled;
}

#undef g_once_init_enter
#undef g_once_init_leave

gboolean
(g_once_init_enter) (volatile void *location)
{
  gboolean first = NEXT (g_once_init_enter) (location);

  acquire ((gconstpointer) location);
  return first;
}

/* The quick way past g_once_init_enter() is an atomic load in our code: that acquires by itself. */
void
(g_once_init_leave) (volatile void *location, gsize result)
{
  release ((gconstpointer) location);
  NEXT (g_once_init_leave) (location, result);
}

void
(g_atomic_ref_count_inc) (gatomicrefcount *count)
{
  release (count);
  NEXT (g_atomic_ref_count_inc) (count);
}

gboolean
(g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  gboolean last;

  release (count);
  last = NEXT (g_atomic_ref_count_dec) (count);
  if (last)
    acquire (count);
  return last;
}

gpointer
(g_object_ref) (gpointer object)
{
  release (object);
  return NEXT (g_object_ref) (object);
}

void
(g_object_unref) (gpointer object)
{
  release (object);
  acquire (object);
  NEXT (g_object_unref) (object);
}

GMainContext *
(g_main_context_ref) (GMainContext *context)
{
  release (context);
  return NEXT (g_main_context_ref) (context);
}

void
(g_main_context_unref) (GMainContext *context)
{
  release (context);
  acquire (context);
  NEXT (g_main_context_unref) (context);
}

void
(g_task_set_task_data) (GTask *task, gpointer data, GDestroyNotify destroy)
{
  NEXT (g_task_set_task_data) (task, data, destroy);
  release (task);
}

gpointer
(g_task_get_task_data) (GTask *task)
{
  acquire (task);
  return NEXT (g_task_get_task_data) (task);
}

gpointer
(g_task_get_source_object) (GTask *task)
{
  acquire (task);
  return NEXT (g_task_get_source_object) (task);
}

void
(g_task_return_pointer) (GTask *task, gpointer result, GDestroyNotify destroy)
{
  release (task);
  NEXT (g_task_return_pointer) (task, result, destroy);
}

void
(g_task_return_boolean) (GTask *task, gboolean result)
{
  release (task);
  NEXT (g_task_return_boolean) (task, result);
}

void
(g_task_return_int) (GTask *task, gssize result)
{
  release (task);
  NEXT (g_task_return_int) (task, result);
}

void
(g_task_return_error) (GTask *task, GError *error)
{
  release (task);
  NEXT (g_task_return_error) (task, error);
}

gpointer
(g_task_propagate_pointer) (GTask *task, GError **error)
{
  acquire (task);
  return NEXT (g_task_propagate_pointer) (task, error);
}

gboolean
(g_task_propagate_boolean) (GTask *task, GError **error)
{
  acquire (task);
  return NEXT (g_task_propagate_boolean) (task, error);
}

gssize
(g_task_propagate_int) (GTask *task, GError **error)
{
  acquire (task);
  return NEXT (g_task_propagate_int) (task, error);
}

extern void AnnotateIgnoreWritesBegin (const char *file, int line);
extern void AnnotateIgnoreWritesEnd (const char *file, int line);

/* A source, its callback and its place in a context's lists are allocated by the thread that posts
 * and freed by the thread that runs the context, under a lock that cannot be seen. Only what GLib
 * itself does in these three is left out: nothing of ours runs there. */
GSource *
(g_idle_source_new) (void)
{
  GSource *source;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  source = NEXT (g_idle_source_new) ();
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  return source;
}

void
(g_source_set_callback) (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  NEXT (g_source_set_callback) (source, func, data, destroy);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
}

guint
(g_source_attach) (GSource *source, GMainContext *context)
{
  guint id;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  id = NEXT (g_source_attach) (source, context);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  return id;
}

void
(g_async_queue_push) (GAsyncQueue *queue, gpointer data)
{
  release (queue);
  NEXT (g_async_queue_push) (queue, data);
}

gpointer
(g_async_queue_pop) (GAsyncQueue *queue)
{
  gpointer data = NEXT (g_async_queue_pop) (queue);

  acquire (queue);
  return data;
}

gpointer
(g_async_queue_timeout_pop) (GAsyncQueue *queue, guint64 timeout)
{
  gpointer data = NEXT (g_async_queue_timeout_pop) (queue, timeout);

  acquire (queue);
  return data;
}
