/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What scopes have used since their windows began, for the gate's limits. Store thread. */
#include "config.h"

#include "okap-store-private.h"

static const char slots_of_scope[] =
  "SELECT " OKAP_SUMS_COLUMNS " FROM usage_series s"
  " CROSS JOIN usage_sums ON width = ?3 AND series = s.id AND slot >= ?4 AND slot < ?5"
  " WHERE grant_id = ?1 AND provider = ?2";

static const char rows_of_scope[] =
  "SELECT " OKAP_USAGE_SUMMED_COLUMNS " FROM usage u CROSS JOIN usage_series s ON s.id = u.series"
  " WHERE started_us >= ?3 AND started_us < ?4 AND grant_id = ?1 AND provider = ?2";

static gboolean
add_rows (OkapSums *total, OkapDb *db, const OkapSpent *scope, const OkapWindow *window,
          GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;
  OkapSums sums;

  if (!okap_query_init (&query, db, rows_of_scope, error))
    return FALSE;
  okap_query_bind_text (&query, 1, scope->grant_id);
  okap_query_bind_text (&query, 2, scope->provider);
  okap_query_bind_int (&query, 3, window->rows_from_us);
  okap_query_bind_int (&query, 4, window->rows_until_us);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      okap_sums_read_usage (&sums, &query, 0);
      okap_sums_add (total, &sums);
    }
  return step == OKAP_DB_DONE;
}

static gboolean
add_span (OkapSums *total, OkapDb *db, const OkapSpent *scope, const OkapWindow *window,
          guint n_span, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;
  OkapSums sums;

  if (!okap_query_init (&query, db, slots_of_scope, error))
    return FALSE;
  okap_query_bind_text (&query, 1, scope->grant_id);
  okap_query_bind_text (&query, 2, scope->provider);
  okap_query_bind_int (&query, 3, window->spans[n_span].width);
  okap_query_bind_int (&query, 4, window->spans[n_span].from);
  okap_query_bind_int (&query, 5, window->spans[n_span].until);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      okap_sums_read (&sums, &query, 0);
      okap_sums_add (total, &sums);
    }
  return step == OKAP_DB_DONE;
}

static gboolean
sum_since (OkapSums *total, OkapDb *db, const OkapSpent *scope, gint64 since_us,
           gint64 forgotten_us, GError **error)
{
  OkapWindow window;

  *total = (OkapSums) { 0 };
  okap_window_init (&window, since_us, forgotten_us);
  if (window.rows_from_us != window.rows_until_us
      && !add_rows (total, db, scope, &window, error))
    return FALSE;
  for (guint i = 0; i < window.n_spans; i++)
    if (!add_span (total, db, scope, &window, i, error))
      return FALSE;
  return TRUE;
}

/* A window that begins within a quarter of forgotten rows begins with that quarter. */
static gboolean
is_used_since (const OkapSums *ever, gint64 since_us)
{
  return ever->last_us >= since_us - since_us % OKAP_QUARTER_US;
}

static gboolean
fill_in (OkapSpent *scope, OkapDb *db, gint64 forgotten_us, GError **error)
{
  OkapSums ever;
  OkapSums day = { 0 };
  OkapSums month = { 0 };

  /* Most scopes were not used of late, and need no more than the first. */
  if (!sum_since (&ever, db, scope, 0, forgotten_us, error)
      || (is_used_since (&ever, scope->month_start_us)
          && !sum_since (&month, db, scope, scope->month_start_us, forgotten_us, error))
      || (is_used_since (&ever, scope->day_start_us)
          && !sum_since (&day, db, scope, scope->day_start_us, forgotten_us, error)))
    return FALSE;
  scope->requests_day = day.of[OKAP_SUM_REQUESTS];
  scope->nusd_day = day.of[OKAP_SUM_NUSD];
  scope->nusd_month = month.of[OKAP_SUM_NUSD];
  scope->nusd_total = ever.of[OKAP_SUM_NUSD];
  return TRUE;
}

/**
 * okap_store_usage_spent:
 * @scopes: (element-type OkapSpent): each is filled in
 */
gboolean
okap_store_usage_spent (OkapDb *db, GPtrArray *scopes, GError **error)
{
  gint64 forgotten_us;

  if (!okap_usage_state_get_forgotten (db, &forgotten_us, error))
    return FALSE;
  for (guint i = 0; i < scopes->len; i++)
    if (!fill_in (scopes->pdata[i], db, forgotten_us, error))
      return FALSE;
  return TRUE;
}
