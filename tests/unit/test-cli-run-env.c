/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-run-env.h"

#define TOKEN "okap_token"
#define ORIGIN "http://127.0.0.1:6527"

static void
assert_variable (const OkapRunEnv *result, const char *name, const char *value)
{
  g_assert_cmpstr (g_environ_getenv (result->env, name), ==, value);
}

static gboolean
has (GPtrArray *names, const char *name)
{
  return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

static void
test_providers (void)
{
  static const OkapRunEntry entries[] = {
    { "openai", ORIGIN "/v1/openai" },
    { "anthropic", ORIGIN "/v1/anthropic" },
    { "google", ORIGIN "/v1/google" },
  };
  char *env[] = { (char *) "PATH=/bin", (char *) "OPENAI_API_KEY=sk-mine",
                  (char *) "ANTHROPIC_AUTH_TOKEN=mine", (char *) "GOOGLE_API_KEY=mine",
                  (char *) "GROQ_API_KEY=kept", NULL };
  g_auto (OkapRunEnv) result = { NULL };

  okap_run_env_init (&result, env, "/usr/bin/node", entries, G_N_ELEMENTS (entries), TOKEN, "App");
  assert_variable (&result, "PATH", "/bin");
  assert_variable (&result, "OPENAI_API_KEY", TOKEN);
  assert_variable (&result, "OPENAI_BASE_URL", ORIGIN "/v1/openai/v1");
  assert_variable (&result, "ANTHROPIC_API_KEY", TOKEN);
  assert_variable (&result, "ANTHROPIC_BASE_URL", ORIGIN "/v1/anthropic");
  assert_variable (&result, "GEMINI_API_KEY", TOKEN);
  assert_variable (&result, "GOOGLE_GEMINI_BASE_URL", ORIGIN "/v1/google");
  assert_variable (&result, "OKAP_VAULT_URL", ORIGIN);
  assert_variable (&result, "OKAP", "App");

  assert_variable (&result, "ANTHROPIC_AUTH_TOKEN", NULL);
  assert_variable (&result, "GOOGLE_API_KEY", NULL);
  assert_variable (&result, "GROQ_API_KEY", "kept");
  g_assert_true (has (result.replaced, "OPENAI_API_KEY"));
  g_assert_true (has (result.replaced, "ANTHROPIC_AUTH_TOKEN"));
  g_assert_true (has (result.replaced, "GOOGLE_API_KEY"));
  g_assert_false (has (result.replaced, "GEMINI_API_KEY"));
}

/* The one that was asked for first has the variables that both speak through. */
static void
test_shared (void)
{
  static const OkapRunEntry entries[] = {
    { "own-server", ORIGIN "/v1/own-server" },
    { "openai", ORIGIN "/v1/openai" },
  };
  char *env[] = { NULL };
  g_auto (OkapRunEnv) result = { NULL };

  okap_run_env_init (&result, env, "node", entries, G_N_ELEMENTS (entries), TOKEN, "App");
  assert_variable (&result, "OPENAI_API_KEY", TOKEN);
  assert_variable (&result, "OPENAI_BASE_URL", ORIGIN "/v1/own-server/v1");
  g_assert_cmpuint (result.skipped->len, ==, 1);
  g_assert_true (has (result.skipped, "openai"));
}

static void
test_recipe (void)
{
  static const OkapRunEntry entries[] = { { "anthropic", ORIGIN "/v1/anthropic" } };
  char *env[] = { (char *) "CLAUDE_CODE_OAUTH_TOKEN=mine", NULL };
  g_auto (OkapRunEnv) result = { NULL };

  okap_run_env_init (&result, env, "/opt/bin/claude", entries, 1, TOKEN, "App");
  assert_variable (&result, "ANTHROPIC_API_KEY", "");
  assert_variable (&result, "ANTHROPIC_AUTH_TOKEN", TOKEN);
  assert_variable (&result, "CLAUDE_CODE_OAUTH_TOKEN", NULL);
}

static void
test_no_proxy (void)
{
  static const struct
  {
    const char *before;
    const char *after;
  } cases[] = {
    { NULL, "127.0.0.1,localhost,::1" },
    { "", "127.0.0.1,localhost,::1" },
    { "corp.example", "corp.example,127.0.0.1,localhost,::1" },
    { "localhost, ::1", "localhost, ::1,127.0.0.1" },
    { "127.0.0.1,localhost,::1", "127.0.0.1,localhost,::1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) env = g_new0 (char *, 1);
      g_auto (OkapRunEnv) result = { NULL };

      if (cases[i].before != NULL)
        env = g_environ_setenv (env, "no_proxy", cases[i].before, TRUE);
      okap_run_env_init (&result, env, "node", NULL, 0, TOKEN, "App");
      assert_variable (&result, "no_proxy", cases[i].after);
      assert_variable (&result, "NO_PROXY", "127.0.0.1,localhost,::1");
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/run-env/providers", test_providers);
  g_test_add_func ("/cli/run-env/shared", test_shared);
  g_test_add_func ("/cli/run-env/recipe", test_recipe);
  g_test_add_func ("/cli/run-env/no-proxy", test_no_proxy);
  return g_test_run ();
}
