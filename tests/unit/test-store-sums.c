/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of usage equal those of a plain count: from the start, after the file was damaged, after
 * rows were forgotten, and after an older database was taken over. */
#include "config.h"

#include "test-store-plain.h"

#include "okap-caps.h"
#include "okap-migrations.h"

/* 2025-10-26 01:00 UTC, when summer time ends in Europe. */
#define CHANGE_US (G_GINT64_CONSTANT (1761440400) * OKAP_SECOND_US)

/* 2010-11-07 02:31 UTC, when it ended in Newfoundland, a minute past midnight: the day before began
 * again. */
#define TWICE_US (G_GINT64_CONSTANT (1289097060) * OKAP_SECOND_US)

static const char *const zones[] = { "UTC", "Europe/Berlin", "Asia/Kathmandu",
                                     "Australia/Lord_Howe", "America/St_Johns", "+03:07:11" };

static GPtrArray *
add_random (OkapStore *store, guint n_rows, gint64 around_us, double days)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);

  for (guint i = 0; i < n_rows; i++)
    {
      g_ptr_array_add (rows, random_usage (around_us, days));
      okap_store_add_usage (store, rows->pdata[i]);
    }
  return rows;
}

static void
compare_all (OkapStore *store, GPtrArray *rows, gint64 since_us)
{
  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zones[z]);

      g_assert_nonnull (zone);
      for (guint by = 0; by <= OKAP_USAGE_BY_SCOPE; by++)
        if (by == OKAP_USAGE_BY_DAY || z == 0)
          compare_with_plain_count (store, rows, (OkapUsageGrouping) by, since_us, zone);
    }
}

static void
test_sums (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint n_rows;
    gint64 around_us;
    double days;
  } cases[] = {
    { 3000, CHANGE_US, 4 },
    { 1000, TWICE_US, 0.1 },
    { 2000, CHANGE_US, 190 },
  };
  static const gint64 offsets[] = { 0, -1, 1, 123456789, -40 * OKAP_DAY_US, 5 * OKAP_DAY_US,
                                    200 * OKAP_DAY_US };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) rows = NULL;

      if (i > 0)
        {
          fixture_tear_down (fixture, NULL);
          fixture_set_up (fixture, NULL);
        }
      fixture_open (fixture);
      rows = add_random (fixture->store, cases[i].n_rows, cases[i].around_us, cases[i].days);
      compare_all (fixture->store, rows, 0);
      compare_all (fixture->store, rows, G_MININT64);
      compare_all (fixture->store, rows, G_MAXINT64);
      for (guint j = 0; j < G_N_ELEMENTS (offsets); j++)
        compare_all (fixture->store, rows, cases[i].around_us + offsets[j]);
    }
}

/* Damage */

static void
test_repaired (Fixture *fixture, gconstpointer data)
{
  static const char *const edits[] = {
    "DROP TABLE usage_sums",
    "DELETE FROM usage_sums",
    "DELETE FROM usage_sums WHERE width = 0",
    "DELETE FROM usage_sums WHERE width = 1",
    "DELETE FROM usage_sums WHERE width = 2",
    "DELETE FROM usage_sums WHERE width = 0 AND series = 2",
    "DELETE FROM usage_sums WHERE width = 2 AND series = 0 AND slot ="
    " (SELECT max (slot) FROM usage_sums WHERE width = 2)",
    "UPDATE usage_sums SET nusd = nusd + 1 WHERE width = 0 AND series = 1",
    "UPDATE usage_sums SET nusd = -nusd WHERE width = 1",
    "UPDATE usage_sums SET requests = 9223372036854775807 WHERE width = 2",
    "UPDATE usage_sums SET last_us = -1 WHERE series = 0",
    "UPDATE usage_state SET counted_id = 0",
  };
  g_autoptr (GPtrArray) rows = NULL;

  fixture_open (fixture);
  rows = add_random (fixture->store, 1500, CHANGE_US, 10);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      fixture_close (fixture);
      fixture_edit (fixture, edits[i]);
      fixture_open (fixture);
      compare_all (fixture->store, rows, 0);
      compare_all (fixture->store, rows, CHANGE_US + 1);
    }
}

/* Rows that somebody wrote into the file: within bounds when they come out. */
static void
test_edited_rows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) sums = NULL;
  OkapUsageSummary *sum;

  fixture_open (fixture);
  rows = add_random (fixture->store, 10, CHANGE_US, 1);
  fixture_close (fixture);
  fixture_edit (fixture, "UPDATE usage SET input = -5, output = 9223372036854775807,"
                         " cost_nusd = -7, cost_status = 0, over_nusd = -1, http_status = -1,"
                         " started_us = 1761440400000000 + id, duration_us = -9,"
                         " more_units = 'images=5 images=6 bogus=1 pages=-3 searches=2 input=4';"
                         " UPDATE usage_state SET counted_id = 0");
  fixture_open (fixture);
  list = store_list_usage (fixture->store, 0, 100);
  g_assert_cmpuint (list->len, ==, 10);
  for (guint i = 0; i < list->len; i++)
    {
      const OkapUsage *usage = list->pdata[i];

      g_assert_cmpint (usage->units.count[OKAP_UNIT_INPUT], ==, 0);
      g_assert_cmpint (usage->units.count[OKAP_UNIT_OUTPUT], ==, OKAP_CAP_USAGE_COUNT);
      g_assert_cmpint (usage->units.count[OKAP_UNIT_IMAGES], ==, 5);
      g_assert_cmpint (usage->units.count[OKAP_UNIT_PAGES], ==, 0);
      g_assert_cmpint (usage->units.count[OKAP_UNIT_SEARCHES], ==, 2);
      g_assert_cmpint (usage->cost_nusd, ==, 0);
      g_assert_cmpint (usage->over_nusd, ==, 0);
      g_assert_cmpint (usage->duration_us, ==, 0);
      g_assert_cmpuint (usage->http_status, ==, 0);
    }
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_DAY, 0, NULL);
  g_assert_cmpuint (sums->len, ==, 1);
  sum = sums->pdata[0];
  g_assert_cmpint (sum->requests, ==, 10);
  g_assert_cmpint (sum->cost_nusd, ==, 0);
}

static void
test_more_units (void)
{
  static const struct
  {
    const char *text;
    gboolean whole;
    gint64 n_images;
  } cases[] = {
    { "images=5", TRUE, 5 },
    { "pages=1 images=1000000000000", TRUE, G_GINT64_CONSTANT (1000000000000) },
    { NULL, TRUE, 0 },
    { "", TRUE, 0 },
    { "images=1000000000001", FALSE, 0 },
    { "images=0", FALSE, 0 },
    { "images=-1", FALSE, 0 },
    { "images=+1", FALSE, 0 },
    { "images= 1", FALSE, 0 },
    { "images=1.5", FALSE, 0 },
    { "images=0x10", FALSE, 0 },
    { "images=", FALSE, 0 },
    { "images", FALSE, 0 },
    { "images=1=2", FALSE, 0 },
    { "images=1 images=2", FALSE, 1 },
    { "images=1  pages=1", FALSE, 1 },
    { " images=1", FALSE, 1 },
    { "Images=1", FALSE, 0 },
    { "output=1 images=3", FALSE, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapUnits units = { 0 };

      g_test_message ("%s", cases[i].text);
      g_assert_true (okap_units_parse_rest (cases[i].text, &units) == cases[i].whole);
      g_assert_cmpint (units.count[OKAP_UNIT_IMAGES], ==, cases[i].n_images);
      g_assert_cmpint (units.count[OKAP_UNIT_OUTPUT], ==, 0);
    }
}

/* Forgetting */

static OkapRetention *
ask_retention (OkapStore *store, const OkapRetention *change)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  OkapRetention *retention;

  okap_store_retention_async (store, change, waiting_cb, waiting);
  result = waiting_end (waiting);
  retention = okap_store_retention_finish (store, result, &error);
  g_assert_no_error (error);
  return retention;
}

/* Until the store has no more to forget. Each question is answered between two jobs of it. */
static void
wait_for_forgetting (OkapStore *store, gint64 oldest_us, gint64 most_bytes)
{
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree OkapRetention *retention = ask_retention (store, NULL);

      if (retention->oldest_us >= oldest_us && retention->database_bytes <= most_bytes)
        return;
    }
  g_error ("the store does not forget");
}

static gint64
newest_id (OkapStore *store)
{
  g_autoptr (GPtrArray) list = store_list_usage (store, 0, 1);

  g_assert_cmpuint (list->len, ==, 1);
  return ((OkapUsage *) list->pdata[0])->id;
}

static void
test_forgotten_by_age (Fixture *fixture, gconstpointer data)
{
  const OkapRetention change = { .keep_days = 3, .keep_bytes = 0 };
  const gint64 border_us = CHANGE_US + 2 * OKAP_DAY_US;  /* 2025-10-28 01:00 UTC */
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (OkapUsage) newest = random_usage (border_us + 3 * OKAP_DAY_US, 1e-12);
  g_autofree OkapRetention *before = NULL;
  g_autofree OkapRetention *after = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) list = NULL;

  newest->started_us = border_us + 3 * OKAP_DAY_US;
  fixture_open (fixture);
  before = ask_retention (fixture->store, NULL);
  g_assert_cmpuint (before->keep_days, ==, 400);
  g_assert_cmpint (before->keep_bytes, ==, 1024 * 1024 * 1024);
  g_assert_cmpint (before->oldest_us, ==, -1);
  rows = add_random (fixture->store, 8000, CHANGE_US, 4);
  g_ptr_array_add (rows, okap_usage_ref (newest));
  okap_store_add_usage (fixture->store, newest);
  compare_all (fixture->store, rows, 0);

  after = ask_retention (fixture->store, &change);
  g_assert_cmpuint (after->keep_days, ==, 3);
  g_assert_cmpint (after->keep_bytes, ==, 0);
  wait_for_forgetting (fixture->store, border_us, G_MAXINT64);
  list = store_list_usage (fixture->store, 0, 10000);
  g_assert_cmpuint (list->len, >, 1000);
  g_assert_cmpuint (list->len, <, 4000);

  for (guint i = 0; i < 2; i++)
    {
      /* Days of odd zones are cut within quarters, which need rows. */
      for (guint z = 0; z < G_N_ELEMENTS (zones) - 1; z++)
        {
          g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zones[z]);

          compare_with_plain_count (fixture->store, rows, OKAP_USAGE_BY_DAY, 0, zone);
        }
      for (guint by = 0; by <= OKAP_USAGE_BY_SCOPE; by++)
        {
          compare_with_plain_count (fixture->store, rows, (OkapUsageGrouping) by, 0, utc);
          compare_with_plain_count (fixture->store, rows, (OkapUsageGrouping) by,
                                    CHANGE_US + OKAP_QUARTER_US, utc);
          compare_with_plain_count (fixture->store, rows, (OkapUsageGrouping) by,
                                    border_us + OKAP_QUARTER_US + 1, utc);
        }
      fixture_close (fixture);  /* and again with sums that were made anew */
      fixture_edit (fixture, "DELETE FROM usage_sums WHERE width < 2 OR series = 0");
      fixture_open (fixture);
    }
}

/* What is asked for from within a quarter whose rows are gone begins where the quarter does. */
static void
test_forgotten_quarter (Fixture *fixture, gconstpointer data)
{
  const OkapRetention change = { .keep_days = 1, .keep_bytes = 0 };
  g_autoptr (GTimeZone) odd = g_time_zone_new_identifier ("+03:07:11");
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (OkapUsage) newest = new_usage ("g", "App", "m", CHANGE_US + 9 * OKAP_DAY_US);

  fixture_open (fixture);
  rows = add_random (fixture->store, 500, CHANGE_US, 0.4);
  okap_store_add_usage (fixture->store, newest);
  g_assert_cmpint (newest_id (fixture->store), ==, 501);
  g_free (ask_retention (fixture->store, &change));
  wait_for_forgetting (fixture->store, newest->started_us, G_MAXINT64);
  for (guint by = 0; by <= OKAP_USAGE_BY_SCOPE; by++)
    {
      g_autoptr (GPtrArray) cut = store_summarise (fixture->store, (OkapUsageGrouping) by,
                                                   CHANGE_US + OKAP_QUARTER_US - 1, odd);
      g_autoptr (GPtrArray) whole = store_summarise (fixture->store, (OkapUsageGrouping) by,
                                                     CHANGE_US, odd);

      g_assert_cmpuint (cut->len, ==, whole->len);
      for (guint i = 0; i < cut->len; i++)
        {
          const OkapUsageSummary *a = cut->pdata[i];
          const OkapUsageSummary *b = whole->pdata[i];

          g_assert_cmpstr (a->key, ==, b->key);
          g_assert_cmpint (a->cost_nusd, ==, b->cost_nusd);
          g_assert_cmpint (a->requests, ==, b->requests);
        }
    }
}

static void
test_forgotten_by_size (Fixture *fixture, gconstpointer data)
{
  const gint64 most_bytes = 600 * 1024;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (OkapUsage) more = random_usage (CHANGE_US, 1);
  g_autoptr (OkapDb) db = NULL;
  GStatBuf st;
  gint64 id;

  fixture_open (fixture);
  rows = add_random (fixture->store, 8000, CHANGE_US, 0.1);
  compare_all (fixture->store, rows, 0);
  id = newest_id (fixture->store);
  fixture_close (fixture);
  g_assert_cmpint (g_stat (fixture->path, &st), ==, 0);
  g_assert_cmpint (st.st_size, >, 3 * most_bytes / 2);

  fixture_edit (fixture, "UPDATE usage_state SET keep_bytes = 614400");
  fixture_open (fixture);
  okap_store_add_usage (fixture->store, more);
  g_ptr_array_add (rows, okap_usage_ref (more));
  wait_for_forgetting (fixture->store, 0, most_bytes);
  compare_all (fixture->store, rows, 0);
  g_assert_cmpint (newest_id (fixture->store), ==, id + 1);
  fixture_close (fixture);
  g_assert_cmpint (g_stat (fixture->path, &st), ==, 0);
  g_assert_cmpint (st.st_size, <=, most_bytes + 2 * 1024 * 1024);  /* with spare pages */

  /* Smaller than what cannot be forgotten: one row stays, and the numbers go on. */
  fixture_edit (fixture, "UPDATE usage_state SET keep_bytes = 1");
  fixture_open (fixture);
  okap_store_add_usage (fixture->store, more);
  g_ptr_array_add (rows, okap_usage_ref (more));
  for (guint i = 0; i < 100; i++)
    g_free (ask_retention (fixture->store, NULL));
  compare_all (fixture->store, rows, 0);
  g_assert_cmpint (newest_id (fixture->store), ==, id + 2);
}

/* Older databases */

static void
test_from_version_2 (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sums = NULL;
  OkapDb *db = okap_db_open (fixture->path, &error);
  const OkapUsage *usage;
  const OkapUsageSummary *sum;
  gint64 mode;

  g_assert_no_error (error);
  g_assert_true (okap_migrations_run (db, 2, &error));
  okap_db_close (db);
  fixture_edit (fixture,
                "INSERT INTO usage VALUES (1, 'r_a', 'g_1', 'App', 'openai', '/v1/x', 'm',"
                " 'm-served', 10, 20, 30, 40, 15, 500, 0, 1761440400000001, 5, 6, 7, 200, NULL, 8,"
                " 9, 1);"
                "INSERT INTO usage VALUES (5, 'r_b', 'g_1', 'App', 'openai', '/v1/x', '', 'm', 1,"
                " 0, 0, 2, 0, 0, 2, 1761440400000002, 5, 6, 7, 429, 'rate_limited', 8, 9, 0);"
                "PRAGMA auto_vacuum = 0; VACUUM");

  fixture_open (fixture);
  list = store_list_usage (fixture->store, 0, 10);
  g_assert_cmpuint (list->len, ==, 2);
  usage = list->pdata[0];
  g_assert_cmpint (usage->id, ==, 5);
  g_assert_cmpstr (usage->request_id, ==, "r_b");
  g_assert_cmpstr (usage->model_asked, ==, "");
  g_assert_cmpstr (usage->model_served, ==, "m");
  g_assert_cmpstr (usage->error, ==, "rate_limited");
  usage = list->pdata[1];
  g_assert_cmpstr (usage->model_asked, ==, "m");
  g_assert_cmpstr (usage->model_served, ==, "m-served");
  g_assert_cmpint (usage->units.count[OKAP_UNIT_OUTPUT], ==, 25);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_REASONING], ==, 15);
  g_assert_cmpint (usage->started_us, ==, G_GINT64_CONSTANT (1761440400000001));
  g_assert_true (usage->streamed);

  sums = store_summarise (fixture->store, OKAP_USAGE_BY_MODEL, 0, NULL);
  g_assert_cmpuint (sums->len, ==, 1);
  sum = sums->pdata[0];
  g_assert_cmpstr (sum->key, ==, "m");
  g_assert_cmpint (sum->requests, ==, 2);
  g_assert_cmpint (sum->input_tokens, ==, 61);
  g_assert_cmpint (sum->output_tokens, ==, 42);
  g_assert_cmpint (sum->cost_nusd, ==, 500);
  g_assert_cmpint (sum->unknown_requests, ==, 1);
  g_assert_cmpint (sum->failed_requests, ==, 1);
  fixture_close (fixture);

  db = okap_db_open (fixture->path, &error);
  g_assert_true (okap_db_get_int (db, "PRAGMA auto_vacuum", &mode, &error));
  g_assert_cmpint (mode, ==, 2);
  okap_db_close (db);
}

/* Rows from before digests have none, and are found by what they cost. */
static void
test_from_version_3 (Fixture *fixture, gconstpointer data)
{
  const OkapUsageFilter filter = { .priced = OKAP_PRICED_UNKNOWN };
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;
  OkapDb *db = okap_db_open (fixture->path, &error);
  const OkapUsage *usage;

  g_assert_no_error (error);
  g_assert_true (okap_migrations_run (db, 3, &error));
  okap_db_close (db);
  fixture_edit (fixture,
                "INSERT INTO usage_series VALUES (1, 'g_1', 'openai', 'm', 'App');"
                "INSERT INTO usage VALUES (1, 'r_a', 1, '/v1/x', NULL, NULL, 10, 20, 30, 40, 15,"
                " NULL, 500, 0, 0, 1761440400000001, 5, 6, 7, 200, NULL, 8, 9, 1, NULL, 'x=1', 2);"
                "INSERT INTO usage VALUES (2, 'r_b', 1, '/v1/x', NULL, NULL, 1, 0, 0, 2, 0,"
                " NULL, 0, 0, 2, 1761440400000002, 5, 6, 7, 200, NULL, 8, 9, 1, NULL, NULL, 2)");

  fixture_open (fixture);
  list = store_list_usage (fixture->store, 0, 10);
  g_assert_cmpuint (list->len, ==, 2);
  usage = list->pdata[1];
  g_assert_cmpstr (usage->edits, ==, "x=1");
  g_assert_cmpuint (usage->key_version, ==, 2);
  g_assert_false (okap_body_digest_is_set (&usage->digest_in));
  g_assert_false (okap_body_digest_is_set (&usage->digest_out));
  found = store_find_usage (fixture->store, &filter, 0, 10);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpstr (((OkapUsage *) found->pdata[0])->request_id, ==, "r_b");
}

/* An app that asks for ever new models does not make ever new series. */
static void
test_many_models (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) sums = NULL;
  g_autoptr (GPtrArray) list = NULL;
  gint64 n_requests = 0, n_other = 0;

  fixture_open (fixture);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *model = g_strdup_printf ("model %u", i);
      g_autoptr (OkapUsage) usage = new_usage ("g", "App", model, CHANGE_US + i);

      okap_store_add_usage (fixture->store, usage);
    }
  sums = store_summarise (fixture->store, OKAP_USAGE_BY_MODEL, 0, NULL);
  g_assert_cmpuint (sums->len, ==, OKAP_CAP_USAGE_SERIES + 1);
  for (guint i = 0; i < sums->len; i++)
    {
      const OkapUsageSummary *sum = sums->pdata[i];

      n_requests += sum->requests;
      if (g_str_equal (sum->key, "(other)"))
        n_other = sum->requests;
    }
  g_assert_cmpint (n_requests, ==, 1000);
  g_assert_cmpint (n_other, ==, 1000 - OKAP_CAP_USAGE_SERIES);
  list = store_list_usage (fixture->store, 0, 1000);
  for (guint i = 0; i < list->len; i++)
    {
      g_autofree char *model = g_strdup_printf ("model %u", 999 - i);

      g_assert_cmpstr (((OkapUsage *) list->pdata[i])->model_asked, ==, model);
      g_assert_cmpstr (((OkapUsage *) list->pdata[i])->model_served, ==, model);
    }
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/store-sums/sums", test_sums);
  ADD ("/store-sums/repaired", test_repaired);
  ADD ("/store-sums/edited-rows", test_edited_rows);
  g_test_add_func ("/store-sums/more-units", test_more_units);
  ADD ("/store-sums/forgotten-by-age", test_forgotten_by_age);
  ADD ("/store-sums/forgotten-quarter", test_forgotten_quarter);
  ADD ("/store-sums/forgotten-by-size", test_forgotten_by_size);
  ADD ("/store-sums/from-version-2", test_from_version_2);
  ADD ("/store-sums/from-version-3", test_from_version_3);
  ADD ("/store-sums/many-models", test_many_models);
  return g_test_run ();
}
