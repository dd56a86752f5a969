/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose database it is. Store thread.
 *
 * A vault that is made anew, or brought back from elsewhere, finds the database of the one before
 * it. Under the new key no grant in it is valid and its audit trail looks damaged. So the first
 * vault that opens a database leaves a mark in it, made from its audit key; a database with
 * another mark is moved aside, whole, and kept.
 *
 * The mark proves nothing: who edits it can have the database moved, but could delete it, too. */
#include "config.h"

#include "okap-store-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "okap-error.h"

#define MARK_BYTES 16
#define NAMES_MOST 100

static const char mark_label[] = "okap database of the vault 1";

static void
compute_mark (OkapSecret *key, guint8 out[MARK_BYTES])
{
  (void) crypto_generichash (out, MARK_BYTES, (const guint8 *) mark_label, sizeof mark_label,
                             okap_secret_get_data (key), okap_secret_get_length (key));
}

static gboolean
write_mark (OkapDb *db, const guint8 mark[MARK_BYTES], GError **error)
{
  g_auto (OkapQuery) query = { 0 };

  if (!okap_query_init (&query, db, "INSERT OR REPLACE INTO vault (one, mark) VALUES (1, ?1)",
                        error))
    return FALSE;
  okap_query_bind_blob (&query, 1, mark, MARK_BYTES);
  return okap_query_run (&query, error);
}

/* @out_present: whether there is a mark; @out_ours: and whether it is @mark. */
static gboolean
read_mark (OkapDb *db, const guint8 mark[MARK_BYTES], gboolean *out_present, gboolean *out_ours,
           GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  guint8 stored[MARK_BYTES];
  OkapDbStep step;

  *out_present = *out_ours = FALSE;
  if (!okap_query_init (&query, db, "SELECT mark FROM vault WHERE one = 1", error))
    return FALSE;
  step = okap_query_step (&query, error);
  if (step == OKAP_DB_ROW)
    {
      *out_present = TRUE;
      *out_ours = okap_query_get_blob (&query, 0, stored, MARK_BYTES)
                  && memcmp (stored, mark, MARK_BYTES) == 0;
    }
  return step != OKAP_DB_FAILED;
}

/* Without a mark: it is new, or from before there were marks. */
static gboolean
may_be_ours (OkapDb *db, OkapSecret *key, gboolean *out_may, GError **error)
{
  gint64 n_rows;

  if (!okap_db_get_int (db, "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM grants)",
                        &n_rows, error))
    return FALSE;
  *out_may = TRUE;
  return n_rows == 0 || okap_audit_end_is_sound (db, key, out_may, error);
}

/** okap_store_claim: marks a database that has no mark yet */
OkapDbOwner
okap_store_claim (OkapDb *db, OkapSecret *key, GError **error)
{
  guint8 mark[MARK_BYTES];
  gboolean present, ours;

  compute_mark (key, mark);
  if (!read_mark (db, mark, &present, &ours, error))
    return OKAP_DB_UNCLEAR;
  if (present)
    return ours ? OKAP_DB_OWNED : OKAP_DB_FOREIGN;
  if (!may_be_ours (db, key, &ours, error))
    return OKAP_DB_UNCLEAR;
  if (!ours)
    return OKAP_DB_FOREIGN;
  return write_mark (db, mark, error) ? OKAP_DB_OWNED : OKAP_DB_UNCLEAR;
}

static gboolean
move (const char *from, const char *to, GError **error)
{
  if (g_rename (from, to) == 0)
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "%s could not be moved to %s: %s", from, to,
               g_strerror (errno));
  return FALSE;
}

/**
 * okap_store_move_aside:
 * @path: of a database that nobody has open
 * @out_path: (out) (transfer full): where it is now
 */
gboolean
okap_store_move_aside (const char *path, char **out_path, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *kept = g_strdup_printf ("%s.old-%s", path, date);
  g_autofree char *kept_log = NULL;

  for (guint i = 2; g_file_test (kept, G_FILE_TEST_EXISTS) && i < NAMES_MOST; i++)
    {
      g_free (kept);
      kept = g_strdup_printf ("%s.old-%s-%u", path, date, i);
    }
  kept_log = g_strconcat (kept, "-wal", NULL);
  /* Closing folds the log into the file, unless it could not. */
  if (g_file_test (log, G_FILE_TEST_EXISTS) && !move (log, kept_log, error))
    return FALSE;
  if (!move (path, kept, error))
    return FALSE;
  *out_path = g_steal_pointer (&kept);
  return TRUE;
}
