/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole way of a decision without window or network. */
#include "broker-fixture.h"

static void
test_granted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  OkapScope *scope = g_ptr_array_index (fixture->grant->scopes, 0);

  g_assert_true (token_opens (fixture, token, NULL));
  g_assert_cmpstr (scope->key_id, ==, "builtin:demo");
  g_assert_cmpuint (g_list_model_get_n_items (okap_broker_get_grants (fixture->broker)), ==, 1);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, okap_decision_new_refused ());
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_USER_DENIED);
  g_assert_cmpuint (g_list_model_get_n_items (okap_broker_get_grants (fixture->broker)), ==, 0);
}

static void
test_no_key (Fixture *fixture, gconstpointer data)
{
  ask (fixture, REQUEST ("openai", "{}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_NO_KEY);
}

static GPtrArray *
copy_scopes (Fixture *fixture)
{
  OkapRequest *request = okap_question_get_request (
    scripted_prompter_get_question (fixture->prompter));
  GPtrArray *scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);

  for (guint i = 0; i < request->scopes->len; i++)
    g_ptr_array_add (scopes, okap_scope_copy (g_ptr_array_index (request->scopes, i)));
  return scopes;
}

static void
test_narrowed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) scopes = NULL;
  OkapScope *scope;
  gint64 soon_us = g_get_real_time () + OKAP_DAY_US;

  ask (fixture, REQUEST ("demo", "{\"monthly_spend\":5}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scopes = copy_scopes (fixture);
  scope = g_ptr_array_index (scopes, 0);
  okap_limits_set (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND, 1);
  scope->capabilities = OKAP_CAPABILITY_CHAT;
  g_clear_pointer (&scope->models[1], g_free);
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (scopes, soon_us));
  WAIT (fixture->answered);
  g_assert_no_error (fixture->error);
  scope = g_ptr_array_index (fixture->grant->scopes, 0);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_MONTHLY_SPEND], ==, 1);
  g_assert_cmpuint (g_strv_length (scope->models), ==, 1);
  g_assert_cmpint (fixture->grant->expires_us, ==, soon_us);
}

typedef void (*WidenFunc) (OkapScope *scope);

static void
widen_money (OkapScope *scope)
{
  scope->limits.value[OKAP_LIMIT_MONTHLY_SPEND]++;
}

static void
drop_limit (OkapScope *scope)
{
  scope->limits.set &= ~(1u << OKAP_LIMIT_REQUESTS_PER_DAY);
}

static void
add_capability (OkapScope *scope)
{
  scope->capabilities |= OKAP_CAPABILITY_IMAGES;
}

static void
all_models (OkapScope *scope)
{
  g_strfreev (scope->models);
  scope->models = g_new0 (char *, 1);
}

static void
other_provider (OkapScope *scope)
{
  g_free (scope->provider);
  scope->provider = g_strdup ("ollama");
}

/* A prompter with a fault must not widen anything. */
static void
test_wider_grants_nothing (Fixture *fixture, gconstpointer data)
{
  static const WidenFunc widen[] = {
    widen_money, drop_limit, add_capability, all_models, other_provider,
  };

  for (guint i = 0; i < G_N_ELEMENTS (widen); i++)
    {
      g_autoptr (GPtrArray) scopes = NULL;

      ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, NULL);
      WAIT (scripted_prompter_is_shown (fixture->prompter));
      scopes = copy_scopes (fixture);
      widen[i] (g_ptr_array_index (scopes, 0));
      scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (scopes, 0));
      WAIT (fixture->answered);
      g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_INTERNAL);
    }
  g_assert_cmpuint (g_list_model_get_n_items (okap_broker_get_grants (fixture->broker)), ==, 0);
}

static void
test_caller_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, cancellable);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  g_cancellable_cancel (cancellable);
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_CALLER_GONE);
  g_assert_false (scripted_prompter_is_shown (fixture->prompter));
}

/* Between the click and the disk: the grant that was made is revoked, nobody has its token. */
static void
test_caller_gone_after_allow (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GListModel *grants = okap_broker_get_grants (fixture->broker);

  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, cancellable);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
  WAIT (okap_broker_get_pending (fixture->broker) == 0);
  g_cancellable_cancel (cancellable);
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_CALLER_GONE);
  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);

      g_assert_cmpint (okap_grant_item_get_grant (item)->state, ==, OKAP_GRANT_REVOKED);
    }
}

static void
test_timed_out (Fixture *fixture, gconstpointer data)
{
  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 0, NULL);
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_TIMED_OUT);
  g_assert_false (scripted_prompter_is_shown (fixture->prompter));
}

static void
count_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapGrant) grant = okap_broker_authorize_finish (OKAP_BROKER (source), result, &token,
                                                              &error);

  ++*(guint *) user_data;
}

static void
test_queue (Fixture *fixture, gconstpointer data)
{
  static const char body[] = REQUEST ("demo", "{}");
  g_autoptr (OkapRequest) request = okap_request_parse (body, strlen (body), g_get_real_time (),
                                                        NULL);
  guint answered = 0;

  for (guint i = 0; i < OKAP_CAP_PENDING_UNSEEN; i++)
    {
      g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_SOCKET, 1000, 100 + (int) i, NULL);
      g_autoptr (OkapAsk) ask = okap_ask_new (request, caller);

      okap_broker_authorize_async (fixture->broker, ask, NULL, count_cb, &answered);
    }
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  g_assert_cmpuint (okap_question_get_waiting (scripted_prompter_get_question (fixture->prompter)),
                    ==, OKAP_CAP_PENDING_UNSEEN - 1);
  ask (fixture, body, OKAP_DOOR_TCP, 300, NULL);
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_BUSY);

  for (guint i = 0; i < OKAP_CAP_PENDING_UNSEEN; i++)
    {
      WAIT (scripted_prompter_is_shown (fixture->prompter));
      g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, i + 1);
      scripted_prompter_answer (fixture->prompter, okap_decision_new_refused ());
      WAIT (answered == i + 1);
    }
}

static void
test_locked_then_asked_fresh (Fixture *fixture, gconstpointer data)
{
  okap_vault_lock (fixture->vault);
  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (scripted_prompter_get_unlocks (fixture->prompter) == 1);
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, 0);

  /* Unlocked elsewhere: the prompt for the passphrase goes, the question comes. */
  unlock (fixture);
  WAIT (scripted_prompter_get_asked (fixture->prompter) == 1);

  /* Locked while it is shown: the answer would not count; unlock again, ask again. */
  okap_vault_lock (fixture->vault);
  WAIT (scripted_prompter_get_unlocks (fixture->prompter) == 2);
  unlock (fixture);
  WAIT (scripted_prompter_get_asked (fixture->prompter) == 2);
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
  WAIT (fixture->answered);
  g_assert_no_error (fixture->error);
}

static void
test_stays_locked (Fixture *fixture, gconstpointer data)
{
  okap_vault_lock (fixture->vault);
  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer_unlock (fixture->prompter, FALSE);
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_USER_DENIED);
}

static void
test_states_survive (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autofree char *id = g_strdup (fixture->grant->id);
  GError *error = NULL;

  set_state (fixture, id, OKAP_GRANT_PAUSED, &error);
  g_assert_no_error (error);
  g_assert_false (token_opens (fixture, token, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_PAUSED);
  g_clear_error (&error);

  close_all (fixture);
  open_all (fixture);
  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  g_assert_false (token_opens (fixture, token, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_PAUSED);
  g_clear_error (&error);

  set_state (fixture, id, OKAP_GRANT_ACTIVE, &error);
  g_assert_no_error (error);
  g_assert_true (token_opens (fixture, token, NULL));

  set_state (fixture, id, OKAP_GRANT_REVOKED, &error);
  g_assert_no_error (error);
  set_state (fixture, id, OKAP_GRANT_ACTIVE, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  set_state (fixture, "g_nothing", OKAP_GRANT_ACTIVE, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
  g_clear_error (&error);
}

/* okap run: the grant ends with the process, and with Okap's own end. */
static void
test_run_grant_ends (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_RUN);
  g_autofree char *id = g_strdup (fixture->grant->id);
  GError *error = NULL;
  int fds[2];

  /* A pipe stands in for the pidfd: both become readable at the end. */
  g_assert_cmpint (pipe (fds), ==, 0);
  okap_broker_bind_to_process (fixture->broker, id, fds[0]);
  g_assert_true (token_opens (fixture, token, NULL));
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  WAIT (!token_opens (fixture, token, NULL));
  token_opens (fixture, token, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED);
  g_clear_error (&error);
  g_close (fds[1], NULL);

  g_clear_pointer (&token, okap_secret_unref);
  token = get_granted (fixture, OKAP_DOOR_RUN);
  close_all (fixture);
  open_all (fixture);
  unlock (fixture);
  WAIT (g_list_model_get_n_items (okap_broker_get_grants (fixture->broker)) == 2);
  g_assert_false (token_opens (fixture, token, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED);
  g_clear_error (&error);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/broker/granted", test_granted);
  ADD ("/broker/refused", test_refused);
  ADD ("/broker/no-key", test_no_key);
  ADD ("/broker/narrowed", test_narrowed);
  ADD ("/broker/wider-grants-nothing", test_wider_grants_nothing);
  ADD ("/broker/caller-gone", test_caller_gone);
  ADD ("/broker/caller-gone-after-allow", test_caller_gone_after_allow);
  ADD ("/broker/timed-out", test_timed_out);
  ADD ("/broker/queue", test_queue);
  ADD ("/broker/locked-then-asked-fresh", test_locked_then_asked_fresh);
  ADD ("/broker/stays-locked", test_stays_locked);
  ADD ("/broker/states-survive", test_states_survive);
  ADD ("/broker/run-grant-ends", test_run_grant_ends);
  return g_test_run ();
}
