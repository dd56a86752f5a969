/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger against a model that keeps no sums: a list of all leases there ever were, over which
 * everything is added up anew for each question. A thousand seeds, each a schedule of its own. */
#include "okap-ledger.h"

#define SEEDS 1000u
#define STEPS 150u

typedef struct
{
  OkapLease lease;
  gboolean is_open;
  gboolean is_correction;
  gint64 reserved;
  gint64 booked;
  gint64 tokens;         /* reserved while it is open */
  gint64 day;            /* in which it started */
  gint64 month;
  gint64 monotonic_us;
} Entry;

typedef struct
{
  OkapLedger *ledger;
  GTimeZone *zone;
  GRand *random;
  OkapLimits limits;
  GArray *entries;       /* (element-type Entry) */
  gint64 now_us;
  gint64 monotonic_us;
  gint64 day;            /* the latest that was seen */
  gint64 month;
} Model;

static gint64
pick (Model *model, gint64 most)
{
  return g_rand_int_range (model->random, 0, (gint32) most + 1);
}

static Entry *
get_entry (Model *model, guint i)
{
  return &g_array_index (model->entries, Entry, i);
}

static gboolean
is_in (const Model *model, const Entry *entry, OkapLimit limit)
{
  return limit == OKAP_LIMIT_TOTAL_SPEND
         || (limit == OKAP_LIMIT_DAILY_SPEND ? entry->day == model->day
                                             : entry->month == model->month);
}

static void
add_up (Model *model, OkapLimit limit, gint64 *settled, gint64 *reserved)
{
  *settled = *reserved = 0;
  for (guint i = 0; i < model->entries->len; i++)
    {
      const Entry *entry = get_entry (model, i);

      if (!is_in (model, entry, limit))
        continue;
      *settled += entry->booked;
      *reserved += entry->is_open ? entry->reserved : 0;
    }
}

static gint64
find_room (Model *model, OkapLimit limit)
{
  gint64 settled, reserved;

  add_up (model, limit, &settled, &reserved);
  return MAX (model->limits.value[limit] - MAX (settled, 0) - reserved, 0);
}

/* Requests, tokens and what runs. */
static void
count (Model *model, gint64 *minute, gint64 *today, gint64 *tokens, gint64 *running)
{
  *minute = *today = *tokens = *running = 0;
  for (guint i = 0; i < model->entries->len; i++)
    {
      const Entry *entry = get_entry (model, i);

      if (entry->is_correction)
        continue;
      *running += entry->is_open;
      *today += entry->day == model->day;
      if (entry->monotonic_us > model->monotonic_us - OKAP_MINUTE_US)
        {
          *minute += 1;
          *tokens += entry->tokens;
        }
    }
}

/* TRUE if @needed has no place in @room, or the part of it that is taken. */
static gboolean
refuses (gint64 room, gint64 worst, gint64 least, gint64 *taken)
{
  *taken = MIN (*taken, room);
  return worst > room && (room <= 0 || room < least);
}

/* What should be decided, in the order in which a refusal is named. */
static gboolean
predict (Model *model, const OkapAdmission *wanted, OkapLimit *out_limit, gint64 *out_nusd,
         gint64 *out_tokens)
{
  static const OkapLimit money[] = { OKAP_LIMIT_SPEND_PER_REQUEST, OKAP_LIMIT_TOTAL_SPEND,
                                     OKAP_LIMIT_MONTHLY_SPEND, OKAP_LIMIT_DAILY_SPEND };
  const gint64 *cap = model->limits.value;
  gint64 minute, today, tokens, running;

#define IS_SET(limit) okap_limits_has (&model->limits, *out_limit = (limit))
  *out_nusd = wanted->worst_nusd;
  *out_tokens = wanted->worst_tokens;
  count (model, &minute, &today, &tokens, &running);
  for (guint i = 0; i < G_N_ELEMENTS (money); i++)
    if (IS_SET (money[i])
        && refuses (i == 0 ? cap[money[i]] : find_room (model, money[i]), wanted->worst_nusd,
                    wanted->least_nusd, out_nusd))
      return FALSE;
  if (IS_SET (OKAP_LIMIT_TOKENS_PER_REQUEST)
      && refuses (cap[OKAP_LIMIT_TOKENS_PER_REQUEST], wanted->worst_tokens, wanted->least_tokens,
                  out_tokens))
    return FALSE;
  if (IS_SET (OKAP_LIMIT_TOKENS_PER_MINUTE)
      && refuses (MAX (cap[OKAP_LIMIT_TOKENS_PER_MINUTE] - tokens, 0), wanted->worst_tokens,
                  wanted->least_tokens, out_tokens))
    return FALSE;
  if (IS_SET (OKAP_LIMIT_REQUESTS_PER_DAY) && today >= cap[OKAP_LIMIT_REQUESTS_PER_DAY])
    return FALSE;
  if (IS_SET (OKAP_LIMIT_REQUESTS_PER_MINUTE) && minute >= cap[OKAP_LIMIT_REQUESTS_PER_MINUTE])
    return FALSE;
  return !(IS_SET (OKAP_LIMIT_CONCURRENCY) && running >= cap[OKAP_LIMIT_CONCURRENCY]);
#undef IS_SET
}

static void
admit (Model *model)
{
  OkapAdmission wanted = { .counted = TRUE, .worst_nusd = pick (model, 300),
                           .worst_tokens = pick (model, 200) };
  OkapLimit limit;
  OkapRefusal refusal;
  Entry entry = { .is_open = TRUE, .day = model->day, .month = model->month,
                  .monotonic_us = model->monotonic_us };
  gboolean expected;

  wanted.least_nusd = pick (model, wanted.worst_nusd);
  wanted.least_tokens = pick (model, wanted.worst_tokens);
  expected = predict (model, &wanted, &limit, &entry.reserved, &entry.tokens);
  g_assert_cmpint (okap_ledger_admit (model->ledger, &wanted, model->now_us, model->monotonic_us,
                                      &entry.lease, &refusal), ==, expected);
  if (!expected)
    {
      g_assert_cmpint (refusal.limit, ==, limit);
      return;
    }
  g_assert_cmpint (entry.lease.reserved_nusd, ==, entry.reserved);
  if (entry.lease.nusd != G_MAXINT64)
    g_assert_cmpint (entry.lease.nusd, ==, entry.reserved);
  if (entry.lease.tokens != G_MAXINT64)
    g_assert_cmpint (entry.lease.tokens, ==, entry.tokens);
  g_array_append_val (model->entries, entry);
}

static gint64
predict_booked (Model *model, const Entry *entry, gint64 cost)
{
  gint64 room = G_MAXINT64;

  for (guint i = 0; i <= OKAP_LIMIT_TOTAL_SPEND; i++)
    if (okap_limits_has (&model->limits, i))
      room = MIN (room, is_in (model, entry, i) ? find_room (model, i) : 0);
  if (okap_limits_has (&model->limits, OKAP_LIMIT_SPEND_PER_REQUEST))
    room = MIN (room, MAX (model->limits.value[OKAP_LIMIT_SPEND_PER_REQUEST] - entry->reserved,
                           0));
  cost = MAX (cost, 0);
  return cost <= entry->reserved ? cost : entry->reserved + MIN (cost - entry->reserved, room);
}

static void
settle (Model *model)
{
  OkapSettlement settlement;
  gint64 cost = pick (model, 500) - 50;
  gint64 booked;
  Entry *entry;

  if (model->entries->len == 0)
    return;
  entry = get_entry (model, (guint) pick (model, model->entries->len - 1));
  if (!entry->is_open)
    return;
  booked = predict_booked (model, entry, cost);
  entry->tokens = pick (model, 200);
  okap_ledger_settle (model->ledger, &entry->lease, cost, entry->tokens, model->now_us,
                      &settlement);
  g_assert_cmpint (settlement.booked_nusd, ==, booked);
  g_assert_cmpint (settlement.over_nusd, ==, MAX (cost, 0) - booked);
  entry->booked = booked;
  entry->is_open = FALSE;
}

static void
correct (Model *model)
{
  Entry entry = { .is_correction = TRUE, .booked = pick (model, 200) - 150, .day = model->day,
                  .month = model->month };

  okap_ledger_correct (model->ledger, entry.booked, model->now_us);
  g_array_append_val (model->entries, entry);
}

/* The clock may go back; the latest day that was seen stays. */
static void
move_clock (Model *model)
{
  g_autoptr (GDateTime) date = NULL;
  gint64 by_us = pick (model, 40) * OKAP_SECOND_US;
  gint64 jump = pick (model, 9);

  model->monotonic_us += by_us;
  model->now_us += by_us;
  if (jump == 0)
    model->now_us += (pick (model, 3000) - 1000) * OKAP_MINUTE_US;
  date = g_date_time_new_from_unix_utc (model->now_us / OKAP_SECOND_US);
  model->day = MAX (model->day, model->now_us / OKAP_DAY_US);
  model->month = MAX (model->month,
                      g_date_time_get_year (date) * 12 + g_date_time_get_month (date));
}

static void
change_limits (Model *model)
{
  static const gint64 around[OKAP_N_LIMITS] = {
    [OKAP_LIMIT_MONTHLY_SPEND] = 4000, [OKAP_LIMIT_DAILY_SPEND] = 2000,
    [OKAP_LIMIT_TOTAL_SPEND] = 8000, [OKAP_LIMIT_SPEND_PER_REQUEST] = 250,
    [OKAP_LIMIT_REQUESTS_PER_MINUTE] = 20, [OKAP_LIMIT_REQUESTS_PER_DAY] = 60,
    [OKAP_LIMIT_TOKENS_PER_MINUTE] = 1500, [OKAP_LIMIT_TOKENS_PER_REQUEST] = 190,
    [OKAP_LIMIT_CONCURRENCY] = 8,
  };
  OkapLimit limit = (OkapLimit) pick (model, OKAP_N_LIMITS - 1);

  if (pick (model, 3) == 0)
    model->limits.set &= ~(1u << limit);
  else
    okap_limits_set (&model->limits, limit,
                     pick (model, 5) == 0 ? pick (model, around[limit]) : around[limit]);
  okap_ledger_set_limits (model->ledger, &model->limits, model->zone, model->now_us);
}

static void
check (Model *model)
{
  OkapStanding standings[OKAP_N_LIMITS];
  guint n = okap_ledger_get_standings (model->ledger, model->now_us, model->monotonic_us,
                                       standings);
  gint64 minute, today, tokens, running;
  gint64 settled, reserved;

  count (model, &minute, &today, &tokens, &running);
  for (guint i = 0; i < n; i++)
    switch ((int) standings[i].limit)
      {
      case OKAP_LIMIT_REQUESTS_PER_MINUTE:
        g_assert_cmpint (standings[i].settled, ==, minute);
        break;
      case OKAP_LIMIT_REQUESTS_PER_DAY:
        g_assert_cmpint (standings[i].settled, ==, today);
        break;
      case OKAP_LIMIT_TOKENS_PER_MINUTE:
        g_assert_cmpint (standings[i].settled + standings[i].reserved, ==, tokens);
        break;
      case OKAP_LIMIT_CONCURRENCY:
        g_assert_cmpint (standings[i].reserved, ==, running);
        break;
      default:
        add_up (model, standings[i].limit, &settled, &reserved);
        g_assert_cmpint (standings[i].settled, ==, settled);
        g_assert_cmpint (standings[i].reserved, ==, reserved);
        break;
      }
}

/* Returns how many leases there were. */
static guint
run_seed (guint32 seed)
{
  Model model = { .ledger = okap_ledger_new (), .zone = g_time_zone_new_utc (),
                  .random = g_rand_new_with_seed (seed),
                  .entries = g_array_new (FALSE, FALSE, sizeof (Entry)),
                  .monotonic_us = OKAP_SECOND_US };
  guint n;

  g_assert_true (okap_time_parse ("2026-12-29T20:00:00Z", &model.now_us));
  move_clock (&model);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    change_limits (&model);
  for (guint step = 0; step < STEPS; step++)
    {
      gint64 action = pick (&model, 99);

      if (action < 45)
        admit (&model);
      else if (action < 75)
        settle (&model);
      else if (action < 78)
        correct (&model);
      else if (action < 92)
        move_clock (&model);
      else
        change_limits (&model);
      check (&model);
    }
  n = model.entries->len;
  okap_ledger_free (model.ledger);
  g_time_zone_unref (model.zone);
  g_rand_free (model.random);
  g_array_unref (model.entries);
  return n;
}

static void
test_model (void)
{
  guint n = 0;

  for (guint32 seed = 0; seed < SEEDS; seed++)
    n += run_seed (seed);
  g_test_message ("%u leases and corrections", n);
  g_assert_cmpuint (n, >, 20 * SEEDS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-model/seeds", test_model);
  return g_test_run ();
}
