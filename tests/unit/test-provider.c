/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-error.h"
#include "okap-provider.h"

#include <string.h>

static const char *const names[] = {
  "anthropic", "azure-openai", "cerebras", "cloudflare", "cohere", "deepseek", "demo", "eden",
  "fireworks", "google", "groq", "helicone", "kilo", "litellm", "mistral", "ngrok", "ollama",
  "openai", "openrouter", "perplexity", "portkey", "replicate", "sambanova", "together", "vercel",
  "xai",
};

static void
test_list (void)
{
  g_autoptr (GPtrArray) list = okap_provider_list ();
  OkapProvider *last = g_ptr_array_index (list, list->len - 1);

  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (names));
  g_assert_cmpstr (okap_provider_get_id (last), ==, "demo");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (names[i]);

      g_assert_nonnull (provider);
      g_assert_true (okap_provider_is_builtin (provider));
      g_assert_true (okap_provider_id_is_valid (names[i]));
      g_assert_cmpuint (okap_provider_get_endpoints (provider)->len, >, 0);
      g_assert_false (g_str_has_suffix (okap_provider_get_base_url (provider), "/"));
    }
  g_assert_null (okap_provider_lookup ("openai-compatible"));
  g_assert_null (okap_provider_lookup ("OpenAI"));
}

static void
test_ids (void)
{
  g_assert_true (okap_provider_id_is_valid ("my-server.2"));
  g_assert_false (okap_provider_id_is_valid (""));
  g_assert_false (okap_provider_id_is_valid (".."));
  g_assert_false (okap_provider_id_is_valid ("a/b"));
  g_assert_false (okap_provider_id_is_valid ("Aa"));
  g_assert_false (okap_provider_id_is_valid ("ä"));
}

/* What official SDKs and usual clients send, and what the provider is to get. */
static const struct
{
  const char *provider, *method, *path, *upstream, *model;
  OkapCapability capability;
  OkapModelPlace place;
  OkapMeterKind meter;
} allowed[] = {
  { "openai", "POST", "/chat/completions", "/chat/completions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "openai", "POST", "/v1/chat/completions", "/chat/completions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "openai", "POST", "/v1/v1/responses", "/responses", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_RESPONSES },
  { "openai", "GET", "/responses/resp_12-ab", "/responses/resp_12-ab", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_NONE, OKAP_METER_FREE },
  { "openai", "POST", "/audio/transcriptions", "/audio/transcriptions", NULL,
    OKAP_CAPABILITY_AUDIO, OKAP_MODEL_FORM, OKAP_METER_OPENAI_TRANSCRIPTION },
  { "openai", "POST", "/moderations", "/moderations", NULL, OKAP_CAPABILITY_MODERATION,
    OKAP_MODEL_BODY, OKAP_METER_MODERATION },
  { "openai", "HEAD", "/models", "/models", NULL, OKAP_CAPABILITY_NONE, OKAP_MODEL_NONE,
    OKAP_METER_FREE },
  { "openai", "GET", "/models/ft%3Agpt-4o%3Aacme", "/models/ft%3Agpt-4o%3Aacme", NULL,
    OKAP_CAPABILITY_NONE, OKAP_MODEL_NONE, OKAP_METER_FREE },
  { "anthropic", "POST", "/v1/messages", "/messages", NULL, OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY,
    OKAP_METER_ANTHROPIC_MESSAGES },
  { "anthropic", "POST", "/v1/v1/messages", "/messages", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_ANTHROPIC_MESSAGES },
  { "anthropic", "POST", "/messages/count_tokens", "/messages/count_tokens", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_FREE },
  { "anthropic", "POST", "/chat/completions", "/chat/completions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "google", "POST", "/v1/models/gemini-2.5-flash:generateContent",
    "/v1/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash", OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_PATH, OKAP_METER_GOOGLE_GENERATE },
  { "google", "POST", "/models/gemini-2.5-flash%3AstreamGenerateContent",
    "/v1beta/models/gemini-2.5-flash%3AstreamGenerateContent", "gemini-2.5-flash",
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_PATH, OKAP_METER_GOOGLE_GENERATE },
  { "google", "POST", "/v1beta/v1beta/models/g:countTokens", "/v1beta/models/g:countTokens", "g",
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_PATH, OKAP_METER_FREE },
  { "google", "POST", "/v1beta/v1/models/g:embedContent", "/v1/models/g:embedContent", "g",
    OKAP_CAPABILITY_EMBEDDINGS, OKAP_MODEL_PATH, OKAP_METER_GOOGLE_GENERATE },
  { "google", "POST", "/v1beta/openai/chat/completions", "/v1beta/openai/chat/completions", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "google", "POST", "/openai/chat/completions", "/v1beta/openai/chat/completions", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "google", "GET", "/v1beta/models", "/v1beta/models", NULL, OKAP_CAPABILITY_NONE,
    OKAP_MODEL_NONE, OKAP_METER_FREE },
  { "groq", "POST", "/openai/v1/chat/completions", "/chat/completions", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "groq", "POST", "/v1/openai/chat/completions", "/chat/completions", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "mistral", "POST", "/v1/fim/completions", "/fim/completions", NULL,
    OKAP_CAPABILITY_COMPLETIONS, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "openrouter", "POST", "/api/v1/messages", "/messages", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_ANTHROPIC_MESSAGES },
  { "ollama", "POST", "/api/chat", "/api/chat", NULL, OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY,
    OKAP_METER_OLLAMA },
  { "ollama", "POST", "/v1/v1/chat/completions", "/v1/chat/completions", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "ollama", "GET", "/v1/models/library/llama3:8b", "/v1/models/library/llama3:8b", NULL,
    OKAP_CAPABILITY_NONE, OKAP_MODEL_NONE, OKAP_METER_FREE },
  { "cohere", "POST", "/chat", "/v2/chat", NULL, OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY,
    OKAP_METER_COHERE },
  { "cohere", "POST", "/compatibility/v1/chat/completions", "/compatibility/v1/chat/completions",
    NULL, OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "perplexity", "POST", "/responses", "/v1/responses", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_RESPONSES },
  { "perplexity", "POST", "/chat/completions", "/chat/completions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "fireworks", "POST", "/inference/v1/chat/completions", "/chat/completions", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "deepseek", "POST", "/anthropic/v1/messages", "/anthropic/v1/messages", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_ANTHROPIC_MESSAGES },
  { "azure-openai", "POST", "/openai/deployments/my-gpt/chat/completions",
    "/openai/deployments/my-gpt/chat/completions", "my-gpt", OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_DEPLOYMENT, OKAP_METER_OPENAI_CHAT },
  { "demo", "POST", "/v1/chat/completions", "/chat/completions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "openai", "POST", "/v1/files", "/files", NULL, OKAP_CAPABILITY_NONE, OKAP_MODEL_LINES,
    OKAP_METER_FREE },
  { "openai", "POST", "/batches", "/batches", NULL, OKAP_CAPABILITY_NONE, OKAP_MODEL_FILE,
    OKAP_METER_OPENAI_BATCH },
  { "anthropic", "POST", "/v1/messages/batches", "/messages/batches", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_ANTHROPIC_BATCH },
  { "google", "POST", "/v1beta/tunedModels/x:generateContent",
    "/v1beta/tunedModels/x:generateContent", "tunedModels/x", OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_PATH, OKAP_METER_GOOGLE_GENERATE },
  { "google", "POST", "/v1beta/models/x:batchGenerateContent",
    "/v1beta/models/x:batchGenerateContent", "x", OKAP_CAPABILITY_CHAT, OKAP_MODEL_PATH,
    OKAP_METER_GOOGLE_OPERATION },
  { "google", "POST", "/upload/v1beta/files", "/upload/v1beta/files", NULL, OKAP_CAPABILITY_NONE,
    OKAP_MODEL_NONE, OKAP_METER_FREE },
  { "google", "GET", "/v1beta/models/veo-3/operations/abc", "/v1beta/models/veo-3/operations/abc",
    NULL, OKAP_CAPABILITY_NONE, OKAP_MODEL_NONE, OKAP_METER_FREE },
  { "google", "POST", "/interactions", "/v1beta/interactions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_GOOGLE_INTERACTIONS },
  { "perplexity", "POST", "/search", "/search", NULL, OKAP_CAPABILITY_CHAT, OKAP_MODEL_NONE,
    OKAP_METER_SEARCH },
  { "replicate", "POST", "/v1/predictions", "/predictions", NULL, OKAP_CAPABILITY_NONE,
    OKAP_MODEL_VERSION, OKAP_METER_REPLICATE },
  { "replicate", "POST", "/models/black-forest-labs/flux-1.1/predictions",
    "/models/black-forest-labs/flux-1.1/predictions", "black-forest-labs/flux-1.1",
    OKAP_CAPABILITY_NONE, OKAP_MODEL_PATH, OKAP_METER_REPLICATE },
  { "replicate", "POST", "/deployments/acme/app/predictions", "/deployments/acme/app/predictions",
    "deployments/acme/app", OKAP_CAPABILITY_NONE, OKAP_MODEL_DEPLOYMENT, OKAP_METER_REPLICATE },
  { "fireworks", "POST", "/workflows/accounts/fireworks/models/flux/text_to_image",
    "/workflows/accounts/fireworks/models/flux/text_to_image", "accounts/fireworks/models/flux",
    OKAP_CAPABILITY_IMAGES, OKAP_MODEL_PATH, OKAP_METER_OPENAI_IMAGES },
  { "openrouter", "POST", "/presets/mine/chat/completions", "/presets/mine/chat/completions",
    "presets/mine", OKAP_CAPABILITY_CHAT, OKAP_MODEL_PATH, OKAP_METER_OPENAI_CHAT },
  { "vercel", "POST", "/v4/ai/language-model", "/v4/ai/language-model", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_HEADER, OKAP_METER_AI_SDK },
  { "vercel", "POST", "/chat/completions", "/v1/chat/completions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "eden", "POST", "/v3/llm/chat/completions", "/chat/completions", NULL, OKAP_CAPABILITY_CHAT,
    OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "cloudflare", "POST", "/compat/chat/completions", "/compat/chat/completions", NULL,
    OKAP_CAPABILITY_CHAT, OKAP_MODEL_BODY, OKAP_METER_OPENAI_CHAT },
  { "litellm", "POST", "/gemini/v1beta/models/g:generateContent",
    "/gemini/v1beta/models/g:generateContent", "g", OKAP_CAPABILITY_CHAT, OKAP_MODEL_PATH,
    OKAP_METER_GOOGLE_GENERATE },
};

static void
test_allowed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (allowed[i].provider);
      g_autoptr (GError) error = NULL;
      g_auto (OkapRoute) route = { 0 };

      g_test_message ("%s %s", allowed[i].provider, allowed[i].path);
      okap_provider_resolve (provider, allowed[i].method, allowed[i].path, &route, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (route.path, ==, allowed[i].upstream);
      g_assert_cmpstr (route.model, ==, allowed[i].model);
      g_assert_cmpint (route.endpoint->capability, ==, allowed[i].capability);
      g_assert_cmpint (route.endpoint->model_place, ==, allowed[i].place);
      g_assert_cmpint (route.endpoint->meter, ==, allowed[i].meter);
    }
}

static const struct
{
  const char *provider, *method, *path;
  OkapError code;
} refused[] = {
  /* Not on the list. */
  { "openai", "POST", "/realtime/client_secrets", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/organization/costs", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "POST", "/fine_tuning/jobs", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "POST", "/completions/extra", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/files", OKAP_ERROR_METHOD_NOT_ALLOWED },
  { "openai", "GET", "/batches", OKAP_ERROR_METHOD_NOT_ALLOWED },
  { "anthropic", "GET", "/v1/messages/batches", OKAP_ERROR_METHOD_NOT_ALLOWED },
  { "google", "POST", "/v1beta/tunedModels/:generateContent", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "google", "POST", "/v1beta/tunedModels/a/b:generateContent",
    OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "replicate", "POST", "/models/owner/predictions/x", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "replicate", "POST", "/models/a/b/c/predictions", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "fireworks", "POST", "/workflows/a/b/c/text_to_image", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "POST", "/chat/completion", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "POST", "/CHAT/completions", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "POST", "/v1", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "anthropic", "GET", "/v1/organizations/api_keys", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "google", "POST", "/v1beta/auth_tokens", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "google", "POST", "/v1beta/models/a:b:generateContent", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "google", "POST", "/v1beta/models/:generateContent", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openrouter", "POST", "/keys", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "ollama", "POST", "/api/pull", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "ollama", "DELETE", "/api/delete", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  /* Another method. */
  { "openai", "GET", "/chat/completions", OKAP_ERROR_METHOD_NOT_ALLOWED },
  { "openai", "HEAD", "/chat/completions", OKAP_ERROR_METHOD_NOT_ALLOWED },
  { "openai", "DELETE", "/models/gpt-4o", OKAP_ERROR_METHOD_NOT_ALLOWED },
  { "openai", "post", "/chat/completions", OKAP_ERROR_METHOD_NOT_ALLOWED },
  /* Tricks. */
  { "openai", "GET", "", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "models", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "//models", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/v1//models", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/..", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/../files", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/./models", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/%2e%2e", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/%2E%2E%2Ffiles", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a%2fb", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a%5cb", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a\\b", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a%252fb", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a%00", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a%", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a%4", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/a%zz", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models/%ef%bc%8f", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/%6dodels", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models;x=1", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models?x", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models#x", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models x", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/models\r\nx: y", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "openai", "GET", "/modéls", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "ollama", "GET", "/v1/models/../../api/delete", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
  { "ollama", "GET", "/v1/models/", OKAP_ERROR_ENDPOINT_NOT_ALLOWED },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (refused[i].provider);
      g_autoptr (GError) error = NULL;
      g_auto (OkapRoute) route = { 0 };

      g_test_message ("%s %s", refused[i].provider, refused[i].path);
      g_assert_false (okap_provider_resolve (provider, refused[i].method, refused[i].path, &route,
                                             &error));
      g_assert_error (error, OKAP_ERROR, (int) refused[i].code);
      g_assert_null (route.endpoint);
      g_assert_null (route.path);
    }
}

/* Around the longest path, also where a version is put before it. */
static void
test_long (void)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("google");

  for (guint length = 1000; length < 1050; length++)
    {
      g_autofree char *segment = g_strnfill (length, 'a');
      g_autofree char *path = g_strconcat ("/models/", segment, NULL);
      g_autoptr (GError) error = NULL;
      g_auto (OkapRoute) route = { 0 };

      if (okap_provider_resolve (provider, "GET", path, &route, &error))
        g_assert_cmpuint (strlen (route.path), <=, 1024);
      else
        g_assert_error (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED);
    }
}

/* A message names provider, method and path, but repeats nothing that may be a credential. */
static void
test_messages (void)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autoptr (GError) error = NULL;
  g_autofree char *longest = g_strnfill (5000, 'a');
  g_autofree char *path = g_strconcat ("/", longest, NULL);
  OkapRoute route;

  g_assert_false (okap_provider_resolve (provider, "POST", "/uploads", &route, &error));
  g_assert_nonnull (strstr (error->message, "OpenAI"));
  g_assert_nonnull (strstr (error->message, "POST /uploads"));
  g_clear_error (&error);

  g_assert_false (okap_provider_resolve (provider, "POST\x1b[31m",
                                         "/okap_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/x",
                                         &route, &error));
  g_assert_null (strstr (error->message, "okap_"));
  g_assert_null (strstr (error->message, "\x1b"));
  g_clear_error (&error);

  g_assert_false (okap_provider_resolve (provider, "POST", path, &route, &error));
  g_assert_cmpuint (strlen (error->message), <, 256);
}

static void
test_models (void)
{
  static const struct
  {
    const char *provider, *model, *canonical;
  } cases[] = {
    { "openai", "gpt-4o", "gpt-4o" },
    { "openai", "openai/gpt-4o", "gpt-4o" },
    { "openai", "GPT-4o", "GPT-4o" },
    { "openai", "openai/", "openai/" },
    { "google", "models/gemini-2.5-pro", "gemini-2.5-pro" },
    { "google", "google/models/gemini-2.5-*", "gemini-2.5-*" },
    { "google", "tunedModels/x", "tunedModels/x" },
    { "groq", "openai/gpt-oss-120b", "openai/gpt-oss-120b" },
    { "openrouter", "openai/gpt-4o:online", "openai/gpt-4o:online" },
    { "ollama", "Llama3.2:latest", "llama3.2" },
    { "ollama", "llama3.2:8B", "llama3.2:8b" },
    { "ollama", ":latest", ":latest" },
    { "demo", "Demo-Fast", "demo-fast" },
    { "my-server", "Some/Model", "Some/Model" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *canonical = okap_provider_canonical_model (cases[i].provider,
                                                                  cases[i].model);

      g_assert_cmpstr (canonical, ==, cases[i].canonical);
    }
}

static void
test_auth (void)
{
  static const struct
  {
    const char *provider, *key, *header, *prefix;
  } cases[] = {
    { "openai", "sk-proj-1", "Authorization", "Bearer " },
    { "anthropic", "sk-ant-api03-1", "x-api-key", "" },
    { "anthropic", "sk-ant-oat01-1", "Authorization", "Bearer " },
    { "google", "AIza1", "x-goog-api-key", "" },
    { "azure-openai", "1", "api-key", "" },
    { "ollama", "1", "Authorization", "Bearer " },
    { "ollama", NULL, NULL, NULL },
    { "ollama", "", NULL, NULL },
    { "demo", NULL, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);
      const char *header = NULL;
      const char *prefix = NULL;
      gboolean sent = okap_provider_get_auth (provider, "/x", cases[i].key, FALSE, &header,
                                              &prefix);

      g_assert_cmpint (sent, ==, cases[i].header != NULL);
      g_assert_cmpstr (header, ==, cases[i].header);
      g_assert_cmpstr (prefix, ==, cases[i].prefix);
    }
}

/* Keys are put together here so that no scanner takes this file for a leak. */
static void
test_recognition (void)
{
  static const struct
  {
    const char *prefix;
    guint fill;
    const char *suffix, *providers;
    gboolean certain;
  } cases[] = {
    { "sk-ant-" "api03-", 93, "AA", "anthropic", TRUE },
    { "sk-ant-" "oat01-", 93, "AA", "anthropic", TRUE },
    { "sk-" "or-v1-", 64, "", "openrouter", TRUE },
    { "sk-" "proj-", 120, "", "openai", TRUE },
    { "sk-" "proj-", 74, "T3Blbk" "FJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "openai", TRUE },
    { "sk-" "svcacct-", 120, "", "openai", TRUE },
    { "sk-" "service-", 60, "", "openai", TRUE },
    { "sk-" "aaaaaaaaaaaaaaaaaaaa" "T3Blbk" "FJ", 20, "", "openai", TRUE },
    { "sk-" "my-project-aaaaaaaaaaaaaaaaaaaa" "T3Blbk" "FJ", 20, "", "openai", TRUE },
    { "sk-", 32, "", "deepseek litellm", FALSE },
    { "sk-", 48, "", "litellm openai", FALSE },
    { "sk-" "okap-", 43, "", "", FALSE },
    { "sk-" "lf-", 36, "", "", FALSE },
    { "AI" "za", 35, "", "google", TRUE },
    { "AQ" ".", 50, "", "google", TRUE },
    { "gsk" "_", 52, "", "groq", TRUE },
    { "xai" "-", 80, "", "xai", TRUE },
    { "xai" "-token-", 80, "", "", FALSE },
    { "sk-" "helicone-", 40, "", "helicone", TRUE },
    { "sk-" "a", 20, "", "litellm", FALSE },
    { "r8" "_", 37, "", "replicate", TRUE },
    { "vck" "_", 56, "", "vercel", TRUE },
    { "ng" "-", 20, "-g1-aaaaaaaa", "ngrok", TRUE },
    { "eyJ", 20, ".aaaaaaaa.aaaaaaaa", "eden kilo", FALSE },
    { "cfut" "_", 40, "", "cloudflare", TRUE },
    { "cfut" "_", 35, "", "cloudflare", TRUE },
    { "aaaaaaaa-aaaa-aaaa-aaaa-", 12, "", "sambanova", FALSE },
    { "A/", 26, "", "portkey", FALSE },
    { "pplx" "-", 48, "", "perplexity", TRUE },
    { "csk" "-", 48, "", "cerebras", TRUE },
    { "tgp" "_v1_", 43, "", "together", TRUE },
    { "fw" "_", 24, "", "fireworks", TRUE },
    { "", 64, "", "together", FALSE },
    { "", 32, "", "azure-openai mistral", FALSE },
    { "B", 31, "", "mistral", FALSE },
    { "", 40, "", "cloudflare cohere", FALSE },
    { "", 84, "", "azure-openai", FALSE },
    { "", 32, ".aaaaaaaaaaaaaaaaaaaaaaaa", "ollama", TRUE },
    { "", 32, "\n", "", FALSE },
    { " ", 32, "", "", FALSE },
    { "okap_", 49, "", "", FALSE },
    { "", 0, "", "", FALSE },
    { "", 9000, "", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *fill = g_strnfill (cases[i].fill, 'a');
      g_autofree char *key = g_strconcat (cases[i].prefix, fill, cases[i].suffix, NULL);
      gboolean certain = !cases[i].certain;
      g_autoptr (GPtrArray) found = okap_provider_recognise_key (key, &certain);
      g_autoptr (GString) ids = g_string_new (NULL);

      for (guint j = 0; j < found->len; j++)
        {
          OkapProvider *provider = g_ptr_array_index (found, j);

          g_assert_true (okap_provider_recognises_key (provider, key));
          g_string_append_printf (ids, "%s%s", j > 0 ? " " : "", okap_provider_get_id (provider));
        }
      g_test_message ("%s…%u", cases[i].prefix, cases[i].fill);
      g_assert_cmpstr (ids->str, ==, cases[i].providers);
      g_assert_cmpint (certain, ==, cases[i].certain);
    }
}

/* A key with an address of its own may take an app's words anywhere. */
static void
test_has_base_url (void)
{
  static const struct
  {
    const char *id, *base_url;
    gboolean expected;
  } cases[] = {
    { "openai", NULL, TRUE },
    { "openai", "https://api.openai.com/v1", TRUE },
    { "openai", "https://api.openai.com/v1/", TRUE },
    { "openai", "https://api.openai.com/v2", FALSE },
    { "openai", "http://api.openai.com/v1", FALSE },
    { "openai", "https://api.openai.com.example.com/v1", FALSE },
    { "openai", "https://user@api.openai.com/v1", FALSE },
    { "openai", "http://127.0.0.1:8080/v1", FALSE },
    { "anthropic", "https://api.openai.com/v1", FALSE },
    { "azure-openai", "https://mine.openai.azure.com", FALSE },
    { "my-server", "http://localhost:8080/v1", FALSE },
    { "my-server", NULL, TRUE },
    { "openai", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].id, cases[i].base_url);
      g_assert_cmpint (okap_provider_has_base_url (cases[i].id, cases[i].base_url), ==,
                       cases[i].expected);
    }
}

static void
test_compatible (void)
{
  static const char *const bad[] = {
    "", "example.com", "ftp://example.com", "http://", "https://user:pw@example.com/v1",
    "https://example.com/v1?x=1", "https://example.com/#x", "demo:", "http://exa mple.com",
  };
  g_autoptr (OkapProvider) provider = NULL;
  g_auto (OkapRoute) route = { 0 };
  const char *header, *prefix;

  provider = okap_provider_new_compatible ("my-server", "http://127.0.0.1:1234/v1/");
  g_assert_nonnull (provider);
  g_assert_false (okap_provider_is_builtin (provider));
  g_assert_cmpstr (okap_provider_get_id (provider), ==, "my-server");
  g_assert_cmpstr (okap_provider_get_base_url (provider), ==, "http://127.0.0.1:1234/v1");
  g_assert_true (okap_provider_get_auth (provider, NULL, "k", FALSE, &header, &prefix));
  g_assert_true (okap_provider_resolve (provider, "POST", "/v1/chat/completions", &route, NULL));
  g_assert_cmpstr (route.path, ==, "/chat/completions");
  g_assert_null (okap_provider_new_compatible ("../x", "https://example.com/v1"));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_null (okap_provider_new_compatible ("my-server", bad[i]));
    }
}

static void
test_variables (void)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  const GPtrArray *keys = okap_provider_get_key_variables (provider);
  const GPtrArray *bases = okap_provider_get_base_variables (provider);
  const OkapProviderVariable *base = g_ptr_array_index (bases, 0);

  g_assert_cmpstr (g_ptr_array_index (keys, 0), ==, "OPENAI_API_KEY");
  g_assert_cmpstr (base->name, ==, "OPENAI_BASE_URL");
  g_assert_cmpstr (base->suffix, ==, "/v1");
}

/* Whose packages read no error but in their vendor's form. */
static void
test_error_forms (void)
{
  static const struct
  {
    const char *provider, *path;
    OkapErrorForm form;
  } cases[] = {
    { "openai", "/chat/completions", OKAP_ERROR_FORM_COMMON },
    { "google", "/v1beta/models/gemini-2.5-flash:generateContent", OKAP_ERROR_FORM_NUMBERED },
    { "openrouter", "/api/v1/chat/completions", OKAP_ERROR_FORM_NUMBERED },
    { "ollama", "/api/chat", OKAP_ERROR_FORM_TEXT },
    { "ollama", "/v1/chat/completions", OKAP_ERROR_FORM_COMMON },
    { "ollama", "", OKAP_ERROR_FORM_COMMON },
  };
  g_autoptr (OkapProvider) own = okap_provider_new_compatible ("own", "http://127.0.0.1:1/v1");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);

      g_assert_cmpint (okap_provider_get_error_form (provider, cases[i].path), ==, cases[i].form);
    }
  g_assert_cmpint (okap_provider_get_error_form (own, "/api/chat"), ==, OKAP_ERROR_FORM_COMMON);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/list", test_list);
  g_test_add_func ("/provider/ids", test_ids);
  g_test_add_func ("/provider/resolve/allowed", test_allowed);
  g_test_add_func ("/provider/resolve/refused", test_refused);
  g_test_add_func ("/provider/resolve/long", test_long);
  g_test_add_func ("/provider/resolve/messages", test_messages);
  g_test_add_func ("/provider/models", test_models);
  g_test_add_func ("/provider/auth", test_auth);
  g_test_add_func ("/provider/recognition", test_recognition);
  g_test_add_func ("/provider/has-base-url", test_has_base_url);
  g_test_add_func ("/provider/compatible", test_compatible);
  g_test_add_func ("/provider/variables", test_variables);
  g_test_add_func ("/provider/error-forms", test_error_forms);
  return g_test_run ();
}
