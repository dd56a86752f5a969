/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the sums fit the rows, and making them anew if not. Store thread, at open.
 *
 * Rows and sums are written together, so they disagree only if the file was damaged or edited, or
 * comes from an Okap that summed in another way. The check is bounded: that the newest row is one
 * that was counted, that all series together make what is summed of all, and that days, hours and
 * quarters of that make up what there ever was. It reads no single rows.
 *
 * Rows that are forgotten cannot be counted again: of the quarters up to the last of those, the
 * sums of each series are believed, and everything else is made from them and from the rows. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-migrations.h"

#define CHUNK 20000  /* slots or rows in memory at once */

/** okap_usage_state_set_counted: all rows are part of the sums; within a transaction */
gboolean
okap_usage_state_set_counted (OkapDb *db, GError **error)
{
  g_auto (OkapQuery) query = { 0 };

  return okap_query_init (&query, db,
                          "UPDATE usage_state SET counted_id ="
                          " (SELECT coalesce (max (id), 0) FROM usage)", error)
         && okap_query_run (&query, error);
}

/** okap_usage_state_get_forgotten: rows that started up to then may be gone; -1 if none is */
gboolean
okap_usage_state_get_forgotten (OkapDb *db, gint64 *out_forgotten_us, GError **error)
{
  return okap_db_get_int (db, "SELECT forgotten_us FROM usage_state", out_forgotten_us, error);
}

/* Checking */

static const char sums_of_all[] =
  "SELECT " OKAP_SUMS_COLUMNS " FROM usage_sums WHERE width = ?1 AND series = 0";

static const char sums_of_series[] =
  "SELECT " OKAP_SUMS_COLUMNS " FROM usage_sums WHERE width = ?1 AND series > 0";

static gboolean
add_up (OkapSums *total, OkapDb *db, const char *sql, OkapSlotWidth width, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;
  OkapSums sums;

  *total = (OkapSums) { 0 };
  if (!okap_query_init (&query, db, sql, error))
    return FALSE;
  okap_query_bind_int (&query, 1, width);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      okap_sums_read (&sums, &query, 0);
      okap_sums_add (total, &sums);
    }
  return step == OKAP_DB_DONE;
}

static gboolean
are_equal (const OkapSums *a, const OkapSums *b)
{
  return memcmp (a->of, b->of, sizeof a->of) == 0 && a->last_us == b->last_us;
}

static gboolean
is_whole (OkapDb *db, gboolean *out_whole, GError **error)
{
  OkapSums ever, series, days, hours, quarters;
  gint64 is_uncounted;

  if (!okap_db_get_int (db,
                        "SELECT counted_id <> (SELECT coalesce (max (id), 0) FROM usage)"
                        " OR (counted_id > 0 AND NOT EXISTS"
                        " (SELECT * FROM usage_sums WHERE width = 0 AND series = 0))"
                        " FROM usage_state", &is_uncounted, error)
      || !add_up (&ever, db, sums_of_all, OKAP_SLOT_EVER, error)
      || !add_up (&series, db, sums_of_series, OKAP_SLOT_EVER, error)
      || !add_up (&days, db, sums_of_all, OKAP_SLOT_DAY, error)
      || !add_up (&hours, db, sums_of_all, OKAP_SLOT_HOUR, error)
      || !add_up (&quarters, db, sums_of_all, OKAP_SLOT_QUARTER, error))
    return FALSE;
  *out_whole = !is_uncounted && are_equal (&ever, &series) && are_equal (&ever, &days)
               && are_equal (&ever, &hours) && are_equal (&ever, &quarters);
  return TRUE;
}

/* Making anew */

/* The place in a walk over sums or rows. */
typedef struct
{
  gint64 series;
  gint64 slot;
  gint64 id;
  guint n_read;   /* in this chunk; fewer than CHUNK: it was the last */
} Place;

/* What is believed of a series: it is part of the wider slots, and of all. */
static void
add_believed (OkapSumBatch *batch, gint64 series, gint64 quarter, const OkapSums *sums)
{
  const gint64 slots[OKAP_N_SLOT_WIDTHS] = {
    [OKAP_SLOT_DAY] = quarter / OKAP_QUARTERS_OF_DAY,
    [OKAP_SLOT_QUARTER] = quarter,
    [OKAP_SLOT_HOUR] = quarter / OKAP_QUARTERS_OF_HOUR,
  };

  for (guint width = 0; width < OKAP_N_SLOT_WIDTHS; width++)
    {
      if (width == OKAP_SLOT_EVER || width == OKAP_SLOT_DAY)
        okap_sum_batch_add_slot (batch, (OkapSlotWidth) width, series, slots[width], sums);
      okap_sum_batch_add_slot (batch, (OkapSlotWidth) width, OKAP_SERIES_ALL, slots[width], sums);
    }
}

static gboolean
count_believed (OkapDb *db, OkapSumBatch *batch, Place *place, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;
  OkapSums sums;

  place->n_read = 0;
  if (!okap_query_init (&query, db,
                        "SELECT series, slot, " OKAP_SUMS_COLUMNS " FROM usage_sums"
                        " WHERE width = ?1 AND (series, slot) > (?2, ?3)"
                        " ORDER BY series, slot LIMIT ?4", error))
    return FALSE;
  okap_query_bind_int (&query, 1, OKAP_SLOT_QUARTER);
  okap_query_bind_int (&query, 2, place->series);
  okap_query_bind_int (&query, 3, place->slot);
  okap_query_bind_int (&query, 4, CHUNK);
  for (; (step = okap_query_step (&query, error)) == OKAP_DB_ROW; place->n_read++)
    {
      place->series = okap_query_get_int (&query, 0);
      place->slot = okap_query_get_int (&query, 1);
      okap_sums_read (&sums, &query, 2);
      add_believed (batch, place->series, place->slot, &sums);
    }
  return step == OKAP_DB_DONE;
}

static gboolean
count_rows (OkapDb *db, OkapSumBatch *batch, gint64 from_us, Place *place, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;
  OkapSums sums;

  place->n_read = 0;
  if (!okap_query_init (&query, db,
                        "SELECT id, series, " OKAP_USAGE_SUMMED_COLUMNS " FROM usage"
                        " WHERE id > ?1 ORDER BY id LIMIT ?2", error))
    return FALSE;
  okap_query_bind_int (&query, 1, place->id);
  okap_query_bind_int (&query, 2, CHUNK);
  for (; (step = okap_query_step (&query, error)) == OKAP_DB_ROW; place->n_read++)
    {
      place->id = okap_query_get_int (&query, 0);
      okap_sums_read_usage (&sums, &query, 2);
      if (sums.last_us >= from_us)
        okap_sum_batch_add (batch, okap_query_get_int (&query, 1), sums.last_us, &sums);
    }
  return step == OKAP_DB_DONE;
}

static gboolean
drop_sums (OkapDb *db, gint64 first_quarter, GError **error)
{
  g_auto (OkapQuery) query = { 0 };

  if (!okap_query_init (&query, db,
                        "DELETE FROM usage_sums"
                        " WHERE NOT (width = ?1 AND series > 0 AND slot < ?2)", error))
    return FALSE;
  okap_query_bind_int (&query, 1, OKAP_SLOT_QUARTER);
  okap_query_bind_int (&query, 2, first_quarter);
  return okap_query_run (&query, error);
}

static gboolean
make_anew (OkapDb *db, GError **error)
{
  g_autoptr (OkapSumBatch) batch = okap_sum_batch_new ();
  Place place = { .id = G_MININT64 };
  gint64 forgotten_us, first_quarter;

  if (!okap_usage_state_get_forgotten (db, &forgotten_us, error))
    return FALSE;
  first_quarter = forgotten_us >= 0 ? forgotten_us / OKAP_QUARTER_US + 1 : 0;
  if (!drop_sums (db, first_quarter, error))
    return FALSE;
  do
    if (!count_believed (db, batch, &place, error) || !okap_sum_batch_write (batch, db, error))
      return FALSE;
  while (place.n_read == CHUNK);
  do
    if (!count_rows (db, batch, first_quarter * OKAP_QUARTER_US, &place, error)
        || !okap_sum_batch_write (batch, db, error))
      return FALSE;
  while (place.n_read == CHUNK);
  return okap_usage_state_set_counted (db, error);
}

/**
 * okap_store_rollup_repair:
 * @out_repaired: (out): whether the sums did not fit and were made anew
 *
 * A million rows take a few seconds; sums that fit are checked in some milliseconds.
 */
gboolean
okap_store_rollup_repair (OkapDb *db, gboolean *out_repaired, GError **error)
{
  gboolean whole;

  *out_repaired = FALSE;
  if (!okap_db_exec (db, okap_migrations_get_sums_table (), error)
      || !is_whole (db, &whole, error))
    return FALSE;
  if (whole)
    return TRUE;
  if (!okap_db_begin (db, OKAP_DB_DURABLE, error)
      || !okap_db_end (db, make_anew (db, error), error))
    return FALSE;
  *out_repaired = TRUE;
  return TRUE;
}
