/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a question: who is asked how often, what is given again, and that every request ends
 * exactly once, whatever comes in between. */
#include "broker-fixture.h"
#include "okap-money.h"

#define BODY REQUEST ("demo", "{\"monthly_spend\":5}")
#define OTHER_BODY REQUEST ("demo", "{\"monthly_spend\":6}")
#define DEAR_BODY REQUEST ("demo", "{\"monthly_spend\":500}")

/* What one of several requests came to. */
typedef struct
{
  guint n_answers;
  OkapGrant *grant;    /* (owned) */
  OkapSecret *token;   /* (owned) */
  GError *error;       /* (owned) */
  guint retry_s;
} Outcome;

static void
outcome_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->n_answers++;
  outcome->retry_s = okap_broker_authorize_get_retry_after (OKAP_BROKER (source), result);
  outcome->grant = okap_broker_authorize_finish (OKAP_BROKER (source), result, &outcome->token,
                                                 &outcome->error);
}

static void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->grant, okap_grant_unref);
  g_clear_pointer (&outcome->token, okap_secret_unref);
  g_clear_error (&outcome->error);
  *outcome = (Outcome) { 0 };
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static void
set_up_attended (Fixture *fixture, gconstpointer data)
{
  set_up (fixture, data);
  scripted_prompter_set_attended (fixture->prompter, TRUE);
}

static void
ask_for (Fixture *fixture, const char *program, const char *body, GCancellable *cancellable,
         Outcome *outcome)
{
  g_autoptr (OkapCaller) caller = make_program (program, 42);
  g_autoptr (OkapAsk) ask = make_ask (body, caller);

  okap_broker_authorize_async (fixture->broker, ask, cancellable, outcome_cb, outcome);
}

static void
allow (Fixture *fixture)
{
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
}

static void
refuse (Fixture *fixture, OkapRefusal refusal)
{
  OkapDecision *decision = okap_decision_new_refused ();

  decision->refusal = refusal;
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, decision);
}

static guint
count_live (Fixture *fixture)
{
  GListModel *grants = okap_broker_get_grants (fixture->broker);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);

      n += okap_grant_is_live (okap_grant_item_get_grant (item), g_get_real_time ());
    }
  return n;
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
count_cb (OkapQuestion *question, const char *activation_token, const char *parent_window,
          gpointer user_data)
{
  ++*(guint *) user_data;
}

/* Only who asks the same brings the question to the front, perhaps with another parent window. */
static void
test_joined (Fixture *fixture, gconstpointer data)
{
  guint n_again = 0;
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) same = { 0 };
  g_auto (Outcome) different = { 0 };

  ask_for (fixture, "/usr/bin/a", BODY, NULL, &first);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  g_signal_connect (scripted_prompter_get_question (fixture->prompter), "present-again",
                    G_CALLBACK (count_cb), &n_again);
  ask_for (fixture, "/usr/bin/a", OTHER_BODY, NULL, &different);
  WAIT (different.n_answers == 1);
  g_assert_cmpuint (n_again, ==, 0);
  ask_for (fixture, "/usr/bin/a", BODY, NULL, &same);
  WAIT (n_again == 1);
  g_assert_error (different.error, OKAP_ERROR, OKAP_ERROR_THROTTLED);
  g_assert_cmpuint (different.retry_s, >, 0);
  allow (fixture);
  WAIT (first.n_answers == 1 && same.n_answers == 1);
  g_assert_no_error (first.error);
  g_assert_no_error (same.error);
  g_assert_cmpstr (first.grant->id, ==, same.grant->id);
  g_assert_false (okap_secret_equal (first.token, same.token));
  g_assert_true (token_opens (fixture, first.token, NULL));
  g_assert_true (token_opens (fixture, same.token, NULL));
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, 1);
}

/* The first one hangs up: the question stays for the other, who gets the only token. */
static void
test_first_leaves (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) gone = g_cancellable_new ();
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) same = { 0 };

  for (guint when = 0; when < 2; when++)
    {
      ask_for (fixture, when == 0 ? "/usr/bin/a" : "/usr/bin/b", BODY, gone, &first);
      ask_for (fixture, when == 0 ? "/usr/bin/a" : "/usr/bin/b", BODY, NULL, &same);
      WAIT (scripted_prompter_is_shown (fixture->prompter));
      if (when == 0)
        {
          g_cancellable_cancel (gone);
          WAIT (first.n_answers == 1);
        }
      allow (fixture);
      WAIT (okap_broker_get_pending (fixture->broker) == 0);
      g_cancellable_cancel (gone);
      WAIT (first.n_answers == 1 && same.n_answers == 1);
      g_assert_error (first.error, OKAP_ERROR, OKAP_ERROR_CALLER_GONE);
      g_assert_no_error (same.error);
      g_assert_true (token_opens (fixture, same.token, NULL));
      outcome_clear (&first);
      outcome_clear (&same);
      g_cancellable_reset (gone);
    }
}

static void
test_given_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) newest = NULL;
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) again = { 0 };
  g_auto (Outcome) other = { 0 };

  ask_for (fixture, "/usr/bin/a", BODY, NULL, &first);
  allow (fixture);
  WAIT (first.n_answers == 1);
  for (guint i = 1; i <= OKAP_CAP_GRANT_TOKENS; i++)
    {
      outcome_clear (&again);
      ask_for (fixture, "/usr/bin/a", BODY, NULL, &again);
      WAIT (again.n_answers == 1);
      g_assert_no_error (again.error);
      g_assert_cmpstr (again.grant->id, ==, first.grant->id);
      g_assert_true (token_opens (fixture, again.token, NULL));
      g_assert_cmpint (token_opens (fixture, first.token, NULL), ==, i < OKAP_CAP_GRANT_TOKENS);
    }
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, 1);
  g_assert_cmpuint (count_live (fixture), ==, 1);

  ask_for (fixture, "/usr/bin/b", BODY, NULL, &other);  /* another program has nothing yet */
  refuse (fixture, OKAP_REFUSAL_ONCE);
  WAIT (other.n_answers == 1);
  g_assert_error (other.error, OKAP_ERROR, OKAP_ERROR_USER_DENIED);

  newest = okap_secret_ref (again.token);
  close_all (fixture);
  open_all (fixture);
  unlock (fixture);
  WAIT (token_opens (fixture, newest, NULL));
  g_assert_false (token_opens (fixture, first.token, NULL));
  set_state (fixture, first.grant->id, OKAP_GRANT_REVOKED, NULL);
  g_assert_false (token_opens (fixture, newest, NULL));
}

/* Whoever starts curl speaks through it: what was allowed once is asked about again. */
static void
test_does_as_told (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) at_once = { 0 };
  g_auto (Outcome) again = { 0 };

  ask_for (fixture, "/usr/bin/curl", BODY, NULL, &first);
  ask_for (fixture, "/usr/bin/curl", BODY, NULL, &at_once);
  WAIT (at_once.n_answers == 1);
  g_assert_error (at_once.error, OKAP_ERROR, OKAP_ERROR_THROTTLED);
  allow (fixture);
  WAIT (first.n_answers == 1);
  g_assert_no_error (first.error);
  ask_for (fixture, "/usr/bin/curl", BODY, NULL, &again);
  refuse (fixture, OKAP_REFUSAL_ONCE);
  WAIT (again.n_answers == 1);
  g_assert_error (again.error, OKAP_ERROR, OKAP_ERROR_USER_DENIED);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static OkapProof *
prove (Fixture *fixture, const char *passphrase, GError **error)
{
  OkapQuestion *question = scripted_prompter_get_question (fixture->prompter);
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (passphrase);
  g_autoptr (GAsyncResult) result = NULL;

  okap_question_prove_async (question, secret, proven_cb, &result);
  WAIT (result != NULL);
  return okap_question_prove_finish (question, result, error);
}

/* @data: whether it is the press that makes it necessary, and not the money */
static void
test_step_up (Fixture *fixture, gconstpointer data)
{
  gboolean unattended = GPOINTER_TO_UINT (data) != 0;
  g_autoptr (OkapProof) used = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Outcome) outcome = { 0 };

  for (guint i = 0; i < 3; i++)  /* without a proof, with one, with one that was used */
    {
      OkapDecision *decision = okap_decision_new_allowed (NULL, 0);

      outcome_clear (&outcome);
      ask_for (fixture, i == 0 ? "/usr/bin/a" : i == 1 ? "/usr/bin/b" : "/usr/bin/c",
               unattended ? BODY : DEAR_BODY, NULL, &outcome);
      WAIT (scripted_prompter_is_shown (fixture->prompter));
      if (i == 1)
        {
          g_assert_null (prove (fixture, "wrong", &error));
          g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
          g_assert_true (scripted_prompter_is_shown (fixture->prompter));
          used = prove (fixture, "correct horse", NULL);
          g_assert_nonnull (used);
        }
      decision->unattended = unattended;
      decision->proof = used != NULL ? okap_proof_ref (used) : NULL;
      scripted_prompter_answer (fixture->prompter, decision);
      WAIT (outcome.n_answers == 1);
      if (i == 1)
        g_assert_no_error (outcome.error);
      else
        g_assert_error (outcome.error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED);
    }
  g_assert_cmpuint (count_live (fixture), ==, 1);
}

static void
test_hold (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) a = { 0 };
  g_auto (Outcome) b = { 0 };
  g_auto (Outcome) late = { 0 };

  okap_broker_set_restricted (fixture->broker, TRUE);
  ask_for (fixture, "/usr/bin/a", BODY, NULL, &a);
  ask_for (fixture, "/usr/bin/b", BODY, NULL, &b);
  settle ();
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, 0);
  okap_broker_set_restricted (fixture->broker, FALSE);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  g_assert_cmpuint (okap_question_get_missed (scripted_prompter_get_question (fixture->prompter)),
                    ==, 2);
  okap_broker_set_restricted (fixture->broker, TRUE);
  g_assert_false (scripted_prompter_is_shown (fixture->prompter));
  g_assert_cmpuint (okap_broker_get_pending (fixture->broker), ==, 2);

  okap_broker_end_session (fixture->broker);
  ask_for (fixture, "/usr/bin/c", BODY, NULL, &late);
  WAIT (a.n_answers == 1 && b.n_answers == 1 && late.n_answers == 1);
  g_assert_error (a.error, OKAP_ERROR, OKAP_ERROR_SESSION_ENDING);
  g_assert_error (b.error, OKAP_ERROR, OKAP_ERROR_SESSION_ENDING);
  g_assert_error (late.error, OKAP_ERROR, OKAP_ERROR_SESSION_ENDING);
}

static void
test_refuse_all_and_always (Fixture *fixture, gconstpointer data)
{
  GListModel *blocks = okap_broker_get_blocks (fixture->broker);
  g_autoptr (OkapBlock) block = NULL;
  g_auto (Outcome) a = { 0 };
  g_auto (Outcome) b = { 0 };

  ask_for (fixture, "/usr/bin/a", BODY, NULL, &a);
  ask_for (fixture, "/usr/bin/b", BODY, NULL, &b);
  refuse (fixture, OKAP_REFUSAL_ALL);
  WAIT (a.n_answers == 1 && b.n_answers == 1);
  g_assert_error (a.error, OKAP_ERROR, OKAP_ERROR_USER_DENIED);
  g_assert_error (b.error, OKAP_ERROR, OKAP_ERROR_USER_DENIED);
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (blocks), ==, 0);

  outcome_clear (&a);
  ask_for (fixture, "/usr/bin/a", BODY, NULL, &a);
  refuse (fixture, OKAP_REFUSAL_ALWAYS);
  WAIT (a.n_answers == 1);
  outcome_clear (&a);
  ask_for (fixture, "/usr/bin/a", BODY, NULL, &a);
  WAIT (a.n_answers == 1);
  g_assert_error (a.error, OKAP_ERROR, OKAP_ERROR_BLOCKED);
  block = g_list_model_get_item (blocks, 0);
  okap_broker_end_block (fixture->broker, block);
  outcome_clear (&a);
  ask_for (fixture, "/usr/bin/a", BODY, NULL, &a);
  allow (fixture);
  WAIT (a.n_answers == 1);
  g_assert_no_error (a.error);
}

static void
keep (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "asking", NULL);

  scripted_prompter_set_attended (fixture->prompter, TRUE);
  okap_broker_keep_rules (fixture->broker, path);
}

/* A block outlasts Okap, and counts before the vault is open; a changed file counts no longer than
 * that. A lower threshold is kept, too. */
static void
test_kept (Fixture *fixture, gconstpointer data)
{
  const OkapThreshold low = { OKAP_NUSD_PER_USD, OKAP_NUSD_PER_USD, OKAP_NUSD_PER_USD };
  g_autofree char *path = g_build_filename (fixture->folder, "asking", NULL);
  g_autoptr (GAsyncResult) set = NULL;
  g_autoptr (GAsyncResult) raised = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (Outcome) outcome = { 0 };

  keep (fixture);
  okap_broker_set_threshold_async (fixture->broker, &low, NULL, done_cb, &set);
  g_assert_true (okap_broker_set_threshold_finish (fixture->broker, wait_for (&set), NULL));
  ask_for (fixture, "/usr/bin/a", BODY, NULL, &outcome);
  refuse (fixture, OKAP_REFUSAL_ALWAYS);
  WAIT (outcome.n_answers == 1);

  close_all (fixture);
  open_all (fixture);
  keep (fixture);
  outcome_clear (&outcome);
  ask_for (fixture, "/usr/bin/a", BODY, NULL, &outcome);
  WAIT (outcome.n_answers == 1);
  g_assert_error (outcome.error, OKAP_ERROR, OKAP_ERROR_BLOCKED);
  unlock (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (okap_broker_get_blocks (fixture->broker)), ==, 1);
  g_assert_cmpint (okap_broker_get_threshold (fixture->broker).daily_nusd, ==, low.daily_nusd);
  {
    const OkapThreshold normal = okap_threshold_get_default ();

    okap_broker_set_threshold_async (fixture->broker, &normal, NULL, done_cb, &raised);
    g_assert_false (okap_broker_set_threshold_finish (fixture->broker, wait_for (&raised),
                                                      &error));
    g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  }

  close_all (fixture);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  text[0] = text[0] == 'a' ? 'b' : 'a';
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  open_all (fixture);
  keep (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (okap_broker_get_blocks (fixture->broker)), ==, 1);
  unlock (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (okap_broker_get_blocks (fixture->broker)), ==, 0);
  g_assert_cmpint (okap_broker_get_threshold (fixture->broker).daily_nusd, >, low.daily_nusd);
}

/* --- everything that can meet an approval --- */

typedef enum
{
  APPROVE,
  REFUSE,
  CLOSE,        /* the caller hangs up */
  LOCK,
  HOLD,
  REVOKE,       /* all grants */
  FAULT,        /* the prompt fails */
  NOTHING,
  N_EVENTS,
} Event;

static void
happen (Fixture *fixture, Event event, GCancellable *gone)
{
  gboolean shown = scripted_prompter_is_shown (fixture->prompter);
  GListModel *grants = okap_broker_get_grants (fixture->broker);

  switch (event)
    {
    case APPROVE:
      if (shown)
        scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
      break;
    case REFUSE:
      if (shown)
        scripted_prompter_answer (fixture->prompter, okap_decision_new_refused ());
      break;
    case CLOSE:
      g_cancellable_cancel (gone);
      break;
    case LOCK:
      okap_vault_lock (fixture->vault);
      break;
    case HOLD:
      okap_broker_set_restricted (fixture->broker, TRUE);
      break;
    case REVOKE:
      for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
        {
          g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);

          okap_broker_set_grant_state_async (fixture->broker, okap_grant_item_get_grant (item)->id,
                                             OKAP_GRANT_REVOKED, "test", NULL, NULL);
        }
      break;
    case FAULT:
      if (shown)
        scripted_prompter_fail (fixture->prompter, OKAP_ERROR_NO_PROMPTER);
      break;
    case NOTHING:
    case N_EVENTS:
    default:
      break;
    }
}

/* One order of three events, with or without a turn of the main loop between, and with a time that
 * is over at once or not. Exactly one answer; a live grant only with it. */
static void
run_order (Fixture *fixture, guint order)
{
  const Event events[] = { order % N_EVENTS, order / N_EVENTS % N_EVENTS };
  gboolean turns = order / N_EVENTS / N_EVENTS % 2 == 1;
  gboolean is_short = order / N_EVENTS / N_EVENTS / 2 == 1;
  g_autofree char *program = g_strdup_printf ("/usr/bin/p%u", order);
  g_autoptr (OkapCaller) caller = make_program (program, 42);
  g_autoptr (OkapAsk) ask = make_ask (BODY, caller);
  g_autoptr (GCancellable) gone = g_cancellable_new ();
  g_auto (Outcome) outcome = { 0 };

  ask->wait_s = is_short ? 0 : 300;
  okap_broker_authorize_async (fixture->broker, ask, gone, outcome_cb, &outcome);
  if (!is_short)
    WAIT (scripted_prompter_is_shown (fixture->prompter));
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      happen (fixture, events[i], gone);
      if (turns)
        g_main_context_iteration (NULL, FALSE);
    }
  settle ();
  okap_broker_set_restricted (fixture->broker, FALSE);
  g_cancellable_cancel (gone);
  WAIT (outcome.n_answers > 0);
  if (okap_vault_get_state (fixture->vault) != OKAP_VAULT_UNLOCKED)
    unlock (fixture);
  settle ();
  g_assert_cmpuint (outcome.n_answers, ==, 1);
  g_assert_true ((outcome.grant != NULL) != (outcome.error != NULL));
  g_assert_cmpuint (okap_broker_get_pending (fixture->broker), ==, 0);
  g_assert_false (scripted_prompter_is_shown (fixture->prompter));
  {
    g_autoptr (GAsyncResult) result = NULL;

    okap_broker_unlock_async (fixture->broker, fixture->passphrase, done_cb, &result);
    WAIT (result != NULL);  /* all grants are read */
  }
  WAIT (outcome.grant != NULL || count_live (fixture) == 0);
  g_assert_cmpuint (count_live (fixture), <=, outcome.grant != NULL ? 1 : 0);
  happen (fixture, REVOKE, gone);
  settle ();
}

static void
test_orders (Fixture *fixture, gconstpointer data)
{
  guint n = N_EVENTS * N_EVENTS * 2 * 2;

  scripted_prompter_set_attended (fixture->prompter, FALSE);
  for (guint order = 0; order < n; order++)
    {
      g_test_message ("order %u", order);
      run_order (fixture, order);
    }
  g_test_message ("%u interleavings", n);
}

/* 10,000 requests while one question is open: few questions, little waiting, all are answered. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  guint n_programs = GPOINTER_TO_UINT (data);
  g_autoptr (GCancellable) gone = g_cancellable_new ();
  g_autofree Outcome *outcomes = g_new0 (Outcome, 10000);
  gint64 start_us = g_get_monotonic_time ();
  guint n_answered = 0;

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *program = g_strdup_printf ("/usr/bin/p%u", i % n_programs);
      g_autofree char *body = g_strdup_printf (REQUEST ("demo", "{\"monthly_spend\":%u}"),
                                               1 + i / n_programs % 40);

      ask_for (fixture, program, body, gone, &outcomes[i]);
      g_assert_cmpuint (okap_broker_get_pending (fixture->broker), <=, OKAP_CAP_PENDING_REQUESTS);
    }
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  g_cancellable_cancel (gone);
  WAIT (okap_broker_get_pending (fixture->broker) == 0);
  settle ();
  for (guint i = 0; i < 10000; i++)
    {
      n_answered += outcomes[i].n_answers;
      outcome_clear (&outcomes[i]);
    }
  g_assert_cmpuint (n_answered, ==, 10000);
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), <=, OKAP_CAP_PENDING_REQUESTS);
  g_test_message ("%u programs: %u questions, %.2f s", n_programs,
                  scripted_prompter_get_asked (fixture->prompter),
                  (double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up_attended, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/consent/joined", test_joined);
  ADD ("/consent/first-leaves", test_first_leaves);
  ADD ("/consent/given-again", test_given_again);
  ADD ("/consent/does-as-told", test_does_as_told);
  ADD ("/consent/step-up", test_step_up);
  g_test_add ("/consent/step-up/unattended", Fixture, GUINT_TO_POINTER (1), set_up_attended,
              test_step_up, tear_down);
  ADD ("/consent/hold", test_hold);
  ADD ("/consent/refuse-all-and-always", test_refuse_all_and_always);
  ADD ("/consent/kept", test_kept);
  ADD ("/consent/orders", test_orders);
  g_test_add ("/consent/flood/1", Fixture, GUINT_TO_POINTER (1), set_up_attended, test_flood,
              tear_down);
  g_test_add ("/consent/flood/200", Fixture, GUINT_TO_POINTER (200), set_up_attended, test_flood,
              tear_down);
  return g_test_run ();
}
