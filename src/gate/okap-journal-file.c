/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal's file on disk, and in memory.
 *
 * It is made at full length with all its blocks, since a hole that is filled through a mapping
 * when the disk is full ends the process. It is opened only if it is a file of this user that has
 * no other name, never through a link, and locked as long as it is open: the lock ends with the
 * process, however that dies. A file of another kind in its place is moved aside. */
#include "config.h"

#include "okap-journal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okap-error.h"
#include "okap-paths.h"

#define FILE_BYTES (OKAP_JOURNAL_HEAD_BYTES + (gsize) OKAP_JOURNAL_SLOTS * sizeof (OkapSlot))

typedef struct
{
  char magic[8];
  guint32 version;
  guint32 slot_bytes;
  guint32 n_slots;
  guint32 unused;
  guint64 sum;                       /* of what stands before it */
} Header;

typedef enum
{
  FOUND_OURS,
  FOUND_FOREIGN,
  FOUND_REFUSED,                     /* with an error */
} Found;

/** okap_journal_sum: tells what was written in part from what was written whole; no secret */
guint64
okap_journal_sum (gconstpointer data, gsize length)
{
  static const guint8 key[crypto_shorthash_KEYBYTES] = "okap-leases";
  guint64 sum;

  G_STATIC_ASSERT (crypto_shorthash_BYTES == sizeof sum);
  crypto_shorthash ((guint8 *) &sum, data, length, key);
  return sum;
}

static Header
make_header (void)
{
  Header header = { .magic = "OKAPLEAS", .version = OKAP_JOURNAL_VERSION,
                    .slot_bytes = sizeof (OkapSlot), .n_slots = OKAP_JOURNAL_SLOTS };

  header.sum = okap_journal_sum (&header, G_STRUCT_OFFSET (Header, sum));
  return header;
}

static gboolean
refuse (GError **error, const char *path, const char *what, int saved_errno)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
               "The journal of running requests %s could not be %s: %s.", path, what,
               g_strerror (saved_errno));
  return FALSE;
}

static gboolean
lock_file (int fd, const char *path, GError **error)
{
  const struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  if (fcntl (fd, F_OFD_SETLK, &whole) == 0)
    return TRUE;
  if (errno != EAGAIN && errno != EACCES)
    return refuse (error, path, "locked", errno);
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
               "The journal of running requests %s is in use by another Okap; close that one "
               "first.", path);
  return FALSE;
}

static gboolean
check_owner (int fd, const char *path, struct stat *st, GError **error)
{
  if (fstat (fd, st) != 0)
    return refuse (error, path, "examined", errno);
  if (!S_ISREG (st->st_mode) || st->st_uid != geteuid () || st->st_nlink != 1)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "Expected %s to be a file of yours with one name. Remove what is there.", path);
      return FALSE;
    }
  if ((st->st_mode & 0077) != 0 && fchmod (fd, 0600) != 0)
    return refuse (error, path, "made private", errno);
  return TRUE;
}

/* Some file systems know no fallocate(); there the C library writes a byte into each block. */
static gboolean
fill_new (int fd, const char *path, GError **error)
{
  const Header header = make_header ();
  int result = posix_fallocate (fd, 0, (off_t) FILE_BYTES);

  if (result != 0)
    return refuse (error, path, ftruncate (fd, 0) == 0 ? "made" : "made or emptied", result);
  if (pwrite (fd, &header, sizeof header, 0) != (gssize) sizeof header)
    return refuse (error, path, "written", errno);
  return TRUE;
}

static Found
examine (int fd, const char *path, GError **error)
{
  static const Header none;
  const Header expected = make_header ();
  Header header;
  struct stat st;

  if (!check_owner (fd, path, &st, error))
    return FOUND_REFUSED;
  if (st.st_size == 0)
    return fill_new (fd, path, error) ? FOUND_OURS : FOUND_REFUSED;
  if (pread (fd, &header, sizeof header, 0) != (gssize) sizeof header)
    return FOUND_FOREIGN;
  if (memcmp (header.magic, expected.magic, sizeof header.magic) == 0
      && header.version > OKAP_JOURNAL_VERSION)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The journal of running requests %s was written by a newer Okap (form %u, this "
                   "one knows %u). Use that one.", path, header.version, OKAP_JOURNAL_VERSION);
      return FOUND_REFUSED;
    }
  if (st.st_size != (off_t) FILE_BYTES)
    return FOUND_FOREIGN;
  if (memcmp (&header, &none, sizeof header) == 0)  /* ended while it was made */
    return fill_new (fd, path, error) ? FOUND_OURS : FOUND_REFUSED;
  return memcmp (&header, &expected, sizeof header) == 0 ? FOUND_OURS : FOUND_FOREIGN;
}

/* Returns a descriptor of a whole, locked journal; -1 with an error, or without one if something
 * else was moved out of the way. */
static int
open_file (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
  g_autofree char *aside = NULL;
  Found found;

  if (fd < 0)
    {
      if (errno == ELOOP)
        g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                     "Expected %s to be a file and found a link. Remove it.", path);
      else
        (void) refuse (error, path, "opened", errno);
      return -1;
    }
  found = lock_file (fd, path, error) ? examine (fd, path, error) : FOUND_REFUSED;
  if (found == FOUND_OURS)
    return fd;
  (void) close (fd);
  if (found == FOUND_REFUSED)
    return -1;

  aside = g_strconcat (path, ".damaged", NULL);
  if (g_rename (path, aside) != 0)
    (void) refuse (error, path, "moved aside", errno);
  else
    g_message ("%s is no journal of running requests. It is now %s, and a new one begins; what ran "
               "when Okap ended is not counted.", path, aside);
  return -1;
}

/**
 * okap_journal_map_file:
 * @out_fd: (out): holds the lock
 *
 * Returns: (nullable): the file in memory, read and written; okap_journal_unmap() ends it
 */
gpointer
okap_journal_map_file (const char *path, int *out_fd, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  GError *local = NULL;
  gpointer map;
  int fd;

  if (sodium_init () < 0)
    g_error ("libsodium could not be initialised: no source of randomness");
  if (!okap_paths_make_private (directory, error))
    return NULL;
  fd = open_file (path, &local);
  if (fd < 0 && local == NULL)
    fd = open_file (path, &local);
  if (fd < 0)
    {
      if (local == NULL)
        (void) refuse (&local, path, "made", EIO);
      g_propagate_error (error, local);
      return NULL;
    }
  map = mmap (NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED)
    {
      (void) refuse (error, path, "mapped", errno);
      (void) close (fd);
      return NULL;
    }
  *out_fd = fd;
  return map;
}

/** okap_journal_drop_pages: gives back the memory of what was read; the file keeps it */
void
okap_journal_drop_pages (gpointer map)
{
  (void) madvise (map, FILE_BYTES, MADV_DONTNEED);
}

void
okap_journal_unmap (gpointer map, int fd)
{
  (void) munmap (map, FILE_BYTES);
  (void) close (fd);
}
