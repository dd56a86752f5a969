/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the providers' own errors say of a key; bodies as the providers send them. */
#include <string.h>

#include "okap-clock.h"
#include "okap-key-health.h"

#define NOW_US G_GINT64_CONSTANT (1795000000000000)  /* 2026-11-18 11:06:40 UTC */

typedef struct
{
  const char *provider;
  guint status;
  const char *body;
  OkapKeyClass class;
} Case;

/* In bodies, ' stands for a quotation mark. */
static const Case cases[] = {
  { "openai", 200, "{'id':'x'}", OKAP_KEY_GOOD },
  { "openai", 401,
    "{'error':{'message':'Incorrect API key provided: "
    "sk-x***y.','type':'invalid_request_error','param':null,'code':'invalid_api_key'}}",
    OKAP_KEY_BAD },
  { "openai", 401, "", OKAP_KEY_BAD },
  { "openai", 401, "<html>no</html>", OKAP_KEY_BAD },
  { "openai", 401,
    "{'error':{'message':'You have insufficient permissions for this operation. Missing "
    "scopes: model.request','type':'invalid_request_error'}}", OKAP_KEY_FORBIDDEN },
  { "openai", 401,
    "{'error':{'message':'OpenAI-Organization header should "
    "match','code':'mismatched_organization'}}", OKAP_KEY_UNTRIED },
  { "openai", 403,
    "{'error':{'code':'unsupported_country_region_territory','message':'Country, region, or "
    "territory not supported','type':'request_forbidden'}}", OKAP_KEY_FORBIDDEN },
  { "openai", 429,
    "{'error':{'message':'You exceeded your current quota, please check your plan and billing "
    "details.','type':'insufficient_quota','param':null,'code':'insufficient_quota'}}",
    OKAP_KEY_OUT_OF_CREDIT },
  { "openai", 429,
    "{'error':{'message':'Rate limit reached for "
    "gpt-4o','type':'requests','code':'rate_limit_exceeded'}}", OKAP_KEY_RATE_LIMITED },
  { "openai", 400,
    "{'error':{'message':'Billing hard limit has been "
    "reached','code':'billing_hard_limit_reached'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "openai", 404,
    "{'error':{'message':'The model `x` does not "
    "exist','type':'invalid_request_error','code':'model_not_found'}}", OKAP_KEY_MODEL_MISSING },
  { "openai", 400,
    "{'error':{'message':'Incorrect API key provided','type':'invalid_request_error',"
    "'code':null}}", OKAP_KEY_UNTRIED },
  { "openai", 503, "{'error':{'message':'overloaded'}}", OKAP_KEY_PROVIDER_ERROR },
  { "my-server", 429, "{'error':{'code':'insufficient_quota'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 401,
    "{'type':'error','error':{'type':'authentication_error','message':'invalid "
    "x-api-key'},'request_id':'req_1'}", OKAP_KEY_BAD },
  { "anthropic", 400,
    "{'type':'error','error':{'type':'invalid_request_error','message':'Your credit balance is "
    "too low to access the Anthropic API.'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 400,
    "{'type':'error','error':{'type':'invalid_request_error','message':'messages.0: Your "
    "credit balance is too low'}}", OKAP_KEY_UNTRIED },
  { "anthropic", 400,
    "{'type':'error','error':{'type':'invalid_request_error','message':'You have reached your "
    "specified API usage limits.'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 400,
    "{'type':'error','error':{'type':'invalid_request_error','message':'This organization has "
    "been disabled.'}}", OKAP_KEY_BAD },
  { "anthropic", 402,
    "{'type':'error','error':{'type':'billing_error','message':'x'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 429,
    "{'type':'error','error':{'type':'rate_limit_error','message':'x',"
    "'details':{'error_code':'contract_spend_limit_reached'}}}", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 429,
    "{'type':'error','error':{'type':'rate_limit_error'}}", OKAP_KEY_RATE_LIMITED },
  { "anthropic", 403, "{'type':'error','error':{'type':'permission_error'}}", OKAP_KEY_FORBIDDEN },
  { "anthropic", 404,
    "{'type':'error','error':{'type':'not_found_error','message':'model: claude-x'}}",
    OKAP_KEY_MODEL_MISSING },
  { "anthropic", 529,
    "{'type':'error','error':{'type':'overloaded_error'}}", OKAP_KEY_PROVIDER_ERROR },
  { "google", 400,
    "{'error':{'code':400,'message':'API key not valid. Please pass a valid API "
    "key.','status':'INVALID_ARGUMENT','details':[{'@type':'x','reason':'API_KEY_INVALID'}]}}",
    OKAP_KEY_BAD },
  { "google", 400,
    "[{'error':{'code':400,'message':'API key expired. Please renew the API "
    "key.','status':'INVALID_ARGUMENT'}}]", OKAP_KEY_BAD },
  { "google", 400,
    "{'error':{'code':400,'message':'User location is not supported for the API "
    "use.','status':'FAILED_PRECONDITION'}}", OKAP_KEY_FORBIDDEN },
  { "google", 400,
    "{'error':{'code':400,'message':'Invalid value','status':'INVALID_ARGUMENT'}}",
    OKAP_KEY_UNTRIED },
  { "google", 403,
    "{'error':{'code':403,'message':'x','status':'PERMISSION_DENIED'}}", OKAP_KEY_FORBIDDEN },
  { "google", 403,
    "{'error':{'message':'Your API key was reported as leaked. Please use another API "
    "key.','status':'PERMISSION_DENIED'}}", OKAP_KEY_BAD },
  { "google", 429,
    "{'error':{'code':429,'message':'You exceeded your current quota, please check your "
    "plan','status':'RESOURCE_EXHAUSTED'}}", OKAP_KEY_RATE_LIMITED },
  { "google", 429,
    "{'error':{'code':429,'message':'Your prepayment credits are "
    "depleted.','status':'RESOURCE_EXHAUSTED'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "google", 404,
    "{'error':{'code':404,'message':'models/x is not found for API version "
    "v1beta','status':'NOT_FOUND'}}", OKAP_KEY_MODEL_MISSING },
  { "perplexity", 401,
    "{'error':{'message':'You exceeded your current quota, please check your plan and billing "
    "details.','type':'insufficient_quota','code':401}}", OKAP_KEY_OUT_OF_CREDIT },
  { "perplexity", 401,
    "{'error':{'message':'Invalid API key provided.','type':'invalid_api_key','code':401}}",
    OKAP_KEY_BAD },
  { "openrouter", 402,
    "{'error':{'code':402,'message':'Insufficient credits'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "openrouter", 402,
    "{'error':{'code':402,'message':'x','metadata':{'limit_source':'in_flight_budget'}}}",
    OKAP_KEY_RATE_LIMITED },
  { "openrouter", 403,
    "{'error':{'code':403,'message':'Key limit exceeded (total limit).'}}",
    OKAP_KEY_OUT_OF_CREDIT },
  { "openrouter", 403,
    "{'error':{'code':403,'message':'Your input was flagged'}}", OKAP_KEY_UNTRIED },
  { "openrouter", 401, "{'error':{'message':'User not found.','code':401}}", OKAP_KEY_BAD },
  { "xai", 400,
    "{'code':'Client specified an invalid argument','error':'Incorrect API key provided: "
    "xa***yz.'}", OKAP_KEY_BAD },
  { "xai", 403,
    "{'code':'The caller does not have permission','error':'Your newly created team does not "
    "have any credits yet.'}", OKAP_KEY_OUT_OF_CREDIT },
  { "deepseek", 402,
    "{'error':{'message':'Insufficient Balance','code':'invalid_request_error'}}",
    OKAP_KEY_OUT_OF_CREDIT },
  { "fireworks", 412,
    "{'error':{'message':'Account x is suspended, possibly due to reaching the monthly "
    "spending limit','code':'PRECONDITION_FAILED'}}", OKAP_KEY_OUT_OF_CREDIT },
  { "mistral", 401, "{'detail':'Unauthorized'}", OKAP_KEY_BAD },
  { "mistral", 429,
    "{'object':'error','message':'Requests rate limit "
    "exceeded','type':'rate_limited','code':'1300'}", OKAP_KEY_RATE_LIMITED },
  { "mistral", 400,
    "{'object':'error','message':'Invalid model: x','type':'invalid_model','code':'1500'}",
    OKAP_KEY_MODEL_MISSING },
  { "mistral", 422, "{'detail':[{'type':'missing','loc':['body'],'msg':'x'}]}", OKAP_KEY_UNTRIED },
  { "cohere", 401, "{'message':'invalid api token'}", OKAP_KEY_BAD },
  { "replicate", 402,
    "{'title':'Insufficient credit','detail':'x','status':402}", OKAP_KEY_OUT_OF_CREDIT },
  { "replicate", 401, "{'title':'Unauthenticated','detail':'x','status':401}", OKAP_KEY_BAD },
  { "groq", 401, "{'error':{'message':'Invalid API Key','code':'invalid_api_key'}}", OKAP_KEY_BAD },
  { "groq", 400,
    "{'error':{'message':'Organization has been restricted.','code':'organization_restricted'}}",
    OKAP_KEY_BAD },
  { "azure-openai", 404,
    "{'error':{'code':'DeploymentNotFound','message':'x'}}", OKAP_KEY_MODEL_MISSING },
  { "ollama", 404, "{'error':'model x not found'}", OKAP_KEY_MODEL_MISSING },
  { "ollama", 500, "{'error':'out of memory'}", OKAP_KEY_PROVIDER_ERROR },
  { "litellm", 429, "{'error':{'type':'budget_exceeded','code':'429'}}", OKAP_KEY_OUT_OF_CREDIT },
};

static char *
dup_body (const Case *c)
{
  return g_strdelimit (g_strdup (c->body), "'", '"');
}

static void
test_classes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_autofree char *body = dup_body (c);
      OkapKeyClass class = okap_key_health_classify (c->provider, c->status, body, strlen (body));

      g_test_message ("%s %u %s", c->provider, c->status, body);
      g_assert_cmpstr (okap_key_class_get_name (class), ==, okap_key_class_get_name (c->class));
    }
  g_assert_cmpint (okap_key_health_classify ("openai", 401, NULL, 0), ==, OKAP_KEY_BAD);
}

/* Wherever a body is cut, the status still speaks, and never more than the whole body does. */
static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_autofree char *body = dup_body (c);
      OkapKeyClass by_status = okap_key_health_classify (c->provider, c->status, NULL, 0);

      for (gsize n = 0; n < strlen (body); n++)
        {
          g_autofree char *part = g_memdup2 (body, MAX (n, 1));
          OkapKeyClass class = okap_key_health_classify (c->provider, c->status, part, n);

          g_assert_true (class == by_status || class == c->class
                         || (c->status == 429 && class == OKAP_KEY_RATE_LIMITED));
        }
    }
}

static void
test_retry_after (void)
{
  static const struct
  {
    const char *headers;
    gint64 wait_us;   /* -1 for none */
  } waits[] = {
    { NULL, -1 },
    { "", -1 },
    { "content-type: application/json\r\n", -1 },
    { "retry-after: 20\r\n", 20 * OKAP_SECOND_US },
    { "x: y\r\nRetry-After:  1.5\r\nz: 1\r\n", 3 * OKAP_SECOND_US / 2 },
    { "retry-after-ms: 250\r\nretry-after: 20\r\n", OKAP_SECOND_US / 4 },
    { "retry-after: 86400\r\n", 3600 * OKAP_SECOND_US },
    { "retry-after: 99999999999999999999\r\n", 3600 * OKAP_SECOND_US },
    { "retry-after: Wed, 18 Nov 2026 11:07:10 GMT\r\n", 30 * OKAP_SECOND_US },
    { "retry-after: Wed, 18 Nov 2020 11:07:10 GMT\r\n", 0 },
    { "retry-after: Wed, 18 Nov 2030 11:07:10 GMT\r\n", 3600 * OKAP_SECOND_US },
    { "retry-after: -5\r\n", -1 },
    { "retry-after: soon\r\n", -1 },
    { "x-retry-after: 5\r\n", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      gint64 until_us = okap_key_health_retry_after (waits[i].headers, NOW_US);

      g_test_message ("%s", waits[i].headers);
      g_assert_cmpint (until_us, ==, waits[i].wait_us < 0 ? 0 : NOW_US + waits[i].wait_us);
    }
}

static void
test_retry_delay (void)
{
  static const struct
  {
    const char *body;
    gint64 wait_us;   /* -1 for none */
  } waits[] = {
    { "{'error':{'code':429,'details':[{'@type':'QuotaFailure'},{'retryDelay':'44s'}]}}",
      44 * OKAP_SECOND_US },
    { "[{'error':{'details':[{'retryDelay':'1.5s'}]}}]", 3 * OKAP_SECOND_US / 2 },
    { "{'retryDelay':'90000s'}", 3600 * OKAP_SECOND_US },
    { "{'retryDelay':44}", -1 },
    { "{'retryDelay':'soon'}", -1 },
    { "{'retryDelay':'s'}", -1 },
    { "{'other':'44s','retryDelay':{'x':'44s'}}", -1 },
    { "", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      g_autofree char *body = g_strdelimit (g_strdup (waits[i].body), "'", '"');
      gint64 until_us = okap_key_health_retry_delay (body, strlen (body), NOW_US);

      g_test_message ("%s", body);
      g_assert_cmpint (until_us, ==, waits[i].wait_us < 0 ? 0 : NOW_US + waits[i].wait_us);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-health/classes", test_classes);
  g_test_add_func ("/key-health/cut", test_cut);
  g_test_add_func ("/key-health/retry-after", test_retry_after);
  g_test_add_func ("/key-health/retry-delay", test_retry_delay);
  return g_test_run ();
}
