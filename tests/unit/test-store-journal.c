/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the journal of the gate builds on: it is told of what was committed, what it hands back is
 * written once, and the sums that it starts from hold all that was added. */
#include "config.h"

#include "test-store-fixture.h"

#include "okap-store-private.h"

#define N_RANDOM 5000
#define NOW_US (G_GINT64_CONSTANT (1761440400) * OKAP_SECOND_US)

typedef struct
{
  GMutex lock;
  GPtrArray *ids;   /* (element-type utf8) of rows in the order of the calls */
  guint n_calls;
} Told;

static void
durable_cb (GPtrArray *rows, gpointer data)
{
  Told *told = data;

  g_mutex_lock (&told->lock);
  told->n_calls++;
  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (told->ids, g_strdup (((OkapUsage *) rows->pdata[i])->request_id));
  g_mutex_unlock (&told->lock);
}

static void
told_clear (Told *told)
{
  g_clear_pointer (&told->ids, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Told, told_clear)

static OkapUsage *
numbered_usage (guint number, gint64 started_us)
{
  OkapUsage *usage = new_usage ("g_1", "App", "m", started_us);

  g_free (usage->request_id);
  usage->request_id = g_strdup_printf ("r_%u", number);
  usage->cost_nusd = number;
  return usage;
}

static GPtrArray *
numbered_rows (guint first, guint n_rows)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);

  for (guint i = first; i < first + n_rows; i++)
    g_ptr_array_add (rows, numbered_usage (i, NOW_US + i));
  return rows;
}

static guint
recover (OkapStore *store, GPtrArray *rows, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Waiting *waiting = waiting_begin ();

  okap_store_recover_usage_async (store, rows, waiting_cb, waiting);
  result = waiting_end (waiting);
  return okap_store_recover_usage_finish (store, result, error);
}

static gboolean
ask_spent (OkapStore *store, GPtrArray *scopes, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) filled = NULL;
  Waiting *waiting = waiting_begin ();

  okap_store_spent_async (store, scopes, waiting_cb, waiting);
  result = waiting_end (waiting);
  filled = okap_store_spent_finish (store, result, error);
  g_assert_true (filled == NULL || filled == scopes);
  return filled != NULL;
}

static gint64
count_requests (OkapStore *store)
{
  g_autoptr (GPtrArray) sums = store_summarise (store, OKAP_USAGE_BY_SCOPE, 0, NULL);

  return sums->len > 0 ? ((OkapUsageSummary *) sums->pdata[0])->requests : 0;
}

static void
test_durable (Fixture *fixture, gconstpointer data)
{
  g_auto (Told) told = { .ids = g_ptr_array_new_with_free_func (g_free) };
  g_autoptr (GPtrArray) rows = numbered_rows (1, 1000);
  g_autoptr (OkapUsage) late = numbered_usage (1001, NOW_US);

  fixture->store = okap_store_new (fixture->path);
  okap_store_set_durable_func (fixture->store, durable_cb, &told);
  okap_store_add_usage (fixture->store, rows->pdata[0]);
  g_assert_cmpint (told.n_calls, ==, 0);  /* not open yet: nothing is on the disk */
  g_assert_true (store_open (fixture->store, NULL));
  for (guint i = 1; i < rows->len; i++)
    okap_store_add_usage (fixture->store, rows->pdata[i]);
  g_assert_cmpint (count_requests (fixture->store), ==, 1000);
  g_assert_cmpuint (told.ids->len, ==, 1000);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpstr (told.ids->pdata[i], ==, ((OkapUsage *) rows->pdata[i])->request_id);

  okap_store_set_durable_func (fixture->store, NULL, NULL);
  okap_store_add_usage (fixture->store, late);
  g_assert_cmpint (count_requests (fixture->store), ==, 1001);
  g_assert_cmpuint (told.ids->len, ==, 1000);
}

/* Rows that the database refuses are not told, nor are sums told without them. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_auto (Told) told = { .ids = g_ptr_array_new_with_free_func (g_free) };
  g_autoptr (OkapUsage) usage = numbered_usage (1, NOW_US);
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_spent_free);
  g_autoptr (GPtrArray) rows = numbered_rows (1, 2);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();

  fixture_open (fixture);
  fixture_close (fixture);
  fixture_edit (fixture, "CREATE UNIQUE INDEX fault ON usage (endpoint, streamed)");
  fixture_open (fixture);
  okap_store_set_durable_func (fixture->store, durable_cb, &told);
  g_test_expect_message (NULL, G_LOG_LEVEL_WARNING, "usage is not written for now*");
  g_test_expect_message (NULL, G_LOG_LEVEL_WARNING, "1 rows of usage were lost*");
  okap_store_add_usage (fixture->store, usage);
  g_assert_cmpint (count_requests (fixture->store), ==, 1);
  okap_store_add_usage (fixture->store, usage);
  okap_store_summarise_async (fixture->store, OKAP_USAGE_BY_SCOPE, 0, NULL, waiting_cb, waiting);
  result = waiting_end (waiting);
  g_assert_null (okap_store_summarise_finish (fixture->store, result, &error));
  g_clear_object (&result);  /* it holds the store */
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);
  g_ptr_array_add (scopes, okap_spent_new ("g_1", "openai", 0, 0));
  g_assert_false (ask_spent (fixture->store, scopes, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_cmpuint (recover (fixture->store, rows, &error), ==, G_MAXUINT);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_assert_cmpuint (told.ids->len, ==, 1);
  fixture_close (fixture);
  g_test_assert_expected_messages ();
}

static void
test_recover (Fixture *fixture, gconstpointer data)
{
  g_auto (Told) told = { .ids = g_ptr_array_new_with_free_func (g_free) };
  g_autoptr (GPtrArray) kept = numbered_rows (1, 10);
  g_autoptr (GPtrArray) journal = numbered_rows (6, 10);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  for (guint i = 0; i < kept->len; i++)
    okap_store_add_usage (fixture->store, kept->pdata[i]);
  okap_store_set_durable_func (fixture->store, durable_cb, &told);
  g_ptr_array_add (journal, okap_usage_ref (journal->pdata[9]));  /* twice in the journal */

  g_assert_cmpuint (recover (fixture->store, journal, &error), ==, 5);
  g_assert_no_error (error);
  g_assert_cmpuint (told.ids->len, ==, 11);
  g_assert_cmpint (count_requests (fixture->store), ==, 15);
  g_assert_cmpuint (recover (fixture->store, journal, &error), ==, 0);
  g_assert_cmpuint (recover (fixture->store, none, &error), ==, 0);
  g_assert_cmpuint (told.ids->len, ==, 22);
  fixture_close (fixture);

  fixture_open (fixture);
  g_assert_cmpuint (recover (fixture->store, journal, &error), ==, 0);
  list = store_list_usage (fixture->store, 0, 100);
  g_assert_cmpuint (list->len, ==, 15);
  for (guint i = 0; i < list->len; i++)
    g_assert_cmpint (((OkapUsage *) list->pdata[i])->cost_nusd, ==, 15 - i);
}

/* Corrections */

static gboolean
correct (OkapStore *store, gint64 nusd, GError **error)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_entry_new (1000, "usage.corrected", "g_1", "why");
  g_autoptr (OkapUsage) row = numbered_usage (1, NOW_US);
  g_autoptr (GAsyncResult) result = NULL;
  Waiting *waiting = waiting_begin ();

  row->cost_nusd = nusd;
  row->cost_status = OKAP_COST_CORRECTION;
  okap_store_correct_async (store, row, entry, waiting_cb, waiting);
  result = waiting_end (waiting);
  return okap_store_correct_finish (store, result, error);
}

/* Row and line, or neither; money counts, below zero too, and requests do not. */
static void
test_correct (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_spent_free);
  g_autoptr (OkapUsage) usage = numbered_usage (1000, NOW_US);
  OkapSpent *spent = okap_spent_new ("g_1", "openai", NOW_US, NOW_US);
  g_autoptr (GPtrArray) audit = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  gint64 lines;

  g_ptr_array_add (scopes, spent);
  fixture_open (fixture);
  okap_store_add_usage (fixture->store, usage);
  g_assert_true (correct (fixture->store, -300, &error));
  g_assert_true (ask_spent (fixture->store, scopes, &error));
  g_assert_cmpint (spent->nusd_day, ==, 700);
  g_assert_cmpint (spent->requests_day, ==, 1);
  g_assert_true (correct (fixture->store, -900, &error));
  g_assert_true (ask_spent (fixture->store, scopes, &error));
  g_assert_cmpint (spent->nusd_total, ==, -200);

  okap_store_set_audit_key (fixture->store, NULL);
  g_assert_false (correct (fixture->store, 5, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  okap_store_set_audit_key (fixture->store, fixture->key);
  fixture_close (fixture);
  fixture_edit (fixture, "CREATE UNIQUE INDEX fault ON audit (event) WHERE id > 2");
  fixture_open (fixture);
  g_assert_true (correct (fixture->store, 7, &error));
  g_assert_false (correct (fixture->store, 7, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_true (ask_spent (fixture->store, scopes, &error));
  g_assert_cmpint (spent->nusd_total, ==, -193);

  list = store_list_usage (fixture->store, 0, 10);
  g_assert_cmpuint (list->len, ==, 4);
  g_assert_cmpint (((OkapUsage *) list->pdata[1])->cost_nusd, ==, -900);
  audit = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (audit->len, ==, 3);
  g_assert_cmpstr (((OkapAuditEntry *) audit->pdata[0])->event, ==, "usage.corrected");
  g_assert_true (store_verify (fixture->store, &lines, &error));
}

/* Sums of scopes */

static OkapUsage *
random_usage (void)
{
  OkapUsage *usage = new_usage ("", "", "", 0);

  g_free (usage->grant_id);
  g_free (usage->provider);
  g_free (usage->app);
  g_free (usage->model_asked);
  usage->grant_id = g_strdup_printf ("g_%d", g_test_rand_int_range (0, 4));
  usage->provider = g_strdup_printf ("p%d", g_test_rand_int_range (0, 3));
  usage->app = g_strdup_printf ("app %d", g_test_rand_int_range (0, 2));
  usage->model_asked = g_strdup_printf ("model %d", g_test_rand_int_range (0, 5));
  usage->started_us = NOW_US + (gint64) (g_test_rand_double_range (-70, 1) * OKAP_DAY_US);
  usage->cost_nusd = g_test_rand_int_range (0, 2000000000);
  usage->cost_status = (OkapCostStatus) g_test_rand_int_range (0, 3);
  return usage;
}

static void
check_spent (const OkapSpent *spent, GPtrArray *rows)
{
  gint64 requests_day = 0, nusd_day = 0, nusd_month = 0, nusd_total = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsage *usage = rows->pdata[i];
      gint64 nusd = usage->cost_status == OKAP_COST_UNKNOWN ? 0 : usage->cost_nusd;

      if (!g_str_equal (usage->grant_id, spent->grant_id)
          || !g_str_equal (usage->provider, spent->provider))
        continue;
      nusd_total += nusd;
      nusd_month += usage->started_us >= spent->month_start_us ? nusd : 0;
      nusd_day += usage->started_us >= spent->day_start_us ? nusd : 0;
      requests_day += usage->started_us >= spent->day_start_us ? 1 : 0;
    }
  g_assert_cmpint (spent->nusd_total, ==, nusd_total);
  g_assert_cmpint (spent->nusd_month, ==, nusd_month);
  g_assert_cmpint (spent->nusd_day, ==, nusd_day);
  g_assert_cmpint (spent->requests_day, ==, requests_day);
}

/* Each scope has a zone of its own, and so windows of its own. */
static void
test_spent (Fixture *fixture, gconstpointer data)
{
  static const char *const zones[] = { "UTC", "Europe/Berlin", "Asia/Kathmandu", "+03:07:11",
                                       "Pacific/Kiritimati", "America/St_Johns" };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_spent_free);
  g_autoptr (GError) error = NULL;

  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zones[z]);
      gint64 day_us = okap_time_day_start (NOW_US, zone);
      gint64 month_us = okap_time_month_start (NOW_US, zone);

      g_assert_nonnull (zone);
      for (guint g = 0; g < 5; g++)  /* the last one has no rows */
        for (guint p = 0; p < 3; p++)
          {
            g_autofree char *grant = g_strdup_printf ("g_%u", g);
            g_autofree char *provider = g_strdup_printf ("p%u", p);

            g_ptr_array_add (scopes, okap_spent_new (grant, provider, day_us, month_us));
          }
    }
  g_ptr_array_add (scopes, okap_spent_new ("g_1", "p1", G_MAXINT64, G_MININT64));

  fixture_open (fixture);
  for (guint i = 0; i < N_RANDOM; i++)
    {
      g_ptr_array_add (rows, random_usage ());
      okap_store_add_usage (fixture->store, rows->pdata[i]);
    }
  g_assert_true (ask_spent (fixture->store, scopes, &error));
  for (guint i = 0; i < scopes->len; i++)
    check_spent (scopes->pdata[i], rows);
  g_assert_true (ask_spent (fixture->store, scopes, &error));  /* again: not added up twice */
  check_spent (scopes->pdata[0], rows);
}

/* Rows that other threads add are in the sums that are asked for after that. */
static gpointer
add_main (gpointer data)
{
  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (OkapUsage) usage = numbered_usage (1, NOW_US);

      okap_store_add_usage (data, usage);
    }
  return NULL;
}

static void
test_sees_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_spent_free);
  OkapSpent *spent = okap_spent_new ("g_1", "openai", NOW_US, NOW_US);

  g_ptr_array_add (scopes, spent);
  fixture_open (fixture);
  for (guint round = 1; round <= 10; round++)
    {
      GThread *threads[2];

      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("test-adder", add_main, fixture->store);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
      g_assert_cmpint (count_requests (fixture->store), ==, round * 1000);
      g_assert_true (ask_spent (fixture->store, scopes, NULL));
      g_assert_cmpint (spent->requests_day, ==, round * 1000);
      g_assert_cmpint (spent->nusd_total, ==, round * 1000);
    }
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/store-journal/durable", test_durable);
  ADD ("/store-journal/refused", test_refused);
  ADD ("/store-journal/recover", test_recover);
  ADD ("/store-journal/correct", test_correct);
  ADD ("/store-journal/spent", test_spent);
  ADD ("/store-journal/sees-all", test_sees_all);
  return g_test_run ();
}
