/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flatpak and Snap apps, by what their engines say of them rather than by what is in them. Worker
 * thread. Flatpak's are known by okap-flatpak.c. Snap apps carry the name in the label that
 * AppArmor enforces, and in their control group. */
#include "config.h"

#include "okap-sandbox.h"

#include <fcntl.h>
#include <string.h>

#include "okap-flatpak.h"

/**
 * okap_sandbox_parse_label:
 * @text: of AppArmor: "snap.firefox.firefox (enforce)"
 *
 * Returns: (transfer full) (nullable): "snap.firefox.firefox"
 */
char *
okap_sandbox_parse_label (const char *text, gsize length)
{
  g_autofree char *label = g_strndup (text, length);
  char *end;

  g_strchomp (label);
  end = strstr (label, " (enforce)");
  if (end == NULL || strcmp (end, " (enforce)") != 0)
    return NULL;
  *end = '\0';
  if (!g_str_has_prefix (label, "snap.") || !okap_flatpak_is_name (label)
      || strchr (label + 5, '.') == NULL || label[5] == '.')
    return NULL;
  return g_steal_pointer (&label);
}

static gboolean
has_apparmor (void)
{
  char room[4];

  return okap_proc_read (AT_FDCWD, "/sys/module/apparmor/parameters/enabled", room, 1) == 1
         && room[0] == 'Y';
}

/* (transfer full) (nullable): the snap that its label and its control group name */
static char *
find_snap (const OkapFacts *facts)
{
  char text[512];
  gssize n = okap_proc_read (facts->folder, "attr/apparmor/current", text, sizeof text);
  g_autofree char *label = NULL;
  gsize length;

  if (n <= 0 && has_apparmor ())
    n = okap_proc_read (facts->folder, "attr/current", text, sizeof text);
  label = n > 0 ? okap_sandbox_parse_label (text, (gsize) n) : NULL;
  if (label == NULL || facts->unit == NULL)
    return NULL;
  length = strlen (label);
  if (strncmp (facts->unit, label, length) != 0 || strchr (".-", facts->unit[length]) == NULL)
    return NULL;
  return g_strndup (label + 5, strcspn (label + 5, "."));
}

/**
 * okap_sandbox_identify:
 * @facts: of a process that could be read
 * @runtime_folder: $XDG_RUNTIME_DIR
 *
 * Returns: (transfer full) (nullable): not sealed; NULL if it is no sandbox that can be verified
 */
OkapIdentity *
okap_sandbox_identify (const OkapFacts *facts, const char *runtime_folder)
{
  const char *engine = "flatpak";
  char *app_id = okap_flatpak_identify (facts, runtime_folder);
  OkapIdentity *identity;

  if (app_id == NULL)
    {
      engine = "snap";
      app_id = find_snap (facts);
    }
  if (app_id == NULL)
    return NULL;
  identity = okap_identity_new (OKAP_IDENTITY_SANDBOXED);
  identity->engine = g_strdup (engine);
  identity->app_id = app_id;
  identity->program = g_strdup (facts->exe);
  return identity;
}
