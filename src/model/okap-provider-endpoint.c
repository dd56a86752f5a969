/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoints of a row of data/providers: reading them, and what follows from one.
 *
 * A row is an allow-list. Beside what a provider offers under other names, no endpoint stands in it
 * that gives out or changes credentials (client secrets, keys, webhooks, agents and vaults), that
 * changes an account (fine-tuning, deployments, members), or that lists what all apps of a key
 * stored there: by its name an app may read and delete what it made, but it learns no other's.
 *
 * What a meter and a job are is said in okap-provider.h. Constant; any thread. */
#include "config.h"

#include "okap-provider-private.h"

#include <string.h>

static const char *const place_names[] = { "none", "body", "path", "form", "header", "deployment",
                                           "version", "lines", "file", NULL };
static const char *const meter_names[] = {
  "free", "none", "openai-chat", "openai-responses", "anthropic-messages", "google-generate",
  "ollama", "google-interactions", "openai-images", "openai-speech", "openai-transcription",
  "openai-batch", "openai-video", "anthropic-batch", "google-operation", "replicate",
  "moderation", "cohere", "rerank", "mistral-ocr", "search", "ai-sdk", NULL
};

G_STATIC_ASSERT (G_N_ELEMENTS (place_names) == OKAP_MODEL_FILE + 2);
G_STATIC_ASSERT (G_N_ELEMENTS (meter_names) == OKAP_N_METERS + 1);

static const char *const job_members[] = { "id", "poll", "state", "final", "results_id",
                                           "results", NULL };

#define RETIRED "retired"

static void
job_rule_free (OkapJobRule *job)
{
  g_free (job->name);
  g_free (job->id);
  g_free (job->poll);
  g_free (job->state);
  g_strfreev (job->final);
  g_free (job->results_id);
  g_free (job->results);
  g_free (job);
}

static void
endpoint_free (OkapEndpoint *endpoint)
{
  g_free (endpoint->method);
  g_free (endpoint->pattern);
  g_free (endpoint);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapEndpoint, endpoint_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapJobRule, job_rule_free)

const char *
okap_meter_kind_get_name (OkapMeterKind kind)
{
  return meter_names[kind];
}

const char *
okap_model_place_get_name (OkapModelPlace place)
{
  return place_names[place];
}

/** okap_model_place_is_outside: whether the head of a request names the model */
gboolean
okap_model_place_is_outside (OkapModelPlace place)
{
  return place == OKAP_MODEL_PATH || place == OKAP_MODEL_DEPLOYMENT || place == OKAP_MODEL_HEADER;
}

/** okap_row_find_name: @out_index: where @name stands in @names */
gboolean
okap_row_find_name (const char *const *names, const char *name, guint *out_index)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], name))
      {
        *out_index = i;
        return TRUE;
      }
  return FALSE;
}

static const OkapJobRule *
find_job (const OkapProvider *provider, const char *name)
{
  for (guint i = 0; i < provider->jobs->len; i++)
    {
      const OkapJobRule *job = g_ptr_array_index (provider->jobs, i);

      if (g_str_equal (job->name, name))
        return job;
    }
  return NULL;
}

static gboolean
read_job (OkapProvider *provider, const char *name, JsonNode *node, GError **error)
{
  g_autoptr (OkapJobRule) job = g_new0 (OkapJobRule, 1);
  JsonObject *object = okap_row_get_object (node, "jobs", job_members, error);

  if (object == NULL || !okap_row_read_string (object, "id", TRUE, &job->id, error)
      || !okap_row_read_string (object, "poll", TRUE, &job->poll, error)
      || !okap_row_read_string (object, "state", TRUE, &job->state, error)
      || !okap_row_read_string (object, "results_id", FALSE, &job->results_id, error)
      || !okap_row_read_string (object, "results", FALSE, &job->results, error))
    return FALSE;
  job->final = okap_row_dup_strings (json_object_get_member (object, "final"), "final", error);
  if (job->final == NULL)
    return FALSE;
  if (job->poll[0] != '/' || strstr (job->poll, "{id}") == NULL || job->final[0] == NULL)
    return okap_row_fail (error, "jobs", "a path with {id} to ask at, and final states");
  if (job->results_id != NULL && job->results == NULL)
    return okap_row_fail (error, "jobs", "a path “results” beside “results_id”");
  job->name = g_strdup (name);
  g_ptr_array_add (provider->jobs, g_steal_pointer (&job));
  return TRUE;
}

static gboolean
read_jobs (OkapProvider *provider, JsonNode *node, GError **error)
{
  g_autoptr (GList) names = NULL;
  JsonObject *object;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return okap_row_fail (error, "jobs", "an object");
  object = json_node_get_object (node);
  names = json_object_get_members (object);
  for (GList *l = names; l != NULL; l = l->next)
    if (!read_job (provider, l->data, json_object_get_member (object, l->data), error))
      return FALSE;
  return TRUE;
}

static gboolean
has_model (const char *pattern)
{
  return strstr (pattern, "{model") != NULL || strstr (pattern, "{+model:") != NULL;
}

/* Of a sixth cell: the end of the endpoint, or what its answer begins. */
static gboolean
read_remark (const OkapProvider *provider, OkapEndpoint *endpoint, const char *remark,
             GError **error)
{
  endpoint->retired = g_str_equal (remark, RETIRED);
  if (endpoint->retired)
    return TRUE;
  endpoint->job = find_job (provider, remark);
  return endpoint->job != NULL
         || okap_row_fail (error, "endpoints", "the name of a job, or retired");
}

static gboolean
read_endpoint (OkapProvider *provider, JsonNode *node, GError **error)
{
  g_auto (GStrv) cells = okap_row_dup_strings (node, "endpoints", error);
  g_autoptr (OkapEndpoint) endpoint = g_new0 (OkapEndpoint, 1);
  guint n_cells = cells != NULL ? g_strv_length (cells) : 0;
  guint place, meter;

  if (cells == NULL)
    return FALSE;
  if (n_cells < 5 || n_cells > 6 || cells[1][0] != '/'
      || !okap_row_find_name (place_names, cells[3], &place)
      || !okap_row_find_name (meter_names, cells[4], &meter))
    return okap_row_fail (error, "endpoints",
                          "[method, /pattern, capability, model place, meter, job?]");
  endpoint->method = g_strdup (cells[0]);
  endpoint->pattern = g_strdup (cells[1]);
  endpoint->capability = okap_capability_from_name (cells[2]);
  endpoint->model_place = (OkapModelPlace) place;
  endpoint->meter = (OkapMeterKind) meter;
  if (n_cells == 6 && !read_remark (provider, endpoint, cells[5], error))
    return FALSE;
  if (endpoint->capability == OKAP_CAPABILITY_NONE && !g_str_equal (cells[2], "none"))
    return okap_row_fail (error, "endpoints", "a capability of the protocol, or none");
  if ((place == OKAP_MODEL_PATH || place == OKAP_MODEL_DEPLOYMENT) != has_model (cells[1]))
    return okap_row_fail (error, "endpoints",
                          "{model} in the pattern if the model stands in the path");
  if (place == OKAP_MODEL_HEADER && provider->model_headers[0] == NULL)
    return okap_row_fail (error, "endpoints", "“model_headers” in a row with models in a header");
  if (okap_endpoint_get_money_rule (endpoint) == OKAP_MONEY_JOB && endpoint->job == NULL)
    return okap_row_fail (error, "endpoints", "the name of a job, which this meter needs");
  g_ptr_array_add (provider->endpoints, g_steal_pointer (&endpoint));
  return TRUE;
}

/** okap_row_read_endpoints: the jobs and endpoints of @row, whose other members were read */
gboolean
okap_row_read_endpoints (OkapProvider *provider, JsonObject *row, GError **error)
{
  g_autoptr (JsonArray) empty = json_array_new ();
  JsonArray *array = okap_row_get_array (row, "endpoints", empty, error);

  provider->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) job_rule_free);
  provider->endpoints = g_ptr_array_new_with_free_func ((GDestroyNotify) endpoint_free);
  if (array == NULL || !read_jobs (provider, json_object_get_member (row, "jobs"), error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_endpoint (provider, json_array_get_element (array, i), error))
      return FALSE;
  return TRUE;
}

/** okap_endpoint_get_money_rule: what a grant with a cap on money means for it */
OkapMoneyRule
okap_endpoint_get_money_rule (const OkapEndpoint *endpoint)
{
  switch (endpoint->meter)
    {
    case OKAP_METER_FREE:
      return OKAP_MONEY_FREE;
    case OKAP_METER_NONE:
      return OKAP_MONEY_REFUSED;
    case OKAP_METER_OPENAI_BATCH:
    case OKAP_METER_OPENAI_VIDEO:
    case OKAP_METER_ANTHROPIC_BATCH:
    case OKAP_METER_GOOGLE_OPERATION:
    case OKAP_METER_REPLICATE:
      return OKAP_MONEY_JOB;
    case OKAP_METER_OPENAI_CHAT:
    case OKAP_METER_OPENAI_RESPONSES:
    case OKAP_METER_ANTHROPIC_MESSAGES:
    case OKAP_METER_GOOGLE_GENERATE:
    case OKAP_METER_OLLAMA:
    case OKAP_METER_GOOGLE_INTERACTIONS:
    case OKAP_METER_OPENAI_IMAGES:
    case OKAP_METER_OPENAI_SPEECH:
    case OKAP_METER_OPENAI_TRANSCRIPTION:
    case OKAP_METER_MODERATION:
    case OKAP_METER_COHERE:
    case OKAP_METER_RERANK:
    case OKAP_METER_MISTRAL_OCR:
    case OKAP_METER_SEARCH:
    case OKAP_METER_AI_SDK:
    default:
      return OKAP_MONEY_LEASED;
    }
}

/**
 * okap_provider_asks_stream_usage:
 * @endpoint: one of @provider's
 *
 * Returns: whether a stream of it ends without its usage unless the body asks with
 *   stream_options.include_usage
 */
gboolean
okap_provider_asks_stream_usage (const OkapProvider *provider, const OkapEndpoint *endpoint)
{
  return provider->stream_usage_asked && endpoint->meter == OKAP_METER_OPENAI_CHAT
         && (endpoint->capability & (OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_COMPLETIONS)) != 0;
}

/**
 * okap_provider_get_max_output:
 * @endpoint: one of @provider's
 *
 * Returns: (transfer none) (nullable): the member of the body that bounds how many tokens are
 *   written, dots between nested members; NULL if the endpoint has none
 */
const char *
okap_provider_get_max_output (const OkapProvider *provider, const OkapEndpoint *endpoint)
{
  gboolean chat = endpoint->capability == OKAP_CAPABILITY_CHAT;

  if (!chat && endpoint->capability != OKAP_CAPABILITY_COMPLETIONS)
    return NULL;
  switch ((guint) endpoint->meter)
    {
    case OKAP_METER_OPENAI_CHAT:
      return chat ? provider->max_output : "max_tokens";
    case OKAP_METER_OPENAI_RESPONSES:
      return g_str_has_suffix (endpoint->pattern, "/responses") ? "max_output_tokens" : NULL;
    case OKAP_METER_ANTHROPIC_MESSAGES:
    case OKAP_METER_COHERE:
      return "max_tokens";
    case OKAP_METER_GOOGLE_GENERATE:
      return "generationConfig.maxOutputTokens";
    case OKAP_METER_GOOGLE_INTERACTIONS:
      return "generation_config.max_output_tokens";
    case OKAP_METER_OLLAMA:
      return "options.num_predict";
    default:
      return NULL;
    }
}

/** okap_provider_get_model_headers: (transfer none): where a model of %OKAP_MODEL_HEADER stands */
const char *const *
okap_provider_get_model_headers (const OkapProvider *provider)
{
  return (const char *const *) provider->model_headers;
}

/** okap_provider_get_model_members: (transfer none): which name what runs where a body has no
 *   member "model"; "requests" stands for the models of the requests in it */
const char *const *
okap_provider_get_model_members (const OkapProvider *provider)
{
  return (const char *const *) provider->model_members;
}

/**
 * okap_provider_dup_poll_path:
 * @pattern: (nullable): poll or results of an #OkapJobRule of @provider
 * @asked_path: the path of the request that began the job, as it was sent
 * @id: as the provider named the job; not trusted
 *
 * Returns: (transfer full) (nullable): the path of a GET; NULL if there is none that the row allows
 */
char *
okap_provider_dup_poll_path (const OkapProvider *provider, const char *pattern,
                             const char *asked_path, const char *id)
{
  g_autoptr (GString) path = NULL;
  g_auto (OkapRoute) route = { 0 };
  g_autofree char *version = g_strndup (asked_path + 1, strcspn (asked_path + 1, "/"));

  if (pattern == NULL)
    return NULL;
  path = g_string_new (pattern);
  g_string_replace (path, "{version}", version, 1);
  g_string_replace (path, "{id}", id, 1);
  return okap_provider_resolve (provider, "GET", path->str, &route, NULL)
         ? g_steal_pointer (&route.path) : NULL;
}
