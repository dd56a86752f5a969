/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way from thread to thread: post a closure to another main context. Safe from any
 * thread; closures posted by one thread run in their order. */
#include "config.h"

#include "okap-invoke.h"

/* The atomic flag is what orders the two threads: all that was written before the post is seen by
 * what runs. GLib's own locks order them too, but no tool that checks us can see into those. */
typedef struct
{
  GSourceFunc func;
  gpointer data;
  GDestroyNotify destroy;  /* (nullable) */
  int posted;              /* (atomic) */
} Closure;

static gboolean
closure_run (gpointer user_data)
{
  Closure *closure = user_data;

  if (g_atomic_int_get (&closure->posted) != 0)
    (void) closure->func (closure->data);
  return G_SOURCE_REMOVE;
}

static void
closure_free (gpointer user_data)
{
  Closure *closure = user_data;

  if (g_atomic_int_get (&closure->posted) != 0 && closure->destroy != NULL)
    closure->destroy (closure->data);
  g_free (closure);
}

/**
 * okap_invoke:
 * @context: (nullable): where to run; NULL for the default context
 * @func: runs once, in @context, never from within this call; what it returns is ignored
 * @data: given to @func
 * @destroy: (nullable): frees @data there after @func ran, or when the context ends without it
 */
void
okap_invoke (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Closure *closure = g_new (Closure, 1);

  closure->func = func;
  closure->data = data;
  closure->destroy = destroy;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, closure_run, closure, closure_free);
  g_source_set_static_name (source, "okap-invoke");
  g_atomic_int_set (&closure->posted, 1);
  g_source_attach (source, context);
}
