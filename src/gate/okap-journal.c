/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of leases: what is set aside for running requests, in a file that is mapped into
 * memory, so that it survives the end of the process.
 *
 *   free ── reserve ──▶ RESERVED ── settle ──▶ SETTLED ── put back ──▶ free
 *                          │  ▲                   when the store says that the row is kept
 *                          └──┘ note: what it came to so far
 *
 * A request has its slot written before it is sent. What is in it counts by the state alone, which
 * is written last, with release order; the kernel keeps what a killed process has written, so after
 * kill -9 all of it is there. The contents are not synced: after a failure of power the file holds
 * what it held some seconds before, in parts perhaps, and a checksum tells what was written whole.
 * That is as much as the store keeps of rows in such a case.
 *
 * "Spent" begins as all that is set aside, so a request of which nothing more is known is booked
 * with its worst case. It is a single store, without a lock, however often a stream moves it on.
 *
 * Reserve, note and settle neither allocate nor call the system. Free slots are a stack, the last
 * one put back is the next one taken, so that few pages are in use. The file holds nothing that the
 * store would not hold: no key, no token, no text of a request. */
#include "config.h"

#include "okap-journal-private.h"

#include <string.h>

static void
set_state (OkapSlot *slot, OkapSlotState state)
{
  __atomic_store_n (&slot->state, (guint32) state, __ATOMIC_RELEASE);
}

/* Finds what an earlier process left, and what is free. */
static void
read_slots (OkapJournal *journal)
{
  guint n_torn = 0;

  for (guint i = OKAP_JOURNAL_SLOTS; i > 0; i--)  /* the first ones are on top of the stack */
    {
      OkapSlot *slot = &journal->slots[i - 1];
      OkapUsage *usage;

      if (slot->state != OKAP_SLOT_FREE)
        {
          usage = okap_journal_read_slot (slot);
          if (usage != NULL)
            {
              usage->journal_slot = i;
              journal->holders[i - 1] = OKAP_SLOT_HELD_BY_PAST;
              journal->n_left++;
              g_ptr_array_add (journal->left, usage);
              continue;
            }
          n_torn++;
          set_state (slot, OKAP_SLOT_FREE);
        }
      journal->free_slots[journal->n_free++] = (guint16) (i - 1);
    }
  if (n_torn > 0)
    g_message ("%u entries in the journal of running requests were not written whole, and are left "
               "out", n_torn);
}

/**
 * okap_journal_open:
 * @path: made if it is missing, its folder too
 * @error: %OKAP_ERROR_STORAGE, %OKAP_ERROR_CONFLICT if another process has it open
 *
 * Returns: (transfer full) (nullable)
 */
OkapJournal *
okap_journal_open (const char *path, GError **error)
{
  OkapJournal *journal;
  int fd = -1;
  gpointer map = okap_journal_map_file (path, &fd, error);

  if (map == NULL)
    return NULL;
  journal = g_new0 (OkapJournal, 1);
  journal->fd = fd;
  journal->map = map;
  journal->slots = (OkapSlot *) ((guint8 *) map + OKAP_JOURNAL_HEAD_BYTES);
  journal->left = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  journal->free_slots = g_new (guint16, OKAP_JOURNAL_SLOTS);
  journal->holders = g_new0 (guint8, OKAP_JOURNAL_SLOTS);
  journal->job_folder = g_strconcat (path, ".jobs", NULL);
  journal->jobs = g_ptr_array_new_with_free_func (okap_journal_job_free);
  read_slots (journal);
  okap_journal_find_jobs (journal);
  okap_journal_drop_pages (map);
  return journal;
}

/** okap_journal_close: when nobody writes into it any more; what is in it stays for the next one */
void
okap_journal_close (OkapJournal *journal)
{
  okap_journal_unmap (journal->map, journal->fd);
  g_clear_pointer (&journal->left, g_ptr_array_unref);
  g_free (journal->free_slots);
  g_free (journal->holders);
  g_free (journal->job_folder);
  g_ptr_array_unref (journal->jobs);
  g_free (journal);
}

/**
 * okap_journal_list_left:
 *
 * Under the owner's lock.
 *
 * Returns: (transfer full) (element-type OkapUsage): what an earlier process left, as rows for the
 *   store, without those whose slots were put back since
 */
GPtrArray *
okap_journal_list_left (OkapJournal *journal)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);

  for (guint i = 0; journal->left != NULL && i < journal->left->len; i++)
    {
      OkapUsage *usage = journal->left->pdata[i];

      if (journal->holders[usage->journal_slot - 1] == OKAP_SLOT_HELD_BY_PAST)
        g_ptr_array_add (rows, okap_usage_ref (usage));
    }
  return rows;
}

/** okap_journal_get_free: under the owner's lock: how many slots may be taken */
guint
okap_journal_get_free (const OkapJournal *journal)
{
  return journal->n_free;
}

/** okap_journal_take: under the owner's lock: a slot to be written; 0 if all are in use */
guint
okap_journal_take (OkapJournal *journal)
{
  guint slot;

  if (journal->n_free == 0)
    return 0;
  slot = journal->free_slots[--journal->n_free];
  journal->holders[slot] = OKAP_SLOT_HELD_BY_LEASE;
  return slot + 1;
}

/** okap_journal_put_back: under the owner's lock; a slot that is not in use is left alone */
void
okap_journal_put_back (OkapJournal *journal, guint slot)
{
  OkapSlotHolder holder;

  if (slot == 0 || slot > OKAP_JOURNAL_SLOTS)
    return;
  holder = journal->holders[slot - 1];
  if (holder == OKAP_SLOT_HELD_BY_NOBODY)
    return;
  set_state (&journal->slots[slot - 1], OKAP_SLOT_FREE);
  journal->holders[slot - 1] = OKAP_SLOT_HELD_BY_NOBODY;
  journal->free_slots[journal->n_free++] = (guint16) (slot - 1);
  if (holder == OKAP_SLOT_HELD_BY_PAST && --journal->n_left == 0)
    g_clear_pointer (&journal->left, g_ptr_array_unref);
}

/* Adds one text and its end; of what does not fit, the part that does. */
static void
put_text (OkapSlotLease *lease, const char *text)
{
  gsize room = sizeof lease->text - lease->text_bytes;
  gsize length;

  if (room == 0)
    return;
  length = text != NULL ? strnlen (text, room - 1) : 0;
  memcpy (lease->text + lease->text_bytes, text != NULL ? text : "", length);
  lease->text[lease->text_bytes + length] = '\0';
  lease->text_bytes = (guint16) (lease->text_bytes + length + 1);
}

/** okap_journal_reserve: writes a slot that was taken; from here on it survives */
void
okap_journal_reserve (OkapJournal *journal, guint slot, const OkapJournalLease *from)
{
  OkapSlot *to = &journal->slots[slot - 1];
  OkapSlotLease *lease = &to->lease;

  lease->started_us = from->started_us;
  lease->reserved_nusd = from->reserved_nusd;
  lease->is_priced = from->is_priced ? 1 : 0;
  lease->is_limited = from->is_limited ? 1 : 0;
  lease->unused = 0;
  lease->text_bytes = 0;
  put_text (lease, from->request_id);
  put_text (lease, from->grant_id);
  put_text (lease, from->provider);
  put_text (lease, from->model);
  put_text (lease, from->endpoint);
  put_text (lease, from->app);
  to->lease_sum = okap_journal_sum_lease (lease);
  okap_journal_note (journal, slot, from->reserved_nusd);
  set_state (to, OKAP_SLOT_RESERVED);
}

/** okap_journal_note: what is booked if the process ends now */
void
okap_journal_note (OkapJournal *journal, guint slot, gint64 spent_nusd)
{
  __atomic_store_n (&journal->slots[slot - 1].spent_nusd, spent_nusd, __ATOMIC_RELAXED);
}

/** okap_journal_settle: what it came to, until the store has it */
void
okap_journal_settle (OkapJournal *journal, guint slot, const OkapUsage *usage)
{
  OkapSlot *to = &journal->slots[slot - 1];
  OkapSlotEnd *end = &to->end;

  memset (end, 0, sizeof *end);
  end->cost_nusd = usage->cost_nusd;
  end->over_nusd = usage->over_nusd;
  end->first_byte_us = usage->first_byte_us;
  end->duration_us = usage->duration_us;
  end->overhead_us = usage->overhead_us;
  end->bytes_in = usage->bytes_in;
  end->bytes_out = usage->bytes_out;
  end->http_status = usage->http_status;
  end->key_version = usage->key_version;
  end->cost_status = (guint8) usage->cost_status;
  end->streamed = usage->streamed ? 1 : 0;
  if (usage->error != NULL)
    (void) g_strlcpy (end->error, usage->error, sizeof end->error);
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    end->units[i] = (guint32) CLAMP (usage->units.count[i], 0, G_MAXUINT32);
  to->end_sum = okap_journal_sum (end, sizeof *end);
  set_state (to, OKAP_SLOT_SETTLED);
}
