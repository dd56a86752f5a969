/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flatpak apps, by what flatpak leaves behind when it starts one. Worker thread.
 *
 *   flatpak, which becomes the outer bwrap
 *    ├─ bwrap ── xdg-dbus-proxy     whom the session bus sees instead of the app
 *    └─ bwrap, the first process    ("child") of the sandbox; the record names it
 *        └─ the app
 *
 * Flatpak puts the file .flatpak-info into the root of each app. Anybody can make a root with such
 * a file in it (a user namespace is enough), so all of this has to hold:
 *  - Flatpak's record of the instance, outside, has the same text and names the child, whose root
 *    has it, too; the child was started by the bwrap that is installed.
 *  - What the child has at /app is that app's folder in an installation that flatpak has here. So
 *    neither a made-up root nor an app of the same name from another place will do.
 *  - The process has root, mounts and process numbers of the child; or it is the installed
 *    xdg-dbus-proxy, has the same text in its root and holds the other end of a pipe of the child,
 *    by which flatpak lets the proxy end with the app.
 *  - Systemd does not say that it is another app. Saying that it is this one proves nothing: each
 *    program of the user may have a scope by any name. And there is none without systemd.
 *
 * All of that is kept by the user's own session, and bubblewrap has no privileges. It shows an app
 * from another; it does not stop a program outside of any sandbox that mounts the app's files as
 * flatpak does, or has flatpak run a command in the app. */
#include "config.h"

#include "okap-flatpak.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "okap-trust.h"

#define INFO_BYTES         (64 * 1024)
#define DESCRIPTORS_MOST   1024
#define INSTALLATIONS_MOST 32

static const char info_name[] = ".flatpak-info";

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

/* (transfer full) (nullable): .flatpak-info in the root of a process */
static char *
read_info (int process, gsize *out_length)
{
  int root = openat (process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  char *text;

  if (root < 0)
    return NULL;
  text = read_regular (root, info_name, out_length);
  close (root);
  return text;
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

/* Whether the process was started by bubblewrap as it is installed. */
static gboolean
is_below_bwrap (int child)
{
  g_autofree char *exe = NULL, *name = NULL;
  OkapProcStat stat, again;
  struct stat file;
  char path[32];
  gboolean good;
  int above;

  if (!okap_proc_read_stat (child, &stat) || stat.parent <= 1)
    return FALSE;
  g_snprintf (path, sizeof path, "/proc/%d", (int) stat.parent);
  above = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above < 0)
    return FALSE;
  exe = okap_proc_read_link (above, "exe");
  good = exe != NULL && fstatat (above, "exe", &file, 0) == 0
         && okap_proc_read_stat (child, &again) && again.parent == stat.parent
         && okap_trust_is_installed (exe, &file);
  close (above);
  if (!good)
    return FALSE;
  name = g_path_get_basename (exe);
  return strcmp (name, "bwrap") == 0 || strcmp (name, "flatpak-bwrap") == 0;
}

/* The child's folder in /proc, if the record says @info and the child has that, too; else -1. */
static int
open_child (const char *runtime_folder, const char *instance, const char *info, gsize length)
{
  g_autofree char *path = g_build_filename (runtime_folder, ".flatpak", instance, NULL);
  g_autofree char *kept = NULL, *bwrap = NULL, *own = NULL;
  gsize kept_length = 0, bwrap_length = 0, own_length = 0;
  int record = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int pin, child;
  pid_t pid;

  if (record < 0)
    return -1;
  kept = read_regular (record, "info", &kept_length);
  bwrap = read_regular (record, "bwrapinfo.json", &bwrap_length);
  close (record);
  if (kept == NULL || bwrap == NULL || kept_length != length || memcmp (kept, info, length) != 0)
    return -1;
  pid = parse_child (bwrap, bwrap_length);
  pin = okap_proc_pin (pid);
  if (pin < 0)
    return -1;
  child = okap_proc_open (pid, pin);
  close (pin);
  if (child < 0)
    return -1;
  own = read_info (child, &own_length);
  if (own != NULL && own_length == length && memcmp (own, info, length) == 0
      && is_below_bwrap (child))
    return child;
  close (child);
  return -1;
}

/* (transfer full): folders of flatpak's installations: the system's, the user's, further ones */
static GPtrArray *
list_installations (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_free);
  const char *system = g_getenv ("FLATPAK_SYSTEM_DIR"), *user = g_getenv ("FLATPAK_USER_DIR");
  const char *further = "/etc/flatpak/installations.d", *name;
  g_autoptr (GDir) folder = g_dir_open (further, 0, NULL);

  g_ptr_array_add (all, g_strdup (system != NULL && *system != '\0' ? system
                                                                    : "/var/lib/flatpak"));
  g_ptr_array_add (all, user != NULL && *user != '\0'
                        ? g_strdup (user)
                        : g_build_filename (g_get_user_data_dir (), "flatpak", NULL));
  while (folder != NULL && all->len < INSTALLATIONS_MOST
         && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (further, name, NULL);
      g_autoptr (GKeyFile) file = g_key_file_new ();
      g_auto (GStrv) groups = NULL;

      if (!g_str_has_suffix (name, ".conf")
          || !g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
        continue;
      groups = g_key_file_get_groups (file, NULL);
      for (guint i = 0; groups[i] != NULL && all->len < INSTALLATIONS_MOST; i++)
        {
          char *place = g_key_file_get_string (file, groups[i], "Path", NULL);

          if (place != NULL)
            g_ptr_array_add (all, place);
        }
    }
  return all;
}

/* Whether @process has at /app what is installed under the name of the app. */
static gboolean
has_app (int process, const OkapFlatpakInfo *info)
{
  g_autofree char *place = okap_flatpak_dup_place (info, FALSE);
  g_autofree char *removed = okap_flatpak_dup_place (info, TRUE);
  g_autoptr (GPtrArray) installations = NULL;
  int root = openat (process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct stat mounted, installed;
  gboolean good = place != NULL && root >= 0
                  && fstatat (root, "app", &mounted, AT_SYMLINK_NOFOLLOW) == 0
                  && S_ISDIR (mounted.st_mode);

  if (root >= 0)
    close (root);
  if (!good)
    return FALSE;
  installations = list_installations ();
  for (guint i = 0; i < installations->len; i++)
    for (guint k = 0; k < 2; k++)
      {
        g_autofree char *path = g_build_filename (g_ptr_array_index (installations, i),
                                                  k == 0 ? place : removed, NULL);

        if (stat (path, &installed) == 0 && okap_trust_is_same_file (&installed, &mounted))
          return TRUE;
      }
  return FALSE;
}

/* Whether @process lives in the sandbox of @child. */
static gboolean
is_inside (int process, int child)
{
  static const char *const same[] = { "ns/mnt", "ns/pid", "root" };

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    {
      struct stat ours, theirs;

      if (fstatat (process, same[i], &ours, 0) != 0 || fstatat (child, same[i], &theirs, 0) != 0
          || !okap_trust_is_same_file (&ours, &theirs))
        return FALSE;
    }
  return TRUE;
}

/* (transfer full): the pipes that a process holds, but for its standard ones: those it shares with
 * whatever was started beside it */
static GHashTable *
list_pipes (int process)
{
  GHashTable *pipes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int fd = openat (process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  for (guint i = 0; folder != NULL && i < DESCRIPTORS_MOST && (entry = readdir (folder)) != NULL;
       i++)
    {
      char *target;

      if (g_ascii_strtoull (entry->d_name, NULL, 10) <= STDERR_FILENO)
        continue;
      target = okap_proc_read_link (fd, entry->d_name);
      if (target != NULL && g_str_has_prefix (target, "pipe:"))
        g_hash_table_add (pipes, target);
      else
        g_free (target);
    }
  if (folder != NULL)
    closedir (folder);
  else if (fd >= 0)
    close (fd);
  return pipes;
}

/* Whether it is the proxy to the session bus of the sandbox of @child. */
static gboolean
is_proxy_of (const OkapFacts *facts, int child)
{
  g_autofree char *name = g_path_get_basename (facts->exe);
  g_autoptr (GHashTable) ours = NULL, theirs = NULL;
  GHashTableIter iter;
  gpointer pipe;

  if (!okap_flatpak_is_proxy (name) || facts->replaced
      || !okap_trust_is_installed (facts->exe, &facts->file))
    return FALSE;
  ours = list_pipes (facts->folder);
  theirs = list_pipes (child);
  g_hash_table_iter_init (&iter, ours);
  while (g_hash_table_iter_next (&iter, &pipe, NULL))
    if (g_hash_table_contains (theirs, pipe))
      return TRUE;
  return FALSE;
}

/**
 * okap_flatpak_identify:
 * @facts: of a process that could be read
 * @runtime_folder: $XDG_RUNTIME_DIR
 *
 * Returns: (transfer full) (nullable): the name of the app; NULL if it is none, or not all of what
 *   flatpak does was found
 */
char *
okap_flatpak_identify (const OkapFacts *facts, const char *runtime_folder)
{
  g_autofree char *text = NULL;
  g_auto (OkapFlatpakInfo) info = { 0 };
  gsize length = 0;
  gboolean good;
  int child;

  if (!facts->foreign)
    return NULL;
  text = read_info (facts->folder, &length);
  if (text == NULL || !okap_flatpak_parse_info (text, length, &info))
    return NULL;
  if (facts->unit != NULL && g_str_has_prefix (facts->unit, "app-flatpak-")
      && !okap_flatpak_is_unit (facts->unit, info.app_id))
    return NULL;
  child = open_child (runtime_folder, info.instance, text, length);
  if (child < 0)
    return NULL;
  good = has_app (child, &info)
         && (is_inside (facts->folder, child) || is_proxy_of (facts, child));
  close (child);
  return good ? g_steal_pointer (&info.app_id) : NULL;
}
