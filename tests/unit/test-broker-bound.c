/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bound grants through the broker: further programs that a person lets use a token. */
#include "broker-fixture.h"

static OkapIdentity *
make_identity (const char *program)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);

  identity->program = g_strdup (program);
  return okap_identity_seal (identity);
}

/* @identity asks; finishes when the question is shown or the request is refused. */
static void
ask_as (Fixture *fixture, OkapIdentity *identity, gboolean portable, const char *bind_program)
{
  const char *body = REQUEST ("demo", "{}");
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_TCP, 1000, 42, identity);
  g_autoptr (OkapRequest) request = NULL;
  g_autoptr (OkapAsk) ask = NULL;
  GError *error = NULL;

  request = okap_request_parse (body, strlen (body), g_get_real_time (), &error);
  g_assert_no_error (error);
  forget_answer (fixture);
  request->portable = portable;
  request->bind_program = g_strdup (bind_program);
  ask = okap_ask_new (request, caller);
  ask->wait_s = 300;
  okap_broker_authorize_async (fixture->broker, ask, NULL, answered_cb, fixture);
  WAIT (scripted_prompter_is_shown (fixture->prompter) || fixture->answered);
}

static OkapSecret *
say_yes (Fixture *fixture, gboolean portable)
{
  OkapDecision *decision = okap_decision_new_allowed (NULL, 0);

  decision->portable = portable;
  scripted_prompter_answer (fixture->prompter, decision);
  WAIT (fixture->answered);
  g_assert_no_error (fixture->error);
  return okap_secret_ref (fixture->token);
}

/* Asks as @program would, and says yes. */
static OkapSecret *
get_bound (Fixture *fixture, const char *program)
{
  g_autoptr (OkapIdentity) identity = make_identity (program);

  ask_as (fixture, identity, FALSE, NULL);
  return say_yes (fixture, FALSE);
}

static gboolean
opens_for (Fixture *fixture, OkapSecret *token, const char *program)
{
  g_autoptr (OkapIdentity) identity = make_identity (program);
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_SOCKET, 1000, 43, identity);
  g_autoptr (OkapAccess) access = okap_gate_identify (fixture->gate, okap_secret_get_text (token),
                                                      okap_secret_get_length (token), "demo",
                                                      caller, NULL);

  return access != NULL;
}

static void
allow (Fixture *fixture, const char *grant_id, OkapIdentity *identity, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_broker_allow_program_async (fixture->broker, grant_id, identity, done_cb, &result);
  okap_broker_allow_program_finish (fixture->broker, wait_for (&result), error);
}

static guint
count_misuses (Fixture *fixture)
{
  OkapMisuseWatch *watch = okap_broker_get_misuse_watch (fixture->broker);

  while (g_main_context_iteration (NULL, FALSE))
    ;
  return g_list_model_get_n_items (okap_misuse_watch_get_list (watch));
}

static void
test_allowed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_bound (fixture, "/usr/bin/a");
  g_autoptr (OkapIdentity) b = make_identity ("/usr/bin/b");
  g_autofree char *id = g_strdup (fixture->grant->id);
  g_autoptr (GError) error = NULL;

  g_assert_true (opens_for (fixture, token, "/usr/bin/a"));
  g_assert_false (opens_for (fixture, token, "/usr/bin/b"));
  g_assert_false (opens_for (fixture, token, "/usr/bin/c"));
  g_assert_cmpuint (count_misuses (fixture), ==, 2);

  allow (fixture, id, b, &error);
  g_assert_no_error (error);
  g_assert_true (opens_for (fixture, token, "/usr/bin/a"));
  g_assert_true (opens_for (fixture, token, "/usr/bin/b"));
  g_assert_false (opens_for (fixture, token, "/usr/bin/c"));
  g_assert_cmpuint (count_misuses (fixture), ==, 1);
  g_assert_cmpuint (okap_broker_find_grant (fixture->broker, id)->version, ==, 2);

  /* Once more changes nothing. */
  allow (fixture, id, b, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (okap_broker_find_grant (fixture->broker, id)->version, ==, 2);

  /* It was written down. */
  okap_vault_lock (fixture->vault);
  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  WAIT (opens_for (fixture, token, "/usr/bin/a"));
  g_assert_true (opens_for (fixture, token, "/usr/bin/b"));
  g_assert_false (opens_for (fixture, token, "/usr/bin/c"));

  set_state (fixture, id, OKAP_GRANT_REVOKED, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_misuses (fixture), ==, 0);
}

static void
test_not_allowed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_bound (fixture, "/usr/bin/a");
  g_autoptr (OkapIdentity) nobody = okap_identity_new_unknown (OKAP_DOUBT_GONE);
  g_autoptr (OkapIdentity) last = make_identity ("/usr/bin/last");
  g_autofree char *id = g_strdup (fixture->grant->id);
  g_autoptr (GError) error = NULL;

  allow (fixture, "g_none", last, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* An unknown program would be everybody. */
  allow (fixture, id, nobody, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (opens_for (fixture, token, "/usr/bin/b"));

  for (guint i = 0; i < OKAP_CAP_OTHER_PROGRAMS; i++)
    {
      g_autofree char *program = g_strdup_printf ("/usr/bin/b%u", i);
      g_autoptr (OkapIdentity) identity = make_identity (program);

      allow (fixture, id, identity, &error);
      g_assert_no_error (error);
    }
  allow (fixture, id, last, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (opens_for (fixture, token, "/usr/bin/b15"));
  g_assert_false (opens_for (fixture, token, "/usr/bin/last"));

  set_state (fixture, id, OKAP_GRANT_REVOKED, &error);
  g_assert_no_error (error);
  allow (fixture, id, last, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);

  okap_vault_lock (fixture->vault);
  allow (fixture, id, last, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
}

/* Portable is what the person leaves, not what the app asks. */
static void
test_portable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapIdentity) a = make_identity ("/usr/bin/a");
  static const struct
  {
    gboolean asked;
    gboolean decided;
  } cases[] = {
    { TRUE, TRUE }, { TRUE, FALSE }, { FALSE, TRUE }, { FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapSecret) token = NULL;

      ask_as (fixture, a, cases[i].asked, NULL);
      token = say_yes (fixture, cases[i].decided);
      g_assert_true (opens_for (fixture, token, "/usr/bin/a"));
      g_assert_cmpint (opens_for (fixture, token, "/usr/bin/b"), ==, cases[i].decided);
      g_assert_cmpstr (okap_grant_get_binding (fixture->grant), ==,
                       cases[i].decided ? "portable" : "program");
      set_state (fixture, fixture->grant->id, OKAP_GRANT_REVOKED, NULL);  /* or it is given again */
    }
}

/* The program that the request names gets the token, and not the one that asks. */
static void
test_named (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapIdentity) asker = make_identity ("/usr/bin/asker");
  g_autofree char *path = g_build_filename (fixture->folder, "program", NULL);
  g_autofree char *script = g_build_filename (fixture->folder, "script", NULL);
  g_autoptr (OkapSecret) token = NULL;
  const OkapAsk *shown;

  g_assert_true (g_file_set_contents (path, "\177ELF what it does", -1, NULL));
  g_assert_true (g_file_set_contents (script, "#!/usr/bin/python3\n", -1, NULL));
  g_chmod (path, 0700);
  g_chmod (script, 0700);

  ask_as (fixture, asker, FALSE, path);
  shown = okap_question_get_ask (scripted_prompter_get_question (fixture->prompter));
  g_assert_nonnull (shown->bind_to);
  g_assert_cmpstr (shown->bind_to->program, ==, path);
  token = say_yes (fixture, FALSE);
  g_assert_cmpint (fixture->grant->identity->kind, ==, OKAP_IDENTITY_USER_PROGRAM);
  g_assert_cmpstr (fixture->grant->identity->program, ==, path);
  g_assert_false (opens_for (fixture, token, "/usr/bin/asker"));
  okap_secret_unref (token);

  ask_as (fixture, asker, FALSE, script);
  token = say_yes (fixture, FALSE);
  g_assert_cmpint (fixture->grant->identity->kind, ==, OKAP_IDENTITY_SCRIPT);
  g_assert_cmpstr (fixture->grant->identity->script, ==, script);
  g_unlink (script);
  g_unlink (path);
}

/* What no token can be bound to: nobody is asked. */
static void
test_not_named (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapIdentity) asker = make_identity ("/usr/bin/asker");
  static const char *const paths[] = { "/nonexistent/program", "/etc/passwd", "/usr",
                                       "/usr/bin/python3" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_test_message ("%s", paths[i]);
      ask_as (fixture, asker, FALSE, paths[i]);
      g_assert_true (fixture->answered);
      g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
    }
}

/* Bound to nothing: for a day at most, however it is asked for. */
static void
test_unknown (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    OkapDoubt doubt;
    gboolean portable;
    const char *bind_program;
    gboolean limited;
  } cases[] = {
    { OKAP_DOUBT_CONTAINER, FALSE, NULL, TRUE },
    { OKAP_DOUBT_NONE, TRUE, NULL, TRUE },
    { OKAP_DOUBT_LINK, FALSE, NULL, TRUE },
    { OKAP_DOUBT_HIDDEN, FALSE, "program", FALSE },
  };
  g_autofree char *path = g_build_filename (fixture->folder, "program", NULL);

  g_assert_true (g_file_set_contents (path, "\177ELF what it does", -1, NULL));
  g_chmod (path, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapIdentity) asker = okap_identity_new_unknown (cases[i].doubt);
      g_autoptr (OkapSecret) token = NULL;
      gint64 lives_us;

      ask_as (fixture, asker, cases[i].portable, cases[i].bind_program != NULL ? path : NULL);
      token = say_yes (fixture, cases[i].portable);
      lives_us = fixture->grant->expires_us - fixture->grant->created_us;
      if (cases[i].limited)
        g_assert_cmpint (lives_us, ==, OKAP_DAY_US);
      else
        g_assert_cmpint (lives_us, >, 29 * OKAP_DAY_US);
      g_assert_cmpint (opens_for (fixture, token, "/usr/bin/b"), ==, cases[i].limited);
    }
  g_unlink (path);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/broker-bound/allowed", Fixture, NULL, set_up, test_allowed, tear_down);
  g_test_add ("/broker-bound/not-allowed", Fixture, NULL, set_up, test_not_allowed, tear_down);
  g_test_add ("/broker-bound/portable", Fixture, NULL, set_up, test_portable, tear_down);
  g_test_add ("/broker-bound/named", Fixture, NULL, set_up, test_named, tear_down);
  g_test_add ("/broker-bound/not-named", Fixture, NULL, set_up, test_not_named, tear_down);
  g_test_add ("/broker-bound/unknown", Fixture, NULL, set_up, test_unknown, tear_down);
  return g_test_run ();
}
