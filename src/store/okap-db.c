/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection and its statements. Store thread.
 *
 * One Okap writes one database: the connection takes SQLite's exclusive lock when it opens and
 * keeps it until it closes (or its process ends), so that a second Okap is told at once rather
 * than now and then. It also spares the shared memory file. Nothing waits for a lock.
 *
 * Another program of the user can edit the file while Okap is closed, so the schema is not
 * trusted: triggers and views of strangers do not run, and the settings below keep a damaged file
 * from doing more than failing.
 *
 * The file is never opened by us apart from SQLite: closing another descriptor of it would let go
 * of the POSIX locks of the whole process. */
#include "config.h"

#include "okap-db.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okap-error.h"

#define AUTO_VACUUM_INCREMENTAL 2  /* as the pragma says it */
#define LONGEST_VALUE_BYTES (8 * 1024 * 1024)

struct _OkapDb
{
  sqlite3 *handle;         /* (owned) */
  char *path;              /* (owned) (immutable) */
  GHashTable *statements;  /* (owned) SQL → sqlite3_stmt; our own texts only, so it is bounded */
  OkapDurability durability;
};

static void
set_error (OkapDb *self, int status, GError **error)
{
  switch (status & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                   "The database %s is in use by another Okap; close that one first", self->path);
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The database %s is damaged: %s. Move it away and start again; "
                   "provider keys are not in it", self->path, sqlite3_errmsg (self->handle));
      break;
    case SQLITE_FULL:
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The disk of %s is full; make room and try again", self->path);
      break;
    default:
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The database %s could not be used: %s (%d)", self->path,
                   self->handle != NULL ? sqlite3_errmsg (self->handle) : sqlite3_errstr (status),
                   status);
      break;
    }
}

/* Makes the file if it is missing, so that it is never readable by others, not even at first. */
static gboolean
prepare_file (const char *path, GError **error)
{
  struct stat st;
  int fd;

  fd = open (path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0)
    {
      (void) close (fd);
      return TRUE;
    }
  if (errno != EEXIST)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The database %s could not be made: %s", path, g_strerror (errno));
      return FALSE;
    }
  if (lstat (path, &st) != 0 || !S_ISREG (st.st_mode) || st.st_uid != geteuid ())
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "Expected %s to be a plain file that belongs to you", path);
      return FALSE;
    }
  if ((st.st_mode & 0077) != 0 && chmod (path, 0600) != 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The database %s could not be made private: %s", path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

static gboolean
configure (OkapDb *self, GError **error)
{
  static const struct
  {
    int option;
    int value;
  } options[] = {
    { SQLITE_DBCONFIG_DEFENSIVE, 1 },
    { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
    { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
    { SQLITE_DBCONFIG_DQS_DML, 0 },
    { SQLITE_DBCONFIG_DQS_DDL, 0 },
    { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      int status = sqlite3_db_config (self->handle, options[i].option, options[i].value, NULL);

      if (status != SQLITE_OK)
        {
          set_error (self, status, error);
          return FALSE;
        }
    }
  (void) sqlite3_limit (self->handle, SQLITE_LIMIT_LENGTH, LONGEST_VALUE_BYTES);
  (void) sqlite3_limit (self->handle, SQLITE_LIMIT_ATTACHED, 0);
  (void) sqlite3_busy_timeout (self->handle, 0);

  /* The lock mode stands before the first access, so that the write-ahead log starts exclusive; a
   * new file can give pages back from the start (for others, see okap_db_make_shrinkable()). */
  return okap_db_exec (self, "PRAGMA auto_vacuum = INCREMENTAL", error)
         && okap_db_exec (self, "PRAGMA locking_mode = EXCLUSIVE", error)
         && okap_db_exec (self, "PRAGMA journal_mode = WAL", error)
         && okap_db_exec (self, "PRAGMA synchronous = NORMAL", error)
         && okap_db_exec (self, "PRAGMA cell_size_check = ON", error)
         && okap_db_exec (self, "PRAGMA temp_store = MEMORY", error)
         && okap_db_exec (self, "PRAGMA journal_size_limit = 16777216", error)
         && okap_db_exec (self, "BEGIN EXCLUSIVE; COMMIT", error);
}

static void
finalize_statement (gpointer stmt)
{
  (void) sqlite3_finalize (stmt);
}

/**
 * okap_db_open:
 * @path: in a private folder; made with mode 0600 if missing
 * @error: %OKAP_ERROR_CONFLICT if another Okap has it open, else %OKAP_ERROR_STORAGE
 *
 * Returns: (transfer full) (nullable): the connection, holding the exclusive lock
 */
OkapDb *
okap_db_open (const char *path, GError **error)
{
  g_autoptr (OkapDb) self = g_new0 (OkapDb, 1);
  int status;

  self->path = g_strdup (path);
  self->statements = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                            finalize_statement);
  if (!prepare_file (path, error))
    return NULL;

  status = sqlite3_open_v2 (path, &self->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
  if (status == SQLITE_OK)
    status = sqlite3_extended_result_codes (self->handle, 1);
  if (status != SQLITE_OK)
    {
      set_error (self, status, error);
      return NULL;
    }
  if (!configure (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/** okap_db_close: folds the log back into the file, lets go of the lock and frees @self */
void
okap_db_close (OkapDb *self)
{
  g_hash_table_unref (self->statements);
  if (self->handle != NULL && sqlite3_close (self->handle) != SQLITE_OK)
    g_critical ("the database was closed while a statement was in use");
  g_free (self->path);
  g_free (self);
}

/** okap_db_exec: runs one of our own constant texts, such as a step of the schema */
gboolean
okap_db_exec (OkapDb *self, const char *sql, GError **error)
{
  int status = sqlite3_exec (self->handle, sql, NULL, NULL, NULL);

  if (status == SQLITE_OK)
    return TRUE;
  set_error (self, status, error);
  return FALSE;
}

/**
 * okap_db_make_shrinkable:
 *
 * Writes a file that cannot give pages back to the disk anew, once, so that it can. Takes room for
 * another copy and a second or so for each hundred megabytes. Not within a transaction.
 */
gboolean
okap_db_make_shrinkable (OkapDb *self, GError **error)
{
  gint64 mode;
  gboolean done;

  if (!okap_db_get_int (self, "PRAGMA auto_vacuum", &mode, error))
    return FALSE;
  if (mode == AUTO_VACUUM_INCREMENTAL)
    return TRUE;

  /* The copy is a file without a name; it counts as an attached database. */
  (void) sqlite3_limit (self->handle, SQLITE_LIMIT_ATTACHED, 1);
  done = okap_db_exec (self, "PRAGMA temp_store = FILE", error)
         && okap_db_exec (self, "VACUUM", error);
  (void) sqlite3_limit (self->handle, SQLITE_LIMIT_ATTACHED, 0);
  return okap_db_exec (self, "PRAGMA temp_store = MEMORY", done ? error : NULL) && done;
}

/**
 * okap_db_begin:
 * @durability: of the transaction that begins; it must be ended with okap_db_end()
 */
gboolean
okap_db_begin (OkapDb *self, OkapDurability durability, GError **error)
{
  if (durability != self->durability
      && !okap_db_exec (self, durability == OKAP_DB_DURABLE ? "PRAGMA synchronous = FULL"
                                                            : "PRAGMA synchronous = NORMAL",
                        error))
    return FALSE;
  self->durability = durability;
  return okap_db_exec (self, "BEGIN IMMEDIATE", error);
}

/**
 * okap_db_end:
 * @keep: whether all steps of the transaction succeeded; if not, @error is set already
 *
 * Returns: TRUE if the transaction is now part of the database; else nothing of it is
 */
gboolean
okap_db_end (OkapDb *self, gboolean keep, GError **error)
{
  if (keep && okap_db_exec (self, "COMMIT", error))
    return TRUE;

  /* A full disk makes SQLite roll back by itself. */
  if (sqlite3_get_autocommit (self->handle) == 0)
    (void) sqlite3_exec (self->handle, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/** okap_db_get_int: the first column of the only row of one of our own constant texts */
gboolean
okap_db_get_int (OkapDb *self, const char *sql, gint64 *out_value, GError **error)
{
  g_auto (OkapQuery) query = { 0 };

  if (!okap_query_init (&query, self, sql, error))
    return FALSE;
  switch (okap_query_step (&query, error))
    {
    case OKAP_DB_ROW:
      *out_value = okap_query_get_int (&query, 0);
      return TRUE;
    case OKAP_DB_DONE:
      *out_value = 0;
      return TRUE;
    case OKAP_DB_FAILED:
    default:
      return FALSE;
    }
}

/** okap_db_get_changes: how many rows the last statement changed */
gint64
okap_db_get_changes (OkapDb *self)
{
  return sqlite3_changes64 (self->handle);
}

/**
 * okap_query_init:
 * @sql: (transfer none): a constant of the program: it is the key of the cache and must not go
 * @error: %OKAP_ERROR_STORAGE
 *
 * Borrows the statement for @sql from the cache. A text is used by one query at a time.
 */
gboolean
okap_query_init (OkapQuery *query, OkapDb *db, const char *sql, GError **error)
{
  sqlite3_stmt *stmt = g_hash_table_lookup (db->statements, sql);
  int status;

  *query = (OkapQuery) { .db = db };
  if (stmt == NULL)
    {
      status = sqlite3_prepare_v3 (db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
      if (status != SQLITE_OK)
        {
          set_error (db, status, error);
          return FALSE;
        }
      g_hash_table_insert (db->statements, (gpointer) sql, stmt);
    }
  g_assert (!sqlite3_stmt_busy (stmt));
  query->stmt = stmt;
  return TRUE;
}

/** okap_query_clear: gives the statement back; nothing that was bound or lent is valid after */
void
okap_query_clear (OkapQuery *query)
{
  if (query->stmt == NULL)
    return;
  (void) sqlite3_reset (query->stmt);
  (void) sqlite3_clear_bindings (query->stmt);
  query->stmt = NULL;
}

static void
note_bind (OkapQuery *query, int status)
{
  if (query->bind_status == SQLITE_OK)
    query->bind_status = status;
}

void
okap_query_bind_int (OkapQuery *query, int number, gint64 value)
{
  note_bind (query, sqlite3_bind_int64 (query->stmt, number, value));
}

/** okap_query_bind_text: @text (nullable) must stay until the query is cleared or run again */
void
okap_query_bind_text (OkapQuery *query, int number, const char *text)
{
  note_bind (query, sqlite3_bind_text (query->stmt, number, text, -1, SQLITE_STATIC));
}

/** okap_query_bind_start: as okap_query_bind_text(), of a long @text only the first bytes */
void
okap_query_bind_start (OkapQuery *query, int number, const char *text, gsize most_bytes)
{
  gsize length = text != NULL ? strnlen (text, most_bytes) : 0;

  while (length > 0 && ((guint8) text[length] & 0xc0) == 0x80)
    length--;  /* not within a character */
  note_bind (query, sqlite3_bind_text64 (query->stmt, number, text, length, SQLITE_STATIC,
                                         SQLITE_UTF8));
}

/** okap_query_bind_blob: @data must stay until the query is cleared or run again */
void
okap_query_bind_blob (OkapQuery *query, int number, gconstpointer data, gsize length)
{
  note_bind (query, sqlite3_bind_blob64 (query->stmt, number, data, length, SQLITE_STATIC));
}

/** okap_query_step: moves to the next row */
OkapDbStep
okap_query_step (OkapQuery *query, GError **error)
{
  int status = query->bind_status;

  if (status == SQLITE_OK)
    status = sqlite3_step (query->stmt);
  if (status == SQLITE_ROW)
    return OKAP_DB_ROW;
  if (status == SQLITE_DONE)
    return OKAP_DB_DONE;
  set_error (query->db, status, error);
  return OKAP_DB_FAILED;
}

/** okap_query_run: runs a statement that has no rows, and makes it ready to be bound again */
gboolean
okap_query_run (OkapQuery *query, GError **error)
{
  OkapDbStep step = okap_query_step (query, error);

  (void) sqlite3_reset (query->stmt);
  return step != OKAP_DB_FAILED;
}

gint64
okap_query_get_int (OkapQuery *query, int column)
{
  return sqlite3_column_int64 (query->stmt, column);
}

/** okap_query_get_text: (transfer none) (nullable): as it is in the file, until the next step */
const char *
okap_query_get_text (OkapQuery *query, int column)
{
  return (const char *) sqlite3_column_text (query->stmt, column);
}

/** okap_query_dup_text: (transfer full) (nullable): valid UTF-8 whatever the file holds */
char *
okap_query_dup_text (OkapQuery *query, int column)
{
  const char *text = okap_query_get_text (query, column);

  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

/**
 * okap_query_get_bytes:
 *
 * Returns: (transfer none) (nullable) (array length=out_length): the bytes of a text, whatever they
 *   are, until the next step; NULL only for a null
 */
const char *
okap_query_get_bytes (OkapQuery *query, int column, gsize *out_length)
{
  const char *bytes = sqlite3_column_blob (query->stmt, column);

  *out_length = (gsize) sqlite3_column_bytes (query->stmt, column);
  if (bytes == NULL && sqlite3_column_type (query->stmt, column) != SQLITE_NULL)
    return "";
  return bytes;
}

/** okap_query_get_blob: whether the column holds exactly @length bytes; if so they are in @out */
gboolean
okap_query_get_blob (OkapQuery *query, int column, guint8 *out, gsize length)
{
  gconstpointer data = sqlite3_column_blob (query->stmt, column);

  if (data == NULL || sqlite3_column_bytes (query->stmt, column) != (int) length)
    return FALSE;
  memcpy (out, data, length);
  return TRUE;
}
