/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who uses a key, and what was used with it. Pure; the grants are those of the broker.
 *
 * A row of usage names grant and provider, and the grant's scope for that provider names the key,
 * chosen when it was allowed. So the sum of a key is the sum of the scopes that name it, of grants
 * that ended, too. What cannot be told apart this way: of a grant that was given another key later,
 * all counts for that key; of grants that are no longer kept, nothing counts. The store sums by
 * scope without looking at single rows, so that a million of them cost no more than a thousand. */
#include "config.h"

#include "okap-key-use.h"

#include "okap-broker.h"
#include "okap-money.h"
#include "okap-store.h"

/** okap_key_use_map_scopes: (transfer full) (element-type utf8 utf8): from the keys of sums by
 *   %OKAP_USAGE_BY_SCOPE to key ids; these are lent by the grants, so use it at once */
GHashTable *
okap_key_use_map_scopes (GListModel *grants)
{
  GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      OkapGrant *grant = okap_grant_item_get_grant (item);

      for (guint j = 0; j < grant->scopes->len; j++)
        {
          OkapScope *scope = g_ptr_array_index (grant->scopes, j);

          if (scope->key_id != NULL)
            g_hash_table_replace (keys, g_strconcat (grant->id, "/", scope->provider, NULL),
                                  scope->key_id);
        }
    }
  return keys;
}

/* (nullable): NULL for a scope that nobody knows any more */
static OkapKeyUse *
ensure_use (GHashTable *uses, GHashTable *keys, const OkapUsageSummary *summary)
{
  const char *key_id = g_hash_table_lookup (keys, summary->key);
  OkapKeyUse *use;

  if (key_id == NULL)
    return NULL;
  use = g_hash_table_lookup (uses, key_id);
  if (use == NULL)
    {
      use = g_new0 (OkapKeyUse, 1);
      g_hash_table_insert (uses, g_strdup (key_id), use);
    }
  return use;
}

/**
 * okap_key_use_collect:
 * @grants: (element-type OkapGrantItem): all that there are
 * @ever: (nullable) (element-type OkapUsageSummary): sums by %OKAP_USAGE_BY_SCOPE since ever
 * @month: (nullable) (element-type OkapUsageSummary): likewise since the month began
 *
 * Returns: (transfer full) (element-type utf8 OkapKeyUse): by key id; keys that were never used
 *   are not there
 */
GHashTable *
okap_key_use_collect (GListModel *grants, const GPtrArray *ever, const GPtrArray *month)
{
  g_autoptr (GHashTable) keys = okap_key_use_map_scopes (grants);
  GHashTable *uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; ever != NULL && i < ever->len; i++)
    {
      const OkapUsageSummary *summary = g_ptr_array_index (ever, i);
      OkapKeyUse *use = ensure_use (uses, keys, summary);

      if (use == NULL)
        continue;
      use->requests += summary->requests;
      use->last_us = MAX (use->last_us, summary->last_us);
    }
  for (guint i = 0; month != NULL && i < month->len; i++)
    {
      const OkapUsageSummary *summary = g_ptr_array_index (month, i);
      OkapKeyUse *use = ensure_use (uses, keys, summary);

      if (use == NULL)
        continue;
      use->month_requests += summary->requests;
      use->month_nusd = okap_money_add (use->month_nusd, summary->cost_nusd);
      use->month_unknown += summary->unknown_requests;
    }
  return uses;
}

/**
 * okap_key_use_list_apps:
 * @grants: (element-type OkapGrantItem)
 *
 * Returns: (transfer full) (element-type OkapGrant): the live grants that would stop working
 *   without the key, in the order of @grants
 */
GPtrArray *
okap_key_use_list_apps (GListModel *grants, const char *key_id, gint64 now_us)
{
  GPtrArray *apps = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_grant_unref);

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      OkapGrant *grant = okap_grant_item_get_grant (item);
      gboolean uses = FALSE;

      for (guint j = 0; j < grant->scopes->len && !uses; j++)
        uses = g_strcmp0 (((OkapScope *) g_ptr_array_index (grant->scopes, j))->key_id, key_id)
               == 0;
      if (uses && okap_grant_is_live (grant, now_us))
        g_ptr_array_add (apps, okap_grant_ref (grant));
    }
  return apps;
}
