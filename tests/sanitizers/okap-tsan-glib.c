/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells ThreadSanitizer what GLib orders.
 *
 * Debian's GLib is not built for ThreadSanitizer and its locks are futexes of its own, so that the
 * sanitizer sees two threads write and no lock between them. Suppressing those reports would
 * suppress the races that we look for, too. Instead this library is loaded before GLib (through
 * LD_PRELOAD, see tests/unit/meson.build and build-aux/test-suites.py) and stands before the
 * functions of GLib that order threads. Each one calls GLib's own and says so: before, release on
 * what is handed over; after, acquire on it. Orders that GLib does not promise are not told.
 *
 * Told: mutexes and locks, conditions, once, asynchronous queues, closures posted to another
 * context (idle and timeout sources, so GTask's results too).
 *
 * Not instrumented itself. In a program without the sanitizer it does nothing but call on.
 */
#include <dlfcn.h>
#include <gio/gio.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wmissing-declarations"

extern void __tsan_acquire (void *address) __attribute__ ((weak));
extern void __tsan_release (void *address) __attribute__ ((weak));

static void
acquire (void *address)
{
  if (__tsan_acquire != NULL && address != NULL)
    __tsan_acquire (address);
}

static void
release (void *address)
{
  if (__tsan_release != NULL && address != NULL)
    __tsan_release (address);
}

/* GLib's function of this name, looked up once. */
#define GLIB(name) \
  static __typeof__ (&name) glib; \
  if (__atomic_load_n (&glib, __ATOMIC_RELAXED) == NULL) \
    __atomic_store_n (&glib, (__typeof__ (&name)) dlsym (RTLD_NEXT, #name), __ATOMIC_RELAXED)

#define LOCK(name, type) \
  void name (type *lock) { GLIB (name); glib (lock); acquire (lock); }
#define TRY_LOCK(name, type) \
  gboolean name (type *lock) \
  { GLIB (name); gboolean taken = glib (lock); if (taken) acquire (lock); return taken; }
#define UNLOCK(name, type) \
  void name (type *lock) { GLIB (name); release (lock); glib (lock); }

LOCK (g_mutex_lock, GMutex)
TRY_LOCK (g_mutex_trylock, GMutex)
UNLOCK (g_mutex_unlock, GMutex)
LOCK (g_rec_mutex_lock, GRecMutex)
TRY_LOCK (g_rec_mutex_trylock, GRecMutex)
UNLOCK (g_rec_mutex_unlock, GRecMutex)
/* Readers release as well: a writer comes after them. That orders readers, too, which hides a
 * write under a reader's lock; we have no such lock. */
LOCK (g_rw_lock_reader_lock, GRWLock)
UNLOCK (g_rw_lock_reader_unlock, GRWLock)
LOCK (g_rw_lock_writer_lock, GRWLock)
UNLOCK (g_rw_lock_writer_unlock, GRWLock)

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  GLIB (g_cond_wait);
  release (mutex);
  glib (cond, mutex);
  acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  GLIB (g_cond_wait_until);
  gboolean signalled;

  release (mutex);
  signalled = glib (cond, mutex, end_time);
  acquire (mutex);
  return signalled;
}

#undef g_once_init_enter
#undef g_once_init_leave

gboolean
(g_once_init_enter) (volatile void *location)
{
  GLIB (g_once_init_enter);
  gboolean first = glib (location);

  acquire ((void *) location);
  return first;
}

/* The quick way past it is an atomic load in our code, which acquires by itself. */
void
(g_once_init_leave) (volatile void *location, gsize result)
{
  GLIB (g_once_init_leave);
  release ((void *) location);
  glib (location, result);
}

/* Queues: who takes a thing comes after who put it. */
#define PUSH(name) \
  void name (GAsyncQueue *queue, gpointer data) \
  { GLIB (name); release (queue); glib (queue, data); }
#define POP(name) \
  gpointer name (GAsyncQueue *queue) \
  { GLIB (name); gpointer data = glib (queue); acquire (queue); return data; }

PUSH (g_async_queue_push)
PUSH (g_async_queue_push_unlocked)
PUSH (g_async_queue_push_front)
POP (g_async_queue_pop)
POP (g_async_queue_pop_unlocked)
POP (g_async_queue_try_pop)
POP (g_async_queue_try_pop_unlocked)

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout_us)
{
  GLIB (g_async_queue_timeout_pop);
  gpointer data = glib (queue, timeout_us);

  acquire (queue);
  return data;
}

/* Closures: the thread that runs one comes after the one that posted it. */
typedef struct {
  GSourceFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Closure;

static Closure *
closure_new (GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  Closure *closure = g_new (Closure, 1);

  *closure = (Closure) { func, data, destroy };
  release (closure);
  return closure;
}

static gboolean
closure_run (gpointer data)
{
  Closure *closure = data;
  gboolean again;

  acquire (closure);
  again = closure->func (closure->data);
  release (closure);
  return again;
}

static void
closure_free (gpointer data)
{
  Closure *closure = data;

  acquire (closure);
  if (closure->destroy != NULL)
    closure->destroy (closure->data);
  g_free (closure);
}

/* Only these two kinds are posted from thread to thread, and their callback has one argument. */
void
g_source_set_callback (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  GLIB (g_source_set_callback);

  if (func != NULL
      && (source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs))
    glib (source, closure_run, closure_new (func, data, notify), closure_free);
  else
    glib (source, func, data, notify);
}

/* The poster may write more of what the closure reads until it attaches the source. */
guint
g_source_attach (GSource *source, GMainContext *context)
{
  GLIB (g_source_attach);
  GSourceFunc func = NULL;
  gpointer data = NULL;

  if (source->callback_funcs != NULL && source->callback_data != NULL)
    source->callback_funcs->get (source->callback_data, source, &func, &data);
  if (func == closure_run)
    release (data);
  return glib (source, context);
}
