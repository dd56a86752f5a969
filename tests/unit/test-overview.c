/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the overview says without drawing anything: periods, marks, forecast, caps, words, files. */
#include "config.h"

#include <json-glib/json-glib.h>
#include <locale.h>

#include "okap-bar-words.h"
#include "okap-clock.h"
#include "okap-forecast.h"
#include "okap-money.h"
#include "okap-ticks.h"
#include "okap-timeline-text.h"

#define USD OKAP_NUSD_PER_USD

/* 2026-11-03 09:00 UTC, a Tuesday. */
#define TUESDAY_US (G_GINT64_CONSTANT (1793696400) * OKAP_SECOND_US)

static GTimeZone *
berlin (void)
{
  return g_time_zone_new_identifier ("Europe/Berlin");
}

/* Periods */

static gint64
time_of (const char *text)
{
  gint64 time_us;

  g_assert_true (okap_time_parse (text, &time_us));
  return time_us;
}

static void
test_borders (void)
{
  static const struct
  {
    const char *at;
    OkapRange range;
    guint first_weekday;
    guint n_buckets;
    const char *first;
    const char *until;
  } cases[] = {
    { "2026-11-03T09:00:00Z", OKAP_RANGE_DAY, 1, 24, "2026-11-02T23:00:00Z",
      "2026-11-03T23:00:00Z" },
    { "2026-10-25T09:00:00Z", OKAP_RANGE_DAY, 1, 25, "2026-10-24T22:00:00Z",
      "2026-10-25T23:00:00Z" },
    { "2026-03-29T09:00:00Z", OKAP_RANGE_DAY, 1, 23, "2026-03-28T23:00:00Z",
      "2026-03-29T22:00:00Z" },
    { "2026-11-03T09:00:00Z", OKAP_RANGE_WEEK, 1, 7, "2026-11-01T23:00:00Z",
      "2026-11-08T23:00:00Z" },
    { "2026-11-03T09:00:00Z", OKAP_RANGE_WEEK, 7, 7, "2026-10-31T23:00:00Z",
      "2026-11-07T23:00:00Z" },
    { "2026-11-03T09:00:00Z", OKAP_RANGE_WEEK, 6, 7, "2026-10-30T23:00:00Z",
      "2026-11-06T23:00:00Z" },
    { "2026-11-01T23:00:00Z", OKAP_RANGE_WEEK, 1, 7, "2026-11-01T23:00:00Z",
      "2026-11-08T23:00:00Z" },
    { "2026-11-01T22:59:59Z", OKAP_RANGE_WEEK, 1, 7, "2026-10-25T23:00:00Z",
      "2026-11-01T23:00:00Z" },
    { "2026-10-25T09:00:00Z", OKAP_RANGE_MONTH, 1, 31, "2026-09-30T22:00:00Z",
      "2026-10-31T23:00:00Z" },
    { "2028-02-10T09:00:00Z", OKAP_RANGE_MONTH, 1, 29, "2028-01-31T23:00:00Z",
      "2028-02-29T23:00:00Z" },
    { "2026-11-03T09:00:00Z", OKAP_RANGE_YEAR, 1, 12, "2025-12-31T23:00:00Z",
      "2026-12-31T23:00:00Z" },
  };
  g_autoptr (GTimeZone) zone = berlin ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) borders = okap_period_dup_borders (cases[i].range, time_of (cases[i].at),
                                                            zone, cases[i].first_weekday);
      const gint64 *border = (const gint64 *) (gpointer) borders->data;

      g_assert_cmpuint (borders->len, ==, cases[i].n_buckets + 1);
      g_assert_cmpint (border[0], ==, time_of (cases[i].first));
      g_assert_cmpint (border[borders->len - 1], ==, time_of (cases[i].until));
      for (guint j = 1; j < borders->len; j++)
        g_assert_cmpint (border[j], >, border[j - 1]);
    }
}

/* In any zone, at any time, for two years: what holds @at_us, and ends where the next begins. */
static void
test_borders_everywhere (void)
{
  static const char *const zones[] = { "UTC", "Australia/Lord_Howe", "America/St_Johns",
                                       "Pacific/Apia", "Asia/Gaza", "Africa/Casablanca" };

  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zones[z]);

      for (gint64 day = 0; day < 730; day += 5)
        for (guint range = 0; range < OKAP_N_RANGES; range++)
          {
            gint64 at_us = time_of ("2011-06-01") + day * OKAP_DAY_US + day * 12345678;
            g_autoptr (GArray) borders = okap_period_dup_borders ((OkapRange) range, at_us, zone,
                                                                  1);
            gint64 first = g_array_index (borders, gint64, 0);
            gint64 end = g_array_index (borders, gint64, borders->len - 1);
            g_autoptr (GArray) next = okap_period_dup_borders ((OkapRange) range, end, zone, 1);

            g_assert_cmpint (first, <=, at_us);
            g_assert_cmpint (end, >, at_us);
            g_assert_cmpint (g_array_index (next, gint64, 0), ==, end);
          }
    }
}

static void
test_first_weekday (void)
{
  g_assert_cmpuint (okap_period_first_weekday (1), ==, 1);
  g_assert_cmpuint (okap_period_first_weekday (6), ==, 6);
  g_assert_cmpuint (okap_period_first_weekday (7), ==, 7);
  g_assert_cmpuint (okap_period_first_weekday (0), >=, 1);
  g_assert_cmpuint (okap_period_first_weekday (0), <=, 7);
}

/* Marks */

static void
test_ticks (void)
{
  static const struct
  {
    gint64 least;
    gint64 most;
    guint n_wanted;
    gint64 low;
    gint64 high;
    gint64 step;
    const char *last;
  } cases[] = {
    { 0, 0, 4, 0, USD, USD / 2, "$1.00" },
    { 0, 1, 4, 0, 1, 1, "$0.000000001" },
    { 0, 10 * USD, 4, 0, 10 * USD, 5 * USD, "$10" },
    { 0, 12 * USD, 4, 0, 15 * USD, 5 * USD, "$15" },
    { 0, 99 * USD / 100, 4, 0, USD, 50 * USD / 100, "$1.00" },
    { 0, 37 * USD / 1000, 4, 0, 40 * USD / 1000, 10 * USD / 1000, "$0.04" },
    { -3 * USD, 5 * USD, 4, -4 * USD, 6 * USD, 2 * USD, "$6" },
    { -3 * USD, -1 * USD, 4, -3 * USD, 0, USD, "$0" },
    { 0, 1234567 * USD, 4, 0, 1500000 * USD, 500000 * USD, "$1500000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapTicks ticks = okap_ticks_for_money (cases[i].least, cases[i].most, cases[i].n_wanted);
      guint count = okap_ticks_get_count (&ticks);
      g_autofree char *last = okap_ticks_format (&ticks, count - 1);

      g_assert_cmpint (ticks.step, ==, cases[i].step);
      g_assert_cmpint (ticks.low, ==, cases[i].low);
      g_assert_cmpint (ticks.high, ==, cases[i].high);
      g_assert_cmpstr (last, ==, cases[i].last);
    }
  for (guint i = 0; i < 2000; i++)
    {
      gint64 span = (gint64) 1 << g_test_rand_int_range (0, 62);
      gint64 least = (gint64) (g_test_rand_double_range (-1, 0.2) * (double) span);
      gint64 most = (gint64) (g_test_rand_double_range (-0.2, 1) * (double) span);
      OkapTicks ticks = okap_ticks_for_money (least, most, 4);

      g_assert_cmpuint (okap_ticks_get_count (&ticks), <=, OKAP_TICKS_MOST);
      g_assert_cmpuint (okap_ticks_get_count (&ticks), >=, 2);
      g_assert_cmpint (ticks.low, <=, MAX (least, -OKAP_TICKS_END_NUSD));
      g_assert_cmpint (ticks.high, >=, MIN (most, OKAP_TICKS_END_NUSD));
    }
}

/* Forecast */

static OkapPace
even_pace (gint64 day_nusd)
{
  return (OkapPace) {
    .now_us = TUESDAY_US,
    .month_end_us = TUESDAY_US + 20 * OKAP_DAY_US,
    .first_us = TUESDAY_US - 28 * OKAP_DAY_US,
    .month_nusd = 10 * day_nusd,
    .week_from_us = TUESDAY_US - 7 * OKAP_DAY_US,
    .week_nusd = 7 * day_nusd,
    .weeks_from_us = TUESDAY_US - 28 * OKAP_DAY_US,
    .weeks_nusd = 28 * day_nusd,
    .weeks_requests = 100,
  };
}

static void
test_forecast (void)
{
  OkapPace pace = even_pace (USD);
  gint64 nusd;

  g_assert_true (okap_forecast_month (&pace, &nusd));
  g_assert_cmpint (nusd, ==, 30 * USD);

  pace.week_nusd = 14 * USD;  /* twice as fast as before: counts for two thirds */
  g_assert_true (okap_forecast_month (&pace, &nusd));
  g_assert_cmpint (nusd, >, 43 * USD);
  g_assert_cmpint (nusd, <, 44 * USD);

  pace = even_pace (USD);  /* begun five days ago: the weeks before do not thin it */
  pace.first_us = TUESDAY_US - 5 * OKAP_DAY_US;
  pace.month_nusd = pace.week_nusd = pace.weeks_nusd = 5 * USD;
  g_assert_true (okap_forecast_month (&pace, &nusd));
  g_assert_cmpint (nusd, ==, 25 * USD);

  pace = even_pace (0);
  g_assert_true (okap_forecast_month (&pace, &nusd));
  g_assert_cmpint (nusd, ==, 0);
  pace = even_pace (-USD);  /* corrections do not make the future cheaper */
  g_assert_true (okap_forecast_month (&pace, &nusd));
  g_assert_cmpint (nusd, ==, -10 * USD);
  pace = even_pace (G_MAXINT64 / 100);
  g_assert_true (okap_forecast_month (&pace, &nusd));
  g_assert_cmpint (nusd, >, 0);
}

static void
test_no_forecast (void)
{
  OkapPace pace = even_pace (USD);
  gint64 nusd;

  pace.first_us = 0;
  g_assert_false (okap_forecast_month (&pace, &nusd));
  pace = even_pace (USD);
  pace.first_us = TUESDAY_US - OKAP_DAY_US;
  g_assert_false (okap_forecast_month (&pace, &nusd));
  pace = even_pace (USD);
  pace.weeks_requests = 9;
  g_assert_false (okap_forecast_month (&pace, &nusd));
}

static OkapGrant *
grant_with (gint64 monthly, gint64 daily, gint64 total)
{
  OkapGrant *grant = okap_grant_new ();
  OkapScope *scope = okap_scope_new ("openai");

  if (monthly >= 0)
    okap_limits_set (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND, monthly);
  if (daily >= 0)
    okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, daily);
  if (total >= 0)
    okap_limits_set (&scope->limits, OKAP_LIMIT_TOTAL_SPEND, total);
  g_ptr_array_add (grant->scopes, scope);
  grant->expires_us = TUESDAY_US + OKAP_DAY_US;
  return grant;
}

static void
test_caps (void)
{
  static const struct
  {
    gint64 monthly;
    gint64 daily;
    gint64 total;
    gint64 most;
  } cases[] = {
    { 10 * USD, -1, -1, 10 * USD },
    { -1, USD, -1, 30 * USD },
    { 10 * USD, USD, -1, 10 * USD },
    { 40 * USD, USD, -1, 30 * USD },
    { 40 * USD, USD, 5 * USD, 5 * USD },
    { 0, -1, -1, 0 },
    { -1, -1, -1, -1 },
    { -1, G_MAXINT64 / 4, -1, G_MAXINT64 },
  };
  OkapCaps caps = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapGrant) grant = grant_with (cases[i].monthly, cases[i].daily, cases[i].total);

      g_assert_cmpint (okap_caps_get_month (g_ptr_array_index (grant->scopes, 0), 30), ==,
                       cases[i].most);
      if (i == G_N_ELEMENTS (cases) - 1)
        break;
      okap_caps_add (&caps, grant, TUESDAY_US, 30);
      okap_caps_add (&caps, grant, TUESDAY_US + 2 * OKAP_DAY_US, 30);  /* has expired by then */
    }
  g_assert_cmpint (caps.nusd, ==, 85 * USD);
  g_assert_cmpuint (caps.n_limited, ==, 6);
  g_assert_cmpuint (caps.n_open, ==, 1);
}

/* Words and files */

/* Two days: on the first all kinds of groups, on the second nothing. */
static OkapUsageTimeline *
new_line (GTimeZone *zone)
{
  static const char *const keys[] = { "Notes", "=cmd(\"x\")", "", "Mail", "" };
  static const gint64 costs[] = { 800000000, 300000000, 100000001, -50000000, 49999999 };
  gint64 day_us = okap_time_day_start (TUESDAY_US, zone);
  gint64 next_us = okap_time_next_day (TUESDAY_US, zone);
  const gint64 borders[] = { day_us, next_us, okap_time_next_day (next_us, zone) };
  OkapUsageTimeline *line = okap_usage_timeline_new (borders, 2, G_N_ELEMENTS (keys));

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      OkapUsageCounts *counts = okap_usage_timeline_get (line, i, 0);

      line->keys[i] = g_strdup (keys[i]);
      counts->cost_nusd = costs[i];
      counts->requests = i;
      counts->input_tokens = 1000 * i;
      counts->unknown_requests = i == 3 ? 2 : 0;
    }
  line->has_rest = TRUE;
  line->n_rest = 7;
  return line;
}

static void
test_words (void)
{
  g_autoptr (GTimeZone) zone = berlin ();
  g_autoptr (OkapUsageTimeline) line = new_line (zone);
  g_autofree char *first = okap_bar_words_for_bucket (line, 0, OKAP_RANGE_WEEK, OKAP_USAGE_BY_APP,
                                                      zone);
  g_autofree char *second = okap_bar_words_for_bucket (line, 1, OKAP_RANGE_WEEK,
                                                       OKAP_USAGE_BY_APP, zone);
  g_autofree char *unnamed = okap_bar_words_for_group (line, 2, OKAP_USAGE_BY_MODEL);
  g_autofree char *rest = okap_bar_words_for_group (line, 4, OKAP_USAGE_BY_MODEL);
  g_autofree char *negative = okap_bar_words_for_money (-50000000);
  g_autofree char *zero = okap_bar_words_for_money (0);
  g_autofree char *small = okap_bar_words_for_money (2 * USD / 1000);

  g_assert_cmpstr (first, ==,
                   "Tuesday, 3 November: $1.20 for 10 requests, of which Notes $0.80, "
                   "=cmd(\"x\") $0.30, Unnamed $0.10; 2 requests without a known price");
  g_assert_cmpstr (second, ==, "Wednesday, 4 November: nothing spent, no requests");
  g_assert_cmpstr (unnamed, ==, "Unnamed");
  g_assert_cmpstr (rest, ==, "7 others");
  g_assert_cmpstr (negative, ==, "−$0.05");
  g_assert_cmpstr (zero, ==, "$0.00");
  g_assert_cmpstr (small, ==, "$0.0020");
}

static void
test_titles (void)
{
  g_autoptr (GTimeZone) zone = berlin ();
  static const struct
  {
    OkapRange range;
    const char *title;
    const char *bucket;
    const char *tick;
  } cases[] = {
    { OKAP_RANGE_DAY, "Tuesday, 3 November 2026", "00:00 – 01:00", "00:00" },
    { OKAP_RANGE_WEEK, "2 November – 8 November 2026", "Monday, 2 November", "Mon" },
    { OKAP_RANGE_MONTH, "November 2026", "Sunday, 1 November", "1" },
    { OKAP_RANGE_YEAR, "2026", "January 2026", "Jan" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) borders = okap_period_dup_borders (cases[i].range, TUESDAY_US, zone, 1);
      gint64 from = g_array_index (borders, gint64, 0);
      gint64 next = g_array_index (borders, gint64, 1);
      gint64 end = g_array_index (borders, gint64, borders->len - 1);
      g_autofree char *title = okap_period_dup_title (cases[i].range, from, end, zone);
      g_autofree char *bucket = okap_period_dup_bucket (cases[i].range, from, next, zone);
      g_autofree char *tick = okap_period_dup_tick (cases[i].range, from, zone);

      g_assert_cmpstr (title, ==, cases[i].title);
      g_assert_cmpstr (bucket, ==, cases[i].bucket);
      g_assert_cmpstr (tick, ==, cases[i].tick);
    }
}

static void
test_csv (void)
{
  static const char expected[] =
    "from,until,app,stands_for,cost_usd,requests,requests_without_price,requests_estimated,"
    "requests_failed,input_tokens,cached_input_tokens,output_tokens\r\n"
    "F,U,\"Notes\",1,0.80,0,0,0,0,0,0,0\r\n"
    "F,U,\"'=cmd(\"\"x\"\")\",1,0.30,1,0,0,0,1000,0,0\r\n"
    "F,U,\"\",1,0.100000001,2,0,0,0,2000,0,0\r\n"
    "F,U,\"Mail\",1,-0.05,3,2,0,0,3000,0,0\r\n"
    "F,U,\"(others)\",7,0.049999999,4,0,0,0,4000,0,0\r\n";
  g_autoptr (GTimeZone) zone = berlin ();
  g_autoptr (OkapUsageTimeline) line = new_line (zone);
  g_autoptr (GBytes) csv = okap_timeline_to_csv (line, OKAP_USAGE_BY_APP, zone);
  g_autoptr (GString) text = g_string_new_len (g_bytes_get_data (csv, NULL),
                                               (gssize) g_bytes_get_size (csv));

  g_assert_cmpuint (g_string_replace (text, "2026-11-03T00:00:00+01:00", "F", 0), ==, 5);
  g_assert_cmpuint (g_string_replace (text, "2026-11-04T00:00:00+01:00", "U", 0), ==, 5);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_csv_formulas (void)
{
  static const char *const names[] = { "=1", "+1", "-1", "@a", "\ta", "\r=1" };
  const gint64 borders[] = { 0, OKAP_DAY_US };
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OkapUsageTimeline) line = okap_usage_timeline_new (borders, 1, 1);
      g_autoptr (GBytes) csv = NULL;
      const char *data;
      gsize size;

      line->keys[0] = g_strdup (names[i]);
      okap_usage_timeline_get (line, 0, 0)->requests = 1;
      csv = okap_timeline_to_csv (line, OKAP_USAGE_BY_MODEL, zone);
      data = g_bytes_get_data (csv, &size);
      g_assert_nonnull (g_strstr_len (data, (gssize) size, ",\"'"));
      g_assert_null (g_strstr_len (data, (gssize) size, "\t"));
    }
}

static void
test_json (void)
{
  g_autoptr (GTimeZone) zone = berlin ();
  g_autoptr (OkapUsageTimeline) line = new_line (zone);
  g_autoptr (GBytes) text = okap_timeline_to_json (line, OKAP_USAGE_BY_PROVIDER, zone);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root, *period, *group;
  gsize size;
  const char *data = g_bytes_get_data (text, &size);

  json_parser_load_from_data (parser, data, (gssize) size, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  g_assert_cmpstr (json_object_get_string_member (root, "currency"), ==, "USD");
  g_assert_cmpstr (json_object_get_string_member (root, "grouped_by"), ==, "provider");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "periods")), ==, 2);
  period = json_array_get_object_element (json_object_get_array_member (root, "periods"), 0);
  g_assert_cmpstr (json_object_get_string_member (period, "from"), ==,
                   "2026-11-03T00:00:00+01:00");
  group = json_array_get_object_element (json_object_get_array_member (period, "groups"), 1);
  g_assert_cmpstr (json_object_get_string_member (group, "provider"), ==, "=cmd(\"x\")");
  g_assert_cmpstr (json_object_get_string_member (group, "cost_usd"), ==, "0.30");
  group = json_array_get_object_element (json_object_get_array_member (period, "groups"), 4);
  g_assert_true (json_object_get_null_member (group, "provider"));
  g_assert_cmpint (json_object_get_int_member (group, "stands_for"), ==, 7);
  g_assert_cmpstr (json_object_get_string_member (group, "cost_usd"), ==, "0.049999999");
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overview/borders", test_borders);
  g_test_add_func ("/overview/borders-everywhere", test_borders_everywhere);
  g_test_add_func ("/overview/first-weekday", test_first_weekday);
  g_test_add_func ("/overview/ticks", test_ticks);
  g_test_add_func ("/overview/forecast", test_forecast);
  g_test_add_func ("/overview/no-forecast", test_no_forecast);
  g_test_add_func ("/overview/caps", test_caps);
  g_test_add_func ("/overview/words", test_words);
  g_test_add_func ("/overview/titles", test_titles);
  g_test_add_func ("/overview/csv", test_csv);
  g_test_add_func ("/overview/csv-formulas", test_csv_formulas);
  g_test_add_func ("/overview/json", test_json);
  return g_test_run ();
}
