/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leases of work that outlives the process. */
#include <glib/gstdio.h>
#include <string.h>

#include "gate-fixture.h"

typedef struct
{
  GateFixture gate;
  char *folder;
  char *path;
  char *jobs;
  GPtrArray *settled;      /* (element-type OkapUsage) what the store would get */
} Fixture;

static void
settled_cb (OkapUsage *usage, gpointer user_data)
{
  g_ptr_array_add (((Fixture *) user_data)->settled, okap_usage_ref (usage));
}

/* A process begins, @later_us after noon: the journal comes before the grants. */
static void
begin (Fixture *fixture, gint64 later_us)
{
  GError *error = NULL;

  gate_fixture_init (&fixture->gate);
  okap_clock_advance (fixture->gate.clock, later_us);
  g_clear_pointer (&fixture->gate.access, okap_access_unref);
  okap_gate_free (fixture->gate.gate);
  fixture->gate.gate = okap_gate_new (fixture->gate.clock);
  okap_gate_set_settled_func (fixture->gate.gate, settled_cb, fixture);
  okap_gate_open_journal (fixture->gate.gate, fixture->path, &error);
  g_assert_no_error (error);
}

static void
set_limits (Fixture *fixture)
{
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_MONTHLY_SPEND, 100);
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_TOTAL_SPEND, 100);
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_REQUESTS_PER_DAY, 9);
  gate_fixture_set_limit (&fixture->gate, OKAP_LIMIT_CONCURRENCY, 9);
}

static void
end (Fixture *fixture)
{
  gate_fixture_clear (&fixture->gate);
  g_ptr_array_set_size (fixture->settled, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  fixture->folder = g_dir_make_tmp ("okap-gate-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "leases", NULL);
  fixture->jobs = g_strconcat (fixture->path, ".jobs", NULL);
  fixture->settled = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  begin (fixture, 0);
  gate_fixture_open (&fixture->gate);
  set_limits (fixture);
  g_assert_true (gate_fixture_admit (&fixture->gate, "r_1", 60, 60, &lease, NULL));
  okap_gate_note_spent (fixture->gate.gate, &lease, 5);
  okap_gate_keep_job (fixture->gate.gate, &lease, "r_1", "how to go on");
  g_assert_true (lease.is_job);
  end (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  end (fixture);
  g_ptr_array_unref (fixture->settled);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->jobs), ==, 0);  /* no file is left */
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->jobs);
}

static guint
count_left (Fixture *fixture)
{
  g_autoptr (GPtrArray) left = okap_gate_list_left (fixture->gate.gate);

  return left->len;
}

static OkapLease
take_job (Fixture *fixture)
{
  g_autoptr (GPtrArray) jobs = okap_gate_list_jobs (fixture->gate.gate);
  const OkapGateJob *job;

  g_assert_cmpuint (jobs->len, ==, 1);
  job = jobs->pdata[0];
  g_assert_cmpstr (job->text, ==, "how to go on");
  g_assert_cmpstr (job->usage->request_id, ==, "r_1");
  g_assert_cmpstr (job->usage->grant_id, ==, "g_test");
  return job->lease;
}

static void
assert_standing (Fixture *fixture, OkapLimit limit, gint64 settled, gint64 reserved)
{
  OkapStanding standing;

  g_assert_true (gate_fixture_find_standing (&fixture->gate, limit, &standing));
  g_assert_cmpint (standing.settled, ==, settled);
  g_assert_cmpint (standing.reserved, ==, reserved);
}

static gint64
settle (Fixture *fixture, OkapLease *lease, gint64 nusd)
{
  g_autoptr (OkapUsage) usage = gate_fixture_make_usage ("r_1", nusd);

  okap_gate_settle (fixture->gate.gate, lease, usage);
  return usage->cost_nusd;
}

static void
test_goes_on (Fixture *fixture, gconstpointer data)
{
  OkapLease lease, again, other;
  g_autoptr (GPtrArray) left = NULL;

  begin (fixture, 2 * 60 * OKAP_MINUTE_US);
  g_assert_cmpuint (count_left (fixture), ==, 0);  /* it is not booked */
  lease = again = take_job (fixture);
  g_assert_false (okap_gate_is_unlocked (fixture->gate.gate));
  gate_fixture_open (&fixture->gate);
  g_assert_true (okap_gate_is_unlocked (fixture->gate.gate));
  set_limits (fixture);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 60);
  assert_standing (fixture, OKAP_LIMIT_TOTAL_SPEND, 0, 60);
  assert_standing (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 1, 0);
  g_assert_false (gate_fixture_admit (&fixture->gate, "r_2", 41, 41, &other, NULL));
  g_assert_true (gate_fixture_admit (&fixture->gate, "r_2", 40, 40, &other, NULL));

  g_assert_cmpint (settle (fixture, &lease, 25), ==, 25);
  g_assert_cmpint (settle (fixture, &lease, 25), ==, 25);
  g_assert_cmpint (settle (fixture, &again, 25), ==, 25);
  g_assert_cmpuint (fixture->settled->len, >=, 1);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 25, 40);
  assert_standing (fixture, OKAP_LIMIT_TOTAL_SPEND, 25, 40);
  (void) gate_fixture_settle (&fixture->gate, &other, 0);
  g_assert_cmpuint (fixture->settled->len, ==, 2);

  /* The process ends before the row is kept. */
  end (fixture);
  begin (fixture, 3 * 60 * OKAP_MINUTE_US);
  left = okap_gate_list_jobs (fixture->gate.gate);
  g_assert_cmpuint (left->len, ==, 0);
  g_ptr_array_unref (left);
  left = okap_gate_list_left (fixture->gate.gate);
  g_assert_cmpuint (left->len, ==, 2);
  okap_gate_release_slots (fixture->gate.gate, left);
}

/* The process ends again and again while the work goes on. */
static void
test_many_ends (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  for (guint i = 0; i < 3; i++)
    {
      begin (fixture, i * 60 * OKAP_MINUTE_US);
      lease = take_job (fixture);
      gate_fixture_open (&fixture->gate);
      set_limits (fixture);
      assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 60);
      end (fixture);
    }
  begin (fixture, 4 * 60 * OKAP_MINUTE_US);
  lease = take_job (fixture);
  gate_fixture_open (&fixture->gate);
  g_assert_cmpint (settle (fixture, &lease, 60), ==, 60);
  okap_gate_release_slots (fixture->gate.gate, fixture->settled);
}

/* What it costs belongs to the month in which it began. */
static void
test_later_month (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  begin (fixture, 20 * OKAP_DAY_US);
  lease = take_job (fixture);
  gate_fixture_open (&fixture->gate);
  set_limits (fixture);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_TOTAL_SPEND, 0, 60);
  assert_standing (fixture, OKAP_LIMIT_REQUESTS_PER_DAY, 0, 0);
  g_assert_cmpint (settle (fixture, &lease, 25), ==, 25);
  assert_standing (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, 0);
  assert_standing (fixture, OKAP_LIMIT_TOTAL_SPEND, 25, 0);
  g_assert_cmpint (((OkapUsage *) fixture->settled->pdata[0])->started_us, ==,
                   okap_clock_get_now (fixture->gate.clock) - 20 * OKAP_DAY_US);
  okap_gate_release_slots (fixture->gate.gate, fixture->settled);
}

static void
test_grant_gone (Fixture *fixture, gconstpointer data)
{
  OkapLease lease;

  begin (fixture, 0);
  lease = take_job (fixture);
  g_assert_cmpint (settle (fixture, &lease, 500), ==, 60);
  g_assert_cmpuint (fixture->settled->len, ==, 1);
  g_assert_cmpint (((OkapUsage *) fixture->settled->pdata[0])->over_nusd, ==, 440);
  g_assert_cmpint (settle (fixture, &lease, 500), ==, 500);  /* of which nothing comes */
  okap_gate_release_slots (fixture->gate.gate, fixture->settled);
  end (fixture);
  begin (fixture, 0);
  g_assert_cmpuint (count_left (fixture), ==, 0);
}

/* Between the slot and the file, the slot decides. */
static void
test_file_lost (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->jobs, "r_1", NULL);
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GPtrArray) jobs = NULL;

  g_assert_cmpint (g_unlink (file), ==, 0);
  begin (fixture, 0);
  jobs = okap_gate_list_jobs (fixture->gate.gate);
  left = okap_gate_list_left (fixture->gate.gate);
  g_assert_cmpuint (jobs->len, ==, 0);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_cmpint (((OkapUsage *) left->pdata[0])->cost_nusd, ==, 60);
  okap_gate_release_slots (fixture->gate.gate, left);
}

static void
test_file_stays (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->jobs, "r_1", NULL);
  g_autofree char *stray = g_build_filename (fixture->jobs, "r_9", NULL);
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GPtrArray) jobs = NULL;
  OkapLease lease;

  begin (fixture, 0);
  lease = take_job (fixture);
  (void) settle (fixture, &lease, 25);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  end (fixture);
  g_assert_true (g_file_set_contents (file, "how to go on", -1, NULL));
  g_assert_true (g_file_set_contents (stray, "whatever", -1, NULL));
  begin (fixture, 0);
  jobs = okap_gate_list_jobs (fixture->gate.gate);
  left = okap_gate_list_left (fixture->gate.gate);
  g_assert_cmpuint (jobs->len, ==, 0);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_cmpint (((OkapUsage *) left->pdata[0])->cost_nusd, ==, 25);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (stray, G_FILE_TEST_EXISTS));
  okap_gate_release_slots (fixture->gate.gate, left);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/gate-job/goes-on", test_goes_on);
  ADD ("/gate-job/many-ends", test_many_ends);
  ADD ("/gate-job/later-month", test_later_month);
  ADD ("/gate-job/grant-gone", test_grant_gone);
  ADD ("/gate-job/file-lost", test_file_lost);
  ADD ("/gate-job/file-stays", test_file_stays);
  return g_test_run ();
}
