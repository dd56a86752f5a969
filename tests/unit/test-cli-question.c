/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal shows of a request, and that no escape sequence gets through it. */
#include "okap-clock.h"
#include "okap-question-text.h"

#include <string.h>

#define NOW_US (G_GINT64_CONSTANT (1800000000) * OKAP_SECOND_US)

static OkapIdentity *
make_identity (const char *program)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);

  identity->program = g_strdup (program);
  return okap_identity_seal (identity);
}

static OkapQuestion *
make_question (const char *name, const char *model, const char *provider)
{
  g_autoptr (OkapRequest) request = okap_request_new (OKAP_SHAPE_A);
  g_autoptr (OkapIdentity) identity = make_identity ("/usr/bin/no\x1btes");
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_SOCKET, 1000, 42, identity);
  g_autoptr (OkapAsk) ask = okap_ask_new (request, caller);
  g_autoptr (GListStore) keys = g_list_store_new (OKAP_TYPE_KEY_INFO);
  g_autoptr (OkapKeyInfo) first = okap_key_info_new ("k_1", "openai", "Personal", "a91f", NULL, 0);
  g_autoptr (OkapKeyInfo) second = okap_key_info_new ("k_2", "openai", "Work", "77aa", NULL, 0);
  OkapScope *scope = okap_scope_new (provider);

  g_list_store_append (keys, first);
  g_list_store_append (keys, second);
  if (model != NULL)
    {
      g_strfreev (scope->models);
      scope->models = g_strsplit (model, ",", -1);
    }
  scope->capabilities = OKAP_CAPABILITY_CHAT;
  okap_limits_set (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND, 5000000000);
  okap_limits_fill_defaults (&scope->limits);
  g_ptr_array_add (request->scopes, scope);
  g_free (request->app_name);
  request->app_name = g_strdup (name);
  request->expires_us = NOW_US;
  return okap_question_new (ask, G_LIST_MODEL (keys));
}

static char *
format (OkapQuestion *question)
{
  OkapRequest *request = okap_question_get_request (question);

  return okap_question_text_format (question, request->scopes, request->expires_us,
                                    request->portable);
}

static void
test_facts (void)
{
  static const char * const facts[] = {
    "Installed program /usr/bin/notes", "“Notes”", "it gave none", "OpenAI", "Personal ····a91f",
    "you have others", "gpt-4o, o3*", "chat", "$5.00 a month\n", "$2.00 a day   (Okap’s default)",
    "60 requests a minute   (Okap’s default)", "2027-01-15T08:00:00Z\n", "3 more waiting",
  };
  g_autoptr (OkapQuestion) question = make_question ("Notes", "gpt-4o,o3*", "openai");
  g_autofree char *text = NULL;

  okap_question_set_waiting (question, 3);
  text = format (question);
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      g_test_message ("%s", facts[i]);
      g_assert_nonnull (strstr (text, facts[i]));
    }
}

static void
test_hostile (void)
{
  g_autoptr (OkapQuestion) question = make_question ("A\x1b[2J\xe2\x80\xae\nOkap saw: root",
                                                     "x\x1b[1A", "openai");
  g_autofree char *text = format (question);

  g_assert_null (strchr (text, '\x1b'));
  g_assert_null (strstr (text, "\xe2\x80\xae"));
  g_assert_nonnull (strstr (text, "“A[2J Okap saw: root”"));
}

static void
test_risks (void)
{
  g_autoptr (OkapQuestion) all = make_question ("", NULL, "groq");
  g_autoptr (OkapQuestion) demo = make_question ("Demo", NULL, "demo");
  g_autofree char *text = format (all);
  g_autofree char *demo_text = format (demo);

  g_assert_nonnull (strstr (text, "ALL MODELS"));
  g_assert_nonnull (strstr (text, "YOU HAVE NO KEY"));
  g_assert_nonnull (strstr (text, "it gave no name"));
  g_assert_nonnull (strstr (demo_text, "no key is needed"));
}

/* Who will be able to use the token, for each way to ask. */
static void
test_binding (void)
{
  static const struct
  {
    OkapIdentityKind kind;
    OkapDoubt doubt;
    const char *bind_to;
    gboolean portable;
    const char *words;
  } cases[] = {
    { OKAP_IDENTITY_INSTALLED, OKAP_DOUBT_NONE, NULL, FALSE,
      "token for          this program alone" },
    { OKAP_IDENTITY_INSTALLED, OKAP_DOUBT_NONE, NULL, TRUE, "ANY PROGRAM THAT HAS IT: whoever" },
    { OKAP_IDENTITY_INSTALLED, OKAP_DOUBT_NONE, "/opt/b\x1b[2J", FALSE,
      "not who asks, but alone: Installed program /opt/b[2J\n" },
    { OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_GONE, NULL, FALSE, "Okap does not know who asks" },
    { OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_LINK, NULL, FALSE, "the program that fetches it" },
    { OKAP_IDENTITY_RUN, OKAP_DOUBT_NONE, NULL, FALSE, "it ends with the command" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapQuestion) plain = make_question ("Notes", NULL, "demo");
      g_autoptr (OkapIdentity) identity = okap_identity_new (cases[i].kind);
      g_autoptr (OkapCaller) caller = NULL;
      g_autoptr (OkapAsk) ask = NULL;
      g_autoptr (OkapQuestion) question = NULL;
      g_autofree char *text = NULL;

      identity->program = g_strdup ("/usr/bin/notes");
      identity->doubt = cases[i].doubt;
      okap_identity_seal (identity);
      caller = okap_caller_new (OKAP_DOOR_TCP, 1000, 42, identity);
      ask = okap_ask_new (okap_question_get_request (plain), caller);
      ask->bind_to = cases[i].bind_to != NULL ? make_identity (cases[i].bind_to) : NULL;
      question = okap_question_new (ask, okap_question_get_keys (plain));
      text = okap_question_text_format (question, ask->request->scopes, NOW_US, cases[i].portable);
      g_test_message ("%s", cases[i].words);
      g_assert_nonnull (strstr (text, cases[i].words));
      g_assert_null (strchr (text, '\x1b'));
    }
}

/* What was seen is told in full and cleaned; a name that does not fit is contradicted. */
static void
test_evidence (void)
{
  static const char *const facts[] = {
    "python3 running /home/u/x.py in /home/u", "its command        python3 x.py [2J",
    "started by         bash ← gnome[2J", "file written       2027-01-15T08:00:00Z",
    "TAKE NOTE: it      calls itself “Firefox”, but is",
  };
  g_autoptr (OkapQuestion) plain = make_question ("Firefox", NULL, "demo");
  g_autoptr (OkapIdentity) identity = okap_identity_new (OKAP_IDENTITY_SCRIPT);
  g_autoptr (OkapCaller) caller = NULL;
  g_autoptr (OkapAsk) ask = NULL;
  g_autoptr (OkapQuestion) question = NULL;
  g_autofree char *text = NULL;

  identity->program = g_strdup ("/usr/bin/python3");
  identity->script = g_strdup ("/home/u/x.py");
  identity->folder = g_strdup ("/home/u");
  identity->command = g_strdup ("python3 x.py \x1b[2J");
  identity->parents = g_strsplit ("bash,gnome\x1b[2J", ",", -1);
  identity->changed_us = NOW_US;
  okap_identity_seal (identity);
  caller = okap_caller_new (OKAP_DOOR_TCP, 1000, 42, identity);
  ask = okap_ask_new (okap_question_get_request (plain), caller);
  question = okap_question_new (ask, okap_question_get_keys (plain));
  text = okap_question_text_format (question, ask->request->scopes, NOW_US, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      g_test_message ("%s", facts[i]);
      g_assert_nonnull (strstr (text, facts[i]));
    }
  g_assert_null (strchr (text, '\x1b'));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/question/facts", test_facts);
  g_test_add_func ("/cli/question/hostile", test_hostile);
  g_test_add_func ("/cli/question/risks", test_risks);
  g_test_add_func ("/cli/question/binding", test_binding);
  g_test_add_func ("/cli/question/evidence", test_evidence);
  return g_test_run ();
}
