/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits at the gate: what apps are told, and what others are told of. */
#include <string.h>

#include "gate-fixture.h"

typedef struct
{
  GateFixture gate;
  guint n_settled;
  guint n_alerts;
  guint percent;
  OkapStanding alert;
} Fixture;

/* Both ask the gate, which they can only do without its lock. */
static void
settled_cb (OkapUsage *usage, gpointer user_data)
{
  Fixture *fixture = user_data;
  OkapStanding standing;

  g_assert_cmpstr (usage->grant_id, ==, "g_test");
  (void) gate_fixture_find_standing (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, &standing);
  fixture->n_settled++;
}

static void
alert_cb (OkapGrant *grant, const char *provider, const OkapStanding *standing, guint percent,
          gpointer user_data)
{
  Fixture *fixture = user_data;
  OkapStanding now;

  g_assert_cmpstr (grant->id, ==, "g_test");
  g_assert_cmpstr (provider, ==, "demo");
  g_assert_true (gate_fixture_find_standing (&fixture->gate, standing->limit, &now));
  g_assert_cmpint (now.settled, ==, standing->settled);
  fixture->n_alerts++;
  fixture->percent = percent;
  fixture->alert = *standing;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  gate_fixture_init (&fixture->gate);
  okap_gate_set_settled_func (fixture->gate.gate, settled_cb, fixture);
  okap_gate_set_alert_func (fixture->gate.gate, alert_cb, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gate_fixture_clear (&fixture->gate);
}

static void
assert_standing (Fixture *fixture, OkapLimit limit, gint64 settled, gint64 reserved)
{
  OkapStanding standing;

  g_assert_true (gate_fixture_find_standing (&fixture->gate, limit, &standing));
  g_assert_cmpint (standing.settled, ==, settled);
  g_assert_cmpint (standing.reserved, ==, reserved);
}

/* What an app is told when one more request does not fit. */
static const struct
{
  OkapLimit limit;
  gint64 cap;
  gint64 spent, running;     /* money, before */
  OkapAdmission wanted;
  OkapError code;
  guint retry_after_s;
  const char *message;
} refusals[] = {
  { OKAP_LIMIT_MONTHLY_SPEND, 10 * 100 * CENT, 975 * CENT, 0,
    { .worst_nusd = 30 * CENT, .least_nusd = 30 * CENT }, OKAP_ERROR_SPEND_LIMIT_REACHED, 0,
    "monthly_spend at demo: $9.75 settled and $0.00 reserved, of a cap of $10.00. This request "
    "needs at least $0.30. It starts anew at 2026-12-01T00:00:00Z. The limit can be raised in "
    "Okap." },
  { OKAP_LIMIT_DAILY_SPEND, 100 * CENT, 10 * CENT, 80 * CENT,
    { .worst_nusd = 30 * CENT, .least_nusd = 20 * CENT }, OKAP_ERROR_SPEND_LIMIT_REACHED, 2,
    "daily_spend at demo: $0.10 settled and $0.80 reserved, of a cap of $1.00. This "
    "request needs at least $0.20. It starts anew at 2026-11-24T00:00:00Z. There may be room once "
    "running requests are settled. Try again in 2 seconds. The limit can be raised in Okap." },
  { OKAP_LIMIT_TOTAL_SPEND, 0, 0, 0, { .worst_nusd = 1, .least_nusd = 1 },
    OKAP_ERROR_SPEND_LIMIT_REACHED, 0,
    "total_spend at demo: $0.00 settled and $0.00 reserved, of a cap of $0.00. This request needs "
    "at least $0.000000001. The limit can be raised in Okap." },
  { OKAP_LIMIT_SPEND_PER_REQUEST, CENT, 0, 0, { .worst_nusd = 2 * CENT, .least_nusd = 2 * CENT },
    OKAP_ERROR_SPEND_LIMIT_REACHED, 0,
    "spend_per_request at demo: $0.01 is the most that one request may use. This request needs at "
    "least $0.02. The limit can be raised in Okap." },
  { OKAP_LIMIT_MONTHLY_SPEND, 100 * CENT, 0, 0, { .worst_nusd = OKAP_PRICE_IS_UNKNOWN },
    OKAP_ERROR_PRICE_UNKNOWN, 0,
    "Okap knows no price for this request at demo, and this access has a limit of money "
    "(monthly_spend, $1.00). A price, or a ceiling for what has none, can be set in Okap." },
  { OKAP_LIMIT_CONCURRENCY, 1, 0, CENT, { 0 }, OKAP_ERROR_RATE_LIMITED, 2,
    "concurrency at demo: 1 of 1 running at once. Try again in 2 seconds. The limit can be raised "
    "in Okap." },
  { OKAP_LIMIT_REQUESTS_PER_MINUTE, 1, 0, CENT, { 0 }, OKAP_ERROR_RATE_LIMITED, 60,
    "requests_per_minute at demo: 1 of 1 used. Try again in 60 seconds. The limit can be raised in "
    "Okap." },
  { OKAP_LIMIT_REQUESTS_PER_DAY, 1, 0, CENT, { 0 }, OKAP_ERROR_RATE_LIMITED, 12 * 3600 + 1,
    "requests_per_day at demo: 1 of 1 used. It starts anew at 2026-11-24T00:00:00Z. The limit can "
    "be raised in Okap." },
  { OKAP_LIMIT_TOKENS_PER_MINUTE, 100, 0, 0, { .worst_tokens = 101, .least_tokens = 101 },
    OKAP_ERROR_TOO_LARGE, 0,
    "tokens_per_minute at demo: 0 of 100 used. This request needs at least 101 tokens. The limit "
    "can be raised in Okap." },
  { OKAP_LIMIT_TOKENS_PER_REQUEST, 100, 0, 0, { .worst_tokens = 101, .least_tokens = 101 },
    OKAP_ERROR_TOO_LARGE, 0,
    "tokens_per_request at demo: 100 is the most that one request may use. This request needs at "
    "least 101 tokens. The limit can be raised in Okap." },
};

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      OkapAdmission wanted = refusals[i].wanted;
      g_autoptr (GError) error = NULL;
      Fixture fixture = { 0 };
      OkapLease running, lease;
      guint retry_after_s;

      set_up (&fixture, NULL);
      g_assert_true (okap_gate_correct (fixture.gate.gate, "g_test", "demo", refusals[i].spent));
      if (refusals[i].running > 0)
        g_assert_true (gate_fixture_admit (&fixture.gate, "r", refusals[i].running, 1, &running,
                                           NULL));
      gate_fixture_set_limit (&fixture.gate, refusals[i].limit, refusals[i].cap);
      wanted.capability = OKAP_CAPABILITY_CHAT;
      wanted.counted = TRUE;
      g_assert_false (okap_gate_admit (fixture.gate.gate, fixture.gate.access, &wanted, &lease,
                                       &retry_after_s, &error));
      g_assert_error (error, OKAP_ERROR, (int) refusals[i].code);
      g_assert_cmpstr (error->message, ==, refusals[i].message);
      g_assert_cmpuint (retry_after_s, ==, refusals[i].retry_after_s);

      /* What was refused has nothing to settle. */
      (void) gate_fixture_settle (&fixture.gate, &lease, CENT);
      g_assert_cmpuint (fixture.n_settled, ==, 0);
      tear_down (&fixture, NULL);
    }
}

/* What is not counted takes from no limit. */
static void
test_free_of_limits (Fixture *fixture, gconstpointer data)
{
  const OkapAdmission list = { .counted = FALSE, .worst_nusd = CENT };
  OkapLease lease;
  guint retry_after_s;

  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 0);
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_REQUESTS_PER_DAY, 0);
  g_assert_true (okap_gate_admit (fixture->gate.gate, fixture->gate.access, &list, &lease,
                                  &retry_after_s, NULL));
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &lease, 0), ==, 0);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 0);
}

static void
test_settled_once (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 100);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r", 60, 60, &lease, NULL));
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &lease, 10), ==, 10);
  (void) gate_fixture_settle (&fixture->gate, &lease, 10);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 10, 0);
  g_assert_cmpuint (fixture->n_settled, ==, 1);
}

static void
test_usage_is_set (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapUsage) usage = gate_fixture_make_usage ("r", 130);
  g_autoptr (OkapUsage) unknown = gate_fixture_make_usage ("r", 0);
  gint64 started_us = okap_clock_get_now (fixture->gate.clock);
  OkapLease lease;

  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 200);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r", 60, 60, &lease, NULL));
  okap_clock_advance (fixture->gate.clock, OKAP_MINUTE_US);
  usage->cost_nusd = 230;
  usage->started_us = 1;
  okap_gate_settle (fixture->gate.gate, &lease, usage);
  g_assert_cmpint (usage->cost_nusd, ==, 200);
  g_assert_cmpint (usage->over_nusd, ==, 30);
  g_assert_cmpint (usage->started_us, ==, started_us);

  /* No price for the model that answered: never nothing where money is limited. */
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 500);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r", 60, 60, &lease, NULL));
  unknown->cost_status = OKAP_COST_UNKNOWN;
  okap_gate_settle (fixture->gate.gate, &lease, unknown);
  g_assert_cmpint (unknown->cost_nusd, ==, 60);
  g_assert_cmpint (unknown->cost_status, ==, OKAP_COST_ESTIMATED);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 260, 0);
}

static void
test_alerts (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_DAILY_SPEND, 100);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r", 90, 90, &lease, NULL));
  g_assert_cmpuint (fixture->n_alerts, ==, 0);
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &lease, 81), ==, 81);
  g_assert_cmpuint (fixture->n_alerts, ==, 1);
  g_assert_cmpuint (fixture->percent, ==, 80);
  g_assert_cmpint (fixture->alert.limit, ==, OKAP_LIMIT_DAILY_SPEND);
  g_assert_cmpint (fixture->alert.cap, ==, 100);
  g_assert_cmpint (fixture->alert.settled, ==, 81);

  /* Nobody is there to be told of a grant that is gone. */
  g_assert_true (gate_fixture_admit (&fixture->gate, "r", 19, 19, &lease, NULL));
  okap_gate_remove_grant (fixture->gate.gate, "g_test");
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &lease, 19), ==, 19);
  g_assert_cmpuint (fixture->n_alerts, ==, 1);
  g_assert_cmpuint (fixture->n_settled, ==, 2);
}

/* A lease settles in the ledger that admitted it, whatever became of grant and vault. */
static void
test_settles_later (Fixture *fixture, gconstpointer data)
{
  OkapLease leases[4];

  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 100);
  for (guint i = 0; i < G_N_ELEMENTS (leases); i++)
    g_assert_true (gate_fixture_admit (&fixture->gate, "r", 20, 20, &leases[i], NULL));
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 90);
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &leases[0], 11), ==, 11);
  okap_gate_remove_grant (fixture->gate.gate, "g_test");
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &leases[1], 12), ==, 12);
  okap_gate_lock (fixture->gate.gate);
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &leases[2], 13), ==, 13);
  gate_fixture_open (&fixture->gate);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 36, 20);
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &leases[3], 14), ==, 14);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 50, 0);
}

static void
test_correct (Fixture *fixture, gconstpointer data)
{
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_TOTAL_SPEND, 100);
  g_assert_true (okap_gate_correct (fixture->gate.gate, "g_test", "demo", 70));
  assert_standing (fixture, OKAP_LIMIT_TOTAL_SPEND, 70, 0);
  g_assert_true (okap_gate_correct (fixture->gate.gate, "g_test", "demo", -30));
  assert_standing (fixture, OKAP_LIMIT_TOTAL_SPEND, 40, 0);
  g_assert_cmpuint (fixture->n_alerts, ==, 0);
  g_assert_false (okap_gate_correct (fixture->gate.gate, "g_test", "openai", 1));
  g_assert_false (okap_gate_correct (fixture->gate.gate, "g_other", "demo", 1));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate-ledger/refusals", test_refusals);
  ADD ("/gate-ledger/free-of-limits", test_free_of_limits);
  ADD ("/gate-ledger/settled-once", test_settled_once);
  ADD ("/gate-ledger/usage-is-set", test_usage_is_set);
  ADD ("/gate-ledger/alerts", test_alerts);
  ADD ("/gate-ledger/settles-later", test_settles_later);
  ADD ("/gate-ledger/correct", test_correct);
  return g_test_run ();
}
