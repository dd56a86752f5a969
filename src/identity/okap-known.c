/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fast path: programs open connection after connection, so who was identified for one is asked
 * first whether the next is theirs, too. Server thread; each look is bounded, so that it takes a
 * fraction of a millisecond.
 *
 * What is remembered of a process holds its folder in /proc open, so it can never be taken for
 * another process with the same number. Before it counts again, what it was made from is read once
 * more: start and addresses of the memory (a process that called exec has others), the link to the
 * program and its file, the command line, the file of a script.
 *
 * What a find says: this process, which is what it was, holds this connection now. It does not say
 * that nobody else holds it as well: only a pass over all processes does. So that pass still comes,
 * a moment later, and if it finds somebody else the connection is cut. Until then, for a fraction
 * of a second, a program that shares the socket of another one passes for it. It needs to have got
 * the socket from that program, or started it with the socket in its hands. */
#include "config.h"

#include "okap-known.h"

#include "okap-caps.h"
#include "okap-holders.h"

#define LINKS_MOST 160  /* read in one look */

typedef struct
{
  OkapReading *reading;  /* (owned) */
  int hint;              /* the descriptor at which its last connection was found; -1 */
} Entry;

struct _OkapKnown
{
  GQueue entries;  /* of Entry, the latest used first */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  okap_reading_unref (entry->reading);
  g_free (entry);
}

OkapKnown *
okap_known_new (void)
{
  OkapKnown *known = g_new0 (OkapKnown, 1);

  g_queue_init (&known->entries);
  return known;
}

void
okap_known_free (OkapKnown *known)
{
  g_queue_clear_full (&known->entries, entry_free);
  g_free (known);
}

static gboolean
is_process (const Entry *entry, const OkapProcessId *process)
{
  const OkapProcessId *own = &entry->reading->facts->process;

  return own->pid == process->pid && own->started == process->started;
}

/** okap_known_prune: forgets processes that have ended */
void
okap_known_prune (OkapKnown *known)
{
  for (GList *link = known->entries.head, *next; link != NULL; link = next)
    {
      Entry *entry = link->data;
      OkapProcStat stat;

      next = link->next;
      if (okap_proc_read_stat (entry->reading->facts->folder, &stat))
        continue;
      entry_free (entry);
      g_queue_delete_link (&known->entries, link);
    }
}

/**
 * okap_known_add:
 * @reading: a process that was identified just now; unknown ones are not kept
 * @fd: at which descriptor it has the connection; -1: not known
 */
void
okap_known_add (OkapKnown *known, OkapReading *reading, int fd)
{
  Entry *entry;

  if (reading->identity->kind == OKAP_IDENTITY_UNKNOWN)
    return;
  okap_known_prune (known);
  for (GList *link = known->entries.head; link != NULL; link = link->next)
    {
      entry = link->data;
      if (!is_process (entry, &reading->facts->process))
        continue;
      okap_reading_ref (reading);
      okap_reading_unref (entry->reading);
      entry->reading = reading;
      entry->hint = fd;
      return;
    }
  entry = g_new (Entry, 1);
  entry->reading = okap_reading_ref (reading);
  entry->hint = fd;
  g_queue_push_head (&known->entries, entry);
  if (known->entries.length > OKAP_CAP_IDENTITY_KNOWN)
    entry_free (g_queue_pop_tail (&known->entries));
}

/* First where it is likely, in all; then everywhere, in those used last. */
static GList *
find_link (OkapKnown *known, guint64 inode, pid_t pid)
{
  guint budget = LINKS_MOST;

  for (guint far = 0; far < 2; far++)
    for (GList *link = known->entries.head; link != NULL && budget > 0; link = link->next)
      {
        Entry *entry = link->data;
        int folder = entry->reading->facts->folder;

        if (pid != 0 && entry->reading->facts->process.pid != pid)
          continue;
        if (far ? okap_holders_has (folder, inode, &entry->hint, &budget)
                : okap_holders_has_near (folder, inode, &entry->hint, &budget))
          return link;
      }
  return NULL;
}

/**
 * okap_known_find:
 * @inode: of a connection's other end
 * @pid: who connected; 0 if that is not known
 *
 * Returns: (transfer none) (nullable): a known process that holds it and is what it was; NULL says
 *   nothing
 */
OkapReading *
okap_known_find (OkapKnown *known, guint64 inode, pid_t pid)
{
  GList *link = find_link (known, inode, pid);
  Entry *entry;

  if (link == NULL)
    return NULL;
  entry = link->data;
  if (!okap_reading_still_holds (entry->reading))
    {
      entry_free (entry);
      g_queue_delete_link (&known->entries, link);
      return NULL;
    }
  g_queue_unlink (&known->entries, link);
  g_queue_push_head_link (&known->entries, link);
  return entry->reading;
}

/** okap_known_get_size: how many are kept */
guint
okap_known_get_size (OkapKnown *known)
{
  return known->entries.length;
}
