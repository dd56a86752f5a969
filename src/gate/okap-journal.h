/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "okap-usage.h"

G_BEGIN_DECLS

/* Leases on disk, so that what is set aside survives the end of the process. See okap-journal.c.
 * Slots are taken and put back under the lock of the owner; what is in a slot is written by whoever
 * holds it. */
typedef struct _OkapJournal OkapJournal;

/* What is known of a request when it is admitted. Texts are lent. */
typedef struct
{
  const char *request_id;
  const char *grant_id;
  const char *app;
  const char *provider;
  const char *endpoint;       /* (nullable) */
  const char *model;          /* (nullable) */
  gint64 started_us;          /* wall time */
  gint64 reserved_nusd;       /* booked after a crash, unless more becomes known */
  gboolean is_priced;         /* else nothing is known of its cost */
  gboolean is_limited;        /* it may not cost more than what is reserved */
} OkapJournalLease;

/* Work that an earlier process left at a provider; see okap-journal-job.c. */
typedef struct
{
  guint slot;                 /* still reserved */
  OkapUsage *usage;           /* (owned) as it is booked if nobody goes on with it */
  gint64 reserved_nusd;
  gboolean is_limited;
  char *text;                 /* (owned) what its owner wrote of it */
} OkapJournalJob;

OkapJournal *okap_journal_open     (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void         okap_journal_close    (OkapJournal *journal);
GPtrArray   *okap_journal_list_left (OkapJournal *journal) G_GNUC_WARN_UNUSED_RESULT;
guint        okap_journal_get_free (const OkapJournal *journal);

guint        okap_journal_take     (OkapJournal *journal);
void         okap_journal_put_back (OkapJournal *journal, guint slot);

void         okap_journal_reserve  (OkapJournal *journal, guint slot,
                                    const OkapJournalLease *lease);
void         okap_journal_note     (OkapJournal *journal, guint slot, gint64 spent_nusd);
void         okap_journal_settle   (OkapJournal *journal, guint slot, const OkapUsage *usage);

gboolean     okap_journal_keep_job (OkapJournal *journal, const char *request_id,
                                    const char *text);
void         okap_journal_drop_job (OkapJournal *journal, const char *request_id);
const GPtrArray *okap_journal_get_jobs (const OkapJournal *journal);

G_END_DECLS
