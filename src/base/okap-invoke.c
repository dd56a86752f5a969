/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way from thread to thread: post a closure to another main context. Safe from any
 * thread; closures posted by one thread run in their order. */
#include "config.h"

#include "okap-invoke.h"

#include "okap-tsan.h"

static gboolean
invoke_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = 0;
  return TRUE;
}

static gboolean
invoke_check (GSource *source)
{
  return TRUE;
}

static gboolean
invoke_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  okap_tsan_acquire (source);
  (void) func (data);
  return G_SOURCE_REMOVE;
}

static GSourceFuncs invoke_funcs = {
  .prepare = invoke_prepare,
  .check = invoke_check,
  .dispatch = invoke_dispatch,
};

/**
 * okap_invoke:
 * @context: (nullable): where to run; NULL for the default context
 * @func: runs once, in @context, never from within this call
 * @data: given to @func
 * @destroy: (nullable): frees @data there after @func ran, or when the context ends without it
 */
void
okap_invoke (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_source_new (&invoke_funcs, sizeof (GSource));

  g_source_set_callback (source, func, data, destroy);
  g_source_set_static_name (source, "okap-invoke");
  okap_tsan_release (source);
  g_source_attach (source, context);
}
