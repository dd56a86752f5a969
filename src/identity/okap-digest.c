/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The content of files, in 32 bytes. Owned by the worker.
 *
 * A file that was read is remembered by device, inode, size and both times. The time of the last
 * change of an inode cannot be set by who may write the file, but it is as coarse as the kernel's
 * clock tick: a file that was changed a moment ago could be changed again unseen, so it is read
 * again until it has come of age. */
#include "config.h"

#include "okap-digest.h"

#include <errno.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-trust.h"

#define CHUNK_BYTES (256 * 1024)
#define OF_AGE_S 2

typedef struct
{
  struct stat file;
  char *digest;  /* (owned) */
} Entry;

struct _OkapDigests
{
  GQueue entries;  /* of Entry, the latest used first */
  char *room;      /* (owned) CHUNK_BYTES */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->digest);
  g_free (entry);
}

OkapDigests *
okap_digests_new (void)
{
  OkapDigests *digests = g_new0 (OkapDigests, 1);

  g_queue_init (&digests->entries);
  digests->room = g_malloc (CHUNK_BYTES);
  return digests;
}

void
okap_digests_free (OkapDigests *digests)
{
  g_queue_clear_full (&digests->entries, entry_free);
  g_free (digests->room);
  g_free (digests);
}

static const char *
find (OkapDigests *digests, const struct stat *file)
{
  for (GList *link = digests->entries.head; link != NULL; link = link->next)
    {
      Entry *entry = link->data;

      if (!okap_trust_is_unchanged (&entry->file, file))
        continue;
      g_queue_unlink (&digests->entries, link);
      g_queue_push_head_link (&digests->entries, link);
      return entry->digest;
    }
  return NULL;
}

static void
remember (OkapDigests *digests, const struct stat *file, const char *digest)
{
  Entry *entry;

  if (g_get_real_time () / G_USEC_PER_SEC - file->st_ctim.tv_sec < OF_AGE_S)
    return;
  entry = g_new (Entry, 1);
  entry->file = *file;
  entry->digest = g_strdup (digest);
  g_queue_push_head (&digests->entries, entry);
  if (digests->entries.length > OKAP_CAP_IDENTITY_DIGESTS)
    entry_free (g_queue_pop_tail (&digests->entries));
}

/* (transfer full) (nullable) */
static char *
read_all (OkapDigests *digests, int fd, gint64 size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gint64 at = 0;

  while (at <= size)
    {
      gssize n = pread (fd, digests->room, CHUNK_BYTES, at);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return NULL;
      if (n == 0)
        break;
      g_checksum_update (checksum, (const guchar *) digests->room, n);
      at += n;
    }
  return at == size ? g_strdup (g_checksum_get_string (checksum)) : NULL;
}

/**
 * okap_digests_dup:
 * @fd: opened for reading; its position is not used
 * @out_file: what was read
 *
 * Blocks while the file is read, unless it is remembered.
 *
 * Returns: (transfer full) (nullable): SHA-256 in hex; NULL if it is no regular file, longer than
 *   %OKAP_CAP_IDENTITY_FILE_BYTES, cannot be read, or changed meanwhile
 */
char *
okap_digests_dup (OkapDigests *digests, int fd, struct stat *out_file)
{
  g_autofree char *digest = NULL;
  const char *known;
  struct stat after;

  if (fstat (fd, out_file) != 0 || !S_ISREG (out_file->st_mode)
      || out_file->st_size > OKAP_CAP_IDENTITY_FILE_BYTES)
    return NULL;
  known = find (digests, out_file);
  if (known != NULL)
    return g_strdup (known);
  digest = read_all (digests, fd, out_file->st_size);
  if (digest == NULL || fstat (fd, &after) != 0 || !okap_trust_is_unchanged (out_file, &after))
    return NULL;
  remember (digests, out_file, digest);
  return g_steal_pointer (&digest);
}
