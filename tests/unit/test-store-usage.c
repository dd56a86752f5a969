/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage: what goes in comes out, and nothing is lost between threads. */
#include "config.h"

#include "test-store-plain.h"

#include "okap-caps.h"
#define BEGIN_US (G_GINT64_CONSTANT (1761440400) * OKAP_SECOND_US)

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
  g_assert_cmpstr (a->tier, ==, b->tier);
  g_assert_cmpstr (a->edits, ==, b->edits);
  g_assert_cmpint (a->over_nusd, ==, b->over_nusd);
  g_assert_cmpuint (a->key_version, ==, b->key_version);
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
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    full->units.count[i] = i + 1;
  full->tier = g_strdup ("flex");
  full->edits = g_strdup ("max_tokens=512");
  full->over_nusd = 77;
  full->key_version = 3;
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
      usage->units.count[OKAP_UNIT_PAGES] = i % 2 == 0 ? G_MAXINT64 : G_MININT64;
      usage->cost_nusd = i % 2 == 0 ? G_MAXINT64 : -1;
      usage->over_nusd = i % 2 == 0 ? -1 : G_MAXINT64;
      usage->duration_us = usage->bytes_in = G_MININT64;
      usage->tier = g_strdup (names[i]);
      usage->edits = g_strdup (names[i]);
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
      for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
        g_assert_cmpint (usage->units.count[unit], >=, 0);
      g_assert_cmpint (usage->over_nusd, >=, 0);
      g_assert_cmpint (usage->duration_us, ==, 0);
      g_assert_cmpint (usage->bytes_in, ==, 0);
      g_assert_cmpint (usage->cost_nusd, >=, 0);
    }
}

/* A name that no database would take does not keep the rows behind it from being written. */
static void
test_long_texts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *endless = g_strnfill (9 * 1024 * 1024, 'x');
  g_autoptr (GString) wide = g_string_new (NULL);
  g_autoptr (OkapUsage) usage = new_usage (endless, endless, endless, 1);
  g_autoptr (OkapUsage) other = new_usage ("g", "App", "m", 2);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) sums = NULL;
  const OkapUsage *kept;

  for (guint i = 0; i < OKAP_CAP_USAGE_TEXT_BYTES; i++)  /* cut within a character */
    g_string_append (wide, "\xe2\x82\xac");
  usage->error = g_steal_pointer (&endless);
  usage->tier = g_strdup (wide->str);
  usage->edits = g_strdup ("");
  fixture_open (fixture);
  okap_store_add_usage (fixture->store, usage);
  okap_store_add_usage (fixture->store, other);
  list = store_list_usage (fixture->store, 0, 10);
  g_assert_cmpuint (list->len, ==, 2);
  kept = list->pdata[1];
  g_assert_cmpuint (strlen (kept->model_asked), ==, OKAP_CAP_USAGE_TEXT_BYTES);
  g_assert_cmpuint (strlen (kept->grant_id), ==, OKAP_CAP_USAGE_TEXT_BYTES);
  g_assert_cmpuint (strlen (kept->error), ==, OKAP_CAP_USAGE_TEXT_BYTES);
  g_assert_cmpuint (strlen (kept->tier), ==, OKAP_CAP_USAGE_TEXT_BYTES / 3 * 3);
  g_assert_true (g_str_has_prefix (wide->str, kept->tier));
  g_assert_cmpstr (kept->edits, ==, "");
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_GRANT, 0, NULL);
  g_assert_cmpuint (sums->len, ==, 2);
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

/* Filters against a plain search */

static gboolean
fits (const OkapUsage *usage, const OkapUsageFilter *filter)
{
  const char *model = *usage->model_asked != '\0' ? usage->model_asked : usage->model_served;
  gboolean failed = usage->http_status >= 400 || usage->error != NULL;

  return (filter->grant_id == NULL || g_str_equal (filter->grant_id, usage->grant_id))
         && (filter->provider == NULL || g_str_equal (filter->provider, usage->provider))
         && (filter->model == NULL || g_str_equal (filter->model, model))
         && (filter->app == NULL || g_str_equal (filter->app, usage->app))
         && (filter->outcome != OKAP_OUTCOME_FAILED || failed)
         && (filter->outcome != OKAP_OUTCOME_SUCCEEDED || !failed);
}

static void
compare_with_plain_search (OkapStore *store, GPtrArray *rows, const OkapUsageFilter *filter,
                           gint64 before, guint most)
{
  g_autoptr (GPtrArray) found = store_find_usage (store, filter, before, most);
  guint n_found = 0;

  for (guint i = rows->len; i > 0 && n_found < most; i--)  /* their ids count from 1 */
    {
      const OkapUsage *usage = rows->pdata[i - 1];

      if ((before > 0 && i >= before) || !fits (usage, filter))
        continue;
      g_assert_cmpuint (n_found, <, found->len);
      g_assert_cmpint (((OkapUsage *) found->pdata[n_found])->id, ==, i);
      assert_usage_equal (found->pdata[n_found++], usage);
    }
  g_assert_cmpuint (found->len, ==, n_found);
}

static void
test_find (Fixture *fixture, gconstpointer data)
{
  static const OkapUsageFilter filters[] = {
    { NULL },
    { .grant_id = (char *) "g-1" },
    { .provider = (char *) "provider-2" },
    { .model = (char *) "model-0" },
    { .app = (char *) "app-3" },
    { .grant_id = (char *) "g-4", .provider = (char *) "provider-0", .model = (char *) "model-5",
      .app = (char *) "app-0" },
    { .grant_id = (char *) "nobody" },
    { .grant_id = (char *) "g-1' OR '1' = '1" },
  };
  static const guint sizes[] = { 0, 1, 7, 100, 10000 };
  static const gint64 befores[] = { 0, 1, 300, 100000 };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);

  fixture_open (fixture);
  for (guint i = 0; i < 600; i++)
    {
      g_ptr_array_add (rows, random_usage (BEGIN_US, 4));
      okap_store_add_usage (fixture->store, rows->pdata[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    for (guint outcome = 0; outcome <= OKAP_OUTCOME_FAILED; outcome++)
      for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
        for (guint k = 0; k < G_N_ELEMENTS (befores); k++)
          {
            OkapUsageFilter filter = filters[i];

            filter.outcome = (OkapOutcome) outcome;
            compare_with_plain_search (fixture->store, rows, &filter, befores[k], sizes[j]);
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
  fixture_edit (fixture, "CREATE UNIQUE INDEX fault ON usage_sums (width)");
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
                                               BEGIN_US + i * OKAP_SECOND_US);

      okap_store_add_usage (fixture->store, usage);
    }
  added_us = g_get_monotonic_time ();
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_GRANT, BEGIN_US, NULL);
  written_us = g_get_monotonic_time ();
  sum = sums->pdata[0];
  g_assert_cmpint (sum->requests + ((OkapUsageSummary *) sums->pdata[1])->requests, ==, n_rows);
  g_clear_pointer (&sums, g_ptr_array_unref);
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_DAY, BEGIN_US + 1, NULL);
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
  ADD ("/store-usage/long-texts", test_long_texts);
  ADD ("/store-usage/bounded-sums", test_bounded_sums);
  ADD ("/store-usage/find", test_find);
  ADD ("/store-usage/threads", test_threads);
  ADD ("/store-usage/close-writes", test_close_writes);
  ADD ("/store-usage/before-open", test_before_open);
  ADD ("/store-usage/refused-rows", test_refused_rows);
  g_test_add_func ("/store-usage/queue", test_queue);
  g_test_add_func ("/store-usage/queue-waits", test_queue_waits);
  ADD ("/store-usage/throughput", test_throughput);
  return g_test_run ();
}
