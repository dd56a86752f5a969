/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* A thin layer over one SQLite connection: hardened settings, statements prepared once, values
 * only ever bound, errors of our domain. Belongs to the thread that opened it. */
typedef struct _OkapDb OkapDb;

typedef enum
{
  OKAP_DB_RELAXED,  /* survives the end of the process, perhaps not a power failure */
  OKAP_DB_DURABLE,  /* on the disk when the transaction has ended */
} OkapDurability;

typedef enum
{
  OKAP_DB_ROW,
  OKAP_DB_DONE,
  OKAP_DB_FAILED,
} OkapDbStep;

OkapDb  *okap_db_open             (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void     okap_db_close            (OkapDb *self);
gboolean okap_db_exec             (OkapDb *self, const char *sql, GError **error);
gboolean okap_db_make_shrinkable  (OkapDb *self, GError **error);
gboolean okap_db_begin            (OkapDb *self, OkapDurability durability, GError **error);
gboolean okap_db_end              (OkapDb *self, gboolean keep, GError **error);
gboolean okap_db_get_int          (OkapDb *self, const char *sql, gint64 *out_value,
                                   GError **error);
gint64   okap_db_get_changes      (OkapDb *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapDb, okap_db_close)

/* A statement in use; lives on the stack. Parameters count from 1, columns from 0. */
typedef struct
{
  OkapDb *db;
  sqlite3_stmt *stmt;  /* owned by the cache of db */
  int bind_status;     /* the first failure of a bind, reported by the next step */
} OkapQuery;

gboolean      okap_query_init      (OkapQuery *query, OkapDb *db, const char *sql, GError **error);
void          okap_query_clear     (OkapQuery *query);
void          okap_query_bind_int  (OkapQuery *query, int number, gint64 value);
void          okap_query_bind_text (OkapQuery *query, int number, const char *text);
void          okap_query_bind_start (OkapQuery *query, int number, const char *text,
                                     gsize most_bytes);
void          okap_query_bind_blob (OkapQuery *query, int number, gconstpointer data, gsize length);
OkapDbStep    okap_query_step      (OkapQuery *query, GError **error);
gboolean      okap_query_run       (OkapQuery *query, GError **error);
gint64        okap_query_get_int   (OkapQuery *query, int column);
const char   *okap_query_get_text  (OkapQuery *query, int column);
char         *okap_query_dup_text  (OkapQuery *query, int column);
const char   *okap_query_get_bytes (OkapQuery *query, int column, gsize *out_length);
gboolean      okap_query_get_blob  (OkapQuery *query, int column, guint8 *out, gsize length);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapQuery, okap_query_clear)

G_END_DECLS
