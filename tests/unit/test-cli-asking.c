/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of okap request and okap run; what comes out is read as a server reads it. */
#include "okap-asking.h"
#include "okap-cli.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-money.h"
#include "okap-request-json.h"

#include <string.h>

#define NOW_US (G_GINT64_CONSTANT (1800000000) * OKAP_SECOND_US)

static void
read_options (OkapAsking *asking, const char *line)
{
  GOptionEntry entries[OKAP_ASKING_N_ENTRIES + 1] = { 0 };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = NULL;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, &error));
  okap_asking_add_entries (asking, entries);
  g_option_context_add_main_entries (context, entries, NULL);
  g_assert_true (g_option_context_parse_strv (context, &argv, &error));
  g_assert_no_error (error);
}

static OkapRequest *
ask (const char *line)
{
  g_auto (OkapAsking) asking = OKAP_ASKING_INIT;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  OkapRequest *request;

  read_options (&asking, line);
  body = okap_asking_format (&asking, NOW_US, &error);
  g_assert_no_error (error);
  request = okap_request_parse (body, strlen (body), NOW_US, &error);
  g_assert_no_error (error);
  return request;
}

static void
test_all (void)
{
  g_autoptr (OkapRequest) request = ask (
    "okap --provider openai --model gpt-4o --model 'o3*' --capability chat --capability embeddings "
    "--monthly 10 --daily 0.5 --rpm 3 --rpd 0 --expires 7d --name 'My App' --reason 'To try'");
  OkapScope *scope = g_ptr_array_index (request->scopes, 0);

  g_assert_cmpint (request->shape, ==, OKAP_SHAPE_A);
  g_assert_cmpuint (request->scopes->len, ==, 1);
  g_assert_cmpstr (scope->provider, ==, "openai");
  g_assert_cmpstr (scope->models[0], ==, "gpt-4o");
  g_assert_cmpstr (scope->models[1], ==, "o3*");
  g_assert_cmpint (scope->capabilities, ==, OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_EMBEDDINGS);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_MONTHLY_SPEND], ==, 10 * OKAP_NUSD_PER_USD);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_DAILY_SPEND], ==, OKAP_NUSD_PER_USD / 2);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_REQUESTS_PER_MINUTE], ==, 3);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_REQUESTS_PER_DAY], ==, 0);
  g_assert_cmpuint (scope->limits.defaulted, ==, 0);
  g_assert_cmpint (request->expires_us, ==, NOW_US + 7 * OKAP_DAY_US);
  g_assert_cmpstr (request->app_name, ==, "My App");
  g_assert_cmpstr (request->reason, ==, "To try");
}

static void
test_least (void)
{
  g_autoptr (OkapRequest) request = ask ("okap --provider demo");
  OkapScope *scope = g_ptr_array_index (request->scopes, 0);

  g_assert_null (scope->models[0]);
  g_assert_cmpint (scope->capabilities, ==, OKAP_CAPABILITY_CHAT);
  g_assert_cmpuint (scope->limits.defaulted, ==, scope->limits.set);
  g_assert_true (request->expires_defaulted);
}

/* A model that names one of several providers is for that one; any other slash is a name's. */
static void
test_several (void)
{
  g_autoptr (OkapRequest) request = ask ("okap --provider openai --provider openrouter "
                                         "--model openai/gpt-4o --model 'meta-llama/llama-4'");
  OkapScope *first = g_ptr_array_index (request->scopes, 0);
  OkapScope *second = g_ptr_array_index (request->scopes, 1);

  g_assert_cmpuint (request->scopes->len, ==, 2);
  g_assert_cmpuint (g_strv_length (first->models), ==, 2);
  g_assert_cmpstr (first->models[0], ==, "gpt-4o");
  g_assert_cmpuint (g_strv_length (second->models), ==, 1);
  g_assert_cmpstr (second->models[0], ==, "meta-llama/llama-4");
}

static void
test_wrong (void)
{
  static const char * const lines[] = {
    "okap --provider openai --monthly abc",
    "okap --provider openai --daily -1",
    "okap --provider openai --expires soon",
    "okap --provider openai --provider groq --model openai/gpt-4o",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (OkapAsking) asking = OKAP_ASKING_INIT;
      g_autoptr (GError) error = NULL;

      read_options (&asking, lines[i]);
      g_assert_null (okap_asking_format (&asking, NOW_US, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
    }
}

static void
test_when (void)
{
  static const struct
  {
    const char *text;
    gboolean ahead;
    gint64 expected_us;   /* -1: refused */
  } cases[] = {
    { "30m", TRUE, NOW_US + 30 * OKAP_MINUTE_US },
    { "12h", TRUE, NOW_US + OKAP_DAY_US / 2 },
    { "7d", FALSE, NOW_US - 7 * OKAP_DAY_US },
    { "2w", TRUE, NOW_US + 14 * OKAP_DAY_US },
    { "2027-03-01", FALSE, G_GINT64_CONSTANT (1803859200) * OKAP_SECOND_US },
    { "2027-03-01T12:00:00Z", TRUE, G_GINT64_CONSTANT (1803902400) * OKAP_SECOND_US },
    { "", TRUE, -1 },
    { "7", TRUE, -1 },
    { "d", TRUE, -1 },
    { "7y", TRUE, -1 },
    { "-7d", TRUE, -1 },
    { "7d ", TRUE, -1 },
    { "99999999d", TRUE, -1 },
    { "99999999999999999999999d", TRUE, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 time_us = -1;
      gboolean parsed = okap_when_parse (cases[i].text, NOW_US, cases[i].ahead, &time_us, &error);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (parsed, ==, cases[i].expected_us >= 0);
      g_assert_cmpint (parsed ? time_us : -1, ==, cases[i].expected_us);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/asking/all", test_all);
  g_test_add_func ("/cli/asking/least", test_least);
  g_test_add_func ("/cli/asking/several", test_several);
  g_test_add_func ("/cli/asking/wrong", test_wrong);
  g_test_add_func ("/cli/when", test_when);
  return g_test_run ();
}
