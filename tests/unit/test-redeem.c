/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a code to a token: which program gets it, and to which one the grant belongs then. */
#include "broker-fixture.h"
#include "okap-redeem.h"

/* RFC 7636, appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define OTHER_VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXm"

static OkapCaller *
make_caller (OkapDoor door, OkapIdentityKind kind, const char *what)
{
  g_autoptr (OkapIdentity) identity = NULL;

  if (kind == OKAP_IDENTITY_UNKNOWN)
    identity = okap_identity_new_unknown (what != NULL ? OKAP_DOUBT_LINK : OKAP_DOUBT_GONE);
  else
    {
      identity = okap_identity_new (kind);
      if (kind == OKAP_IDENTITY_WEBSITE)
        identity->origin = g_strdup (what);
      else
        identity->program = g_strdup (what);
      okap_identity_seal (identity);
    }
  return okap_caller_new (door, 1000, 42, identity);
}

/* What the person typed, where the question needs it. */
static OkapProof *
prove (Fixture *fixture)
{
  OkapQuestion *question = scripted_prompter_get_question (fixture->prompter);
  g_autoptr (GAsyncResult) result = NULL;

  if (okap_question_find_step_up (question, NULL) == OKAP_STEP_UP_NONE)
    return NULL;
  okap_question_prove_async (question, fixture->passphrase, done_cb, &result);
  return okap_question_prove_finish (question, wait_for (&result), NULL);
}

/* Lets a person allow what @caller asks, and gives the code for it. */
static char *
get_code (Fixture *fixture, OkapCaller *caller, gboolean portable)
{
  const char *body = REQUEST ("demo", "{}");
  g_autoptr (OkapRequest) request = okap_request_parse (body, strlen (body), g_get_real_time (),
                                                        NULL);
  g_autoptr (OkapAsk) ask = okap_ask_new (request, caller);
  OkapDecision *decision = okap_decision_new_allowed (NULL, 0);

  decision->portable = portable;
  forget_answer (fixture);
  okap_broker_authorize_async (fixture->broker, ask, NULL, answered_cb, fixture);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  decision->proof = prove (fixture);
  scripted_prompter_answer (fixture->prompter, decision);
  WAIT (fixture->answered);
  g_assert_no_error (fixture->error);
  return okap_codes_issue (okap_broker_get_codes (fixture->broker), fixture->grant, fixture->token,
                           CHALLENGE);
}

/* Whether it is redeemed for @caller; the answer is in @fixture. */
static gboolean
redeem (Fixture *fixture, const char *code, const char *verifier, OkapCaller *caller)
{
  g_autoptr (GAsyncResult) result = NULL;

  forget_answer (fixture);
  okap_redeem_async (fixture->broker, code, verifier, caller, done_cb, &result);
  wait_for (&result);
  fixture->grant = okap_redeem_finish (fixture->broker, result, &fixture->token, &fixture->error);
  g_assert_true ((fixture->grant != NULL) == (fixture->token != NULL));
  g_assert_true ((fixture->grant != NULL) == (fixture->error == NULL));
  return fixture->grant != NULL;
}

static gboolean
opens_for (Fixture *fixture, OkapSecret *token, OkapCaller *caller)
{
  g_autoptr (OkapAccess) access = okap_gate_identify (fixture->gate, okap_secret_get_text (token),
                                                      okap_secret_get_length (token), "demo",
                                                      caller, NULL);

  return access != NULL;
}

static void
test_wrong_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_BUS, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autoptr (OkapCaller) other = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/x");
  g_autoptr (OkapCaller) unknown = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_UNKNOWN, NULL);
  g_autofree char *code = get_code (fixture, app, FALSE);
  GListModel *misuses = okap_misuse_watch_get_list (okap_broker_get_misuse_watch (fixture->broker));

  g_assert_false (redeem (fixture, code, OTHER_VERIFIER, other));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_CODE_VERIFIER);
  g_assert_false (redeem (fixture, code, VERIFIER, other));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM);
  g_assert_false (redeem (fixture, code, VERIFIER, unknown));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM);
  WAIT (g_list_model_get_n_items (misuses) == 2);

  g_assert_true (redeem (fixture, code, VERIFIER, app));
  g_assert_true (opens_for (fixture, fixture->token, app));
  g_assert_false (opens_for (fixture, fixture->token, other));
}

static void
test_second_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_BUS, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autofree char *code = get_code (fixture, app, FALSE);
  g_autoptr (OkapSecret) token = NULL;

  g_assert_true (redeem (fixture, code, VERIFIER, app));
  token = okap_secret_ref (fixture->token);
  g_assert_false (redeem (fixture, code, OTHER_VERIFIER, app));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_CODE_VERIFIER);
  g_assert_true (opens_for (fixture, token, app));
  g_assert_false (redeem (fixture, code, VERIFIER, app));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_CODE_USED);
  g_assert_false (opens_for (fixture, token, app));
}

static void
test_link_is_bound (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) link = make_caller (OKAP_DOOR_LINK, OKAP_IDENTITY_UNKNOWN, "link");
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autoptr (OkapCaller) other = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/x");
  g_autofree char *code = get_code (fixture, link, FALSE);
  g_autofree char *id = NULL;
  g_autoptr (OkapSecret) token = NULL;

  g_assert_true (redeem (fixture, code, VERIFIER, app));
  g_assert_cmpuint (fixture->grant->version, ==, 2);
  g_assert_cmpstr (fixture->grant->identity->program, ==, "/usr/bin/app");
  token = okap_secret_ref (fixture->token);
  id = g_strdup (fixture->grant->id);
  g_assert_true (opens_for (fixture, token, app));
  g_assert_false (opens_for (fixture, token, other));

  /* on the disk, too */
  forget_answer (fixture);
  close_all (fixture);
  open_all (fixture);
  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  g_assert_cmpstr (okap_broker_find_grant (fixture->broker, id)->identity->program, ==,
                   "/usr/bin/app");
}

/* Whoever cannot be told apart has the token and nothing else, for a day, as at other doors. */
static void
test_link_to_unknown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) link = make_caller (OKAP_DOOR_LINK, OKAP_IDENTITY_UNKNOWN, "link");
  g_autoptr (OkapCaller) unknown = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_UNKNOWN, NULL);
  g_autofree char *code = get_code (fixture, link, FALSE);

  g_assert_true (redeem (fixture, code, VERIFIER, unknown));
  g_assert_cmpint (fixture->grant->identity->kind, ==, OKAP_IDENTITY_UNKNOWN);
  g_assert_cmpint (fixture->grant->expires_us, <=,
                   fixture->grant->created_us + OKAP_CAP_UNKNOWN_GRANT_S * OKAP_SECOND_US);
  g_assert_true (opens_for (fixture, fixture->token, unknown));
}

static void
test_portable_stays (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) link = make_caller (OKAP_DOOR_LINK, OKAP_IDENTITY_UNKNOWN, "link");
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autoptr (OkapCaller) other = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/x");
  g_autofree char *code = get_code (fixture, link, TRUE);

  g_assert_true (redeem (fixture, code, VERIFIER, app));
  g_assert_cmpuint (fixture->grant->version, ==, 1);
  g_assert_true (opens_for (fixture, fixture->token, other));
}

/* Whoever asked in the name of another program has nothing of it, though any may use the token. */
static void
test_portable_for_its_asker (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_BUS, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autoptr (OkapCaller) other = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/x");
  g_autoptr (OkapCaller) unknown = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_UNKNOWN, NULL);
  g_autofree char *code = get_code (fixture, app, TRUE);

  g_assert_false (redeem (fixture, code, VERIFIER, other));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM);
  g_assert_false (redeem (fixture, code, VERIFIER, unknown));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM);
  g_assert_true (redeem (fixture, code, VERIFIER, app));
  g_assert_true (opens_for (fixture, fixture->token, other));
}

static void
test_website (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) link = make_caller (OKAP_DOOR_LINK, OKAP_IDENTITY_WEBSITE,
                                             "https://a.example");
  g_autoptr (OkapCaller) page = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_WEBSITE,
                                             "https://a.example");
  g_autoptr (OkapCaller) other = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_WEBSITE,
                                              "https://b.example");
  g_autofree char *code = get_code (fixture, link, FALSE);

  g_assert_false (redeem (fixture, code, VERIFIER, other));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM);
  g_assert_true (redeem (fixture, code, VERIFIER, page));
  g_assert_cmpuint (fixture->grant->version, ==, 1);
  g_assert_true (opens_for (fixture, fixture->token, page));
  g_assert_false (opens_for (fixture, fixture->token, other));
}

/* The site passed its code to a program: the token is the program's, and not the site's any more.
 */
static void
test_website_to_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) link = make_caller (OKAP_DOOR_LINK, OKAP_IDENTITY_WEBSITE,
                                             "https://a.example");
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autofree char *code = get_code (fixture, link, FALSE);

  g_assert_true (redeem (fixture, code, VERIFIER, app));
  g_assert_true (opens_for (fixture, fixture->token, app));
  g_assert_false (opens_for (fixture, fixture->token, link));
}

static void
test_revoked_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) link = make_caller (OKAP_DOOR_LINK, OKAP_IDENTITY_UNKNOWN, "link");
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autofree char *code = get_code (fixture, link, FALSE);
  g_autofree char *id = g_strdup (fixture->grant->id);
  GError *error = NULL;

  set_state (fixture, id, OKAP_GRANT_REVOKED, &error);
  g_assert_no_error (error);
  g_assert_false (redeem (fixture, code, VERIFIER, app));
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED);
}

/* The disk does not take the program: nobody gets the token. */
static void
test_not_written (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCaller) link = make_caller (OKAP_DOOR_LINK, OKAP_IDENTITY_UNKNOWN, "link");
  g_autoptr (OkapCaller) app = make_caller (OKAP_DOOR_TCP, OKAP_IDENTITY_INSTALLED, "/usr/bin/app");
  g_autofree char *code = get_code (fixture, link, FALSE);
  g_autofree char *id = g_strdup (fixture->grant->id);

  okap_store_close (fixture->store);
  g_assert_false (redeem (fixture, code, VERIFIER, app));
  g_assert_nonnull (fixture->error);
  g_assert_cmpint (okap_broker_find_grant (fixture->broker, id)->state, ==, OKAP_GRANT_REVOKED);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/redeem/wrong-program", test_wrong_program);
  ADD ("/redeem/second-use", test_second_use);
  ADD ("/redeem/link-is-bound", test_link_is_bound);
  ADD ("/redeem/link-to-unknown", test_link_to_unknown);
  ADD ("/redeem/portable-stays", test_portable_stays);
  ADD ("/redeem/portable-for-its-asker", test_portable_for_its_asker);
  ADD ("/redeem/website", test_website);
  ADD ("/redeem/website-to-program", test_website_to_program);
  ADD ("/redeem/revoked-meanwhile", test_revoked_meanwhile);
  ADD ("/redeem/not-written", test_not_written);
  return g_test_run ();
}
