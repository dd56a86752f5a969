/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage as rows. Store thread.
 *
 * Each attempt is a row of its own, and is added in the same transaction to the sums of its
 * quarter of an hour (okap-store-summary.c reads them), so that the two can never disagree.
 *
 * Counts come from what providers send. They are brought into bounds here, far beyond anything
 * real, so that no sum of them can leave 64 bits. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"
#include "okap-money.h"

#define COUNT_MOST G_GINT64_CONSTANT (1000000000000)
#define SUM_MOST "4611686018427387904"  /* 2^62: one more row does not overflow 64 bits */

#define COLUMNS \
  "request_id, grant_id, app, provider, endpoint, model_asked, model_served," \
  " input, cached, cache_written, output, reasoning, cost_nusd, cost_status," \
  " started_us, first_byte_us, duration_us, overhead_us, http_status, error," \
  " bytes_in, bytes_out, streamed"

static const char insert_row[] =
  "INSERT INTO usage (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
  " ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)";

static const char add_to_quarter[] =
  "INSERT INTO usage_quarters (quarter, grant_id, app, provider, model, requests, input_tokens,"
  " output_tokens, cost_nusd, unknown_requests, last_us)"
  " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10)"
  " ON CONFLICT DO UPDATE SET requests = requests + 1,"
  "  input_tokens = min (input_tokens + excluded.input_tokens, " SUM_MOST "),"
  "  output_tokens = min (output_tokens + excluded.output_tokens, " SUM_MOST "),"
  "  cost_nusd = min (cost_nusd + excluded.cost_nusd, " SUM_MOST "),"
  "  unknown_requests = unknown_requests + excluded.unknown_requests,"
  "  last_us = max (last_us, excluded.last_us)";

static gint64
bound_count (gint64 count)
{
  return CLAMP (count, 0, COUNT_MOST);
}

static gint64
bound_time (gint64 time_us)
{
  return CLAMP (time_us, 0, OKAP_USAGE_END_US - 1);
}

static gint64
bound_cost (const OkapUsage *usage)
{
  if (usage->cost_status == OKAP_COST_UNKNOWN)
    return 0;
  return CLAMP (usage->cost_nusd, 0, OKAP_MONEY_MOST_NUSD);
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static gboolean
write_row (OkapQuery *query, const OkapUsage *usage, GError **error)
{
  const char *const texts[] = { usage->request_id, usage->grant_id, usage->app, usage->provider,
                                usage->endpoint, usage->model_asked, usage->model_served };
  const OkapUnits *units = &usage->units;
  int n = 1;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    okap_query_bind_text (query, n++, or_empty (texts[i]));
  okap_query_bind_int (query, n++, bound_count (units->count[OKAP_UNIT_INPUT]));
  okap_query_bind_int (query, n++, bound_count (units->count[OKAP_UNIT_CACHED]));
  okap_query_bind_int (query, n++, bound_count (units->count[OKAP_UNIT_CACHE_WRITTEN]));
  okap_query_bind_int (query, n++, bound_count (units->count[OKAP_UNIT_OUTPUT]));
  okap_query_bind_int (query, n++, bound_count (units->count[OKAP_UNIT_REASONING]));
  okap_query_bind_int (query, n++, bound_cost (usage));
  okap_query_bind_int (query, n++, usage->cost_status);
  okap_query_bind_int (query, n++, bound_time (usage->started_us));
  okap_query_bind_int (query, n++, usage->first_byte_us);
  okap_query_bind_int (query, n++, usage->duration_us);
  okap_query_bind_int (query, n++, usage->overhead_us);
  okap_query_bind_int (query, n++, usage->http_status);
  okap_query_bind_text (query, n++, usage->error);
  okap_query_bind_int (query, n++, usage->bytes_in);
  okap_query_bind_int (query, n++, usage->bytes_out);
  okap_query_bind_int (query, n++, usage->streamed ? 1 : 0);
  return okap_query_run (query, error);
}

static gboolean
add_row_to_quarter (OkapQuery *query, const OkapUsage *usage, GError **error)
{
  const char *model = or_empty (usage->model_asked);
  gint64 started_us = bound_time (usage->started_us);

  /* What the app asked for is what its grant speaks of; see also okap-store-summary.c. */
  if (*model == '\0')
    model = or_empty (usage->model_served);
  okap_query_bind_int (query, 1, started_us / OKAP_QUARTER_US);
  okap_query_bind_text (query, 2, or_empty (usage->grant_id));
  okap_query_bind_text (query, 3, or_empty (usage->app));
  okap_query_bind_text (query, 4, or_empty (usage->provider));
  okap_query_bind_text (query, 5, model);
  okap_query_bind_int (query, 6, bound_count (okap_units_get_prompt (&usage->units)));
  okap_query_bind_int (query, 7, bound_count (okap_units_get_written (&usage->units)));
  okap_query_bind_int (query, 8, bound_cost (usage));
  okap_query_bind_int (query, 9, usage->cost_status == OKAP_COST_UNKNOWN ? 1 : 0);
  okap_query_bind_int (query, 10, started_us);
  return okap_query_run (query, error);
}

static gboolean
write_rows (OkapDb *db, GPtrArray *rows, GError **error)
{
  g_auto (OkapQuery) insert = { 0 };
  g_auto (OkapQuery) add = { 0 };

  if (!okap_query_init (&insert, db, insert_row, error)
      || !okap_query_init (&add, db, add_to_quarter, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    if (!write_row (&insert, rows->pdata[i], error)
        || !add_row_to_quarter (&add, rows->pdata[i], error))
      return FALSE;
  return TRUE;
}

/**
 * okap_store_usage_write:
 * @rows: (element-type OkapUsage)
 *
 * Writes all of @rows in one transaction, or none.
 */
gboolean
okap_store_usage_write (OkapDb *db, GPtrArray *rows, GError **error)
{
  if (!okap_db_begin (db, OKAP_DB_RELAXED, error))
    return FALSE;
  return okap_db_end (db, write_rows (db, rows, error), error);
}

static gboolean
drop_known (OkapDb *db, GHashTable *unknown, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db,
                        "SELECT request_id FROM usage"
                        " WHERE id > (SELECT max (id) FROM usage) - ?1", error))
    return FALSE;
  okap_query_bind_int (&query, 1, OKAP_USAGE_RECOVERY_ROWS);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      const char *request_id = okap_query_get_text (&query, 0);

      if (request_id != NULL)
        g_hash_table_remove (unknown, request_id);
    }
  return step == OKAP_DB_DONE;
}

/* (transfer full) (nullable): those of @rows that the database does not have, each once. A row
 * without a request id cannot be told from another, so all such rows count as one. */
static GPtrArray *
find_unknown (OkapDb *db, GPtrArray *rows, GError **error)
{
  g_autoptr (GHashTable) unknown = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = 0; i < rows->len; i++)
    g_hash_table_add (unknown, (char *) or_empty (((OkapUsage *) rows->pdata[i])->request_id));
  if (!drop_known (db, unknown, error))
    return NULL;
  for (guint i = 0; i < rows->len; i++)
    if (g_hash_table_remove (unknown, or_empty (((OkapUsage *) rows->pdata[i])->request_id)))
      g_ptr_array_add (found, rows->pdata[i]);
  return g_steal_pointer (&found);
}

/**
 * okap_store_usage_recover:
 * @rows: (element-type OkapUsage): of a journal
 * @out_n_new: (out): how many of them were not among the newest %OKAP_USAGE_RECOVERY_ROWS
 *
 * Writes those in one transaction that is on the disk when it has ended.
 */
gboolean
okap_store_usage_recover (OkapDb *db, GPtrArray *rows, guint *out_n_new, GError **error)
{
  g_autoptr (GPtrArray) unknown = NULL;

  if (!okap_db_begin (db, OKAP_DB_DURABLE, error))
    return FALSE;
  unknown = find_unknown (db, rows, error);
  *out_n_new = unknown != NULL ? unknown->len : 0;
  return okap_db_end (db, unknown != NULL && write_rows (db, unknown, error), error);
}

static OkapUsage *
read_row (OkapQuery *query)
{
  OkapUsage *usage = okap_usage_new ();
  char **const texts[] = { &usage->request_id, &usage->grant_id, &usage->app, &usage->provider,
                           &usage->endpoint, &usage->model_asked, &usage->model_served };
  gint64 status;
  gint64 http_status;
  int n = 0;

  usage->id = okap_query_get_int (query, n++);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      *texts[i] = okap_query_dup_text (query, n++);
      if (*texts[i] == NULL)
        *texts[i] = g_strdup ("");
    }
  usage->units.count[OKAP_UNIT_INPUT] = okap_query_get_int (query, n++);
  usage->units.count[OKAP_UNIT_CACHED] = okap_query_get_int (query, n++);
  usage->units.count[OKAP_UNIT_CACHE_WRITTEN] = okap_query_get_int (query, n++);
  usage->units.count[OKAP_UNIT_OUTPUT] = okap_query_get_int (query, n++);
  usage->units.count[OKAP_UNIT_REASONING] = okap_query_get_int (query, n++);
  usage->cost_nusd = okap_query_get_int (query, n++);
  status = okap_query_get_int (query, n++);
  usage->cost_status = status >= 0 && status < OKAP_N_COST_STATUSES ? (OkapCostStatus) status
                                                                    : OKAP_COST_UNKNOWN;
  usage->started_us = okap_query_get_int (query, n++);
  usage->first_byte_us = okap_query_get_int (query, n++);
  usage->duration_us = okap_query_get_int (query, n++);
  usage->overhead_us = okap_query_get_int (query, n++);
  http_status = okap_query_get_int (query, n++);
  usage->http_status = (guint) CLAMP (http_status, 0, 999);
  usage->error = okap_query_dup_text (query, n++);
  usage->bytes_in = okap_query_get_int (query, n++);
  usage->bytes_out = okap_query_get_int (query, n++);
  usage->streamed = okap_query_get_int (query, n++) != 0;
  return usage;
}

/**
 * okap_store_usage_list:
 * @before: only ids below it; 0 for all
 * @most: at most so many, and never more than %OKAP_CAP_LIST_ROWS
 *
 * Returns: (transfer full) (nullable) (element-type OkapUsage): newest first
 */
GPtrArray *
okap_store_usage_list (OkapDb *db, gint64 before, guint most, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db,
                        "SELECT id, " COLUMNS " FROM usage WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
                        error))
    return NULL;
  okap_query_bind_int (&query, 1, before > 0 ? before : G_MAXINT64);
  okap_query_bind_int (&query, 2, MIN (most, OKAP_CAP_LIST_ROWS));
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    g_ptr_array_add (rows, read_row (&query));
  return step == OKAP_DB_DONE ? g_steal_pointer (&rows) : NULL;
}
