/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flatpak and Snap apps, by what their engines say of them rather than by what is in them. Worker
 * thread.
 *
 * Flatpak puts the file .flatpak-info into the root of each app. Anybody can make a root with such
 * a file in it (a user namespace is enough), so three parties have to agree: the file, opened
 * through the root of the process; the record of the instance that flatpak keeps outside, with the
 * same text, whose first process has the same mounts; and the scope that systemd made for the app.
 * Snap apps carry the name in the label that AppArmor enforces, and in their control group.
 *
 * All of that is kept by the user's own session. It shows an app from another; it does not stop a
 * program outside of any sandbox, which could as well start the real app and steer it. */
#include "config.h"

#include "okap-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "okap-trust.h"

#define INFO_BYTES (64 * 1024)
#define NAME_BYTES 255

static gboolean
is_name (const char *text)
{
  gsize n = strlen (text);

  if (n == 0 || n > NAME_BYTES || *text == '.')
    return FALSE;
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr ("._-", *at) == NULL)
      return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): a regular file of at most INFO_BYTES */
static char *
read_regular (int folder, const char *name, gsize *out_length)
{
  int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  g_autofree char *text = NULL;
  struct stat file;
  gsize length = 0;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &file) == 0 && S_ISREG (file.st_mode) && file.st_size <= INFO_BYTES)
    text = g_malloc0 (INFO_BYTES + 1);
  while (text != NULL && length <= INFO_BYTES)
    {
      gssize n = read (fd, text + length, INFO_BYTES + 1 - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize) n;
    }
  close (fd);
  if (text == NULL || length == 0 || length > INFO_BYTES)
    return NULL;
  *out_length = length;
  return g_steal_pointer (&text);
}

/**
 * okap_sandbox_parse_info:
 * @text: .flatpak-info
 * @out_instance: (out) (transfer full): digits
 *
 * Returns: (transfer full) (nullable): the name of the app
 */
char *
okap_sandbox_parse_info (const char *text, gsize length, char **out_instance)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *name = NULL, *instance = NULL;

  *out_instance = NULL;
  if (memchr (text, '\0', length) != NULL
      || !g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL))
    return NULL;
  name = g_key_file_get_string (file, "Application", "name", NULL);
  instance = g_key_file_get_string (file, "Instance", "instance-id", NULL);
  if (name == NULL || !is_name (name) || instance == NULL || *instance == '\0'
      || strlen (instance) > 20 || strspn (instance, "0123456789") != strlen (instance))
    return NULL;
  *out_instance = g_steal_pointer (&instance);
  return g_steal_pointer (&name);
}

/** okap_sandbox_is_unit_of: whether systemd started @unit for Flatpak app @app_id */
gboolean
okap_sandbox_is_unit_of (const char *unit, const char *app_id)
{
  g_auto (GStrv) parts = g_strsplit (app_id, "-", -1);
  g_autofree char *escaped = g_strjoinv ("\\x2d", parts);
  g_autofree char *start = g_strdup_printf ("app-flatpak-%s-", escaped);
  gsize digits;

  if (unit == NULL || !g_str_has_prefix (unit, start))
    return FALSE;
  unit += strlen (start);
  digits = strspn (unit, "0123456789");
  return digits > 0 && strcmp (unit + digits, ".scope") == 0;
}

/* The process outside that bubblewrap started as the first of the sandbox. */
static pid_t
parse_child (const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;

  if (!json_parser_load_from_data (parser, text, (gssize) length, NULL))
    return 0;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return 0;
  return (pid_t) CLAMP (json_object_get_int_member_with_default (json_node_get_object (root),
                                                                 "child-pid", 0), 0, G_MAXINT);
}

static gboolean
has_same_mounts (pid_t pid, int folder)
{
  int pin = okap_proc_pin (pid);
  int other = pin >= 0 ? okap_proc_open (pid, pin) : -1;
  struct stat ours, theirs;
  gboolean same = other >= 0 && fstatat (other, "ns/mnt", &ours, 0) == 0
                  && fstatat (folder, "ns/mnt", &theirs, 0) == 0
                  && okap_trust_is_same_file (&ours, &theirs);

  if (other >= 0)
    close (other);
  if (pin >= 0)
    close (pin);
  return same;
}

/**
 * okap_sandbox_is_instance:
 * @info: what the process has as its .flatpak-info, of @length bytes
 * @folder: of the process in /proc
 *
 * Returns: whether flatpak keeps a record of that instance that says the same of this process
 */
gboolean
okap_sandbox_is_instance (const char *runtime_folder, const char *instance, const char *info,
                          gsize length, int folder)
{
  g_autofree char *path = g_build_filename (runtime_folder, ".flatpak", instance, NULL);
  g_autofree char *kept = NULL, *bwrap = NULL;
  gsize kept_length = 0, bwrap_length = 0;
  int record = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (record < 0)
    return FALSE;
  kept = read_regular (record, "info", &kept_length);
  bwrap = read_regular (record, "bwrapinfo.json", &bwrap_length);
  close (record);
  return kept != NULL && bwrap != NULL && kept_length == length
         && memcmp (kept, info, length) == 0
         && has_same_mounts (parse_child (bwrap, bwrap_length), folder);
}

/* (transfer full) (nullable): the app of a Flatpak that holds together */
static char *
find_flatpak (const OkapFacts *facts, const char *runtime_folder)
{
  int root = openat (facts->folder, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_autofree char *info = NULL, *app_id = NULL, *instance = NULL;
  gsize length = 0;

  if (root < 0)
    return NULL;
  info = read_regular (root, ".flatpak-info", &length);
  close (root);
  if (info == NULL)
    return NULL;
  app_id = okap_sandbox_parse_info (info, length, &instance);
  if (app_id == NULL || !okap_sandbox_is_unit_of (facts->unit, app_id)
      || !okap_sandbox_is_instance (runtime_folder, instance, info, length, facts->folder))
    return NULL;
  return g_steal_pointer (&app_id);
}

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
  if (!g_str_has_prefix (label, "snap.") || !is_name (label) || strchr (label + 5, '.') == NULL
      || label[5] == '.')
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
  char *app_id = facts->foreign ? find_flatpak (facts, runtime_folder) : NULL;
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
