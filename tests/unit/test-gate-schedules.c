/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thousand schedules of the gate: threads that admit, note and settle, one that changes limits,
 * pauses, revokes, removes and locks, and a clock that jumps. At every moment that anybody looks,
 * what is settled and set aside stays within each cap; in the end nothing is set aside, and what
 * was booked is what others were told. Costs are lies at times. */
#include <string.h>

#include "gate-fixture.h"

#define SCHEDULES 1000u
#define WORKERS 3
#define OPEN_LEASES 4
#define STEPS 100

typedef struct
{
  GateFixture gate;
  OkapAccess *access;      /* (owned) for all workers */
  gboolean only_raises;    /* else limits are lowered, too */
  gint64 most[OKAP_N_LIMITS];  /* (locked by lock) the highest cap that each limit had */
  GMutex lock;
  gint busy;               /* (atomic) threads that have not ended */
  gint64 booked;           /* (locked by lock) in all */
  GHashTable *by_day;      /* (locked by lock) start of day → booked */
  guint n_settled;         /* (locked by lock) */
  guint n_admitted;        /* (atomic) */
  guint n_cut;             /* (atomic) leases of less than the worst case */
} Schedule;

typedef struct
{
  Schedule *schedule;
  GRand *random;           /* (owned) */
} Actor;

static gint64
pick (GRand *random, gint64 most)
{
  return g_rand_int_range (random, 0, (gint32) most + 1);
}

static void
settled_cb (OkapUsage *usage, gpointer user_data)
{
  Schedule *schedule = user_data;
  gint64 day = usage->started_us / OKAP_DAY_US;
  gint64 *sum;

  g_assert_cmpint (usage->cost_nusd, >=, 0);
  g_mutex_lock (&schedule->lock);
  schedule->n_settled++;
  schedule->booked += usage->cost_nusd;
  sum = g_hash_table_lookup (schedule->by_day, &day);
  if (sum == NULL)
    {
      sum = g_new0 (gint64, 1);
      g_hash_table_insert (schedule->by_day, g_memdup2 (&day, sizeof day), sum);
    }
  *sum += usage->cost_nusd;
  g_mutex_unlock (&schedule->lock);
}

/* Any thread, at any moment. */
static void
check (Schedule *schedule)
{
  OkapStanding standings[OKAP_N_LIMITS];
  gint64 most[OKAP_N_LIMITS];
  guint n = okap_gate_get_standings (schedule->gate.gate, "g_test", "demo", standings);

  g_mutex_lock (&schedule->lock);
  memcpy (most, schedule->most, sizeof most);
  g_mutex_unlock (&schedule->lock);
  for (guint i = 0; i < n; i++)
    {
      const OkapStanding *standing = &standings[i];
      gint64 cap = schedule->only_raises ? standing->cap : most[standing->limit];

      g_assert_cmpint (standing->settled, >=, 0);
      g_assert_cmpint (standing->reserved, >=, 0);
      g_assert_cmpint (standing->settled + standing->reserved, <=, cap);
    }
}

static gboolean
admit (Schedule *schedule, GRand *random, OkapLease *lease)
{
  OkapAdmission admission = { .capability = OKAP_CAPABILITY_CHAT, .model = "demo-fast",
                              .counted = TRUE, .request_id = "r" };
  guint retry_after_s;

  admission.worst_nusd = g_rand_int_range (random, 0, 8) == 0 ? 0 : pick (random, 400);
  admission.least_nusd = pick (random, admission.worst_nusd);
  admission.worst_tokens = pick (random, 300);
  admission.least_tokens = pick (random, admission.worst_tokens);
  if (!okap_gate_admit (schedule->gate.gate, schedule->access, &admission, lease, &retry_after_s,
                        NULL))
    return FALSE;
  g_assert_cmpint (lease->nusd, >=, MIN (admission.least_nusd, lease->nusd));
  if (lease->nusd < admission.worst_nusd)
    g_atomic_int_inc (&schedule->n_cut);
  g_atomic_int_inc (&schedule->n_admitted);
  return TRUE;
}

static gint64
pick_cost (GRand *random, const OkapLease *lease)
{
  switch (g_rand_int_range (random, 0, 12))
    {
    case 0:
      return lease->nusd == G_MAXINT64 ? 100000 : G_MAXINT64;
    case 1:
      return -pick (random, 1000);
    case 2:
      return MIN (lease->nusd, 1000) + pick (random, 500);
    default:
      return pick (random, MIN (lease->nusd, 1000));
    }
}

static void
settle (Schedule *schedule, GRand *random, OkapLease *lease)
{
  gint64 cost_nusd = pick_cost (random, lease);
  g_autoptr (OkapUsage) usage = gate_fixture_make_usage ("r", cost_nusd);

  usage->units.count[OKAP_UNIT_OUTPUT] = pick (random, MIN (lease->tokens, 300));
  okap_gate_settle (schedule->gate.gate, lease, usage);
  if (cost_nusd <= lease->nusd)
    g_assert_cmpint (usage->cost_nusd, ==, MAX (cost_nusd, 0));
}

static gpointer
worker_thread (gpointer user_data)
{
  Actor *actor = user_data;
  Schedule *schedule = actor->schedule;
  OkapLease leases[OPEN_LEASES] = { 0 };

  for (guint step = 0; step < STEPS; step++)
    {
      OkapLease *lease = &leases[g_rand_int_range (actor->random, 0, OPEN_LEASES)];

      if (!lease->is_open)
        (void) admit (schedule, actor->random, lease);
      else if (g_rand_boolean (actor->random))
        okap_gate_note_spent (schedule->gate.gate, lease, pick (actor->random, 500));
      else
        settle (schedule, actor->random, lease);
      if (step % 8 == 0)
        check (schedule);
    }
  for (guint i = 0; i < OPEN_LEASES; i++)
    if (leases[i].is_open)
      settle (schedule, actor->random, &leases[i]);
  g_atomic_int_add (&schedule->busy, -1);
  return NULL;
}

static void
set_cap (Schedule *schedule, OkapLimit limit, gint64 cap)
{
  g_mutex_lock (&schedule->lock);
  schedule->most[limit] = MAX (schedule->most[limit], cap);
  g_mutex_unlock (&schedule->lock);
  gate_fixture_set_limit (&schedule->gate, limit, cap);
}

static void
change_limit (Schedule *schedule, GRand *random)
{
  const OkapScope *scope = g_ptr_array_index (schedule->gate.grant->scopes, 0);
  OkapLimit limit = (OkapLimit) g_rand_int_range (random, 0, OKAP_N_LIMITS);
  gint64 cap = scope->limits.value[limit];

  if (!okap_limits_has (&scope->limits, limit))
    return;
  if (schedule->only_raises || g_rand_boolean (random))
    set_cap (schedule, limit, cap + pick (random, 50));
  else
    set_cap (schedule, limit, pick (random, cap));
}

static void
set_state (Schedule *schedule, OkapGrantState state)
{
  OkapGrant *next = okap_grant_copy_next (schedule->gate.grant);

  next->state = state;
  okap_gate_put_grant (schedule->gate.gate, next, schedule->gate.hash);
  okap_grant_unref (schedule->gate.grant);
  schedule->gate.grant = next;
}

/* The only one that changes the grant. */
static gpointer
chaos_thread (gpointer user_data)
{
  Actor *actor = user_data;
  Schedule *schedule = actor->schedule;
  OkapGate *gate = schedule->gate.gate;

  for (guint step = 0; step < STEPS / 2; step++)
    {
      switch (g_rand_int_range (actor->random, 0, 10))
        {
        case 0:
          set_state (schedule, g_rand_boolean (actor->random) ? OKAP_GRANT_PAUSED
                                                              : OKAP_GRANT_REVOKED);
          break;
        case 1:
          okap_gate_remove_grant (gate, "g_test");
          okap_gate_put_grant (gate, schedule->gate.grant, schedule->gate.hash);
          break;
        case 2:
          okap_gate_lock (gate);
          gate_fixture_open (&schedule->gate);
          break;
        case 3:
          okap_clock_advance (schedule->gate.clock, pick (actor->random, 900) * OKAP_MINUTE_US);
          break;
        case 4:
          okap_clock_set (schedule->gate.clock, okap_clock_get_now (schedule->gate.clock)
                                                - pick (actor->random, 900) * OKAP_MINUTE_US);
          break;
        case 5:
          okap_clock_advance (schedule->gate.clock, pick (actor->random, 20) * OKAP_SECOND_US);
          break;
        default:
          change_limit (schedule, actor->random);
          break;
        }
      if (schedule->gate.grant->state != OKAP_GRANT_ACTIVE)
        set_state (schedule, OKAP_GRANT_ACTIVE);
      check (schedule);
      g_thread_yield ();
    }
  g_atomic_int_add (&schedule->busy, -1);
  return NULL;
}

static void
set_limits (Schedule *schedule, GRand *random)
{
  static const gint64 around[OKAP_N_LIMITS] = {
    [OKAP_LIMIT_MONTHLY_SPEND] = 6000, [OKAP_LIMIT_DAILY_SPEND] = 3000,
    [OKAP_LIMIT_TOTAL_SPEND] = 9000, [OKAP_LIMIT_SPEND_PER_REQUEST] = 300,
    [OKAP_LIMIT_REQUESTS_PER_MINUTE] = 80, [OKAP_LIMIT_REQUESTS_PER_DAY] = 150,
    [OKAP_LIMIT_TOKENS_PER_MINUTE] = 5000, [OKAP_LIMIT_TOKENS_PER_REQUEST] = 250,
    [OKAP_LIMIT_CONCURRENCY] = 10,
  };

  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (g_rand_int_range (random, 0, 3) > 0)
      set_cap (schedule, i, around[i] / 4 + pick (random, around[i]));
}

/* When all have ended. */
static void
check_end (Schedule *schedule)
{
  OkapStanding total, today, running;
  gint64 *booked_today;
  gint64 day;

  set_cap (schedule, OKAP_LIMIT_TOTAL_SPEND, OKAP_MONEY_MOST_NUSD);
  set_cap (schedule, OKAP_LIMIT_DAILY_SPEND, OKAP_MONEY_MOST_NUSD);
  set_cap (schedule, OKAP_LIMIT_CONCURRENCY, 1000);
  g_assert_true (gate_fixture_find_standing (&schedule->gate, OKAP_LIMIT_TOTAL_SPEND, &total));
  g_assert_true (gate_fixture_find_standing (&schedule->gate, OKAP_LIMIT_DAILY_SPEND, &today));
  g_assert_true (gate_fixture_find_standing (&schedule->gate, OKAP_LIMIT_CONCURRENCY, &running));
  g_assert_cmpint (running.reserved, ==, 0);
  g_assert_cmpint (total.reserved, ==, 0);
  g_assert_cmpint (today.reserved, ==, 0);
  g_assert_cmpint (total.settled, ==, schedule->booked);
  g_assert_cmpuint (schedule->n_settled, ==, schedule->n_admitted);
  day = today.resets_us / OKAP_DAY_US - 1;
  booked_today = g_hash_table_lookup (schedule->by_day, &day);
  g_assert_cmpint (today.settled, ==, booked_today != NULL ? *booked_today : 0);
}

static void
run_schedule (guint32 seed, guint *n_admitted, guint *n_cut)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  Schedule schedule = { .only_raises = seed % 2 == 0, .busy = WORKERS + 1 };
  Actor actors[WORKERS + 1];
  GThread *threads[WORKERS + 1];

  gate_fixture_init (&schedule.gate);
  g_mutex_init (&schedule.lock);
  schedule.by_day = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  okap_gate_set_settled_func (schedule.gate.gate, settled_cb, &schedule);
  set_limits (&schedule, random);
  schedule.access = okap_access_ref (schedule.gate.access);

  for (guint i = 0; i <= WORKERS; i++)
    {
      actors[i] = (Actor) { &schedule, g_rand_new_with_seed (g_rand_int (random)) };
      threads[i] = g_thread_new ("actor", i < WORKERS ? worker_thread : chaos_thread, &actors[i]);
    }
  while (g_atomic_int_get (&schedule.busy) > 0)
    {
      check (&schedule);
      g_thread_yield ();
    }
  for (guint i = 0; i <= WORKERS; i++)
    {
      g_thread_join (threads[i]);
      g_rand_free (actors[i].random);
    }
  check_end (&schedule);
  *n_admitted += schedule.n_admitted;
  *n_cut += schedule.n_cut;

  okap_access_unref (schedule.access);
  g_hash_table_unref (schedule.by_day);
  g_mutex_clear (&schedule.lock);
  gate_fixture_clear (&schedule.gate);
}

static void
test_threads (void)
{
  guint n_admitted = 0;
  guint n_cut = 0;

  for (guint32 seed = 0; seed < SCHEDULES; seed++)
    run_schedule (seed, &n_admitted, &n_cut);
  g_test_message ("%u requests were admitted in %u schedules, %u of them with less than their "
                  "worst case", n_admitted, SCHEDULES, n_cut);
  g_assert_cmpuint (n_admitted, >, 10 * SCHEDULES);
  g_assert_cmpuint (n_cut, >, SCHEDULES / 10);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate-schedules/threads", test_threads);
  return g_test_run ();
}
