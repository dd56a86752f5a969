/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage: nothing lost between threads, and sums that equal those of a plain count. */
#include "config.h"

#include "test-store-fixture.h"

#include "okap-caps.h"
#include "okap-store-private.h"

#define N_RANDOM 20000

static void
assert_usage_equal (const OkapUsage *a, const OkapUsage *b)
{
  g_assert_cmpstr (a->request_id, ==, b->request_id);
  g_assert_cmpstr (a->grant_id, ==, b->grant_id);
  g_assert_cmpstr (a->app, ==, b->app);
  g_assert_cmpstr (a->provider, ==, b->provider);
  g_assert_cmpstr (a->endpoint, ==, b->endpoint);
  g_assert_cmpstr (a->model_asked, ==, b->model_asked);
  g_assert_cmpstr (a->model_served, ==, b->model_served);
  g_assert_cmpmem (&a->units, sizeof a->units, &b->units, sizeof b->units);
  g_assert_cmpint (a->cost_nusd, ==, b->cost_nusd);
  g_assert_cmpint (a->cost_status, ==, b->cost_status);
  g_assert_cmpint (a->started_us, ==, b->started_us);
  g_assert_cmpint (a->first_byte_us, ==, b->first_byte_us);
  g_assert_cmpint (a->duration_us, ==, b->duration_us);
  g_assert_cmpint (a->overhead_us, ==, b->overhead_us);
  g_assert_cmpuint (a->http_status, ==, b->http_status);
  g_assert_cmpstr (a->error, ==, b->error);
  g_assert_cmpint (a->bytes_in, ==, b->bytes_in);
  g_assert_cmpint (a->bytes_out, ==, b->bytes_out);
  g_assert_cmpint (a->streamed, ==, b->streamed);
}

static void
test_all_fields (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapUsage) full = new_usage ("g_1", "An app", "gpt-4o", 1760000000123456);
  g_autoptr (OkapUsage) bare = new_usage ("g_2", "", "", 0);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) page = NULL;

  g_free (full->model_served);
  full->model_served = g_strdup ("gpt-4o-2024-08-06");
  full->units = (OkapUnits) { .count = { [OKAP_UNIT_INPUT] = 1, [OKAP_UNIT_CACHED] = 2,
                                         [OKAP_UNIT_CACHE_WRITTEN] = 3,
                                         [OKAP_UNIT_OUTPUT] = 4, [OKAP_UNIT_REASONING] = 5 } };
  full->cost_nusd = 123456789;
  full->cost_status = OKAP_COST_ESTIMATED;
  full->first_byte_us = 250000;
  full->duration_us = 1500000;
  full->overhead_us = 300;
  full->http_status = 499;
  full->error = g_strdup ("token_revoked");
  full->bytes_in = 1000;
  full->bytes_out = 20000;
  full->streamed = TRUE;

  fixture_open (fixture);
  okap_store_add_usage (fixture->store, full);
  okap_store_add_usage (fixture->store, bare);
  list = store_list_usage (fixture->store, 0, 10);
  g_assert_cmpuint (list->len, ==, 2);
  assert_usage_equal (list->pdata[0], bare);
  assert_usage_equal (list->pdata[1], full);
  g_assert_cmpint (((OkapUsage *) list->pdata[0])->id, ==, 2);
  page = store_list_usage (fixture->store, 2, 10);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpint (((OkapUsage *) page->pdata[0])->id, ==, 1);
}

/* What apps and providers send is only ever a value. */
static void
test_hostile_values (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "Robert'); DROP TABLE usage;--", "\"; DELETE FROM grants", "?1", ":a", "%s%n", "NULL",
    "a\xff\xfe", "\xf0\x9f\x98\x80", "new\nline",
  };
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) sums = NULL;

  fixture_open (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OkapUsage) usage = new_usage (names[i], names[i], names[i], i);

      usage->units.count[OKAP_UNIT_INPUT] = i % 2 == 0 ? G_MAXINT64 : G_MININT64;
      usage->units.count[OKAP_UNIT_CACHED] = G_MAXINT64;
      usage->units.count[OKAP_UNIT_OUTPUT] = G_MAXINT64;
      usage->cost_nusd = i % 2 == 0 ? G_MAXINT64 : -1;
      okap_store_add_usage (fixture->store, usage);
    }
  list = store_list_usage (fixture->store, 0, 100);
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_APP, 0, NULL);
  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (names));
  g_assert_cmpuint (sums->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < list->len; i++)
    {
      const OkapUsage *usage = list->pdata[list->len - 1 - i];
      g_autofree char *expected = g_utf8_make_valid (names[i], -1);

      g_assert_cmpstr (usage->app, ==, expected);
      g_assert_cmpint (usage->units.count[OKAP_UNIT_INPUT], >=, 0);
      g_assert_cmpint (usage->cost_nusd, >=, 0);
    }
}

static void
test_bounded_sums (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapUsage) usage = new_usage ("g", "a", "m", 1);
  g_autoptr (GPtrArray) sums = NULL;
  OkapUsageSummary *sum;

  usage->units.count[OKAP_UNIT_INPUT] = usage->units.count[OKAP_UNIT_CACHED] = G_MAXINT64;
  usage->units.count[OKAP_UNIT_OUTPUT] = G_MAXINT64;
  usage->cost_nusd = G_MAXINT64;
  fixture_open (fixture);
  for (guint i = 0; i < 10000; i++)
    okap_store_add_usage (fixture->store, usage);
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_MODEL, 0, NULL);
  g_assert_cmpuint (sums->len, ==, 1);
  sum = sums->pdata[0];
  g_assert_cmpint (sum->requests, ==, 10000);
  g_assert_cmpint (sum->cost_nusd, ==, G_GINT64_CONSTANT (1) << 62);
}

/* Sums against a plain count */

static char *
group_key (const OkapUsage *usage, OkapUsageGrouping by, GTimeZone *zone)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;

  switch (by)
    {
    case OKAP_USAGE_BY_APP:
      return g_strdup (usage->app);
    case OKAP_USAGE_BY_PROVIDER:
      return g_strdup (usage->provider);
    case OKAP_USAGE_BY_MODEL:
      return g_strdup (*usage->model_asked ? usage->model_asked : usage->model_served);
    case OKAP_USAGE_BY_DAY:
      utc = g_date_time_new_from_unix_utc (usage->started_us / OKAP_SECOND_US);
      local = g_date_time_to_timezone (utc, zone);
      return g_date_time_format (local, "%Y-%m-%d");
    case OKAP_USAGE_BY_SCOPE:
      return g_strconcat (usage->grant_id, "/", usage->provider, NULL);
    case OKAP_USAGE_BY_GRANT:
    default:
      return g_strdup (usage->grant_id);
    }
}

static GHashTable *
count_plainly (GPtrArray *rows, OkapUsageGrouping by, gint64 since_us, GTimeZone *zone)
{
  GHashTable *groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                              (GDestroyNotify) okap_usage_summary_free);

  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsage *usage = rows->pdata[i];
      g_autofree char *key = NULL;
      OkapUsageSummary *group;

      if (usage->started_us < since_us)
        continue;
      key = group_key (usage, by, zone);
      group = g_hash_table_lookup (groups, key);
      if (group == NULL)
        {
          group = g_new0 (OkapUsageSummary, 1);
          group->key = g_steal_pointer (&key);
          g_hash_table_insert (groups, group->key, group);
        }
      group->requests++;
      group->input_tokens += okap_units_get_prompt (&usage->units);
      group->output_tokens += okap_units_get_written (&usage->units);
      group->cost_nusd += usage->cost_status == OKAP_COST_UNKNOWN ? 0 : usage->cost_nusd;
      group->unknown_requests += usage->cost_status == OKAP_COST_UNKNOWN;
      group->last_us = MAX (group->last_us, usage->started_us);
    }
  return groups;
}

static void
compare_with_plain_count (OkapStore *store, GPtrArray *rows, OkapUsageGrouping by,
                          gint64 since_us, GTimeZone *zone)
{
  g_autoptr (GHashTable) plain = count_plainly (rows, by, since_us, zone);
  g_autoptr (GPtrArray) sums = store_summarise (store, by, since_us, zone);

  g_assert_cmpuint (sums->len, ==, g_hash_table_size (plain));
  for (guint i = 0; i < sums->len; i++)
    {
      const OkapUsageSummary *sum = sums->pdata[i];
      const OkapUsageSummary *other = g_hash_table_lookup (plain, sum->key);

      g_assert_nonnull (other);
      g_assert_cmpint (sum->requests, ==, other->requests);
      g_assert_cmpint (sum->input_tokens, ==, other->input_tokens);
      g_assert_cmpint (sum->output_tokens, ==, other->output_tokens);
      g_assert_cmpint (sum->cost_nusd, ==, other->cost_nusd);
      g_assert_cmpint (sum->unknown_requests, ==, other->unknown_requests);
      g_assert_cmpint (sum->last_us, ==, other->last_us);
      if (i == 0)
        continue;
      if (by == OKAP_USAGE_BY_DAY)
        g_assert_cmpstr (((OkapUsageSummary *) sums->pdata[i - 1])->key, <, sum->key);
      else
        g_assert_cmpint (((OkapUsageSummary *) sums->pdata[i - 1])->cost_nusd, >=, sum->cost_nusd);
    }
}

static char *
random_name (const char *prefix, int most)
{
  return g_strdup_printf ("%s-%d", prefix, g_test_rand_int_range (0, most));
}

/* Around 2025-10-26 01:00 UTC, when summer time ends in Europe. */
#define CHANGE_US (G_GINT64_CONSTANT (1761440400) * OKAP_SECOND_US)

static OkapUsage *
random_usage (void)
{
  g_autofree char *grant = random_name ("g", 5);
  g_autofree char *app = random_name ("app", 4);
  g_autofree char *model = random_name ("model", 6);
  OkapUsage *usage = new_usage (grant, app, model, 0);

  g_free (usage->provider);
  usage->provider = random_name ("provider", 3);
  if (g_test_rand_int_range (0, 10) == 0)
    *usage->model_asked = '\0';
  usage->started_us = CHANGE_US + (gint64) (g_test_rand_double_range (-4, 4) * OKAP_DAY_US);
  if (g_test_rand_int_range (0, 20) == 0)  /* exactly at a border */
    usage->started_us -= usage->started_us % OKAP_QUARTER_US;
  usage->units = (OkapUnits) { .count = {
    [OKAP_UNIT_INPUT] = g_test_rand_int_range (0, 100000),
    [OKAP_UNIT_CACHED] = g_test_rand_int_range (0, 100000),
    [OKAP_UNIT_CACHE_WRITTEN] = g_test_rand_int_range (0, 100000),
    [OKAP_UNIT_OUTPUT] = g_test_rand_int_range (0, 100000),
  } };
  usage->cost_status = (OkapCostStatus) g_test_rand_int_range (0, 3);
  if (usage->cost_status != OKAP_COST_UNKNOWN)
    usage->cost_nusd = g_test_rand_int_range (0, 2000000000);
  return usage;
}

static void
test_sums (Fixture *fixture, gconstpointer data)
{
  static const char *const zones[] = { "UTC", "Europe/Berlin", "Asia/Kathmandu",
                                       "Australia/Lord_Howe", "+03:07:11" };
  static const gint64 sinces[] = { 0, CHANGE_US, CHANGE_US - 1, CHANGE_US + 1,
                                   CHANGE_US + 123456789, CHANGE_US + 5 * OKAP_DAY_US,
                                   G_MAXINT64 };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);

  fixture_open (fixture);
  for (guint i = 0; i < N_RANDOM; i++)
    {
      g_ptr_array_add (rows, random_usage ());
      okap_store_add_usage (fixture->store, rows->pdata[i]);
    }
  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zones[z]);

      g_assert_nonnull (zone);
      for (guint s = 0; s < G_N_ELEMENTS (sinces); s++)
        for (guint by = 0; by <= OKAP_USAGE_BY_SCOPE; by++)
          if (by == OKAP_USAGE_BY_DAY || z == 0)
            compare_with_plain_count (fixture->store, rows, (OkapUsageGrouping) by, sinces[s],
                                      zone);
    }
}

/* Many threads at once */

typedef struct
{
  OkapStore *store;
  guint n_rows;
} Adder;

static gpointer
adder_main (gpointer data)
{
  Adder *adder = data;

  for (guint i = 0; i < adder->n_rows; i++)
    {
      g_autoptr (OkapUsage) usage = new_usage ("g_1", "App", "m", OKAP_DAY_US + i);

      usage->units.count[OKAP_UNIT_INPUT] = 1;
      okap_store_add_usage (adder->store, usage);
    }
  return NULL;
}

static void
count_signal_cb (OkapStore *store, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
add_from_threads (OkapStore *store, guint n_threads, guint n_rows)
{
  g_autofree GThread **threads = g_new (GThread *, n_threads);
  Adder adder = { store, n_rows };

  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("test-adder", adder_main, &adder);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) sums = NULL;
  guint n_signals = 0;
  OkapUsageSummary *sum;

  fixture_open (fixture);
  g_signal_connect (fixture->store, "usage-added", G_CALLBACK (count_signal_cb), &n_signals);
  add_from_threads (fixture->store, 4, 2500);
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_GRANT, 0, NULL);
  g_assert_cmpuint (sums->len, ==, 1);
  sum = sums->pdata[0];
  g_assert_cmpint (sum->requests, ==, 10000);
  g_assert_cmpint (sum->input_tokens, ==, 10000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_signals, >=, 1);
  g_assert_cmpuint (n_signals, <, 100);
}

/* Rows that nobody waited for are written by the close. */
static void
test_close_writes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  fixture_open (fixture);
  add_from_threads (fixture->store, 1, 1000);
  fixture_close (fixture);
  fixture_open (fixture);
  list = store_list_usage (fixture->store, 0, 5000);
  g_assert_cmpuint (list->len, ==, 1000);
}

/* Rows that come before the database is open wait for it. */
static void
test_before_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;

  fixture->store = okap_store_new (fixture->path);
  add_from_threads (fixture->store, 2, 100);
  g_assert_true (store_open (fixture->store, &error));
  list = store_list_usage (fixture->store, 0, 5000);
  g_assert_cmpuint (list->len, ==, 200);
}

/* A database that refuses rows: they stay in memory, and that they are lost in the end is said. */
static void
test_refused_rows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapUsage) usage = new_usage ("g_1", "App", "m", OKAP_DAY_US);
  g_autoptr (GPtrArray) list = NULL;

  fixture_open (fixture);
  fixture_close (fixture);
  fixture_edit (fixture, "ALTER TABLE usage_quarters RENAME TO elsewhere");
  fixture_open (fixture);
  g_test_expect_message (NULL, G_LOG_LEVEL_WARNING, "usage is not written for now*");
  g_test_expect_message (NULL, G_LOG_LEVEL_WARNING, "3 rows of usage were lost*");
  for (guint i = 0; i < 3; i++)
    {
      okap_store_add_usage (fixture->store, usage);
      g_clear_pointer (&list, g_ptr_array_unref);
      list = store_list_usage (fixture->store, 0, 10);
      g_assert_cmpuint (list->len, ==, 0);
    }
  fixture_close (fixture);
  g_test_assert_expected_messages ();
}

static void
test_queue (void)
{
  g_autoptr (OkapUsageQueue) queue = okap_usage_queue_new (2);
  g_autoptr (OkapUsage) a = new_usage ("a", "", "", 0);
  g_autoptr (OkapUsage) b = new_usage ("b", "", "", 0);
  g_autoptr (OkapUsage) c = new_usage ("c", "", "", 0);
  GPtrArray *taken;
  gboolean wake;

  g_assert_true (okap_usage_queue_push (queue, a, &wake));
  g_assert_true (wake);
  g_assert_true (okap_usage_queue_push (queue, b, &wake));
  g_assert_false (wake);
  g_assert_false (okap_usage_queue_push (queue, c, &wake));  /* full, and nothing flows */

  taken = okap_usage_queue_take (queue);
  g_assert_cmpuint (taken->len, ==, 2);
  g_assert_true (okap_usage_queue_push (queue, c, &wake));
  g_assert_true (wake);
  okap_usage_queue_put_back (queue, taken);
  g_assert_false (okap_usage_queue_push (queue, a, &wake));

  taken = okap_usage_queue_take (queue);
  g_assert_cmpuint (taken->len, ==, 3);
  g_assert_true (taken->pdata[0] == a && taken->pdata[1] == b && taken->pdata[2] == c);
  g_ptr_array_unref (taken);
}

static gpointer
push_many (gpointer data)
{
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (OkapUsage) usage = new_usage ("g", "", "", i);
      gboolean wake;

      g_assert_true (okap_usage_queue_push (data, usage, &wake));
    }
  return NULL;
}

/* While rows flow, one who meets a full queue waits rather than loses. */
static void
test_queue_waits (void)
{
  g_autoptr (OkapUsageQueue) queue = okap_usage_queue_new (3);
  GThread *thread;
  guint n_taken = 0;

  okap_usage_queue_set_flowing (queue, TRUE);
  thread = g_thread_new ("test-pusher", push_many, queue);
  while (n_taken < 1000)
    {
      g_autoptr (GPtrArray) rows = okap_usage_queue_take (queue);

      g_assert_cmpuint (rows->len, <=, 3);
      for (guint i = 0; i < rows->len; i++)
        g_assert_cmpint (((OkapUsage *) rows->pdata[i])->started_us, ==, n_taken++);
      g_thread_yield ();
    }
  g_thread_join (thread);
}

static void
test_throughput (Fixture *fixture, gconstpointer data)
{
  const guint n_rows = g_test_perf () ? 1000000 : 200000;
  g_autoptr (GPtrArray) sums = NULL;
  OkapUsageSummary *sum;
  gint64 begin_us, added_us, written_us, summed_us;

  fixture_open (fixture);
  begin_us = g_get_monotonic_time ();
  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (OkapUsage) usage = new_usage (i % 7 == 0 ? "g_1" : "g_2", "App", "m",
                                               CHANGE_US + i * OKAP_SECOND_US);

      okap_store_add_usage (fixture->store, usage);
    }
  added_us = g_get_monotonic_time ();
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_GRANT, CHANGE_US, NULL);
  written_us = g_get_monotonic_time ();
  sum = sums->pdata[0];
  g_assert_cmpint (sum->requests + ((OkapUsageSummary *) sums->pdata[1])->requests, ==, n_rows);
  g_clear_pointer (&sums, g_ptr_array_unref);
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_DAY, CHANGE_US + 1, NULL);
  summed_us = g_get_monotonic_time ();
  g_test_message ("%u rows: added in %.2f s, on disk after %.2f s (%.0f rows/s), summed by day "
                  "in %.2f ms", n_rows, (double) (added_us - begin_us) / 1e6,
                  (double) (written_us - begin_us) / 1e6,
                  n_rows * 1e6 / (double) (written_us - begin_us),
                  (double) (summed_us - written_us) / 1e3);
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/store-usage/all-fields", test_all_fields);
  ADD ("/store-usage/hostile-values", test_hostile_values);
  ADD ("/store-usage/bounded-sums", test_bounded_sums);
  ADD ("/store-usage/sums", test_sums);
  ADD ("/store-usage/threads", test_threads);
  ADD ("/store-usage/close-writes", test_close_writes);
  ADD ("/store-usage/before-open", test_before_open);
  ADD ("/store-usage/refused-rows", test_refused_rows);
  g_test_add_func ("/store-usage/queue", test_queue);
  g_test_add_func ("/store-usage/queue-waits", test_queue_waits);
  ADD ("/store-usage/throughput", test_throughput);
  return g_test_run ();
}
