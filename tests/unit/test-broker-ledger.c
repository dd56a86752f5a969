/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was spent, over locks, ends and deaths of the process: broker, gate, journal and store. */
#include "broker-fixture.h"

#include "okap-money.h"

#define CENT (OKAP_NUSD_PER_USD / 100)

static void
settled_cb (OkapUsage *usage, gpointer user_data)
{
  okap_store_add_usage (user_data, usage);
}

static void
kept_cb (GPtrArray *rows, gpointer user_data)
{
  okap_gate_release_slots (user_data, rows);
}

/* What the core does with what open_all() made. */
static void
wire (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "leases", NULL);
  GError *error = NULL;

  okap_gate_set_settled_func (fixture->gate, settled_cb, fixture->store);
  okap_store_set_durable_func (fixture->store, kept_cb, fixture->gate);
  okap_gate_open_journal (fixture->gate, path, &error);
  g_assert_no_error (error);
}

/* Ends without a word to what runs, as a killed process does, and begins anew. */
static void
start_again (Fixture *fixture, const char *grant_id)
{
  close_all (fixture);
  open_all (fixture);
  wire (fixture);
  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, grant_id) != NULL);
}

/* A grant for the demo provider that may spend a dollar a month. */
static OkapSecret *
get_dollar (Fixture *fixture)
{
  wire (fixture);
  ask (fixture, REQUEST ("demo", "{\"monthly_spend\":1,\"requests_per_day\":5}"), OKAP_DOOR_TCP,
       300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
  WAIT (fixture->answered);
  g_assert_no_error (fixture->error);
  return okap_secret_ref (fixture->token);
}

static gboolean
admit (Fixture *fixture, OkapSecret *token, const char *request_id, gint64 nusd,
       OkapLease *out_lease, GError **error)
{
  const OkapAdmission admission = { .capability = OKAP_CAPABILITY_CHAT, .model = "demo-fast",
                                    .counted = TRUE, .request_id = request_id,
                                    .worst_nusd = nusd, .least_nusd = nusd };
  g_autoptr (OkapAccess) access = okap_gate_identify (fixture->gate, okap_secret_get_text (token),
                                                      okap_secret_get_length (token), "demo",
                                                      NULL, error);
  guint retry_after_s;

  return access != NULL && okap_gate_admit (fixture->gate, access, &admission, out_lease,
                                            &retry_after_s, error);
}

static void
settle (Fixture *fixture, const char *grant_id, const char *request_id, OkapLease *lease,
        gint64 nusd)
{
  g_autoptr (OkapUsage) usage = okap_usage_new ();

  usage->request_id = g_strdup (request_id);
  usage->grant_id = g_strdup (grant_id);
  usage->app = g_strdup ("T");
  usage->provider = g_strdup ("demo");
  usage->cost_nusd = nusd;
  usage->http_status = 200;
  okap_gate_settle (fixture->gate, lease, usage);
}

static void
assert_standing (Fixture *fixture, const char *grant_id, OkapLimit limit, gint64 settled,
                 gint64 reserved)
{
  OkapStanding standings[OKAP_N_LIMITS];
  guint n = okap_gate_get_standings (fixture->gate, grant_id, "demo", standings);

  for (guint i = 0; i < n; i++)
    if (standings[i].limit == limit)
      {
        g_assert_cmpint (standings[i].settled, ==, settled);
        g_assert_cmpint (standings[i].reserved, ==, reserved);
        return;
      }
  g_assert_not_reached ();
}

static GPtrArray *
list_usage (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;
  GPtrArray *rows;

  okap_store_list_usage_async (fixture->store, 0, 100, done_cb, &result);
  rows = okap_store_list_usage_finish (fixture->store, wait_for (&result), &error);
  g_assert_no_error (error);
  return rows;
}

static void
test_spent_is_known (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_dollar (fixture);
  g_autofree char *id = g_strdup (fixture->grant->id);
  g_autoptr (GError) error = NULL;
  OkapLease lease;

  g_assert_true (admit (fixture, token, "r_1", 50 * CENT, &lease, NULL));
  settle (fixture, id, "r_1", &lease, 40 * CENT);
  start_again (fixture, id);
  assert_standing (fixture, id, OKAP_LIMIT_MONTHLY_SPEND, 40 * CENT, 0);
  assert_standing (fixture, id, OKAP_LIMIT_REQUESTS_PER_DAY, 1, 0);
  assert_standing (fixture, id, OKAP_LIMIT_REQUESTS_PER_MINUTE, 1, 0);
  g_assert_false (admit (fixture, token, "r_2", 61 * CENT, &lease, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_SPEND_LIMIT_REACHED);
  g_assert_true (admit (fixture, token, "r_3", 60 * CENT, &lease, NULL));
}

/* One that had come to something, one of which nothing was known. */
static void
test_died (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_dollar (fixture);
  g_autofree char *id = g_strdup (fixture->grant->id);
  OkapLease lease;

  g_assert_true (admit (fixture, token, "r_1", 50 * CENT, &lease, NULL));
  okap_gate_note_spent (fixture->gate, &lease, 30 * CENT);
  g_assert_true (admit (fixture, token, "r_2", 50 * CENT, &lease, NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) rows = NULL;
      g_autoptr (GPtrArray) left = NULL;

      start_again (fixture, id);
      assert_standing (fixture, id, OKAP_LIMIT_MONTHLY_SPEND, 80 * CENT, 0);
      assert_standing (fixture, id, OKAP_LIMIT_REQUESTS_PER_DAY, 2, 0);
      rows = list_usage (fixture);
      g_assert_cmpuint (rows->len, ==, 2);
      g_assert_cmpstr (((OkapUsage *) rows->pdata[0])->error, ==, "interrupted");
      left = okap_gate_list_left (fixture->gate);
      g_assert_cmpuint (left->len, ==, 0);
    }
}

/* A request that the lock cut is settled when it is locked, or open again. */
static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_dollar (fixture);
  g_autofree char *id = g_strdup (fixture->grant->id);
  OkapLease first, second, third;

  g_assert_true (admit (fixture, token, "r_1", 50 * CENT, &first, NULL));
  g_assert_true (admit (fixture, token, "r_2", 40 * CENT, &second, NULL));
  okap_vault_lock (fixture->vault);
  WAIT (okap_broker_find_grant (fixture->broker, id) == NULL);
  settle (fixture, id, "r_1", &first, 5 * CENT);
  g_assert_false (admit (fixture, token, "r_3", 1, &third, NULL));

  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  assert_standing (fixture, id, OKAP_LIMIT_MONTHLY_SPEND, 5 * CENT, 40 * CENT);
  assert_standing (fixture, id, OKAP_LIMIT_REQUESTS_PER_DAY, 2, 0);
  g_assert_false (admit (fixture, token, "r_3", 56 * CENT, &third, NULL));
  settle (fixture, id, "r_2", &second, 6 * CENT);
  assert_standing (fixture, id, OKAP_LIMIT_MONTHLY_SPEND, 11 * CENT, 0);

  start_again (fixture, id);
  assert_standing (fixture, id, OKAP_LIMIT_MONTHLY_SPEND, 11 * CENT, 0);
}

/* A killed process may have told the store, and not have heard that the row is kept. */
static void
test_never_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_dollar (fixture);
  g_autofree char *id = g_strdup (fixture->grant->id);
  g_autoptr (GPtrArray) rows = NULL;
  OkapLease lease;

  okap_store_set_durable_func (fixture->store, NULL, NULL);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *request_id = g_strdup_printf ("r_%u", i);

      g_assert_true (admit (fixture, token, request_id, 20 * CENT, &lease, NULL));
      settle (fixture, id, request_id, &lease, 10 * CENT);
    }
  start_again (fixture, id);
  assert_standing (fixture, id, OKAP_LIMIT_MONTHLY_SPEND, 30 * CENT, 0);
  rows = list_usage (fixture);
  g_assert_cmpuint (rows->len, ==, 3);
}

static gboolean
token_is_locked_out (Fixture *fixture, OkapSecret *token)
{
  g_autoptr (GError) error = NULL;

  return !token_opens (fixture, token, &error)
         && g_error_matches (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
}

/* As long as the store cannot say what was spent, nothing passes, and apps may wait for it. */
static void
test_unknown_past (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_dollar (fixture);
  g_autofree char *id = g_strdup (fixture->grant->id);
  g_autofree char *database = g_build_filename (fixture->folder, "okap.db", NULL);
  g_autoptr (GAsyncResult) unlocked = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  GError *error = NULL;
  OkapLease lease;

  g_assert_true (admit (fixture, token, "r_1", 50 * CENT, &lease, NULL));
  settle (fixture, id, "r_1", &lease, 40 * CENT);
  close_all (fixture);
  open_all (fixture);
  g_clear_object (&fixture->broker);
  okap_store_close (fixture->store);
  g_clear_object (&fixture->store);
  fixture->store = okap_store_new (database);  /* not open yet */
  fixture->broker = okap_broker_new (fixture->vault, fixture->store, fixture->gate,
                                     okap_clock_get_real ());
  okap_broker_unlock_async (fixture->broker, fixture->passphrase, done_cb, &unlocked);
  okap_broker_unlock_finish (fixture->broker, wait_for (&unlocked), &error);
  g_assert_no_error (error);
  g_assert_true (token_is_locked_out (fixture, token));

  okap_store_open_async (fixture->store, done_cb, &opened);
  okap_store_open_finish (fixture->store, wait_for (&opened), &error);
  g_assert_no_error (error);
  g_assert_true (token_is_locked_out (fixture, token));
  okap_vault_lock (fixture->vault);
  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  assert_standing (fixture, id, OKAP_LIMIT_MONTHLY_SPEND, 40 * CENT, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/broker-ledger/spent-is-known", test_spent_is_known);
  ADD ("/broker-ledger/died", test_died);
  ADD ("/broker-ledger/locked", test_locked);
  ADD ("/broker-ledger/never-twice", test_never_twice);
  ADD ("/broker-ledger/unknown-past", test_unknown_past);
  return g_test_run ();
}
