/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of usage for people. Store thread.
 *
 * What is summed since a moment is made up of slots (okap-usage-sums.c). Days of a zone are made up
 * of hours, or where midnight cuts one, of quarters. Two kinds of quarter are cut by a border
 * themselves and are summed from the single rows: the one that the moment falls into, and, in a
 * zone with an odd offset, the one that holds a midnight. So the result is exact, and its time
 * depends on how many days and series there are rather than on how many requests. Only where the
 * rows of such a quarter are forgotten, it counts as a whole: since its beginning, or to the day in
 * which it began. */
#include "config.h"

#include "okap-store-private.h"

/* Series that were not used since then are passed over: grants come and go. */
#define FROM_SLOTS(key) \
  "SELECT slot, " OKAP_SUMS_COLUMNS ", " key " FROM (SELECT series AS used FROM usage_sums" \
  "  WHERE width = 0 AND series > 0 AND last_us >= ?4)" \
  " CROSS JOIN usage_sums ON width = ?1 AND series = used AND slot >= ?2 AND slot < ?3" \
  " CROSS JOIN usage_series s ON s.id = used"

#define FROM_EVER(key) \
  "SELECT slot, " OKAP_SUMS_COLUMNS ", " key " FROM usage_sums" \
  " CROSS JOIN usage_series s ON s.id = series WHERE width = 0 AND series > 0"

#define FROM_ROWS(key) \
  "SELECT started_us, " OKAP_USAGE_SUMMED_COLUMNS ", " key \
  " FROM usage u CROSS JOIN usage_series s ON s.id = u.series" \
  " WHERE started_us >= ?1 AND started_us < ?2"

#define DAY_SECONDS (OKAP_DAY_US / OKAP_SECOND_US)
#define SLOT_KEY_COLUMN (1 + OKAP_N_SUMS + 1)
#define ROW_KEY_COLUMN (1 + OKAP_N_UNIT_COLUMNS + 1 + 6)

static const struct
{
  const char *from_slots;  /* of width ?1 from slot ?2 to before ?3, of series used since ?4 */
  const char *from_ever;
  const char *from_rows;   /* times from ?1 to before ?2 */
} statements[] = {
#define BY(key) { FROM_SLOTS (key), FROM_EVER (key), FROM_ROWS (key) }
  [OKAP_USAGE_BY_APP] = BY ("app"),
  [OKAP_USAGE_BY_PROVIDER] = BY ("provider"),
  [OKAP_USAGE_BY_MODEL] = BY ("model"),
  [OKAP_USAGE_BY_DAY] = { NULL, NULL, FROM_ROWS ("''") },
  [OKAP_USAGE_BY_GRANT] = BY ("grant_id"),
  [OKAP_USAGE_BY_SCOPE] = BY ("grant_id || '/' || provider"),
};

static const char quarters_of_all[] =
  "SELECT slot, " OKAP_SUMS_COLUMNS " FROM usage_sums"
  " WHERE width = 2 AND series = 0 AND slot >= ?1 AND slot < ?2";

static const char hours_of_all[] =
  "SELECT slot, " OKAP_SUMS_COLUMNS " FROM usage_sums"
  " WHERE width = 3 AND series = 0 AND slot >= ?1";

G_STATIC_ASSERT (OKAP_SLOT_QUARTER == 2 && OKAP_SLOT_HOUR == 3 && OKAP_SERIES_ALL == 0);

typedef struct
{
  char *key;                  /* (owned) */
  OkapSums sums;
} Group;

typedef struct
{
  OkapDb *db;
  OkapUsageGrouping by;
  GTimeZone *zone;            /* (owned) */
  gint64 forgotten_us;
  GHashTable *groups;         /* (owned) key → Group, keys owned by the groups */
  Group *last;                /* (nullable) of the row before; the next one is often the same */
  gint64 last_day;            /* for BY_DAY: what last stands for */
  gint64 day_from_us;         /* from then to before day_until_us it is known_day */
  gint64 day_until_us;
  gint64 known_day;
} Sum;

static void
group_free (gpointer data)
{
  Group *group = data;

  g_free (group->key);
  g_free (group);
}

static void
sum_clear (Sum *sum)
{
  g_clear_pointer (&sum->zone, g_time_zone_unref);
  g_clear_pointer (&sum->groups, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sum, sum_clear)

/* Days since 1970-01-01 of the calendar of the zone. Looking into the zone costs more than adding
 * up a slot, so the answer is kept for the rest of a day in which no clock is changed. */
static gint64
local_day (Sum *sum, gint64 time_us)
{
  gint64 seconds = time_us / OKAP_SECOND_US;
  gint64 local, day, end;
  int interval;

  if (time_us >= sum->day_from_us && time_us < sum->day_until_us)
    return sum->known_day;
  interval = g_time_zone_find_interval (sum->zone, G_TIME_TYPE_UNIVERSAL, seconds);
  local = seconds + g_time_zone_get_offset (sum->zone, interval);
  day = local / DAY_SECONDS - (local % DAY_SECONDS < 0 ? 1 : 0);
  end = seconds + (day + 1) * DAY_SECONDS - local;
  if (g_time_zone_find_interval (sum->zone, G_TIME_TYPE_UNIVERSAL, end - 1) == interval)
    {
      sum->day_from_us = seconds * OKAP_SECOND_US;
      sum->day_until_us = end * OKAP_SECOND_US;
      sum->known_day = day;
    }
  return day;
}

static char *
format_day (gint64 day)
{
  g_autoptr (GDateTime) noon = g_date_time_new_from_unix_utc (day * 24 * 60 * 60 + 12 * 60 * 60);

  return noon != NULL ? g_date_time_format (noon, "%Y-%m-%d") : g_strdup ("");
}

/* Consumes @key. */
static Group *
find_group (Sum *sum, char *key)
{
  Group *group = g_hash_table_lookup (sum->groups, key);

  if (group != NULL)
    {
      g_free (key);
      return group;
    }
  group = g_new0 (Group, 1);
  group->key = key;
  g_hash_table_insert (sum->groups, key, group);
  return group;
}

static Group *
find_group_of_row (Sum *sum, OkapQuery *query, int key_column, gint64 time_us)
{
  if (sum->by == OKAP_USAGE_BY_DAY)
    {
      gint64 day = local_day (sum, time_us);

      if (sum->last == NULL || day != sum->last_day)
        sum->last = find_group (sum, format_day (day));
      sum->last_day = day;
      return sum->last;
    }

  if (sum->last == NULL
      || g_strcmp0 (sum->last->key, okap_query_get_text (query, key_column)) != 0)
    sum->last = find_group (sum, okap_query_dup_text (query, key_column));
  return sum->last;
}

static gboolean
add_rows (Sum *sum, gint64 from_us, gint64 until_us, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;
  OkapSums sums;

  if (!okap_query_init (&query, sum->db, statements[sum->by].from_rows, error))
    return FALSE;
  okap_query_bind_int (&query, 1, from_us);
  okap_query_bind_int (&query, 2, until_us);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 time_us = okap_query_get_int (&query, 0);

      okap_sums_read_usage (&sums, &query, 1);
      okap_sums_add (&find_group_of_row (sum, &query, ROW_KEY_COLUMN, time_us)->sums, &sums);
    }
  return step == OKAP_DB_DONE;
}

static int
find_interval (Sum *sum, gint64 time_us)
{
  return g_time_zone_find_interval (sum->zone, G_TIME_TYPE_UNIVERSAL, time_us / OKAP_SECOND_US);
}

/* Whether it may be of two days: also if a clock is changed within it, for that may be just after
 * midnight. */
static gboolean
is_cut (Sum *sum, gint64 from_us, gint64 until_us)
{
  gint64 day = local_day (sum, from_us);

  if (from_us >= sum->day_from_us && until_us <= sum->day_until_us)
    return FALSE;
  return day != local_day (sum, until_us - 1)
         || find_interval (sum, from_us) != find_interval (sum, until_us - 1);
}

static void
add_slot (Sum *sum, OkapQuery *query, gint64 time_us)
{
  OkapSums sums;

  okap_sums_read (&sums, query, 1);
  okap_sums_add (&find_group_of_row (sum, query, SLOT_KEY_COLUMN, time_us)->sums, &sums);
}

/* Quarters to their days. */
static gboolean
add_quarters (Sum *sum, gint64 from, gint64 until, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, sum->db, quarters_of_all, error))
    return FALSE;
  okap_query_bind_int (&query, 1, from);
  okap_query_bind_int (&query, 2, until);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 from_us = okap_query_get_int (&query, 0) * OKAP_QUARTER_US;
      gint64 until_us = from_us + OKAP_QUARTER_US;

      if (from_us <= sum->forgotten_us || !is_cut (sum, from_us, until_us))
        add_slot (sum, &query, from_us);
      else if (!add_rows (sum, from_us, until_us, error))
        return FALSE;
    }
  return step == OKAP_DB_DONE;
}

/* Hours to their days. */
static gboolean
add_hours (Sum *sum, gint64 from, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, sum->db, hours_of_all, error))
    return FALSE;
  okap_query_bind_int (&query, 1, from);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 hour = okap_query_get_int (&query, 0);

      if (!is_cut (sum, hour * OKAP_HOUR_US, (hour + 1) * OKAP_HOUR_US))
        add_slot (sum, &query, hour * OKAP_HOUR_US);
      else if (!add_quarters (sum, hour * OKAP_QUARTERS_OF_HOUR,
                              (hour + 1) * OKAP_QUARTERS_OF_HOUR, error))
        return FALSE;
    }
  return step == OKAP_DB_DONE;
}

static gboolean
add_slots (Sum *sum, OkapSlotWidth width, gint64 from, gint64 until, gint64 since_us,
           GError **error)
{
  const char *sql = width == OKAP_SLOT_EVER ? statements[sum->by].from_ever
                                            : statements[sum->by].from_slots;
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, sum->db, sql, error))
    return FALSE;
  if (width != OKAP_SLOT_EVER)
    {
      okap_query_bind_int (&query, 1, width);
      okap_query_bind_int (&query, 2, from);
      okap_query_bind_int (&query, 3, until);
      okap_query_bind_int (&query, 4, since_us);
    }
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    add_slot (sum, &query, 0);
  return step == OKAP_DB_DONE;
}

static gboolean
add_days (Sum *sum, gint64 first_quarter, GError **error)
{
  gint64 first_hour = (first_quarter + OKAP_QUARTERS_OF_HOUR - 1) / OKAP_QUARTERS_OF_HOUR;

  return add_quarters (sum, first_quarter, first_hour * OKAP_QUARTERS_OF_HOUR, error)
         && add_hours (sum, first_hour, error);
}

static gboolean
add_window (Sum *sum, const OkapWindow *window, GError **error)
{
  if (window->rows_from_us != window->rows_until_us
      && !add_rows (sum, window->rows_from_us, window->rows_until_us, error))
    return FALSE;
  if (sum->by == OKAP_USAGE_BY_DAY)
    return add_days (sum, window->first_quarter, error);
  for (guint i = 0; i < window->n_spans; i++)
    if (!add_slots (sum, window->spans[i].width, window->spans[i].from, window->spans[i].until,
                    window->first_quarter * OKAP_QUARTER_US, error))
      return FALSE;
  return TRUE;
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

static OkapUsageSummary *
summary_new (const Group *group)
{
  OkapUsageSummary *summary = g_new (OkapUsageSummary, 1);

  *summary = (OkapUsageSummary) {
    .key = g_strdup (group->key),
    .requests = group->sums.of[OKAP_SUM_REQUESTS],
    .input_tokens = group->sums.of[OKAP_SUM_INPUT],
    .cached_tokens = group->sums.of[OKAP_SUM_CACHED],
    .output_tokens = group->sums.of[OKAP_SUM_OUTPUT],
    .cost_nusd = group->sums.of[OKAP_SUM_NUSD],
    .over_nusd = group->sums.of[OKAP_SUM_OVER_NUSD],
    .unknown_requests = group->sums.of[OKAP_SUM_UNKNOWN],
    .estimated_requests = group->sums.of[OKAP_SUM_ESTIMATED],
    .failed_requests = group->sums.of[OKAP_SUM_ERRORS],
    .last_us = group->sums.last_us,
  };
  return summary;
}

static GPtrArray *
sort_groups (Sum *sum)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_summary_free);
  GHashTableIter iter;
  gpointer group;

  g_hash_table_iter_init (&iter, sum->groups);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    g_ptr_array_add (groups, summary_new (group));
  g_ptr_array_sort (groups, sum->by == OKAP_USAGE_BY_DAY ? compare_by_key : compare_by_cost);
  return groups;
}

/**
 * okap_store_usage_summarise:
 * @since_us: attempts that started then or later
 * @zone: (nullable): whose days count; NULL for UTC
 *
 * A model is the one that was asked for or, where the request named none, the one that served;
 * those beyond %OKAP_CAP_USAGE_SERIES of one grant at one provider are one group, "(other)".
 *
 * Returns: (transfer full) (nullable) (element-type OkapUsageSummary): dearest first, days in
 *   their order; a group without an attempt or a correction is not there
 */
GPtrArray *
okap_store_usage_summarise (OkapDb *db, OkapUsageGrouping by, gint64 since_us, GTimeZone *zone,
                            GError **error)
{
  g_auto (Sum) sum = { .db = db, .by = by };
  OkapWindow window;

  g_return_val_if_fail (by < G_N_ELEMENTS (statements), NULL);

  sum.zone = zone != NULL ? g_time_zone_ref (zone) : g_time_zone_new_utc ();
  sum.groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, group_free);
  if (!okap_usage_state_get_forgotten (db, &sum.forgotten_us, error))
    return NULL;
  okap_window_init (&window, since_us, sum.forgotten_us);
  return add_window (&sum, &window, error) ? sort_groups (&sum) : NULL;
}
