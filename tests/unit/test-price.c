/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-price.h"
#include "okap-price-table.h"

#include <string.h>

/* 23 November 2026, 12:00 UTC */
#define NOW_US (G_GINT64_CONSTANT (1795435200) * G_USEC_PER_SEC)

/* All numbers of a tier as they stand in a line of the table. */
#define TIER(from, input, cached, written, output) \
  { .from_input_tokens = (from), .known = ~0u, \
    .pusd = { [OKAP_UNIT_INPUT] = (input), [OKAP_UNIT_CACHED] = (cached), \
              [OKAP_UNIT_CACHE_WRITTEN] = (written), [OKAP_UNIT_OUTPUT] = (output) } }

/* Input price of one token at the first tier; -1 if the price is unknown. */
static gint64
input_price (const char *provider, const char *model)
{
  OkapPrice price;

  return okap_price_lookup (provider, model, NOW_US, &price)
         ? price.tiers[0].pusd[OKAP_UNIT_INPUT] : -1;
}

static void
test_lookup (void)
{
  static const struct
  {
    const char *provider, *model;
    gint64 input_pusd;
  } cases[] = {
    { "openai", "gpt-4o", 2500000 },
    { "openai", "GPT-4o", 2500000 },
    { "openai", "gpt-4o-2024-08-06", 2500000 },
    { "openai", "gpt-4o-2024-05-13", 5000000 },
    { "openai", "gpt-4o-2027-01-02", 2500000 },
    { "openai", "gpt-4o-20270102", 2500000 },
    { "openai", "gpt-4o-mini", 150000 },
    { "openai", "gpt-4o-mini-2024-07-18", 150000 },
    { "openai", "gpt-4.1-nano-2025-04-14", 100000 },
    { "openai", "o3", 2000000 },
    { "openai", "text-embedding-3-small", 20000 },
    { "openai", "omni-moderation-2024-09-26", 0 },
    { "openai", "gpt-4o-mini-2024-07-18x", -1 },
    { "openai", "gpt-4o-min", -1 },
    { "openai", "gpt-4o-mega", -1 },
    { "openai", "gpt-4o-1", -1 },
    { "openai", "gpt-4o-001", -1 },
    { "openai", "xgpt-4o", -1 },
    { "openai", "ft:gpt-4o-2024-08-06:acme::1", -1 },
    { "openai", "-2024-07-18", -1 },
    { "openai", "*", -1 },
    { "openai", "", -1 },
    { "openai", "no-such-model", -1 },
    { "anthropic", "claude-sonnet-4-5-20250929", 3000000 },
    { "anthropic", "claude-3-5-haiku-latest", 800000 },
    { "anthropic", "claude-opus-4-20250514", 15000000 },
    { "anthropic", "claude-opus-4-5-20251101", 5000000 },
    { "anthropic", "claude-sonnet-5-9", -1 },
    { "anthropic", "claude-opus-4-99", -1 },
    { "google", "gemini-2.5-pro", 1250000 },
    { "google", "gemini-2.5-pro-preview-05-06", 1250000 },
    { "google", "gemini-2.5-flash", 300000 },
    { "google", "gemini-2.0-flash-001", 100000 },
    { "google", "gemini-2.5-pro-ultra", -1 },
    { "groq", "llama-3.1-8b-instant", 50000 },
    { "demo", "demo-fast", 100000 },
    { "demo", "demo-large", 2000000 },
    { "demo", "demo-huge", -1 },
    { "ollama", "llama3.2", 0 },
    { "ollama", "gpt-oss:120b", 0 },
    { "ollama", "gpt-oss:120b-cloud", -1 },
    { "ollama", "glm-4.6:cloud", -1 },
    { "ollama", "GLM-4.6:Cloud", -1 },
    { "openrouter", "deepseek/deepseek-r1:free", 0 },
    { "openrouter", "openai/gpt-4o", 2500000 },
    { "openrouter", "openai/gpt-4o:online", -1 },
    { "my-server", "gpt-4o", -1 },
    { "vercel", "anthropic/claude-sonnet-5", 2000000 },
    { "cloudflare", "gpt-4o", 2500000 },
    { "cloudflare", "openai/gpt-4o-2024-05-13", 5000000 },
    { "cloudflare", "grok/grok-4.5", 2000000 },
    { "cloudflare", "openai/", -1 },
    { "cloudflare", "claude-sonnet-5", 2000000 },
    { "cloudflare", "openai/openai/gpt-4o", -1 },
    { "cloudflare", "workers-ai/@cf/openai/gpt-oss-20b", 200000 },
    { "cloudflare", "mistral/gpt-4o", -1 },
    { "kilo", "openai/gpt-4o", 2500000 },
    { "kilo", "deepseek/deepseek-r1:free", 0 },
    { "kilo", "kilo/auto", -1 },
    { "helicone", "gpt-4o", 2500000 },
    { "helicone", "claude-sonnet-5", 2000000 },
    { "helicone", "no-such-model", -1 },
    { "litellm", "gpt-4o", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].provider, cases[i].model);
      g_assert_cmpint (input_price (cases[i].provider, cases[i].model), ==, cases[i].input_pusd);
    }
  g_assert_cmpint (input_price ("openai", NULL), ==, -1);
}

/* A name of any length is looked up or refused, and never cut to a shorter one. */
static void
test_long (void)
{
  for (guint length = 1; length < 300; length++)
    {
      g_autofree char *name = g_strnfill (length, 'a');

      g_assert_cmpint (input_price ("openai", name), ==, -1);
    }
}

/* By hand: see the comment of each case. */
static void
test_cost (void)
{
  static const OkapPriceTier flat[] = { TIER (0, 2500000, 1250000, 2500000, 10000000) };
  static const OkapPriceTier tiered[] = {
    TIER (0, 3000000, 300000, 3750000, 15000000),
    TIER (200000, 6000000, 600000, 7500000, 22500000),
  };
  static const OkapPriceTier odd[] = { TIER (0, 37500, 3625, 1, 999) };
  static const struct
  {
    OkapPrice price;
    gint64 tokens[4];  /* input, cached, cache_written, output */
    gint64 cost_nusd;
  } cases[] = {
    /* Nothing. */
    { { flat, 1 }, { 0, 0, 0, 0 }, 0 },
    /* A million of each at 2.50, 1.25, 2.50 and 10.00 dollars. */
    { { flat, 1 }, { 1000000, 1000000, 1000000, 1000000 }, 16250000000 },
    /* 1000 at 2.50 and 500 at 10: 0.0025 + 0.005 dollars. */
    { { flat, 1 }, { 1000, 0, 0, 500 }, 7500000 },
    /* 200000 of prompt is not yet more than 200000: 100000 at 3, 90000 at 0.30, 10000 at 3.75,
     * 1000 at 15: 0.3 + 0.027 + 0.0375 + 0.015. */
    { { tiered, 2 }, { 100000, 90000, 10000, 1000 }, 379500000 },
    /* One more, and all of it costs the higher price: 100001 at 6, 90000 at 0.60, 10000 at 7.50,
     * 1000 at 22.50: 0.600006 + 0.054 + 0.075 + 0.0225. */
    { { tiered, 2 }, { 100001, 90000, 10000, 1000 }, 751506000 },
    /* Parts of a nano-dollar are rounded up once: 37.5 + 3.625 + 0.001 + 0.999 = 42.125. */
    { { odd, 1 }, { 1, 1, 1, 1 }, 43 },
    /* Never wraps. */
    { { flat, 1 }, { G_MAXINT64, 0, 0, 0 }, G_MAXINT64 },
    { { tiered, 2 }, { G_MAXINT64, G_MAXINT64, G_MAXINT64, G_MAXINT64 }, G_MAXINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapUnits units = { .count = { [OKAP_UNIT_INPUT] = cases[i].tokens[0],
                                     [OKAP_UNIT_CACHED] = cases[i].tokens[1],
                                     [OKAP_UNIT_CACHE_WRITTEN] = cases[i].tokens[2],
                                     [OKAP_UNIT_OUTPUT] = cases[i].tokens[3] } };
      gint64 cost;

      g_assert_true (okap_price_get_cost (&cases[i].price, &units, 1000, &cost));
      g_assert_cmpint (cost, ==, cases[i].cost_nusd);
    }
}

/* The demo, end to end: 1200 tokens in and 300 out of the large model. */
static void
test_demo (void)
{
  OkapUnits units = { .count = { [OKAP_UNIT_INPUT] = 1200, [OKAP_UNIT_OUTPUT] = 300 } };
  OkapPrice price;
  gint64 cost;

  g_assert_true (okap_price_lookup ("demo", "demo-large", 0, &price));
  g_assert_true (okap_price_get_cost (&price, &units, 1000, &cost));
  g_assert_cmpint (cost, ==, 2400000 + 2400000);
}


/* Each line of the table that is compiled in. */
static void
test_table (void)
{
  const OkapPriceTable *table = okap_price_book_get ()->table;
  GHashTableIter lists;
  gpointer provider, list;
  guint n = 0;

  g_assert_cmpuint (strlen (okap_price_get_date ()), ==, 10);
  g_assert_cmpstr (okap_price_get_date (), >=, "2026-11-10");
  g_hash_table_iter_init (&lists, table->lists);
  while (g_hash_table_iter_next (&lists, &provider, &list))
    {
      GHashTableIter rows;
      gpointer id, value;

      n += ((OkapPriceList *) list)->rules->len;
      g_hash_table_iter_init (&rows, ((OkapPriceList *) list)->by_id);
      while (g_hash_table_iter_next (&rows, &id, &value))
        {
          OkapPrice price;

          n++;
          g_test_message ("%s %s", (const char *) provider, (const char *) id);
          g_assert_true (okap_price_lookup (provider, id, NOW_US, &price));
          g_assert_cmpuint (price.n_tiers, >, 0);
          g_assert_cmpint (price.tiers[0].from_input_tokens, ==, 0);
          g_assert_cmpuint (price.tiers[0].known, !=, 0);
          g_assert_cmpuint (price.n_worst, >=, price.n_tiers);
          g_assert_cmpint (okap_price_is_free (&price), ==,
                           g_str_equal (provider, "openai") && strstr (id, "moderation") != NULL);
        }
    }
  g_assert_cmpuint (n, ==, table->n_rows);
  g_assert_cmpuint (n, >, 2000);
}

#define HEAD "{\"date\":\"2026-01-01\",\"models\":["
#define LINE "[\"p\",\"m\",\"g\","

static const struct
{
  const char *text, *message;
} damaged[] = {
  { "", "Line 1: expected a table of prices in JSON" },
  { "[]", "Line 1: expected a table of prices in JSON" },
  { "{}", "Line 1: expected \"date\" and \"models\"" },
  { "{\"models\":[]}", "Line 1: expected \"date\" and \"models\"" },
  { "{\"date\":1,\"models\":[]}", "Line 1: expected \"date\" to be a date such as 2027-01-01" },
  { "{\"date\":\"today\"}", "Line 1: expected \"date\" to be a date such as 2027-01-01" },
  { "{\"date\":\"2026-01-01\",\n\"date\":\"2026-01-01\"}",
    "Line 2: expected \"date\", \"sources\", \"same\" and \"models\", each once" },
  { "{\"same\":{}}", "Line 1: expected \"same\" to be a list" },
  { "{\"same\":[1]}", "Line 1: expected a list: two providers and a prefix" },
  { "{\"same\":[\n[\"a\",\"b\"]]}", "Line 2: expected a provider, a prefix and another "
                                     "provider, in lower case and without spaces" },
  { "{\"same\":[[\"a\",\"\",\"B\"]]}", "Line 1: expected a provider, a prefix and another "
                                       "provider, in lower case and without spaces" },
  { HEAD "]}x", "Line 1: expected the end of the table" },
  { HEAD "\n\n1]}", "Line 3: expected a list: the line of a model" },
  { HEAD "\n[]]}", "Line 2: expected a line to begin with a provider, a model and the letters of "
                   "sources" },
  { HEAD "[\"p\",\"m\",{\"input\":1}]]}", "Line 1: expected a line to begin with a provider, a "
                                          "model and the letters of sources" },
  { HEAD "[\"p\",\"\",\"g\",{\"input\":1}]]}", "Line 1: expected the ids of a provider and of a "
                                               "model, in lower case and without spaces" },
  { HEAD "[\"p\",\"M\",\"g\",{\"input\":1}]]}", "Line 1: expected the ids of a provider and of a "
                                                "model, in lower case and without spaces" },
  { HEAD "[\"p\",\"m\",\"g\"]]}", "Line 1: m of p has no price" },
  { HEAD LINE "{}]]}", "Line 1: expected at least one price" },
  { HEAD LINE "{\"thinks\":true}]]}", "Line 1: expected at least one price" },
  { HEAD "\n" LINE "{\"input\":1}],\n" LINE "{\"inputs\":1}]]}",
    "Line 3: \"inputs\" is neither a unit that Okap knows nor a condition" },
  { HEAD LINE "{\"input\":-1}]]}",
    "Line 1: expected \"input\" to be a whole number from 0 to 10000000000" },
  { HEAD LINE "{\"input\":1.5}]]}",
    "Line 1: expected \"input\" to be a whole number from 0 to 10000000000" },
  { HEAD LINE "{\"input\":\"1\"}]]}",
    "Line 1: expected \"input\" to be a whole number from 0 to 10000000000" },
  { HEAD LINE "{\"input\":10000000001}]]}",
    "Line 1: expected \"input\" to be a whole number from 0 to 10000000000" },
  { HEAD LINE "{\"output\":99999999999999999999}]]}",
    "Line 1: expected \"output\" to be a whole number from 0 to 10000000000" },
  { HEAD LINE "{\"milliseconds\":100000000001}]]}",
    "Line 1: expected \"milliseconds\" to be a whole number from 0 to 100000000000" },
  { HEAD LINE "{\"images\":100000000000001}]]}",
    "Line 1: expected \"images\" to be a whole number from 0 to 100000000000000" },
  { HEAD LINE "{\"input\":1,\"input\":2}]]}", "Line 1: \"input\" stands twice in one object" },
  { HEAD LINE "{\"input\":1,\"input\":null}]]}", "Line 1: \"input\" stands twice in one object" },
  { HEAD LINE "{\"input\":1,\"context\":1,\"context\":1}]]}",
    "Line 1: \"context\" stands twice in one object" },
  { HEAD LINE "{\"free\":true,\"input\":1}]]}",
    "Line 1: expected either \"free\" or prices" },
  { HEAD LINE "{\"free\":false}]]}", "Line 1: expected \"free\" to be true, or left out" },
  { HEAD LINE "{\"above\":1,\"input\":1}]]}",
    "Line 1: expected \"above\" behind other prices, alone with its own" },
  { HEAD LINE "{\"input\":1},{\"above\":0,\"input\":1}]]}",
    "Line 1: expected tiers in ascending order" },
  { HEAD LINE "{\"input\":1},{\"above\":5,\"input\":1},{\"above\":5,\"input\":1}]]}",
    "Line 1: expected tiers in ascending order" },
  { HEAD LINE "{\"input\":1},{\"input\":1}]]}", "Line 1: expected either \"above\", \"since\", "
    "\"hours\" or \"variant\" with all prices but the first" },
  { HEAD LINE "{\"since\":\"2026-01-01\",\"input\":1}]]}", "Line 1: expected the first prices of "
    "a line, and only those, to hold always and to say how much the model reads and writes" },
  { HEAD LINE "{\"input\":1},{\"since\":\"2026-02-30\",\"input\":1}]]}",
    "Line 1: expected \"since\" to be a date such as 2027-01-01" },
  { HEAD LINE "{\"input\":1},{\"since\":\"2026-02-02\",\"input\":1},"
              "{\"since\":\"2026-02-01\",\"input\":1}]]}",
    "Line 1: expected dates in ascending order" },
  { HEAD LINE "{\"input\":1},{\"hours\":\"1:00-2:00\",\"input\":1}]]}",
    "Line 1: expected \"hours\" to be two times of the day, UTC, such as 01:00-04:00" },
  { HEAD LINE "{\"input\":1},{\"hours\":\"01:00-24:01\",\"input\":1}]]}",
    "Line 1: expected \"hours\" to be two times of the day, UTC, such as 01:00-04:00" },
  { HEAD LINE "{\"input\":1},{\"hours\":\"01:00-01:00\",\"input\":1}]]}",
    "Line 1: expected \"hours\" to be two times of the day, UTC, such as 01:00-04:00" },
  { HEAD LINE "{\"input\":1},{\"hours\":\"01:00-02:00\",\"days\":\"8\",\"input\":1}]]}",
    "Line 1: expected \"days\" to be digits from 1, Monday, to 7, each once" },
  { HEAD LINE "{\"input\":1},{\"since\":\"2026-01-01\",\"days\":\"1\",\"input\":1}]]}",
    "Line 1: expected \"hours\" with \"days\"" },
  { HEAD LINE "{\"input\":1},{\"variant\":\"a  b\",\"input\":1}]]}",
    "Line 1: expected \"variant\" to be lower-case words" },
  { HEAD LINE "{\"input\":1},{\"variant\":\"a\",\"images\":1},{\"variant\":\"a\",\"images\":2}]]}",
    "Line 1: the variant \"a\" has two prices" },
  { HEAD LINE "{\"variant\":\"a\",\"images\":1}]]}",
    "Line 1: expected \"variant\" behind other prices, alone with its own" },
  { HEAD "\n" LINE "{\"input\":1}],\n[\"p\",\"m*\",\"g\",{\"input\":1}]]}",
    "Line 3: m* of p has two prices" },
  { HEAD "[\"p\",\"*x\",\"g\"],[\"p\",\"*x\",\"g\"]]}", "Line 1: *x of p has two prices" },
  { HEAD LINE "{\"input\":1}", "Line 1: expected an object with prices or the end of the line" },
  { HEAD LINE "{\"input\":", "Line 1: expected JSON" },
};

/* What is wrong with a file is said with its line and its reason. */
static void
test_damaged (void)
{
  static const char good[] = "{\"sources\":{\"y\":[1]},\"same\":[[\"q\",\"\",\"p\"]],"
                             "\"date\":\"2026-01-01\",\"models\":["
                             LINE "{\"input\":1},{\"above\":9,\"input\":2}],"
                             "[\"p\",\"*\",\"o\"]]}";
  g_autoptr (GError) none = NULL;
  g_autoptr (OkapPriceTable) table = okap_price_table_read (good, strlen (good), &none);

  g_assert_no_error (none);
  g_assert_nonnull (table);
  g_assert_cmpuint (table->n_rows, ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", damaged[i].text);
      g_assert_null (okap_price_table_read (damaged[i].text, strlen (damaged[i].text), &error));
      g_assert_cmpstr (error->message, ==, damaged[i].message);
    }
}

/* A table cut anywhere is refused, and nothing of it is kept. */
static void
test_cut (void)
{
  static const char good[] = HEAD "[\"p\",\"m*\",\"g\",{\"input\":1},"
                             "{\"hours\":\"23:00-01:00\",\"input\":2},{\"variant\":\"a b\","
                             "\"images\":3}],[\"p\",\"*\",\"o\"]]}";

  for (gsize length = 0; length < strlen (good); length++)
    {
      g_autofree char *text = g_strndup (good, length);

      g_assert_null (okap_price_table_read (text, length, NULL));
    }
}

static gpointer
look_up (gpointer data)
{
  return GINT_TO_POINTER ((int) input_price ("openai", "gpt-4o"));
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("look-up", look_up, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (threads[i])), ==, 2500000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/price/threads", test_threads);
  g_test_add_func ("/price/lookup", test_lookup);
  g_test_add_func ("/price/long", test_long);
  g_test_add_func ("/price/cost", test_cost);
  g_test_add_func ("/price/demo", test_demo);
  g_test_add_func ("/price/table", test_table);
  g_test_add_func ("/price/damaged", test_damaged);
  g_test_add_func ("/price/cut", test_cut);
  return g_test_run ();
}
