/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-ledger.h"

#include "okap-money.h"

#define CENT (OKAP_NUSD_PER_USD / 100)

static gint64
parse (const char *text)
{
  gint64 time_us;

  g_assert_true (okap_time_parse (text, &time_us));
  return time_us;
}

typedef struct
{
  OkapLedger *ledger;
  GTimeZone *zone;
  gint64 now_us;
  gint64 monotonic_us;
  OkapRefusal refusal;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->ledger = okap_ledger_new ();
  fixture->zone = g_time_zone_new_utc ();
  fixture->now_us = parse ("2026-11-23T12:00:00Z");
  fixture->monotonic_us = OKAP_SECOND_US;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  okap_ledger_free (fixture->ledger);
  g_time_zone_unref (fixture->zone);
}

static void
set_limit (Fixture *fixture, OkapLimit limit, gint64 value)
{
  OkapLimits limits = fixture->ledger->limits;

  okap_limits_set (&limits, limit, value);
  okap_ledger_set_limits (fixture->ledger, &limits, fixture->zone, fixture->now_us);
}

static void
advance (Fixture *fixture, gint64 by_us)
{
  fixture->now_us += by_us;
  fixture->monotonic_us += by_us;
}

static gboolean
admit (Fixture *fixture, gint64 worst_nusd, gint64 least_nusd, OkapLease *out_lease)
{
  OkapAdmission admission = { .counted = TRUE, .worst_nusd = worst_nusd,
                              .least_nusd = least_nusd };

  return okap_ledger_admit (fixture->ledger, &admission, fixture->now_us, fixture->monotonic_us,
                            out_lease, &fixture->refusal);
}

static gboolean
admit_tokens (Fixture *fixture, gint64 worst, gint64 least, OkapLease *out_lease)
{
  OkapAdmission admission = { .counted = TRUE, .worst_tokens = worst, .least_tokens = least };

  return okap_ledger_admit (fixture->ledger, &admission, fixture->now_us, fixture->monotonic_us,
                            out_lease, &fixture->refusal);
}

static OkapSettlement
settle (Fixture *fixture, const OkapLease *lease, gint64 cost_nusd)
{
  OkapSettlement settlement;

  okap_ledger_settle (fixture->ledger, lease, cost_nusd, 0, fixture->now_us, &settlement);
  return settlement;
}

static void
assert_standing (Fixture *fixture, OkapLimit limit, gint64 settled, gint64 reserved)
{
  OkapStanding standings[OKAP_N_LIMITS];
  guint n = okap_ledger_get_standings (fixture->ledger, fixture->now_us, fixture->monotonic_us,
                                       standings);

  for (guint i = 0; i < n; i++)
    if (standings[i].limit == limit)
      {
        g_assert_cmpint (standings[i].settled, ==, settled);
        g_assert_cmpint (standings[i].reserved, ==, reserved);
        g_assert_cmpint (standings[i].cap, ==, fixture->ledger->limits.value[limit]);
        return;
      }
  g_test_message ("no standing of %s", okap_limit_get_name (limit));
  g_assert_not_reached ();
}

/* One request under one limit of money of which some is used. */
static const struct
{
  const char *what;
  OkapLimit limit;
  gint64 cap, spent, worst, least;
  gboolean admitted;
  gint64 lease;      /* or what is needed, if it is refused */
} money_cases[] = {
  { "fits", OKAP_LIMIT_MONTHLY_SPEND, 100, 0, 100, 100, TRUE, 100 },
  { "one too many, whole", OKAP_LIMIT_MONTHLY_SPEND, 100, 0, 101, 101, FALSE, 101 },
  { "one too many, can be cut", OKAP_LIMIT_MONTHLY_SPEND, 100, 0, 101, 100, TRUE, 100 },
  { "what remains", OKAP_LIMIT_DAILY_SPEND, 100, 90, 50, 5, TRUE, 10 },
  { "what remains is too little", OKAP_LIMIT_DAILY_SPEND, 100, 90, 50, 11, FALSE, 11 },
  { "just enough", OKAP_LIMIT_TOTAL_SPEND, 100, 90, 50, 10, TRUE, 10 },
  { "nothing remains", OKAP_LIMIT_TOTAL_SPEND, 100, 100, 50, 0, FALSE, 1 },
  { "free passes when all is spent", OKAP_LIMIT_TOTAL_SPEND, 100, 100, 0, 0, TRUE, 0 },
  { "zero refuses what costs", OKAP_LIMIT_MONTHLY_SPEND, 0, 0, 1, 0, FALSE, 1 },
  { "zero lets pass what is free", OKAP_LIMIT_MONTHLY_SPEND, 0, 0, 0, 0, TRUE, 0 },
  { "per request", OKAP_LIMIT_SPEND_PER_REQUEST, 100, 5000, 70, 70, TRUE, 70 },
  { "per request, cut", OKAP_LIMIT_SPEND_PER_REQUEST, 100, 5000, 500, 70, TRUE, 100 },
  { "per request, too much", OKAP_LIMIT_SPEND_PER_REQUEST, 100, 0, 500, 101, FALSE, 101 },
  { "least above worst", OKAP_LIMIT_MONTHLY_SPEND, 100, 60, 40, 90, TRUE, 40 },
  { "huge", OKAP_LIMIT_MONTHLY_SPEND, 100, 0, G_MAXINT64, G_MAXINT64, FALSE, G_MAXINT64 / 4 },
  { "huge, can be cut", OKAP_LIMIT_MONTHLY_SPEND, 100, 0, G_MAXINT64, 1, TRUE, 100 },
  { "overspent since lowered", OKAP_LIMIT_MONTHLY_SPEND, 100, 5000, 1, 0, FALSE, 1 },
};

static void
test_money (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (money_cases); i++)
    {
      Fixture fixture;
      OkapLease lease;
      gboolean admitted;

      g_test_message ("%s", money_cases[i].what);
      set_up (&fixture, NULL);
      okap_ledger_correct (fixture.ledger, money_cases[i].spent, fixture.now_us);
      set_limit (&fixture, money_cases[i].limit, money_cases[i].cap);
      admitted = admit (&fixture, money_cases[i].worst, money_cases[i].least, &lease);
      g_assert_cmpint (admitted, ==, money_cases[i].admitted);
      if (admitted)
        {
          g_assert_cmpint (lease.nusd, ==, money_cases[i].lease);
          g_assert_cmpint (lease.reserved_nusd, ==, money_cases[i].lease);
        }
      else
        {
          g_assert_cmpint (fixture.refusal.limit, ==, money_cases[i].limit);
          g_assert_cmpint (fixture.refusal.needed, ==, money_cases[i].lease);
          g_assert_cmpint (fixture.ledger->running, ==, 0);
          g_assert_cmpint (fixture.ledger->windows[2].reserved_nusd, ==, 0);
        }
      tear_down (&fixture, NULL);
    }
}

/* A lease of 100 under a cap of 150, of which another lease holds 30. */
static const struct
{
  const char *what;
  gint64 cost, booked, over;
} settle_cases[] = {
  { "less", 40, 40, 0 },
  { "all", 100, 100, 0 },
  { "more, and there is room", 120, 120, 0 },
  { "more than there is room for", 121, 120, 1 },
  { "huge", G_MAXINT64, 120, G_MAXINT64 / 4 - 120 },
  { "nothing", 0, 0, 0 },
  { "below zero", -5000, 0, 0 },
  { "far below zero", G_MININT64, 0, 0 },
};

static void
test_settle (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (settle_cases); i++)
    {
      Fixture fixture;
      OkapLease lease, other;
      OkapSettlement settlement;

      g_test_message ("%s", settle_cases[i].what);
      set_up (&fixture, NULL);
      set_limit (&fixture, OKAP_LIMIT_MONTHLY_SPEND, 150);
      g_assert_true (admit (&fixture, 30, 30, &other));
      g_assert_true (admit (&fixture, 100, 100, &lease));
      g_assert_cmpint (lease.remaining_nusd, ==, 20);
      assert_standing (&fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 130);
      settlement = settle (&fixture, &lease, settle_cases[i].cost);
      g_assert_cmpint (settlement.booked_nusd, ==, settle_cases[i].booked);
      g_assert_cmpint (settlement.over_nusd, ==, settle_cases[i].over);
      assert_standing (&fixture, OKAP_LIMIT_MONTHLY_SPEND, settle_cases[i].booked, 30);
      tear_down (&fixture, NULL);
    }
}

/* Nobody can say what a closed day had room for; the lease itself was set aside in it. */
static void
test_settle_later (Fixture *fixture, gconstpointer data)
{
  OkapLease lease, early;
  OkapSettlement settlement;

  set_limit (fixture, OKAP_LIMIT_DAILY_SPEND, 1000);
  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 5000);
  g_assert_true (admit (fixture, 300, 300, &early));
  g_assert_true (admit (fixture, 600, 600, &lease));
  advance (fixture, OKAP_DAY_US);
  assert_standing (fixture, OKAP_LIMIT_DAILY_SPEND, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 900);

  settlement = settle (fixture, &lease, 700);
  g_assert_cmpint (settlement.booked_nusd, ==, 600);
  g_assert_cmpint (settlement.over_nusd, ==, 100);
  assert_standing (fixture, OKAP_LIMIT_DAILY_SPEND, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 600, 300);

  g_assert_true (admit (fixture, 1000, 1000, &lease));
  (void) settle (fixture, &early, 300);
  assert_standing (fixture, OKAP_LIMIT_DAILY_SPEND, 0, 1000);
  (void) settle (fixture, &lease, 10);
  assert_standing (fixture, OKAP_LIMIT_DAILY_SPEND, 10, 0);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 910, 0);
}

static void
test_per_request_bounds_booking (Fixture *fixture, gconstpointer data)
{
  OkapSettlement settlement;
  OkapLease lease;

  set_limit (fixture, OKAP_LIMIT_SPEND_PER_REQUEST, 50);
  g_assert_true (admit (fixture, 40, 40, &lease));
  g_assert_cmpint (lease.remaining_nusd, ==, -1);
  settlement = settle (fixture, &lease, 60);
  g_assert_cmpint (settlement.booked_nusd, ==, 50);
  g_assert_cmpint (settlement.over_nusd, ==, 10);
}

static void
test_unpriced (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  g_assert_true (admit (fixture, OKAP_PRICE_IS_UNKNOWN, 0, &lease));
  g_assert_cmpint (lease.nusd, ==, G_MAXINT64);
  g_assert_cmpint (lease.reserved_nusd, ==, 0);
  (void) settle (fixture, &lease, 0);
  for (guint i = OKAP_LIMIT_MONTHLY_SPEND; i <= OKAP_LIMIT_SPEND_PER_REQUEST; i++)
    {
      OkapLimits limits = { 0 };

      okap_limits_set (&limits, i, 100 * CENT);
      okap_ledger_set_limits (fixture->ledger, &limits, fixture->zone, fixture->now_us);
      g_assert_false (admit (fixture, OKAP_PRICE_IS_UNKNOWN, 0, &lease));
      g_assert_true (fixture->refusal.is_unpriced);
      g_assert_cmpint (fixture->refusal.limit, ==, i);
    }
}

/* Whatever is set aside, no sum leaves 64 bits and all of it comes back. */
static void
test_saturates (Fixture *fixture, gconstpointer data)
{
  OkapLease leases[8];

  for (guint i = 0; i < G_N_ELEMENTS (leases); i++)
    g_assert_true (admit (fixture, G_MAXINT64, 0, &leases[i]));
  for (guint i = 0; i < G_N_ELEMENTS (leases); i++)
    (void) settle (fixture, &leases[i], G_MAXINT64);
  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    {
      g_assert_cmpint (fixture->ledger->windows[i].reserved_nusd, ==, 0);
      g_assert_cmpint (fixture->ledger->windows[i].settled_nusd, >, 0);
    }
  set_limit (fixture, OKAP_LIMIT_TOTAL_SPEND, 100);
  g_assert_false (admit (fixture, 1, 1, &leases[0]));
}

/* When running requests stand in the way, a refusal says so. */
static void
test_wait_for_running (Fixture *fixture, gconstpointer data)
{
  OkapLease lease, other;

  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 100);
  g_assert_true (admit (fixture, 80, 80, &lease));
  g_assert_false (admit (fixture, 50, 50, &other));
  g_assert_cmpuint (fixture->refusal.wait_s, >, 0);
  g_assert_cmpint (fixture->refusal.reserved, ==, 80);
  g_assert_cmpint (fixture->refusal.resets_us, ==, parse ("2026-12-01T00:00:00Z"));
  g_assert_false (admit (fixture, 101, 101, &other));
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 0);
  (void) settle (fixture, &lease, 80);
  g_assert_false (admit (fixture, 50, 50, &other));
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 0);
  g_assert_cmpint (fixture->refusal.settled, ==, 80);
}

static void
test_limits_change (Fixture *fixture, gconstpointer data)
{
  OkapLease lease, other;

  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 100);
  g_assert_true (admit (fixture, 80, 80, &lease));
  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 50);
  g_assert_false (admit (fixture, 1, 1, &other));
  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 90);
  g_assert_true (admit (fixture, 50, 1, &other));
  g_assert_cmpint (other.nusd, ==, 10);
  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 20);
  /* What was set aside stays its own. */
  g_assert_cmpint (settle (fixture, &lease, 81).booked_nusd, ==, 80);
  g_assert_cmpint (settle (fixture, &other, 10).booked_nusd, ==, 10);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 90, 0);
}

static void
test_tokens (Fixture *fixture, gconstpointer data)
{
  OkapSettlement settlement;
  OkapLease first, second, third;

  g_assert_true (admit_tokens (fixture, 1000, 1000, &first));
  g_assert_cmpint (first.tokens, ==, G_MAXINT64);
  okap_ledger_settle (fixture->ledger, &first, 0, 0, fixture->now_us, &settlement);

  set_limit (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 100);
  g_assert_true (admit_tokens (fixture, 60, 60, &first));
  g_assert_cmpint (first.tokens, ==, 60);
  advance (fixture, 10 * OKAP_SECOND_US);
  g_assert_true (admit_tokens (fixture, 60, 20, &second));
  g_assert_cmpint (second.tokens, ==, 40);
  g_assert_false (admit_tokens (fixture, 30, 30, &third));
  g_assert_cmpint (fixture->refusal.limit, ==, OKAP_LIMIT_TOKENS_PER_MINUTE);
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 50);
  g_assert_false (admit_tokens (fixture, 70, 70, &third));
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 60);
  g_assert_false (admit_tokens (fixture, 101, 101, &third));
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 0);
  g_assert_true (admit_tokens (fixture, 0, 0, &third));

  /* What it used replaces what it could have used, at the time of its start. */
  advance (fixture, 10 * OKAP_SECOND_US);
  okap_ledger_settle (fixture->ledger, &first, 0, 5, fixture->now_us, &settlement);
  assert_standing (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 5, 40);
  g_assert_true (admit_tokens (fixture, 55, 55, &first));
  advance (fixture, 40 * OKAP_SECOND_US);
  assert_standing (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 0, 95);
  advance (fixture, 60 * OKAP_SECOND_US);
  assert_standing (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 0, 0);
  okap_ledger_settle (fixture->ledger, &second, 0, 40, fixture->now_us, &settlement);
  assert_standing (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 0, 0);
}

static void
test_tokens_per_request (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  set_limit (fixture, OKAP_LIMIT_TOKENS_PER_REQUEST, 100);
  g_assert_true (admit_tokens (fixture, 100, 100, &lease));
  g_assert_true (admit_tokens (fixture, 500, 100, &lease));
  g_assert_cmpint (lease.tokens, ==, 100);
  g_assert_false (admit_tokens (fixture, 500, 101, &lease));
  g_assert_cmpint (fixture->refusal.limit, ==, OKAP_LIMIT_TOKENS_PER_REQUEST);
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 0);
}

static void
test_concurrency (Fixture *fixture, gconstpointer data)
{
  OkapLease first, second, third;

  set_limit (fixture, OKAP_LIMIT_CONCURRENCY, 2);
  g_assert_true (admit (fixture, 0, 0, &first));
  g_assert_true (admit (fixture, 0, 0, &second));
  g_assert_false (admit (fixture, 0, 0, &third));
  g_assert_cmpint (fixture->refusal.limit, ==, OKAP_LIMIT_CONCURRENCY);
  assert_standing (fixture, OKAP_LIMIT_CONCURRENCY, 0, 2);
  (void) settle (fixture, &first, 0);
  g_assert_true (admit (fixture, 0, 0, &third));
  set_limit (fixture, OKAP_LIMIT_CONCURRENCY, 0);
  (void) settle (fixture, &second, 0);
  (void) settle (fixture, &third, 0);
  g_assert_false (admit (fixture, 0, 0, &first));
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 0);
}

/* Nothing is taken from any limit if one has no room. */
static void
test_all_or_nothing (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 100);
  set_limit (fixture, OKAP_LIMIT_DAILY_SPEND, 100);
  set_limit (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 100);
  set_limit (fixture, OKAP_LIMIT_REQUESTS_PER_MINUTE, 5);
  set_limit (fixture, OKAP_LIMIT_CONCURRENCY, 0);
  g_assert_false (admit (fixture, 50, 50, &lease));
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_DAILY_SPEND, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_REQUESTS_PER_MINUTE, 0, 0);
}

static void
test_alerts (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    gint64 cost;
    guint percent;  /* 0: nothing is told */
  } steps[] = { { 49, 0 }, { 1, 50 }, { 10, 0 }, { 36, 95 }, { 3, 0 }, { 1, 100 }, { 0, 0 } };
  OkapSettlement settlement;
  OkapLease lease;

  set_limit (fixture, OKAP_LIMIT_DAILY_SPEND, 100);
  for (guint day = 0; day < 2; day++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
        {
          g_assert_true (admit (fixture, steps[i].cost, steps[i].cost, &lease));
          settlement = settle (fixture, &lease, steps[i].cost);
          g_assert_cmpuint (settlement.n_alerts, ==, steps[i].percent > 0 ? 1 : 0);
          if (steps[i].percent > 0)
            {
              g_assert_cmpuint (settlement.percents[0], ==, steps[i].percent);
              g_assert_cmpint (settlement.alerts[0].limit, ==, OKAP_LIMIT_DAILY_SPEND);
            }
        }
      advance (fixture, OKAP_DAY_US);
    }

  /* Raised, there is something to tell again; a restore tells nothing. */
  g_assert_true (admit (fixture, 100, 100, &lease));
  g_assert_cmpuint (settle (fixture, &lease, 100).percents[0], ==, 100);
  set_limit (fixture, OKAP_LIMIT_DAILY_SPEND, 300);
  g_assert_true (admit (fixture, 50, 50, &lease));
  g_assert_cmpuint (settle (fixture, &lease, 50).percents[0], ==, 50);
}

static void
test_restore (Fixture *fixture, gconstpointer data)
{
  OkapPast past = { "demo", okap_time_day_start (fixture->now_us, fixture->zone),
                    okap_time_month_start (fixture->now_us, fixture->zone), 7, 60, 70, 80 };
  OkapLease lease;

  set_limit (fixture, OKAP_LIMIT_DAILY_SPEND, 100);
  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 100);
  set_limit (fixture, OKAP_LIMIT_TOTAL_SPEND, 100);
  set_limit (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 100);
  okap_ledger_restore (fixture->ledger, &past, fixture->now_us, fixture->monotonic_us);
  assert_standing (fixture, OKAP_LIMIT_DAILY_SPEND, 60, 0);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 70, 0);
  assert_standing (fixture, OKAP_LIMIT_TOTAL_SPEND, 80, 0);
  assert_standing (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 7, 0);
  g_assert_true (admit (fixture, 1, 1, &lease));
  g_assert_cmpuint (settle (fixture, &lease, 1).n_alerts, ==, 0);

  /* Sums that were made before midnight say nothing of the new day. */
  okap_ledger_free (fixture->ledger);
  fixture->ledger = okap_ledger_new ();
  advance (fixture, OKAP_DAY_US);
  set_limit (fixture, OKAP_LIMIT_DAILY_SPEND, 100);
  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 100);
  set_limit (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 100);
  okap_ledger_restore (fixture->ledger, &past, fixture->now_us, fixture->monotonic_us);
  assert_standing (fixture, OKAP_LIMIT_DAILY_SPEND, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 70, 0);
}

static void
test_restore_minute (Fixture *fixture, gconstpointer data)
{
  const OkapPastRequest requests[] = {
    { fixture->now_us - OKAP_MINUTE_US, 100 },        /* no longer counts */
    { fixture->now_us - 50 * OKAP_SECOND_US, 10 },
    { fixture->now_us - 20 * OKAP_SECOND_US, 20 },
    { fixture->now_us + 20 * OKAP_SECOND_US, 30 },    /* the clock was set back */
  };
  OkapPast past = { "demo", okap_time_day_start (fixture->now_us, fixture->zone),
                    okap_time_month_start (fixture->now_us, fixture->zone), .requests_day = 9 };
  OkapLease lease;

  past.minute = g_array_new (FALSE, FALSE, sizeof (OkapPastRequest));
  g_array_append_vals (past.minute, requests, G_N_ELEMENTS (requests));
  set_limit (fixture, OKAP_LIMIT_REQUESTS_PER_MINUTE, 3);
  set_limit (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 100);
  set_limit (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 1000);
  okap_ledger_restore (fixture->ledger, &past, fixture->now_us, fixture->monotonic_us);
  assert_standing (fixture, OKAP_LIMIT_REQUESTS_PER_MINUTE, 3, 0);
  assert_standing (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 9, 0);
  assert_standing (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 60, 0);
  g_assert_false (admit (fixture, 0, 0, &lease));
  g_assert_cmpuint (fixture->refusal.wait_s, ==, 10);
  advance (fixture, 10 * OKAP_SECOND_US);
  g_assert_true (admit (fixture, 0, 0, &lease));
  assert_standing (fixture, OKAP_LIMIT_TOKENS_PER_MINUTE, 50, 0);
  g_array_unref (past.minute);
}

static void
test_correct (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  set_limit (fixture, OKAP_LIMIT_MONTHLY_SPEND, 100);
  okap_ledger_correct (fixture->ledger, 90, fixture->now_us);
  g_assert_false (admit (fixture, 20, 20, &lease));
  okap_ledger_correct (fixture->ledger, -50, fixture->now_us);
  g_assert_true (admit (fixture, 20, 20, &lease));
  okap_ledger_correct (fixture->ledger, -500, fixture->now_us);
  g_assert_true (admit (fixture, 80, 80, &lease));
  g_assert_false (admit (fixture, 1, 1, &lease));  /* no credit beyond the cap */
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger/money", test_money);
  g_test_add_func ("/ledger/settle", test_settle);
  ADD ("/ledger/settle-later", test_settle_later);
  ADD ("/ledger/per-request-bounds-booking", test_per_request_bounds_booking);
  ADD ("/ledger/unpriced", test_unpriced);
  ADD ("/ledger/saturates", test_saturates);
  ADD ("/ledger/wait-for-running", test_wait_for_running);
  ADD ("/ledger/limits-change", test_limits_change);
  ADD ("/ledger/tokens", test_tokens);
  ADD ("/ledger/tokens-per-request", test_tokens_per_request);
  ADD ("/ledger/concurrency", test_concurrency);
  ADD ("/ledger/all-or-nothing", test_all_or_nothing);
  ADD ("/ledger/alerts", test_alerts);
  ADD ("/ledger/restore", test_restore);
  ADD ("/ledger/restore-minute", test_restore_minute);
  ADD ("/ledger/correct", test_correct);
  return g_test_run ();
}
