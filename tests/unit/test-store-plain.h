/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random rows of usage, and sums of them counted without any cleverness. */
#pragma once

#include "test-store-fixture.h"

#include "okap-store-private.h"

static inline char *
group_key (const OkapUsage *usage, OkapUsageGrouping by, GTimeZone *zone)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;

  switch (by)
    {
    case OKAP_USAGE_BY_APP:
      return g_strdup (usage->app);
    case OKAP_USAGE_BY_PROVIDER:
      return g_strdup (usage->provider);
    case OKAP_USAGE_BY_MODEL:
      return g_strdup (*usage->model_asked ? usage->model_asked : usage->model_served);
    case OKAP_USAGE_BY_DAY:
      utc = g_date_time_new_from_unix_utc (usage->started_us / OKAP_SECOND_US);
      local = g_date_time_to_timezone (utc, zone);
      return g_date_time_format (local, "%Y-%m-%d");
    case OKAP_USAGE_BY_SCOPE:
      return g_strconcat (usage->grant_id, "/", usage->provider, NULL);
    case OKAP_USAGE_BY_GRANT:
    default:
      return g_strdup (usage->grant_id);
    }
}

static inline GHashTable *
count_plainly (GPtrArray *rows, OkapUsageGrouping by, gint64 since_us, GTimeZone *zone)
{
  GHashTable *groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                              (GDestroyNotify) okap_usage_summary_free);

  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsage *usage = rows->pdata[i];
      g_autofree char *key = NULL;
      OkapUsageSummary *group;

      if (usage->started_us < since_us)
        continue;
      key = group_key (usage, by, zone);
      group = g_hash_table_lookup (groups, key);
      if (group == NULL)
        {
          group = g_new0 (OkapUsageSummary, 1);
          group->key = g_steal_pointer (&key);
          g_hash_table_insert (groups, group->key, group);
        }
      group->last_us = MAX (group->last_us, usage->started_us);
      group->cost_nusd += usage->cost_status == OKAP_COST_UNKNOWN ? 0 : usage->cost_nusd;
      group->over_nusd += usage->over_nusd;
      if (usage->cost_status == OKAP_COST_CORRECTION)
        continue;
      group->requests++;
      group->cached_tokens += okap_units_get_cached (&usage->units);
      group->estimated_requests += usage->cost_status == OKAP_COST_ESTIMATED;
      group->failed_requests += usage->http_status >= 400 || usage->error != NULL;
      group->input_tokens += okap_units_get_prompt (&usage->units);
      group->output_tokens += okap_units_get_written (&usage->units);
      group->unknown_requests += usage->cost_status == OKAP_COST_UNKNOWN;
    }
  return groups;
}

static inline void
compare_with_plain_count (OkapStore *store, GPtrArray *rows, OkapUsageGrouping by,
                          gint64 since_us, GTimeZone *zone)
{
  g_autoptr (GHashTable) plain = count_plainly (rows, by, since_us, zone);
  g_autoptr (GPtrArray) sums = store_summarise (store, by, since_us, zone);

  g_assert_cmpuint (sums->len, ==, g_hash_table_size (plain));
  for (guint i = 0; i < sums->len; i++)
    {
      const OkapUsageSummary *sum = sums->pdata[i];
      const OkapUsageSummary *other = g_hash_table_lookup (plain, sum->key);

      g_assert_nonnull (other);
      g_assert_cmpint (sum->requests, ==, other->requests);
      g_assert_cmpint (sum->input_tokens, ==, other->input_tokens);
      g_assert_cmpint (sum->output_tokens, ==, other->output_tokens);
      g_assert_cmpint (sum->cost_nusd, ==, other->cost_nusd);
      g_assert_cmpint (sum->unknown_requests, ==, other->unknown_requests);
      g_assert_cmpint (sum->estimated_requests, ==, other->estimated_requests);
      g_assert_cmpint (sum->failed_requests, ==, other->failed_requests);
      g_assert_cmpint (sum->cached_tokens, ==, other->cached_tokens);
      g_assert_cmpint (sum->over_nusd, ==, other->over_nusd);
      g_assert_cmpint (sum->last_us, ==, other->last_us);
      if (i == 0)
        continue;
      if (by == OKAP_USAGE_BY_DAY)
        g_assert_cmpstr (((OkapUsageSummary *) sums->pdata[i - 1])->key, <, sum->key);
      else
        g_assert_cmpint (((OkapUsageSummary *) sums->pdata[i - 1])->cost_nusd, >=, sum->cost_nusd);
    }
}

static inline char *
random_name (const char *prefix, int most)
{
  return g_strdup_printf ("%s-%d", prefix, g_test_rand_int_range (0, most));
}

static inline OkapUsage *
random_usage (gint64 around_us, double days)
{
  g_autofree char *grant = random_name ("g", 5);
  g_autofree char *app = random_name ("app", 4);
  g_autofree char *model = random_name ("model", 6);
  OkapUsage *usage = new_usage (grant, app, model, 0);

  g_free (usage->provider);
  usage->provider = random_name ("provider", 3);
  if (g_test_rand_int_range (0, 10) == 0)
    *usage->model_asked = '\0';
  usage->started_us = around_us + (gint64) (g_test_rand_double_range (-days, days) * OKAP_DAY_US);
  if (g_test_rand_int_range (0, 20) == 0)  /* exactly at a border */
    usage->started_us -= usage->started_us % OKAP_QUARTER_US;
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (g_test_rand_int_range (0, 3) == 0)
      usage->units.count[i] = g_test_rand_int_range (0, 100000);
  usage->cost_status = (OkapCostStatus) g_test_rand_int_range (0, OKAP_N_COST_STATUSES);
  if (usage->cost_status == OKAP_COST_CORRECTION)
    usage->cost_nusd = g_test_rand_int_range (-1000000000, 1000000000);
  else if (usage->cost_status != OKAP_COST_UNKNOWN)
    usage->cost_nusd = g_test_rand_int_range (0, 2000000000);
  usage->over_nusd = g_test_rand_int_range (0, 5) == 0 ? 12345 : 0;
  if (g_test_rand_int_range (0, 8) == 0)
    usage->http_status = 429;
  if (g_test_rand_int_range (0, 8) == 0)
    usage->error = g_strdup ("token_revoked");
  return usage;
}
