/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-clock.h"
#include "okap-db.h"
#include "okap-usage.h"

G_BEGIN_DECLS

/* What is summed of usage. All bounded and added with saturation; money may be below zero, since
 * corrections may be. */
typedef enum
{
  OKAP_SUM_REQUESTS,
  OKAP_SUM_UNKNOWN,    /* requests without a price */
  OKAP_SUM_ESTIMATED,  /* requests whose cost is an estimate */
  OKAP_SUM_ERRORS,     /* requests that failed */
  OKAP_SUM_INPUT,      /* tokens of prompts, cached ones too */
  OKAP_SUM_CACHED,     /* of those, read from a cache */
  OKAP_SUM_OUTPUT,     /* tokens written, thoughts too */
  OKAP_SUM_NUSD,
  OKAP_SUM_OVER_NUSD,  /* what providers said beyond what was booked */
} OkapSum;

#define OKAP_N_SUMS (OKAP_SUM_OVER_NUSD + 1)
#define OKAP_SUMS_COLUMNS \
  "requests, unknown, estimated, errors, input, cached, output, nusd, over_nusd, last_us"

/* Of a row of usage, what is summed of it. */
#define OKAP_N_UNIT_COLUMNS 5
#define OKAP_UNIT_COLUMNS "input, cached, cache_written, output, reasoning, more_units"
#define OKAP_USAGE_SUMMED_COLUMNS \
  OKAP_UNIT_COLUMNS ", cost_nusd, over_nusd, cost_status, started_us, http_status, error"

typedef struct
{
  gint64 of[OKAP_N_SUMS];
  gint64 last_us;      /* start of the latest */
} OkapSums;

/* How wide a slot of the table of sums is. Slots are numbered from 1970 in UTC. */
typedef enum
{
  OKAP_SLOT_EVER,      /* one slot, 0 */
  OKAP_SLOT_DAY,
  OKAP_SLOT_QUARTER,   /* of an hour */
  OKAP_SLOT_HOUR,      /* of the sum of all series only */
} OkapSlotWidth;

#define OKAP_N_SLOT_WIDTHS (OKAP_SLOT_HOUR + 1)
#define OKAP_SERIES_ALL 0  /* the sum of all series */

#define OKAP_QUARTER_US (15 * OKAP_MINUTE_US)
#define OKAP_HOUR_US (60 * OKAP_MINUTE_US)
#define OKAP_QUARTERS_OF_DAY 96
#define OKAP_QUARTERS_OF_HOUR 4
#define OKAP_USAGE_END_US (G_GINT64_CONSTANT (253402300800) * OKAP_SECOND_US)  /* the year 10000 */

void okap_sums_set_usage (OkapSums *sums, const OkapUsage *usage);
void okap_sums_add       (OkapSums *sums, const OkapSums *more);
void okap_sums_read      (OkapSums *sums, OkapQuery *query, int first_column);
void okap_sums_read_usage (OkapSums *sums, OkapQuery *query, int first_column);

/* Which slots, and which single rows before them, make up all since a moment. */
typedef struct
{
  gint64 rows_from_us;
  gint64 rows_until_us;     /* no rows if it is the same */
  gint64 first_quarter;
  guint n_spans;
  struct
  {
    OkapSlotWidth width;
    gint64 from;
    gint64 until;           /* not included */
  } spans[2];
} OkapWindow;

void okap_window_init (OkapWindow *window, gint64 since_us, gint64 forgotten_us);

/* Sums of many rows, added up in memory first, so that each slot is written once. */
typedef struct _OkapSumBatch OkapSumBatch;

OkapSumBatch *okap_sum_batch_new     (void) G_GNUC_WARN_UNUSED_RESULT;
void          okap_sum_batch_free    (OkapSumBatch *self);
void          okap_sum_batch_add     (OkapSumBatch *self, gint64 series, gint64 time_us,
                                      const OkapSums *sums);
void          okap_sum_batch_add_slot (OkapSumBatch *self, OkapSlotWidth width, gint64 series,
                                       gint64 slot, const OkapSums *sums);
guint         okap_sum_batch_get_size (OkapSumBatch *self);
gboolean      okap_sum_batch_write   (OkapSumBatch *self, OkapDb *db, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapSumBatch, okap_sum_batch_free)

G_END_DECLS
