/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows of usage fit a filter, all of them, as a set of ids. Store thread.
 *
 * What has an index is answered from it alone, without a look at a row: series (grant, provider,
 * model, app), time, failures, costs that are no price of the table; each gives a set, and sets are
 * joined. If nothing is asked for and no row was forgotten in between, the set is simply full.
 *
 *   begin ──no text──────────────────────────────▸ done
 *     └──text──▸ reading, newest first, a part at a time ──▸ done
 *
 * A text may stand in a row itself, so the rows of the set are read, STEP_ROWS in one step:
 * between two steps the store has time for others. Of new rows only (those above an id, as a list
 * wants them that grows), all conditions are looked up in the row. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"

#define STEP_ROWS 20000

#define HAS_FAILED "(http_status >= 400 OR error IS NOT NULL)"
#define IS_ODD "cost_status IN (1, 2, 5, 6)"    /* as the index says it, word by word */

struct _OkapMatch
{
  OkapUsageFilter *filter;   /* (owned) */
  char **words;              /* (owned) (nullable) */
  gint64 after;
  gboolean begun;
  OkapIdSet *set;            /* (owned) (nullable) until begun and after it was taken */
  GHashTable *series;        /* (owned) (nullable) those that fit → words found in their texts */
  gint64 next;               /* id from which the next step reads downward */
};

/** okap_match_new: (transfer full): of rows with ids above @after */
OkapMatch *
okap_match_new (const OkapUsageFilter *filter, gint64 after)
{
  OkapMatch *self = g_new0 (OkapMatch, 1);

  self->filter = okap_store_filter_copy (filter);
  self->words = okap_words_new (self->filter->text);
  self->after = MAX (after, 0);
  return self;
}

void
okap_match_free (OkapMatch *self)
{
  okap_store_filter_free (self->filter);
  g_strfreev (self->words);
  g_clear_pointer (&self->set, okap_id_set_free);
  g_clear_pointer (&self->series, g_hash_table_unref);
  g_free (self);
}

static gboolean
names_series (const OkapUsageFilter *filter)
{
  return filter->grant_id != NULL || filter->provider != NULL || filter->model != NULL
         || filter->app != NULL;
}

static gboolean
find_series (OkapMatch *self, OkapDb *db, GError **error)
{
  static const char sql[] =
    "SELECT id, app, provider, model FROM usage_series WHERE (?1 IS NULL OR grant_id = ?1)"
    " AND (?2 IS NULL OR provider = ?2) AND (?3 IS NULL OR model = ?3)"
    " AND (?4 IS NULL OR app = ?4)";
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  self->series = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (!okap_query_init (&query, db, sql, error))
    return FALSE;
  okap_query_bind_text (&query, 1, self->filter->grant_id);
  okap_query_bind_text (&query, 2, self->filter->provider);
  okap_query_bind_text (&query, 3, self->filter->model);
  okap_query_bind_text (&query, 4, self->filter->app);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 id = okap_query_get_int (&query, 0);
      guint found = 0;

      for (int i = 1; self->words != NULL && i <= 3; i++)
        found |= okap_words_find (self->words, okap_query_get_text (&query, i));
      g_hash_table_insert (self->series, g_memdup2 (&id, sizeof id), GUINT_TO_POINTER (found));
    }
  return step == OKAP_DB_DONE;
}

/* Adds what @sql finds between ?1 and ?2, both included. */
static gboolean
add_found (OkapDb *db, const char *sql, gint64 from, gint64 to, OkapIdSet *set, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db, sql, error))
    return FALSE;
  okap_query_bind_int (&query, 1, from);
  okap_query_bind_int (&query, 2, to);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    okap_id_set_add (set, okap_query_get_int (&query, 0));
  return step == OKAP_DB_DONE;
}

static OkapIdSet *
like (const OkapIdSet *set)
{
  return okap_id_set_new (okap_id_set_get_first (set), okap_id_set_get_last (set));
}

static gboolean
fill_whole (OkapMatch *self, OkapDb *db, GError **error)
{
  gint64 first = okap_id_set_get_first (self->set);
  gint64 last = okap_id_set_get_last (self->set);
  gint64 count;

  if (!okap_db_get_int (db, "SELECT count(*) FROM usage", &count, error))
    return FALSE;
  if (count != last - first + 1)
    return add_found (db, "SELECT id FROM usage INDEXED BY usage_by_series"
                          " WHERE id >= ?1 AND id <= ?2", first, last, self->set, error);
  okap_id_set_add_all (self->set);
  return TRUE;
}

static gboolean
fill_series (OkapMatch *self, OkapDb *db, GError **error)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->series);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      gint64 series = *(const gint64 *) key;

      if (!add_found (db, "SELECT id FROM usage INDEXED BY usage_by_series"
                          " WHERE series >= ?1 AND series <= ?2", series, series, self->set,
                      error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
keep_time (OkapMatch *self, OkapDb *db, GError **error)
{
  const OkapUsageFilter *filter = self->filter;
  g_autoptr (OkapIdSet) set = NULL;

  if (filter->since_us <= 0 && filter->until_us <= 0)
    return TRUE;
  set = like (self->set);
  if (!add_found (db, "SELECT id FROM usage INDEXED BY usage_by_time"
                      " WHERE started_us >= ?1 AND started_us <= ?2", filter->since_us,
                  filter->until_us > 0 ? filter->until_us - 1 : G_MAXINT64, set, error))
    return FALSE;
  okap_id_set_intersect (self->set, set);
  return TRUE;
}

static gboolean
keep_outcome (OkapMatch *self, OkapDb *db, GError **error)
{
  g_autoptr (OkapIdSet) set = NULL;

  if (self->filter->outcome == OKAP_OUTCOME_ANY)
    return TRUE;
  set = like (self->set);
  if (!add_found (db, "SELECT id FROM usage INDEXED BY usage_that_failed"
                      " WHERE id >= ?1 AND id <= ?2 AND " HAS_FAILED,
                  okap_id_set_get_first (set), okap_id_set_get_last (set), set, error))
    return FALSE;
  if (self->filter->outcome == OKAP_OUTCOME_FAILED)
    okap_id_set_intersect (self->set, set);
  else
    okap_id_set_subtract (self->set, set);
  return TRUE;
}

static OkapCostStatus
wanted_status (const OkapUsageFilter *filter)
{
  return filter->priced == OKAP_PRICED_ESTIMATED ? OKAP_COST_ESTIMATED : OKAP_COST_UNKNOWN;
}

static gboolean
keep_priced (OkapMatch *self, OkapDb *db, GError **error)
{
  OkapCostStatus status = wanted_status (self->filter);
  g_autoptr (OkapIdSet) set = NULL;

  if (self->filter->priced == OKAP_PRICED_ANY)
    return TRUE;
  set = like (self->set);
  if (!add_found (db, "SELECT id FROM usage INDEXED BY usage_by_cost"
                      " WHERE cost_status >= ?1 AND cost_status <= ?2 AND " IS_ODD,
                  status, status, set, error))
    return FALSE;
  okap_id_set_intersect (self->set, set);
  return TRUE;
}

/* Of a row of next_rows. */
static gboolean
row_fits (OkapMatch *self, OkapQuery *query)
{
  const OkapUsageFilter *filter = self->filter;
  gint64 series = okap_query_get_int (query, 1);
  gint64 started_us = okap_query_get_int (query, 2);
  gboolean failed = okap_query_get_int (query, 4) != 0;
  gpointer found_in_series = NULL;
  guint found;

  if (self->series != NULL
      && !g_hash_table_lookup_extended (self->series, &series, NULL, &found_in_series))
    return FALSE;
  if (started_us < filter->since_us || (filter->until_us > 0 && started_us >= filter->until_us)
      || (filter->outcome == OKAP_OUTCOME_FAILED && !failed)
      || (filter->outcome == OKAP_OUTCOME_SUCCEEDED && failed)
      || (filter->priced != OKAP_PRICED_ANY
          && okap_query_get_int (query, 3) != wanted_status (filter)))
    return FALSE;
  if (self->words == NULL)
    return TRUE;
  found = GPOINTER_TO_UINT (found_in_series);
  for (int i = 5; i <= 9 && found != okap_words_get_all (self->words); i++)
    found |= okap_words_find (self->words, okap_query_get_text (query, i));
  return found == okap_words_get_all (self->words);
}

/* Reads the next rows downward and takes those out of the set that do not fit. */
static gboolean
read_rows (OkapMatch *self, OkapDb *db, gboolean *out_more, GError **error)
{
  static const char next_rows[] =
    "SELECT id, series, started_us, cost_status, " HAS_FAILED ", request_id, endpoint,"
    " model_served, model_asked, error FROM usage WHERE id <= ?1 AND id >= ?2 ORDER BY id DESC";
  gint64 first = okap_id_set_get_first (self->set);
  gint64 lowest = MAX (self->next - STEP_ROWS + 1, first);
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db, next_rows, error))
    return FALSE;
  okap_query_bind_int (&query, 1, self->next);
  okap_query_bind_int (&query, 2, lowest);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 id = okap_query_get_int (&query, 0);

      if (okap_id_set_contains (self->set, id) && !row_fits (self, &query))
        okap_id_set_remove (self->set, id);
    }
  self->next = lowest - 1;
  *out_more = self->next >= first;
  return step == OKAP_DB_DONE;
}

static gboolean
begin (OkapMatch *self, OkapDb *db, GError **error)
{
  gint64 first, last;

  if (!okap_db_get_int (db, "SELECT coalesce (min (id), 1) FROM usage", &first, error)
      || !okap_db_get_int (db, "SELECT coalesce (max (id), 0) FROM usage", &last, error))
    return FALSE;
  first = MAX (MAX (first, 0), self->after + 1);
  self->set = okap_id_set_new (first, MAX (last, first - 1));
  self->next = okap_id_set_get_last (self->set);
  if ((names_series (self->filter) || self->words != NULL) && !find_series (self, db, error))
    return FALSE;
  if (self->after > 0)
    return add_found (db, "SELECT id FROM usage WHERE id >= ?1 AND id <= ?2", first, last,
                      self->set, error);
  return (names_series (self->filter) ? fill_series (self, db, error)
                                      : fill_whole (self, db, error))
         && keep_time (self, db, error) && keep_outcome (self, db, error)
         && keep_priced (self, db, error);
}

/* New rows are all looked at, others only if a text may stand in them. */
static gboolean
must_read (OkapMatch *self)
{
  return okap_id_set_get_last (self->set) >= okap_id_set_get_first (self->set)
         && (self->words != NULL || self->after > 0);
}

/**
 * okap_match_step:
 * @out_more: (out): whether there is a next step; if not, the result can be taken
 */
gboolean
okap_match_step (OkapMatch *self, OkapDb *db, gboolean *out_more, GError **error)
{
  if (self->begun)
    return read_rows (self, db, out_more, error);
  self->begun = TRUE;
  if (!begin (self, db, error))
    return FALSE;
  *out_more = must_read (self);
  return TRUE;
}

/** okap_match_take_result: (transfer full) (nullable): after the last step */
OkapIdSet *
okap_match_take_result (OkapMatch *self)
{
  return g_steal_pointer (&self->set);
}
