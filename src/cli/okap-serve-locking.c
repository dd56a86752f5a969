/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap serve locks with the session that it runs in, by the same settings as the app; on a server
 * there is no session, and what is left are the hours. Main thread. */
#include "config.h"

#include "okap-serve-locking.h"

#include <glib/gi18n-lib.h>

#include "okap-settings.h"

/* Or GIO would start one, which nobody else is on. */
static gboolean
has_session_bus (void)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL
         || g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
settle_cb (GSourceFunc done, gpointer done_data, gpointer user_data)
{
  okap_core_settle (user_data, done, done_data);
}

/* For whoever watches the server. */
static void
changed_cb (OkapLocking *locking, gpointer user_data)
{
  OkapLockLevel *told = user_data;
  OkapLockLevel level = okap_locking_get_level (locking);

  if (level == *told)
    return;
  *told = level;
  if (level == OKAP_LOCK_LEVEL_RESTRICTED)
    g_printerr (_("okap: The screen is locked, or nobody is there: what is allowed goes on, and "
                  "nothing new is allowed.\n"));
  else if (level == OKAP_LOCK_LEVEL_LOCKED)
    g_printerr (_("okap: The vault is locked. Open it with: okap unlock\n"));
}

/** okap_serve_locking_start: (transfer full): drop it before @core is stopped */
OkapLocking *
okap_serve_locking_start (OkapCore *core)
{
  OkapLocking *locking = okap_locking_new (okap_core_get_broker (core), okap_settings_get (),
                                           okap_boot_clock_get_real ());
  OkapLockLevel *told = g_new0 (OkapLockLevel, 1);

  *told = okap_locking_get_level (locking);
  okap_locking_set_barrier (locking, settle_cb, core);
  okap_locking_watch (locking, has_session_bus (), TRUE);
  g_signal_connect_data (locking, "changed", G_CALLBACK (changed_cb), told,
                         (GClosureNotify) (void (*) (void)) g_free, G_CONNECT_DEFAULT);
  return locking;
}
