/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of any length: its places, what is read of it, and what comes while it is looked at. */
#include "config.h"

#include "test-store-fixture.h"

#include "okap-log-item.h"
#include "okap-log-model.h"

#define N_ROWS 3000

static void
add_rows (Fixture *fixture, guint from, guint n, const char *app)
{
  for (guint i = from; i < from + n; i++)
    {
      g_autoptr (OkapUsage) usage = new_usage ("g_1", app, "m", (gint64) i + 1);

      okap_store_add_usage (fixture->store, usage);
    }
  g_ptr_array_unref (store_list_usage (fixture->store, 0, 1));
}

static void
wait_for_state (OkapLogModel *model, OkapLogState state)
{
  while (okap_log_model_get_state (model) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for_count (OkapLogModel *model, guint n)
{
  while (g_list_model_get_n_items (G_LIST_MODEL (model)) != n)
    g_main_context_iteration (NULL, TRUE);
}

static OkapLogItem *
get_loaded (OkapLogModel *model, guint position)
{
  OkapLogItem *item = g_list_model_get_item (G_LIST_MODEL (model), position);

  while (!okap_log_item_is_loaded (item))
    g_main_context_iteration (NULL, TRUE);
  return item;
}

static OkapLogModel *
new_model (Fixture *fixture, OkapLogKind kind)
{
  OkapLogModel *model = okap_log_model_new (fixture->store, kind);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
  g_assert_cmpint (okap_log_model_get_state (model), ==, OKAP_LOG_IDLE);
  okap_log_model_set_live (model, TRUE);
  wait_for_state (model, OKAP_LOG_READY);
  return model;
}

static void
test_places (Fixture *fixture, gconstpointer data)
{
  static const guint places[] = { 0, 1, N_ROWS / 2, N_ROWS - 1, 17 };
  g_autoptr (OkapLogModel) model = NULL;

  fixture_open (fixture);
  add_rows (fixture, 0, N_ROWS, "App");
  model = new_model (fixture, OKAP_LOG_REQUESTS);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, N_ROWS);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), N_ROWS));
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (OkapLogItem) item = get_loaded (model, places[i]);
      g_autoptr (OkapLogItem) again = g_list_model_get_item (G_LIST_MODEL (model), places[i]);

      g_assert_true (item == again);
      g_assert_cmpint (okap_log_item_get_usage (item)->started_us, ==, N_ROWS - places[i]);
    }
}

/* Somebody drags the scroll bar: more is asked for than can be kept, and the last is what counts */
static void
test_dragging (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapLogModel) model = NULL;
  g_autoptr (OkapLogItem) first = NULL;
  g_autoptr (OkapLogItem) last = NULL;

  fixture_open (fixture);
  add_rows (fixture, 0, N_ROWS, "App");
  model = new_model (fixture, OKAP_LOG_REQUESTS);
  for (guint i = 0; i < N_ROWS; i++)
    {
      g_autoptr (OkapLogItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);

      if (i == 0)
        first = g_object_ref (item);
    }
  last = get_loaded (model, N_ROWS - 1);
  g_assert_false (okap_log_item_is_loaded (first));  /* its turn was given up */
  g_clear_object (&first);
  first = get_loaded (model, 0);
  g_assert_cmpint (okap_log_item_get_id (first), ==, N_ROWS);
}

typedef struct
{
  guint position, removed, added, times;
} Change;

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, Change *change)
{
  *change = (Change) { position, removed, added, change->times + 1 };
}

static void
test_live (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapLogModel) model = NULL;
  g_autoptr (OkapLogItem) item = NULL;
  Change change = { 0 };

  fixture_open (fixture);
  model = new_model (fixture, OKAP_LOG_REQUESTS);
  g_signal_connect (model, "items-changed", G_CALLBACK (changed_cb), &change);
  add_rows (fixture, 0, 5, "App");
  wait_for_count (model, 5);
  add_rows (fixture, 5, 2, "App");
  wait_for_count (model, 7);
  g_assert_cmpuint (change.position, ==, 0);
  g_assert_cmpuint (change.removed, ==, 0);
  item = get_loaded (model, 0);
  g_assert_cmpint (okap_log_item_get_id (item), ==, 7);

  okap_log_model_set_live (model, FALSE);
  change.times = 0;
  add_rows (fixture, 7, 2, "App");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (change.times, ==, 0);
  okap_log_model_set_live (model, TRUE);
  wait_for_count (model, 9);
  g_assert_cmpuint (change.removed, ==, 0);
  g_assert_cmpuint (change.added, ==, 2);

  /* Nothing came meanwhile: what is looked at stays as it is. */
  okap_log_model_set_live (model, FALSE);
  change.times = 0;
  okap_log_model_set_live (model, TRUE);
  wait_for_state (model, OKAP_LOG_READY);
  g_assert_cmpuint (change.times, ==, 0);
}

static void
test_filter (Fixture *fixture, gconstpointer data)
{
  const OkapUsageFilter notes = { .app = (char *) "Notes" };
  const OkapUsageFilter nobody = { .text = (char *) "nobody" };
  g_autoptr (OkapLogModel) model = NULL;
  g_autoptr (OkapLogItem) item = NULL;
  g_autoptr (OkapIdSet) ids = NULL;

  fixture_open (fixture);
  add_rows (fixture, 0, 50, "Notes");
  add_rows (fixture, 50, 50, "Mail");
  model = new_model (fixture, OKAP_LOG_REQUESTS);
  okap_log_model_set_usage_filter (model, &notes);
  g_assert_cmpint (okap_log_model_get_state (model), ==, OKAP_LOG_LOADING);
  wait_for_state (model, OKAP_LOG_READY);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 50);
  item = get_loaded (model, 0);
  g_assert_cmpint (okap_log_item_get_id (item), ==, 50);
  add_rows (fixture, 100, 1, "Mail");
  add_rows (fixture, 101, 1, "Notes");
  wait_for_count (model, 51);
  ids = okap_log_model_copy_ids (model);
  g_assert_cmpuint (okap_id_set_count (ids), ==, 51);

  okap_log_model_set_usage_filter (model, &nobody);
  okap_log_model_set_usage_filter (model, &notes);  /* before the answer */
  okap_log_model_set_usage_filter (model, &nobody);
  wait_for_state (model, OKAP_LOG_READY);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
}

/* Rows that the store forgot since leave the list once somebody comes by. */
static void
test_forgotten (Fixture *fixture, gconstpointer data)
{
  const OkapRetention change = { .keep_days = 1 };
  g_autoptr (OkapUsage) late = new_usage ("g_1", "App", "m", 10 * OKAP_DAY_US);
  g_autoptr (OkapLogModel) model = NULL;
  g_autoptr (OkapLogItem) item = NULL;
  Waiting *waiting = waiting_begin ();
  g_autoptr (GAsyncResult) result = NULL;

  fixture_open (fixture);
  add_rows (fixture, 0, 20, "App");
  okap_store_add_usage (fixture->store, late);
  model = new_model (fixture, OKAP_LOG_REQUESTS);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 21);
  okap_store_retention_async (fixture->store, &change, waiting_cb, waiting);
  result = waiting_end (waiting);
  g_free (okap_store_retention_finish (fixture->store, result, NULL));
  item = g_list_model_get_item (G_LIST_MODEL (model), 15);
  wait_for_count (model, 1);
  g_assert_false (okap_log_item_is_loaded (item));
}

static void
test_decisions (Fixture *fixture, gconstpointer data)
{
  const OkapAuditFilter keys = { .event = (char *) "key." };
  g_autoptr (OkapLogModel) model = NULL;
  g_autoptr (OkapLogItem) item = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  store_commit (fixture->store, NULL, "vault.unlocked", "The vault was unlocked", &error);
  model = new_model (fixture, OKAP_LOG_DECISIONS);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 1);
  store_commit (fixture->store, NULL, "key.added", "A key", &error);
  wait_for_count (model, 2);
  item = get_loaded (model, 0);
  g_assert_cmpstr (okap_log_item_get_entry (item)->detail, ==, "A key");
  okap_log_model_set_audit_filter (model, &keys);
  wait_for_state (model, OKAP_LOG_READY);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 1);
  g_assert_no_error (error);
}

static void
test_failed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapLogModel) model = NULL;

  fixture->store = okap_store_new (fixture->path);  /* not open */
  model = okap_log_model_new (fixture->store, OKAP_LOG_REQUESTS);
  okap_log_model_set_live (model, TRUE);
  wait_for_state (model, OKAP_LOG_FAILED);
  g_assert_error (okap_log_model_get_error (model), OKAP_ERROR, OKAP_ERROR_STORAGE);
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/log-model/places", test_places);
  ADD ("/log-model/dragging", test_dragging);
  ADD ("/log-model/live", test_live);
  ADD ("/log-model/filter", test_filter);
  ADD ("/log-model/forgotten", test_forgotten);
  ADD ("/log-model/decisions", test_decisions);
  ADD ("/log-model/failed", test_failed);
  return g_test_run ();
}
