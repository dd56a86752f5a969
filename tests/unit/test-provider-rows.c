/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rows say beyond which paths are allowed, and what is demanded of each. */
#include "okap-provider-private.h"

#include <string.h>

#include "okap-error.h"

static const OkapEndpoint *
find_endpoint (const OkapProvider *provider, const char *method, const char *pattern)
{
  const GPtrArray *endpoints = okap_provider_get_endpoints (provider);

  for (guint i = 0; i < endpoints->len; i++)
    {
      const OkapEndpoint *endpoint = g_ptr_array_index (endpoints, i);

      if (g_str_equal (endpoint->method, method) && g_str_equal (endpoint->pattern, pattern))
        return endpoint;
    }
  g_error ("no %s %s", method, pattern);
}

static void
test_needs (void)
{
  static const struct
  {
    const char *provider, *pattern, *max_output;
    gboolean ask;
  } cases[] = {
    { "openai", "/chat/completions", "max_completion_tokens", TRUE },
    { "openai", "/completions", "max_tokens", TRUE },
    { "openai", "/responses", "max_output_tokens", FALSE },
    { "openai", "/responses/compact", NULL, FALSE },
    { "openai", "/embeddings", NULL, FALSE },
    { "openai", "/audio/speech", NULL, FALSE },
    { "groq", "/chat/completions", "max_completion_tokens", FALSE },
    { "mistral", "/chat/completions", "max_tokens", FALSE },
    { "mistral", "/fim/completions", "max_tokens", FALSE },
    { "mistral", "/moderations", NULL, FALSE },
    { "together", "/chat/completions", "max_tokens", FALSE },
    { "openrouter", "/chat/completions", "max_tokens", FALSE },
    { "xai", "/chat/completions", "max_completion_tokens", FALSE },
    { "deepseek", "/chat/completions", "max_tokens", TRUE },
    { "azure-openai", "/openai/deployments/{model}/chat/completions", "max_completion_tokens",
      TRUE },
    { "anthropic", "/messages", "max_tokens", FALSE },
    { "google", "/{version}/models/{model}:generateContent", "generationConfig.maxOutputTokens",
      FALSE },
    { "google", "/{version}/models/{model}:embedContent", NULL, FALSE },
    { "google", "/{version}/interactions", "generation_config.max_output_tokens", FALSE },
    { "ollama", "/api/chat", "options.num_predict", FALSE },
    { "ollama", "/api/embed", NULL, FALSE },
    { "cohere", "/v2/chat", "max_tokens", FALSE },
    { "litellm", "/chat/completions", "max_tokens", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);
      const OkapEndpoint *endpoint = find_endpoint (provider, "POST", cases[i].pattern);

      g_test_message ("%s %s", cases[i].provider, cases[i].pattern);
      g_assert_cmpstr (okap_provider_get_max_output (provider, endpoint), ==, cases[i].max_output);
      g_assert_cmpint (okap_provider_asks_stream_usage (provider, endpoint), ==, cases[i].ask);
    }
}

static void
test_jobs (void)
{
  static const struct
  {
    const char *provider, *pattern, *asked, *id, *poll, *results;
  } cases[] = {
    { "openai", "/batches", "/batches", "batch_1", "/batches/batch_1",
      "/files/batch_1/content" },
    { "openai", "/responses", "/responses", "resp_1", "/responses/resp_1", NULL },
    { "openai", "/responses", "/responses", "../files", NULL, NULL },
    { "openai", "/responses", "/responses", "a/b", NULL, NULL },
    { "openai", "/responses", "/responses", "a?b", NULL, NULL },
    { "openai", "/responses", "/responses", "", NULL, NULL },
    { "anthropic", "/messages/batches", "/messages/batches", "msgbatch_1",
      "/messages/batches/msgbatch_1", "/messages/batches/msgbatch_1/results" },
    { "google", "/{version}/models/{model}:predictLongRunning",
      "/v1/models/veo-3:predictLongRunning", "models/veo-3/operations/a1",
      "/v1/models/veo-3/operations/a1", NULL },
    { "google", "/{version}/models/{model}:batchGenerateContent",
      "/v1beta/models/g:batchGenerateContent", "batches/123", "/v1beta/batches/123", NULL },
    { "google", "/{version}/models/{model}:batchGenerateContent",
      "/v1beta/models/g:batchGenerateContent", "auth_tokens", NULL, NULL },
    { "replicate", "/models/{model:2}/predictions", "/models/a/b/predictions", "ufawq",
      "/predictions/ufawq", NULL },
    { "azure-openai", "/openai/v1/batches", "/openai/v1/batches", "b", "/openai/v1/batches/b",
      "/openai/v1/files/b/content" },
    { "mistral", "/batch/jobs", "/batch/jobs", "b", "/batch/jobs/b", "/files/b/content" },
    { "together", "/batches", "/batches", "b", "/batches/b", "/files/b/content" },
    { "xai", "/videos/generations", "/videos/generations", "r", "/videos/r", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);
      const OkapEndpoint *endpoint = find_endpoint (provider, "POST", cases[i].pattern);
      g_autofree char *poll = NULL;
      g_autofree char *results = NULL;

      g_test_message ("%s %s %s", cases[i].provider, cases[i].pattern, cases[i].id);
      g_assert_nonnull (endpoint->job);
      poll = okap_provider_dup_poll_path (provider, endpoint->job->poll, cases[i].asked,
                                          cases[i].id);
      results = okap_provider_dup_poll_path (provider, endpoint->job->results, cases[i].asked,
                                             cases[i].id);
      g_assert_cmpstr (poll, ==, cases[i].poll);
      g_assert_cmpstr (results, ==, cases[i].results);
    }
}

/* Of every row: a job can be asked for, and nothing that costs is called free. */
static void
test_every_row (void)
{
  g_autoptr (GPtrArray) providers = okap_provider_list ();

  for (guint i = 0; i < providers->len; i++)
    {
      const OkapProvider *provider = g_ptr_array_index (providers, i);
      const GPtrArray *endpoints = okap_provider_get_endpoints (provider);

      for (guint j = 0; j < endpoints->len; j++)
        {
          const OkapEndpoint *endpoint = g_ptr_array_index (endpoints, j);
          OkapMoneyRule rule = okap_endpoint_get_money_rule (endpoint);

          g_test_message ("%s %s %s", okap_provider_get_id (provider), endpoint->method,
                          endpoint->pattern);
          if (g_str_equal (endpoint->method, "GET") || g_str_equal (endpoint->method, "DELETE"))
            g_assert_cmpint (rule, ==, OKAP_MONEY_FREE);
          if (rule == OKAP_MONEY_JOB)
            g_assert_nonnull (endpoint->job);
          if (endpoint->job != NULL)
            {
              g_autofree char *poll = okap_provider_dup_poll_path (provider, endpoint->job->poll,
                                                                   "/v1/x", "batches/x");
              g_autofree char *plain = okap_provider_dup_poll_path (provider, endpoint->job->poll,
                                                                    "/v1/x", "x");

              g_assert_true (poll != NULL || plain != NULL);
            }
          if (okap_model_place_is_outside (endpoint->model_place)
              || endpoint->model_place == OKAP_MODEL_BODY)
            g_assert_cmpstr (endpoint->method, !=, "GET");
        }
    }
}

static void
test_second (void)
{
  static const struct
  {
    const char *provider, *path, *key, *second, *header, *second_header, *second_prefix;
  } cases[] = {
    { "openai", "/x", "k", "org-1", "Authorization", "OpenAI-Organization", "" },
    { "openai", "/x", "k", "proj_1", "Authorization", "OpenAI-Project", "" },
    { "openai", "/x", "k", "other", "Authorization", NULL, NULL },
    { "cloudflare", "/compat/chat/completions", "k", "s", "cf-aig-authorization", "Authorization",
      "Bearer " },
    { "cloudflare", "/anthropic/v1/messages", "k", "s", "cf-aig-authorization", "x-api-key", "" },
    { "cloudflare", "/google-ai-studio/v1/models/g:generateContent", "k", "s",
      "cf-aig-authorization", "x-goog-api-key", "" },
    { "cloudflare", "/chat/completions", "k", "gw", "Authorization", "cf-aig-gateway-id", "" },
    { "cloudflare", "/compat/chat/completions", "k", NULL, "cf-aig-authorization", NULL, NULL },
    { "helicone", "/v1/chat/completions", "k", NULL, "Authorization", NULL, NULL },
    { "helicone", "/v1/chat/completions", "k", "sk-1", "Helicone-Auth", "Authorization",
      "Bearer " },
    { "helicone", "/v1/messages", "k", "sk-ant-1", "Helicone-Auth", "x-api-key", "" },
    { "portkey", "/chat/completions", "k", "@openai-prod", "x-portkey-api-key",
      "x-portkey-provider", "" },
    { "portkey", "/chat/completions", "k", "pc-abc", "x-portkey-api-key", "x-portkey-config", "" },
    { "portkey", "/chat/completions", "k", "sk-1", "x-portkey-api-key", "Authorization",
      "Bearer " },
    { "portkey", "/chat/completions", "k", "openai-vk", "x-portkey-api-key",
      "x-portkey-virtual-key", "" },
    { "kilo", "/chat/completions", "k", "org", "Authorization", "X-KiloCode-OrganizationId", "" },
    { "groq", "/chat/completions", "k", "s", "Authorization", NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);
      const char *header = NULL;
      const char *prefix = NULL;
      const char *second_header = NULL;
      const char *second_prefix = NULL;

      g_test_message ("%s %s", cases[i].provider, cases[i].path);
      g_assert_true (okap_provider_get_auth (provider, cases[i].path, cases[i].key,
                                             cases[i].second != NULL, &header, &prefix));
      (void) okap_provider_get_second_auth (provider, cases[i].path, cases[i].second,
                                            &second_header, &second_prefix);
      g_assert_cmpstr (header, ==, cases[i].header);
      g_assert_cmpstr (second_header, ==, cases[i].second_header);
      g_assert_cmpstr (second_prefix, ==, cases[i].second_prefix);
      if (cases[i].second_header != NULL)
        g_assert_nonnull (okap_provider_get_second_what (provider));
    }
}

static void
test_admin_keys (void)
{
  static const struct
  {
    const char *provider, *prefix;
  } cases[] = {
    { "openai", "sk-" "admin-" }, { "anthropic", "sk-ant-" "admin01-" }, { "xai", "xai" "-token-" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);
      g_autofree char *fill = g_strnfill (90, 'a');
      g_autofree char *key = g_strconcat (cases[i].prefix, fill, NULL);
      g_autoptr (GPtrArray) found = okap_provider_recognise_key (key, NULL);

      g_assert_true (okap_provider_recognises_admin_key (provider, key));
      g_assert_false (okap_provider_recognises_key (provider, key));
      g_assert_cmpuint (found->len, ==, 0);
    }
}

/* A row with a fault is refused with the member's name. */
static void
test_faults (void)
{
  static const struct
  {
    const char *change, *expected;
  } cases[] = {
    { "\"endpoints\":[[\"POST\",\"/x\",\"chat\",\"body\",\"openai-chat\"]]", "stream_usage" },
    { "\"endpoints\":[[\"POST\",\"/x\",\"chat\",\"body\"]]", "endpoints" },
    { "\"endpoints\":[[\"POST\",\"x\",\"chat\",\"body\",\"free\"]]", "endpoints" },
    { "\"endpoints\":[[\"POST\",\"/x\",\"dance\",\"body\",\"free\"]]", "endpoints" },
    { "\"endpoints\":[[\"POST\",\"/x\",\"chat\",\"path\",\"free\"]]", "endpoints" },
    { "\"endpoints\":[[\"POST\",\"/{model}\",\"chat\",\"body\",\"free\"]]", "endpoints" },
    { "\"endpoints\":[[\"POST\",\"/x\",\"chat\",\"header\",\"free\"]]", "endpoints" },
    { "\"endpoints\":[[\"POST\",\"/x\",\"chat\",\"body\",\"replicate\"]]", "endpoints" },
    { "\"endpoints\":[[\"POST\",\"/x\",\"chat\",\"body\",\"free\",\"nobody\"]]", "endpoints" },
    { "\"jobs\":{\"a\":{\"id\":\"id\",\"poll\":\"/x\",\"state\":\"s\",\"final\":[\"a\"]}}",
      "jobs" },
    { "\"jobs\":{\"a\":{\"id\":\"id\",\"poll\":\"/x/{id}\",\"state\":\"s\",\"final\":[]}}",
      "jobs" },
    { "\"jobs\":{\"a\":{\"id\":\"id\",\"poll\":\"/x/{id}\",\"state\":\"s\",\"more\":1}}",
      "more" },
    { "\"stream_usage\":\"maybe\"", "stream_usage" },
    { "\"second\":{\"auth\":[]}", "what" },
    { "\"key_patterns\":[\"abc\"]", "key_patterns" },
    { "\"shared_key_patterns\":[\"^a\"]", "shared_key_patterns" },
    { "\"standing\":[[\"balance\",\"a\",\"USD\"]]", "test_path" },
    { "\"test_path\":\"/x\",\"standing\":[[\"much\",\"a\",\"USD\"]]", "standing" },
    { "\"test_path\":\"/x\",\"standing\":[[\"left\",\"a..b\",\"USD\"]]", "standing" },
    { "\"test_path\":\"/x\",\"standing\":[[\"left\",\"a\",\"dollars\"]]", "standing" },
    { "\"test_path\":\"/x\",\"standing\":[[\"requests\",\"a\",\"year\"]]", "standing" },
    { "\"unknown\":1", "unknown" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *row = g_strdup_printf (
        "{\"id\":\"x\",\"name\":\"X\",\"base_url\":\"\",\"path\":{},\"variables\":{},"
        "\"model\":{},%s}", cases[i].change);
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapProvider) provider = okap_provider_from_json (row, strlen (row), &error);

      g_test_message ("%s", row);
      g_assert_null (provider);
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, cases[i].expected));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/rows/needs", test_needs);
  g_test_add_func ("/provider/rows/jobs", test_jobs);
  g_test_add_func ("/provider/rows/every", test_every_row);
  g_test_add_func ("/provider/rows/second", test_second);
  g_test_add_func ("/provider/rows/admin-keys", test_admin_keys);
  g_test_add_func ("/provider/rows/faults", test_faults);
  return g_test_run ();
}
