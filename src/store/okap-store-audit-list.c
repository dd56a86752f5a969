/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of the audit trail, for reading. Store thread. Whether they are as Okap wrote them is
 * not asked here (okap-store-audit.c); a trail is short beside the rows of usage, so what fits a
 * filter is found by reading it. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"

static OkapAuditEntry *
read_entry (OkapQuery *query)
{
  OkapAuditEntry *entry = g_new0 (OkapAuditEntry, 1);

  entry->id = okap_query_get_int (query, 0);
  entry->time_us = okap_query_get_int (query, 1);
  entry->event = okap_query_dup_text (query, 2);
  entry->grant_id = okap_query_dup_text (query, 3);
  entry->detail = okap_query_dup_text (query, 4);
  if (entry->event == NULL)
    entry->event = g_strdup ("");
  if (entry->detail == NULL)
    entry->detail = g_strdup ("");
  return entry;
}

/**
 * okap_audit_list:
 * @before: only lines with lower numbers; 0 for all
 * @most: at most so many, and never more than %OKAP_CAP_LIST_ROWS
 *
 * Returns: (transfer full) (nullable) (element-type OkapAuditEntry): newest first
 */
GPtrArray *
okap_audit_list (OkapDb *db, gint64 before, guint most, GError **error)
{
  g_autoptr (GPtrArray) entries
      = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_audit_entry_free);
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db,
                        "SELECT id, time_us, event, grant_id, detail FROM audit"
                        " WHERE id < ?1 ORDER BY id DESC LIMIT ?2", error))
    return NULL;
  okap_query_bind_int (&query, 1, before > 0 ? before : G_MAXINT64);
  okap_query_bind_int (&query, 2, MIN (most, OKAP_CAP_LIST_ROWS));
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    g_ptr_array_add (entries, read_entry (&query));
  return step == OKAP_DB_DONE ? g_steal_pointer (&entries) : NULL;
}

static gboolean
line_fits (OkapQuery *query, const OkapAuditFilter *filter, char **words)
{
  gint64 time_us = okap_query_get_int (query, 1);
  const char *event = okap_query_get_text (query, 2);
  guint found = 0;

  if (time_us < filter->since_us || (filter->until_us > 0 && time_us >= filter->until_us)
      || (filter->event != NULL && (event == NULL || !g_str_has_prefix (event, filter->event)))
      || (filter->grant_id != NULL
          && g_strcmp0 (okap_query_get_text (query, 3), filter->grant_id) != 0))
    return FALSE;
  if (words == NULL)
    return TRUE;
  for (int i = 2; i <= 4; i++)
    found |= okap_words_find (words, okap_query_get_text (query, i));
  return found == okap_words_get_all (words);
}

/**
 * okap_audit_match:
 * @filter: (nullable)
 * @after: only lines with higher numbers
 *
 * Returns: (transfer full) (nullable): the numbers of those that fit
 */
OkapIdSet *
okap_audit_match (OkapDb *db, const OkapAuditFilter *filter, gint64 after, GError **error)
{
  static const OkapAuditFilter any;
  g_auto (GStrv) words = okap_words_new (filter != NULL ? filter->text : NULL);
  g_autoptr (OkapIdSet) set = NULL;
  g_auto (OkapQuery) query = { 0 };
  gint64 first = MAX (after, 0) + 1;
  gint64 last;
  OkapDbStep step;

  if (!okap_db_get_int (db, "SELECT coalesce (max (id), 0) FROM audit", &last, error)
      || !okap_query_init (&query, db,
                           "SELECT id, time_us, event, grant_id, detail FROM audit WHERE id >= ?1",
                           error))
    return NULL;
  set = okap_id_set_new (first, MAX (last, first - 1));
  okap_query_bind_int (&query, 1, first);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    if (line_fits (&query, filter != NULL ? filter : &any, words))
      okap_id_set_add (set, okap_query_get_int (&query, 0));
  return step == OKAP_DB_DONE ? g_steal_pointer (&set) : NULL;
}

/**
 * okap_audit_get:
 * @ids: (element-type gint64)
 *
 * Adds the line of each of @ids to @entries (element-type OkapAuditEntry), NULL for a missing one.
 */
gboolean
okap_audit_get (OkapDb *db, GArray *ids, GPtrArray *entries, GError **error)
{
  for (guint i = 0; i < ids->len; i++)
    {
      g_auto (OkapQuery) query = { 0 };
      OkapDbStep step;

      if (!okap_query_init (&query, db,
                            "SELECT id, time_us, event, grant_id, detail FROM audit WHERE id = ?1",
                            error))
        return FALSE;
      okap_query_bind_int (&query, 1, g_array_index (ids, gint64, i));
      step = okap_query_step (&query, error);
      if (step == OKAP_DB_FAILED)
        return FALSE;
      g_ptr_array_add (entries, step == OKAP_DB_ROW ? read_entry (&query) : NULL);
    }
  return TRUE;
}
