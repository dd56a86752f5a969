/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-meter.h"

#include <string.h>

static const struct
{
  const char *file;
  OkapMeterKind kind;
  const char *content_type;
  gint64 tokens[5];   /* input, cached, cache_written, output, reasoning */
  const char *model;
  gboolean reported;
  gint64 text_bytes;
  gint64 cost_nusd;   /* -1: the provider did not say */
} cases[] = {
  { "openai-chat.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream; charset=utf-8",
    { 73, 1024, 20, 30, 16 }, "gpt-4o-mini-2024-07-18", TRUE, 58, -1 },
  { "openai-chat-crlf.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream",
    { 73, 1024, 20, 30, 16 }, "gpt-4o-mini-2024-07-18", TRUE, 2, -1 },
  { "openai-chat-no-usage.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream",
    { 0 }, "gpt-4o-mini-2024-07-18", FALSE, 17, -1 },
  { "openai-chat.json", OKAP_METER_OPENAI_CHAT, "application/json",
    { 73, 1024, 20, 30, 16 }, "gpt-4o-mini-2024-07-18", TRUE, 4, -1 },
  { "openai-embeddings.json", OKAP_METER_OPENAI_CHAT, "application/json",
    { 80, 0, 0, 0, 0 }, "text-embedding-3-small", TRUE, 0, -1 },
  { "openai-responses.sse", OKAP_METER_OPENAI_RESPONSES, "text/event-stream",
    { 20, 50, 5, 162, 1024 }, "gpt-5-2025-08-07", TRUE, 11, -1 },
  { "openai-responses.json", OKAP_METER_OPENAI_RESPONSES, "application/json",
    { 20, 50, 5, 162, 1024 }, "gpt-5-2025-08-07", TRUE, 11, -1 },
  { "anthropic.sse", OKAP_METER_ANTHROPIC_MESSAGES, "text/event-stream",
    { 21, 4000, 188, 11, 4 }, "claude-sonnet-4-5-20250929", TRUE, 16, -1 },
  { "anthropic.json", OKAP_METER_ANTHROPIC_MESSAGES, "application/json",
    { 25, 0, 0, 10, 0 }, "claude-sonnet-4-5-20250929", TRUE, 5, -1 },
  { "google.sse", OKAP_METER_GOOGLE_GENERATE, "text/event-stream",
    { 130, 200, 0, 7, 25 }, "gemini-2.5-flash", TRUE, 6, -1 },
  { "google-array.json", OKAP_METER_GOOGLE_GENERATE, "application/json; charset=UTF-8",
    { 130, 200, 0, 7, 25 }, "gemini-2.5-flash", TRUE, 6, -1 },
  { "google.json", OKAP_METER_GOOGLE_GENERATE, "application/json",
    { 130, 200, 0, 7, 25 }, "gemini-2.5-flash", TRUE, 1, -1 },
  { "groq.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream",
    { 24, 16, 0, 4, 2 }, "llama-3.3-70b-versatile", TRUE, 3, -1 },
  { "mistral.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream",
    { 10, 4, 0, 21, 0 }, "mistral-small-latest", TRUE, 5, -1 },
  { "together.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream",
    { 31, 0, 0, 9, 0 }, "meta-llama/Llama-3.3-70B-Instruct-Turbo", TRUE, 2, -1 },
  { "cerebras.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream",
    { 12, 0, 0, 5, 0 }, "llama3.1-8b", TRUE, 4, -1 },
  { "openrouter.sse", OKAP_METER_OPENAI_CHAT, "text/event-stream",
    { 94, 100, 0, 2, 0 }, "openai/gpt-4o-mini", TRUE, 2, 950000 },
  { "openrouter-own-key.json", OKAP_METER_OPENAI_CHAT, "application/json",
    { 10, 0, 0, 4, 0 }, "openai/gpt-4o-mini", TRUE, 2, 10000 },
  { "ollama.ndjson", OKAP_METER_OLLAMA, "application/x-ndjson",
    { 26, 0, 0, 298, 0 }, "llama3.2", TRUE, 8, -1 },
  { "ollama.json", OKAP_METER_OLLAMA, "application/json; charset=utf-8",
    { 26, 0, 0, 298, 0 }, "llama3.2", TRUE, 7, -1 },
};

static void
check (const OkapMeter *meter, guint i)
{
  static const OkapUnit order[] = { OKAP_UNIT_INPUT, OKAP_UNIT_CACHED, OKAP_UNIT_CACHE_WRITTEN,
                                    OKAP_UNIT_OUTPUT, OKAP_UNIT_REASONING };
  OkapUnits units;
  gint64 cost = -1;

  okap_meter_get_units (meter, &units);
  (void) okap_meter_get_cost (meter, &cost);
  for (guint n = 0; n < G_N_ELEMENTS (order); n++)
    g_assert_cmpint (units.count[order[n]], ==, cases[i].tokens[n]);
  g_assert_cmpstr (meter->model, ==, cases[i].model);
  g_assert_cmpint (meter->reported, ==, cases[i].reported);
  g_assert_cmpint (meter->text_bytes, ==, cases[i].text_bytes);
  g_assert_cmpint (cost, ==, cases[i].cost_nusd);
  g_assert_true (okap_meter_is_between (meter));
}

static void
test_streams (void)
{
  static const gsize pieces[] = { 1, 2, 3, 5, 17, 64, 1021, 16384, G_MAXSIZE };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "streams",
                                                     cases[i].file, NULL);
      g_autofree char *body = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (path, &body, &length, NULL));
      for (guint j = 0; j < G_N_ELEMENTS (pieces); j++)
        {
          OkapMeter meter;

          g_test_message ("%s in pieces of %zu", cases[i].file, pieces[j]);
          okap_meter_init (&meter, cases[i].kind,
                           okap_framing_from_content_type (cases[i].content_type));
          for (gsize at = 0; at < length; at += MIN (pieces[j], length - at))
            okap_meter_feed (&meter, body + at, MIN (pieces[j], length - at));
          check (&meter, i);
        }
    }
}

/* Whatever comes, a meter stays within its bounds and says nothing. */
static void
test_garbage (void)
{
  static const char *const bodies[] = {
    "", "<html>", "{\"usage\":", "{]}", "[[[[\"", "\xff\xfe\x00",
    "{\"usage\":{\"prompt_tokens\":-5}}",
    "{\"usage\":{\"prompt_tokens\":1e13}}", "{\"usage\":{\"prompt_tokens\":\"12\"}}",
    "{\"usage\":{\"prompt_tokens\":null}}", "{\"x\":{\"usage\":{\"prompt_tokens\":7}}}",
    "{\"usage\":{\"prompt_tokens\":99999999999999999999999}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    for (guint framing = 0; framing <= OKAP_FRAMING_NDJSON; framing++)
      {
        OkapMeter meter;
        OkapUnits units;

        okap_meter_init (&meter, OKAP_METER_OPENAI_CHAT, framing);
        okap_meter_feed (&meter, bodies[i], strlen (bodies[i]));
        okap_meter_get_units (&meter, &units);
        g_assert_false (meter.reported);
        g_assert_cmpint (okap_units_get_tokens (&units), ==, 0);
      }
}

static void
test_depth (void)
{
  static const char next[] = "\n\ndata: {\"usage\":{\"prompt_tokens\":3}}\n\n";
  g_autoptr (GString) deep = g_string_new (NULL);
  OkapMeter meter;

  for (guint i = 0; i < 1000; i++)
    g_string_append (deep, "{\"a\":[");
  okap_meter_init (&meter, OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_SSE);
  okap_meter_feed (&meter, "data: ", 6);
  okap_meter_feed (&meter, deep->str, deep->len);
  okap_meter_feed (&meter, next, strlen (next));
  g_assert_true (meter.reported);
  g_assert_cmpint (meter.reading.counts[OKAP_METER_FIELD_INPUT], ==, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/streams", test_streams);
  g_test_add_func ("/meter/garbage", test_garbage);
  g_test_add_func ("/meter/depth", test_depth);
  return g_test_run ();
}
