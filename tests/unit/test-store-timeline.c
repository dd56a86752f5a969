/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timelines equal those of a plain count, whatever the borders: hours, days with 23 and 25 hours,
 * months, odd offsets, buckets of any width. */
#include "config.h"

#include "test-store-plain.h"

/* 2025-10-26 01:00 UTC, when summer time ends in Europe. */
#define CHANGE_US (G_GINT64_CONSTANT (1761440400) * OKAP_SECOND_US)
#define MOST 3

static OkapUsageTimeline *
ask_timeline (OkapStore *store, OkapUsageGrouping by, GArray *borders, guint most)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  OkapUsageTimeline *line;

  okap_store_timeline_async (store, by, (const gint64 *) (gpointer) borders->data, borders->len,
                             most, waiting_cb, waiting);
  result = waiting_end (waiting);
  line = okap_store_timeline_finish (store, result, &error);
  g_assert_no_error (error);
  return line;
}

static OkapLatency
ask_latency (OkapStore *store, gint64 from_us, gint64 until_us, guint most)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  OkapLatency latency = { 0 };

  okap_store_latency_async (store, from_us, until_us, most, waiting_cb, waiting);
  result = waiting_end (waiting);
  okap_store_latency_finish (store, result, &latency, &error);
  g_assert_no_error (error);
  return latency;
}

static GPtrArray *
add_random (OkapStore *store, guint n_rows, gint64 around_us, double days)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);

  for (guint i = 0; i < n_rows; i++)
    {
      g_ptr_array_add (rows, random_usage (around_us, days));
      okap_store_add_usage (store, rows->pdata[i]);
    }
  return rows;
}

/* A plain count */

static void
count_row (OkapUsageCounts *counts, const OkapUsage *usage)
{
  gboolean is_request = usage->cost_status != OKAP_COST_CORRECTION;

  counts->cost_nusd += usage->cost_status == OKAP_COST_UNKNOWN ? 0 : usage->cost_nusd;
  if (!is_request)
    return;
  counts->requests++;
  counts->unknown_requests += usage->cost_status == OKAP_COST_UNKNOWN;
  counts->estimated_requests += usage->cost_status == OKAP_COST_ESTIMATED;
  counts->failed_requests += usage->http_status >= 400 || usage->error != NULL;
  counts->input_tokens += okap_units_get_prompt (&usage->units);
  counts->cached_tokens += okap_units_get_cached (&usage->units);
  counts->output_tokens += okap_units_get_written (&usage->units);
}

/* Of the rows that are of @key, or with @key NULL of none of @others. */
static OkapUsageCounts
count_cell (GPtrArray *rows, OkapUsageGrouping by, const char *key, char **others,
            gint64 from_us, gint64 until_us)
{
  OkapUsageCounts counts = { 0 };

  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsage *usage = rows->pdata[i];
      g_autofree char *own = NULL;

      if (usage->started_us < from_us || usage->started_us >= until_us)
        continue;
      own = group_key (usage, by, NULL);
      if (key != NULL ? strcmp (key, own) == 0
                      : !g_strv_contains ((const char *const *) others, own))
        count_row (&counts, usage);
    }
  return counts;
}

static void
compare (GPtrArray *rows, OkapUsageGrouping by, const OkapUsageTimeline *line)
{
  g_auto (GStrv) named = g_strdupv (line->keys);
  gint64 last_nusd = G_MAXINT64;

  if (line->has_rest)
    g_clear_pointer (&named[line->n_groups - 1], g_free);
  for (guint group = 0; group < line->n_groups; group++)
    {
      gboolean is_rest = line->has_rest && group == line->n_groups - 1;
      gint64 nusd = okap_usage_timeline_sum_group (line, group).cost_nusd;

      for (guint bucket = 0; bucket < line->n_buckets; bucket++)
        {
          OkapUsageCounts plain = count_cell (rows, by, is_rest ? NULL : line->keys[group], named,
                                              line->borders_us[bucket],
                                              line->borders_us[bucket + 1]);

          g_assert_cmpmem (okap_usage_timeline_get (line, group, bucket), sizeof plain, &plain,
                           sizeof plain);
        }
      g_assert_true (is_rest || nusd <= last_nusd);
      last_nusd = nusd;
    }
}

static void
compare_sums (GPtrArray *rows, const OkapUsageTimeline *line)
{
  char *none[] = { NULL };

  for (guint bucket = 0; bucket < line->n_buckets; bucket++)
    {
      OkapUsageCounts plain = count_cell (rows, OKAP_USAGE_BY_APP, NULL, none,
                                          line->borders_us[bucket], line->borders_us[bucket + 1]);
      OkapUsageCounts sum = okap_usage_timeline_sum (line, bucket, bucket + 1);

      g_assert_cmpmem (&sum, sizeof sum, &plain, sizeof plain);
    }
}

static void
compare_all (OkapStore *store, GPtrArray *rows, GArray *borders)
{
  static const OkapUsageGrouping groupings[] = {
    OKAP_USAGE_BY_APP, OKAP_USAGE_BY_PROVIDER, OKAP_USAGE_BY_MODEL, OKAP_USAGE_BY_GRANT,
    OKAP_USAGE_BY_SCOPE,
  };
  g_autoptr (OkapUsageTimeline) all = ask_timeline (store, OKAP_USAGE_BY_APP, borders, 0);

  g_assert_cmpuint (all->n_groups, <=, 1);
  compare_sums (rows, all);
  for (guint i = 0; i < G_N_ELEMENTS (groupings); i++)
    {
      g_autoptr (OkapUsageTimeline) line = ask_timeline (store, groupings[i], borders, MOST);

      g_assert_cmpuint (line->n_groups, <=, MOST + 1);
      compare_sums (rows, line);
      compare (rows, groupings[i], line);
    }
}

/* Borders */

static GArray *
days_of_zone (const char *name, gint64 from_us, guint n_days, gboolean months)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (name);
  GArray *borders = g_array_new (FALSE, FALSE, sizeof (gint64));

  g_assert_nonnull (zone);
  from_us = months ? okap_time_month_start (from_us, zone) : okap_time_day_start (from_us, zone);
  for (guint i = 0; i <= n_days; i++)
    {
      g_array_append_val (borders, from_us);
      from_us = months ? okap_time_next_month (from_us, zone) : okap_time_next_day (from_us, zone);
    }
  return borders;
}

static GArray *
even_borders (gint64 from_us, guint n_buckets, gint64 width_us)
{
  GArray *borders = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i <= n_buckets; i++, from_us += width_us)
    g_array_append_val (borders, from_us);
  return borders;
}

static void
test_zones (Fixture *fixture, gconstpointer data)
{
  static const char *const zones[] = {
    "UTC", "Europe/Berlin", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/St_Johns", "America/Los_Angeles", "Pacific/Kiritimati", "+03:07:11",
  };
  g_autoptr (GPtrArray) rows = NULL;

  fixture_open (fixture);
  rows = add_random (fixture->store, 1500, CHANGE_US, 20);
  for (guint i = 0; i < G_N_ELEMENTS (zones); i++)
    {
      g_autoptr (GArray) days = days_of_zone (zones[i], CHANGE_US - 9 * OKAP_DAY_US, 14, FALSE);
      g_autoptr (GArray) months = days_of_zone (zones[i], CHANGE_US - 90 * OKAP_DAY_US, 6, TRUE);

      compare_all (fixture->store, rows, days);
      compare_all (fixture->store, rows, months);
    }
}

static void
test_widths (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    gint64 from_us;
    guint n_buckets;
    gint64 width_us;
  } cases[] = {
    { CHANGE_US - 12 * OKAP_HOUR_US, 25, OKAP_HOUR_US },
    { CHANGE_US + 1, 30, OKAP_HOUR_US + 1 },
    { CHANGE_US - 12345, 20, OKAP_MINUTE_US },
    { CHANGE_US - 12345, 20, 1 },
    { CHANGE_US - OKAP_DAY_US, 5, 20 * OKAP_HOUR_US },
    { CHANGE_US - 3 * OKAP_DAY_US, 7, 23 * OKAP_HOUR_US + 7 },
    { CHANGE_US - 20 * OKAP_DAY_US, 1, 40 * OKAP_DAY_US },
    { 0, 1, OKAP_USAGE_END_US },
    { 0, 2, CHANGE_US - 1 },
    { CHANGE_US + 100 * OKAP_DAY_US, 4, OKAP_DAY_US },
    { CHANGE_US - 100 * OKAP_DAY_US, 4, OKAP_DAY_US },
  };
  g_autoptr (GPtrArray) rows = NULL;

  fixture_open (fixture);
  rows = add_random (fixture->store, 1500, CHANGE_US, 4);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) borders = even_borders (cases[i].from_us, cases[i].n_buckets,
                                                 cases[i].width_us);

      compare_all (fixture->store, rows, borders);
    }
}

static void
test_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) borders = even_borders (CHANGE_US, 3, OKAP_DAY_US);
  g_autoptr (OkapUsageTimeline) line = NULL;

  fixture_open (fixture);
  line = ask_timeline (fixture->store, OKAP_USAGE_BY_APP, borders, MOST);
  g_assert_cmpuint (line->n_groups, ==, 0);
  g_assert_cmpuint (line->n_buckets, ==, 3);
  g_assert_false (line->has_rest);
  g_assert_cmpint (okap_usage_timeline_sum (line, 0, 3).requests, ==, 0);
}

static void
test_rest (Fixture *fixture, gconstpointer data)
{
  static const gint64 costs[] = { 5, 40, -30, 2, 40 };
  g_autoptr (GArray) borders = even_borders (CHANGE_US, 2, OKAP_DAY_US);
  g_autoptr (OkapUsageTimeline) line = NULL;
  g_autoptr (OkapUsageTimeline) whole = NULL;

  fixture_open (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      g_autofree char *app = g_strdup_printf ("app-%u", i);
      g_autoptr (OkapUsage) usage = new_usage ("g", app, "m", CHANGE_US + OKAP_DAY_US);

      usage->cost_nusd = costs[i];
      if (costs[i] < 0)
        usage->cost_status = OKAP_COST_CORRECTION;
      okap_store_add_usage (fixture->store, usage);
    }
  line = ask_timeline (fixture->store, OKAP_USAGE_BY_APP, borders, 2);
  g_assert_cmpuint (line->n_groups, ==, 3);
  g_assert_cmpstr (line->keys[0], ==, "app-1");
  g_assert_cmpstr (line->keys[1], ==, "app-4");
  g_assert_cmpstr (line->keys[2], ==, "");
  g_assert_true (line->has_rest);
  g_assert_cmpuint (line->n_rest, ==, 3);
  g_assert_cmpint (okap_usage_timeline_get (line, 2, 1)->cost_nusd, ==, 5 - 30 + 2);
  g_assert_cmpint (okap_usage_timeline_get (line, 2, 1)->requests, ==, 2);

  whole = ask_timeline (fixture->store, OKAP_USAGE_BY_APP, borders, 5);
  g_assert_cmpuint (whole->n_groups, ==, 5);
  g_assert_false (whole->has_rest);
}

static void
test_latency (Fixture *fixture, gconstpointer data)
{
  OkapLatency latency;

  fixture_open (fixture);
  g_assert_cmpuint (ask_latency (fixture->store, 0, G_MAXINT64, 10).n_requests, ==, 0);
  for (guint i = 1; i <= 300; i++)  /* the newest are the slowest */
    {
      g_autoptr (OkapUsage) usage = new_usage ("g", "app", "m", CHANGE_US + i);

      usage->first_byte_us = i;
      if (i % 3 == 0)
        usage->http_status = 500;
      okap_store_add_usage (fixture->store, usage);
    }
  latency = ask_latency (fixture->store, CHANGE_US, CHANGE_US + 301, 1000);
  g_assert_cmpuint (latency.n_requests, ==, 200);
  g_assert_cmpint (latency.median_us, ==, 149);
  g_assert_cmpint (latency.p95_us, ==, 284);
  latency = ask_latency (fixture->store, CHANGE_US, CHANGE_US + 301, 30);
  g_assert_cmpuint (latency.n_requests, ==, 20);
  g_assert_cmpint (latency.median_us, ==, 284);
  g_assert_cmpuint (ask_latency (fixture->store, 0, CHANGE_US, 30).n_requests, ==, 0);
  latency = ask_latency (fixture->store, CHANGE_US + 7, CHANGE_US + 8, 30);
  g_assert_cmpint (latency.median_us, ==, 7);
  g_assert_cmpint (latency.p95_us, ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/store-timeline/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("zones", test_zones);
  ADD ("widths", test_widths);
  ADD ("none", test_none);
  ADD ("rest", test_rest);
  ADD ("latency", test_latency);
  return g_test_run ();
}
