/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of usage that fit a filter. Store thread.
 *
 * A filter names series, and each series has an index that holds its rows in their order; what
 * failed has one of its own, since it is rare. The newest rows that fit are the newest of those
 * that each series offers, and once enough were offered, the oldest of them is a floor under which
 * the other series need not look. So the time depends on the number of series and of rows that are
 * wanted, and not on how many rows there are. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"

#define HAS_FAILED "(http_status >= 400 OR error IS NOT NULL)"
#define WITHIN "series = ?1 AND id < ?2 AND id > ?3"
#define NEWEST " ORDER BY id DESC LIMIT ?4"

static const char *const rows_of_series[] = {
  [OKAP_OUTCOME_ANY] =
    "SELECT id FROM usage INDEXED BY usage_by_series WHERE " WITHIN NEWEST,
  [OKAP_OUTCOME_SUCCEEDED] =
    "SELECT id FROM usage INDEXED BY usage_by_series WHERE " WITHIN " AND NOT " HAS_FAILED NEWEST,
  [OKAP_OUTCOME_FAILED] =
    "SELECT id FROM usage INDEXED BY usage_that_failed WHERE " WITHIN " AND " HAS_FAILED NEWEST,
};

static const char series_of_filter[] =
  "SELECT id FROM usage_series WHERE (?1 IS NULL OR grant_id = ?1)"
  " AND (?2 IS NULL OR provider = ?2) AND (?3 IS NULL OR model = ?3) AND (?4 IS NULL OR app = ?4)";

typedef struct
{
  OkapDb *db;
  const OkapUsageFilter *filter;
  gint64 before;
  gint64 floor;       /* only ids above it are of interest */
  guint most;
  GArray *ids;        /* (owned) (element-type gint64) */
} Search;

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return first > second ? -1 : first < second;
}

/* Keeps the newest of what was found so far. */
static void
trim (Search *search)
{
  g_array_sort (search->ids, compare_newest_first);
  if (search->ids->len < search->most)
    return;
  g_array_set_size (search->ids, search->most);
  search->floor = g_array_index (search->ids, gint64, search->most - 1);
}

static gboolean
look_in_series (Search *search, gint64 series, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, search->db, rows_of_series[search->filter->outcome], error))
    return FALSE;
  okap_query_bind_int (&query, 1, series);
  okap_query_bind_int (&query, 2, search->before);
  okap_query_bind_int (&query, 3, search->floor);
  okap_query_bind_int (&query, 4, search->most);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 id = okap_query_get_int (&query, 0);

      g_array_append_val (search->ids, id);
    }
  if (search->ids->len >= 2 * search->most)
    trim (search);
  return step == OKAP_DB_DONE;
}

static gboolean
look_in_all (Search *search, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, search->db, series_of_filter, error))
    return FALSE;
  okap_query_bind_text (&query, 1, search->filter->grant_id);
  okap_query_bind_text (&query, 2, search->filter->provider);
  okap_query_bind_text (&query, 3, search->filter->model);
  okap_query_bind_text (&query, 4, search->filter->app);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    if (!look_in_series (search, okap_query_get_int (&query, 0), error))
      return FALSE;
  trim (search);
  return step == OKAP_DB_DONE;
}

static gboolean
list_by_id (OkapDb *db, GArray *ids, GPtrArray *rows, GError **error)
{
  for (guint i = 0; i < ids->len; i++)
    if (!okap_store_usage_list (db, g_array_index (ids, gint64, i) + 1, 1, rows, error))
      return FALSE;
  return TRUE;
}

/* Time, cost and text have no order of their own: all rows that fit are found, and the newest of
 * them taken. */
static gboolean
find_by_match (Search *search, GError **error)
{
  g_autoptr (OkapMatch) match = okap_match_new (search->filter, 0);
  g_autoptr (OkapIdSet) found = NULL;
  gboolean more = TRUE;
  guint position;

  while (more)
    if (!okap_match_step (match, search->db, &more, error))
      return FALSE;
  found = okap_match_take_result (match);
  position = okap_id_set_count_above (found, search->before - 1);
  for (guint i = 0; i < search->most; i++)
    {
      gint64 id = okap_id_set_get_nth (found, position + i);

      if (id < 0)
        break;
      g_array_append_val (search->ids, id);
    }
  return TRUE;
}

static gboolean
needs_match (const OkapUsageFilter *filter)
{
  return filter->since_us > 0 || filter->until_us > 0 || filter->priced != OKAP_PRICED_ANY
         || filter->text != NULL;
}

/**
 * okap_store_usage_find:
 * @before: only ids below it; 0 for all
 * @most: at most so many, and never more than %OKAP_CAP_LIST_ROWS
 *
 * Adds the newest that fit @filter to @rows (element-type OkapUsage), newest first.
 */
gboolean
okap_store_usage_find (OkapDb *db, const OkapUsageFilter *filter, gint64 before, guint most,
                       GPtrArray *rows, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  Search search = { .db = db, .filter = filter, .before = before > 0 ? before : G_MAXINT64,
                    .floor = G_MININT64, .most = MIN (most, OKAP_CAP_LIST_ROWS), .ids = ids };

  g_return_val_if_fail (filter->outcome < G_N_ELEMENTS (rows_of_series), FALSE);

  if (search.most == 0)
    return TRUE;
  return (needs_match (filter) ? find_by_match (&search, error) : look_in_all (&search, error))
         && list_by_id (db, ids, rows, error);
}
