/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of usage. Store thread.
 *
 * usage_quarters holds the sums of each quarter of an hour of UTC. Every time zone in use begins
 * its days on such a quarter, those with offsets of 30 and 45 minutes included, so that the days
 * of any zone are sums of quarters. Two kinds of quarter are cut by a border all the same, and are
 * summed from the single rows: the one that @since_us falls into, and, in a zone with an odd
 * offset, the one that holds a midnight. So the result is exact, and its time depends on how many
 * quarters were busy rather than on how many requests there were. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-money.h"

#define FROM_QUARTERS(key) \
  "SELECT quarter, " key ", requests, input_tokens, output_tokens, cost_nusd, unknown_requests," \
  " last_us FROM usage_quarters WHERE quarter >= ?1 AND quarter < ?2 ORDER BY quarter"

#define FROM_ROWS(key) \
  "SELECT started_us, " key ", 1, input + cached + cache_written, output, cost_nusd," \
  " cost_status = 2, started_us FROM usage WHERE started_us >= ?1 AND started_us < ?2"

G_STATIC_ASSERT (OKAP_COST_UNKNOWN == 2);

static const struct
{
  const char *from_quarters;  /* from quarter ?1 to before ?2 */
  const char *from_rows;      /* times from ?1 to before ?2 */
} statements[] = {
  [OKAP_USAGE_BY_APP] = { FROM_QUARTERS ("app"), FROM_ROWS ("app") },
  [OKAP_USAGE_BY_PROVIDER] = { FROM_QUARTERS ("provider"), FROM_ROWS ("provider") },
  [OKAP_USAGE_BY_MODEL] = {
    FROM_QUARTERS ("model"),
    FROM_ROWS ("CASE WHEN model_asked <> '' THEN model_asked ELSE model_served END")
  },
  [OKAP_USAGE_BY_DAY] = { FROM_QUARTERS ("''"), FROM_ROWS ("''") },
  [OKAP_USAGE_BY_GRANT] = { FROM_QUARTERS ("grant_id"), FROM_ROWS ("grant_id") },
  [OKAP_USAGE_BY_SCOPE] = {
    FROM_QUARTERS ("grant_id || '/' || provider"),
    FROM_ROWS ("grant_id || '/' || provider")
  },
};

typedef struct
{
  OkapDb *db;
  OkapUsageGrouping by;
  GTimeZone *zone;            /* (owned) */
  GHashTable *groups;         /* (owned) key → OkapUsageSummary, keys owned by the summaries */
  OkapUsageSummary *last;     /* (nullable) of the row before; the next one is often the same */
  gint64 last_day;            /* for BY_DAY: what last stands for */
} Sum;

static void
sum_clear (Sum *sum)
{
  g_clear_pointer (&sum->zone, g_time_zone_unref);
  g_clear_pointer (&sum->groups, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sum, sum_clear)

/* Days since 1970-01-01 of the calendar of @zone. */
static gint64
local_day (GTimeZone *zone, gint64 time_us)
{
  gint64 seconds = time_us / OKAP_SECOND_US;
  int interval = g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, seconds);
  gint64 local = seconds + g_time_zone_get_offset (zone, interval);
  gint64 day = local / (24 * 60 * 60);

  return local % (24 * 60 * 60) < 0 ? day - 1 : day;
}

static char *
format_day (gint64 day)
{
  g_autoptr (GDateTime) noon = g_date_time_new_from_unix_utc (day * 24 * 60 * 60 + 12 * 60 * 60);

  return noon != NULL ? g_date_time_format (noon, "%Y-%m-%d") : g_strdup ("");
}

/* Consumes @key. */
static OkapUsageSummary *
find_group (Sum *sum, char *key)
{
  OkapUsageSummary *group = g_hash_table_lookup (sum->groups, key);

  if (group != NULL)
    {
      g_free (key);
      return group;
    }
  group = g_new0 (OkapUsageSummary, 1);
  group->key = key;
  g_hash_table_insert (sum->groups, group->key, group);
  return group;
}

static OkapUsageSummary *
find_group_of_row (Sum *sum, OkapQuery *query, gint64 time_us)
{
  if (sum->by == OKAP_USAGE_BY_DAY)
    {
      gint64 day = local_day (sum->zone, time_us);

      if (sum->last == NULL || day != sum->last_day)
        sum->last = find_group (sum, format_day (day));
      sum->last_day = day;
      return sum->last;
    }

  if (sum->last == NULL
      || g_strcmp0 (sum->last->key, okap_query_get_text (query, 1)) != 0)
    sum->last = find_group (sum, okap_query_dup_text (query, 1));
  return sum->last;
}

static void
add_row (Sum *sum, OkapQuery *query, gint64 time_us)
{
  OkapUsageSummary *group = find_group_of_row (sum, query, time_us);

  group->requests = okap_money_add (group->requests, okap_query_get_int (query, 2));
  group->input_tokens = okap_money_add (group->input_tokens, okap_query_get_int (query, 3));
  group->output_tokens = okap_money_add (group->output_tokens, okap_query_get_int (query, 4));
  group->cost_nusd = okap_money_add (group->cost_nusd, okap_query_get_int (query, 5));
  group->unknown_requests = okap_money_add (group->unknown_requests,
                                            okap_query_get_int (query, 6));
  group->last_us = MAX (group->last_us, okap_query_get_int (query, 7));
}

static gboolean
add_rows (Sum *sum, gint64 from_us, gint64 until_us, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, sum->db, statements[sum->by].from_rows, error))
    return FALSE;
  okap_query_bind_int (&query, 1, from_us);
  okap_query_bind_int (&query, 2, until_us);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    add_row (sum, &query, okap_query_get_int (&query, 0));
  return step == OKAP_DB_DONE;
}

static gboolean
is_cut_by_midnight (Sum *sum, gint64 quarter)
{
  return sum->by == OKAP_USAGE_BY_DAY
         && local_day (sum->zone, quarter * OKAP_QUARTER_US)
            != local_day (sum->zone, (quarter + 1) * OKAP_QUARTER_US - 1);
}

static gboolean
add_quarters (Sum *sum, gint64 first, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  gint64 previous = -1;
  gboolean cut = FALSE;
  OkapDbStep step;

  if (!okap_query_init (&query, sum->db, statements[sum->by].from_quarters, error))
    return FALSE;
  okap_query_bind_int (&query, 1, first);
  okap_query_bind_int (&query, 2, OKAP_USAGE_END_US / OKAP_QUARTER_US);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 quarter = okap_query_get_int (&query, 0);

      if (quarter != previous)
        {
          previous = quarter;
          cut = is_cut_by_midnight (sum, quarter);
          if (cut && !add_rows (sum, quarter * OKAP_QUARTER_US, (quarter + 1) * OKAP_QUARTER_US,
                                error))
            return FALSE;
        }
      if (!cut)
        add_row (sum, &query, quarter * OKAP_QUARTER_US);
    }
  return step == OKAP_DB_DONE;
}

static int
compare_by_cost (gconstpointer a, gconstpointer b)
{
  const OkapUsageSummary *first = *(const OkapUsageSummary *const *) a;
  const OkapUsageSummary *second = *(const OkapUsageSummary *const *) b;

  if (first->cost_nusd != second->cost_nusd)
    return first->cost_nusd > second->cost_nusd ? -1 : 1;
  if (first->requests != second->requests)
    return first->requests > second->requests ? -1 : 1;
  return strcmp (first->key, second->key);
}

static int
compare_by_key (gconstpointer a, gconstpointer b)
{
  const OkapUsageSummary *first = *(const OkapUsageSummary *const *) a;
  const OkapUsageSummary *second = *(const OkapUsageSummary *const *) b;

  return strcmp (first->key, second->key);
}

static GPtrArray *
sort_groups (Sum *sum)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_summary_free);
  GHashTableIter iter;
  gpointer group;

  g_hash_table_iter_init (&iter, sum->groups);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    {
      g_hash_table_iter_steal (&iter);
      g_ptr_array_add (groups, group);
    }
  g_ptr_array_sort (groups, sum->by == OKAP_USAGE_BY_DAY ? compare_by_key : compare_by_cost);
  return groups;
}

/**
 * okap_store_usage_summarise:
 * @since_us: attempts that started then or later
 * @zone: (nullable): whose days count; NULL for UTC
 *
 * A model is the one that was asked for or, where the request named none, the one that served.
 *
 * Returns: (transfer full) (nullable) (element-type OkapUsageSummary): dearest first, days in
 *   their order; a group without an attempt is not there
 */
GPtrArray *
okap_store_usage_summarise (OkapDb *db, OkapUsageGrouping by, gint64 since_us, GTimeZone *zone,
                            GError **error)
{
  g_auto (Sum) sum = { .db = db, .by = by };
  gint64 first;

  g_return_val_if_fail (by < G_N_ELEMENTS (statements), NULL);

  sum.zone = zone != NULL ? g_time_zone_ref (zone) : g_time_zone_new_utc ();
  sum.groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                      (GDestroyNotify) okap_usage_summary_free);
  since_us = CLAMP (since_us, 0, OKAP_USAGE_END_US);
  first = since_us / OKAP_QUARTER_US + (since_us % OKAP_QUARTER_US != 0 ? 1 : 0);
  if (!add_rows (&sum, since_us, first * OKAP_QUARTER_US, error)
      || !add_quarters (&sum, first, error))
    return NULL;
  return sort_groups (&sum);
}
