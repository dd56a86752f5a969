/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a file can be changed by root only: then its path says enough about it. Any thread.
 *
 * Each folder on the way, and the file, has to belong to root and to be writable by nobody else,
 * or somebody could put another file there. In doubt the answer is no, which costs the user no more
 * than being asked again after an update:
 *  - A group that may write is "somebody else", unless it is root's, or the folder is sticky, where
 *    it could only add files. An access list shows in the bits of the group; for what it gives to
 *    us, the kernel is asked as well.
 *  - File systems that a user mounted (a stick, FUSE) say who owns a file as they like. They are
 *    always mounted without setuid programs, and what programs live on is usually not.
 *  - If we are root ourselves, everything is root's. Then only the places count in which
 *    distributions install. */
#include "config.h"

#include "okap-trust.h"

#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/** okap_trust_is_same_file: whether both are one inode */
gboolean
okap_trust_is_same_file (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static gboolean
is_same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/** okap_trust_is_unchanged: whether both are one inode that nobody touched in between; the time of
 *   its last change cannot be set */
gboolean
okap_trust_is_unchanged (const struct stat *a, const struct stat *b)
{
  return okap_trust_is_same_file (a, b) && a->st_size == b->st_size
         && is_same_time (&a->st_mtim, &b->st_mtim) && is_same_time (&a->st_ctim, &b->st_ctim);
}

static gboolean
is_place_for_programs (const char *path)
{
  static const char *const places[] = {
    "/usr/", "/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/", "/opt/", "/nix/store/",
    "/gnu/store/", "/app/", "/snap/",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_has_prefix (path, places[i]))
      return TRUE;
  return FALSE;
}

/* Whether nobody but root can change what @fd, opened with O_PATH, stands for. */
static gboolean
is_roots (int fd, struct stat *out)
{
  if (fstat (fd, out) != 0 || out->st_uid != 0 || (out->st_mode & S_IWOTH) != 0)
    return FALSE;
  if ((out->st_mode & S_IWGRP) != 0 && out->st_gid != 0
      && !(S_ISDIR (out->st_mode) && (out->st_mode & S_ISVTX) != 0))
    return FALSE;
  if (geteuid () != 0 && (out->st_mode & S_IWGRP) != 0
      && faccessat (fd, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0)
    return FALSE;
  return TRUE;
}

static gboolean
is_on_system (int fd)
{
  struct statvfs mounted;

  return fstatvfs (fd, &mounted) == 0 && (mounted.f_flag & ST_NOSUID) == 0;
}

/**
 * okap_trust_is_installed:
 * @path: absolute and without links, as the kernel gives it
 * @file: what is expected there
 *
 * Returns: whether only root can change @file, or put something else at @path
 */
gboolean
okap_trust_is_installed (const char *path, const struct stat *file)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  struct stat seen;
  gboolean good;
  int at;

  if (path[0] != '/' || (geteuid () == 0 && !is_place_for_programs (path)))
    return FALSE;
  at = open ("/", O_PATH | O_CLOEXEC);
  good = at >= 0 && is_roots (at, &seen);
  for (guint i = 1; good && names[i] != NULL; i++)
    {
      int next = openat (at, names[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);

      close (at);
      at = next;
      good = *names[i] != '\0' && at >= 0 && is_roots (at, &seen) && !S_ISLNK (seen.st_mode);
    }
  good = good && S_ISREG (seen.st_mode) && okap_trust_is_same_file (&seen, file)
         && is_on_system (at);
  if (at >= 0)
    close (at);
  return good;
}
