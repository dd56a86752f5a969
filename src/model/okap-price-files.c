/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two files of prices that a user may have: a newer table than the one compiled in, which
 * "okap prices update" installed, and the prices that the user set. Okap never fetches either.
 *
 * Each file is read whole and checked completely before anything of it counts. Any program of the
 * user's can write them, so Okap, while it runs, lets them count only if the user confirmed exactly
 * what is in both; else only the table that was compiled in does. Of what was confirmed it keeps
 * copies; a file that is bad later, or is found bad at the next start, is left where it is, and the
 * copy counts instead. A file that is gone counts as none, and its copy goes too. Main thread; a
 * look-up may run in any other meanwhile. */
#include "config.h"

#include "okap-price-files.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-paths.h"

typedef enum
{
  FOUND_NONE,
  FOUND_GOOD,
  FOUND_BAD,
} Found;

/* One of the two files, as it was found. */
typedef struct
{
  Found found;
  const OkapPriceTable *table;  /* (nullable) of the file or, if that is bad, of its copy */
  const char *sum;              /* (unowned) (nullable) of the text that @table was read from */
  guint n_overrides;
  char *text;                   /* (owned) (nullable) of the file, if it is good */
  gsize length;
  char *problem;                /* (owned) (nullable) */
} Reading;

/* What a file held when it was read last: published tables are kept for ever, so that the same
 * text must not make another. One that never was goes with the next. */
typedef struct
{
  char *sum;                    /* (owned) (nullable) */
  const OkapPriceTable *table;
  guint n_overrides;
  gboolean published;
} Last;

typedef OkapPriceTable *(*ReadFunc) (const char *text, gsize length, guint *out_n, GError **error);

static Last last_table, last_overrides;  /* main thread */

static void
reading_clear (Reading *reading)
{
  g_free (reading->text);
  g_free (reading->problem);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

void
okap_price_report_clear (OkapPriceReport *report)
{
  g_clear_pointer (&report->digest, g_free);
  g_clear_pointer (&report->table_problem, g_free);
  g_clear_pointer (&report->overrides_problem, g_free);
}

static gboolean
fail (GError **error, const char *path, int number)
{
  g_set_error (error, OKAP_ERROR, number == ENOENT ? OKAP_ERROR_NOT_FOUND : OKAP_ERROR_STORAGE,
               "%s could not be read: %s", path, g_strerror (number));
  return FALSE;
}

/**
 * okap_price_files_read:
 * @error: %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_STORAGE
 *
 * A file of prices, in one piece; not read if it is larger than any can be.
 */
gboolean
okap_price_files_read (const char *path, char **out_text, gsize *out_length, GError **error)
{
  g_autoptr (GError) local = NULL;
  GStatBuf st;

  if (g_stat (path, &st) != 0)
    return fail (error, path, errno);
  if (!S_ISREG (st.st_mode) || st.st_size > OKAP_CAP_PRICE_FILE_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "Expected %s to be a file of at most %d bytes", path,
                   OKAP_CAP_PRICE_FILE_BYTES);
      return FALSE;
    }
  if (!g_file_get_contents (path, out_text, out_length, &local))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "%s", local->message);
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_file (const char *path, const char *text, gsize length, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) local = NULL;

  if (!okap_paths_make_private (folder, error))
    return FALSE;
  if (!g_file_set_contents_full (path, text, (gssize) length,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                 0600, &local))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "%s", local->message);
      return FALSE;
    }
  return TRUE;
}

static OkapPriceTable *
read_table (const char *text, gsize length, guint *out_n, GError **error)
{
  return okap_price_table_read (text, length, error);
}

static OkapPriceTable *
read_overrides (const char *text, gsize length, guint *out_n, GError **error)
{
  g_autoptr (GPtrArray) overrides = okap_price_overrides_read (text, length, error);

  if (overrides == NULL)
    return NULL;
  *out_n = overrides->len;
  return okap_price_overrides_make_table (overrides, error);
}

/* Whether there was another, or none. A copy that cannot be written is no reason not to use what
 * was read. */
static gboolean
keep_copy (const char *path, const char *text, gsize length)
{
  g_autofree char *kept = NULL;
  gsize kept_length;

  if (okap_price_files_read (path, &kept, &kept_length, NULL) && kept_length == length
      && memcmp (kept, text, length) == 0)
    return FALSE;
  write_file (path, text, length, NULL);
  return TRUE;
}

static void
read_text (const char *text, gsize length, ReadFunc read, Last *last, Reading *reading,
           GError **error)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, (gssize) length);
  OkapPriceTable *table;

  if (g_strcmp0 (sum, last->sum) != 0)
    {
      table = read (text, length, &reading->n_overrides, error);
      if (table == NULL)
        return;
      g_free (last->sum);
      if (last->table != NULL && !last->published)
        okap_price_table_free ((OkapPriceTable *) last->table);
      *last = (Last) { g_steal_pointer (&sum), table, reading->n_overrides, FALSE };
    }
  reading->table = last->table;
  reading->sum = last->sum;
  reading->n_overrides = last->n_overrides;
}

static void
read_copy (const char *path, ReadFunc read, Last *last, Reading *reading)
{
  g_autofree char *text = NULL;
  gsize length;

  if (okap_price_files_read (path, &text, &length, NULL))
    read_text (text, length, read, last, reading, NULL);
}

static void
read_file (const char *path, const char *copy, ReadFunc read, Last *last, Reading *reading)
{
  g_autoptr (GError) error = NULL;

  *reading = (Reading) { FOUND_NONE };
  if (okap_price_files_read (path, &reading->text, &reading->length, &error))
    read_text (reading->text, reading->length, read, last, reading, &error);
  else if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND))
    return;
  reading->found = reading->table != NULL ? FOUND_GOOD : FOUND_BAD;
  if (reading->found == FOUND_GOOD)
    return;
  g_clear_pointer (&reading->text, g_free);
  read_copy (copy, read, last, reading);
  reading->problem = g_strdup_printf ("%s: %s. %s", path, error->message,
                                      reading->table != NULL ? "The last good one is used"
                                                             : "It is not used");
}

/* Whether it is not what the copy was made of. */
static gboolean
keep (const Reading *reading, const char *copy)
{
  if (reading->found == FOUND_NONE)
    return g_unlink (copy) == 0;
  return reading->found == FOUND_GOOD && keep_copy (copy, reading->text, reading->length);
}

/* (transfer full) (nullable): of what would count, NULL if that is nothing of the user's. A table
 * that is too old is in it, so that a newer Okap does not ask to confirm the rest again. */
static char *
dup_digest (const Reading *table, const Reading *overrides)
{
  const char *set = overrides->n_overrides > 0 ? overrides->sum : NULL;

  if (set == NULL && table->sum == NULL)
    return NULL;
  return g_strdup_printf ("%s-%s", set != NULL ? set : "none",
                          table->sum != NULL ? table->sum : "none");
}

/**
 * okap_price_files_load:
 * @confirmed: (nullable): asked whether the user confirmed what is in the files; if not, nothing of
 *   it counts. Copies are made of what does. %NULL: all counts, and no copies are made
 * @out_report: (out): what was found
 *
 * Reads both files and lets the good ones count from now on. An installed table that is older than
 * the one compiled in does not.
 */
void
okap_price_files_load (OkapPriceConfirmedFunc confirmed, gpointer user_data,
                       OkapPriceReport *out_report)
{
  g_autofree char *table_path = okap_paths_dup_price_table ();
  g_autofree char *table_copy = g_strconcat (table_path, ".kept", NULL);
  g_autofree char *overrides_path = okap_paths_dup_price_overrides ();
  g_autofree char *data = g_path_get_dirname (table_path);
  g_autofree char *overrides_copy = g_build_filename (data, "prices-set.json.kept", NULL);
  g_auto (Reading) table = { FOUND_NONE }, overrides = { FOUND_NONE };

  read_file (table_path, table_copy, read_table, &last_table, &table);
  read_file (overrides_path, overrides_copy, read_overrides, &last_overrides, &overrides);
  *out_report = (OkapPriceReport) {
    .digest = dup_digest (&table, &overrides), .n_overrides = overrides.n_overrides,
    .table_problem = g_steal_pointer (&table.problem),
    .overrides_problem = g_steal_pointer (&overrides.problem),
  };
  out_report->confirmed = confirmed == NULL || confirmed (out_report->digest, user_data);
  if (!out_report->confirmed)
    {
      okap_price_book_publish (NULL, NULL);
      return;
    }
  if (confirmed != NULL)
    {
      out_report->table_changed = keep (&table, table_copy);
      out_report->overrides_changed = keep (&overrides, overrides_copy);
    }
  if (table.table != NULL
      && strcmp (table.table->date, okap_price_book_get_built_in ()->date) < 0)
    {
      if (out_report->table_problem == NULL)
        out_report->table_problem
          = g_strdup_printf ("%s is of %s, which is older than the table in this version of Okap. "
                             "It is not used", table_path, table.table->date);
      table.table = NULL;
    }
  out_report->installed = table.table != NULL;
  last_table.published |= table.table != NULL;
  last_overrides.published |= overrides.table != NULL;
  okap_price_book_publish (table.table, overrides.table);
}

/**
 * okap_price_files_install:
 * @text: a table in the form of data/prices/prices.json
 * @error: %OKAP_ERROR_INVALID_REQUEST with line and reason, %OKAP_ERROR_CONFLICT if it is older
 *   than the one in use, %OKAP_ERROR_STORAGE
 *
 * Makes it the user's table, after it was checked completely; else the one before stays. Whoever
 * runs sees the file change.
 */
gboolean
okap_price_files_install (const char *text, gsize length, GError **error)
{
  g_autoptr (OkapPriceTable) table = okap_price_table_read (text, length, error);
  g_autofree char *path = okap_paths_dup_price_table ();

  if (table == NULL)
    return FALSE;
  if (strcmp (table->date, okap_price_get_date ()) < 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                   "The table is of %s, older than the one in use, of %s", table->date,
                   okap_price_get_date ());
      return FALSE;
    }
  return write_file (path, text, length, error);
}

/** okap_price_files_uninstall: back to the table that was compiled in
 * @error: %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_STORAGE
 */
gboolean
okap_price_files_uninstall (GError **error)
{
  g_autofree char *path = okap_paths_dup_price_table ();

  if (g_unlink (path) == 0)
    return TRUE;
  if (errno == ENOENT)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                 "The table in use is already the one that came with Okap");
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "%s could not be removed: %s", path,
                 g_strerror (errno));
  return FALSE;
}

/** okap_price_files_read_overrides: (transfer full): what the user set; nothing if there is no
 *   such file
 * @error: %OKAP_ERROR_INVALID_REQUEST with line and reason, %OKAP_ERROR_STORAGE
 */
GPtrArray *
okap_price_files_read_overrides (GError **error)
{
  g_autofree char *path = okap_paths_dup_price_overrides ();
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  GPtrArray *overrides;
  gsize length;

  if (!okap_price_files_read (path, &text, &length, &local))
    {
      if (g_error_matches (local, OKAP_ERROR, OKAP_ERROR_NOT_FOUND))
        return g_ptr_array_new_with_free_func ((GDestroyNotify) okap_price_override_free);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  overrides = okap_price_overrides_read (text, length, error);
  if (overrides == NULL)
    g_prefix_error (error, "%s: ", path);
  return overrides;
}

/** okap_price_files_write_overrides: @error: %OKAP_ERROR_INVALID_REQUEST if two are for the same
 *   model, or a name is none; %OKAP_ERROR_STORAGE */
gboolean
okap_price_files_write_overrides (GPtrArray *overrides, GError **error)
{
  g_autoptr (OkapPriceTable) table = okap_price_overrides_make_table (overrides, error);
  g_autofree char *path = okap_paths_dup_price_overrides ();
  g_autofree char *text = NULL;

  if (table == NULL)
    return FALSE;
  text = okap_price_overrides_format (overrides);
  return write_file (path, text, strlen (text), error);
}
