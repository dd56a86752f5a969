/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-price.h"
#include "okap-price-table.h"

#include <string.h>

/* Input price of one token at the first tier; -1 if the price is unknown. */
/* All numbers of a tier as they stand in a line of the table. */
#define TIER(from, input, cached, written, output) \
  { .from_input_tokens = (from), .known = ~0u, \
    .pusd = { [OKAP_UNIT_INPUT] = (input), [OKAP_UNIT_CACHED] = (cached), \
              [OKAP_UNIT_CACHE_WRITTEN] = (written), [OKAP_UNIT_OUTPUT] = (output) } }

static gint64
input_price (const char *provider, const char *model)
{
  OkapPrice price;

  return okap_price_lookup (provider, model, 0, &price) ? price.tiers[0].pusd[OKAP_UNIT_INPUT] : -1;
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

static void
test_table (void)
{
  const OkapPriceTable *table = okap_price_table_get ();
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

      g_hash_table_iter_init (&rows, ((OkapPriceList *) list)->by_id);
      while (g_hash_table_iter_next (&rows, &id, &value))
        {
          const OkapPriceRow *row = value;

          n++;
          g_test_message ("%s %s", (const char *) provider, (const char *) id);
          g_assert_cmpuint (row->n_tiers, >, 0);
          for (guint i = 0; i < row->n_tiers; i++)
            {
              /* Nothing costs a thousandth of a dollar for one token. */
              g_assert_cmpint (row->tiers[i].pusd[OKAP_UNIT_INPUT], <, 1000000000);
              g_assert_cmpint (row->tiers[i].pusd[OKAP_UNIT_OUTPUT], <, 1000000000);
            }
          if (strstr (id, "moderation") == NULL)
            g_assert_cmpint (row->tiers[0].pusd[OKAP_UNIT_INPUT]
                             + row->tiers[0].pusd[OKAP_UNIT_OUTPUT], >, 0);
        }
    }
  g_assert_cmpuint (n, >, 1000);
}

static void
test_damaged (void)
{
  static const char *const texts[] = {
    "",
    "{}",
    "[]",
    "{\"models\":[]}",
    "{\"date\":1,\"models\":[]}",
    "{\"date\":\"d\",\"models\":[[]]}",
    "{\"date\":\"d\",\"models\":[[\"p\"]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"m\",\"g\",0,1,2,3]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"m\",\"g\",1,1,2,3,4]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"m\",\"g\",0,1,2,3,-4]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"m\",\"g\",0,1,2,3,4.5]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"m\",\"g\",0,1,2,3,4,0,1,2,3,4]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"\",\"g\",0,1,2,3,4]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"m\",\"g\",0,1,2,3,4],[\"p\",\"m*\",\"g\",0,1,2,3,4]]}",
    "{\"date\":\"d\",\"models\":[[\"p\",\"m\",\"g\",0,1,2,3,4]]}x",
    "{\"date\":\"d\",\"date\":\"d\",\"models\":{}}",
  };
  static const char good[] = "{\"x\":{\"y\":[1]},\"date\":\"d\","
                             "\"models\":[[\"p\",\"m\",\"g\",0,1,2,3,4,9,1,2,3,4],"
                             "[\"p\",\"*\",\"o\"]]}";
  g_autoptr (OkapPriceTable) table = okap_price_table_read (good, strlen (good));

  g_assert_nonnull (table);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_test_message ("%s", texts[i]);
      g_assert_null (okap_price_table_read (texts[i], strlen (texts[i])));
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
  return g_test_run ();
}
