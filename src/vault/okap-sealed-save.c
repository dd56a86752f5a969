/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the sealed file, and replacing it so that at every moment, power cuts included, either
 * the old or the new one lies there whole. Knows nothing of what the bytes mean. Blocks; crypto
 * thread.
 *
 * A save goes in steps, and each failure before the last one leaves the old file as it was:
 *
 *   resolve links -> lock NAME.lock -> is the file still the one that we know? -> enough room?
 *   -> write and fsync NAME.new -> read it back and open it -> rotate .1 to .3, link the old file
 *   as .1 -> rename NAME.new over NAME -> fsync the folder
 *
 * The lock is an open-file-description lock: it ends with the process however that dies, so there
 * is no stale lock. NAME.new is written by the holder of the lock only; one that a killed process
 * left is removed by the next save. All steps go through a descriptor of the folder, which cannot
 * be swapped underneath. */
#include "config.h"

#include "okap-sealed-save.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "okap-error.h"
#include "okap-paths.h"
#include "okap-sealed-format.h"

#define LOCK_TRIES 100        /* another save takes some milliseconds */
#define LOCK_WAIT_US 20000
#define ROOM_FACTOR 3

/* A save under way. */
typedef struct
{
  char *name;        /* (owned) base name, links resolved */
  char *new_name;    /* (owned) */
  char *directory;   /* (owned) for messages */
  int dir_fd;        /* (owned) */
  int lock_fd;       /* (owned) */
} Target;

static gboolean
refuse_errno (GError **error, int saved_errno, const char *what, const char *path)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
               "The vault could not be saved and is unchanged: %s %s: %s", what, path,
               g_strerror (saved_errno));
  return FALSE;
}

static void
target_clear (Target *target)
{
  if (target->lock_fd >= 0)
    (void) close (target->lock_fd);
  if (target->dir_fd >= 0)
    (void) close (target->dir_fd);
  g_free (target->name);
  g_free (target->new_name);
  g_free (target->directory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

static gint64
modified_ns (const struct stat *st)
{
  return (gint64) st->st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + st->st_mtim.tv_nsec;
}

static void
identify (OkapSealedIdentity *identity, const struct stat *st, gconstpointer data, gsize length)
{
  memset (identity, 0, sizeof *identity);
  identity->device = st->st_dev;
  identity->inode = st->st_ino;
  identity->size = st->st_size;
  identity->modified_ns = modified_ns (st);
  (void) crypto_generichash (identity->digest, sizeof identity->digest, data, length, NULL, 0);
}

static gboolean
identity_equal (const OkapSealedIdentity *a, const OkapSealedIdentity *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size
         && a->modified_ns == b->modified_ns
         && memcmp (a->digest, b->digest, sizeof a->digest) == 0;
}

/* Reads the open file @fd whole. Sets errno and returns NULL if that fails; EFBIG and EINVAL tell
 * what cannot be a vault. */
static GBytes *
read_whole (int fd, struct stat *out_st)
{
  g_autofree guint8 *data = NULL;
  gsize length = 0, room;

  if (fstat (fd, out_st) != 0)
    return NULL;
  if (!S_ISREG (out_st->st_mode) || out_st->st_size > OKAP_SEALED_FILE_MOST)
    {
      errno = S_ISREG (out_st->st_mode) ? EFBIG : EINVAL;
      return NULL;
    }
  room = (gsize) out_st->st_size;
  data = g_malloc (room + 1);
  while (length <= room)
    {
      gssize n = read (fd, data + length, room + 1 - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return NULL;
      if (n == 0)
        break;
      length += (gsize) n;
    }
  if (length != room)
    {
      errno = EAGAIN;   /* it grew or shrank while we read */
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&data), length);
}

/* Opens @name below @dir_fd without waiting for anybody (it may be a pipe) and reads it. */
static GBytes *
read_at (int dir_fd, const char *name, int flags, OkapSealedIdentity *out_identity)
{
  int fd = openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
  GBytes *contents;
  struct stat st;
  int saved_errno;

  if (fd < 0)
    return NULL;
  contents = read_whole (fd, &st);
  saved_errno = errno;
  (void) close (fd);
  errno = saved_errno;
  if (contents != NULL)
    identify (out_identity, &st, g_bytes_get_data (contents, NULL), g_bytes_get_size (contents));
  return contents;
}

/**
 * okap_sealed_load:
 * @path: links are followed
 * @out_identity: (out caller-allocates): for the next okap_sealed_save()
 * @error: %OKAP_ERROR_NO_VAULT, %OKAP_ERROR_VAULT_DAMAGED if it cannot be a vault,
 *   %OKAP_ERROR_STORAGE
 *
 * Returns: (transfer full) (nullable): all bytes of the file
 */
GBytes *
okap_sealed_load (const char *path, OkapSealedIdentity *out_identity, GError **error)
{
  GBytes *contents = read_at (AT_FDCWD, path, 0, out_identity);

  if (contents != NULL)
    return contents;
  if (errno == ENOENT || errno == ENOTDIR)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_NO_VAULT,
                 "There is no vault at %s yet. Create one first", path);
  else if (errno == EFBIG || errno == EINVAL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED,
                 "Expected %s to be a vault: a regular file of at most %d bytes", path,
                 OKAP_SEALED_FILE_MOST);
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                 "The vault %s could not be read: %s", path, g_strerror (errno));
  return NULL;
}

/* Finds the real place of @path and opens its folder, which is made if it is missing. */
static gboolean
resolve (Target *target, const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *real = NULL;
  char *resolved;
  struct stat st;

  if (lstat (path, &st) == 0 && S_ISLNK (st.st_mode))
    {
      resolved = realpath (path, NULL);
      if (resolved == NULL)
        return refuse_errno (error, errno, "the link leads nowhere,", path);
      real = g_strdup (resolved);
      free (resolved);
    }
  else
    {
      real = g_strdup (path);
      if (!g_file_test (parent, G_FILE_TEST_EXISTS) && !okap_paths_make_private (parent, error))
        return FALSE;
    }
  target->directory = g_path_get_dirname (real);
  target->name = g_path_get_basename (real);
  target->new_name = g_strconcat (target->name, ".new", NULL);
  target->dir_fd = open (target->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (target->dir_fd < 0)
    return refuse_errno (error, errno, "opening the folder", target->directory);
  return TRUE;
}

static gboolean
lock (Target *target, GError **error)
{
  g_autofree char *name = g_strconcat (target->name, ".lock", NULL);
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  target->lock_fd = openat (target->dir_fd, name,
                            O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (target->lock_fd < 0)
    return refuse_errno (error, errno, "opening the lock file in", target->directory);
  for (guint i = 0; i < LOCK_TRIES; i++)
    {
      if (fcntl (target->lock_fd, F_OFD_SETLK, &whole) == 0)
        return TRUE;
      if (errno != EAGAIN && errno != EACCES && errno != EINTR)
        return refuse_errno (error, errno, "locking in", target->directory);
      g_usleep (LOCK_WAIT_US);
    }
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
               "Another program is writing the vault in %s. Nothing was changed; try again when "
               "it is done", target->directory);
  return FALSE;
}

/* Makes sure that the file is the @expected one, or missing if that is NULL. */
static gboolean
check_unchanged (Target *target, const OkapSealedIdentity *expected, GBytes **out_current,
                 GError **error)
{
  OkapSealedIdentity current;

  *out_current = read_at (target->dir_fd, target->name, O_NOFOLLOW, &current);
  if (expected == NULL)
    {
      if (*out_current == NULL && errno == ENOENT)
        return TRUE;
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_EXISTS,
                   "There is already a vault at %s/%s; it was left as it is", target->directory,
                   target->name);
      return FALSE;
    }
  if (*out_current == NULL && errno != ENOENT && errno != ELOOP && errno != EFBIG
      && errno != EINVAL && errno != EAGAIN)
    return refuse_errno (error, errno, "looking at the file in", target->directory);
  if (*out_current != NULL && identity_equal (&current, expected))
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
               "The vault file %s/%s was changed by another program since it was opened. Nothing "
               "was overwritten. Lock and unlock Okap to work with the other version",
               target->directory, target->name);
  return FALSE;
}

static gboolean
check_room (Target *target, gsize length, GError **error)
{
  guint64 needed = (guint64) length * ROOM_FACTOR;
  guint64 room;
  struct statvfs fs;

  if (fstatvfs (target->dir_fd, &fs) != 0 || fs.f_blocks == 0)
    return TRUE;   /* not every file system tells; writing will */
  room = (guint64) fs.f_bavail * fs.f_frsize;
  if (room >= needed)
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
               "The vault could not be saved and is unchanged: %s has %" G_GUINT64_FORMAT
               " KiB of free space, and %" G_GUINT64_FORMAT " KiB are needed", target->directory,
               room >> 10, (needed + 1023) >> 10);
  return FALSE;
}

/* Writes a new file @name, flushed to the disk. Sets errno and returns FALSE if that fails. */
static gboolean
write_at (int dir_fd, const char *name, GBytes *contents)
{
  gsize length, done = 0;
  const guint8 *data = g_bytes_get_data (contents, &length);
  int fd = openat (dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean ok;
  int saved_errno;

  if (fd < 0)
    return FALSE;
  while (done < length)
    {
      gssize n = write (fd, data + done, length - done);

      if (n < 0 && errno != EINTR)
        break;
      done += n > 0 ? (gsize) n : 0;
    }
  ok = done == length && fchmod (fd, 0600) == 0 && fsync (fd) == 0;
  saved_errno = errno;
  if (close (fd) != 0 && ok)
    {
      saved_errno = errno;
      ok = FALSE;
    }
  errno = saved_errno;
  return ok;
}

static gboolean
write_and_verify (Target *target, GBytes *contents, OkapSealedVerify verify, gpointer user_data,
                  OkapSealedIdentity *out_identity, GError **error)
{
  g_autoptr (GBytes) back = NULL;

  if (unlinkat (target->dir_fd, target->new_name, 0) != 0 && errno != ENOENT)
    return refuse_errno (error, errno, "removing an unfinished file in", target->directory);
  if (!write_at (target->dir_fd, target->new_name, contents))
    return refuse_errno (error, errno, "writing to", target->directory);
  back = read_at (target->dir_fd, target->new_name, O_NOFOLLOW, out_identity);
  if (back == NULL)
    return refuse_errno (error, errno, "reading back from", target->directory);
  if (!g_bytes_equal (back, contents))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The vault could not be saved and is unchanged: what was written to %s reads "
                   "back differently. The disk may be failing", target->directory);
      return FALSE;
    }
  return verify (g_bytes_get_data (back, NULL), g_bytes_get_size (back), user_data, error);
}

/* Keeps the current file as generation 1 and moves the others on. */
static gboolean
rotate (Target *target, GBytes *current, GError **error)
{
  g_autofree char *first = g_strconcat (target->name, ".1", NULL);
  struct stat a, b;

  /* An earlier save was stopped between here and its rename: the link is there already. */
  if (fstatat (target->dir_fd, first, &a, AT_SYMLINK_NOFOLLOW) == 0
      && fstatat (target->dir_fd, target->name, &b, AT_SYMLINK_NOFOLLOW) == 0
      && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
    return TRUE;

  for (guint i = OKAP_SEALED_GENERATIONS; i > 1; i--)
    {
      g_autofree char *from = g_strdup_printf ("%s.%u", target->name, i - 1);
      g_autofree char *to = g_strdup_printf ("%s.%u", target->name, i);

      if (renameat (target->dir_fd, from, target->dir_fd, to) != 0 && errno != ENOENT)
        return refuse_errno (error, errno, "keeping earlier versions in", target->directory);
    }
  if (linkat (target->dir_fd, target->name, target->dir_fd, first, 0) == 0)
    return TRUE;
  /* No hard links on this file system: a copy does as well. */
  if ((errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK)
      && write_at (target->dir_fd, first, current))
    return TRUE;
  return refuse_errno (error, errno, "keeping the earlier version in", target->directory);
}

/* The last step. From here on the new file counts. */
static gboolean
commit (Target *target, gboolean replace, GError **error)
{
  int result = replace
               ? renameat (target->dir_fd, target->new_name, target->dir_fd, target->name)
               : renameat2 (target->dir_fd, target->new_name, target->dir_fd, target->name,
                            RENAME_NOREPLACE);

  /* Not every file system has the exclusive rename; we hold the lock and have just looked. */
  if (result != 0 && !replace && (errno == EINVAL || errno == ENOSYS))
    result = renameat (target->dir_fd, target->new_name, target->dir_fd, target->name);
  if (result != 0)
    return refuse_errno (error, errno, "replacing the file in", target->directory);
  if (fsync (target->dir_fd) != 0 && errno != EINVAL && errno != ENOTSUP)
    g_warning ("The vault was saved, but the folder %s could not be flushed to the disk: %s",
               target->directory, g_strerror (errno));
  return TRUE;
}

/**
 * okap_sealed_save:
 * @path: where; if it is a link, the file that it leads to is replaced, not the link
 * @contents: the new file
 * @expected: (nullable): the file that is to be replaced; NULL if there must be none
 * @verify: judges the bytes as they are read back, before they replace anything
 * @cancelled: (nullable): set from another thread; looked at last before the old file is touched
 * @out_identity: (out caller-allocates): of the new file
 * @error: %OKAP_ERROR_STORAGE, %OKAP_ERROR_CONFLICT if somebody else changed or is changing the
 *   file, %OKAP_ERROR_VAULT_EXISTS, %OKAP_ERROR_VAULT_LOCKED if cancelled, or that of @verify
 *
 * Returns: whether the new file is in place; if not, the old one is untouched
 */
gboolean
okap_sealed_save (const char *path, GBytes *contents, const OkapSealedIdentity *expected,
                  OkapSealedVerify verify, gpointer user_data, const gint *cancelled,
                  OkapSealedIdentity *out_identity, GError **error)
{
  g_auto (Target) target = { .dir_fd = -1, .lock_fd = -1 };
  g_autoptr (GBytes) current = NULL;
  gboolean saved;

  if (!resolve (&target, path, error) || !lock (&target, error)
      || !check_unchanged (&target, expected, &current, error)
      || !check_room (&target, g_bytes_get_size (contents), error))
    return FALSE;

  saved = write_and_verify (&target, contents, verify, user_data, out_identity, error);
  if (saved && cancelled != NULL && g_atomic_int_get (cancelled) != 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault was locked before the change was saved; nothing was changed");
      saved = FALSE;
    }
  saved = saved && (expected == NULL || rotate (&target, current, error))
          && commit (&target, expected != NULL, error);
  if (!saved)
    (void) unlinkat (target.dir_fd, target.new_name, 0);
  return saved;
}

/**
 * okap_sealed_write_new:
 * @path: in a folder that exists; nothing may stand there, not even a link
 * @verify: judges the bytes as they are read back
 * @cancelled: (nullable): set from another thread; looked at before the file gets its name
 * @error: %OKAP_ERROR_VAULT_EXISTS, %OKAP_ERROR_STORAGE, %OKAP_ERROR_VAULT_LOCKED if cancelled, or
 *   that of @verify
 *
 * Writes a file that is no vault in use: mode 0600, flushed to the disk, whole or not at all.
 */
gboolean
okap_sealed_write_new (const char *path, GBytes *contents, OkapSealedVerify verify,
                       gpointer user_data, const gint *cancelled, GError **error)
{
  g_auto (Target) target = { .dir_fd = -1, .lock_fd = -1 };
  g_autofree char *id = g_uuid_string_random ();
  OkapSealedIdentity identity;
  gboolean saved;
  struct stat st;

  target.directory = g_path_get_dirname (path);
  target.name = g_path_get_basename (path);
  target.new_name = g_strdup_printf (".okap-%.8s.new", id);
  target.dir_fd = open (target.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (target.dir_fd < 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "The folder %s cannot be opened: %s",
                   target.directory, g_strerror (errno));
      return FALSE;
    }
  if (fstatat (target.dir_fd, target.name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_EXISTS,
                   "There is already a file %s; it was left as it is. Choose another name", path);
      return FALSE;
    }
  if (!check_room (&target, g_bytes_get_size (contents), error))
    return FALSE;
  saved = write_and_verify (&target, contents, verify, user_data, &identity, error);
  if (saved && cancelled != NULL && g_atomic_int_get (cancelled) != 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault was locked meanwhile; no file was written");
      saved = FALSE;
    }
  saved = saved && commit (&target, FALSE, error);
  if (!saved)
    (void) unlinkat (target.dir_fd, target.new_name, 0);
  return saved;
}
