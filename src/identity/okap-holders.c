/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processes have a socket open: the links in /proc/PID/fd say "socket:[INODE]". Any thread.
 *
 * okap_holders_find() looks through all descriptors of all processes once, whatever number of
 * sockets is looked for. What it cannot open it passes over: processes of other users, and those of
 * ours that do not let themselves be read; okap-facts.c tells when such a one is an ancestor of
 * what was found. It does not see a socket that is on its way through another socket at that
 * moment, nor in a table of descriptors that a thread keeps for itself. */
#include "config.h"

#include "okap-holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "okap-caps.h"

#define NEAR 4  /* how far around the last one a new descriptor is looked for first */

/** okap_holders_parse: whether link @target, not terminated, is a socket; its inode */
gboolean
okap_holders_parse (const char *target, gssize length, guint64 *out_inode)
{
  static const char start[] = "socket:[";
  const gssize skip = sizeof start - 1;
  guint64 n = 0;

  if (length < skip + 2 || length > skip + 21 || memcmp (target, start, (gsize) skip) != 0
      || target[length - 1] != ']')
    return FALSE;
  for (gssize i = skip; i < length - 1; i++)
    {
      if (!g_ascii_isdigit (target[i]))
        return FALSE;
      n = n * 10 + (guint64) (target[i] - '0');
    }
  *out_inode = n;
  return TRUE;
}

/* Whether @name is all digits. */
static gboolean
is_number (const char *name)
{
  return *name != '\0' && strspn (name, "0123456789") == strlen (name);
}

static gboolean
read_socket (int descriptors, const char *name, guint64 *out_inode)
{
  char target[64];
  gssize n = readlinkat (descriptors, name, target, sizeof target);

  return n > 0 && okap_holders_parse (target, n, out_inode);
}

static void
add_holder (OkapHolders *holders, pid_t pid, int fd)
{
  guint n = holders->pids->len;

  /* One process after the other is looked at, so it can only be the last one. */
  if (n > 0 && g_array_index (holders->pids, pid_t, n - 1) == pid)
    {
      g_array_index (holders->fds, int, n - 1) = fd;
      return;
    }
  if (n >= OKAP_CAP_IDENTITY_HOLDERS)
    {
      holders->too_many = TRUE;
      return;
    }
  g_array_append_val (holders->pids, pid);
  g_array_append_val (holders->fds, fd);
}

static void
look_at_process (GHashTable *wanted, int proc, const char *name)
{
  char path[40];
  struct dirent *entry;
  DIR *folder;
  int fd;

  g_snprintf (path, sizeof path, "%.20s/fd", name);
  fd = openat (proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  folder = fd >= 0 ? fdopendir (fd) : NULL;
  if (folder == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }
  while ((entry = readdir (folder)) != NULL)
    {
      guint64 inode;
      OkapHolders *holders;

      if (!is_number (entry->d_name) || !read_socket (dirfd (folder), entry->d_name, &inode))
        continue;
      holders = g_hash_table_lookup (wanted, &inode);
      if (holders != NULL)
        add_holder (holders, (pid_t) g_ascii_strtoll (name, NULL, 10),
                    (int) g_ascii_strtoll (entry->d_name, NULL, 10));
    }
  closedir (folder);
}

/**
 * okap_holders_find:
 * @all: (element-type OkapHolders): each with an inode, and no two with the same one
 *
 * Fills in who holds each. Blocks for as long as it takes to read all of /proc.
 *
 * Returns: how many processes were looked at
 */
guint
okap_holders_find (GPtrArray *all)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (g_int64_hash, g_int64_equal);
  DIR *proc = opendir ("/proc");
  struct dirent *entry;
  guint n = 0;

  if (proc == NULL)
    return 0;
  for (guint i = 0; i < all->len; i++)
    {
      OkapHolders *holders = g_ptr_array_index (all, i);

      g_hash_table_insert (wanted, &holders->inode, holders);
    }
  while ((entry = readdir (proc)) != NULL)
    if (is_number (entry->d_name))
      {
        look_at_process (wanted, dirfd (proc), entry->d_name);
        n++;
      }
  closedir (proc);
  return n;
}

/* Around the last descriptor of that process, where a new one is most likely. */
static gboolean
is_near (int descriptors, guint64 inode, int *hint, guint *budget)
{
  for (int fd = MAX (0, *hint - NEAR); fd <= *hint + NEAR && *budget > 0; fd++)
    {
      char name[16];
      guint64 found;

      --*budget;
      g_snprintf (name, sizeof name, "%d", fd);
      if (read_socket (descriptors, name, &found) && found == inode)
        {
          *hint = fd;
          return TRUE;
        }
    }
  return FALSE;
}

/* From the highest down, since new descriptors are mostly above old ones. */
static gboolean
is_anywhere (int descriptors, guint64 inode, int *hint, guint *budget)
{
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));
  int copy = openat (descriptors, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = copy >= 0 ? fdopendir (copy) : NULL;
  struct dirent *entry;

  if (folder == NULL)
    {
      if (copy >= 0)
        close (copy);
      return FALSE;
    }
  while ((entry = readdir (folder)) != NULL)
    if (is_number (entry->d_name))
      {
        int fd = (int) g_ascii_strtoll (entry->d_name, NULL, 10);

        g_array_append_val (fds, fd);
      }
  closedir (folder);
  for (guint i = fds->len; i > 0 && *budget > 0; i--)
    {
      int fd = g_array_index (fds, int, i - 1);
      char name[16];
      guint64 found;

      --*budget;
      g_snprintf (name, sizeof name, "%d", fd);
      if (read_socket (descriptors, name, &found) && found == inode)
        {
          *hint = fd;
          return TRUE;
        }
    }
  return FALSE;
}

/** okap_holders_has_near: like okap_holders_has(), but looks around @hint only */
gboolean
okap_holders_has_near (int folder, guint64 inode, int *hint, guint *budget)
{
  int descriptors = *hint >= 0 ? openat (folder, "fd", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  gboolean has;

  if (descriptors < 0)
    return FALSE;
  has = is_near (descriptors, inode, hint, budget);
  close (descriptors);
  return has;
}

/**
 * okap_holders_has:
 * @folder: of a process in /proc
 * @hint: (inout): the descriptor at which one was found before; -1 for none
 * @budget: (inout): how many links may be read
 *
 * Returns: whether the process holds the socket; FALSE also if the budget was too small
 */
gboolean
okap_holders_has (int folder, guint64 inode, int *hint, guint *budget)
{
  int descriptors = openat (folder, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean has;

  if (descriptors < 0)
    return FALSE;
  has = (*hint >= 0 && is_near (descriptors, inode, hint, budget))
        || is_anywhere (descriptors, inode, hint, budget);
  close (descriptors);
  return has;
}
