/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams whose money ends before they do, in every family, however their bytes are cut; and apps
 * that hang up. */
#include "okap-curl.h"
#include "okap-json.h"
#include "proxy-fixture.h"

#include <string.h>

#define UNITS 400
#define TEXT "0123456789 äöü 0123456789"

/* Each stream is @first, then @unit again and again. @last begins what Okap ends it with. */
static const struct
{
  const char *name;
  const char *path;
  const char *body;
  const char *type;
  const char *first;
  const char *unit;
  const char *last;
  gint64 nusd;          /* that the request may cost; 0: @tokens */
  gint64 tokens;
} streams[] = {
  { "chat", CHAT,
    "{\"model\":\"gpt-4o-mini\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
    "text/event-stream", "",
    "data: {\"choices\":[{\"delta\":{\"content\":\"" TEXT "\"}}]}\n\n",
    "data: {\"type\":\"error\",\"error\":{\"code\":\"spend_limit_reached\"", 300000, 0 },
  { "chat, filtered", CHAT, "{\"model\":\"gpt-4o-mini\",\"stream\":true}", "text/event-stream", "",
    "data: {\"choices\":[{\"delta\":{\"content\":\"" TEXT "\"}}]}\r\n\r\n",
    "data: {\"type\":\"error\",\"error\":{\"code\":\"spend_limit_reached\"", 300000, 0 },
  { "responses", "/v1/openai/responses", "{\"model\":\"gpt-4o-mini\",\"stream\":true}",
    "text/event-stream; charset=utf-8", "event: response.created\ndata: {\"response\":{}}\n\n",
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\","
    "\"delta\":\"" TEXT "\"}\n\n",
    "event: error\ndata: {\"type\":\"error\"", 300000, 0 },
  { "messages", "/v1/anthropic/v1/messages",
    "{\"model\":\"claude-3-5-haiku-latest\",\"stream\":true,\"max_tokens\":8000}",
    "text/event-stream",
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
    "{\"input_tokens\":10,\"output_tokens\":1}}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":"
    "{\"type\":\"text_delta\",\"text\":\"" TEXT "\"}}\n\n",
    "event: error\ndata: {\"type\":\"error\"", 1000000, 0 },
  { "google", "/v1/google/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse",
    "{\"contents\":[]}", "text/event-stream", "",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" TEXT "\"}]}}]}\r\n\r\n",
    "data: {\"error\":{\"code\":402", 200000, 0 },
  { "google, one array", "/v1/google/v1beta/models/gemini-2.0-flash:streamGenerateContent",
    "{\"contents\":[]}", "application/json", "[{\"candidates\":[]}",
    "\n,\r\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" TEXT "\"}]}}]}",
    ",{\"error\":{\"code\":402", 200000, 0 },
  { "lines, by tokens", "/v1/ollama/api/chat", "{\"model\":\"llama3\",\"messages\":[]}",
    "application/x-ndjson", "", "{\"message\":{\"content\":\"" TEXT "\"},\"done\":false}\n",
    "{\"error\":\"Okap: The answer was cut here", 0, 400 },
};

/* Other limits for all scopes, as if the user had allowed them so. */
static void
set_limits (Fixture *fixture, OkapLimit limit, gint64 value, OkapScopeOptions options)
{
  OkapGrant *next = okap_grant_copy_next (fixture->grant);

  for (guint i = 0; i < next->scopes->len; i++)
    {
      OkapScope *scope = okap_scope_copy (next->scopes->pdata[i]);

      if (value > 0)
        okap_limits_set (&scope->limits, limit, value);
      scope->options = options;
      okap_scope_unref (next->scopes->pdata[i]);
      next->scopes->pdata[i] = scope;
    }
  okap_grant_unref (fixture->grant);
  fixture->grant = next;
  okap_gate_put_grant (fixture->gate, next, fixture->hash);
}

static void
add_ollama (Fixture *fixture)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("ollama");
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u", fixture->mock.host.port);
  g_autoptr (OkapCredential) credential = okap_credential_new ("ollama", provider, base, NULL);
  OkapGrant *next = okap_grant_copy_next (fixture->grant);
  OkapScope *scope = okap_scope_new ("ollama");

  scope->capabilities = OKAP_CAPABILITY_CHAT;
  scope->key_id = g_strdup ("ollama");
  g_ptr_array_add (next->scopes, scope);
  okap_gate_put_credential (fixture->gate, credential);
  okap_grant_unref (fixture->grant);
  fixture->grant = next;
  okap_gate_put_grant (fixture->gate, next, fixture->hash);
}

static char *
make_script (guint i)
{
  GString *script = g_string_new (streams[i].first);

  for (guint n = 0; n < UNITS; n++)
    g_string_append (script, streams[i].unit);
  return g_string_free (script, FALSE);
}

/* The app got whole parts and the stream's own end, and nothing else. */
static void
check_cut (guint i, const char *body)
{
  const char *rest = body + strlen (streams[i].first);
  guint n = 0;

  g_assert_true (g_str_has_prefix (body, streams[i].first));
  for (; g_str_has_prefix (rest, streams[i].unit); rest += strlen (streams[i].unit))
    n++;
  if (streams[i].type[0] == 'a')  /* white space between two elements or lines */
    rest += strspn (rest, "\r\n");
  g_test_message ("%s: %u parts, then %.60s", streams[i].name, n, rest);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n, <, UNITS / 2);
  g_assert_true (g_str_has_prefix (rest, streams[i].last));
  if (strcmp (streams[i].type, "application/json") == 0)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = okap_json_parse_strict (body, strlen (body), 16, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, n + 2);
    }
  else
    g_assert_true (g_str_has_suffix (body, "\n"));
}

static void
test_cut (Fixture *fixture, gconstpointer data)
{
  static const guint pieces[] = { 1, 7, 100, 1500 };
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *script = make_script (i);
  guint n = 0;

  add_ollama (fixture);
  set_limits (fixture, streams[i].nusd > 0 ? OKAP_LIMIT_SPEND_PER_REQUEST
                                           : OKAP_LIMIT_TOKENS_PER_REQUEST,
              streams[i].nusd > 0 ? streams[i].nusd : streams[i].tokens, 0);
  fixture->mock.script = script;
  for (guint j = 0; j < G_N_ELEMENTS (pieces); j++)
    {
      g_autofree char *headers = g_strdup_printf ("x-mock: script\nx-mock-type: %s\n"
                                                  "x-mock-events: %u", streams[i].type, pieces[j]);
      g_autoptr (App) app = app_new (fixture, "POST", streams[i].path, headers, streams[i].body);
      OkapUsage *usage;

      app_perform (app);
      g_assert_cmpint (app->result, ==, CURLE_OK);
      g_assert_cmpint (app->status, ==, 200);
      check_cut (i, app->body->str);
      mock_wait (&fixture->mock, &fixture->mock.gone, ++n);
      usage = wait_usage (fixture, n);
      g_assert_cmpstr (usage->error, ==, "spend_limit_reached");
      g_assert_true (usage->streamed || strcmp (streams[i].type, "application/json") == 0);
      g_assert_cmpint (usage->bytes_out, <, (gint64) strlen (app->body->str));
      if (streams[i].nusd > 0)
        {
          g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
          g_assert_cmpint (usage->cost_nusd, >, 0);
          g_assert_cmpint (usage->cost_nusd, <=, streams[i].nusd);
        }
    }
}

static void
hang_up (gpointer data, gpointer user)
{
  App *app = data;

  curl_easy_setopt (app->easy, CURLOPT_TIMEOUT_MS, 1L);
}

/* Asks, and is gone after the first bytes of the answer. */
static void
ask_and_leave (Fixture *fixture, const char *headers)
{
  g_autoptr (App) app = app_new (fixture, "POST", CHAT, headers,
                                 "{\"model\":\"gpt-4o-mini\",\"stream\":true}");

  app->on_data = hang_up;
  app_perform (app);
  g_assert_cmpint (app->result, ==, CURLE_OPERATION_TIMEDOUT);
}

static void
test_finish_and_count (Fixture *fixture, gconstpointer data)
{
  static const char script[] =
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":null}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7}}\n\n"
    "data: [DONE]\n\n";
  const OkapUsage *usage;

  set_limits (fixture, OKAP_LIMIT_MONTHLY_SPEND, G_GINT64_CONSTANT (1000000000),
              OKAP_SCOPE_FINISH_AND_COUNT);
  fixture->mock.script = script;
  ask_and_leave (fixture, "x-mock: script\nx-mock-type: text/event-stream\nx-mock-events: 3");
  usage = wait_usage (fixture, 1);
  g_assert_cmpint (usage->http_status, ==, 499);
  g_assert_cmpstr (usage->error, ==, "caller_gone");
  g_assert_cmpint (usage->units.count[OKAP_UNIT_INPUT], ==, 100);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_OUTPUT], ==, 7);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_KNOWN);
  g_assert_cmpint (usage->cost_nusd, ==, 100 * 150 + 7 * 600);
  g_assert_cmpuint (fixture->mock.gone, ==, 0);

  /* A grant that ends, ends it, too; and what still runs when Okap ends is counted, not lost. */
  ask_and_leave (fixture, "x-mock: endless\nx-mock-events: 3");
  revoke_grant (fixture);
  g_assert_cmpstr (wait_usage (fixture, 2)->error, ==, "token_revoked");
  mock_wait (&fixture->mock, &fixture->mock.gone, 1);
}

static void
test_leave_at_the_end (Fixture *fixture, gconstpointer data)
{
  set_limits (fixture, OKAP_LIMIT_MONTHLY_SPEND, 0, OKAP_SCOPE_FINISH_AND_COUNT);
  ask_and_leave (fixture, "x-mock: endless\nx-mock-events: 3");
  g_assert_cmpuint (fixture->usages->len, ==, 0);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  const OkapUsage *usage;

  set_limits (fixture, OKAP_LIMIT_MONTHLY_SPEND, G_GINT64_CONSTANT (1000000000), 0);
  ask_and_leave (fixture, "x-mock: endless\nx-mock-events: 3");
  mock_wait (&fixture->mock, &fixture->mock.gone, 1);
  usage = wait_usage (fixture, 1);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
  g_assert_cmpint (usage->cost_nusd, >, 0);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_OUTPUT], >, 0);
}

/* A provider that took the request and gave nothing may bill it; one that was never reached does
 * not. */
static void
test_vanished (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) vanished = app_new (fixture, "POST", CHAT, "x-mock: vanish", BODY);
  g_autoptr (App) nobody = app_new (fixture, "POST", "/v1/groq/chat/completions", "",
                                    "{\"model\":\"gpt-4o-mini\"}");
  const OkapUsage *usage;

  app_perform (vanished);
  g_assert_cmpint (vanished->status, ==, 502);
  usage = wait_usage (fixture, 1);
  g_assert_cmpstr (usage->error, ==, "upstream_unreachable");
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
  g_assert_cmpint (usage->cost_nusd, >, 0);

  app_perform (nobody);
  g_assert_cmpint (nobody->status, ==, 502);
  usage = wait_usage (fixture, 2);
  g_assert_cmpint (usage->cost_nusd, ==, 0);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_KNOWN);
}

static void
test_lowered (Fixture *fixture, gconstpointer data)
{
  static const char body[] = "{\"model\":\"gpt-4o-mini\",\"service_tier\":\"default\","
                             "\"messages\":[{\"content\":\"max_tokens\"}]}";
  g_autoptr (App) app = app_new (fixture, "POST", CHAT, "", body);
  g_autoptr (App) kept = app_new (fixture, "POST", CHAT, "", body);
  g_autoptr (GString) came = g_string_new (body);
  g_autofree char *sent = NULL;
  gint64 fits = (1000000 - ((gint64) strlen (body) + 512) * 150) / 600;

  set_limits (fixture, OKAP_LIMIT_SPEND_PER_REQUEST, 1000000, 0);
  app_perform (app);
  g_assert_cmpint (app->status, ==, 200);
  sent = g_strdup_printf ("%.*s,\"max_completion_tokens\":%" G_GINT64_FORMAT "}",
                          (int) strlen (body) - 1, body, fits);
  g_assert_cmpstr (fixture->mock.body->str, ==, sent);
  g_assert_nonnull (strstr (app->head->str, "x-okap-max-output-tokens: "));
  g_assert_nonnull (strstr (app->head->str, "x-okap-edits: max_tokens="));
  g_assert_true (g_str_has_prefix (wait_usage (fixture, 1)->edits, "max_tokens="));
  assert_digest (&wait_usage (fixture, 1)->digest_in, came);
  assert_digest (&wait_usage (fixture, 1)->digest_out, fixture->mock.body);

  set_limits (fixture, OKAP_LIMIT_SPEND_PER_REQUEST, 1000000, OKAP_SCOPE_KEEP_OUTPUT);
  app_perform (kept);
  g_assert_cmpint (kept->status, ==, 402);
  g_assert_nonnull (strstr (kept->head->str, "x-should-retry: false"));
  g_assert_cmpint (wait_usage (fixture, 2)->http_status, ==, 402);
  mock_wait (&fixture->mock, &fixture->mock.requests, 1);
  g_assert_cmpuint (fixture->mock.requests, ==, 1);
}

int
main (int argc, char *argv[])
{
  okap_curl_init ();
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      g_autofree char *path = g_strdup_printf ("/proxy/spend/cut/%s", streams[i].name);

      g_test_add (path, Fixture, GUINT_TO_POINTER (i), set_up, test_cut, tear_down);
    }
#define ADD(name, func) g_test_add ("/proxy/spend/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("finish-and-count", test_finish_and_count);
  ADD ("leave-at-the-end", test_leave_at_the_end);
  ADD ("cancelled", test_cancelled);
  ADD ("vanished", test_vanished);
  ADD ("lowered", test_lowered);
  return g_test_run ();
}
