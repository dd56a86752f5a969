/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grants of okap run end with their process: a pidfd becomes readable when it does, whatever took
 * its number since. */
#include "config.h"

#include "okap-process-watch.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STAT_STARTED 19  /* field 22 of /proc/PID/stat, counted from behind the name */

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

/* When the process with this number started; 0 if that cannot be read. */
static guint64
read_started (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *behind_name;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  behind_name = strrchr (text, ')');  /* a name may hold anything */
  if (behind_name == NULL || strlen (behind_name) < 2)
    return 0;
  fields = g_strsplit (behind_name + 2, " ", STAT_STARTED + 2);
  if (g_strv_length (fields) <= STAT_STARTED)
    return 0;
  return g_ascii_strtoull (fields[STAT_STARTED], NULL, 10);
}

/** okap_process_watch_pin: a pidfd of just this process; -1 if it has ended. Reads /proc. */
int
okap_process_watch_pin (const OkapProcessId *process)
{
  int pidfd = process->pid > 0 ? (int) syscall (SYS_pidfd_open, process->pid, 0) : -1;

  if (pidfd < 0 || read_started (process->pid) == process->started)
    return pidfd;
  (void) g_close (pidfd, NULL);
  return -1;
}
