/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is copied for developers: complete, without a token unless one was just made. */
#include "okap-snippets.h"

#include <string.h>

#define ORIGIN "http://127.0.0.1:6527"

static OkapScope *
make_scope (const char *provider, const char *model)
{
  OkapScope *scope = okap_scope_new (provider);
  const char *const models[] = { model, NULL };

  g_strfreev (scope->models);
  scope->models = g_strdupv ((char **) models);
  return scope;
}

static const struct
{
  const char *provider;
  const char *model;
  const char *title;
  const char *words;  /* NULL: there is no such snippet */
} cases[] = {
  { "openai", "gpt-4o", "OpenAI SDK, Python", "base_url=\"" ORIGIN "/v1/openai\"" },
  { "openai", "gpt-4o", "OpenAI SDK, Python", "model=\"gpt-4o\"" },
  { "openai", "gpt-4o", "OpenAI SDK, JavaScript", "process.env.OKAP_TOKEN" },
  { "openai", "gpt-4o", "curl", "curl " ORIGIN "/v1/openai/chat/completions" },
  { "openai", "gpt-4o", "Environment", "export OPENAI_BASE_URL=\"" ORIGIN "/v1/openai" },
  { "openai", "gpt-4o", "Environment", "export OPENAI_API_KEY=\"$OKAP_TOKEN\"" },
  { "openai", "gpt-4o", "okap run", "okap run --provider openai" },
  { "openai", "gpt-4o", "Anthropic SDK, Python", NULL },
  { "openai", "gpt-*", "curl", "\"model\": \"MODEL\"" },
  { "openai", "gpt\"; rm", "curl", "\"model\": \"MODEL\"" },
  { "openai", NULL, "curl", "\"model\": \"MODEL\"" },
  { "anthropic", "claude-x", "Anthropic SDK, Python", "base_url=\"" ORIGIN "/v1/anthropic\"" },
  { "anthropic", "claude-x", "curl, Messages", ORIGIN "/v1/anthropic/v1/messages" },
  { "demo", "demo-fast", "curl", ORIGIN "/v1/demo/chat/completions" },
  { "nobody", "x", "curl", NULL },
};

static const char *
find (GPtrArray *snippets, const char *title)
{
  for (guint i = 0; i < snippets->len; i++)
    if (g_str_equal (((OkapSnippet *) snippets->pdata[i])->title, title))
      return ((OkapSnippet *) snippets->pdata[i])->text;
  return NULL;
}

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapScope) scope = make_scope (cases[i].provider, cases[i].model);
      g_autoptr (GPtrArray) snippets = okap_snippets_list (scope, ORIGIN, NULL);
      const char *text = find (snippets, cases[i].title);

      g_test_message ("%s %s", cases[i].provider, cases[i].title);
      g_assert_cmpint (text != NULL, ==, cases[i].words != NULL);
      g_assert_true (text == NULL || strstr (text, cases[i].words) != NULL);
      for (guint j = 0; j < snippets->len; j++)
        {
          const char *filled = ((OkapSnippet *) snippets->pdata[j])->text;

          g_assert_null (strstr (filled, "{base}"));
          g_assert_null (strstr (filled, "{model}"));
          g_assert_null (strstr (filled, "{provider}"));
          g_assert_null (strstr (filled, "{environment}"));
        }
    }
}

static void
test_token (void)
{
  g_autoptr (OkapScope) scope = make_scope ("demo", "demo-fast");
  g_autoptr (GPtrArray) snippets = okap_snippets_list (scope, ORIGIN, "okap_secret");

  g_assert_nonnull (strstr (find (snippets, "curl"), "export OKAP_TOKEN=\"okap_secret\""));
  g_assert_null (strstr (find (snippets, "OpenAI SDK, Python"), "okap_secret"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/snippets/table", test_table);
  g_test_add_func ("/snippets/token", test_token);
  return g_test_run ();
}
