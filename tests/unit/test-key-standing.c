/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read of a provider's answer about money and limits. It may lie and do no harm. */
#include "okap-key-standing-read.h"

#include <string.h>

typedef struct
{
  const char *provider, *headers, *body, *expected;
} Case;

/* "kind amount currency window", one after the other. */
static char *
describe (const OkapKeyStanding *standing)
{
  static const char *const kinds[] = { "balance", "left", "requests" };
  static const char *const windows[] = { "", "/day", "/minute" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < standing->n_facts; i++)
    {
      const OkapStandingFact *fact = &standing->facts[i];

      g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT "%s%s", i > 0 ? ", " : "",
                              kinds[fact->kind], fact->amount, fact->currency,
                              windows[fact->window]);
    }
  return g_string_free (text, FALSE);
}

static void
test_answers (void)
{
  static const Case cases[] = {
    { "openrouter", NULL,
      "{\"data\":{\"label\":\"sk-or-v1-a…b\",\"limit\":10,\"usage\":1.25,"
      "\"limit_remaining\":8.75,\"is_free_tier\":false}}", "left 8750000000USD" },
    { "openrouter", NULL, "{\"data\":{\"limit\":null,\"limit_remaining\":null}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":-0.5}}", "left -500000000USD" },
    { "deepseek", NULL,
      "{\"is_available\":true,\"balance_infos\":[{\"currency\":\"CNY\",\"total_balance\":"
      "\"110.00\",\"granted_balance\":\"10.00\"},{\"currency\":\"USD\",\"total_balance\":"
      "\"4.20\"}]}", "balance 110000000000CNY, balance 4200000000USD" },
    { "vercel", NULL, "{\"balance\":\"95.50\",\"total_used\":\"4.50\"}", "balance 95500000000USD" },
    { "vercel", NULL, "{\"balance\":95}", "balance 95000000000USD" },
    { "groq", "content-type: x\r\nX-RateLimit-Remaining-Requests: 14370\r\nx: y\r\n", "{}",
      "requests 14370/day" },
    { "cerebras", "x-ratelimit-remaining-requests-day: 1000\r\n", NULL, "requests 1000/day" },
    { "openai", "x-ratelimit-remaining-requests: 10\r\n", "{\"balance\":1}", "" },

    { "openrouter", NULL, "", "" },
    { "openrouter", NULL, "[]", "" },
    { "openrouter", NULL, "{\"data\":[1]}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":true}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":{\"a\":1}}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":[1]}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":1e300}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":1000000001}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":9223372036854775807}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":\"<b>1</b>\"}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":\"0x10\"}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":\"nan\"}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":\"inf\"}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":\" 1\"}}", "" },
    { "openrouter", NULL, "{\"data\":{\"limit_remaining\":\"\"}}", "" },
    { "openrouter", NULL,
      "{\"data\":{\"limit_remaining\":\"0.000000000000000000000000000000000001\"}}", "" },
    { "deepseek", NULL, "{\"balance_infos\":[{\"total_balance\":\"1\"}]}", "" },
    { "deepseek", NULL,
      "{\"balance_infos\":[{\"total_balance\":\"1\",\"currency\":\"dollars\"}]}", "" },
    { "deepseek", NULL,
      "{\"balance_infos\":[{\"total_balance\":\"1\",\"currency\":\"u$d\"}]}", "" },
    { "deepseek", NULL, "{\"balance_infos\":[{\"total_balance\":\"1\",\"currency\":7}]}", "" },
    { "deepseek", NULL, "{\"balance_infos\":{\"total_balance\":\"1\",\"currency\":\"USD\"}}", "" },
    { "deepseek", NULL, "{\"balance_infos\":[7,{\"total_balance\":\"1\",\"currency\":\"USD\"}]}",
      "balance 1000000000USD" },
    { "groq", "x-ratelimit-remaining-requests: -1\r\n", NULL, "" },
    { "groq", "x-ratelimit-remaining-requests: many\r\n", NULL, "" },
    { "groq", "x-ratelimit-remaining-requests:\r\n", NULL, "" },
    { "groq", "x-ratelimit-remaining-requests: 1111111111111111111111111111111111111\r\n", NULL,
      "" },
    { "groq", NULL, NULL, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *body = cases[i].body;
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);
      g_autofree char *found = NULL;
      OkapKeyStanding standing;

      okap_key_standing_read (provider, cases[i].headers, body, body != NULL ? strlen (body) : 0,
                              &standing);
      found = describe (&standing);
      g_test_message ("%s %s", cases[i].provider, body);
      g_assert_cmpstr (found, ==, cases[i].expected);
      g_assert_cmpint (standing.asked_us, ==, 0);
    }
}

/* A thousand accounts are four, and a deep answer is none. */
static void
test_bounds (void)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("deepseek");
  g_autoptr (GString) many = g_string_new ("{\"balance_infos\":[");
  g_autoptr (GString) deep = g_string_new ("{\"balance_infos\":[{\"total_balance\":\"1\","
                                           "\"currency\":\"USD\",\"x\":");
  OkapKeyStanding standing;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (many, "%s{\"total_balance\":\"%u\",\"currency\":\"USD\"}",
                            i > 0 ? "," : "", i);
  g_string_append (many, "]}");
  okap_key_standing_read (provider, NULL, many->str, many->len, &standing);
  g_assert_cmpuint (standing.n_facts, ==, OKAP_STANDING_MOST);

  for (guint i = 0; i < 1000; i++)
    g_string_append_c (deep, '[');
  okap_key_standing_read (provider, NULL, deep->str, deep->len, &standing);
  g_assert_cmpuint (standing.n_facts, ==, 0);
}

/* Only a test of the key asks for the account: apps have no way to where it stands. */
static void
test_no_way_for_apps (void)
{
  g_autoptr (GPtrArray) all = okap_provider_list ();
  guint n_bodies = 0;

  for (guint i = 0; i < all->len; i++)
    {
      OkapProvider *provider = g_ptr_array_index (all, i);
      const GPtrArray *rules = okap_provider_get_standing (provider);

      for (guint j = 0; j < rules->len; j++)
        {
          const OkapStandingRule *rule = g_ptr_array_index (rules, j);
          g_auto (OkapRoute) route = { 0 };
          g_autoptr (GError) error = NULL;

          if (g_str_has_prefix (rule->place, "header:"))
            continue;
          n_bodies++;
          g_assert_false (okap_provider_resolve (provider, "GET",
                                                 okap_provider_get_test_path (provider), &route,
                                                 &error));
          g_assert_nonnull (error);
        }
    }
  g_assert_cmpuint (n_bodies, >=, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-standing/answers", test_answers);
  g_test_add_func ("/key-standing/bounds", test_bounds);
  g_test_add_func ("/key-standing/no-way-for-apps", test_no_way_for_apps);
  return g_test_run ();
}
