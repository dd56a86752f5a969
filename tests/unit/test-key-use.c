/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who uses a key, and what was used with it, from grants and sums made here. */
#include "okap-key-use.h"

#include "okap-broker.h"
#include "okap-clock.h"

#define NOW_US (G_GINT64_CONSTANT (1900000000) * OKAP_SECOND_US)

/* @scopes: "provider=key provider=key" */
static void
add_grant (GListStore *grants, const char *id, const char *scopes, OkapGrantState state,
           gint64 expires_us)
{
  g_auto (GStrv) pairs = g_strsplit (scopes, " ", -1);
  g_autoptr (OkapGrant) grant = okap_grant_new ();
  g_autoptr (OkapGrantItem) item = NULL;

  grant->id = g_strdup (id);
  grant->app_name = g_strdup (id);
  grant->state = state;
  grant->expires_us = expires_us;
  for (char **pair = pairs; *pair != NULL; pair++)
    {
      g_auto (GStrv) cells = g_strsplit (*pair, "=", 2);
      OkapScope *scope = okap_scope_new (cells[0]);

      scope->key_id = g_strdup (cells[1]);
      g_ptr_array_add (grant->scopes, scope);
    }
  item = okap_grant_item_new (grant);
  g_list_store_append (grants, item);
}

static void
add_sum (GPtrArray *sums, const char *key, gint64 requests, gint64 nusd, gint64 last_us)
{
  OkapUsageSummary *summary = g_new0 (OkapUsageSummary, 1);

  summary->key = g_strdup (key);
  summary->requests = requests;
  summary->cost_nusd = nusd;
  summary->last_us = last_us;
  summary->unknown_requests = requests / 10;
  g_ptr_array_add (sums, summary);
}

static GListStore *
make_grants (void)
{
  GListStore *grants = g_list_store_new (OKAP_TYPE_GRANT_ITEM);

  add_grant (grants, "g_notes", "openai=k_1 anthropic=k_2", OKAP_GRANT_ACTIVE, NOW_US + 1);
  add_grant (grants, "g_editor", "openai=k_1", OKAP_GRANT_PAUSED, NOW_US + 1);
  add_grant (grants, "g_other", "openai=k_3", OKAP_GRANT_ACTIVE, NOW_US + 1);
  add_grant (grants, "g_over", "openai=k_1", OKAP_GRANT_ACTIVE, NOW_US);
  add_grant (grants, "g_gone", "openai=k_1", OKAP_GRANT_REVOKED, NOW_US + 1);
  add_grant (grants, "g_demo", "demo", OKAP_GRANT_ACTIVE, NOW_US + 1);
  return grants;
}

static void
test_collect (void)
{
  g_autoptr (GListStore) grants = make_grants ();
  g_autoptr (GPtrArray) ever = g_ptr_array_new_with_free_func (
    (GDestroyNotify) okap_usage_summary_free);
  g_autoptr (GPtrArray) month = g_ptr_array_new_with_free_func (
    (GDestroyNotify) okap_usage_summary_free);
  g_autoptr (GHashTable) uses = NULL;
  const OkapKeyUse *use;

  add_sum (ever, "g_notes/openai", 100, 9, 50);
  add_sum (ever, "g_notes/anthropic", 7, 9, 90);
  add_sum (ever, "g_gone/openai", 20, 9, 70);
  add_sum (ever, "g_demo/demo", 1000, 9, 99);
  add_sum (ever, "g_forgotten/openai", 1000, 9, 99);
  add_sum (month, "g_notes/openai", 30, 300, 50);
  add_sum (month, "g_gone/openai", 10, 50, 70);
  add_sum (month, "g_over/openai", 10, -20, 60);
  add_sum (month, "g_forgotten/openai", 10, 5000, 99);
  uses = okap_key_use_collect (G_LIST_MODEL (grants), ever, month);
  g_assert_cmpuint (g_hash_table_size (uses), ==, 2);

  use = g_hash_table_lookup (uses, "k_1");
  g_assert_cmpint (use->requests, ==, 120);
  g_assert_cmpint (use->last_us, ==, 70);
  g_assert_cmpint (use->month_requests, ==, 50);
  g_assert_cmpint (use->month_nusd, ==, 330);
  g_assert_cmpint (use->month_unknown, ==, 5);
  use = g_hash_table_lookup (uses, "k_2");
  g_assert_cmpint (use->requests, ==, 7);
  g_assert_cmpint (use->month_nusd, ==, 0);
  g_assert_null (g_hash_table_lookup (uses, "k_3"));
}

static void
test_nothing (void)
{
  g_autoptr (GListStore) grants = make_grants ();
  g_autoptr (GHashTable) uses = okap_key_use_collect (G_LIST_MODEL (grants), NULL, NULL);

  g_assert_cmpuint (g_hash_table_size (uses), ==, 0);
}

/* Those that are over do not break with the key; a paused one does. */
static void
test_apps (void)
{
  g_autoptr (GListStore) grants = make_grants ();
  g_autoptr (GPtrArray) first = okap_key_use_list_apps (G_LIST_MODEL (grants), "k_1", NOW_US);
  g_autoptr (GPtrArray) second = okap_key_use_list_apps (G_LIST_MODEL (grants), "k_2", NOW_US);
  g_autoptr (GPtrArray) none = okap_key_use_list_apps (G_LIST_MODEL (grants), "k_9", NOW_US);

  g_assert_cmpuint (first->len, ==, 2);
  g_assert_cmpstr (((OkapGrant *) first->pdata[0])->id, ==, "g_notes");
  g_assert_cmpstr (((OkapGrant *) first->pdata[1])->id, ==, "g_editor");
  g_assert_cmpuint (second->len, ==, 1);
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-use/collect", test_collect);
  g_test_add_func ("/key-use/nothing", test_nothing);
  g_test_add_func ("/key-use/apps", test_apps);
  return g_test_run ();
}
