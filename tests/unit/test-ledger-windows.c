/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Days and months of the ledger, against the calendar. */
#include "okap-ledger.h"

static gint64
at (const char *text)
{
  gint64 time_us;

  g_assert_true (okap_time_parse (text, &time_us));
  return time_us;
}

static OkapLedger *
new_ledger (const char *zone_name, gint64 now_us)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zone_name);
  OkapLedger *ledger = okap_ledger_new ();
  OkapLimits limits = { 0 };

  g_assert_nonnull (zone);
  okap_limits_set (&limits, OKAP_LIMIT_DAILY_SPEND, 100);
  okap_limits_set (&limits, OKAP_LIMIT_MONTHLY_SPEND, 1000);
  okap_ledger_set_limits (ledger, &limits, zone, now_us);
  return ledger;
}

static const struct
{
  const char *zone;
  const char *now;
  const char *day_start, *day_end;
  const char *month_start, *month_end;
} window_cases[] = {
  /* An hour is missing, and an hour comes twice. */
  { "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z",
    "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z" },
  { "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z",
    "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z" },
  { "America/St_Johns", "2026-03-08T12:00:00Z", "2026-03-08T03:30:00Z", "2026-03-09T02:30:00Z",
    "2026-03-01T03:30:00Z", "2026-04-01T02:30:00Z" },
  { "America/St_Johns", "2026-11-01T12:00:00Z", "2026-11-01T02:30:00Z", "2026-11-02T03:30:00Z",
    "2026-11-01T02:30:00Z", "2026-12-01T03:30:00Z" },
  { "Asia/Kathmandu", "2026-11-23T18:14:59Z", "2026-11-22T18:15:00Z", "2026-11-23T18:15:00Z",
    "2026-10-31T18:15:00Z", "2026-11-30T18:15:00Z" },
  { "Asia/Kathmandu", "2026-11-23T18:15:00Z", "2026-11-23T18:15:00Z", "2026-11-24T18:15:00Z",
    "2026-10-31T18:15:00Z", "2026-11-30T18:15:00Z" },
  /* 30 December 2011 never came. */
  { "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z",
    "2011-12-01T10:00:00Z", "2011-12-31T10:00:00Z" },
  { "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z",
    "2011-12-01T10:00:00Z", "2011-12-31T10:00:00Z" },
  /* Midnight itself is missing. */
  { "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z",
    "2018-11-01T03:00:00Z", "2018-12-01T02:00:00Z" },
  { "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z",
    "2018-11-01T03:00:00Z", "2018-12-01T02:00:00Z" },
  /* Ends of months and of years, leap days. */
  { "UTC", "2026-01-31T23:59:59Z", "2026-01-31", "2026-02-01", "2026-01-01", "2026-02-01" },
  { "UTC", "2026-02-28T00:00:00Z", "2026-02-28", "2026-03-01", "2026-02-01", "2026-03-01" },
  { "UTC", "2028-02-28T23:59:59Z", "2028-02-28", "2028-02-29", "2028-02-01", "2028-03-01" },
  { "UTC", "2028-02-29T12:00:00Z", "2028-02-29", "2028-03-01", "2028-02-01", "2028-03-01" },
  { "UTC", "2026-12-31T12:00:00Z", "2026-12-31", "2027-01-01", "2026-12-01", "2027-01-01" },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (window_cases); i++)
    {
      OkapLedger *ledger = new_ledger (window_cases[i].zone, at (window_cases[i].now));
      const OkapSpendWindow *day = &ledger->windows[OKAP_LIMIT_DAILY_SPEND];
      const OkapSpendWindow *month = &ledger->windows[OKAP_LIMIT_MONTHLY_SPEND];

      g_test_message ("%s %s", window_cases[i].zone, window_cases[i].now);
      g_assert_cmpint (day->start_us, ==, at (window_cases[i].day_start));
      g_assert_cmpint (day->end_us, ==, at (window_cases[i].day_end));
      g_assert_cmpint (month->start_us, ==, at (window_cases[i].month_start));
      g_assert_cmpint (month->end_us, ==, at (window_cases[i].month_end));
      okap_ledger_free (ledger);
    }
}

static guint32
get_wall_date (GTimeZone *zone, gint64 time_us, gboolean of_month)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_us / OKAP_SECOND_US);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);

  return (guint32) (g_date_time_get_year (local) * 10000 + g_date_time_get_month (local) * 100
                    + (of_month ? 0 : g_date_time_get_day_of_month (local)));
}

/* The date that the wall shows for good: where a minute past midnight the clock goes back by an
 * hour, the old day is not over at midnight. A number that grows. */
static guint32
get_date (GTimeZone *zone, gint64 time_us, gboolean of_month)
{
  return MIN (get_wall_date (zone, time_us, of_month),
              get_wall_date (zone, time_us + 59 * OKAP_MINUTE_US, of_month));
}

/* Two years in steps of eleven minutes: what was spent is forgotten exactly when the date on the
 * wall changes. */
static void
test_walk (gconstpointer data)
{
  const char *const *row = data;
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (row[0]);
  gint64 now_us = at (row[1]);
  gint64 end_us = now_us + 730 * OKAP_DAY_US;
  OkapLedger *ledger = new_ledger (row[0], now_us);
  guint32 day = get_date (zone, now_us, FALSE);
  guint32 month = get_date (zone, now_us, TRUE);

  okap_ledger_correct (ledger, 1, now_us);
  for (; now_us < end_us; now_us += 11 * OKAP_MINUTE_US)
    {
      guint32 day_now = get_date (zone, now_us, FALSE);
      guint32 month_now = get_date (zone, now_us, TRUE);

      g_assert_cmpuint (day_now, >=, day);
      okap_ledger_roll (ledger, now_us);
      g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd, ==, day_now == day);
      g_assert_cmpint (ledger->windows[OKAP_LIMIT_MONTHLY_SPEND].settled_nusd, ==,
                       month_now == month);
      ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd = 1;
      ledger->windows[OKAP_LIMIT_MONTHLY_SPEND].settled_nusd = 1;
      day = day_now;
      month = month_now;
    }
  okap_ledger_free (ledger);
}

static const char *const walks[][2] = {
  { "Europe/Berlin", "2026-01-01" },
  { "America/St_Johns", "2009-06-01" },  /* changed at one minute past midnight */
  { "Asia/Kathmandu", "2026-01-01" },
  { "Pacific/Apia", "2011-01-01" },
  { "America/Sao_Paulo", "2017-06-01" },
  { "Asia/Beirut", "2022-06-01" },
  { "America/Havana", "2025-06-01" },
  { "Atlantic/Azores", "2025-06-01" },
  { "Australia/Lord_Howe", "2025-06-01" },
  { "America/Scoresbysund", "2023-06-01" },
};

/* A clock that is set back stays in the windows that were counted last; what starts then is dated
 * at the beginning of that day, in which it counts. */
static void
test_set_back (void)
{
  const gint64 now_us = at ("2026-12-01T00:10:00Z");
  OkapLedger *ledger = new_ledger ("UTC", now_us);
  const OkapAdmission admission = { .counted = TRUE, .worst_nusd = 60, .least_nusd = 60 };
  OkapSettlement settlement;
  OkapRefusal refusal;
  OkapLease lease;

  g_assert_true (okap_ledger_admit (ledger, &admission, now_us, 1, &lease, &refusal));
  g_assert_cmpint (lease.started_us, ==, now_us);
  okap_ledger_settle (ledger, &lease, 60, 0, now_us, &settlement);
  g_assert_false (okap_ledger_admit (ledger, &admission, now_us - OKAP_DAY_US, 2, &lease,
                                     &refusal));
  g_assert_cmpint (refusal.settled, ==, 60);
  g_assert_cmpint (refusal.resets_us, ==, at ("2026-12-02"));

  okap_ledger_correct (ledger, -60, now_us - OKAP_DAY_US);
  g_assert_true (okap_ledger_admit (ledger, &admission, now_us - OKAP_DAY_US, 2, &lease,
                                    &refusal));
  g_assert_cmpint (lease.started_us, ==, at ("2026-12-01"));
  okap_ledger_settle (ledger, &lease, 60, 0, now_us - 40 * OKAP_DAY_US, &settlement);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd, ==, 60);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_MONTHLY_SPEND].settled_nusd, ==, 60);
  g_assert_true (okap_ledger_admit (ledger, &admission, now_us + OKAP_DAY_US, 3, &lease,
                                    &refusal));
  okap_ledger_free (ledger);
}

/* Sums that the store made in another window than the one that it is now. */
static void
test_restored (void)
{
  const OkapPast past = { "demo", at ("2026-11-30"), at ("2026-11-01"), 3, 70, 80, 90 };
  OkapLedger *ledger = new_ledger ("UTC", at ("2026-12-01T00:00:00Z"));

  okap_ledger_restore (ledger, &past, at ("2026-12-01T00:00:00Z"), 1);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd, ==, 0);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_MONTHLY_SPEND].settled_nusd, ==, 0);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_TOTAL_SPEND].settled_nusd, ==, 90);
  okap_ledger_free (ledger);

  /* The clock was set back since they were made. */
  ledger = new_ledger ("UTC", at ("2026-10-15T12:00:00Z"));
  okap_ledger_restore (ledger, &past, at ("2026-10-15T12:00:00Z"), 1);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd, ==, 70);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_MONTHLY_SPEND].settled_nusd, ==, 80);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].end_us, ==, at ("2026-12-01"));
  okap_ledger_free (ledger);
}

/* Another zone counts from the next day on, and gives nothing back. */
static void
test_zone_changes (void)
{
  g_autoptr (GTimeZone) apia = g_time_zone_new_identifier ("Pacific/Apia");
  const gint64 now_us = at ("2026-11-23T09:00:00Z");
  OkapLedger *ledger = new_ledger ("UTC", now_us);
  OkapLimits limits = ledger->limits;

  okap_ledger_correct (ledger, 60, now_us);
  okap_ledger_set_limits (ledger, &limits, apia, now_us);
  okap_ledger_roll (ledger, at ("2026-11-23T23:59:59Z"));
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd, ==, 60);
  okap_ledger_roll (ledger, at ("2026-11-24T00:00:00Z"));
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd, ==, 0);
  g_assert_cmpint (ledger->windows[OKAP_LIMIT_DAILY_SPEND].end_us, ==, at ("2026-11-24T11:00:00Z"));
  okap_ledger_free (ledger);
}

/* So much more for a day, whichever limit is the narrowest; and not a cent of it after the day. */
static void
test_extra (void)
{
  gint64 now_us = at ("2026-11-23T12:00:00Z");
  OkapLedger *ledger = new_ledger ("UTC", now_us);
  const OkapExtra extra = { .nusd = 30, .until_us = at ("2026-11-24") };
  OkapStanding standing;

  okap_ledger_correct (ledger, 90, now_us);
  okap_ledger_set_extra (ledger, &extra);
  g_assert_cmpint (okap_ledger_get_room (ledger, OKAP_LIMIT_DAILY_SPEND), ==, 40);
  g_assert_cmpint (okap_ledger_get_room (ledger, OKAP_LIMIT_MONTHLY_SPEND), ==, 940);
  standing = okap_ledger_get_money (ledger, OKAP_LIMIT_DAILY_SPEND);
  g_assert_cmpint (standing.cap, ==, 130);

  okap_ledger_roll (ledger, extra.until_us - 1);
  g_assert_cmpint (okap_ledger_get_cap (ledger, OKAP_LIMIT_DAILY_SPEND), ==, 130);
  okap_ledger_roll (ledger, extra.until_us);
  g_assert_cmpint (okap_ledger_get_cap (ledger, OKAP_LIMIT_DAILY_SPEND), ==, 100);
  g_assert_cmpint (okap_ledger_get_cap (ledger, OKAP_LIMIT_MONTHLY_SPEND), ==, 1000);

  /* A clock that is set back, and a version that still has it, bring nothing back. */
  okap_ledger_roll (ledger, now_us);
  okap_ledger_set_extra (ledger, &extra);
  g_assert_cmpint (okap_ledger_get_cap (ledger, OKAP_LIMIT_DAILY_SPEND), ==, 100);
  okap_ledger_free (ledger);
}

/* The month is what binds: it is lifted, too, and above its cap when the day is over. */
static void
test_extra_of_month (void)
{
  gint64 now_us = at ("2026-11-23T12:00:00Z");
  OkapLedger *ledger = new_ledger ("UTC", now_us);
  const OkapExtra extra = { .nusd = 30, .until_us = at ("2026-11-24") };

  okap_ledger_correct (ledger, 1000, now_us);
  ledger->windows[OKAP_LIMIT_DAILY_SPEND].settled_nusd = 0;  /* it was on earlier days */
  g_assert_cmpint (okap_ledger_get_room (ledger, OKAP_LIMIT_MONTHLY_SPEND), ==, 0);
  okap_ledger_set_extra (ledger, &extra);
  g_assert_cmpint (okap_ledger_get_room (ledger, OKAP_LIMIT_MONTHLY_SPEND), ==, 30);
  okap_ledger_correct (ledger, 30, now_us);
  g_assert_cmpint (okap_ledger_get_room (ledger, OKAP_LIMIT_MONTHLY_SPEND), ==, 0);
  okap_ledger_roll (ledger, extra.until_us);
  g_assert_cmpint (okap_ledger_get_room (ledger, OKAP_LIMIT_MONTHLY_SPEND), ==, 0);
  g_assert_cmpint (okap_ledger_get_room (ledger, OKAP_LIMIT_DAILY_SPEND), ==, 100);
  okap_ledger_free (ledger);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-windows/table", test_table);
  for (guint i = 0; i < G_N_ELEMENTS (walks); i++)
    {
      g_autofree char *path = g_strconcat ("/ledger-windows/walk/", walks[i][0], NULL);

      g_test_add_data_func (path, walks[i], test_walk);
    }
  g_test_add_func ("/ledger-windows/extra", test_extra);
  g_test_add_func ("/ledger-windows/extra-of-month", test_extra_of_month);
  g_test_add_func ("/ledger-windows/set-back", test_set_back);
  g_test_add_func ("/ledger-windows/restored", test_restored);
  g_test_add_func ("/ledger-windows/zone-changes", test_zone_changes);
  return g_test_run ();
}
