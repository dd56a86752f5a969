/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is denied since no row names it: everything that gives out or changes credentials, spends
 * where nobody counts, or changes an account. No spelling of such a path may be let through. */
#include "okap-error.h"
#include "okap-provider.h"

#include <string.h>

static const struct
{
  const char *provider;
  const char *paths;
} denied[] = {
  { "openai", "/realtime /realtime/client_secrets /realtime/sessions "
    "/realtime/transcription_sessions /realtime/translations/client_secrets /realtime/calls "
    "/chatkit/sessions /agents /agents/a/runs /vaults /vaults/v/credentials /webhook_endpoints "
    "/webhook_endpoints/w /fine_tuning/jobs /fine_tuning/checkpoints/c/permissions /organization "
    "/organization/admin_api_keys /organization/projects/p/service_accounts /projects "
    "/projects/p/model_permissions /uploads /uploads/u/parts /live/sessions /evals /assistants "
    "/threads /threads/t/runs /skills" },
  { "azure-openai", "/openai/v1/realtime/client_secrets /openai/realtime/sessions "
    "/openai/v1/fine_tuning/jobs /openai/deployments /openai/deployments/d /openai/v1/vaults" },
  { "anthropic", "/v1/organizations/api_keys /v1/organizations/me /v1/organizations/invites "
    "/v1/vaults /v1/vaults/v/credentials /v1/tunnels /v1/tunnels/t/reveal_token /v1/environments "
    "/v1/environments/e /v1/agents /v1/agents/a /v1/sessions /v1/sessions/s/events "
    "/v1/deployments /v1/webhooks /v1/memory_stores /v1/skills" },
  { "google", "/v1beta/auth_tokens /v1alpha/auth_tokens /v1beta/authTokens /v1beta/tuningJobs "
    "/v1beta/tunedModels /v1beta/files:register /v1beta/models/x:generateAnswerToken "
    "/ws/google.ai.generativelanguage.v1beta.GenerativeService.Bidi" },
  { "openrouter", "/keys /keys/abc /auth/keys /auth/keys/code /byok /vault/secrets /interns/i "
    "/scim/v2/Users /workspaces /workspaces/w/budgets/monthly /guardrails /guardrails/g/keys "
    "/key /credits /activity" },
  { "mistral", "/v1/service-accounts /v1/connectors /v1/connectors/c /v1/client/sessions "
    "/v1/libraries /v1/libraries/l/documents /v1/agents /v1/agents/a /v1/fine_tuning/jobs "
    "/v1/users/me" },
  { "together", "/compute/clusters /endpoints /endpoints/e /deployments /deployments/d /fine-tunes "
    "/fine-tunes/f /v2/endpoints" },
  { "ollama", "/api/pull /api/push /api/create /api/copy /api/delete /api/blobs/sha256:a "
    "/api/signin /api/me" },
  { "litellm", "/key/generate /key/info /key/update /user/new /team/new /model/new /model/delete "
    "/config/update /config/pass_through_endpoint /spend/logs /credentials /global/spend "
    "/vertex_ai/v1/projects" },
  { "replicate", "/trainings /account /webhooks/default/secret /deployments /deployments/a/b" },
  { "groq", "/fine_tunings /reports" },
  { "cohere", "/v1/connectors /v1/connectors/c /v1/finetuning/finetuned-models /v1/check-api-key" },
  { "xai", "/api-key /auth/teams/t/api-keys /realtime /realtime/client_secrets /batches "
    "/chat/deferred-completion/x" },
  { "deepseek", "/user/balance" },
  { "perplexity", "/v1/browser/sessions /generate_auth_token /revoke_auth_token" },
  { "fireworks", "/v1/accounts/a/users/u/apiKeys /accounts/a/deployments /fine_tuning/jobs" },
  { "portkey", "/api-keys/workspace/user /virtual-keys /configs /admin/users "
    "/prompts/p/completions /integrations" },
  { "vercel", "/v1/credits /v1/report /ai-gateway/budgets/b /v1/api-keys" },
  { "kilo", "/api/organizations /users/me /keys" },
  { "ngrok", "/access-keys /api_keys" },
  { "eden", "/cost_management/credits /user/custom_token /universal-ai" },
  { "helicone", "/v1/key /v1/api-keys /v1/request/query" },
  { "cloudflare", "/user/tokens /client/v4/user/tokens /accounts/a/ai-gateway/gateways /run/x" },
};

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };

static guint n_tried;

static void
try_path (const OkapProvider *provider, const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (OkapRoute) route = { 0 };

      if (okap_provider_resolve (provider, methods[i], path, &route, &error))
        g_error ("%s lets %s %s through to %s", okap_provider_get_id (provider), methods[i], path,
                 route.path);
      g_assert_true (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED));
      n_tried++;
    }
}

/* @path with the character at @at written as an escape. */
static char *
escape_at (const char *path, gsize at, gboolean upper)
{
  return g_strdup_printf (upper ? "%.*s%%%02X%s" : "%.*s%%%02x%s", (int) at, path,
                          (guint) (guchar) path[at], path + at + 1);
}

static void
try_spellings (const OkapProvider *provider, const char *path)
{
  static const char *const around[] = {
    "@", "/v1@", "/v1/v1@", "@/", "/@", "/.@", "/x/..@", "/models/..@", "/%2e@",
    "/models/%2e%2e@", "/models/%2E%2E@", "/models/..%2f@", "/models/%2e%2e%2f@",
    "/models%2f..@", "\\@", "/models/..\\@", "/models/%5c..@", "/%00@", "@%00",
    "@%20", "@;x=1", "@?x=1", "@#x", "@%3fx=1", "@%23", "@/.", "@/..", "@/%2e",
    "/models/%252e%252e@", "@.json", "@\n", " @", "@ ", "http://x@", "//x@",
  };
  g_autofree char *upper = g_ascii_strup (path, -1);
  g_autofree char *first = g_strdup (path);

  for (guint i = 0; i < G_N_ELEMENTS (around); i++)
    {
      g_auto (GStrv) parts = g_strsplit (around[i], "@", -1);
      g_autofree char *spelling = g_strjoinv (path, parts);

      try_path (provider, spelling);
    }
  for (char *p = first; *p != '\0'; p++)
    if (p[0] == '/')
      p[1] = g_ascii_toupper (p[1]);
  try_path (provider, first);
  try_path (provider, upper);
  for (gsize at = 1; path[at] != '\0'; at++)
    for (guint upper_hex = 0; upper_hex < 2; upper_hex++)
      {
        g_autofree char *spelling = escape_at (path, at, upper_hex == 1);

        try_path (provider, spelling);
      }
}

static void
test_denied (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (denied); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (denied[i].provider);
      g_auto (GStrv) paths = g_strsplit (denied[i].paths, " ", -1);

      g_assert_nonnull (provider);
      for (char **path = paths; *path != NULL; path++)
        try_spellings (provider, *path);
    }
  g_test_message ("%u spellings tried", n_tried);
  g_assert_cmpuint (n_tried, >, 10000);
}

/* Nothing lists what all apps of a key stored: an app reaches what it made by its name. */
static void
test_lists (void)
{
  static const char *const lists[] = {
    "/files", "/batches", "/videos", "/responses", "/conversations", "/chat/completions",
    "/vector_stores", "/containers", "/predictions", "/messages/batches", "/batch/jobs",
    "/v1beta/files", "/v1beta/batches", "/v1beta/cachedContents", "/v1beta/interactions",
    "/v1beta/fileSearchStores", "/v2/batches", "/v1/datasets", "/openai/v1/files",
  };
  g_autoptr (GPtrArray) providers = okap_provider_list ();

  for (guint i = 0; i < providers->len; i++)
    for (guint j = 0; j < G_N_ELEMENTS (lists); j++)
      {
        g_auto (OkapRoute) route = { 0 };

        g_assert_false (okap_provider_resolve (g_ptr_array_index (providers, i), "GET", lists[j],
                                               &route, NULL));
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/denied", test_denied);
  g_test_add_func ("/provider/lists", test_lists);
  return g_test_run ();
}
