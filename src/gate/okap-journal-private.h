/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal's file: a page with a header, then slots. In the byte order of the machine; the file
 * does not leave it. Another layout, or another order of units, is another version. */
#pragma once

#include "okap-journal.h"

G_BEGIN_DECLS

#define OKAP_JOURNAL_VERSION 1u
#define OKAP_JOURNAL_SLOTS 32768u
#define OKAP_JOURNAL_HEAD_BYTES 4096
#define OKAP_JOURNAL_TEXT_BYTES 264
#define OKAP_JOURNAL_UNITS 24

typedef enum
{
  OKAP_SLOT_FREE = 0,
  OKAP_SLOT_RESERVED = 0x52534b4f,
  OKAP_SLOT_SETTLED = 0x53534b4f,
} OkapSlotState;

typedef enum
{
  OKAP_SLOT_HELD_BY_NOBODY,
  OKAP_SLOT_HELD_BY_LEASE,
  OKAP_SLOT_HELD_BY_PAST,            /* by a row in "left" */
} OkapSlotHolder;

/* What is written when the request is admitted. */
typedef struct
{
  gint64 started_us;
  gint64 reserved_nusd;
  guint8 is_priced;
  guint8 is_limited;
  guint16 text_bytes;
  guint32 unused;
  /* request id, grant id, provider, model, endpoint, app, each ended by NUL; cut at the end */
  char text[OKAP_JOURNAL_TEXT_BYTES];
} OkapSlotLease;

/* What is written when it is over, beside the former. */
typedef struct
{
  gint64 cost_nusd;
  gint64 over_nusd;
  gint64 first_byte_us;
  gint64 duration_us;
  gint64 overhead_us;
  gint64 bytes_in;
  gint64 bytes_out;
  guint32 http_status;
  guint32 key_version;
  guint8 cost_status;
  guint8 streamed;
  char error[30];                    /* empty: none */
  guint32 units[OKAP_JOURNAL_UNITS]; /* more than fits is cut off */
} OkapSlotEnd;

typedef struct
{
  guint32 state;                     /* (atomic) OkapSlotState; written last */
  guint32 unused;
  gint64 spent_nusd;                 /* (atomic) what it came to so far */
  guint64 lease_sum;
  guint64 end_sum;
  OkapSlotLease lease;
  OkapSlotEnd end;
} OkapSlot;

G_STATIC_ASSERT (sizeof (OkapSlot) == 512);
G_STATIC_ASSERT (OKAP_N_UNITS <= OKAP_JOURNAL_UNITS);

struct _OkapJournal
{
  int fd;                            /* (owned) holds the lock */
  gpointer map;                      /* (owned) */
  OkapSlot *slots;                   /* in the map */
  GPtrArray *left;                   /* (owned) (nullable) (element-type OkapUsage) of an earlier
                                        process; NULL when all their slots were put back */
  guint n_left;                      /* slots of those that are held */
  guint16 *free_slots;               /* (owned) a stack */
  guint n_free;
  guint8 *holders;                   /* (owned) OkapSlotHolder of each slot */
  char *job_folder;                  /* (owned) (immutable) made when it is first needed */
  GPtrArray *jobs;                   /* (owned) (element-type OkapJournalJob) of an earlier process,
                                        as they were found */
};

gpointer   okap_journal_map_file (const char *path, int *out_fd, GError **error);
void       okap_journal_drop_pages (gpointer map);
void       okap_journal_unmap    (gpointer map, int fd);
guint64    okap_journal_sum      (gconstpointer data, gsize length);
guint64    okap_journal_sum_lease (const OkapSlotLease *lease);
OkapUsage *okap_journal_read_slot (const OkapSlot *slot);
void       okap_journal_find_jobs (OkapJournal *journal);
void       okap_journal_job_free  (gpointer data);

G_END_DECLS
