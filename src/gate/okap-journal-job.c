/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs beside the journal: of a request whose work goes on at the provider, what has to be known
 * to go on with it is more than a slot has room for. It is a small file of its own, named after the
 * request, in a folder beside the journal:
 *
 *   slot   RESERVED ─────────────── settle ──▶ SETTLED ── put back ──▶ free
 *   file            written whole ── ............. removed
 *
 * The slot alone decides: a file counts as long as the slot of its request is reserved, so that the
 * process may end between any two of these steps. Without the file the request is one that was
 * interrupted. A file without such a slot is removed when the journal is opened. Files are written
 * beside and renamed, so there is none in part. */
#include "config.h"

#include "okap-journal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-paths.h"

void
okap_journal_job_free (gpointer data)
{
  OkapJournalJob *job = data;

  okap_usage_unref (job->usage);
  g_free (job->text);
  g_free (job);
}

static gboolean
is_plain (const char *request_id)
{
  for (const char *p = request_id; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '_' && *p != '-')
      return FALSE;
  return *request_id != '\0' && strlen (request_id) <= OKAP_CAP_NAME_CHARS;
}

/**
 * okap_journal_keep_job:
 * @request_id: of a request whose slot is reserved
 * @text: without secrets; lasts until okap_journal_drop_job()
 *
 * Any thread, one at a time for each request.
 *
 * Returns: FALSE if it could not be written: then the next process books it as interrupted
 */
gboolean
okap_journal_keep_job (OkapJournal *journal, const char *request_id, const char *text)
{
  g_autofree char *path = g_build_filename (journal->job_folder, request_id, NULL);
  g_autoptr (GError) error = NULL;

  if (!is_plain (request_id) || strlen (text) > OKAP_CAP_JOB_BYTES)
    return FALSE;
  if (okap_paths_make_private (journal->job_folder, &error)
      && g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    return TRUE;
  g_message ("Work at a provider could not be noted, and would be booked at its worst case if Okap "
             "ended before it: %s", error->message);
  return FALSE;
}

/** okap_journal_drop_job: when its slot is settled; any thread */
void
okap_journal_drop_job (OkapJournal *journal, const char *request_id)
{
  g_autofree char *path = NULL;

  if (!is_plain (request_id))
    return;
  path = g_build_filename (journal->job_folder, request_id, NULL);
  (void) g_unlink (path);  /* one that stays is removed when the journal is opened */
}

/* (transfer full) (nullable): a text of this user's own file, never through a link */
static char *
read_text (const char *path)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  g_autofree char *text = g_malloc (OKAP_CAP_JOB_BYTES + 1);
  struct stat st;
  gssize length = -1;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_uid == geteuid ()
      && st.st_size <= OKAP_CAP_JOB_BYTES)
    length = read (fd, text, OKAP_CAP_JOB_BYTES);
  (void) close (fd);
  if (length < 0)
    return NULL;
  text[length] = '\0';
  return g_steal_pointer (&text);
}

/* What runs no more but was not settled. */
static OkapUsage *
find_reserved (const OkapJournal *journal, const char *request_id)
{
  for (guint i = 0; i < journal->left->len; i++)
    {
      OkapUsage *usage = journal->left->pdata[i];

      if (strcmp (usage->request_id, request_id) == 0
          && journal->slots[usage->journal_slot - 1].state == OKAP_SLOT_RESERVED)
        return usage;
    }
  return NULL;
}

static void
take_job (OkapJournal *journal, OkapUsage *usage, char *text)
{
  OkapJournalJob *job = g_new0 (OkapJournalJob, 1);
  const OkapSlotLease *lease = &journal->slots[usage->journal_slot - 1].lease;

  job->slot = usage->journal_slot;
  job->usage = okap_usage_ref (usage);
  job->reserved_nusd = lease->is_priced ? lease->reserved_nusd : 0;
  job->is_limited = lease->is_limited != 0;
  job->text = text;
  g_ptr_array_add (journal->jobs, job);
  g_ptr_array_remove (journal->left, usage);
  journal->n_left--;
  journal->holders[job->slot - 1] = OKAP_SLOT_HELD_BY_LEASE;
}

/** okap_journal_find_jobs: when the journal is opened: takes them out of what is left */
void
okap_journal_find_jobs (OkapJournal *journal)
{
  g_autoptr (GDir) folder = g_dir_open (journal->job_folder, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (journal->job_folder, name, NULL);
      OkapUsage *usage = find_reserved (journal, name);
      char *text = usage != NULL && journal->jobs->len < OKAP_CAP_JOBS ? read_text (path) : NULL;

      if (text != NULL)
        take_job (journal, usage, text);
      else
        (void) g_unlink (path);
    }
}

/** okap_journal_get_jobs: (element-type OkapJournalJob): that an earlier process left, as found */
const GPtrArray *
okap_journal_get_jobs (const OkapJournal *journal)
{
  return journal->jobs;
}
