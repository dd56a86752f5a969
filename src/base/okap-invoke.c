/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way from thread to thread: post a closure to another main context. Safe from any
 * thread; closures posted by one thread run in their order. */
#include "config.h"

#include "okap-invoke.h"

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
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, destroy);
  g_source_set_static_name (source, "okap-invoke");
  g_source_attach (source, context);
}
