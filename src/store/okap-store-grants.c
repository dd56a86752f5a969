/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grants as rows. Store thread.
 *
 * Policy text, token hash and tag are opaque here: the broker made the tag over the others with a
 * key that the database does not hold, and refuses what does not match. So a row that somebody
 * mangled is handed on as it is rather than stopping the sound ones from loading. A row that is
 * sound, but older than the last one (a revoked grant while it was active), is told by the audit
 * trail. */
#include "config.h"

#include "okap-store-private.h"

#include <sodium.h>

#include "okap-error.h"

/**
 * okap_store_grants_write:
 * @error: %OKAP_ERROR_CONFLICT if the same version of the grant or a newer one is kept already:
 *   going back could bring a revoked grant to life
 *
 * Part of a transaction.
 */
gboolean
okap_store_grants_write (OkapDb *db, const OkapGrantRow *row, GError **error)
{
  g_auto (OkapQuery) query = { 0 };

  if (!okap_query_init (&query, db,
                        "INSERT INTO grants (id, version, policy, token_hash, tag)"
                        " VALUES (?1, ?2, ?3, ?4, ?5)"
                        " ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
                        "  policy = excluded.policy, token_hash = excluded.token_hash,"
                        "  tag = excluded.tag"
                        " WHERE excluded.version > version", error))
    return FALSE;
  okap_query_bind_text (&query, 1, row->id);
  okap_query_bind_int (&query, 2, row->version);
  okap_query_bind_text (&query, 3, row->policy);
  okap_query_bind_blob (&query, 4, row->token_hash, sizeof row->token_hash);
  okap_query_bind_blob (&query, 5, row->tag, sizeof row->tag);
  if (!okap_query_run (&query, error))
    return FALSE;
  if (okap_db_get_changes (db) == 1)
    return TRUE;

  g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
               "Version %u of grant %s was not kept: the database has that version or a newer one",
               row->version, row->id);
  return FALSE;
}

static OkapGrantRow *
read_row (OkapQuery *query, GHashTable *latest)
{
  OkapGrantRow *row = g_new0 (OkapGrantRow, 1);
  const guint8 *tag;
  gint64 version = okap_query_get_int (query, 1);

  row->id = okap_query_dup_text (query, 0);
  row->version = version > 0 && version <= G_MAXUINT ? (guint) version : 0;
  row->policy = okap_query_dup_text (query, 2);
  /* Of another size than ours: left zero, which no tag matches. */
  (void) okap_query_get_blob (query, 3, row->token_hash, sizeof row->token_hash);
  (void) okap_query_get_blob (query, 4, row->tag, sizeof row->tag);
  if (row->id == NULL)
    row->id = g_strdup ("");
  if (row->policy == NULL)
    row->policy = g_strdup ("");
  tag = g_hash_table_lookup (latest, row->id);
  row->is_latest = tag != NULL && sodium_memcmp (tag, row->tag, sizeof row->tag) == 0;
  return row;
}

/**
 * okap_store_grants_load:
 * @latest: from okap_audit_collect_tags()
 *
 * Returns: (transfer full) (nullable) (element-type OkapGrantRow): all, newest first
 */
GPtrArray *
okap_store_grants_load (OkapDb *db, GHashTable *latest, GError **error)
{
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_grant_row_free);
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db,
                        "SELECT id, version, policy, token_hash, tag FROM grants"
                        " ORDER BY number DESC", error))
    return NULL;
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    g_ptr_array_add (rows, read_row (&query, latest));
  return step == OKAP_DB_DONE ? g_steal_pointer (&rows) : NULL;
}
