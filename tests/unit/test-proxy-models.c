/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-error.h"
#include "okap-model-finder.h"

#include <string.h>

#define ANY (-1)

/* Judged for a grant that allows gpt-4o and claude-*. @code: -1 if nothing is wrong. */
static const struct
{
  const char *body;
  const char *model;
  int code;
} cases[] = {
  { "{\"model\":\"gpt-4o\"}", "gpt-4o", ANY },
  { " {\"messages\":[{\"model\":\"x\"}],\"model\":\"gpt\\u002d4o\"} ", "gpt-4o", ANY },
  { "{}", NULL, ANY },
  { "{\"model\":null}", NULL, ANY },
  { "{\"model\":\"gpt-4o\",\"tools\":[{\"type\":\"function\",\"function\":{\"parameters\":"
    "{\"properties\":{\"model\":\"x\"}}}}]}", "gpt-4o", ANY },
  { "{\"model\":\"gpt-4o\",\"models\":[\"gpt-4o\",\"claude-x\"],\"route\":\"fallback\"}", "gpt-4o",
    ANY },
  { "{\"model\":\"gpt-4o\",\"plugins\":[{\"id\":\"web\"}]}", "gpt-4o", ANY },
  { "{\"model\":\"claude-1\",\"fallbacks\":[{\"model\":\"claude-2\"}]}", "claude-1", ANY },
  { "{\"model\":\"gpt-4o\",\"metadata\":{\"model\":\"x\",\"agent_id\":\"y\"}}", "gpt-4o", ANY },
  { "{\"requests\":[{\"params\":{\"model\":\"claude-3\"}},{\"model\":\"gpt-4o\"}]}", "claude-3",
    ANY },
  { "{\"session\":{\"model\":\"gpt-4o\"}}", NULL, ANY },
  { "{\"prompt\":{\"id\":\"pmpt_1\"}}", NULL, ANY },

  /* not readable, or not in one way */
  { "", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "model=gpt-4o", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "[{\"model\":\"gpt-4o\"}]", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "{\"model\":\"gpt-4o\"} {}", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "{\"model\":\"gpt-4o\",\"model\":\"o3\"}", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "{\"model\":\"gpt-4o\",\"m\\u006fdel\":\"o3\"}", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "{\"model\":\"gpt-4o\",\"Model\":\"o3\"}", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "{\"model\":\"gpt-4o\",\"MODE\\u004c\":\"o3\"}", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "{\"model\":\"\"}", NULL, OKAP_ERROR_INVALID_REQUEST },

  /* other ways to another model */
  { "{\"model\":\"gpt-4o\",\"models\":[\"gpt-4o\",\"o3\"]}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"models\":[{\"model\":\"o3\"}]}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"claude-1\",\"fallbacks\":[{\"model\":\"o3\"}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"claude-1\",\"tools\":[{\"type\":\"advisor_20260301\",\"model\":\"o3\"}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"requests\":[{\"custom_id\":\"1\",\"params\":{\"model\":\"o3\"}}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"requests\":[{\"model\":\"models/o3\"}]}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"model_id\":\"o3\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"preset\":\"pro\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"session\":{\"model\":\"o3\"}}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"plugins\":[{\"id\":\"web\",\"model\":\"o3\"}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"claude-1\",\"fallbacks\":\"default\"}", NULL, OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"model\":\"gpt-4o\",\"route\":\"fallback\"}", NULL, OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"model\":\"gpt-4o\",\"plugins\":[{\"id\":\"auto-router\"}]}", NULL,
    OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"agent_id\":\"ag_1\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"agent_id\":\"claude-agent\"}", "claude-agent", ANY },
  { "{\"agent\":\"deep-research\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"preset\":\"gpt-4o\"}", "gpt-4o", ANY },
  { "{\"model\":\"gpt-4o\",\"preset\":\"pro\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"version\":\"o/n:abc\"}", NULL, ANY },

  /* a list in one name */
  { "{\"model\":\"gpt-4o,claude-1\"}", "gpt-4o", ANY },
  { "{\"model\":\"gpt-4o , o3\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"claude-1,o3\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\",o3\"}", NULL, OKAP_ERROR_INVALID_REQUEST },
  { "{\"model\":\"gpt-4o,\"}", NULL, OKAP_ERROR_MODEL_UNKNOWN },

  /* requests in requests */
  { "{\"requests\":[{\"params\":{\"model\":\"claude-1\",\"fallbacks\":[{\"model\":\"o3\"}]}}]}",
    NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"requests\":[{\"params\":{\"model\":\"claude-1\",\"fallbacks\":\"default\"}}]}", NULL,
    OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"requests\":[{\"params\":{\"model\":\"claude-1\",\"tools\":[{\"model\":\"o3\"}]}}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"requests\":[{\"params\":{\"model\":\"claude-1\"}},{\"params\":{\"MODEL\":\"o3\"}}]}",
    NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"batch\":{\"input_config\":{\"requests\":{\"requests\":[{\"request\":{\"model\":"
    "\"o3\"}}]}}}}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"requests\":[{\"body\":{\"model\":\"o3\"}}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"providerOptions\":{\"gateway\":{\"models\":[\"o3\"]}}}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"providerOptions\":{\"gateway\":{\"models\":[\"claude-2\"]},"
    "\"openai\":{\"reasoningEffort\":\"low\"}}}", "gpt-4o", ANY },
  { "{\"model\":\"gpt-4o\",\"compound_custom\":{\"models\":{\"answering_model\":\"o3\"}}}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"draft_model\":\"o3\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"draft_mod\\u0065l\":\"o3\"}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"fallbacks\":[{\"gpt-4o\":[\"o3\"]}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"Models\":[\"o3\"]}", NULL, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"model\":\"gpt-4o\",\"api_base\":\"https://x\"}", NULL, OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"input_files\":[\"a\",\"b\"],\"model\":\"gpt-4o\"}", NULL, OKAP_ERROR_MODEL_UNKNOWN },

  /* a tool with a model of its own */
  { "{\"model\":\"gpt-4o\",\"tools\":[{\"type\":\"image_generation\",\"model\":\"gpt-4o\"}]}",
    "gpt-4o", ANY },
  { "{\"model\":\"gpt-4o\",\"tools\":[{\"type\":\"image_generation\"}]}", NULL,
    OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"model\":\"gpt-4o\",\"tools\":[{\"model\":\"o3\",\"type\":\"image_generation\"}]}", NULL,
    OKAP_ERROR_MODEL_NOT_ALLOWED },
  { "{\"agent\":{\"id\":1}}", NULL, OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"input_file_id\":\"f\"}", NULL, OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"model\":{\"id\":\"o3\"}}", NULL, OKAP_ERROR_MODEL_UNKNOWN },
  { "{\"model\":\"gpt-4o\",\"tools\":[{\"model\":[\"o3\"]}]}", NULL, OKAP_ERROR_MODEL_UNKNOWN },
};

static OkapScope *
new_scope (gboolean with_list)
{
  static const char *const models[] = { "gpt-4o", "claude-*", NULL };
  OkapScope *scope = okap_scope_new ("my-own");

  scope->capabilities |= OKAP_CAPABILITY_IMAGES;
  if (with_list)
    {
      g_strfreev (scope->models);
      scope->models = g_strdupv ((char **) models);
    }
  return scope;
}

static void
test_find (void)
{
  g_autoptr (OkapScope) scope = new_scope (TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].body);
      if (okap_model_find (cases[i].body, strlen (cases[i].body), &finding, &error))
        (void) okap_model_check_others (&finding, scope, &error);
      g_assert_cmpint (error != NULL ? error->code : ANY, ==, cases[i].code);
      if (cases[i].code == ANY)
        g_assert_cmpstr (finding.model != NULL ? finding.model : finding.instead, ==,
                         cases[i].model);
    }
}

/* Without a list, only what cannot be read is refused. */
static void
test_no_list (void)
{
  g_autoptr (OkapScope) scope = new_scope (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      g_autoptr (GError) error = NULL;

      if (okap_model_find (cases[i].body, strlen (cases[i].body), &finding, &error))
        g_assert_true (okap_model_check_others (&finding, scope, &error));
      else
        g_assert_cmpint (cases[i].code, ==, OKAP_ERROR_INVALID_REQUEST);
    }
}

/* Whatever is allowed, a provider is not to call addresses that an app names, and a tool needs the
 * capability of what it makes. */
static void
test_without_list (void)
{
  static const struct
  {
    const char *body;
    OkapCapability capabilities;
    int code;
  } bodies[] = {
    { "{\"input\":{\"webhook\":1}}", OKAP_CAPABILITY_CHAT, ANY },
    { "{\"webhook\":null}", OKAP_CAPABILITY_CHAT, ANY },
    { "{\"webhook\":\"https://x\"}", OKAP_CAPABILITY_CHAT, OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
    { "{\"Webhook\":\"https://x\"}", OKAP_CAPABILITY_CHAT, OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
    { "{\"tools\":[{\"type\":\"image_generation\"}]}", OKAP_CAPABILITY_CHAT,
      OKAP_ERROR_CAPABILITY_NOT_ALLOWED },
    { "{\"tools\":[{\"type\":\"image_generation\"}]}",
      OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_IMAGES, ANY },
    { "{\"tools\":[{\"type\":\"web_search\"}]}", OKAP_CAPABILITY_CHAT, ANY },
  };
  g_autoptr (OkapScope) scope = new_scope (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      g_autoptr (GError) error = NULL;

      scope->capabilities = bodies[i].capabilities;
      g_assert_true (okap_model_find (bodies[i].body, strlen (bodies[i].body), &finding, NULL));
      (void) okap_model_check_others (&finding, scope, &error);
      g_assert_cmpint (error != NULL ? error->code : ANY, ==, bodies[i].code);
    }
}

static void
test_query (void)
{
  static const struct
  {
    const char *query;
    int code;
  } queries[] = {
    { NULL, ANY }, { "", ANY }, { "alt=sse&beta=true", ANY }, { "model=gpt-4o", ANY },
    { "x=1&model=o3", OKAP_ERROR_MODEL_NOT_ALLOWED },
    { "MODEL=o3", OKAP_ERROR_MODEL_NOT_ALLOWED },
    { "mod%65l=o3", OKAP_ERROR_MODEL_NOT_ALLOWED },
    { "x=1;model=o3", OKAP_ERROR_MODEL_NOT_ALLOWED },
    { "model=gpt-4o&model=o3", OKAP_ERROR_MODEL_NOT_ALLOWED },
    { "model=gpt-4o%2Co3", OKAP_ERROR_MODEL_NOT_ALLOWED },
    { "model", OKAP_ERROR_MODEL_UNKNOWN },
    { "x=%zz", OKAP_ERROR_MODEL_UNKNOWN },
    { "engine=o3", OKAP_ERROR_MODEL_NOT_ALLOWED },
    { "modelling=o3", ANY },
  };
  g_autoptr (OkapScope) scope = new_scope (TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", queries[i].query);
      okap_model_find_in_query (queries[i].query, &finding);
      (void) okap_model_check_others (&finding, scope, &error);
      g_assert_cmpint (error != NULL ? error->code : ANY, ==, queries[i].code);
    }
}

/* What names a model at one provider leaves the choice to another one. */
static void
test_instead (void)
{
  static const struct
  {
    const char *provider, *body, *model;
  } bodies[] = {
    { "mistral", "{\"agent_id\":\"ag_1\"}", "ag_1" },
    { "mistral", "{\"model\":\"m\",\"agent_id\":\"ag_1\"}", "m" },
    { "mistral", "{\"agent_id\":\"\"}", NULL },
    { "openrouter", "{\"agent_id\":\"ag_1\"}", NULL },
    { "perplexity", "{\"preset\":\"pro\"}", "pro" },
    { "openrouter", "{\"preset\":\"pro\"}", NULL },
    { "google", "{\"agent\":\"deep\"}", "deep" },
    { "openai", "{\"agent\":\"deep\"}", NULL },
    { "together", "{\"model_id\":\"a\"}", "a" },
    { "anthropic", "{\"requests\":[{\"params\":{\"model\":\"a\"}}]}", "a" },
    { "openrouter", "{\"requests\":[{\"params\":{\"model\":\"a\"}}]}", NULL },
    { "openrouter", "{\"request\":{\"model\":\"a\"}}", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (bodies[i].provider);
      g_auto (OkapModelFinding) finding = { 0 };

      g_test_message ("%s %s", bodies[i].provider, bodies[i].body);
      g_assert_true (okap_model_find (bodies[i].body, strlen (bodies[i].body), &finding, NULL));
      g_assert_cmpstr (okap_model_finding_get_model (&finding, provider), ==, bodies[i].model);
    }
}

static void
test_version (void)
{
  static const char *const versions[][2] = {
    { "owner/name:0123abc", "owner/name" }, { "owner/name", "owner/name" }, { "0123abc", NULL },
    { "", NULL }, { "/name", NULL }, { "owner/", NULL }, { "a:b/c", NULL }, { "owner/:x", NULL },
    { NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *model = okap_model_from_version (versions[i][0]);

      g_assert_cmpstr (model, ==, versions[i][1]);
    }
}

static void
test_prompt (void)
{
  g_autofree char *picture = g_strnfill (100000, 'A');
  g_autofree char *text = g_strnfill (100000, ' ');
  g_autofree char *seen = g_strdup_printf ("{\"a\":\"data:image/png;base64,%s\",\"b\":\"%s\"}",
                                           picture, picture);
  g_autofree char *read = g_strdup_printf ("{\"a\":\"%s\"}", text);
  g_auto (OkapModelFinding) with_picture = { 0 };
  g_auto (OkapModelFinding) with_text = { 0 };

  g_assert_true (okap_model_find (seen, strlen (seen), &with_picture, NULL));
  g_assert_true (okap_model_find (read, strlen (read), &with_text, NULL));
  g_assert_cmpint (with_picture.prompt_bytes, ==, 2 * 4096 + 2);
  g_assert_cmpint (with_text.prompt_bytes, ==, 100001);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/models/find", test_find);
  g_test_add_func ("/proxy/models/no-list", test_no_list);
  g_test_add_func ("/proxy/models/without-list", test_without_list);
  g_test_add_func ("/proxy/models/query", test_query);
  g_test_add_func ("/proxy/models/instead", test_instead);
  g_test_add_func ("/proxy/models/version", test_version);
  g_test_add_func ("/proxy/models/prompt", test_prompt);
  return g_test_run ();
}
