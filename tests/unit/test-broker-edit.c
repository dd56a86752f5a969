/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grants are changed, given more, revoked and given back, and made by hand: with the real vault,
 * store and gate. */
#include "broker-fixture.h"

#include <unistd.h>

#include "okap-money.h"

#define CENT (OKAP_NUSD_PER_USD / 100)

/* Ends, and begins anew. */
static void
start_again (Fixture *fixture, const char *grant_id)
{
  close_all (fixture);
  open_all (fixture);
  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, grant_id) != NULL);
}

/* A grant for two models and two uses, at most a dollar a day. (transfer full): its token */
static OkapSecret *
get_grant (Fixture *fixture)
{
  ask (fixture, REQUEST ("demo", "{\"daily_spend\":1}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
  WAIT (fixture->answered);
  g_assert_no_error (fixture->error);
  return okap_secret_ref (fixture->token);
}

static OkapGrant *
find (Fixture *fixture)
{
  return okap_broker_find_grant (fixture->broker, fixture->grant->id);
}

static OkapScope *
find_scope (Fixture *fixture)
{
  return okap_grant_get_scope (find (fixture), "demo");
}

/* An edit that leaves all as it is; @out_scope: (transfer none): to be changed. */
static OkapGrantEdit *
make_edit (Fixture *fixture, OkapScope **out_scope)
{
  OkapGrantEdit *edit = okap_grant_edit_new ();

  *out_scope = okap_scope_copy (find_scope (fixture));
  edit->scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  g_ptr_array_add (edit->scopes, *out_scope);
  return edit;
}

static void
edit_with (Fixture *fixture, const OkapGrantEdit *edit, const char *passphrase, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OkapSecret) secret = passphrase != NULL ? okap_secret_new_from_string (passphrase)
                                                     : NULL;

  okap_broker_edit_grant_async (fixture->broker, fixture->grant->id, edit, secret, done_cb,
                                &result);
  okap_broker_set_grant_state_finish (fixture->broker, wait_for (&result), error);
}

static void
allow_more (Fixture *fixture, gint64 nusd, const char *passphrase, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OkapSecret) secret = passphrase != NULL ? okap_secret_new_from_string (passphrase)
                                                     : NULL;

  okap_broker_allow_more_async (fixture->broker, fixture->grant->id, "demo", nusd, secret, done_cb,
                                &result);
  okap_broker_set_grant_state_finish (fixture->broker, wait_for (&result), error);
}

static gboolean
admit (Fixture *fixture, OkapSecret *token, const char *model, gint64 nusd, OkapLease *out_lease)
{
  const OkapAdmission admission = { .capability = OKAP_CAPABILITY_CHAT, .model = model,
                                    .counted = TRUE, .request_id = "r", .worst_nusd = nusd,
                                    .least_nusd = nusd };
  g_autoptr (OkapAccess) access = okap_gate_identify (fixture->gate, okap_secret_get_text (token),
                                                      okap_secret_get_length (token), "demo",
                                                      NULL, NULL);
  guint retry_after_s;

  return access != NULL && okap_gate_admit (fixture->gate, access, &admission, out_lease,
                                            &retry_after_s, NULL);
}

static void
settle (Fixture *fixture, OkapLease *lease, gint64 nusd)
{
  g_autoptr (OkapUsage) usage = okap_usage_new ();

  usage->request_id = g_strdup ("r");
  usage->grant_id = g_strdup (fixture->grant->id);
  usage->app = g_strdup ("T");
  usage->provider = g_strdup ("demo");
  usage->cost_nusd = nusd;
  usage->http_status = 200;
  okap_gate_settle (fixture->gate, lease, usage);
}

static OkapStanding
get_standing (Fixture *fixture, OkapLimit limit)
{
  OkapStanding standings[OKAP_N_LIMITS];
  guint n = okap_gate_get_standings (fixture->gate, fixture->grant->id, "demo", standings);

  for (guint i = 0; i < n; i++)
    if (standings[i].limit == limit)
      return standings[i];
  g_assert_not_reached ();
}

static gboolean
trail_says (Fixture *fixture, const char *event, const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  GError *error = NULL;

  okap_store_list_audit_async (fixture->store, 0, 50, done_cb, &result);
  lines = okap_store_list_audit_finish (fixture->store, wait_for (&result), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < lines->len; i++)
    {
      const OkapAuditEntry *entry = g_ptr_array_index (lines, i);

      if (g_str_equal (entry->event, event) && strstr (entry->detail, words) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* What narrows needs nothing, holds before the call returns, and outlasts us. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_grant (fixture);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OkapGrantEdit) edit = NULL;
  OkapScope *scope;
  OkapLease lease;

  edit = make_edit (fixture, &scope);
  g_clear_pointer (&scope->models[1], g_free);
  okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, 10 * CENT);
  okap_broker_edit_grant_async (fixture->broker, fixture->grant->id, edit, NULL, done_cb, &result);
  g_assert_null (result);
  g_assert_false (admit (fixture, token, "demo-large", CENT, &lease));
  g_assert_false (admit (fixture, token, "demo-fast", 11 * CENT, &lease));
  g_assert_true (admit (fixture, token, "demo-fast", 10 * CENT, &lease));
  g_assert_true (okap_broker_set_grant_state_finish (fixture->broker, wait_for (&result), NULL));
  settle (fixture, &lease, CENT);

  g_assert_cmpuint (find (fixture)->version, ==, 2);
  g_assert_true (trail_says (fixture, "grant.changed", "not the model demo-large any more"));
  start_again (fixture, fixture->grant->id);
  g_assert_cmpuint (find (fixture)->version, ==, 2);
  g_assert_cmpint (find_scope (fixture)->limits.value[OKAP_LIMIT_DAILY_SPEND], ==, 10 * CENT);
  WAIT (okap_gate_is_unlocked (fixture->gate));
  g_assert_true (token_opens (fixture, token, NULL));
}

/* What runs keeps what is set aside for it. Nothing more is let in until the lowered limit holds
 * again, and what was set aside is all that it can be passed by. */
static void
test_narrow_below (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_grant (fixture);
  g_autoptr (OkapGrantEdit) edit = NULL;
  OkapStanding standing;
  OkapScope *scope;
  OkapLease lease, more;
  GError *error = NULL;

  g_assert_true (admit (fixture, token, "demo-fast", 80 * CENT, &lease));
  edit = make_edit (fixture, &scope);
  okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, 50 * CENT);
  edit_with (fixture, edit, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (admit (fixture, token, "demo-fast", 1, &more));
  settle (fixture, &lease, 90 * CENT);  /* more than was set aside: has no room */
  standing = get_standing (fixture, OKAP_LIMIT_DAILY_SPEND);
  g_assert_cmpint (standing.cap, ==, 50 * CENT);
  g_assert_cmpint (standing.settled, ==, 80 * CENT);
  g_assert_cmpint (standing.reserved, ==, 0);
  g_assert_false (admit (fixture, token, "demo-fast", 1, &more));
}

static void
raise_cap (Fixture *fixture, OkapGrantEdit *edit, OkapScope *scope)
{
  okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, 5 * OKAP_NUSD_PER_USD);
}

static void
drop_cap (Fixture *fixture, OkapGrantEdit *edit, OkapScope *scope)
{
  scope->limits.set &= ~(1u << OKAP_LIMIT_DAILY_SPEND);
}

static void
all_models (Fixture *fixture, OkapGrantEdit *edit, OkapScope *scope)
{
  g_clear_pointer (&scope->models[0], g_free);
  g_clear_pointer (&scope->models[1], g_free);
}

static void
more_use (Fixture *fixture, OkapGrantEdit *edit, OkapScope *scope)
{
  scope->capabilities |= OKAP_CAPABILITY_IMAGES;
}

static void
carried (Fixture *fixture, OkapGrantEdit *edit, OkapScope *scope)
{
  edit->has_portable = TRUE;
  edit->portable = TRUE;
}

static void
raise_and_lower (Fixture *fixture, OkapGrantEdit *edit, OkapScope *scope)
{
  raise_cap (fixture, edit, scope);
  g_clear_pointer (&scope->models[1], g_free);
}

static const struct
{
  const char *name;
  void (*change) (Fixture *fixture, OkapGrantEdit *edit, OkapScope *scope);
} widenings[] = {
  { "a higher limit", raise_cap }, { "a limit less", drop_cap }, { "all models", all_models },
  { "more use", more_use }, { "portable", carried },
  { "more here and less there", raise_and_lower },
};

/* Nothing of what widens passes without the passphrase, nor with a wrong one; nor does what narrows
 * in the same edit. With the right one all of it holds. */
static void
test_widen (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (widenings); i++)
    {
      g_autoptr (OkapSecret) token = get_grant (fixture);
      g_autoptr (OkapGrantEdit) edit = NULL;
      g_autoptr (OkapGrant) before = okap_grant_ref (find (fixture));
      OkapScope *scope;
      GError *error = NULL;

      g_test_message ("%s", widenings[i].name);
      edit = make_edit (fixture, &scope);
      widenings[i].change (fixture, edit, scope);
      edit_with (fixture, edit, NULL, &error);
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
      g_clear_error (&error);
      edit_with (fixture, edit, "wrong horse", &error);
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
      g_clear_error (&error);
      g_assert_true (find (fixture) == before);

      edit_with (fixture, edit, "correct horse", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (find (fixture)->version, ==, before->version + 1);
      g_assert_true (token_opens (fixture, token, NULL));
    }
}

/* It was narrowed by somebody else while the passphrase was typed: what was decided is what comes,
 * made of what is there then. */
static void
test_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_grant (fixture);
  g_autoptr (OkapGrantEdit) edit = NULL;
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string ("correct horse");
  g_autoptr (GAsyncResult) result = NULL;
  OkapScope *scope;
  GError *error = NULL;

  edit = make_edit (fixture, &scope);
  raise_cap (fixture, edit, scope);
  okap_broker_edit_grant_async (fixture->broker, fixture->grant->id, edit, secret, done_cb,
                                &result);
  set_state (fixture, fixture->grant->id, OKAP_GRANT_REVOKED, &error);
  g_assert_no_error (error);
  g_assert_false (okap_broker_set_grant_state_finish (fixture->broker, wait_for (&result),
                                                      &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (token_opens (fixture, token, NULL));
}

static void
test_more (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_grant (fixture);
  OkapLease lease;
  GError *error = NULL;

  g_assert_true (admit (fixture, token, "demo-fast", 100 * CENT, &lease));
  settle (fixture, &lease, 100 * CENT);
  g_assert_false (admit (fixture, token, "demo-fast", 1, &lease));
  allow_more (fixture, 100 * CENT, NULL, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  allow_more (fixture, 100 * CENT, "wrong horse", &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_false (admit (fixture, token, "demo-fast", 1, &lease));

  allow_more (fixture, 100 * CENT, "correct horse", &error);
  g_assert_no_error (error);
  g_assert_true (trail_says (fixture, "grant.changed", "$1.00 more until the day is over"));
  start_again (fixture, fixture->grant->id);
  WAIT (okap_gate_is_unlocked (fixture->gate));
  g_assert_cmpint (find_scope (fixture)->extra.nusd, ==, 100 * CENT);
  g_assert_cmpint (get_standing (fixture, OKAP_LIMIT_DAILY_SPEND).cap, ==, 200 * CENT);
}

static void
take_away (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_broker_revoke_async (fixture->broker, fixture->grant->id, "test", done_cb, &result);
  okap_broker_set_grant_state_finish (fixture->broker, wait_for (&result), error);
}

static void
give_back (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_broker_undo_revoke_async (fixture->broker, fixture->grant->id, done_cb, &result);
  okap_broker_set_grant_state_finish (fixture->broker, wait_for (&result), error);
}

static void
test_undo (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_grant (fixture);
  GError *error = NULL;

  give_back (fixture, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  set_state (fixture, fixture->grant->id, OKAP_GRANT_PAUSED, &error);
  take_away (fixture, &error);
  g_assert_no_error (error);
  g_assert_false (token_opens (fixture, token, NULL));
  give_back (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpint (find (fixture)->state, ==, OKAP_GRANT_PAUSED);  /* as it was, and no more */
  set_state (fixture, fixture->grant->id, OKAP_GRANT_ACTIVE, &error);
  g_assert_true (token_opens (fixture, token, NULL));
  give_back (fixture, &error);  /* once */
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  start_again (fixture, fixture->grant->id);
  g_assert_cmpint (find (fixture)->state, ==, OKAP_GRANT_ACTIVE);
}

/* It is over after ten seconds, with a restart, a lock, and a second revocation by whomever. */
static void
test_undo_over (Fixture *fixture, gconstpointer data)
{
  OkapClock *clock = fixture->clock;

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (OkapSecret) token = get_grant (fixture);
      GError *error = NULL;

      take_away (fixture, &error);
      g_assert_no_error (error);
      if (i == 0)
        okap_clock_advance (clock, OKAP_UNDO_S * OKAP_SECOND_US);
      else if (i == 1)
        start_again (fixture, fixture->grant->id);
      else if (i == 2)
        {
          okap_vault_lock (fixture->vault);
          unlock (fixture);
          WAIT (okap_broker_find_grant (fixture->broker, fixture->grant->id) != NULL);
        }
      else
        set_state (fixture, fixture->grant->id, OKAP_GRANT_REVOKED, &error);
      g_assert_no_error (error);
      give_back (fixture, &error);
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
      g_clear_error (&error);
      WAIT (okap_gate_is_unlocked (fixture->gate));
      g_assert_false (token_opens (fixture, token, NULL));
    }
}

static void
set_up_fake (Fixture *fixture, gconstpointer data)
{
  fixture->clock = okap_clock_new_fake (g_get_real_time ());
  set_up (fixture, data);
}

static void
tear_down_fake (Fixture *fixture, gconstpointer data)
{
  OkapClock *clock = fixture->clock;

  tear_down (fixture, data);
  okap_clock_free_fake (clock);
}

/* --- by hand --- */

/* A grant that its own window makes: (nullable) (transfer full): if the program will do. */
static OkapQuestion *
prepare (Fixture *fixture, const char *program, gint64 daily_nusd, GError **error)
{
  const char *body = REQUEST ("demo", "{}");
  g_autoptr (OkapRequest) request = okap_request_parse (body, strlen (body), g_get_real_time (),
                                                        NULL);
  g_autoptr (GAsyncResult) result = NULL;
  OkapScope *scope = g_ptr_array_index (request->scopes, 0);

  okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, daily_nusd);
  request->portable = program == NULL;
  request->bind_program = g_strdup (program);
  okap_broker_prepare_async (fixture->broker, request, done_cb, &result);
  return okap_broker_prepare_finish (fixture->broker, wait_for (&result), error);
}

static void
decide (Fixture *fixture, OkapQuestion *question, OkapProof *proof, gboolean unattended)
{
  g_autoptr (OkapDecision) decision = okap_decision_new_allowed (NULL, 0);

  decision->portable = okap_question_get_request (question)->portable;
  decision->unattended = unattended;
  decision->proof = proof != NULL ? okap_proof_ref (proof) : NULL;
  fixture->answered = FALSE;
  okap_broker_make_async (fixture->broker, question, decision, answered_cb, fixture);
  WAIT (fixture->answered);
}

static OkapProof *
prove (Fixture *fixture, OkapQuestion *question)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;
  OkapProof *proof;

  okap_question_prove_async (question, fixture->passphrase, done_cb, &result);
  proof = okap_question_prove_finish (question, wait_for (&result), &error);
  g_assert_no_error (error);
  return proof;
}

static void
test_by_hand (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapQuestion) question = NULL;
  GError *error = NULL;

  unlock (fixture);
  question = prepare (fixture, "/bin/ls", CENT, &error);
  g_assert_no_error (error);
  decide (fixture, question, NULL, FALSE);
  g_assert_no_error (fixture->error);
  g_assert_false (fixture->grant->portable);
  g_assert_cmpstr (fixture->grant->identity->program, ==, "/usr/bin/ls");
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, 0);
  g_assert_true (trail_says (fixture, "grant.created", "You, in Okap’s own window"));
  g_assert_true (okap_broker_find_grant (fixture->broker, fixture->grant->id) != NULL);
}

/* For whoever has the token; it lives as long as was said, since a person made it so. */
static void
test_by_hand_portable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapQuestion) question = NULL;

  unlock (fixture);
  question = prepare (fixture, NULL, CENT, NULL);
  decide (fixture, question, NULL, FALSE);
  g_assert_no_error (fixture->error);
  g_assert_true (fixture->grant->portable);
  g_assert_cmpint (fixture->grant->expires_us - fixture->grant->created_us, >, 20 * OKAP_DAY_US);
  g_assert_true (token_opens (fixture, fixture->token, NULL));
}

/* What takes the passphrase in a dialog takes it here. */
static void
test_by_hand_step_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapQuestion) small = NULL;
  g_autoptr (OkapQuestion) large = NULL;
  g_autoptr (OkapProof) proof = NULL;

  unlock (fixture);
  small = prepare (fixture, NULL, CENT, NULL);
  decide (fixture, small, NULL, TRUE);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED);
  large = prepare (fixture, NULL, 1000 * OKAP_NUSD_PER_USD, NULL);
  g_assert_cmpint (okap_question_find_step_up (large, NULL), ==, OKAP_STEP_UP_THRESHOLD);
  decide (fixture, large, NULL, FALSE);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED);
  proof = prove (fixture, small);
  decide (fixture, large, proof, FALSE);  /* of another question */
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED);
  okap_proof_unref (proof);
  proof = prove (fixture, large);
  decide (fixture, large, proof, FALSE);
  g_assert_no_error (fixture->error);
}

static void
test_by_hand_refused (Fixture *fixture, gconstpointer data)
{
  GError *error = NULL;

  g_assert_null (prepare (fixture, "/nowhere/at/all", CENT, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_null (prepare (fixture, "/bin/sh", CENT, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
}

int
main (int argc, char *argv[])
{
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/broker-edit/narrow", test_narrow);
  ADD ("/broker-edit/narrow-below", test_narrow_below);
  ADD ("/broker-edit/widen", test_widen);
  ADD ("/broker-edit/meanwhile", test_meanwhile);
  ADD ("/broker-edit/more", test_more);
  ADD ("/broker-edit/undo", test_undo);
  g_test_add ("/broker-edit/undo-over", Fixture, NULL, set_up_fake, test_undo_over,
              tear_down_fake);
  ADD ("/broker-edit/by-hand", test_by_hand);
  ADD ("/broker-edit/by-hand-portable", test_by_hand_portable);
  ADD ("/broker-edit/by-hand-step-up", test_by_hand_step_up);
  ADD ("/broker-edit/by-hand-refused", test_by_hand_refused);
  return g_test_run ();
}
