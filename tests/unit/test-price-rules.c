/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What real lines of the table come to, by hand, to the nano-dollar. A price of one dollar a
 * million tokens is 1000 nano-dollars a token; the comment of a case has the sum. */
#include "okap-price.h"

#include <string.h>

typedef struct
{
  const char *provider, *model, *variant;
  const char *at;              /* NULL: NOW */
  OkapUnits units;
  const char *signals;
  gint64 cost_nusd;            /* -1: not all that was used has a price; -2: none has */
} Case;

#define NOW "2026-11-23T12:00:00Z"
#define UNITS(...) { .count = { __VA_ARGS__ } }
#define IN [OKAP_UNIT_INPUT]
#define CACHED [OKAP_UNIT_CACHED]
#define WRITTEN [OKAP_UNIT_CACHE_WRITTEN]
#define WRITTEN_1H [OKAP_UNIT_CACHE_WRITTEN_1H]
#define HEARD [OKAP_UNIT_AUDIO_INPUT]
#define HEARD_CACHED [OKAP_UNIT_AUDIO_CACHED]
#define SEEN [OKAP_UNIT_IMAGE_INPUT]
#define SEEN_CACHED [OKAP_UNIT_IMAGE_CACHED]
#define WATCHED [OKAP_UNIT_VIDEO_INPUT]
#define OUT [OKAP_UNIT_OUTPUT]
#define THOUGHT [OKAP_UNIT_REASONING]
#define SPOKEN [OKAP_UNIT_AUDIO_OUTPUT]
#define PAINTED [OKAP_UNIT_IMAGE_OUTPUT]

static gint64
time_us (const char *iso)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (iso != NULL ? iso : NOW, NULL);

  g_assert_nonnull (time);
  return g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

static gint64
cost_of (const Case *one)
{
  OkapPrice price;
  guint permille = okap_price_get_modifier (one->provider, one->model, one->signals);
  gint64 cost;

  if (!okap_price_lookup_variant (one->provider, one->model, one->variant, time_us (one->at),
                                  &price))
    return -2;
  return okap_price_get_cost (&price, &one->units, permille, &cost) ? cost : -1;
}

static void
check_cases (const Case *cases, gsize n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_test_message ("%" G_GSIZE_FORMAT ": %s %s", i, cases[i].provider, cases[i].model);
      g_assert_cmpint (cost_of (&cases[i]), ==, cases[i].cost_nusd);
    }
}

/* The tier is chosen by the whole prompt and prices the whole request. Two vendors mean "this many
 * or more", one means "more than". */
static void
test_tiers (void)
{
  static const Case cases[] = {
    /* 199999 at 2; 200000 at 4 */
    { "xai", "grok-4.5", .units = UNITS (IN = 199999), .cost_nusd = 399998000 },
    { "xai", "grok-4.5", .units = UNITS (IN = 200000), .cost_nusd = 800000000 },
    /* the cache counts: 100000 at 2, 99999 at 0.30; then 100000 at 4, 100000 at 0.60, 10 at 12 */
    { "xai", "grok-4.5", .units = UNITS (IN = 100000, CACHED = 99999), .cost_nusd = 229999700 },
    { "xai", "grok-4.5", .units = UNITS (IN = 100000, CACHED = 100000, OUT = 10),
      .cost_nusd = 400000000 + 60000000 + 120000 },
    /* resold: the same boundary */
    { "openrouter", "x-ai/grok-4.5", .units = UNITS (IN = 199999), .cost_nusd = 399998000 },
    { "openrouter", "x-ai/grok-4.5", .units = UNITS (IN = 200000), .cost_nusd = 800000000 },
    /* 271999 at 4; 272000 at 8, and the output at 30 instead of 20 */
    { "openai", "gpt-5.6-sol", .units = UNITS (IN = 271999, OUT = 1000),
      .cost_nusd = 1087996000 + 20000000 },
    { "openai", "gpt-5.6-sol", .units = UNITS (IN = 272000, OUT = 1000),
      .cost_nusd = G_GINT64_CONSTANT (2206000000) },
    /* its packages disagree by one token about this: 2 and 4 */
    { "openai", "gpt-6-sol", .units = UNITS (IN = 271999), .cost_nusd = 543998000 },
    { "openai", "gpt-6-sol", .units = UNITS (IN = 272000), .cost_nusd = 1088000000 },
    /* written at 5 and at 10 */
    { "openai", "gpt-5.6-sol", .units = UNITS (IN = 171999, WRITTEN = 100000),
      .cost_nusd = 687996000 + 500000000 },
    { "openai", "gpt-5.6-sol", .units = UNITS (IN = 172000, WRITTEN = 100000),
      .cost_nusd = G_GINT64_CONSTANT (2376000000) },
    /* 200000 at 1.25; 200001 at 2.50 */
    { "google", "gemini-2.5-pro", .units = UNITS (IN = 200000), .cost_nusd = 250000000 },
    { "google", "gemini-2.5-pro", .units = UNITS (IN = 200001), .cost_nusd = 500002500 },
    /* 100001 at 2.50, 100000 at 0.25, thoughts as the answer at 15 */
    { "google", "gemini-2.5-pro", .units = UNITS (IN = 100001, CACHED = 100000, THOUGHT = 100),
      .cost_nusd = 250002500 + 25000000 + 1500000 },
    /* 200000 at 3, and written for an hour at 6; one more: at 6, and at 12 */
    { "anthropic", "claude-sonnet-4-5", .units = UNITS (IN = 100000, WRITTEN_1H = 100000),
      .cost_nusd = 300000000 + 600000000 },
    { "anthropic", "claude-sonnet-4-5", .units = UNITS (IN = 100001, WRITTEN_1H = 100000),
      .cost_nusd = 600006000 + 1200000000 },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_kinds (void)
{
  static const Case cases[] = {
    /* 1000 at 3, 10000 at 0.30, 2000 at 3.75, 3000 at 6, 500 at 15, one search at 0.01 dollars */
    { "anthropic", "claude-sonnet-4-5-20250929",
      .units = UNITS (IN = 1000, CACHED = 10000, WRITTEN = 2000, WRITTEN_1H = 3000, OUT = 500,
                      [OKAP_UNIT_SEARCHES] = 1),
      .cost_nusd = 3000000 + 3000000 + 7500000 + 18000000 + 7500000 + 10000000 },
    /* an hour in the cache costs twice the input, 0.10, though no package says so */
    { "anthropic", "claude-haiku-5-5", .units = UNITS (WRITTEN_1H = 1000), .cost_nusd = 200000 },
    /* 100 at 4, heard 200 at 32, of them cached 50 more at 0.40, seen 10 at 5 and 20 at 0.50,
     * spoken 10 at 64, written 5 at 16 */
    { "openai", "gpt-realtime",
      .units = UNITS (IN = 100, HEARD = 200, HEARD_CACHED = 50, SEEN = 10, SEEN_CACHED = 20,
                      SPOKEN = 10, OUT = 5),
      .cost_nusd = 400000 + 6400000 + 20000 + 50000 + 10000 + 640000 + 80000 },
    /* 1000 at 0.30, heard 1000 at 1; 10 seen as text */
    { "google", "gemini-2.5-flash", .units = UNITS (IN = 1000, HEARD = 1000, SEEN = 10),
      .cost_nusd = 300000 + 1000000 + 3000 },
    /* one picture of 1290 tokens at 30; ten words at 2.50 */
    { "google", "gemini-2.5-flash-image", .units = UNITS (PAINTED = 1290, OUT = 10),
      .cost_nusd = 38700000 + 25000 },
    /* 100 at 5, seen 200 at 10, painted 1056 at 40 */
    { "openai", "gpt-image-1", .units = UNITS (IN = 100, SEEN = 200, PAINTED = 1056),
      .cost_nusd = 500000 + 2000000 + 42240000 },
    /* text 0.20, pictures 0.45, sound 6.50, film 12 */
    { "google", "gemini-embedding-2",
      .units = UNITS (IN = 1000, SEEN = 1000, HEARD = 1000, WATCHED = 1000),
      .cost_nusd = 200000 + 450000 + 6500000 + 12000000 },
    /* thoughts at 8, as the answer */
    { "openai", "o3", .units = UNITS (THOUGHT = 1000, OUT = 1), .cost_nusd = 8000000 + 8000 },
    /* 61.5 seconds at 0.36 dollars an hour */
    { "openai", "whisper-1", .units = UNITS ([OKAP_UNIT_MILLISECONDS] = 61500),
      .cost_nusd = 6150000 },
    /* 0.04 dollars an hour are 11111.1 pico-dollars a millisecond, so 11112 */
    { "groq", "whisper-large-v3-turbo", .units = UNITS ([OKAP_UNIT_MILLISECONDS] = 10000),
      .cost_nusd = 111120 },
    /* 1000 characters at 15 dollars a million */
    { "openai", "tts-1", .units = UNITS ([OKAP_UNIT_CHARACTERS] = 1000), .cost_nusd = 15000000 },
    /* 4 seconds at 0.10 */
    { "openai", "sora-2", .units = UNITS ([OKAP_UNIT_MILLISECONDS] = 4000),
      .cost_nusd = 400000000 },
    /* 3 pages at 0.004, and at 0.005 with annotations */
    { "mistral", "mistral-ocr-latest", .units = UNITS ([OKAP_UNIT_PAGES] = 3),
      .cost_nusd = 12000000 },
    /* a size that no package knows: what is charged are tokens, at 40 */
    { "openai", "gpt-image-1", "high 4096x4096", .units = UNITS (PAINTED = 1000),
      .cost_nusd = 40000000 },
    { "mistral", "mistral-ocr-latest", "shiny", .units = UNITS ([OKAP_UNIT_PAGES] = 3),
      .cost_nusd = -2 },
    { "mistral", "mistral-ocr-latest", "annotated", .units = UNITS ([OKAP_UNIT_PAGES] = 3),
      .cost_nusd = 15000000 },
    /* a call at 0.014, 10 at 3, 10 at 15 */
    { "perplexity", "sonar-pro", .units = UNITS (IN = 10, OUT = 10, [OKAP_UNIT_REQUESTS] = 1),
      .cost_nusd = 14000000 + 30000 + 150000 },
    /* two searches at 0.002 */
    { "cohere", "rerank-v3.5", .units = UNITS ([OKAP_UNIT_SEARCHES] = 2), .cost_nusd = 4000000 },
    /* 1000 at 0.02 */
    { "openai", "text-embedding-3-small", .units = UNITS (IN = 1000), .cost_nusd = 20000 },
    /* known to be nothing */
    { "ollama", "llama3.2", .units = UNITS (IN = 1000, OUT = 1000, THOUGHT = 5), .cost_nusd = 0 },
    { "openai", "omni-moderation-latest", .units = UNITS (IN = 1000), .cost_nusd = 0 },
    /* not known: what it hears, what embeddings write, pages, the model */
    { "openai", "gpt-4o-audio-preview", .units = UNITS (IN = 1, OUT = 1), .cost_nusd = 12500 },
    { "openai", "gpt-4o-audio-preview", .units = UNITS (HEARD = 1), .cost_nusd = -1 },
    { "openai", "gpt-4o-audio-preview", .units = UNITS (SPOKEN = 1), .cost_nusd = -1 },
    { "openai", "text-embedding-3-small", .units = UNITS (OUT = 1), .cost_nusd = -1 },
    { "openai", "gpt-4o", .units = UNITS ([OKAP_UNIT_PAGES] = 1), .cost_nusd = -1 },
    { "openai", "gpt-9", .units = UNITS (IN = 1), .cost_nusd = -2 },
    { "ollama", "gpt-oss:120b-cloud", .units = UNITS (IN = 1), .cost_nusd = -2 },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_variants (void)
{
  static const struct
  {
    const char *model, *variant;
    gint64 nusd;
  } cases[] = {
    { "dall-e-3", NULL, 40000000 },
    { "dall-e-3", "", 40000000 },
    { "dall-e-3", "1024x1024", 40000000 },
    { "dall-e-3", "1024x1792", 80000000 },
    { "dall-e-3", "standard 1024x1792", 80000000 },
    { "dall-e-3", "1024x1792 standard", 80000000 },
    { "dall-e-3", "hd 1024x1792", 120000000 },
    { "dall-e-3", "1024x1792 hd", 120000000 },
    { "dall-e-3", "HD 1024x1792", 120000000 },
    { "dall-e-3", "hd", 120000000 },
    { "dall-e-3", "2048x2048", -1 },
    { "dall-e-3", "hd 2048x2048", -1 },
    { "dall-e-3", "hdx", -1 },
    { "dall-e-3", "h", -1 },
    { "dall-e-2", "256x256", 16000000 },
    /* the quality is open: the dearest */
    { "gpt-image-1", "1024x1024", 167000000 },
    { "gpt-image-1", "medium 1024x1024", 42000000 },
    { "gpt-image-1", "high", 250000000 },
    { "gpt-image-1", "low 1536x1024", 16000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case one = { "openai", cases[i].model, cases[i].variant,
                         .units = UNITS ([OKAP_UNIT_IMAGES] = 1) };

      g_test_message ("%s %s", cases[i].model, cases[i].variant);
      g_assert_cmpint (cost_of (&one), ==, cases[i].nusd < 0 ? -2 : cases[i].nusd);
    }
}

static void
test_time (void)
{
  static const struct
  {
    const char *provider, *model, *at;
    gint64 input_pusd, worst_pusd;
  } cases[] = {
    /* From a day on, in UTC. */
    { "openai", "gpt-5.6-sol", "2026-08-20T23:59:59.999999Z", 5000000, 5000000 },
    { "openai", "gpt-5.6-sol", "2026-08-21T00:00:00Z", 4000000, 4000000 },
    /* A price that begins within a day may be the one that counts. */
    { "google", "gemini-3.7-flash", "2026-12-30T23:59:59Z", 750000, 750000 },
    { "google", "gemini-3.7-flash", "2026-12-31T00:00:00Z", 750000, 1500000 },
    { "google", "gemini-3.7-flash", "2026-12-31T23:59:59.999999Z", 750000, 1500000 },
    { "google", "gemini-3.7-flash", "2027-01-01T00:00:00Z", 1500000, 1500000 },
    { "google", "gemini-3.7-flash", "2031-01-01T00:00:00Z", 1500000, 1500000 },
    /* Two windows a day, from Monday to Friday; the worst case is always the dear hour. */
    { "deepseek", "deepseek-v4-flash", "2026-08-15T23:00:00Z", 140000, 140000 },
    { "deepseek", "deepseek-v4-flash", "2026-08-17T00:00:00Z", 220000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-23T00:59:59.999999Z", 220000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-23T01:00:00Z", 440000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-23T03:59:59.999999Z", 440000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-23T04:00:00Z", 220000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-23T06:00:00Z", 440000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-23T09:59:59Z", 440000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-23T10:00:00Z", 220000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-27T02:00:00Z", 440000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-28T02:00:00Z", 220000, 440000 },
    { "deepseek", "deepseek-v4-flash", "2026-11-29T02:00:00Z", 220000, 440000 },
    /* Never before the beginning of time. */
    { "openai", "gpt-5.6-sol", "1960-01-01T00:00:00Z", 5000000, 5000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapPrice price;

      g_test_message ("%s %s", cases[i].model, cases[i].at);
      g_assert_true (okap_price_lookup (cases[i].provider, cases[i].model, time_us (cases[i].at),
                                        &price));
      price.dearest_permille = 1000;
      price.excluded = ~(1u << OKAP_UNIT_INPUT);
      g_assert_cmpint (price.tiers[0].pusd[OKAP_UNIT_INPUT], ==, cases[i].input_pusd);
      g_assert_cmpint (okap_price_get_worst_prompt (&price, 1000), ==, cases[i].worst_pusd);
    }
}

static void
test_modifiers (void)
{
  static const struct
  {
    const char *provider, *model, *signals;
    guint served;     /* that was served so */
    guint possible;   /* that a request which asks so may come to */
  } cases[] = {
    { "openai", "gpt-5", NULL, 1000, 2000 },
    { "openai", "gpt-5", "", 1000, 2000 },
    { "openai", "gpt-5", "tier=default", 1000, 1000 },
    { "openai", "gpt-5", "tier=auto", 1000, 2000 },
    { "openai", "gpt-5", "tier=flex", 500, 1000 },
    { "openai", "gpt-5", "tier=priority", 2000, 2000 },
    { "openai", "gpt-5", "tier=fast", 2000, 2000 },
    { "openai", "gpt-5", "tier=PRIORITY", 2000, 2000 },
    { "openai", "gpt-5", "tier=ultrafast", 6000, 6000 },
    { "openai", "gpt-5", "tier=warp", 1000, 6000 },
    { "openai", "gpt-5", "weather=fine", 1000, 2000 },
    { "openai", "gpt-5", "batch", 500, 2000 },
    { "openai", "gpt-5", "batch,tier=default", 500, 1000 },
    { "openai", "gpt-5", "tier=default,region=eu", 1100, 1100 },
    { "openai", "gpt-5", "tier=priority,region=us", 2200, 2200 },
    { "openai", "gpt-5.5", "tier=priority", 2500, 2500 },
    { "openai", "gpt-5.5-2026-04-01", "tier=auto", 1000, 2500 },
    { "openai", "gpt-4o-mini", "tier=priority", 1667, 1667 },
    { "openai", "gpt-4o-mini", NULL, 1000, 1667 },
    { "openai", "GPT-4o", "tier=priority", 1700, 1700 },
    { "openai", NULL, "tier=flex", 500, 1000 },
    { "anthropic", "claude-opus-5-5", NULL, 1000, 1100 },
    { "anthropic", "claude-opus-5-5", "geo=global", 1000, 1000 },
    { "anthropic", "claude-opus-5-5", "geo=us", 1100, 1100 },
    { "anthropic", "claude-opus-5-5", "geo=us,speed=fast", 2200, 2200 },
    { "anthropic", "claude-opus-4-6", "speed=fast,geo=global", 6000, 6000 },
    { "anthropic", "claude-opus-4-6", "batch,geo=us", 550, 1100 },
    /* two words for the same thing count once */
    { "anthropic", "claude-opus-4-6", "batch,tier=batch,geo=us", 550, 1100 },
    { "anthropic", "claude-opus-4-6", "tier=standard,speed=standard,geo=not_available", 1000,
      1000 },
    { "google", "gemini-3.8-flash", "tier=priority", 1800, 1800 },
    { "google", "gemini-3.8-flash", "tier=flex", 500, 1000 },
    { "google", "gemini-3.8-flash", NULL, 1000, 1000 },
    { "groq", "llama-3.1-8b-instant", "batch", 500, 1000 },
    { "mistral", "mistral-large-latest", "batch", 500, 1000 },
    { "together", "any", "batch", 500, 1000 },
    { "xai", "grok-4.5", "batch", 800, 1000 },
    { "deepseek", "deepseek-v4-pro", "batch,tier=flex", 1000, 1000 },
    { "my-server", "any", "tier=ultrafast", 1000, 1000 },
    { "openai", "gpt-5", ",,tier,=,tier=,batch=,", 500, 6000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapPrice price = { 0 };

      g_test_message ("%s %s %s", cases[i].provider, cases[i].model, cases[i].signals);
      g_assert_cmpuint (okap_price_get_modifier (cases[i].provider, cases[i].model,
                                                 cases[i].signals), ==, cases[i].served);
      okap_price_limit_modifiers (&price, cases[i].provider, cases[i].model, cases[i].signals);
      g_assert_cmpuint (price.dearest_permille, ==, cases[i].possible);
    }
}

/* A factor counts for what the model does, not for fees, and is rounded up with the rest, once. */
static void
test_modified_costs (void)
{
  static const Case cases[] = {
    /* half of 1001 at 1.25 and 3 at 10: 1281250 / 2 */
    { "openai", "gpt-5", .units = UNITS (IN = 1001, OUT = 3), .signals = "tier=flex",
      .cost_nusd = 640625 },
    /* half of 1 at 0.05, which is 25 nano-dollars and no rest */
    { "openai", "gpt-5-nano", .units = UNITS (IN = 1), .signals = "batch", .cost_nusd = 25 },
    /* half of 1 cached at 0.005: 2.5 nano-dollars */
    { "openai", "gpt-5-nano", .units = UNITS (CACHED = 1), .signals = "batch", .cost_nusd = 3 },
    /* 1000 at 3, half, in the US; a search at full price */
    { "anthropic", "claude-sonnet-4-6", .units = UNITS (IN = 1000, [OKAP_UNIT_SEARCHES] = 1),
      .signals = "batch,geo=us", .cost_nusd = 1650000 + 10000000 },
    /* 1000 at 5 and 10 at 25, six times */
    { "anthropic", "claude-opus-4-7", .units = UNITS (IN = 1000, OUT = 10),
      .signals = "speed=fast,geo=global", .cost_nusd = 30000000 + 1500000 },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

/* Before a request says what it asks for, its worst case is the dearest of all. */
static void
test_worst (void)
{
  OkapPrice price;

  g_assert_true (okap_price_lookup ("openai", "gpt-5", time_us (NULL), &price));
  g_assert_cmpuint (price.dearest_permille, ==, 6600);
  okap_price_limit_modifiers (&price, "openai", "gpt-5", "tier=default");
  /* 1000 at 1.25, 100 at 10 */
  g_assert_cmpint (okap_price_get_worst (&price, 1000, 100), ==, 1250000 + 1000000);

  /* 1000 of prompt may all be written for an hour, at 6; not if the request keeps nothing. */
  g_assert_true (okap_price_lookup ("anthropic", "claude-sonnet-4-5", time_us (NULL), &price));
  g_assert_cmpint (price.max_output_tokens, ==, 64000);
  g_assert_true (price.thinks);
  okap_price_limit_modifiers (&price, "anthropic", "claude-sonnet-4-5", "geo=global");
  g_assert_cmpint (okap_price_get_worst_prompt (&price, 1000), ==, 6000000);
  price.excluded = 1u << OKAP_UNIT_CACHE_WRITTEN_1H | 1u << OKAP_UNIT_CACHE_WRITTEN;
  g_assert_cmpint (okap_price_get_worst_prompt (&price, 1000), ==, 3000000);
  /* a longer prompt may fall in the next tier */
  g_assert_cmpint (okap_price_get_worst_prompt (&price, 200000), ==, 600000000);
  g_assert_cmpint (okap_price_get_worst_prompt (&price, 200001), ==, 1200006000);

  /* a fee for the call: 0.014 dollars, and 10 at 3 */
  g_assert_true (okap_price_lookup ("perplexity", "sonar-pro", time_us (NULL), &price));
  g_assert_cmpint (okap_price_get_worst_prompt (&price, 10), ==, 14000000 + 30000);
  g_assert_false (okap_price_is_free (&price));

  g_assert_true (okap_price_lookup ("ollama", "llama3.2", time_us (NULL), &price));
  g_assert_true (okap_price_is_free (&price));
  g_assert_cmpint (okap_price_get_worst (&price, G_MAXINT64, G_MAXINT64), ==, 0);
}

static void
test_ceiling (void)
{
  const OkapPriceCeiling ceiling = { TRUE, 10000000, 30000000 };
  const OkapUnits tokens = UNITS (IN = 1, HEARD = 1, OUT = 1, PAINTED = 1);
  const OkapUnits pages = UNITS ([OKAP_UNIT_PAGES] = 1);
  OkapPriceTier tier;
  OkapPrice price;
  gint64 cost;

  okap_price_from_ceiling (&ceiling, &tier, &price);
  g_assert_true (okap_price_get_cost (&price, &tokens, 1000, &cost));
  g_assert_cmpint (cost, ==, 2 * 10000 + 2 * 30000);
  g_assert_false (okap_price_get_cost (&price, &pages, 1000, &cost));
  g_assert_cmpint (okap_price_get_worst (&price, 100, 10), ==, 1000000 + 300000);
  g_assert_false (okap_price_is_free (&price));
}

/* Not a check: how long it takes to read the table, and to look a price up, with "-m perf". */
static void
test_speed (void)
{
  static const char *const models[] = { "gpt-5", "gpt-4o-2027-01-02", "no-such-model" };
  const guint rounds = 200000;
  gint64 start;

  if (!g_test_perf ())
    {
      g_test_skip ("only with -m perf");
      return;
    }
  start = g_get_monotonic_time ();
  okap_price_get_date ();
  g_test_message ("reading the table: %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start);
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      OkapPrice price;
      gint64 at_us = time_us (NULL);

      okap_price_lookup ("openai", models[i], at_us, &price);
      start = g_get_monotonic_time ();
      for (guint n = 0; n < rounds; n++)
        okap_price_lookup ("openai", models[i], at_us + n, &price);
      g_test_message ("%s: %.0f ns", models[i],
                      (double) (g_get_monotonic_time () - start) * 1000 / rounds);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/price-rules/tiers", test_tiers);
  g_test_add_func ("/price-rules/kinds", test_kinds);
  g_test_add_func ("/price-rules/variants", test_variants);
  g_test_add_func ("/price-rules/time", test_time);
  g_test_add_func ("/price-rules/modifiers", test_modifiers);
  g_test_add_func ("/price-rules/modified-costs", test_modified_costs);
  g_test_add_func ("/price-rules/worst", test_worst);
  g_test_add_func ("/price-rules/ceiling", test_ceiling);
  g_test_add_func ("/price-rules/speed", test_speed);
  return g_test_run ();
}
