/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs whose word about the origin of a page is taken. What another program says in the header
 * Origin is its own invention.
 *
 * Only programs that nobody but root can change, or sandboxed ones, count. Those that do their
 * network in a process which any other app starts as well (WebKitNetworkProcess, QtWebEngine) count
 * only as a Flatpak, where the app is known. A user who starts a browser with other names for hosts
 * and without checks of certificates has it say what he likes; that is no other's doing. Pure. */
#include "config.h"

#include "okap-browser.h"

#include <string.h>

static const char *const programs[] = {
  "firefox", "firefox-bin", "firefox-esr", "chromium", "chromium-browser", "chrome", "brave",
  "vivaldi", "vivaldi-bin", "opera", "msedge", "librewolf", "waterfox",
};

static const char *const flatpaks[] = {
  "org.mozilla.firefox", "org.chromium.Chromium", "com.google.Chrome", "com.brave.Browser",
  "com.vivaldi.Vivaldi", "com.opera.Opera", "com.microsoft.Edge", "org.gnome.Epiphany",
  "org.kde.falkon", "io.gitlab.librewolf-community", "net.waterfox.waterfox",
  "io.github.ungoogled_software.ungoogled_chromium",
};

static const char *const snaps[] = {
  "firefox", "chromium", "brave", "opera", "vivaldi",
};

static gboolean
is_in (const char *const *names, guint n_names, const char *name)
{
  for (guint i = 0; i < n_names; i++)
    if (strcmp (names[i], name) == 0)
      return TRUE;
  return FALSE;
}

/** okap_browser_is: whether @identity is a browser that may speak for a page */
gboolean
okap_browser_is (const OkapIdentity *identity)
{
  const char *slash;

  if (identity->kind == OKAP_IDENTITY_INSTALLED && identity->program != NULL)
    {
      slash = strrchr (identity->program, '/');
      return is_in (programs, G_N_ELEMENTS (programs),
                    slash != NULL ? slash + 1 : identity->program);
    }
  if (identity->kind != OKAP_IDENTITY_SANDBOXED || identity->app_id == NULL)
    return FALSE;
  if (g_strcmp0 (identity->engine, "flatpak") == 0)
    return is_in (flatpaks, G_N_ELEMENTS (flatpaks), identity->app_id);
  return g_strcmp0 (identity->engine, "snap") == 0
         && is_in (snaps, G_N_ELEMENTS (snaps), identity->app_id);
}
