/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-request-json.h"

#include <string.h>

/* Bodies are written with ' for ". */
#define HEAD "{'okap':'1.0',"
#define ENTRY "'type':'ai_model_access','provider':'openai'"
#define A(more) HEAD "'authorization_details':[{" ENTRY more "}]}"
#define C(more) HEAD "'provider':'openai'" more "}"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  /* RFC 7636, appendix B */
#define LIMIT(more) C (",'limits':{" more "}")

static gint64
get_now (void)
{
  gint64 now_us;

  g_assert_true (okap_time_parse ("2026-11-23T10:00:00Z", &now_us));
  return now_us;
}

static OkapRequest *
parse (const char *quoted, GError **error)
{
  g_autofree char *body = g_strdelimit (g_strdup (quoted), "'", '"');

  return okap_request_parse (body, strlen (body), get_now (), error);
}

static const struct
{
  const char *body;
  const char *words;  /* part of the message: the member, what was expected, what came */
} malformed[] = {
  /* not a request at all */
  { "", "Expected JSON" },
  { "{", "Expected JSON" },
  { "hello", "Expected JSON" },
  { "\xff\xfe{}", "Expected JSON" },
  { C ("") " x", "Expected JSON" },
  { "[]", "JSON object" },
  { "null", "JSON object" },
  { "'okap'", "JSON object" },
  { "{}", "okap: expected “1.0”, the version that this vault speaks, got nothing" },
  { HEAD "'x':1}", "got none of them" },
  { HEAD "'client':{}}", "got none of them" },
  { "{'provider':'openai'}", "okap: expected “1.0”, the version that this vault speaks, got no" },
  { "{'okap':1.0,'provider':'openai'}", "okap: expected “1.0”, got 1.0" },
  { "{'okap':'2.0','provider':'openai'}", "got “2.0”" },
  { "{'okap':null,'provider':'openai'}", "okap: expected “1.0”, got null" },

  /* doubled members, depth */
  { C (",'provider':'openai'"), "the member “provider” twice" },
  { C (",'pro\\u0076ider':'groq'"), "the member “provider” twice" },
  { LIMIT ("'daily_spend':1,'daily_spend':2"), "the member “daily_spend” twice" },
  { C (",'x':[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"), "deeper than 16" },
  { C (",'x':'\\u0000'"), "an escape that is no character" },

  /* two shapes in one body */
  { HEAD "'authorization_details':[{" ENTRY "}],'request':{'provider':'openai'}}",
    "“authorization_details” and “request” do not go together" },
  { HEAD "'authorization_details':[{" ENTRY "}],'limits':{}}",
    "“authorization_details” and “limits” do not go together" },
  { HEAD "'request':{'provider':'openai'},'app_name':'x'}",
    "“request” and “app_name” do not go together" },
  { C (",'client':{}"), "“client” and “provider” do not go together" },

  /* authorization_details */
  { HEAD "'authorization_details':{}}", "authorization_details: expected a list" },
  { HEAD "'authorization_details':[]}", "expected a list of 1 to 8 entries, got 0" },
  { HEAD "'authorization_details':[1]}", "authorization_details[0]: expected an object, got 1" },
  { HEAD "'authorization_details':[[]]}", "authorization_details[0]: expected an object, got a l" },
  { HEAD "'authorization_details':[{'provider':'openai'}]}",
    "authorization_details[0].type: expected “ai_model_access”, got nothing" },
  { HEAD "'authorization_details':[{'type':'x','provider':'openai'}]}",
    "authorization_details[0].type: expected “ai_model_access”, got “x”" },
  { HEAD "'authorization_details':[{'type':7,'provider':'openai'}]}", "got 7" },
  { A (",'budget':1"), "authorization_details[0].budget: expected only type, provider" },
  { A (",'monthly_spend':1"), "authorization_details[0].monthly_spend: expected only" },
  { A (",'Limits':{}"), "authorization_details[0].Limits: expected only" },
  { HEAD "'authorization_details':[{" ENTRY "},{" ENTRY "}]}",
    "authorization_details[1].provider: expected one entry for each provider, got a second one" },
  { A (",'limits':{'hourly_spend':1}"),
    "authorization_details[0].limits.hourly_spend: expected only limits that this vault knows" },
  { HEAD "'request':[]}", "request: expected an object, got a list" },
  { HEAD "'request':{}}", "request.provider: expected the name of a provider, got nothing" },
  { HEAD "'request':{'provider':'openai','limits':{'x':1}}}", "request.limits.x: expected only" },

  /* a limit where it would be ignored */
  { C (",'monthly_spend':5"), "monthly_spend: expected limits inside “limits”" },
  { HEAD "'request':{'provider':'openai','daily_spend':1}}", "request.daily_spend: expected lim" },
  { HEAD "'authorization_details':[{" ENTRY "}],'concurrency':1}", "concurrency: expected limits" },

  /* provider */
  { HEAD "'reason':'x'}", "provider: expected the name of a provider, got nothing" },
  { HEAD "'provider':''}", "provider: expected the name of a provider, got an empty string" },
  { HEAD "'provider':1}", "provider: expected the name of a provider, got 1" },
  { HEAD "'provider':['openai']}", "provider: expected the name of a provider, got a list" },
  { HEAD "'provider':'OpenAI'}", "a letter or digit first, got “OpenAI”" },
  { HEAD "'provider':'open ai'}", "lower case letters" },
  { HEAD "'provider':'../x'}", "lower case letters" },
  { HEAD "'provider':'openai\\u202e'}", "lower case letters" },
  { HEAD "'provider':'-x'}", "lower case letters" },
  { HEAD "'provider':'..'}", "lower case letters" },
  { HEAD "'provider':'abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz012'}",
    "1 to 64 lower case letters, digits, dots, dashes and underscores" },

  /* models */
  { C (",'models':'gpt-4o'"), "models: expected a list of names, got a string" },
  { C (",'models':null"), "models: expected a list of names, got null" },
  { C (",'models':{}"), "models: expected a list of names, got an object" },
  { C (",'models':['a',1]"), "models[1]: expected a model's name" },
  { C (",'models':[null]"), "models[0]: expected a model's name" },
  { C (",'models':['']"), "got an empty string" },
  { C (",'models':['a*b']"), "got a * before the end" },
  { C (",'models':['**']"), "got a * before the end" },
  { C (",'models':['gpt\\n4']"), "got characters that cannot be seen" },
  { C (",'models':['gpt\\u202e4']"), "got characters that cannot be seen" },
  { C (",'models':[' gpt-4']"), "got characters that cannot be seen" },

  /* capabilities */
  { C (",'capabilities':'chat'"), "capabilities: expected a list of names, got a string" },
  { C (",'capabilities':[1]"), "capabilities[0]: expected one of chat" },
  { C (",'capabilities':['chat','fly']"), "capabilities[1]: expected one of chat, completions" },
  { C (",'capabilities':['Chat']"), "got “Chat”" },

  /* limits */
  { C (",'limits':[]"), "limits: expected an object, got a list" },
  { C (",'limits':null"), "limits: expected an object, got null" },
  { C (",'limits':'none'"), "limits: expected an object, got a string" },
  { LIMIT ("'monthly_spend':-1"), "limits.monthly_spend: expected dollars as a number between" },
  { LIMIT ("'monthly_spend':-0.001"), "and 1000000, got -0.001" },
  { LIMIT ("'monthly_spend':'10'"), "got a string" },
  { LIMIT ("'monthly_spend':null"), "got null" },
  { LIMIT ("'monthly_spend':true"), "got true" },
  { LIMIT ("'monthly_spend':[10]"), "got a list" },
  { LIMIT ("'monthly_spend':{}"), "got an object" },
  { LIMIT ("'monthly_spend':NaN"), "Expected JSON" },
  { LIMIT ("'monthly_spend':Infinity"), "Expected JSON" },
  { LIMIT ("'monthly_spend':010"), "Expected JSON" },
  { LIMIT ("'monthly_spend':1000000.01"), "got 1000000.01" },
  { LIMIT ("'monthly_spend':1e400"), "monthly_spend: expected a number that fits" },
  { LIMIT ("'total_spend':99999999999999999999"), "total_spend: expected a number that" },
  { LIMIT ("'total_spend':18446744073709551626"), "total_spend: expected a number that" },
  { LIMIT ("'spend_per_request':-1"), "limits.spend_per_request" },
  { LIMIT ("'daily_spend':-1"), "limits.daily_spend" },
  { LIMIT ("'requests_per_minute':1.5"), "limits.requests_per_minute: expected a whole number b" },
  { LIMIT ("'requests_per_minute':-1"), "between 0 and 1000000, got -1" },
  { LIMIT ("'requests_per_minute':1000001"), "got 1000001" },
  { LIMIT ("'requests_per_minute':'60'"), "got a string" },
  { LIMIT ("'requests_per_day':1e300"), "limits.requests_per_day" },
  { LIMIT ("'requests_per_day':18446744073709551626"), "got a larger one" },
  { LIMIT ("'requests_per_day':-18446744073709551615"), "got a larger one" },
  { LIMIT ("'requests_per_day':-99999999999999999999"), "got a larger one" },
  { LIMIT ("'tokens_per_minute':false"), "got false" },
  { LIMIT ("'tokens_per_request':0.5"), "got 0.5" },
  { LIMIT ("'concurrency':1001"), "between 0 and 1000, got 1001" },
  { LIMIT ("'rpm':1"), "limits.rpm: expected only limits that this vault knows" },
  { LIMIT ("'\\u202eevil':1"), "limits.evil: expected only" },

  /* expires */
  { C (",'expires':1803859200"), "expires: expected a date such as 2027-03-01" },
  { C (",'expires':null"), "expires: expected a date" },
  { C (",'expires':''"), "expires: expected a date" },
  { C (",'expires':'soon'"), "got “soon”" },
  { C (",'expires':'2027-02-30'"), "expires: expected a date" },
  { C (",'expires':'01.03.2027'"), "expires: expected a date" },
  { C (",'expires':'2026-11-23'"), "expires: expected a time in the future, got “2026-11-23”" },
  { C (",'expires':'2026-11-23T10:00:00Z'"), "expected a time in the future" },
  { C (",'expires':'1969-01-01'"), "expected a time in the future" },
  { C (",'expires':'2026-11-23T10:30:00+01:00'"), "expected a time in the future" },
  { C (",'expires':'2036-11-24'"), "expires: expected a time within ten years" },
  { C (",'expires':'9999-12-31T23:59:59Z'"), "expires: expected a time within ten years" },

  /* texts and addresses */
  { C (",'reason':7"), "reason: expected a string, got 7" },
  { C (",'reason':null"), "reason: expected a string, got null" },
  { C (",'app_name':{}"), "app_name: expected a string, got an object" },
  { C (",'app_url':1"), "app_url: expected an http or https URL, got 1" },
  { C (",'app_url':'app.example.com'"), "app_url: expected an http or https URL" },
  { C (",'app_url':'javascript:alert(1)'"), "app_url" },
  { C (",'app_url':'file:///etc/passwd'"), "app_url" },
  { C (",'app_url':'http:///x'"), "app_url" },
  { C (",'app_url':'https://'"), "app_url" },
  { C (",'app_url':'https://bank.example@evil.example'"), "without user name" },
  { C (",'app_url':'https://a.example/\\u202egpj'"), "app_url" },
  { C (",'app_url':'https://a.example/ b'"), "app_url" },
  { C (",'app_url':'https://a.example:99999/'"), "app_url" },
  { C (",'redirect_uri':'ftp://a.example'"), "redirect_uri" },
  { C (",'redirect_uri':[]"), "redirect_uri: expected an http or https URL, got a list" },
  { HEAD "'request':{'provider':'openai'},'client':7}", "client: expected an object, got 7" },
  { HEAD "'request':{'provider':'openai'},'client':{'name':1}}", "client.name: expected a string" },
  { HEAD "'request':{'provider':'openai'},'client':{'url':'x'}}", "client.url" },
  { HEAD "'request':{'provider':'openai'},'client':{'callback':'x'}}", "client.callback" },
  { C (",'redirect_uri':'myapp:/x'"), "redirect_uri: expected an http or https URL, or one of an" },
  { C (",'redirect_uri':'com.example.app:/x#y'"), "redirect_uri" },

  /* our profile */
  { C (",'code_challenge':7"), "code_challenge: expected 43 characters of base64url" },
  { C (",'code_challenge':null"), "code_challenge: expected 43 characters of base64url" },
  { C (",'code_challenge':''"), "code_challenge: expected 43 characters" },
  { C (",'code_challenge':'" CHALLENGE "='"), "code_challenge: expected 43 characters" },
  { C (",'code_challenge':'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN'"), "code_challenge" },
  { C (",'code_challenge':'" CHALLENGE "','code_challenge_method':'plain'"),
    "code_challenge_method: expected “S256”, got “plain”" },
  { C (",'code_challenge':'" CHALLENGE "','code_challenge_method':['S256']"),
    "code_challenge_method: expected “S256”, got a list" },
  { C (",'code_challenge_method':'S256'"), "code_challenge: expected 43 characters of base64url, "
                                           "the SHA-256 of a verifier (RFC 7636), got nothing" },
  { HEAD "'authorization_details':[{" ENTRY ",'state':'x'}]}", "authorization_details[0].state" },
  { C (",'state':1"), "state: expected a string, got 1" },
  { C (",'state':null"), "state: expected a string, got null" },
  { C (",'binding':'bound'"), "binding: expected “portable” or {\"program\": \"/path\"}, got a s" },
  { C (",'binding':true"), "binding: expected" },
  { C (",'binding':null"), "binding: expected" },
  { C (",'binding':[]"), "binding: expected" },
  { C (",'binding':{}"), "binding.program: expected the absolute path of a program, got nothing" },
  { C (",'binding':{'program':1}"), "binding.program: expected the absolute path" },
  { C (",'binding':{'program':''}"), "binding.program: expected" },
  { C (",'binding':{'program':'node'}"), "binding.program: expected" },
  { C (",'binding':{'program':'/'}"), "binding.program: expected" },
  { C (",'binding':{'program':'/usr/bin/'}"), "binding.program: expected" },
  { C (",'binding':{'program':'/usr/bin/../bin/node'}"), "binding.program: expected" },
  { C (",'binding':{'program':'//usr/bin/node'}"), "binding.program: expected" },
  { C (",'binding':{'program':'/usr/bin/\\u202enode'}"), "binding.program: expected" },
  { C (",'binding':{'program':'/usr/bin/node','portable':true}"),
    "binding.portable: expected only program, got an unknown member" },
};

static void
test_malformed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapRequest) request = parse (malformed[i].body, &error);

      if (request != NULL || strstr (error->message, malformed[i].words) == NULL)
        g_error ("case %u (%s): %s", i, malformed[i].body, request != NULL ? "accepted"
                                                                          : error->message);
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_assert_cmpstr (okap_error_get_wire_name (error), ==, "invalid_request");
    }
}

static char *
repeat (const char *text, guint times, const char *separator)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < times; i++)
    g_string_append_printf (all, "%s%s", i > 0 ? separator : "", text);
  return g_string_free (all, FALSE);
}

static void
assert_bound (const char *format, const char *text, guint most, const char *separator,
              const char *words)
{
  for (guint more = 0; more <= 1; more++)
    {
      g_autofree char *part = repeat (text, most + more, separator);
      g_autoptr (GString) body = g_string_new (format);
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapRequest) request = NULL;

      g_string_replace (body, "%s", part, 1);
      request = parse (body->str, &error);
      if (more == 0)
        g_assert_no_error (error);
      else
        {
          g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
          if (strstr (error->message, words) == NULL)
            g_error ("expected “%s” in “%s”", words, error->message);
        }
    }
}

static void
test_bounds (void)
{
  assert_bound (C (",'models':[%s]"), "'m'", OKAP_CAP_REQUEST_MODELS, ",",
                "models: expected at most 64 in one request, got 65");
  assert_bound (C (",'models':['%s']"), "m", OKAP_CAP_MODEL_BYTES, "", "got a longer name");
  assert_bound (C (",'reason':'%s'"), "ä", OKAP_CAP_REASON_CHARS, "",
                "reason: expected at most 256 characters, got 257");
  assert_bound (C (",'app_name':'%s'"), "\\u202eä", OKAP_CAP_NAME_CHARS, "",
                "app_name: expected at most 64 characters, got 65");
  assert_bound (C (",'state':'%s'"), "&", OKAP_CAP_STATE_BYTES, "", "at most 512 bytes, got 513");
  assert_bound (C (",'app_url':'https://a.example/%s'"), "x", OKAP_CAP_URL_BYTES - 18, "",
                "app_url: expected at most 512 bytes, got 513");
}

static void
test_entries (void)
{
  for (guint n = 8; n <= 9; n++)
    {
      g_autoptr (GString) body = g_string_new (HEAD "'authorization_details':[");
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapRequest) request = NULL;

      for (guint i = 0; i < n; i++)
        g_string_append_printf (body, "%s{'type':'ai_model_access','provider':'p%u','models':"
                                "['a','b','c','d','e','f','g','h']}", i > 0 ? "," : "", i);
      g_string_append (body, "]}");
      request = parse (body->str, &error);
      if (n == 8)
        {
          g_assert_no_error (error);
          g_assert_cmpuint (request->scopes->len, ==, 8);
        }
      else
        {
          g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
          g_assert_nonnull (strstr (error->message, "1 to 8 entries, got 9"));
        }
    }
}

static void
test_size (void)
{
  for (guint more = 0; more <= 1; more++)
    {
      g_autofree char *body = g_malloc (OKAP_CAP_REQUEST_BYTES + more);
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapRequest) request = NULL;
      static const char text[] = "{\"okap\":\"1.0\",\"provider\":\"openai\"}";

      memset (body, ' ', OKAP_CAP_REQUEST_BYTES + more);
      memcpy (body, text, strlen (text));
      request = okap_request_parse (body, OKAP_CAP_REQUEST_BYTES + more, get_now (), &error);
      if (more == 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE);
    }
}

static OkapRequest *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "requests", name, NULL);
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  OkapRequest *request;
  gsize length;

  g_file_get_contents (path, &body, &length, &error);
  g_assert_no_error (error);
  request = okap_request_parse (body, length, get_now (), &error);
  g_assert_no_error (error);
  return request;
}

static void
assert_time (gint64 time_us, const char *expected)
{
  g_autofree char *text = okap_time_format_iso (time_us);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_shape_a (void)
{
  g_autoptr (OkapRequest) request = load ("a.json");
  const OkapScope *scope = g_ptr_array_index (request->scopes, 0);

  g_assert_cmpint (request->shape, ==, OKAP_SHAPE_A);
  g_assert_cmpuint (request->scopes->len, ==, 1);
  g_assert_cmpstr (scope->provider, ==, "openai");
  g_assert_cmpstr (scope->models[0], ==, "gpt-4o");
  g_assert_cmpstr (scope->models[1], ==, "gpt-4o-mini");
  g_assert_null (scope->models[2]);
  g_assert_cmpint (scope->capabilities, ==, OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_EMBEDDINGS);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_MONTHLY_SPEND], ==, 10000000000);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_DAILY_SPEND], ==, 2000000000);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_REQUESTS_PER_MINUTE], ==, 60);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_REQUESTS_PER_DAY], ==, 1000);
  g_assert_cmpuint (scope->limits.defaulted, ==, 0);
  assert_time (request->expires_us, "2027-03-01T00:00:00Z");
  g_assert_false (request->expires_defaulted);
  g_assert_cmpstr (request->reason, ==, "Summaries in the editor");
  g_assert_cmpstr (request->app_name, ==, "Example App");
  g_assert_cmpstr (request->app_url, ==, "https://app.example.com");
  g_assert_cmpstr (request->callback, ==, "https://app.example.com/callback");
}

/* One token: the earliest end counts, that of an entry which names none among them. */
static void
test_several (void)
{
  g_autoptr (OkapRequest) request = load ("a-several.json");
  const OkapScope *third = g_ptr_array_index (request->scopes, 2);

  g_assert_cmpuint (request->scopes->len, ==, 3);
  assert_time (request->expires_us, "2026-12-23T10:00:00Z");
  g_assert_true (request->expires_defaulted);
  g_assert_cmpstr (request->reason, ==, "Summaries · Second opinion");
  g_assert_cmpstr (third->provider, ==, "azure-openai");
  g_assert_null (third->models[0]);
  g_assert_cmpint (third->capabilities, ==, OKAP_CAPABILITY_CHAT);
  g_assert_true (okap_limits_has (&third->limits, OKAP_LIMIT_REQUESTS_PER_DAY));
  g_assert_cmpint (third->limits.value[OKAP_LIMIT_REQUESTS_PER_DAY], ==, 0);
  g_assert_cmpuint (third->limits.defaulted, ==,
                    1 << OKAP_LIMIT_MONTHLY_SPEND | 1 << OKAP_LIMIT_DAILY_SPEND
                      | 1 << OKAP_LIMIT_REQUESTS_PER_MINUTE);
}

static void
test_shape_b (void)
{
  g_autoptr (OkapRequest) request = load ("b.json");
  const OkapScope *scope = g_ptr_array_index (request->scopes, 0);

  g_assert_cmpint (request->shape, ==, OKAP_SHAPE_B);
  g_assert_cmpstr (scope->provider, ==, "anthropic");
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_DAILY_SPEND], ==, 300000000);
  g_assert_cmpstr (request->app_name, ==, "");
  g_assert_cmpstr (request->callback, ==, "");
}

static void
test_shape_c (void)
{
  g_autoptr (OkapRequest) request = load ("c.json");
  g_autoptr (OkapRequest) minimal = load ("c-minimal.json");
  const OkapScope *scope = g_ptr_array_index (request->scopes, 0);

  g_assert_cmpint (request->shape, ==, OKAP_SHAPE_C);
  g_assert_cmpint (scope->limits.value[OKAP_LIMIT_TOKENS_PER_REQUEST], ==, 4000);
  g_assert_cmpstr (request->app_name, ==, "Reporter");
  g_assert_cmpstr (request->app_url, ==, "http://localhost:8000");
  g_assert_cmpstr (request->callback, ==, "http://localhost:8000/okap");
  assert_time (minimal->expires_us, "2026-12-23T10:00:00Z");
  g_assert_true (minimal->expires_defaulted);
}

static void
test_accepted (void)
{
  static const char *const bodies[] = {
    C (",'models':['*']"), C (",'models':['gpt-4o','*','x*']"), C (""), C (",'capabilities':[]"),
    C (",'unknown':{'limits':{'x':1}}"), HEAD "'request':{'provider':'openai','unknown':1}}",
    C (",'app_url':'','redirect_uri':''"), C (",'expires':'2036-11-23'"),
    LIMIT ("'requests_per_minute':60.0,'requests_per_day':1e3"),
    LIMIT ("'monthly_spend':0,'daily_spend':0.0"), LIMIT ("'monthly_spend':1000000"),
    LIMIT (""), A (",'limits':{}"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapRequest) request = parse (bodies[i], &error);
      const OkapScope *scope;

      g_test_message ("case %u", i);
      g_assert_no_error (error);
      scope = g_ptr_array_index (request->scopes, 0);
      g_assert_null (scope->models[0]);
      g_assert_cmpint (scope->capabilities, ==, OKAP_CAPABILITY_CHAT);
      g_assert_true (okap_limits_has (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND));
    }
}

/* Our own members stand beside the rest in every shape. */
static void
test_profile (void)
{
  static const char more[] = ",'code_challenge':'" CHALLENGE "','code_challenge_method':'S256',"
                             "'state':'a&b=c \\u00e4\\n','binding':{'program':'/usr/bin/node'}}";
  static const char *const shapes[] = {
    HEAD "'authorization_details':[{" ENTRY "}],'client':{'callback':'com.example.app:/cb'}",
    HEAD "'request':{'provider':'openai'},'client':{'callback':'com.example.app:/cb'}",
    HEAD "'provider':'openai','redirect_uri':'com.example.app:/cb'",
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *body = g_strconcat (shapes[i], more, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapRequest) request = parse (body, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (request->code_challenge, ==, CHALLENGE);
      g_assert_cmpstr (request->state, ==, "a&b=c \303\244\n");
      g_assert_cmpstr (request->bind_program, ==, "/usr/bin/node");
      g_assert_false (request->portable);
      g_assert_cmpstr (request->callback, ==, "com.example.app:/cb");
    }
}

static void
test_profile_missing (void)
{
  g_autoptr (OkapRequest) none = parse (C (""), NULL);
  g_autoptr (OkapRequest) asked = parse (C (",'binding':'portable','state':''"), NULL);

  g_assert_null (none->code_challenge);
  g_assert_null (none->state);
  g_assert_null (none->bind_program);
  g_assert_false (none->portable);
  g_assert_true (asked->portable);
  g_assert_cmpstr (asked->state, ==, "");
}

/* Nothing reaches a person that turns, hides or breaks a line. */
static void
test_cleaned (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapRequest) request
    = parse (C (",'app_name':' Nice\\u202e\\u200b  App\\n','reason':'\\u2066a\\u0007\\tb\\u2069',"
                "'models':['m','m']"), &error);
  const OkapScope *scope;

  g_assert_no_error (error);
  scope = g_ptr_array_index (request->scopes, 0);
  g_assert_cmpstr (request->app_name, ==, "Nice App");
  g_assert_cmpstr (request->reason, ==, "a b");
  g_assert_cmpstr (scope->models[0], ==, "m");
  g_assert_null (scope->models[1]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request/malformed", test_malformed);
  g_test_add_func ("/request/bounds", test_bounds);
  g_test_add_func ("/request/entries", test_entries);
  g_test_add_func ("/request/size", test_size);
  g_test_add_func ("/request/shape-a", test_shape_a);
  g_test_add_func ("/request/several", test_several);
  g_test_add_func ("/request/shape-b", test_shape_b);
  g_test_add_func ("/request/shape-c", test_shape_c);
  g_test_add_func ("/request/accepted", test_accepted);
  g_test_add_func ("/request/profile", test_profile);
  g_test_add_func ("/request/profile-missing", test_profile_missing);
  g_test_add_func ("/request/cleaned", test_cleaned);
  return g_test_run ();
}
