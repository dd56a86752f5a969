/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage as rows. Store thread.
 *
 * Each attempt is a row of its own, and is added in the same transaction to the sums of its slots
 * of time (okap-usage-sums.c), so that the two can never disagree.
 *
 * Counts and names come from what apps and providers send. They are brought into bounds here, far
 * beyond anything real, so that no sum of them can leave 64 bits, and no row is refused for its
 * length while those behind it wait; and nothing but a correction that the user entered is ever
 * below zero. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"
#include "okap-money.h"

#define N_INSERTED 28

static const char insert_row[] =
  "INSERT INTO usage (request_id, series, endpoint, model_asked, model_served, "
  OKAP_UNIT_COLUMNS ", cost_nusd, over_nusd, cost_status, started_us, first_byte_us, duration_us,"
  " overhead_us, http_status, error, bytes_in, bytes_out, streamed, tier, edits, key_version,"
  " digest_in, digest_out)"
  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
  " ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)";

#define SELECT_ROWS \
  "SELECT u.id, request_id, grant_id, app, provider, endpoint, coalesce (model_asked, s.model)," \
  " coalesce (model_served, s.model), error, tier, edits, " OKAP_UNIT_COLUMNS ", cost_nusd," \
  " over_nusd, cost_status, started_us, first_byte_us, duration_us, overhead_us, http_status," \
  " bytes_in, bytes_out, streamed, key_version, digest_in, digest_out" \
  " FROM usage u LEFT JOIN usage_series s ON s.id = u.series"

static const char rows_below[] =
  SELECT_ROWS " WHERE u.id < ?1 ORDER BY u.id DESC LIMIT ?2";

static const char row_of_id[] =
  SELECT_ROWS " WHERE u.id = ?1";

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static gint64
bound_cost (const OkapUsage *usage)
{
  switch (usage->cost_status)
    {
    case OKAP_COST_UNKNOWN:
      return 0;
    case OKAP_COST_CORRECTION:
      return CLAMP (usage->cost_nusd, -OKAP_MONEY_MOST_NUSD, OKAP_MONEY_MOST_NUSD);
    case OKAP_COST_KNOWN:
    case OKAP_COST_ESTIMATED:
    case OKAP_COST_REPORTED:
    case OKAP_COST_FREE:
    case OKAP_COST_CEILING:
    default:
      return CLAMP (usage->cost_nusd, 0, OKAP_MONEY_MOST_NUSD);
    }
}

/**
 * okap_usage_bound:
 *
 * Brings the numbers of @row into the bounds in which they are kept, whoever said them: a provider,
 * or a file that somebody edited.
 */
void
okap_usage_bound (OkapUsage *row)
{
  gint64 *const counts[] = { &row->first_byte_us, &row->duration_us, &row->overhead_us,
                             &row->bytes_in, &row->bytes_out };

  for (guint i = 0; i < OKAP_N_UNITS; i++)
    row->units.count[i] = CLAMP (row->units.count[i], 0, OKAP_CAP_USAGE_COUNT);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    *counts[i] = CLAMP (*counts[i], 0, OKAP_USAGE_END_US);
  row->cost_nusd = bound_cost (row);
  row->over_nusd = CLAMP (row->over_nusd, 0, OKAP_MONEY_MOST_NUSD);
  row->started_us = CLAMP (row->started_us, 0, OKAP_USAGE_END_US - 1);
  row->http_status = MIN (row->http_status, 999);
}

/* NULL stands for the model of the series. */
static const char *
or_null (const char *model, const OkapUsage *row, const OkapSeries *series)
{
  if (series->has_model && strcmp (or_empty (model), okap_usage_get_series_model (row)) == 0)
    return NULL;
  return or_empty (model);
}

static void
bind_digest (OkapQuery *query, int number, const OkapBodyDigest *digest)
{
  if (okap_body_digest_is_set (digest))
    okap_query_bind_blob (query, number, digest->bytes, sizeof digest->bytes);
  else
    okap_query_bind_text (query, number, NULL);
}

static gboolean
write_row (OkapQuery *query, const OkapUsage *row, const OkapSeries *series, GError **error)
{
  g_autofree char *rest = okap_units_format_rest (&row->units);
  int n = 1;

  okap_query_bind_start (query, n++, or_empty (row->request_id), OKAP_CAP_USAGE_TEXT_BYTES);
  okap_query_bind_int (query, n++, series->id);
  okap_query_bind_start (query, n++, or_empty (row->endpoint), OKAP_CAP_USAGE_TEXT_BYTES);
  okap_query_bind_start (query, n++, or_null (row->model_asked, row, series),
                         OKAP_CAP_USAGE_TEXT_BYTES);
  okap_query_bind_start (query, n++, or_null (row->model_served, row, series),
                         OKAP_CAP_USAGE_TEXT_BYTES);
  okap_units_bind (&row->units, rest, query, n);
  n += OKAP_N_UNIT_COLUMNS + 1;
  okap_query_bind_int (query, n++, row->cost_nusd);
  okap_query_bind_int (query, n++, row->over_nusd);
  okap_query_bind_int (query, n++, row->cost_status);
  okap_query_bind_int (query, n++, row->started_us);
  okap_query_bind_int (query, n++, row->first_byte_us);
  okap_query_bind_int (query, n++, row->duration_us);
  okap_query_bind_int (query, n++, row->overhead_us);
  okap_query_bind_int (query, n++, row->http_status);
  okap_query_bind_start (query, n++, row->error, OKAP_CAP_USAGE_TEXT_BYTES);
  okap_query_bind_int (query, n++, row->bytes_in);
  okap_query_bind_int (query, n++, row->bytes_out);
  okap_query_bind_int (query, n++, row->streamed ? 1 : 0);
  okap_query_bind_start (query, n++, row->tier, OKAP_CAP_USAGE_TEXT_BYTES);
  okap_query_bind_start (query, n++, row->edits, OKAP_CAP_USAGE_TEXT_BYTES);
  okap_query_bind_int (query, n++, row->key_version);
  bind_digest (query, n++, &row->digest_in);
  bind_digest (query, n++, &row->digest_out);
  g_assert (n == N_INSERTED + 1);
  return okap_query_run (query, error);
}

/** okap_store_usage_write_within: as okap_store_usage_write(), as a part of a transaction */
gboolean
okap_store_usage_write_within (OkapDb *db, GPtrArray *rows, GError **error)
{
  g_autoptr (OkapSeriesFinder) finder = okap_series_finder_new (db);
  g_autoptr (OkapSumBatch) batch = okap_sum_batch_new ();
  g_auto (OkapQuery) insert = { 0 };

  if (!okap_query_init (&insert, db, insert_row, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const OkapSeries *series = okap_series_finder_find (finder, rows->pdata[i], error);
      OkapUsage row = *(const OkapUsage *) rows->pdata[i];
      OkapSums sums;

      okap_usage_bound (&row);
      if (series == NULL || !write_row (&insert, &row, series, error))
        return FALSE;
      okap_sums_set_usage (&sums, &row);
      okap_sum_batch_add (batch, series->id, row.started_us, &sums);
    }
  return okap_sum_batch_write (batch, db, error) && okap_usage_state_set_counted (db, error);
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
  return okap_db_end (db, okap_store_usage_write_within (db, rows, error), error);
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
  return okap_db_end (db,
                      unknown != NULL && okap_store_usage_write_within (db, unknown, error),
                      error);
}

/** okap_usage_read_status: what a file says that a cost is; unknown if it says what is none */
OkapCostStatus
okap_usage_read_status (gint64 status)
{
  return status >= 0 && status < OKAP_N_COST_STATUSES ? (OkapCostStatus) status
                                                      : OKAP_COST_UNKNOWN;
}

static void
read_digest (OkapQuery *query, int column, OkapBodyDigest *digest)
{
  if (!okap_query_get_blob (query, column, digest->bytes, sizeof digest->bytes))
    *digest = (OkapBodyDigest) { 0 };
}

static OkapUsage *
read_row (OkapQuery *query)
{
  OkapUsage *usage = okap_usage_new ();
  char **const texts[] = { &usage->request_id, &usage->grant_id, &usage->app, &usage->provider,
                           &usage->endpoint, &usage->model_asked, &usage->model_served };
  gint64 http_status, key_version;
  int n = 0;

  usage->id = okap_query_get_int (query, n++);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      *texts[i] = okap_query_dup_text (query, n++);
      if (*texts[i] == NULL)
        *texts[i] = g_strdup ("");
    }
  usage->error = okap_query_dup_text (query, n++);
  usage->tier = okap_query_dup_text (query, n++);
  usage->edits = okap_query_dup_text (query, n++);
  okap_units_read (&usage->units, query, n);
  n += OKAP_N_UNIT_COLUMNS + 1;
  usage->cost_nusd = okap_query_get_int (query, n++);
  usage->over_nusd = okap_query_get_int (query, n++);
  usage->cost_status = okap_usage_read_status (okap_query_get_int (query, n++));
  usage->started_us = okap_query_get_int (query, n++);
  usage->first_byte_us = okap_query_get_int (query, n++);
  usage->duration_us = okap_query_get_int (query, n++);
  usage->overhead_us = okap_query_get_int (query, n++);
  http_status = okap_query_get_int (query, n++);
  usage->http_status = (guint) CLAMP (http_status, 0, 999);
  usage->bytes_in = okap_query_get_int (query, n++);
  usage->bytes_out = okap_query_get_int (query, n++);
  usage->streamed = okap_query_get_int (query, n++) != 0;
  key_version = okap_query_get_int (query, n++);
  usage->key_version = (guint) CLAMP (key_version, 0, (gint64) G_MAXUINT);
  read_digest (query, n++, &usage->digest_in);
  read_digest (query, n, &usage->digest_out);
  okap_usage_bound (usage);
  return usage;
}

/**
 * okap_store_usage_list:
 * @before: only ids below it; 0 for all
 * @most: at most so many, and never more than %OKAP_CAP_LIST_ROWS
 *
 * Adds the newest of them to @rows (element-type OkapUsage), newest first.
 */
gboolean
okap_store_usage_list (OkapDb *db, gint64 before, guint most, GPtrArray *rows, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db, rows_below, error))
    return FALSE;
  okap_query_bind_int (&query, 1, before > 0 ? before : G_MAXINT64);
  okap_query_bind_int (&query, 2, MIN (most, OKAP_CAP_LIST_ROWS));
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    g_ptr_array_add (rows, read_row (&query));
  return step == OKAP_DB_DONE;
}

/**
 * okap_store_usage_get:
 * @ids: (element-type gint64)
 *
 * Adds the row of each of @ids to @rows (element-type OkapUsage), NULL for one that is not kept.
 */
gboolean
okap_store_usage_get (OkapDb *db, GArray *ids, GPtrArray *rows, GError **error)
{
  for (guint i = 0; i < ids->len; i++)
    {
      g_auto (OkapQuery) query = { 0 };
      OkapDbStep step;

      if (!okap_query_init (&query, db, row_of_id, error))
        return FALSE;
      okap_query_bind_int (&query, 1, g_array_index (ids, gint64, i));
      step = okap_query_step (&query, error);
      if (step == OKAP_DB_FAILED)
        return FALSE;
      g_ptr_array_add (rows, step == OKAP_DB_ROW ? read_row (&query) : NULL);
    }
  return TRUE;
}
