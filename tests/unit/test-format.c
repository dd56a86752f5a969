/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>
#include <math.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-money.h"
#include "okap-strength.h"
#include "okap-words.h"

static void
test_money (void)
{
  static const struct
  {
    gint64 nusd;
    const char *words;
  } cases[] = {
    { 0, "$0.00" },
    { 1, "under $0.0001" },
    { OKAP_NUSD_PER_USD / 10000, "$0.0001" },
    { 123400000, "$0.1234" },
    { 250000000, "$0.25" },
    { OKAP_NUSD_PER_USD, "$1.00" },
    { 10 * OKAP_NUSD_PER_USD + 4999999, "$10.00" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = okap_format_money (cases[i].nusd);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

/* What was spent is shown as the user wants it; limits stay in dollars. */
static void
test_currency (void)
{
  static const struct
  {
    const char *code;
    double per_usd;
    gint64 nusd;
    const char *words;
  } cases[] = {
    { "EUR", 0.9166667, 1200000000, "€1.10" },
    { "EUR", 0.9, 500000000, "€0.4500" },
    { "EUR", 0.9, 0, "€0.00" },
    { "EUR", 0.9, 1, "under €0.0001" },
    { "JPY", 150, 2 * OKAP_NUSD_PER_USD, "¥300" },
    { "CHF", 0.8, 10 * OKAP_NUSD_PER_USD, "CHF\u00a08.00" },
    { "USD", 7, OKAP_NUSD_PER_USD, "$1.00" },
    { "", 7, OKAP_NUSD_PER_USD, "$1.00" },
  };
  static const struct
  {
    const char *code;
    double per_usd;
  } bad[] = {
    { "eur", 1 }, { "EU", 1 }, { "EURO", 1 }, { "EUR", 0 }, { "EUR", -1 }, { "EUR", 2e6 },
    { "EUR", NAN }, { "<b>", 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = NULL;
      g_autofree char *usd = okap_format_usd (OKAP_NUSD_PER_USD);

      g_assert_true (okap_format_set_currency (cases[i].code, cases[i].per_usd));
      words = okap_format_money (cases[i].nusd);
      g_assert_cmpstr (words, ==, cases[i].words);
      g_assert_cmpstr (usd, ==, "$1.00");
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *words = NULL;

      g_assert_true (okap_format_set_currency ("EUR", 2));
      g_assert_false (okap_format_set_currency (bad[i].code, bad[i].per_usd));
      g_assert_false (okap_format_is_converted ());
      words = okap_format_money (OKAP_NUSD_PER_USD);
      g_assert_cmpstr (words, ==, "$1.00");
    }
  g_assert_true (okap_format_set_currency ("", 1));
}

static void
test_ago (void)
{
  const gint64 now_us = G_GINT64_CONSTANT (1795435200) * OKAP_SECOND_US;  /* a Monday, 12:00 UTC */
  const struct
  {
    gint64 ago_us;
    const char *words;
  } cases[] = {
    { 0, "Just now" },
    { -OKAP_MINUTE_US, "Just now" },
    { OKAP_MINUTE_US, "1 minute ago" },
    { 59 * OKAP_MINUTE_US, "59 minutes ago" },
    { 90 * OKAP_MINUTE_US, "Today, 10:30" },
    { 13 * 60 * OKAP_MINUTE_US, "Yesterday, 23:00" },
    { 3 * OKAP_DAY_US, "Friday, 12:00" },
    { 10 * OKAP_DAY_US, "13 November 2026" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = okap_format_ago (now_us - cases[i].ago_us, now_us);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
test_durations (void)
{
  static const struct
  {
    gint64 duration_us;
    const char *words;
  } cases[] = {
    { 999, "0 ms" },
    { 340000, "340 ms" },
    { 1234567, "1.2 s" },
    { 61 * OKAP_SECOND_US, "1 min 01 s" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = okap_format_duration (cases[i].duration_us);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
test_strength (void)
{
  static const struct
  {
    const char *passphrase;
    OkapStrength strength;
  } cases[] = {
    { "", OKAP_STRENGTH_TOO_SHORT },
    { "abc1234", OKAP_STRENGTH_TOO_SHORT },
    { "aaaaaaaaaaaaaaaaaaaaaaaa", OKAP_STRENGTH_WEAK },
    { "12345678901234567890", OKAP_STRENGTH_WEAK },
    { "password", OKAP_STRENGTH_WEAK },
    { "Password1!", OKAP_STRENGTH_WEAK },
    { "kd7wq9xm", OKAP_STRENGTH_FAIR },
    { "tangle brisk", OKAP_STRENGTH_GOOD },
    { "otter lamp gravel quick", OKAP_STRENGTH_STRONG },
    { "Grün ist die Heide am Abend", OKAP_STRENGTH_STRONG },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].passphrase);
      g_assert_cmpint (okap_strength_judge (cases[i].passphrase), ==, cases[i].strength);
    }
}

static void
test_models (void)
{
  static const struct
  {
    const char *models[5];
    const char *words;
  } cases[] = {
    { { NULL }, "All models" },
    { { "gpt-4o", NULL }, "gpt-4o" },
    { { "gpt-4o", "gpt-4o-mini", NULL }, "gpt-4o, gpt-4o-mini" },
    { { "a", "b", "c", NULL }, "a, b and 1 more" },
  };
  g_autofree char *prefix = okap_words_for_model ("gpt-4o*");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = okap_words_for_models ((char *const *) cases[i].models);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
  g_assert_cmpstr (prefix, ==, "Every model that begins with gpt-4o");
}

static void
test_usage (void)
{
  static const struct
  {
    guint status;
    const char *error;
    const char *words;
    gboolean well;
  } cases[] = {
    { 200, NULL, "Answered", TRUE },
    { 401, NULL, "The provider refused (401)", FALSE },
    { 499, "caller_gone", "The app hung up", FALSE },
    { 200, "token_revoked", "Stopped: access was revoked", FALSE },
    { 502, "upstream_unreachable", "The provider could not be reached", FALSE },
    { 500, "internal_error", "Not finished", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapUsage) usage = okap_usage_new ();
      g_autofree char *words = NULL;

      usage->http_status = cases[i].status;
      usage->error = g_strdup (cases[i].error);
      words = okap_words_for_usage (usage);
      g_assert_cmpstr (words, ==, cases[i].words);
      g_assert_cmpint (okap_words_usage_succeeded (usage), ==, cases[i].well);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/format/money", test_money);
  g_test_add_func ("/format/currency", test_currency);
  g_test_add_func ("/format/ago", test_ago);
  g_test_add_func ("/format/durations", test_durations);
  g_test_add_func ("/strength/in-words", test_strength);
  g_test_add_func ("/words/models", test_models);
  g_test_add_func ("/words/usage", test_usage);
  return g_test_run ();
}
