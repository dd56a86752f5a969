/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What scopes have used since their windows began, for the gate's limits. Store thread. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-money.h"

static const char rows_of_scope[] =
  "SELECT started_us, cost_nusd FROM usage WHERE grant_id = ?1 AND provider = ?2";

static gboolean
fill_in (OkapQuery *query, OkapSpent *spent, GError **error)
{
  OkapDbStep step;

  spent->requests_day = spent->nusd_day = spent->nusd_month = spent->nusd_total = 0;
  okap_query_bind_text (query, 1, spent->grant_id);
  okap_query_bind_text (query, 2, spent->provider);
  while ((step = okap_query_step (query, error)) == OKAP_DB_ROW)
    {
      gint64 started_us = okap_query_get_int (query, 0);
      gint64 cost_nusd = okap_query_get_int (query, 1);

      spent->nusd_total = okap_money_add (spent->nusd_total, cost_nusd);
      if (started_us >= spent->month_start_us)
        spent->nusd_month = okap_money_add (spent->nusd_month, cost_nusd);
      if (started_us >= spent->day_start_us)
        {
          spent->nusd_day = okap_money_add (spent->nusd_day, cost_nusd);
          spent->requests_day++;
        }
    }
  return step == OKAP_DB_DONE;
}

/**
 * okap_store_usage_spent:
 * @scopes: (element-type OkapSpent): each is filled in
 */
gboolean
okap_store_usage_spent (OkapDb *db, GPtrArray *scopes, GError **error)
{
  for (guint i = 0; i < scopes->len; i++)
    {
      g_auto (OkapQuery) query = { 0 };

      if (!okap_query_init (&query, db, rows_of_scope, error)
          || !fill_in (&query, scopes->pdata[i], error))
        return FALSE;
    }
  return TRUE;
}
