/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets prices that the user changes count at once, whether with "okap prices" or with an editor.
 * Editors write a file in several steps: it is read a moment after the first of them, and again
 * after more. Any program of the user's can write these files, and a price of zero makes a limit of
 * money worthless: they count only as far as the user confirmed them, which can be checked once the
 * vault is open, and each change is told, so that it stands in the audit trail. While the vault is
 * locked nothing is asked of a provider, so nothing is read. Main thread. */
#include "config.h"

#include "okap-price-watch.h"

#include "okap-paths.h"
#include "okap-price-files.h"

#define WAIT_MS 200
#define NAMED_MOST 8
#define UNCONFIRMED "The prices were changed but not confirmed, so they do not count. " \
                    "Confirm them with: okap prices confirm"

struct _OkapPriceWatch
{
  OkapVault *vault;           /* (owned) */
  OkapPriceSeal *seal;        /* (owned) */
  GFileMonitor *monitors[2];  /* (owned) (nullable) */
  guint timer;                /* 0: nothing changed */
  OkapPriceChangedFunc changed;
  gpointer user_data;
};

static char *
describe_overrides (void)
{
  g_autoptr (GPtrArray) overrides = okap_price_files_read_overrides (NULL);
  GString *words = g_string_new (NULL);

  if (overrides == NULL || overrides->len == 0)
    g_string_append (words, "There are no prices of your own any more");
  else
    g_string_append_printf (words, "Prices of your own, which win over the table: %u",
                            overrides->len);
  for (guint i = 0; overrides != NULL && i < MIN (overrides->len, NAMED_MOST); i++)
    {
      const OkapPriceOverride *override = g_ptr_array_index (overrides, i);

      g_string_append_printf (words, "%s%s %s", i == 0 ? " (" : ", ", override->provider,
                              override->model);
    }
  if (overrides != NULL && overrides->len > 0)
    g_string_append (words, overrides->len > NAMED_MOST ? ", …)" : ")");
  return g_string_free (words, FALSE);
}

static gboolean
confirmed_cb (const char *digest, gpointer user_data)
{
  return okap_price_seal_check (user_data, digest);
}

static void
load (OkapPriceWatch *self)
{
  g_auto (OkapPriceReport) report = { 0 };

  if (okap_vault_get_state (self->vault) != OKAP_VAULT_UNLOCKED)
    return;
  okap_price_files_load (confirmed_cb, self->seal, &report);
  if (okap_price_seal_warn (self->seal))
    {
      g_message (UNCONFIRMED);
      self->changed (UNCONFIRMED, self->user_data);
    }
  if (report.overrides_changed)
    {
      g_autofree char *words = describe_overrides ();

      self->changed (words, self->user_data);
    }
  if (report.table_changed)
    {
      g_autofree char *words = g_strdup_printf ("The table of prices is of %s, %s",
                                                okap_price_get_date (),
                                                report.installed ? "which you installed"
                                                                 : "which came with Okap");

      self->changed (words, self->user_data);
    }
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
  load (self);
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

/** okap_price_watch_start: (transfer full): if the vault is unlocked, the files are read, and
 *   @changed was perhaps called, when it returns */
OkapPriceWatch *
okap_price_watch_start (OkapVault *vault, OkapPriceSeal *seal, OkapPriceChangedFunc changed,
                        gpointer user_data)
{
  OkapPriceWatch *self = g_new0 (OkapPriceWatch, 1);
  g_autofree char *table = okap_paths_dup_price_table ();
  g_autofree char *overrides = okap_paths_dup_price_overrides ();

  self->vault = g_object_ref (vault);
  self->seal = g_object_ref (seal);
  self->changed = changed;
  self->user_data = user_data;
  self->monitors[0] = watch (self, table);
  self->monitors[1] = watch (self, overrides);
  g_signal_connect_swapped (vault, "notify::state", G_CALLBACK (load), self);
  g_signal_connect_swapped (seal, "load", G_CALLBACK (load), self);
  load (self);
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
  g_signal_handlers_disconnect_by_data (self->vault, self);
  g_signal_handlers_disconnect_by_data (self->seal, self);
  g_object_unref (self->vault);
  g_object_unref (self->seal);
  g_free (self);
}
