/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of usage per slot of time. Store thread.
 *
 * A series is what has one grant, provider, model and app. Each row of usage is part of seven sums:
 * those of its series and those of everything (series 0), each ever, per day and per quarter of an
 * hour, and of everything per hour. So a question reads few rows, however many requests there were:
 *
 *   since │  quarters up to a border of days │ days                           │ now
 *   ──────┼──────────────────────────────────┼────────────────────────────────┼────▸
 *
 * Every time zone in use begins its days on a quarter of an hour of UTC, those with offsets of 30
 * and 45 minutes included, so that days and months of any zone are sums of quarters (and where they
 * fit, of hours: they are for charts of days). Sums stay when rows are forgotten, which keeps total
 * limits right for ever. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-money.h"

#define SUM_MOST (G_GINT64_CONSTANT (1) << 62)
#define MOST "4611686018427387904"  /* SUM_MOST: two of them do not overflow 64 bits */

#define ADD(column) \
  column " = max (min (" column " + excluded." column ", " MOST "), -" MOST ")"

static const char add_to_slot[] =
  "INSERT INTO usage_sums (width, series, slot, " OKAP_SUMS_COLUMNS ")"
  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
  " ON CONFLICT (width, series, slot) DO UPDATE SET "
  ADD ("requests") ", " ADD ("unknown") ", " ADD ("estimated") ", " ADD ("errors") ", "
  ADD ("input") ", " ADD ("cached") ", " ADD ("output") ", " ADD ("nusd") ", "
  ADD ("over_nusd") ", last_us = max (last_us, excluded.last_us)";

typedef struct
{
  gint64 series;
  gint64 slot;
  OkapSlotWidth width;
  OkapSums sums;
} Slot;

struct _OkapSumBatch
{
  GHashTable *slots;  /* (owned) of Slot, by width, series and slot */
};

static gboolean
has_failed (const OkapUsage *usage)
{
  return usage->http_status >= 400 || usage->error != NULL;
}

/**
 * okap_sums_set_usage:
 * @usage: within the bounds in which it is kept
 *
 * A correction is money only, and no request.
 */
void
okap_sums_set_usage (OkapSums *sums, const OkapUsage *usage)
{
  gboolean is_request = usage->cost_status != OKAP_COST_CORRECTION;

  *sums = (OkapSums) { .last_us = usage->started_us };
  sums->of[OKAP_SUM_NUSD] = usage->cost_status != OKAP_COST_UNKNOWN ? usage->cost_nusd : 0;
  sums->of[OKAP_SUM_OVER_NUSD] = usage->over_nusd;
  if (!is_request)
    return;
  sums->of[OKAP_SUM_REQUESTS] = 1;
  sums->of[OKAP_SUM_UNKNOWN] = usage->cost_status == OKAP_COST_UNKNOWN ? 1 : 0;
  sums->of[OKAP_SUM_ESTIMATED] = usage->cost_status == OKAP_COST_ESTIMATED ? 1 : 0;
  sums->of[OKAP_SUM_ERRORS] = has_failed (usage) ? 1 : 0;
  sums->of[OKAP_SUM_INPUT] = okap_units_get_prompt (&usage->units);
  sums->of[OKAP_SUM_CACHED] = okap_units_get_cached (&usage->units);
  sums->of[OKAP_SUM_OUTPUT] = okap_units_get_written (&usage->units);
}

/** okap_sums_add: adds @more to @sums, within bounds */
void
okap_sums_add (OkapSums *sums, const OkapSums *more)
{
  for (guint i = 0; i < OKAP_N_SUMS; i++)
    sums->of[i] = CLAMP (okap_money_add (sums->of[i], more->of[i]), -SUM_MOST, SUM_MOST);
  sums->last_us = MAX (sums->last_us, more->last_us);
}

/** okap_sums_read: the columns of %OKAP_SUMS_COLUMNS from @first_column on */
void
okap_sums_read (OkapSums *sums, OkapQuery *query, int first_column)
{
  for (guint i = 0; i < OKAP_N_SUMS; i++)
    sums->of[i] = okap_query_get_int (query, first_column + (int) i);
  sums->last_us = okap_query_get_int (query, first_column + OKAP_N_SUMS);
}

/** okap_sums_read_usage: of a row, the columns of %OKAP_USAGE_SUMMED_COLUMNS */
void
okap_sums_read_usage (OkapSums *sums, OkapQuery *query, int first_column)
{
  OkapUsage row = { 0 };
  int n = first_column + OKAP_N_UNIT_COLUMNS + 1;

  okap_units_read (&row.units, query, first_column);
  row.cost_nusd = okap_query_get_int (query, n++);
  row.over_nusd = okap_query_get_int (query, n++);
  row.cost_status = okap_usage_read_status (okap_query_get_int (query, n++));
  row.started_us = okap_query_get_int (query, n++);
  row.http_status = okap_query_get_int (query, n++) >= 400 ? 400 : 200;
  row.error = (char *) okap_query_get_text (query, n);
  okap_usage_bound (&row);
  okap_sums_set_usage (sums, &row);
}

/**
 * okap_window_init:
 * @since_us: 0 for all that ever was
 * @forgotten_us: rows up to then may be gone; -1 if none is
 *
 * A quarter that @since_us cuts is made up of its rows or, if they are forgotten, counts whole.
 */
void
okap_window_init (OkapWindow *window, gint64 since_us, gint64 forgotten_us)
{
  gint64 begun = CLAMP (since_us, 0, OKAP_USAGE_END_US) / OKAP_QUARTER_US;
  gint64 first_day;
  gboolean cut;

  *window = (OkapWindow) { .first_quarter = begun };
  if (since_us <= 0)
    {
      window->n_spans = 1;
      window->spans[0].width = OKAP_SLOT_EVER;
      window->spans[0].until = 1;
      return;
    }
  cut = since_us < OKAP_USAGE_END_US && since_us % OKAP_QUARTER_US != 0
        && begun * OKAP_QUARTER_US > forgotten_us;
  if (cut)
    {
      window->first_quarter++;
      window->rows_from_us = since_us;
      window->rows_until_us = window->first_quarter * OKAP_QUARTER_US;
    }
  first_day = (window->first_quarter + OKAP_QUARTERS_OF_DAY - 1) / OKAP_QUARTERS_OF_DAY;
  window->n_spans = 2;
  window->spans[0].width = OKAP_SLOT_QUARTER;
  window->spans[0].from = window->first_quarter;
  window->spans[0].until = first_day * OKAP_QUARTERS_OF_DAY;
  window->spans[1].width = OKAP_SLOT_DAY;
  window->spans[1].from = first_day;
  window->spans[1].until = OKAP_USAGE_END_US / OKAP_DAY_US;
}

static guint
slot_hash (gconstpointer data)
{
  const Slot *slot = data;
  guint64 hash = (guint64) slot->slot * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  hash ^= ((guint64) slot->series << 2 | slot->width) * G_GUINT64_CONSTANT (0xc2b2ae3d27d4eb4f);
  return (guint) (hash >> 32);
}

static gboolean
slot_equal (gconstpointer a, gconstpointer b)
{
  const Slot *first = a;
  const Slot *second = b;

  return first->slot == second->slot && first->series == second->series
         && first->width == second->width;
}

OkapSumBatch *
okap_sum_batch_new (void)
{
  OkapSumBatch *self = g_new (OkapSumBatch, 1);

  self->slots = g_hash_table_new_full (slot_hash, slot_equal, g_free, NULL);
  return self;
}

void
okap_sum_batch_free (OkapSumBatch *self)
{
  g_hash_table_unref (self->slots);
  g_free (self);
}

/** okap_sum_batch_add_slot: adds @sums to one slot */
void
okap_sum_batch_add_slot (OkapSumBatch *self, OkapSlotWidth width, gint64 series, gint64 slot,
                         const OkapSums *sums)
{
  Slot key = { .series = series, .slot = slot, .width = width };
  Slot *found = g_hash_table_lookup (self->slots, &key);

  if (found == NULL)
    {
      found = g_new (Slot, 1);
      *found = key;
      g_hash_table_add (self->slots, found);
    }
  okap_sums_add (&found->sums, sums);
}

/** okap_sum_batch_add: adds @sums, which are of @time_us, to all slots of @series and of all */
void
okap_sum_batch_add (OkapSumBatch *self, gint64 series, gint64 time_us, const OkapSums *sums)
{
  const gint64 slots[OKAP_N_SLOT_WIDTHS] = {
    [OKAP_SLOT_DAY] = time_us / OKAP_DAY_US,
    [OKAP_SLOT_QUARTER] = time_us / OKAP_QUARTER_US,
    [OKAP_SLOT_HOUR] = time_us / OKAP_HOUR_US,
  };

  for (guint width = 0; width < OKAP_N_SLOT_WIDTHS; width++)
    {
      if (width != OKAP_SLOT_HOUR)
        okap_sum_batch_add_slot (self, (OkapSlotWidth) width, series, slots[width], sums);
      okap_sum_batch_add_slot (self, (OkapSlotWidth) width, OKAP_SERIES_ALL, slots[width], sums);
    }
}

/** okap_sum_batch_get_size: how many slots writing it would touch */
guint
okap_sum_batch_get_size (OkapSumBatch *self)
{
  return g_hash_table_size (self->slots);
}

static gboolean
write_slot (OkapQuery *query, const Slot *slot, GError **error)
{
  okap_query_bind_int (query, 1, slot->width);
  okap_query_bind_int (query, 2, slot->series);
  okap_query_bind_int (query, 3, slot->slot);
  for (guint i = 0; i < OKAP_N_SUMS; i++)
    okap_query_bind_int (query, 4 + (int) i, slot->sums.of[i]);
  okap_query_bind_int (query, 4 + OKAP_N_SUMS, slot->sums.last_us);
  return okap_query_run (query, error);
}

/** okap_sum_batch_write: adds everything to the table, within a transaction, and empties @self */
gboolean
okap_sum_batch_write (OkapSumBatch *self, OkapDb *db, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  GHashTableIter iter;
  gpointer slot;

  if (!okap_query_init (&query, db, add_to_slot, error))
    return FALSE;
  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, &slot, NULL))
    if (!write_slot (&query, slot, error))
      return FALSE;
  g_hash_table_remove_all (self->slots);
  return TRUE;
}
