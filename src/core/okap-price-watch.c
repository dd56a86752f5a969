/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets prices that the user changes count at once, whether with "okap prices" or with an editor.
 * Editors write a file in several steps: it is read a moment after the last of them. Main
 * thread. */
#include "config.h"

#include "okap-price-watch.h"

#include "okap-paths.h"
#include "okap-price-files.h"

#define WAIT_MS 200

struct _OkapPriceWatch
{
  GFileMonitor *monitors[2];  /* (owned) (nullable) */
  guint timer;                /* 0: nothing changed */
};

static void
load (void)
{
  g_auto (OkapPriceReport) report = { 0 };

  okap_price_files_load (TRUE, &report);
  if (report.table_problem != NULL)
    g_message ("%s", report.table_problem);
  if (report.overrides_problem != NULL)
    g_message ("%s", report.overrides_problem);
}

static gboolean
timer_cb (gpointer user_data)
{
  OkapPriceWatch *self = user_data;

  self->timer = 0;
  load ();
  return G_SOURCE_REMOVE;
}

static void
changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
            gpointer user_data)
{
  OkapPriceWatch *self = user_data;

  if (self->timer == 0)
    self->timer = g_timeout_add (WAIT_MS, timer_cb, self);
}

/* A folder that is there costs nothing to watch; one that is missing is looked for every few
 * seconds. */
static GFileMonitor *
watch (OkapPriceWatch *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GFileMonitor *monitor;

  okap_paths_make_private (folder, NULL);
  monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (monitor != NULL)
    g_signal_connect (monitor, "changed", G_CALLBACK (changed_cb), self);
  return monitor;
}

/** okap_price_watch_start: (transfer full): the files are read when it returns */
OkapPriceWatch *
okap_price_watch_start (void)
{
  OkapPriceWatch *self = g_new0 (OkapPriceWatch, 1);
  g_autofree char *table = okap_paths_dup_price_table ();
  g_autofree char *overrides = okap_paths_dup_price_overrides ();

  self->monitors[0] = watch (self, table);
  self->monitors[1] = watch (self, overrides);
  load ();
  return self;
}

void
okap_price_watch_stop (OkapPriceWatch *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->monitors); i++)
    if (self->monitors[i] != NULL)
      {
        g_signal_handlers_disconnect_by_data (self->monitors[i], self);
        g_file_monitor_cancel (self->monitors[i]);
        g_object_unref (self->monitors[i]);
      }
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}
