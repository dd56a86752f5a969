/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replacement of a key from the broker's side: tested, swapped, watched, ended. A real vault
 * and gate; the provider's answers are told by hand, and so is the time. */
#include "broker-fixture.h"

#define OLD_KEY "sk-proj-old-0123456789"
#define NEW_KEY "sk-proj-new-9876543210"

/* On top of a broker: a key for openai, and an app that may use it. */
typedef struct
{
  Fixture base;
  OkapKeyCare *care;       /* (unowned) */
  char *key_id;
  OkapGrant *grant;
  OkapSecret *token;

  OkapKeyClass test_class; /* that the next test finds */
  gboolean test_waits;
  GTask *test;             /* (nullable) that waits */
  guint n_tests;
  char *tested_key;

  guint n_alerts;
  OkapKeyClass alert_class;
  gboolean alert_rolled_back;
} Care;

static void
answer_test (Care *c, GTask *task)
{
  if (c->test_class == OKAP_KEY_GOOD)
    g_task_return_pointer (task, g_strdup ("good"), g_free);
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NO_KEY, "No.");
  g_object_unref (task);
}

static void
test_cb (OkapCredential *credential, GAsyncReadyCallback callback, gpointer user_data,
         gpointer func_data)
{
  Care *c = func_data;
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, GINT_TO_POINTER (c->test_class), NULL);
  c->n_tests++;
  g_free (c->tested_key);
  c->tested_key = g_strdup (okap_secret_get_text (credential->key));
  if (c->test_waits)
    c->test = task;
  else
    answer_test (c, task);
}

static gboolean
test_finish_cb (GAsyncResult *result, OkapKeyClass *out_class, OkapKeyStanding *out_standing,
                char **out_words, GError **error)
{
  *out_standing = (OkapKeyStanding) { 0 };
  *out_class = (OkapKeyClass) GPOINTER_TO_INT (g_task_get_task_data (G_TASK (result)));
  if (*out_class == OKAP_KEY_GOOD)
    {
      out_standing->n_facts = 1;
      out_standing->facts[0].amount = 7;
    }
  *out_words = g_task_propagate_pointer (G_TASK (result), error);
  return *out_words != NULL;
}

static void
alert_cb (OkapKeyCare *care, OkapKeyInfo *key, guint class, gboolean rolled_back, Care *c)
{
  g_assert_cmpstr (okap_key_info_get_id (key), ==, c->key_id);
  c->n_alerts++;
  c->alert_class = (OkapKeyClass) class;
  c->alert_rolled_back = rolled_back;
}

/* What unlocking brings: the tester, and the grant in the gate. */
static void
attach (Care *c)
{
  g_autoptr (OkapSecret) token_key = NULL;
  guint8 hash[OKAP_TOKEN_HASH_BYTES];

  c->care = okap_broker_get_key_care (c->base.broker);
  okap_key_care_set_tester (c->care, test_cb, test_finish_cb, c);
  g_signal_connect (c->care, "alert", G_CALLBACK (alert_cb), c);
  token_key = okap_vault_derive (c->base.vault, OKAP_DERIVED_TOKEN_HASH, NULL);
  okap_token_hash (okap_secret_get_text (c->token), token_key, hash);
  okap_gate_unlock (c->base.gate, token_key);
  okap_gate_put_grant (c->base.gate, c->grant, hash);
}

static void
care_set_up (Care *c, gconstpointer data)
{
  g_autoptr (OkapSecret) key = okap_secret_new_from_string (OLD_KEY);
  g_autoptr (GAsyncResult) added = NULL;
  g_autoptr (OkapKeyInfo) info = NULL;
  OkapScope *scope = okap_scope_new ("openai");
  g_autoptr (GError) error = NULL;

  set_up (&c->base, data);
  okap_vault_add_key_async (c->base.vault, "openai", "x", NULL, key, done_cb, &added);
  info = okap_vault_add_key_finish (c->base.vault, wait_for (&added), &error);
  g_assert_no_error (error);
  c->key_id = g_strdup (okap_key_info_get_id (info));
  c->token = okap_token_mint ();
  c->grant = okap_grant_new ();
  c->grant->id = g_strdup ("g_test");
  c->grant->app_name = g_strdup ("Test");
  c->grant->app_url = g_strdup ("");
  c->grant->reason = g_strdup ("");
  c->grant->evidence = g_strdup ("");
  c->grant->zone = g_strdup ("UTC");
  c->grant->expires_us = g_get_real_time () + OKAP_DAY_US;
  scope->key_id = g_strdup (c->key_id);
  g_ptr_array_add (c->grant->scopes, scope);
  c->test_class = OKAP_KEY_GOOD;
  attach (c);
}

static void
care_tear_down (Care *c, gconstpointer data)
{
  g_free (c->key_id);
  g_free (c->tested_key);
  okap_secret_unref (c->token);
  okap_grant_unref (c->grant);
  tear_down (&c->base, data);
}

static void
settle_main_context (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
wait_state (Care *c, OkapRotationState state)
{
  WAIT (okap_key_info_get_rotation (okap_vault_find_key (c->base.vault, c->key_id)) != NULL
        && okap_key_info_get_rotation (okap_vault_find_key (c->base.vault, c->key_id))->state
           == state);
  settle_main_context ();
}

static OkapKeyInfo *
replace (Care *c, const char *rotation_id, const char *key, gboolean test, GError **error)
{
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (key);
  g_autoptr (GAsyncResult) result = NULL;
  gboolean unchanged;

  okap_key_care_replace_async (c->care, c->key_id, rotation_id, secret, test, done_cb, &result);
  return okap_key_care_replace_finish (c->care, wait_for (&result), &unchanged, error);
}

static void
report (Care *c, guint version, OkapKeyClass class, guint n_good)
{
  OkapKeyHealth health = { .version = version, .class = class };

  okap_key_care_report (c->care, c->key_id, &health, n_good);
}

/* The key that a request would be sent with now, and the one that it could be sent with again. */
static void
assert_gate (Care *c, guint version, const char *key, const char *previous)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapAccess) access = okap_gate_identify (c->base.gate, okap_secret_get_text (c->token),
                                                      okap_secret_get_length (c->token), "openai",
                                                      NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (access->credential->version, ==, version);
  g_assert_cmpstr (okap_secret_get_text (access->credential->key), ==, key);
  g_assert_cmpstr (access->credential->previous != NULL
                   ? okap_secret_get_text (access->credential->previous->key) : NULL, ==, previous);
}

static OkapKeyClass
get_class (Care *c)
{
  return okap_key_care_get_health (c->care, okap_vault_find_key (c->base.vault, c->key_id)).class;
}

static void
test_works (Care *c, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = NULL;
  g_autoptr (OkapKeyInfo) again = NULL;

  report (c, 1, OKAP_KEY_RATE_LIMITED, 0);
  key = replace (c, "rot_1", NEW_KEY, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (okap_key_info_get_rotation (key)->state, ==, OKAP_ROTATION_WATCHING);
  g_assert_cmpstr (c->tested_key, ==, NEW_KEY);
  assert_gate (c, 2, NEW_KEY, OLD_KEY);
  g_assert_cmpint (get_class (c), ==, OKAP_KEY_GOOD);  /* the old one's limit does not stick */

  again = replace (c, "rot_1", NEW_KEY, TRUE, &error);
  g_assert_true (again == key);
  g_assert_cmpuint (c->n_tests, ==, 1);

  report (c, 2, OKAP_KEY_GOOD, 1);
  okap_key_care_check (c->care);
  settle_main_context ();
  assert_gate (c, 2, NEW_KEY, OLD_KEY);
  report (c, 2, OKAP_KEY_GOOD, OKAP_CAP_ROTATION_GOOD_CALLS);
  wait_state (c, OKAP_ROTATION_RETIRED);
  assert_gate (c, 2, NEW_KEY, NULL);
  g_assert_cmpint (get_class (c), ==, OKAP_KEY_GOOD);
  g_assert_cmpuint (c->n_alerts, ==, 0);
}

static void
test_fails_test (Care *c, gconstpointer data)
{
  static const OkapKeyClass classes[] = { OKAP_KEY_BAD, OKAP_KEY_OUT_OF_CREDIT,
                                          OKAP_KEY_PROVIDER_ERROR };

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *id = g_strdup_printf ("rot_%u", i);

      c->test_class = classes[i];
      g_assert_null (replace (c, id, NEW_KEY, TRUE, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NO_KEY);
      g_assert_cmpstr (error->message, ==, "No. The old key stays in use.");
      wait_state (c, OKAP_ROTATION_ROLLED_BACK);
      assert_gate (c, 1, OLD_KEY, NULL);
      g_assert_null (okap_vault_dup_other_key (c->base.vault, c->key_id));
    }
  g_assert_cmpuint (c->n_alerts, ==, 0);
}

/* The first refusal brings the old key back, in the gate at once. */
static void
test_rolls_back (Care *c, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = NULL;

  report (c, 1, OKAP_KEY_GOOD, 1);
  key = replace (c, "rot_1", NEW_KEY, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (c->n_tests, ==, 0);
  report (c, 2, OKAP_KEY_BAD, 0);
  assert_gate (c, 1, OLD_KEY, NULL);
  g_assert_cmpuint (c->n_alerts, ==, 1);
  g_assert_true (c->alert_rolled_back);
  report (c, 2, OKAP_KEY_GOOD, OKAP_CAP_ROTATION_GOOD_CALLS);  /* too late */
  wait_state (c, OKAP_ROTATION_ROLLED_BACK);
  assert_gate (c, 1, OLD_KEY, NULL);
  g_assert_cmpint (get_class (c), ==, OKAP_KEY_GOOD);
  g_assert_cmpint (okap_key_info_get_rotation (okap_vault_find_key (c->base.vault,
                                                                    c->key_id))->reason, ==,
                   OKAP_ROTATION_KEY_REFUSED);
}

/* An old key that was refused itself is nothing to go back to. */
static void
test_no_way_back (Care *c, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = replace (c, "rot_1", NEW_KEY, FALSE, &error);

  g_assert_no_error (error);
  report (c, 1, OKAP_KEY_BAD, 0);
  g_assert_cmpuint (c->n_alerts, ==, 0);
  report (c, 2, OKAP_KEY_BAD, 0);
  g_assert_cmpuint (c->n_alerts, ==, 1);
  g_assert_cmpint (c->alert_class, ==, OKAP_KEY_BAD);
  g_assert_false (c->alert_rolled_back);
  report (c, 2, OKAP_KEY_GOOD, 1);
  report (c, 2, OKAP_KEY_BAD, 0);
  g_assert_cmpuint (c->n_alerts, ==, 1);  /* not again so soon */
  settle_main_context ();
  assert_gate (c, 2, NEW_KEY, OLD_KEY);
}

static void
settle (Care *c, gboolean keep, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OkapKeyInfo) key = NULL;

  okap_key_care_settle_async (c->care, c->key_id, keep, done_cb, &result);
  key = okap_key_care_settle_finish (c->care, wait_for (&result), error);
  settle_main_context ();
}

static void
test_settled_by_person (Care *c, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) first = replace (c, "rot_1", NEW_KEY, TRUE, &error);
  g_autoptr (OkapKeyInfo) second = NULL;

  settle (c, FALSE, &error);
  g_assert_no_error (error);
  assert_gate (c, 1, OLD_KEY, NULL);
  settle (c, FALSE, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  second = replace (c, "rot_2", NEW_KEY, TRUE, &error);
  g_assert_no_error (error);
  assert_gate (c, 3, NEW_KEY, OLD_KEY);
  settle (c, TRUE, &error);
  g_assert_no_error (error);
  assert_gate (c, 3, NEW_KEY, NULL);
}

/* Locked, closed and opened again in the middle of each state. */
static void
test_interrupted (Care *c, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (NEW_KEY);
  g_autoptr (GAsyncResult) testing = NULL;
  g_autoptr (OkapKeyInfo) none = NULL;
  g_autoptr (OkapKeyInfo) watched = NULL;
  gboolean unchanged;

  c->test_waits = TRUE;
  okap_key_care_replace_async (c->care, c->key_id, "rot_1", secret, TRUE, done_cb, &testing);
  WAIT (c->test != NULL);
  okap_vault_lock (c->base.vault);
  answer_test (c, g_steal_pointer (&c->test));
  none = okap_key_care_replace_finish (c->care, wait_for (&testing), &unchanged, &error);
  g_assert_null (none);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  close_all (&c->base);
  open_all (&c->base);
  unlock (&c->base);
  attach (c);
  wait_state (c, OKAP_ROTATION_ROLLED_BACK);
  assert_gate (c, 1, OLD_KEY, NULL);

  c->test_waits = FALSE;
  watched = replace (c, "rot_2", NEW_KEY, TRUE, &error);
  g_assert_no_error (error);
  close_all (&c->base);
  open_all (&c->base);
  unlock (&c->base);
  attach (c);
  settle_main_context ();
  assert_gate (c, 3, NEW_KEY, OLD_KEY);
  report (c, 3, OKAP_KEY_BAD, 0);
  wait_state (c, OKAP_ROTATION_ROLLED_BACK);
  assert_gate (c, 1, OLD_KEY, NULL);
}

/* Time alone ends a watch, too, but not before it is over. */
static void
test_deadline (Care *c, gconstpointer data)
{
  OkapClock *clock = okap_clock_new_fake (g_get_real_time ());
  OkapCredentials *credentials = okap_credentials_new (c->base.vault, c->base.store, c->base.gate,
                                                       clock);
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = replace (c, "rot_1", NEW_KEY, TRUE, &error);
  OkapKeyCare *timed = okap_key_care_new (c->base.vault, c->base.gate, credentials, clock);

  g_assert_no_error (error);
  settle_main_context ();
  okap_clock_advance (clock, (OKAP_CAP_ROTATION_WATCH_S - 1) * OKAP_SECOND_US);
  okap_key_care_check (timed);
  settle_main_context ();
  assert_gate (c, 2, NEW_KEY, OLD_KEY);
  okap_clock_advance (clock, OKAP_SECOND_US);
  okap_key_care_check (timed);
  wait_state (c, OKAP_ROTATION_RETIRED);
  assert_gate (c, 2, NEW_KEY, NULL);
  g_object_unref (timed);
  okap_credentials_free (credentials);
  okap_clock_free_fake (clock);
}

/* Two calls for the same replacement share its test; another one has to wait. */
static void
test_shared (Care *c, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (NEW_KEY);
  GAsyncResult *results[2] = { NULL, NULL };

  c->test_waits = TRUE;
  for (guint i = 0; i < 2; i++)
    okap_key_care_replace_async (c->care, c->key_id, "rot_1", secret, TRUE, done_cb, &results[i]);
  g_assert_null (replace (c, "rot_2", NEW_KEY, TRUE, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  WAIT (c->test != NULL);
  answer_test (c, g_steal_pointer (&c->test));
  for (guint i = 0; i < 2; i++)
    {
      gboolean unchanged;
      g_autoptr (OkapKeyInfo) key = NULL;

      key = okap_key_care_replace_finish (c->care, wait_for (&results[i]), &unchanged, &error);
      g_assert_no_error (error);
      g_assert_false (unchanged);
      g_assert_cmpint (okap_key_info_get_version (key), ==, 2);
      g_object_unref (results[i]);
    }
  g_assert_cmpuint (c->n_tests, ==, 1);
}

static gboolean
test (Care *c)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *words = NULL;

  okap_key_care_test_async (c->care, c->key_id, done_cb, &result);
  return okap_key_care_test_finish (c->care, wait_for (&result), &words, NULL);
}

/* What a provider told of an account belongs to the last test of the version in use. */
static void
test_standing (Care *c, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = g_object_ref (okap_vault_find_key (c->base.vault, c->key_id));
  g_autoptr (OkapKeyInfo) new_key = NULL;
  const OkapKeyStanding *standing;

  g_assert_null (okap_key_care_get_standing (c->care, key));
  g_assert_true (test (c));
  standing = okap_key_care_get_standing (c->care, key);
  g_assert_nonnull (standing);
  g_assert_cmpint (standing->facts[0].amount, ==, 7);
  g_assert_cmpint (standing->asked_us, >, 0);
  c->test_class = OKAP_KEY_BAD;
  g_assert_false (test (c));
  g_assert_null (okap_key_care_get_standing (c->care, key));
  g_assert_cmpint (okap_key_care_get_health (c->care, key).class, ==, OKAP_KEY_BAD);

  new_key = replace (c, "rot_1", NEW_KEY, FALSE, &error);
  g_assert_no_error (error);
  g_assert_null (okap_key_care_get_standing (c->care, new_key));
  c->test_class = OKAP_KEY_GOOD;
  g_assert_true (test (c));
  g_assert_nonnull (okap_key_care_get_standing (c->care, new_key));
  g_assert_null (okap_key_care_get_standing (c->care, key));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/key-care/" path, Care, NULL, care_set_up, func, care_tear_down)
  ADD ("works", test_works);
  ADD ("fails-test", test_fails_test);
  ADD ("standing", test_standing);
  ADD ("rolls-back", test_rolls_back);
  ADD ("no-way-back", test_no_way_back);
  ADD ("settled-by-person", test_settled_by_person);
  ADD ("interrupted", test_interrupted);
  ADD ("deadline", test_deadline);
  ADD ("shared", test_shared);
#undef ADD
  return g_test_run ();
}
