/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grants of okap run end with their process: a pidfd becomes readable when it does, whatever took
 * its number since. */
#include "config.h"

#include "okap-process-watch.h"

#include <glib-unix.h>
#include <glib/gstdio.h>

struct _OkapProcessWatch
{
  OkapProcessEndedFunc func;
  gpointer user_data;
  GHashTable *sources;  /* (owned) grant id → source id on the pidfd */
};

typedef struct
{
  OkapProcessWatch *watch;  /* (unowned) the source goes with the watch */
  char *grant_id;           /* (owned) */
  int pidfd;                /* (owned) */
} Binding;

static void
binding_free (Binding *binding)
{
  (void) g_close (binding->pidfd, NULL);  /* nothing was written to it */
  g_free (binding->grant_id);
  g_free (binding);
}

static gboolean
ended_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Binding *binding = user_data;

  g_hash_table_remove (binding->watch->sources, binding->grant_id);
  binding->watch->func (binding->grant_id, binding->watch->user_data);
  return G_SOURCE_REMOVE;
}

OkapProcessWatch *
okap_process_watch_new (OkapProcessEndedFunc func, gpointer user_data)
{
  OkapProcessWatch *watch = g_new0 (OkapProcessWatch, 1);

  watch->func = func;
  watch->user_data = user_data;
  watch->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return watch;
}

/** okap_process_watch_free: nothing is told any more */
void
okap_process_watch_free (OkapProcessWatch *watch)
{
  GHashTableIter iter;
  gpointer source_id;

  g_hash_table_iter_init (&iter, watch->sources);
  while (g_hash_table_iter_next (&iter, NULL, &source_id))
    g_source_remove (GPOINTER_TO_UINT (source_id));
  g_hash_table_unref (watch->sources);
  g_free (watch);
}

/** okap_process_watch_add: keeps @pidfd */
void
okap_process_watch_add (OkapProcessWatch *watch, const char *grant_id, int pidfd)
{
  Binding *binding = g_new0 (Binding, 1);
  guint source_id;

  binding->watch = watch;
  binding->grant_id = g_strdup (grant_id);
  binding->pidfd = pidfd;
  source_id = g_unix_fd_add_full (G_PRIORITY_HIGH, pidfd, G_IO_IN, ended_cb, binding,
                                  (GDestroyNotify) binding_free);
  g_hash_table_insert (watch->sources, g_strdup (grant_id), GUINT_TO_POINTER (source_id));
}

/** okap_process_watch_is_running: whether the process of this grant is watched and has not ended */
gboolean
okap_process_watch_is_running (OkapProcessWatch *watch, const char *grant_id)
{
  return g_hash_table_contains (watch->sources, grant_id);
}
