/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of usage in buckets of time, for charts. Store thread.
 *
 * Borders may be anywhere; what is asked for are mostly days and months of the user's zone, whose
 * borders are no midnights of UTC. Buckets of hours are made up of quarters. Buckets of a day or
 * more are made up of days of UTC, each counted to the bucket that holds it once its borders are
 * moved to the nearest midnight; then the quarters between a border and its midnight are moved
 * from the one bucket to the other:
 *
 *     midnight       border            midnight
 *   ─────┼──────────────┼─────────────────┼─────▸     the border counts as the left midnight, and
 *        │◀─ quarters ─▶│                             these quarters go to the bucket before it
 *
 * A border that cuts a quarter itself (odd offsets only) moves single rows likewise; where those
 * are forgotten, the quarter counts where it began. All sums are whole numbers, so moving is exact.
 * The time depends on the days and series that were used, not on how many requests there were: only
 * series with usage on the day of a border have their quarters read. */
#include "config.h"

#include "okap-store-private.h"

/* Narrower buckets are made up of quarters alone. The shortest day of any zone has 23 hours. */
#define LEAST_DAY_US (20 * OKAP_HOUR_US)

#define USED_SERIES(key) \
  "SELECT series, " key " FROM usage_sums CROSS JOIN usage_series s ON s.id = series" \
  " WHERE width = 0 AND series > 0 AND last_us >= ?1"

static const char *const used_series[] = {
  [OKAP_USAGE_BY_APP] = USED_SERIES ("app"),
  [OKAP_USAGE_BY_PROVIDER] = USED_SERIES ("provider"),
  [OKAP_USAGE_BY_MODEL] = USED_SERIES ("model"),
  [OKAP_USAGE_BY_DAY] = NULL,
  [OKAP_USAGE_BY_GRANT] = USED_SERIES ("grant_id"),
  [OKAP_USAGE_BY_SCOPE] = USED_SERIES ("grant_id || '/' || provider"),
};

#define SLOTS(width) \
  "SELECT slot, " OKAP_SUMS_COLUMNS " FROM usage_sums" \
  " WHERE width = " width " AND series = ?1 AND slot >= ?2 AND slot < ?3"

static const char days_of_series[] = SLOTS ("1");
static const char quarters_of_series[] = SLOTS ("2");

static const char rows_at_border[] =
  "SELECT series, " OKAP_USAGE_SUMMED_COLUMNS " FROM usage"
  " WHERE started_us >= ?1 AND started_us < ?2";

static const char newest_rows[] =
  "SELECT first_byte_us FROM (SELECT first_byte_us, http_status, error, cost_status FROM usage"
  "  WHERE started_us >= ?1 AND started_us < ?2 ORDER BY started_us DESC LIMIT ?3)"
  " WHERE http_status < 400 AND error IS NULL AND cost_status <> ?4 AND first_byte_us > 0";

G_STATIC_ASSERT (OKAP_SLOT_DAY == 1 && OKAP_SLOT_QUARTER == 2 && OKAP_SERIES_ALL == 0);

typedef struct
{
  char *key;             /* (owned) */
  OkapSums *buckets;     /* (owned) */
  OkapSums total;
} Group;

typedef struct
{
  OkapDb *db;
  const gint64 *borders_us;
  guint n_buckets;
  gint64 forgotten_us;
  gint64 *quarters;      /* (owned) of each border: the first quarter that begins at it or later */
  gint64 *days;          /* (owned) of each border: the day that begins nearest to it */
  gint64 *border_days;   /* (owned) of each border: the day that it falls into */
  GPtrArray *groups;     /* (owned) (element-type Group) */
  GHashTable *by_key;    /* (owned) key of the group → Group */
  GHashTable *by_series; /* (owned) id → Group */
} Timeline;

static void
group_free (gpointer data)
{
  Group *group = data;

  g_free (group->key);
  g_free (group->buckets);
  g_free (group);
}

static void
timeline_clear (Timeline *line)
{
  g_clear_pointer (&line->quarters, g_free);
  g_clear_pointer (&line->days, g_free);
  g_clear_pointer (&line->border_days, g_free);
  g_clear_pointer (&line->by_series, g_hash_table_unref);
  g_clear_pointer (&line->by_key, g_hash_table_unref);
  g_clear_pointer (&line->groups, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Timeline, timeline_clear)

static void
timeline_init (Timeline *line)
{
  line->quarters = g_new (gint64, line->n_buckets + 1);
  line->days = g_new (gint64, line->n_buckets + 1);
  line->border_days = g_new (gint64, line->n_buckets + 1);
  for (guint i = 0; i <= line->n_buckets; i++)
    {
      gint64 border_us = line->borders_us[i];

      line->quarters[i] = (border_us + OKAP_QUARTER_US - 1) / OKAP_QUARTER_US;
      line->border_days[i] = line->quarters[i] / OKAP_QUARTERS_OF_DAY;
      line->days[i] = (line->quarters[i] + OKAP_QUARTERS_OF_DAY / 2) / OKAP_QUARTERS_OF_DAY;
    }
  line->groups = g_ptr_array_new_with_free_func (group_free);
  line->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  line->by_series = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static Group *
ensure_group (Timeline *line, const char *key)
{
  Group *group = g_hash_table_lookup (line->by_key, key);

  if (group != NULL)
    return group;
  group = g_new0 (Group, 1);
  group->key = g_strdup (key);
  group->buckets = g_new0 (OkapSums, line->n_buckets);
  g_ptr_array_add (line->groups, group);
  g_hash_table_insert (line->by_key, group->key, group);
  return group;
}

/* Those that cannot have been used since the first border are passed over. */
static gboolean
find_series (Timeline *line, OkapUsageGrouping by, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, line->db, used_series[by], error))
    return FALSE;
  okap_query_bind_int (&query, 1, line->borders_us[0]);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 series = okap_query_get_int (&query, 0);

      g_hash_table_insert (line->by_series, g_memdup2 (&series, sizeof series),
                           ensure_group (line, okap_query_get_text (&query, 1)));
    }
  return step == OKAP_DB_DONE;
}

/* @bucket: -1 and n_buckets are what lies outside. */
static void
add (Timeline *line, Group *group, int bucket, const OkapSums *sums)
{
  if (bucket < 0 || bucket >= (int) line->n_buckets)
    return;
  okap_sums_add (&group->buckets[bucket], sums);
  okap_sums_add (&group->total, sums);
}

static void
move (Timeline *line, Group *group, int from, int to, const OkapSums *sums)
{
  OkapSums less = { .last_us = sums->last_us };

  for (guint i = 0; i < OKAP_N_SUMS; i++)
    less.of[i] = -sums->of[i];
  add (line, group, from, &less);
  add (line, group, to, sums);
}

static gboolean
begin_slots (OkapQuery *query, Timeline *line, const char *sql, gint64 series, gint64 from,
             gint64 until, GError **error)
{
  if (!okap_query_init (query, line->db, sql, error))
    return FALSE;
  okap_query_bind_int (query, 1, series);
  okap_query_bind_int (query, 2, from);
  okap_query_bind_int (query, 3, until);
  return TRUE;
}

/* Buckets of hours. */
static gboolean
add_quarters (Timeline *line, Group *group, gint64 series, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;
  OkapSums sums;
  int bucket = 0;

  if (!begin_slots (&query, line, quarters_of_series, series, line->quarters[0],
                    line->quarters[line->n_buckets], error))
    return FALSE;
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      while (line->quarters[bucket + 1] <= okap_query_get_int (&query, 0))
        bucket++;
      okap_sums_read (&sums, &query, 1);
      add (line, group, bucket, &sums);
    }
  return step == OKAP_DB_DONE;
}

/* The quarters between border number @n and its midnight. */
static gboolean
move_quarters (Timeline *line, Group *group, gint64 series, int n, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  gint64 midnight = line->days[n] * OKAP_QUARTERS_OF_DAY;
  gboolean is_before = line->quarters[n] < midnight;
  OkapDbStep step;
  OkapSums sums;

  if (line->quarters[n] == midnight)
    return TRUE;
  if (!begin_slots (&query, line, quarters_of_series, series,
                    MIN (line->quarters[n], midnight), MAX (line->quarters[n], midnight), error))
    return FALSE;
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      okap_sums_read (&sums, &query, 1);
      move (line, group, is_before ? n - 1 : n, is_before ? n : n - 1, &sums);
    }
  return step == OKAP_DB_DONE;
}

/* Buckets of a day or more. */
static gboolean
add_days (Timeline *line, Group *group, gint64 series, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  int last = (int) line->n_buckets;
  int border = 0;
  int bucket = -1;
  OkapDbStep step;
  OkapSums sums;

  if (!begin_slots (&query, line, days_of_series, series, line->border_days[0],
                    line->border_days[last] + 1, error))
    return FALSE;
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 day = okap_query_get_int (&query, 0);

      while (bucket < last && line->days[bucket + 1] <= day)
        bucket++;
      okap_sums_read (&sums, &query, 1);
      add (line, group, bucket, &sums);
      while (border <= last && line->border_days[border] < day)
        border++;
      for (int n = border; n <= last && line->border_days[n] == day; n++)
        if (!move_quarters (line, group, series, n, error))
          return FALSE;
    }
  return step == OKAP_DB_DONE;
}

/* The rows between border number @n and the quarter that begins next. */
static gboolean
move_rows (Timeline *line, int n, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  gint64 until_us = line->quarters[n] * OKAP_QUARTER_US;
  const gint64 all = OKAP_SERIES_ALL;
  OkapDbStep step;
  OkapSums sums;

  if (line->borders_us[n] == until_us || until_us - OKAP_QUARTER_US <= line->forgotten_us)
    return TRUE;
  if (!okap_query_init (&query, line->db, rows_at_border, error))
    return FALSE;
  okap_query_bind_int (&query, 1, line->borders_us[n]);
  okap_query_bind_int (&query, 2, until_us);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 series = okap_query_get_int (&query, 0);
      Group *group = g_hash_table_lookup (line->by_series, &series);

      if (group == NULL)
        group = g_hash_table_lookup (line->by_series, &all);
      if (group == NULL)
        continue;
      okap_sums_read_usage (&sums, &query, 1);
      move (line, group, n - 1, n, &sums);
    }
  return step == OKAP_DB_DONE;
}

static gboolean
fill (Timeline *line, GError **error)
{
  gint64 length_us = line->borders_us[line->n_buckets] - line->borders_us[0];
  gboolean by_days = length_us / line->n_buckets >= LEAST_DAY_US;
  GHashTableIter iter;
  gpointer series, group;

  g_hash_table_iter_init (&iter, line->by_series);
  while (g_hash_table_iter_next (&iter, &series, &group))
    if (!(by_days ? add_days : add_quarters) (line, group, *(const gint64 *) series, error))
      return FALSE;
  for (guint n = 0; line->groups->len > 0 && n <= line->n_buckets; n++)
    if (!move_rows (line, (int) n, error))
      return FALSE;
  return TRUE;
}

/* The answer */

static gboolean
is_empty (const Group *group)
{
  for (guint i = 0; i < OKAP_N_SUMS; i++)
    if (group->total.of[i] != 0)
      return FALSE;
  return TRUE;
}

static int
compare_by_cost (gconstpointer a, gconstpointer b)
{
  const Group *first = *(const Group *const *) a;
  const Group *second = *(const Group *const *) b;

  if (first->total.of[OKAP_SUM_NUSD] != second->total.of[OKAP_SUM_NUSD])
    return first->total.of[OKAP_SUM_NUSD] > second->total.of[OKAP_SUM_NUSD] ? -1 : 1;
  if (first->total.of[OKAP_SUM_REQUESTS] != second->total.of[OKAP_SUM_REQUESTS])
    return first->total.of[OKAP_SUM_REQUESTS] > second->total.of[OKAP_SUM_REQUESTS] ? -1 : 1;
  return strcmp (first->key, second->key);
}

static OkapUsageCounts
get_counts (const OkapSums *sums)
{
  return (OkapUsageCounts) {
    .requests = sums->of[OKAP_SUM_REQUESTS],
    .unknown_requests = sums->of[OKAP_SUM_UNKNOWN],
    .estimated_requests = sums->of[OKAP_SUM_ESTIMATED],
    .failed_requests = sums->of[OKAP_SUM_ERRORS],
    .input_tokens = sums->of[OKAP_SUM_INPUT],
    .cached_tokens = sums->of[OKAP_SUM_CACHED],
    .output_tokens = sums->of[OKAP_SUM_OUTPUT],
    .cost_nusd = sums->of[OKAP_SUM_NUSD],
  };
}

static OkapUsageTimeline *
make_answer (Timeline *line, guint most)
{
  guint n_named, n_groups;
  OkapUsageTimeline *answer;

  for (guint i = line->groups->len; i > 0; i--)
    if (is_empty (g_ptr_array_index (line->groups, i - 1)))
      g_ptr_array_remove_index_fast (line->groups, i - 1);
  g_ptr_array_sort (line->groups, compare_by_cost);
  n_named = MIN (most, line->groups->len);
  n_groups = n_named + (line->groups->len > n_named ? 1 : 0);

  answer = okap_usage_timeline_new (line->borders_us, line->n_buckets, n_groups);
  answer->has_rest = n_groups > n_named;
  answer->n_rest = line->groups->len - n_named;
  for (guint i = 0; i < line->groups->len; i++)
    {
      const Group *group = g_ptr_array_index (line->groups, i);
      guint place = MIN (i, n_named);

      if (answer->keys[place] == NULL)
        answer->keys[place] = g_strdup (i < n_named ? group->key : "");
      for (guint bucket = 0; bucket < line->n_buckets; bucket++)
        {
          OkapUsageCounts counts = get_counts (&group->buckets[bucket]);

          okap_usage_counts_add (okap_usage_timeline_get (answer, place, bucket), &counts);
        }
    }
  return answer;
}

/**
 * okap_store_usage_timeline:
 * @borders_us: @n_buckets + 1 of them, ascending and not before 1970
 * @most: groups with a name; the rest is one. With 0, everything is one, whatever @by
 *
 * Returns: (transfer full) (nullable): without the groups that have nothing in it
 */
OkapUsageTimeline *
okap_store_usage_timeline (OkapDb *db, OkapUsageGrouping by, const gint64 *borders_us,
                           guint n_buckets, guint most, GError **error)
{
  g_auto (Timeline) line = { .db = db, .borders_us = borders_us, .n_buckets = n_buckets };
  gint64 all = OKAP_SERIES_ALL;

  g_return_val_if_fail (by < G_N_ELEMENTS (used_series) && used_series[by] != NULL, NULL);

  timeline_init (&line);
  if (most == 0)
    g_hash_table_insert (line.by_series, g_memdup2 (&all, sizeof all), ensure_group (&line, ""));
  else if (!find_series (&line, by, error))
    return NULL;
  if (!okap_usage_state_get_forgotten (db, &line.forgotten_us, error) || !fill (&line, error))
    return NULL;
  return make_answer (&line, most);
}

/* Latency */

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return first < second ? -1 : first > second;
}

/**
 * okap_store_usage_latency:
 * @most: of the newest rows are looked at
 *
 * Of requests that succeeded and had an answer, by the nearest rank.
 */
gboolean
okap_store_usage_latency (OkapDb *db, gint64 from_us, gint64 until_us, guint most,
                          OkapLatency *latency, GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  *latency = (OkapLatency) { 0 };
  if (!okap_query_init (&query, db, newest_rows, error))
    return FALSE;
  okap_query_bind_int (&query, 1, from_us);
  okap_query_bind_int (&query, 2, until_us);
  okap_query_bind_int (&query, 3, most);
  okap_query_bind_int (&query, 4, OKAP_COST_CORRECTION);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 time_us = okap_query_get_int (&query, 0);

      g_array_append_val (times, time_us);
    }
  if (step != OKAP_DB_DONE)
    return FALSE;
  if (times->len == 0)
    return TRUE;
  g_array_sort (times, compare_times);
  latency->n_requests = times->len;
  latency->median_us = g_array_index (times, gint64, (times->len + 1) / 2 - 1);
  latency->p95_us = g_array_index (times, gint64, (times->len * 95 + 99) / 100 - 1);
  return TRUE;
}
