/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema, as the steps that lead to it. Store thread.
 *
 * Step n takes a database from version n - 1 to version n, in one transaction with the version
 * number itself; a step that has shipped is never edited. There is no way back: a database that is
 * newer than this program is left alone. The application id tells our files from those of others.
 */
#include "config.h"

#include "okap-migrations.h"

#include "okap-error.h"

#define APPLICATION_ID 0x4f6b6170  /* "Okap" */

#define SUMS_TABLE \
  "CREATE TABLE IF NOT EXISTS usage_sums (" \
  "  width INTEGER NOT NULL," \
  "  series INTEGER NOT NULL," \
  "  slot INTEGER NOT NULL," \
  "  requests INTEGER NOT NULL," \
  "  unknown INTEGER NOT NULL," \
  "  estimated INTEGER NOT NULL," \
  "  errors INTEGER NOT NULL," \
  "  input INTEGER NOT NULL," \
  "  cached INTEGER NOT NULL," \
  "  output INTEGER NOT NULL," \
  "  nusd INTEGER NOT NULL," \
  "  over_nusd INTEGER NOT NULL," \
  "  last_us INTEGER NOT NULL," \
  "  PRIMARY KEY (width, series, slot)" \
  ") STRICT, WITHOUT ROWID;"

static const char *const steps[] = {
  /* 1. Grants carry their own order, so that "newest first" does not depend on a clock. The usage
   * table keeps every attempt; usage_quarters sums it per quarter of an hour of UTC, from which the
   * days of any zone can be summed. The audit trail has its end written down beside it. */
  "CREATE TABLE grants ("
  "  number INTEGER PRIMARY KEY,"
  "  id TEXT NOT NULL UNIQUE,"
  "  version INTEGER NOT NULL,"
  "  policy TEXT NOT NULL,"
  "  token_hash BLOB NOT NULL,"
  "  tag BLOB NOT NULL"
  ") STRICT;"
  "CREATE TABLE usage ("
  "  id INTEGER PRIMARY KEY,"
  "  request_id TEXT NOT NULL,"
  "  grant_id TEXT NOT NULL,"
  "  app TEXT NOT NULL,"
  "  provider TEXT NOT NULL,"
  "  endpoint TEXT NOT NULL,"
  "  model_asked TEXT NOT NULL,"
  "  model_served TEXT NOT NULL,"
  "  input INTEGER NOT NULL,"
  "  cached INTEGER NOT NULL,"
  "  cache_written INTEGER NOT NULL,"
  "  output INTEGER NOT NULL,"
  "  reasoning INTEGER NOT NULL,"
  "  cost_nusd INTEGER NOT NULL,"
  "  cost_status INTEGER NOT NULL,"
  "  started_us INTEGER NOT NULL,"
  "  first_byte_us INTEGER NOT NULL,"
  "  duration_us INTEGER NOT NULL,"
  "  overhead_us INTEGER NOT NULL,"
  "  http_status INTEGER NOT NULL,"
  "  error TEXT,"
  "  bytes_in INTEGER NOT NULL,"
  "  bytes_out INTEGER NOT NULL,"
  "  streamed INTEGER NOT NULL"
  ") STRICT;"
  "CREATE INDEX usage_by_time ON usage (started_us);"
  "CREATE INDEX usage_by_grant ON usage (grant_id, started_us);"
  "CREATE TABLE usage_quarters ("
  "  quarter INTEGER NOT NULL,"
  "  grant_id TEXT NOT NULL,"
  "  app TEXT NOT NULL,"
  "  provider TEXT NOT NULL,"
  "  model TEXT NOT NULL,"
  "  requests INTEGER NOT NULL,"
  "  input_tokens INTEGER NOT NULL,"
  "  output_tokens INTEGER NOT NULL,"
  "  cost_nusd INTEGER NOT NULL,"
  "  unknown_requests INTEGER NOT NULL,"
  "  last_us INTEGER NOT NULL,"
  "  PRIMARY KEY (quarter, grant_id, app, provider, model)"
  ") STRICT, WITHOUT ROWID;"
  "CREATE TABLE audit ("
  "  id INTEGER PRIMARY KEY,"
  "  time_us INTEGER NOT NULL,"
  "  event TEXT NOT NULL,"
  "  grant_id TEXT,"
  "  detail TEXT NOT NULL,"
  "  hash BLOB NOT NULL"
  ") STRICT;"
  "CREATE TABLE audit_head ("
  "  one INTEGER PRIMARY KEY CHECK (one = 1),"
  "  last_id INTEGER NOT NULL,"
  "  hash BLOB NOT NULL,"
  "  tag BLOB NOT NULL"
  ") STRICT;",

  /* 2. A line about a grant carries the tag of the row that was written with it, so that an older
   * row cannot be put back; and the database says whose it is. */
  "ALTER TABLE audit ADD COLUMN grant_tag BLOB;"
  "CREATE TABLE vault ("
  "  one INTEGER PRIMARY KEY CHECK (one = 1),"
  "  mark BLOB NOT NULL"
  ") STRICT;",

  /* 3. A row of usage says of which series it is in place of four texts, and sums are kept per
   * series and width of slot (okap-usage-sums.c). They are made after this step, by the check of
   * the sums, which finds that no row was counted. Reasoning was a part of the output before. */
  "DROP INDEX usage_by_time;"
  "DROP INDEX usage_by_grant;"
  "ALTER TABLE usage RENAME TO usage_before;"
  "CREATE TABLE usage_series ("
  "  id INTEGER PRIMARY KEY,"
  "  grant_id TEXT NOT NULL,"
  "  provider TEXT NOT NULL,"
  "  model TEXT NOT NULL,"
  "  app TEXT NOT NULL,"
  "  UNIQUE (grant_id, provider, model, app)"
  ") STRICT;"
  "CREATE TABLE usage ("
  "  id INTEGER PRIMARY KEY,"
  "  request_id TEXT NOT NULL,"
  "  series INTEGER NOT NULL,"
  "  endpoint TEXT NOT NULL,"
  "  model_asked TEXT,"
  "  model_served TEXT,"
  "  input INTEGER NOT NULL,"
  "  cached INTEGER NOT NULL,"
  "  cache_written INTEGER NOT NULL,"
  "  output INTEGER NOT NULL,"
  "  reasoning INTEGER NOT NULL,"
  "  more_units TEXT,"
  "  cost_nusd INTEGER NOT NULL,"
  "  over_nusd INTEGER NOT NULL,"
  "  cost_status INTEGER NOT NULL,"
  "  started_us INTEGER NOT NULL,"
  "  first_byte_us INTEGER NOT NULL,"
  "  duration_us INTEGER NOT NULL,"
  "  overhead_us INTEGER NOT NULL,"
  "  http_status INTEGER NOT NULL,"
  "  error TEXT,"
  "  bytes_in INTEGER NOT NULL,"
  "  bytes_out INTEGER NOT NULL,"
  "  streamed INTEGER NOT NULL,"
  "  tier TEXT,"
  "  edits TEXT,"
  "  key_version INTEGER NOT NULL"
  ") STRICT;"
  "INSERT INTO usage_series (grant_id, provider, model, app)"
  " SELECT DISTINCT grant_id, provider,"
  "  CASE WHEN model_asked <> '' THEN model_asked ELSE model_served END, app"
  " FROM usage_before;"
  "INSERT INTO usage"
  " SELECT b.id, request_id, s.id, endpoint, nullif (model_asked, s.model),"
  "  nullif (model_served, s.model), input, cached, cache_written,"
  "  max (output - max (reasoning, 0), 0), reasoning, NULL, cost_nusd, 0, cost_status, started_us,"
  "  first_byte_us, duration_us, overhead_us, http_status, error, bytes_in, bytes_out, streamed,"
  "  NULL, NULL, 0"
  " FROM usage_before b JOIN usage_series s ON s.grant_id = b.grant_id"
  "  AND s.provider = b.provider AND s.app = b.app"
  "  AND s.model = CASE WHEN model_asked <> '' THEN model_asked ELSE model_served END"
  " ORDER BY b.id;"
  "DROP TABLE usage_before;"
  "DROP TABLE usage_quarters;"
  "CREATE INDEX usage_by_time ON usage (started_us);"
  "CREATE INDEX usage_by_series ON usage (series);"
  "CREATE INDEX usage_that_failed ON usage (series)"
  "  WHERE http_status >= 400 OR error IS NOT NULL;"
  SUMS_TABLE
  "CREATE TABLE usage_state ("
  "  one INTEGER PRIMARY KEY CHECK (one = 1),"
  "  counted_id INTEGER NOT NULL,"
  "  forgotten_us INTEGER NOT NULL,"
  "  keep_days INTEGER NOT NULL,"
  "  keep_bytes INTEGER NOT NULL"
  ") STRICT;"
  "INSERT INTO usage_state VALUES (1, 0, -1, 400, 1073741824);",

  /* 4. Digests of the body of a request as it came and, if it was changed, as it left. Rows whose
   * cost is no price of the table are few, and are looked for. */
  "ALTER TABLE usage ADD COLUMN digest_in BLOB;"
  "ALTER TABLE usage ADD COLUMN digest_out BLOB;"
  "CREATE INDEX usage_by_cost ON usage (cost_status) WHERE cost_status IN (1, 2, 5, 6);",
};

/** okap_migrations_get_sums_table: makes the table of sums if it is gone; it can be filled anew */
const char *
okap_migrations_get_sums_table (void)
{
  return SUMS_TABLE;
}

/** okap_migrations_get_newest: the version that this program writes */
guint
okap_migrations_get_newest (void)
{
  return G_N_ELEMENTS (steps);
}

static gboolean
run_step (OkapDb *db, guint version, GError **error)
{
  g_autofree char *stamp = NULL;
  gboolean done;

  /* A pragma takes no bound values; both numbers are ours. */
  stamp = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %u",
                           APPLICATION_ID, version);
  if (!okap_db_begin (db, OKAP_DB_DURABLE, error))
    return FALSE;
  done = okap_db_exec (db, steps[version - 1], error) && okap_db_exec (db, stamp, error);
  return okap_db_end (db, done, error);
}

/**
 * okap_migrations_run:
 * @target: the version to stop at; okap_migrations_get_newest() but for tests
 * @error: %OKAP_ERROR_STORAGE if the database is newer than this program, or not one of ours
 *
 * Brings the database to version @target.
 */
gboolean
okap_migrations_run (OkapDb *db, guint target, GError **error)
{
  gint64 application, version, n_tables;

  if (!okap_db_get_int (db, "PRAGMA application_id", &application, error)
      || !okap_db_get_int (db, "PRAGMA user_version", &version, error)
      || !okap_db_get_int (db, "SELECT count(*) FROM sqlite_schema", &n_tables, error))
    return FALSE;

  if (application != APPLICATION_ID && (application != 0 || version != 0 || n_tables != 0))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                           "Expected a database of Okap, but this file belongs to another program");
      return FALSE;
    }
  if (version < 0 || version > okap_migrations_get_newest ())
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The database has version %" G_GINT64_FORMAT ", but this Okap knows versions up "
                   "to %u only; use the newer Okap that wrote it", version,
                   okap_migrations_get_newest ());
      return FALSE;
    }
  for (guint next = (guint) version + 1; next <= target; next++)
    if (!run_step (db, next, error))
      return FALSE;
  return TRUE;
}
