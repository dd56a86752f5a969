/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long rows of usage are kept, by age and by the size of the database. Store thread.
 *
 * The store looks for rows to forget after it has written some (and once after it was opened and
 * has written its first), never because a timer says so. It forgets a thousand at a time, as jobs
 * between others, and gives the pages back to the disk likewise. Sums stay, so that charts of old
 * days and total limits stay right. The newest row stays in any case: its id says where the next
 * one goes on. Age is counted back from its start rather than from the clock, so that a clock that
 * is wrong when the machine starts costs nothing.
 *
 * Nothing is forgotten before the first write or the first recovery: a journal that is handed back
 * at start is compared with the rows, which must still be there for that. */
#include "config.h"

#include "okap-store-private.h"

#define SPARE_PAGES 256     /* of the file are kept for the next rows */
#define VACUUM_PAGES 512    /* are given back at a time */

#define NOT_NEWEST "id < (SELECT max (id) FROM usage)"

static const char old_rows[] =
  "SELECT id, started_us FROM usage WHERE started_us <"
  " (SELECT started_us FROM usage ORDER BY id DESC LIMIT 1) - ?2"
  " AND " NOT_NEWEST " ORDER BY started_us LIMIT ?1";

static const char first_rows[] =
  "SELECT id, started_us FROM usage WHERE " NOT_NEWEST " ORDER BY id LIMIT ?1";

/** okap_store_retention_read: what is set, and how large the database is */
gboolean
okap_store_retention_read (OkapDb *db, OkapRetention *retention, GError **error)
{
  gint64 page_bytes, n_pages, n_free, keep_days;

  if (!okap_db_get_int (db, "SELECT keep_days FROM usage_state", &keep_days, error)
      || !okap_db_get_int (db, "SELECT keep_bytes FROM usage_state", &retention->keep_bytes, error)
      || !okap_db_get_int (db, "SELECT coalesce (min (started_us), -1) FROM usage",
                           &retention->oldest_us, error)
      || !okap_db_get_int (db, "PRAGMA page_size", &page_bytes, error)
      || !okap_db_get_int (db, "PRAGMA page_count", &n_pages, error)
      || !okap_db_get_int (db, "PRAGMA freelist_count", &n_free, error))
    return FALSE;
  retention->keep_days = (guint) CLAMP (keep_days, 0, OKAP_RETENTION_MOST_DAYS);
  retention->database_bytes = (n_pages - n_free) * page_bytes;
  return TRUE;
}

/** okap_store_retention_write: durable when it returns */
gboolean
okap_store_retention_write (OkapDb *db, const OkapRetention *retention, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  gboolean done;

  if (!okap_db_begin (db, OKAP_DB_DURABLE, error))
    return FALSE;
  done = okap_query_init (&query, db, "UPDATE usage_state SET keep_days = ?1, keep_bytes = ?2",
                          error);
  if (done)
    {
      okap_query_bind_int (&query, 1, retention->keep_days);
      okap_query_bind_int (&query, 2, retention->keep_bytes);
      done = okap_query_run (&query, error);
    }
  return okap_db_end (db, done, error);
}

typedef struct
{
  GArray *ids;           /* (element-type gint64) */
  gint64 forgotten_us;   /* start of the latest of them; -1 without any */
} Found;

static gboolean
find_rows (OkapDb *db, const char *sql, guint most, gint64 keep_us, Found *found, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db, sql, error))
    return FALSE;
  okap_query_bind_int (&query, 1, most);
  if (keep_us > 0)
    okap_query_bind_int (&query, 2, keep_us);
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      gint64 id = okap_query_get_int (&query, 0);

      g_array_append_val (found->ids, id);
      found->forgotten_us = MAX (found->forgotten_us, okap_query_get_int (&query, 1));
    }
  return step == OKAP_DB_DONE;
}

static gboolean
find_to_forget (OkapDb *db, guint most, Found *found, GError **error)
{
  OkapRetention retention;

  if (!okap_store_retention_read (db, &retention, error))
    return FALSE;
  if (retention.keep_days > 0
      && !find_rows (db, old_rows, most, retention.keep_days * OKAP_DAY_US, found, error))
    return FALSE;
  return found->ids->len > 0 || retention.keep_bytes == 0
         || retention.database_bytes <= retention.keep_bytes
         || find_rows (db, first_rows, most, 0, found, error);
}

static gboolean
delete_rows (OkapDb *db, const Found *found, GError **error)
{
  g_auto (OkapQuery) forget = { 0 };
  g_auto (OkapQuery) note = { 0 };

  if (!okap_query_init (&note, db,
                        "UPDATE usage_state SET forgotten_us = max (forgotten_us, ?1)", error)
      || !okap_query_init (&forget, db, "DELETE FROM usage WHERE id = ?1", error))
    return FALSE;
  okap_query_bind_int (&note, 1, found->forgotten_us);
  if (!okap_query_run (&note, error))
    return FALSE;
  for (guint i = 0; i < found->ids->len; i++)
    {
      okap_query_bind_int (&forget, 1, g_array_index (found->ids, gint64, i));
      if (!okap_query_run (&forget, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
give_back_pages (OkapDb *db, gboolean *out_more, GError **error)
{
  gint64 n_free;

  if (!okap_db_get_int (db, "PRAGMA freelist_count", &n_free, error))
    return FALSE;
  if (n_free <= SPARE_PAGES)
    return TRUE;
  if (!okap_db_exec (db, "PRAGMA incremental_vacuum (" G_STRINGIFY (VACUUM_PAGES) ")", error))
    return FALSE;
  *out_more = *out_more || n_free > SPARE_PAGES + VACUUM_PAGES;
  return TRUE;
}

static gboolean
forget_found (OkapDb *db, const Found *found, guint most, gboolean *out_more, GError **error)
{
  if (found->ids->len > 0
      && (!okap_db_begin (db, OKAP_DB_RELAXED, error)
          || !okap_db_end (db, delete_rows (db, found, error), error)))
    return FALSE;
  *out_more = found->ids->len == most;
  return give_back_pages (db, out_more, error);
}

/**
 * okap_store_usage_forget_all:
 * @most: at most so many rows
 * @out_more: (out): whether there may be more to do
 *
 * Removes the first rows, whatever is to be kept.
 */
gboolean
okap_store_usage_forget_all (OkapDb *db, guint most, gboolean *out_more, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  Found found = { ids, -1 };

  *out_more = FALSE;
  return find_rows (db, first_rows, most, 0, &found, error)
         && forget_found (db, &found, most, out_more, error);
}

/**
 * okap_store_usage_forget:
 * @most: at most so many rows
 * @out_more: (out): whether there may be more to do
 *
 * Removes rows that are too old or, if there are none and the database is too large, the first.
 */
gboolean
okap_store_usage_forget (OkapDb *db, guint most, gboolean *out_more, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  Found found = { ids, -1 };

  *out_more = FALSE;
  return find_to_forget (db, most, &found, error)
         && forget_found (db, &found, most, out_more, error);
}
