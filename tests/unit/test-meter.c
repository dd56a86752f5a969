/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of meters; what real answers come to is in test-meter-providers.c. */
#include "okap-meter.h"

#include <string.h>

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

static char *
format_units (const OkapUnits *units)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (units->count[i] != 0)
      g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT, text->len > 0 ? ", " : "",
                              okap_unit_get_name ((OkapUnit) i), units->count[i]);
  return g_string_free (text, FALSE);
}

static void
begin (OkapMeter *meter, OkapMeterKind kind, OkapFraming framing)
{
  OkapUnits request = { .count = { [OKAP_UNIT_INPUT] = 50 } };

  okap_meter_init (meter, kind, framing);
  okap_meter_set_request_units (meter, &request);
}

#define CHAT(usage) "{\"choices\":[],\"usage\":{" usage "}}"
#define CLAUDE(usage) "{\"type\":\"message\",\"content\":[],\"usage\":{" usage "}}"
#define EVENT(data) "data: " data "\n\n"
#define TEN "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

/* Usage that cannot be, or that could be read in two ways: never the cheaper one. The request's
 * prompt is estimated at 50 tokens. */
static const struct
{
  OkapMeterKind kind;
  const char *body;
  const char *units;
  gboolean exact;
} contradictions[] = {
  /* no numbers of tokens */
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":-5,\"completion_tokens\":10"),
    "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":7,\"completion_tokens\":-10"),
    "input 7", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":\"7\",\"completion_tokens\":10"),
    "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":true,\"completion_tokens\":10"),
    "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":{},\"completion_tokens\":10"),
    "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":[9],\"completion_tokens\":10"),
    "input 9, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":1000000001,\"completion_tokens\":10"),
    "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":1e18,\"completion_tokens\":10"),
    "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":NaN,\"completion_tokens\":10"),
    "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":7.01,\"completion_tokens\":10"),
    "input 8, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":7e2,\"completion_tokens\":10"),
    "input 700, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":7.0,\"completion_tokens\":10"),
    "input 7, output 10", TRUE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"completion_tokens\":10"), "input 50, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"prompt_tokens\":7,\"completion_tokens\":null"),
    "input 7", TRUE },

  /* two values at once */
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":900,\"completion_tokens\":10,\"prompt_tokens\":1"),
    "input 900, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":1,\"completion_tokens\":10,\"prompt_tokens\":900"),
    "input 900, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    "{\"usage\":{\"prompt_tokens\":900,\"completion_tokens\":10},"
    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}",
    "input 900, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":900,\"completion_tokens\":10,\"num_cached_tokens\":0,"
          "\"prompt_tokens_details\":{\"cached_tokens\":800}"),
    "input 900, output 10", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":900,\"completion_tokens\":10,\"num_cached_tokens\":800,"
          "\"prompt_tokens_details\":{\"cached_tokens\":100}"),
    "input 800, cached 100, output 10", FALSE },
  { OKAP_METER_GOOGLE_GENERATE,
    "{\"usageMetadata\":{\"promptTokenCount\":100,\"candidatesTokenCount\":1,"
    "\"promptTokensDetails\":[{\"modality\":\"AUDIO\",\"tokenCount\":80}],"
    "\"promptTokensDetails\":[]}}",
    "input 20, audio_input 80, output 1", FALSE },

  /* details that do not fit */
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":10,\"completion_tokens\":1,"
          "\"prompt_tokens_details\":{\"cached_tokens\":5000}"),
    "input 10, cached 5000, output 1", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":10,\"completion_tokens\":1,"
          "\"prompt_tokens_details\":{\"cache_write_tokens\":30}"),
    "input 10, cache_written 30, output 1", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":10,\"completion_tokens\":1,"
          "\"prompt_tokens_details\":{\"audio_tokens\":30}"),
    "audio_input 30, output 1", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,"
          "\"completion_tokens_details\":{\"reasoning_tokens\":50}"),
    "input 10, output 5, reasoning 50", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":10,\"completion_tokens\":5,"
          "\"completion_tokens_details\":{\"audio_tokens\":9}"),
    "input 10, audio_output 9", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":1000,\"completion_tokens\":5,"
          "\"prompt_cache_hit_tokens\":900,\"prompt_cache_miss_tokens\":200"),
    "input 200, cached 800, output 5", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":100"),
    "input 10, output 5, reasoning 85", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    CHAT ("\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":3"),
    "input 10, output 5", FALSE },
  { OKAP_METER_OPENAI_CHAT, CHAT ("\"total_tokens\":30"), "input 30", FALSE },
  { OKAP_METER_GOOGLE_GENERATE,
    "{\"usageMetadata\":{\"promptTokenCount\":100,\"cachedContentTokenCount\":50,"
    "\"candidatesTokenCount\":1,\"cacheTokensDetails\":[{\"modality\":\"AUDIO\","
    "\"tokenCount\":50}]}}",
    "input 50, cached 50, output 1", FALSE },
  { OKAP_METER_ANTHROPIC_MESSAGES,
    CLAUDE ("\"input_tokens\":10,\"output_tokens\":5,\"cache_creation_input_tokens\":100,"
            "\"cache_creation\":{\"ephemeral_5m_input_tokens\":10,"
            "\"ephemeral_1h_input_tokens\":20}"),
    "input 10, cache_written 10, cache_written_1h 90, output 5", FALSE },
  { OKAP_METER_ANTHROPIC_MESSAGES,
    CLAUDE ("\"input_tokens\":10,\"output_tokens\":5,\"cache_creation_input_tokens\":1,"
            "\"cache_creation\":{\"ephemeral_5m_input_tokens\":10}"),
    "input 10, cache_written 10, output 5", FALSE },
  { OKAP_METER_ANTHROPIC_MESSAGES,
    CLAUDE ("\"input_tokens\":10,\"output_tokens\":5,"
            "\"output_tokens_details\":{\"thinking_tokens\":9}"),
    "input 10, reasoning 9", FALSE },
  { OKAP_METER_ANTHROPIC_MESSAGES,
    CLAUDE ("\"input_tokens\":100,\"output_tokens\":50,\"iterations\":[{\"input_tokens\":1,"
            "\"output_tokens\":1}]"),
    "input 100, output 50", FALSE },
  { OKAP_METER_ANTHROPIC_MESSAGES,
    CLAUDE ("\"input_tokens\":100,\"output_tokens\":50,\"iterations\":[]"),
    "input 100, output 50", TRUE },

  /* less than what was seen */
  { OKAP_METER_OPENAI_CHAT,
    "{\"choices\":[{\"message\":{\"content\":\"" THOUSAND THOUSAND THOUSAND "\"}}],"
    "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}}",
    "input 7, output 1000", FALSE },
  { OKAP_METER_OPENAI_CHAT,
    "{\"choices\":[{\"message\":{\"content\":\"" THOUSAND THOUSAND THOUSAND "\"}}],"
    "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":100}}",
    "input 7, output 100", TRUE },
  { OKAP_METER_OPENAI_CHAT,
    "{\"choices\":[{\"message\":{\"content\":\"" TEN "\"}}],"
    "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":0}}",
    "input 7, output 4", FALSE },
};

static void
test_contradictions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (contradictions); i++)
    {
      g_autofree char *text = NULL;
      OkapMeter meter;
      OkapUnits units;

      begin (&meter, contradictions[i].kind, OKAP_FRAMING_BODY);
      okap_meter_feed (&meter, contradictions[i].body, strlen (contradictions[i].body));
      okap_meter_get_units (&meter, &units);
      text = format_units (&units);
      g_test_message ("%.200s", contradictions[i].body);
      g_assert_cmpstr (text, ==, contradictions[i].units);
      g_assert_cmpint (okap_meter_is_exact (&meter), ==, contradictions[i].exact);
    }
}

/* Events that repeat their counts. */
static void
test_repeated (void)
{
  static const struct
  {
    OkapMeterKind kind;
    const char *stream;
    const char *units;
    gboolean exact;
  } cases[] = {
    { OKAP_METER_OPENAI_CHAT,
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}")
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}")
      EVENT ("{\"usage\":null}"),
      "input 9, output 4", TRUE },
    { OKAP_METER_OPENAI_CHAT,
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":400}}")
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}"),
      "input 9, output 400", FALSE },
    { OKAP_METER_OPENAI_CHAT,
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"num_cached_tokens\":0}}")
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"num_cached_tokens\":6}}"),
      "input 3, cached 6, output 4", TRUE },
    { OKAP_METER_OPENAI_CHAT,
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}")
      EVENT ("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":-4}}") EVENT ("[DONE]"),
      "input 9, output 4", FALSE },
    { OKAP_METER_ANTHROPIC_MESSAGES,
      EVENT ("{\"message\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}")
      EVENT ("{\"delta\":{},\"usage\":{\"input_tokens\":null,\"output_tokens\":4}}"),
      "input 9, output 4", TRUE },
    /* the end did not come, and what the beginning says is no end */
    { OKAP_METER_ANTHROPIC_MESSAGES,
      EVENT ("{\"message\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}"),
      "input 9, output 1", FALSE },
    { OKAP_METER_ANTHROPIC_MESSAGES,
      EVENT ("{\"message\":{\"usage\":{\"input_tokens\":900,\"output_tokens\":1}}}")
      EVENT ("{\"delta\":{},\"usage\":{\"input_tokens\":0,\"output_tokens\":4}}"),
      "input 900, output 4", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;
      OkapMeter meter;
      OkapUnits units;

      begin (&meter, cases[i].kind, OKAP_FRAMING_SSE);
      okap_meter_feed (&meter, cases[i].stream, strlen (cases[i].stream));
      okap_meter_get_units (&meter, &units);
      text = format_units (&units);
      g_test_message ("%s", cases[i].stream);
      g_assert_cmpstr (text, ==, cases[i].units);
      g_assert_cmpint (okap_meter_is_exact (&meter), ==, cases[i].exact);
    }
}

/* What the provider says it billed, and what is no such thing. */
static void
test_cost (void)
{
  static const struct
  {
    const char *body;
    gint64 nusd;  /* -1: none */
    gboolean doubtful;
  } cases[] = {
    { CHAT ("\"cost\":0.000123456"), 123456, FALSE },
    { CHAT ("\"cost\":0.0001234561"), 123457, FALSE },
    { CHAT ("\"cost\":1.5e-7"), 150, FALSE },
    { CHAT ("\"cost\":0"), 0, FALSE },
    { CHAT ("\"cost\":null"), -1, FALSE },
    { CHAT ("\"cost\":-0.5"), -1, TRUE },
    { CHAT ("\"cost\":\"0.5\""), -1, TRUE },
    { CHAT ("\"cost\":1e300"), -1, TRUE },
    { CHAT ("\"cost\":100001"), -1, TRUE },
    { CHAT ("\"cost\":NaN"), -1, TRUE },
    { CHAT ("\"cost\":0.5,\"cost\":0.1"), 500000000, TRUE },
    { CHAT ("\"cost\":{\"total_cost\":0.25}"), 250000000, FALSE },
    { CHAT ("\"cost_in_usd_ticks\":15"), 2, FALSE },
    { CHAT ("\"cost\":0.1,\"is_byok\":true"), -1, FALSE },
    { CHAT ("\"cost\":0.1,\"is_byok\":true,\"cost_details\":{\"upstream_inference_cost\":0.2}"),
      300000000, FALSE },
    { "{\"cost\":0.002}", 2000000, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapMeter meter;
      gint64 nusd = -1;

      begin (&meter, OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_BODY);
      okap_meter_feed (&meter, cases[i].body, strlen (cases[i].body));
      g_test_message ("%s", cases[i].body);
      g_assert_cmpint (okap_meter_get_cost (&meter, &nusd), ==, cases[i].nusd >= 0);
      g_assert_cmpint (nusd, ==, cases[i].nusd);
      g_assert_cmpint (meter.doubtful, ==, cases[i].doubtful);
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    const char *text;
    int scale;
    OkapMeterNumber number;
    gint64 value;
  } cases[] = {
    { "0", 0, OKAP_METER_NUMBER_PLAIN, 0 },
    { "12", 0, OKAP_METER_NUMBER_PLAIN, 12 },
    { "12.000", 0, OKAP_METER_NUMBER_PLAIN, 12 },
    { "12.0001", 0, OKAP_METER_NUMBER_ODD, 13 },
    { "0.0000000001", 9, OKAP_METER_NUMBER_ODD, 1 },
    { "0.1234567890123456789012345678901234567890", 9, OKAP_METER_NUMBER_ODD, 123456790 },
    { "1e3", 0, OKAP_METER_NUMBER_ODD, 1000 },
    { "1E+3", 0, OKAP_METER_NUMBER_ODD, 1000 },
    { "12345e-2", 0, OKAP_METER_NUMBER_ODD, 124 },
    { "1e-400", 9, OKAP_METER_NUMBER_ODD, 1 },
    { "0e999999", 9, OKAP_METER_NUMBER_ODD, 0 },
    { "9223372036854775807", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "999999999999999999", 0, OKAP_METER_NUMBER_PLAIN, G_GINT64_CONSTANT (999999999999999999) },
    { "15", -1, OKAP_METER_NUMBER_PLAIN, 2 },
    { "-1", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "1e99999999999", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "99999999999999999999", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "", 0, OKAP_METER_NUMBER_BAD, 0 },
    { ".5", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "1.", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "1e", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "1x", 0, OKAP_METER_NUMBER_BAD, 0 },
    { "nan", 0, OKAP_METER_NUMBER_BAD, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 value = 0;

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (okap_meter_parse_number (cases[i].text, strlen (cases[i].text),
                                                cases[i].scale, &value), ==, cases[i].number);
      g_assert_cmpint (value, ==, cases[i].value);
    }
}

static void
feed_running (OkapMeter *meter, const char *event, const char *expected)
{
  g_autofree char *text = NULL;
  OkapUnits units;

  okap_meter_feed (meter, event, strlen (event));
  okap_meter_get_running (meter, &units);
  text = format_units (&units);
  g_assert_cmpstr (text, ==, expected);
}

/* The estimate while a stream runs: what was told, but never less than what was seen. */
static void
test_running (void)
{
  OkapMeter meter;

  begin (&meter, OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_SSE);
  feed_running (&meter, "", "input 50");
  feed_running (&meter, EVENT ("{\"choices\":[{\"delta\":{\"content\":\"\"}}]}"), "input 50");
  feed_running (&meter, EVENT ("{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}"),
                "input 50, output 1");
  feed_running (&meter, EVENT ("{\"choices\":[{\"delta\":{\"content\":\"b\"}}]}"),
                "input 50, output 2");
  feed_running (&meter, EVENT ("{\"choices\":[{\"delta\":{\"reasoning\":\"abcdefgh\"}}]}"),
                "input 50, output 4");
  feed_running (&meter, EVENT ("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{"
                               "\"arguments\":\"{123456}\"}}]}}]}"),
                "input 50, output 6");
  /* no JSON, but text, as far as anyone can tell */
  feed_running (&meter, EVENT ("aaaaaaaaaaaa"), "input 50, output 10");
  feed_running (&meter, EVENT ("{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}"),
                "input 7, output 10");
  feed_running (&meter, EVENT ("{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":30}}"),
                "input 7, output 30");

  /* sound is no text, though it stands in its place */
  begin (&meter, OKAP_METER_OPENAI_RESPONSES, OKAP_FRAMING_SSE);
  feed_running (&meter, EVENT ("{\"type\":\"response.audio.delta\",\"delta\":\"" HUNDRED "\"}"),
                "input 50, output 1");
  feed_running (&meter, EVENT ("{\"type\":\"response.output_text.delta\",\"delta\":\"" TEN "\"}"),
                "input 50, output 4");

  /* Gemini without events: the elements of one array */
  begin (&meter, OKAP_METER_GOOGLE_GENERATE, OKAP_FRAMING_BODY);
  feed_running (&meter, "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}",
                "input 50, output 1");
  feed_running (&meter, ",{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}",
                "input 50, output 2");

  begin (&meter, OKAP_METER_OPENAI_SPEECH, OKAP_FRAMING_OPAQUE);
  feed_running (&meter, "\xff\xfb", "");
  g_assert_false (okap_meter_is_exact (&meter));
}

/* A list of more parts than there is room for loses none of them. */
static void
test_many_parts (void)
{
  g_autoptr (GString) body = g_string_new ("{\"usage\":{\"input_tokens\":0,\"output_tokens\":0,"
                                           "\"iterations\":[");
  OkapMeter meter;
  OkapUnits units, sum = { 0 };

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (body, "%s{\"model\":\"m%u\",\"input_tokens\":10,\"output_tokens\":1}",
                            i > 0 ? "," : "", i % 20);
  g_string_append (body, "]}}");
  begin (&meter, OKAP_METER_ANTHROPIC_MESSAGES, OKAP_FRAMING_BODY);
  okap_meter_feed (&meter, body->str, body->len);
  okap_meter_get_units (&meter, &units);
  g_assert_cmpint (units.count[OKAP_UNIT_INPUT], ==, 1000);
  g_assert_cmpint (units.count[OKAP_UNIT_OUTPUT], ==, 100);
  g_assert_cmpuint (okap_meter_get_n_parts (&meter), ==, OKAP_METER_PARTS_MOST);
  g_assert_false (okap_meter_is_exact (&meter));
  for (guint i = 0; i < okap_meter_get_n_parts (&meter); i++)
    {
      const char *model;

      okap_meter_get_part (&meter, i, &model, &units);
      sum.count[OKAP_UNIT_INPUT] += units.count[OKAP_UNIT_INPUT];
    }
  g_assert_cmpint (sum.count[OKAP_UNIT_INPUT], ==, 1000);
}

static void
part_cb (const char *model, const OkapUnits *units, gpointer user_data)
{
  g_autofree char *text = format_units (units);

  g_string_append_printf (user_data, "%s: %s\n", model, text);
}

/* The results of a job are told one by one, and not kept. */
static void
test_results (void)
{
  static const char lines[] =
    "{\"result\":{\"message\":{\"model\":\"a\",\"usage\":{\"input_tokens\":1,"
    "\"output_tokens\":2}}}}\n"
    "{\"result\":{\"type\":\"errored\"}}\n"
    "this is no JSON\n"
    "{\"result\":{\"message\":{\"usage\":{\"input_tokens\":3,\"output_tokens\":4},"
    "\"model\":\"b\"}}}\n";
  g_autoptr (GString) told = g_string_new (NULL);
  OkapMeter meter;

  begin (&meter, OKAP_METER_ANTHROPIC_BATCH, OKAP_FRAMING_NDJSON);
  okap_meter_set_part_func (&meter, part_cb, told);
  okap_meter_feed (&meter, lines, strlen (lines));
  g_assert_cmpstr (told->str, ==, "a: input 1, output 2\nb: input 3, output 4\n");
  g_assert_cmpuint (meter.n_parts, ==, 0);
}

static void
test_framings (void)
{
  static const struct
  {
    const char *type;
    OkapFraming framing;
  } types[] = {
    { NULL, OKAP_FRAMING_BODY },
    { "application/json; charset=utf-8", OKAP_FRAMING_BODY },
    { "Text/Event-Stream;charset=utf-8", OKAP_FRAMING_SSE },
    { "text/event-streams", OKAP_FRAMING_OPAQUE },
    { "application/x-ndjson", OKAP_FRAMING_NDJSON },
    { "application/stream+json", OKAP_FRAMING_NDJSON },
    { "audio/mpeg", OKAP_FRAMING_OPAQUE },
    { "text/vtt", OKAP_FRAMING_OPAQUE },
    { "application/problem+json", OKAP_FRAMING_BODY },
  };
  OkapMeter meter;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    g_assert_cmpint (okap_framing_from_content_type (types[i].type), ==, types[i].framing);
  /* A chat that is called plain text is read as JSON all the same. */
  okap_meter_init (&meter, OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_OPAQUE);
  okap_meter_feed (&meter, CHAT ("\"prompt_tokens\":5,\"completion_tokens\":6"),
                   strlen (CHAT ("\"prompt_tokens\":5,\"completion_tokens\":6")));
  g_assert_true (meter.reported);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/garbage", test_garbage);
  g_test_add_func ("/meter/depth", test_depth);
  g_test_add_func ("/meter/contradictions", test_contradictions);
  g_test_add_func ("/meter/repeated", test_repeated);
  g_test_add_func ("/meter/cost", test_cost);
  g_test_add_func ("/meter/numbers", test_numbers);
  g_test_add_func ("/meter/running", test_running);
  g_test_add_func ("/meter/many-parts", test_many_parts);
  g_test_add_func ("/meter/results", test_results);
  g_test_add_func ("/meter/framings", test_framings);
  return g_test_run ();
}
