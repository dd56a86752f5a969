/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate with its journal; and a process that is killed at any moment. */
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "okap-journal-private.h"
#include "okap-money.h"

#include "gate-fixture.h"

typedef struct
{
  GateFixture gate;
  char *folder;
  char *path;
  GPtrArray *settled;      /* (element-type OkapUsage) what the store would get */
} Fixture;

static void
settled_cb (OkapUsage *usage, gpointer user_data)
{
  g_ptr_array_add (((Fixture *) user_data)->settled, okap_usage_ref (usage));
}

static void
open_gate (Fixture *fixture)
{
  GError *error = NULL;

  gate_fixture_init (&fixture->gate);
  okap_gate_set_settled_func (fixture->gate.gate, settled_cb, fixture);
  okap_gate_open_journal (fixture->gate.gate, fixture->path, &error);
  g_assert_no_error (error);
}

/* As the next process does. */
static void
reopen_gate (Fixture *fixture)
{
  gate_fixture_clear (&fixture->gate);
  g_ptr_array_set_size (fixture->settled, 0);
  open_gate (fixture);
}

static void
set_up_closed (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("okap-gate-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "leases", NULL);
  fixture->settled = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
}

static void
tear_down_closed (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->settled);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_closed (fixture, data);
  open_gate (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gate_fixture_clear (&fixture->gate);
  tear_down_closed (fixture, data);
}

static guint
count_left (Fixture *fixture)
{
  g_autoptr (GPtrArray) left = okap_gate_list_left (fixture->gate.gate);

  return left->len;
}

static void
test_settled_and_kept (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  g_assert_true (gate_fixture_admit (&fixture->gate, "r_1", 50, 50, &lease, NULL));
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &lease, 40), ==, 40);
  g_assert_cmpuint (fixture->settled->len, ==, 1);
  g_assert_cmpuint (((OkapUsage *) fixture->settled->pdata[0])->journal_slot, >, 0);
  okap_gate_release_slots (fixture->gate.gate, fixture->settled);
  okap_gate_release_slots (fixture->gate.gate, fixture->settled);
  reopen_gate (fixture);
  g_assert_cmpuint (count_left (fixture), ==, 0);
}

/* One that runs, one that was settled, and one that the store has. */
static void
test_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) left = NULL;
  OkapLease running, settled, kept;
  gint64 total = 0;

  g_assert_true (gate_fixture_admit (&fixture->gate, "r_kept", 50, 50, &kept, NULL));
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &kept, 1), ==, 1);
  okap_gate_release_slots (fixture->gate.gate, fixture->settled);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r_running", 50, 50, &running, NULL));
  okap_gate_note_spent (fixture->gate.gate, &running, 20);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r_settled", 50, 50, &settled, NULL));
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &settled, 300), ==, 300);
  okap_gate_note_spent (fixture->gate.gate, &settled, 7);  /* too late */

  reopen_gate (fixture);
  left = okap_gate_list_left (fixture->gate.gate);
  g_assert_cmpuint (left->len, ==, 2);
  for (guint i = 0; i < left->len; i++)
    total += ((OkapUsage *) left->pdata[i])->cost_nusd;
  g_assert_cmpint (total, ==, 320);
  okap_gate_release_slots (fixture->gate.gate, left);
  g_assert_cmpuint (count_left (fixture), ==, 0);
}

/* A limited lease is never booked beyond itself, whatever a stream was said to have come to. */
static void
test_noted_beyond (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) left = NULL;
  OkapLease lease;

  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 30);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r_1", 50, 1, &lease, NULL));
  okap_gate_note_spent (fixture->gate.gate, &lease, 45);
  reopen_gate (fixture);
  left = okap_gate_list_left (fixture->gate.gate);
  g_assert_cmpint (((OkapUsage *) left->pdata[0])->cost_nusd, ==, 30);
}

static void
test_uncounted (Fixture *fixture, gconstpointer data)
{
  OkapAdmission admission = { .counted = FALSE };
  OkapLease lease;
  guint retry_after_s;

  g_assert_true (okap_gate_admit (fixture->gate.gate, fixture->gate.access, &admission, &lease,
                                  &retry_after_s, NULL));
  g_assert_cmpuint (lease.slot, ==, 0);
  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &lease, 5), ==, 5);
  reopen_gate (fixture);
  g_assert_cmpuint (count_left (fixture), ==, 0);
}

static void
test_full (Fixture *fixture, gconstpointer data)
{
  g_autofree OkapLease *leases = g_new (OkapLease, OKAP_JOURNAL_SLOTS);
  g_autoptr (GError) error = NULL;
  OkapStanding standing;
  OkapLease lease;

  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_CONCURRENCY, 100000);
  for (guint i = 0; i < OKAP_JOURNAL_SLOTS; i++)
    g_assert_true (gate_fixture_admit (&fixture->gate, "r", 1, 1, &leases[i], NULL));
  g_assert_false (gate_fixture_admit (&fixture->gate, "r", 1, 1, &lease, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_BUSY);
  g_assert_true (gate_fixture_find_standing (&fixture->gate, OKAP_LIMIT_CONCURRENCY, &standing));
  g_assert_cmpint (standing.reserved, ==, OKAP_JOURNAL_SLOTS);

  g_assert_cmpint (gate_fixture_settle (&fixture->gate, &leases[0], 1), ==, 1);
  okap_gate_release_slots (fixture->gate.gate, fixture->settled);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r", 1, 1, &lease, NULL));
}

/* What a process did, in memory that outlives it. Each step is noted before it begins and when it
 * is done, so that at any moment it is known what must be in the journal, and what may be. */
#define MOST_REQUESTS 20000
#define KEEP_LATE 8      /* rows that the store has not yet written */
#define RUNNING 5

typedef enum { NOTHING, ADMITTING, ADMITTED, SETTLING, SETTLED, KEEPING, KEPT } Step;

typedef struct
{
  gint step;              /* (atomic) Step */
  gint64 reserved;
  gint64 noting;          /* (atomic) */
  gint64 noted;           /* (atomic) */
  gint64 booked;
} Record;

typedef struct
{
  gint n;                 /* (atomic) requests so far */
  Record records[MOST_REQUESTS];
} Records;

static void
set_step (Record *record, Step step)
{
  g_atomic_int_set (&record->step, (gint) step);
}

static void
store64 (gint64 *place, gint64 value)
{
  __atomic_store_n (place, value, __ATOMIC_SEQ_CST);
}

static void
keep_rows (Fixture *fixture, Records *records, guint most)
{
  while (fixture->settled->len > most)
    {
      g_autoptr (GPtrArray) one = g_ptr_array_new ();
      OkapUsage *usage = fixture->settled->pdata[0];
      Record *record = &records->records[g_ascii_strtoull (usage->request_id, NULL, 10)];

      g_ptr_array_add (one, usage);
      set_step (record, KEEPING);
      okap_gate_release_slots (fixture->gate.gate, one);
      set_step (record, KEPT);
      g_ptr_array_remove_index (fixture->settled, 0);
    }
}

static void
settle_one (Fixture *fixture, Records *records, guint request, OkapLease *lease, gint64 cost_nusd)
{
  g_autofree char *id = g_strdup_printf ("%u", request);
  g_autoptr (OkapUsage) usage = gate_fixture_make_usage (id, cost_nusd);
  Record *record = &records->records[request];

  record->booked = MIN (cost_nusd, lease->nusd);
  set_step (record, SETTLING);
  okap_gate_settle (fixture->gate.gate, lease, usage);
  g_assert_cmpint (usage->cost_nusd, ==, record->booked);
  set_step (record, SETTLED);
  keep_rows (fixture, records, KEEP_LATE);
}

static gboolean
admit_one (Fixture *fixture, Records *records, guint request, gint64 nusd, OkapLease *lease)
{
  g_autofree char *id = g_strdup_printf ("%u", request);
  Record *record = &records->records[request];

  record->reserved = record->noting = record->noted = nusd;
  set_step (record, ADMITTING);
  if (!gate_fixture_admit (&fixture->gate, id, nusd, nusd, lease, NULL))
    {
      set_step (record, NOTHING);
      return FALSE;
    }
  set_step (record, ADMITTED);
  return TRUE;
}

/* Never comes back. */
static void
run_until_killed (Fixture *fixture, Records *records, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  OkapLease leases[RUNNING] = { 0 };
  guint requests[RUNNING] = { 0 };

  open_gate (fixture);
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_TOTAL_SPEND, OKAP_NUSD_PER_USD);
  for (guint n = 0; n < MOST_REQUESTS; g_atomic_int_set (&records->n, (gint) ++n))
    {
      guint i = (guint) g_rand_int_range (random, 0, RUNNING);

      if (leases[i].is_open)
        {
          Record *record = &records->records[requests[i]];
          gint64 spent = g_rand_int_range (random, 0, (gint32) record->reserved + 1);

          store64 (&record->noting, spent);
          okap_gate_note_spent (fixture->gate.gate, &leases[i], spent);
          store64 (&record->noted, spent);
          settle_one (fixture, records, requests[i], &leases[i],
                      g_rand_int_range (random, 0, (gint32) record->reserved + 1));
        }
      requests[i] = n;
      (void) admit_one (fixture, records, n, g_rand_int_range (random, 0, 1000), &leases[i]);
    }
  while (TRUE)
    pause ();
}

static void
check_row (const Record *record, const OkapUsage *usage)
{
  gboolean is_interrupted = usage->error != NULL;

  switch ((Step) record->step)
    {
    case ADMITTING:
      g_assert_true (is_interrupted);
      g_assert_cmpint (usage->cost_nusd, ==, record->reserved);
      break;
    case ADMITTED:
      g_assert_true (is_interrupted);
      g_assert_true (usage->cost_nusd == record->noting || usage->cost_nusd == record->noted);
      break;
    case SETTLING:
      g_assert_cmpint (usage->cost_nusd, ==, is_interrupted ? record->noted : record->booked);
      break;
    case SETTLED:
    case KEEPING:
      g_assert_false (is_interrupted);
      g_assert_cmpint (usage->cost_nusd, ==, record->booked);
      break;
    case NOTHING:
    case KEPT:
    default:
      g_assert_not_reached ();
    }
}

static void
check_left (const Records *records, GPtrArray *left)
{
  g_autofree guint8 *seen = g_new0 (guint8, MOST_REQUESTS);
  guint n = MIN ((guint) records->n + 1, MOST_REQUESTS);

  for (guint i = 0; i < left->len; i++)
    {
      const OkapUsage *usage = left->pdata[i];
      guint64 request = g_ascii_strtoull (usage->request_id, NULL, 10);

      g_assert_cmpuint (request, <, n);
      g_assert_cmpuint (seen[request]++, ==, 0);
      g_assert_cmpstr (usage->grant_id, ==, "g_test");
      check_row (&records->records[request], usage);
    }
  for (guint i = 0; i < n; i++)
    if (records->records[i].step >= ADMITTED && records->records[i].step <= SETTLED)
      g_assert_cmpuint (seen[i], ==, 1);
}

/* Nothing is lost, nothing comes twice, and nothing stays. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  Records *records = mmap (NULL, sizeof (Records), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_autoptr (GRand) random = g_rand_new_with_seed (6527);
  guint n_left = 0;

  g_assert_true (records != MAP_FAILED);
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (GPtrArray) left = NULL;
      gint moment = g_rand_int_range (random, 1, 3000);
      pid_t child;
      int status;

      memset (records, 0, sizeof *records);
      child = fork ();
      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        run_until_killed (fixture, records, round);
      while (g_atomic_int_get (&records->n) < moment && waitpid (child, &status, WNOHANG) == 0)
        sched_yield ();
      g_assert_cmpint (kill (child, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);

      open_gate (fixture);
      left = okap_gate_list_left (fixture->gate.gate);
      n_left += left->len;
      check_left (records, left);
      okap_gate_release_slots (fixture->gate.gate, left);
      reopen_gate (fixture);
      g_assert_cmpuint (count_left (fixture), ==, 0);
      gate_fixture_clear (&fixture->gate);
    }
  g_test_message ("%u rows were left in 50 rounds", n_left);
  g_assert_cmpuint (n_left, >, 50);
  (void) munmap (records, sizeof *records);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *left = a;
  const gint64 *right = b;

  return (*left > *right) - (*left < *right);
}

static gint64
get_ns (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* What the gate costs a request, with all limits and the journal; only with "-m perf". */
static void
test_speed (Fixture *fixture, gconstpointer data)
{
  static const guint rounds = 200000;
  g_autofree gint64 *took_ns = g_new (gint64, rounds);
  g_autoptr (OkapUsage) usage = gate_fixture_make_usage ("r_23456789abcd", 900);

  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    gate_fixture_set_limit (&fixture->gate, i, okap_limit_get_most (i));
  okap_gate_set_settled_func (fixture->gate.gate, NULL, NULL);
  for (guint i = 0; i < rounds; i++)
    {
      gint64 before_ns = get_ns ();
      OkapLease lease;

      g_assert_true (gate_fixture_admit (&fixture->gate, "r_23456789abcd", 1000, 500, &lease,
                                         NULL));
      okap_gate_note_spent (fixture->gate.gate, &lease, 700);
      okap_gate_settle (fixture->gate.gate, &lease, usage);
      took_ns[i] = get_ns () - before_ns;
      if (i % 1000 == 0)
        okap_clock_advance (fixture->gate.clock, OKAP_SECOND_US);
    }
  qsort (took_ns, rounds, sizeof *took_ns, compare);
  g_test_minimized_result ((double) took_ns[rounds / 2],
                           "admit, note and settle: median %ld ns, 99 of 100 within %ld ns",
                           (long) took_ns[rounds / 2], (long) took_ns[rounds / 100 * 99]);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/gate-journal/settled-and-kept", test_settled_and_kept);
  ADD ("/gate-journal/left", test_left);
  ADD ("/gate-journal/noted-beyond", test_noted_beyond);
  ADD ("/gate-journal/uncounted", test_uncounted);
  ADD ("/gate-journal/full", test_full);
  g_test_add ("/gate-journal/killed", Fixture, NULL, set_up_closed, test_killed,
              tear_down_closed);
  if (g_test_perf ())
    ADD ("/gate-journal/speed", test_speed);
  return g_test_run ();
}
