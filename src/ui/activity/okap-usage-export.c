/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of usage as a file for other programs. Main thread; files and database are waited for.
 *
 *   open ──▸ [ read PAGE rows ──▸ write them ] … ──▸ close, which puts the file in its place
 *
 * So memory is bounded by a page, whatever the number of rows. If something fails, the file that
 * was there before stays as it was, and a new one is removed.
 *
 * Money is written as exact decimal dollars, as a text in JSON, since many readers make binary
 * fractions of numbers. Texts come from apps and providers: a spreadsheet would run one that begins
 * like a formula, so in CSV such a text gets an apostrophe, which spreadsheets take for "this is
 * text". */
#include "config.h"

#include "okap-usage-export.h"

#include <string.h>

#include "okap-clock.h"
#include "okap-money.h"

#define PAGE 500

typedef enum
{
  FIELD_TEXT,
  FIELD_NUMBER,
  FIELD_MONEY,
  FIELD_TIME,
  FIELD_DIGEST,
  FIELD_UINT,
  FIELD_BOOLEAN,
  FIELD_PROMPT,
  FIELD_CACHED,
  FIELD_OUTPUT,
  FIELD_COST_STATUS,
} FieldKind;

typedef struct
{
  const char *name;
  FieldKind kind;
  gsize offset;        /* in OkapUsage */
} Field;

#define AT(member) G_STRUCT_OFFSET (OkapUsage, member)

static const Field fields[] = {
  { "id", FIELD_NUMBER, AT (id) },
  { "started", FIELD_TIME, AT (started_us) },
  { "app", FIELD_TEXT, AT (app) },
  { "provider", FIELD_TEXT, AT (provider) },
  { "endpoint", FIELD_TEXT, AT (endpoint) },
  { "model_asked", FIELD_TEXT, AT (model_asked) },
  { "model_served", FIELD_TEXT, AT (model_served) },
  { "tier", FIELD_TEXT, AT (tier) },
  { "status", FIELD_UINT, AT (http_status) },
  { "error", FIELD_TEXT, AT (error) },
  { "input_tokens", FIELD_PROMPT, AT (units) },
  { "cached_tokens", FIELD_CACHED, AT (units) },
  { "output_tokens", FIELD_OUTPUT, AT (units) },
  { "cost_usd", FIELD_MONEY, AT (cost_nusd) },
  { "cost_status", FIELD_COST_STATUS, AT (cost_status) },
  { "over_usd", FIELD_MONEY, AT (over_nusd) },
  { "first_byte_us", FIELD_NUMBER, AT (first_byte_us) },
  { "duration_us", FIELD_NUMBER, AT (duration_us) },
  { "overhead_us", FIELD_NUMBER, AT (overhead_us) },
  { "bytes_in", FIELD_NUMBER, AT (bytes_in) },
  { "bytes_out", FIELD_NUMBER, AT (bytes_out) },
  { "streamed", FIELD_BOOLEAN, AT (streamed) },
  { "edits", FIELD_TEXT, AT (edits) },
  { "digest_in", FIELD_DIGEST, AT (digest_in) },
  { "digest_out", FIELD_DIGEST, AT (digest_out) },
  { "request_id", FIELD_TEXT, AT (request_id) },
  { "grant", FIELD_TEXT, AT (grant_id) },
  { "key_version", FIELD_UINT, AT (key_version) },
};

/* --- rows --- */

static gint64
count_output (const OkapUnits *units)
{
  return okap_units_get_tokens (units) - okap_units_get_prompt (units);
}

/* (transfer full) (nullable): NULL for what is not there */
static char *
dup_value (const OkapUsage *usage, const Field *field)
{
  switch (field->kind)
    {
    case FIELD_TEXT:
      return g_strdup (G_STRUCT_MEMBER (char *, usage, field->offset));
    case FIELD_MONEY:
      if (field->offset == AT (cost_nusd) && usage->cost_status == OKAP_COST_UNKNOWN)
        return NULL;
      return okap_money_format (G_STRUCT_MEMBER (gint64, usage, field->offset));
    case FIELD_TIME:
      return okap_time_format_iso (G_STRUCT_MEMBER (gint64, usage, field->offset));
    case FIELD_DIGEST:
      return okap_body_digest_format (&G_STRUCT_MEMBER (OkapBodyDigest, usage, field->offset));
    case FIELD_UINT:
      return g_strdup_printf ("%u", G_STRUCT_MEMBER (guint, usage, field->offset));
    case FIELD_BOOLEAN:
      return g_strdup (G_STRUCT_MEMBER (gboolean, usage, field->offset) ? "true" : "false");
    case FIELD_PROMPT:
      return g_strdup_printf ("%" G_GINT64_FORMAT, okap_units_get_prompt (&usage->units));
    case FIELD_CACHED:
      return g_strdup_printf ("%" G_GINT64_FORMAT, okap_units_get_cached (&usage->units));
    case FIELD_OUTPUT:
      return g_strdup_printf ("%" G_GINT64_FORMAT, count_output (&usage->units));
    case FIELD_COST_STATUS:
      return g_strdup (okap_cost_status_get_name (usage->cost_status));
    case FIELD_NUMBER:
    default:
      return g_strdup_printf ("%" G_GINT64_FORMAT, G_STRUCT_MEMBER (gint64, usage, field->offset));
    }
}

static gboolean
is_bare_in_json (FieldKind kind)
{
  return kind == FIELD_NUMBER || kind == FIELD_UINT || kind == FIELD_BOOLEAN
         || kind == FIELD_PROMPT || kind == FIELD_CACHED || kind == FIELD_OUTPUT;
}

static void
append_json_text (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (const char *p = value; *p != '\0'; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (text, "\\%c", *p);
    else if ((guchar) *p < 0x20 || *p == 0x7f)
      g_string_append_printf (text, "\\u%04x", (guint) (guchar) *p);
    else
      g_string_append_c (text, *p);
  g_string_append_c (text, '"');
}

static void
append_csv_text (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  if (*value != '\0' && strchr ("=+-@\t\r\n|%", *value) != NULL)
    g_string_append_c (text, '\'');
  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

static void
append_csv (GString *text, const OkapUsage *usage)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree char *value = dup_value (usage, &fields[i]);

      if (i > 0)
        g_string_append_c (text, ',');
      if (value != NULL && fields[i].kind == FIELD_TEXT)
        append_csv_text (text, value);
      else if (value != NULL)
        g_string_append (text, value);
    }
  g_string_append (text, "\r\n");
}

static void
append_json (GString *text, const OkapUsage *usage)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree char *value = dup_value (usage, &fields[i]);

      g_string_append_printf (text, "%s\"%s\": ", i == 0 ? "  { " : ", ", fields[i].name);
      if (value == NULL)
        g_string_append (text, "null");
      else if (is_bare_in_json (fields[i].kind))
        g_string_append (text, value);
      else
        append_json_text (text, value);
    }
  g_string_append (text, " }");
}

/** okap_usage_export_append: one row, with what ends it in CSV; between two of JSON stands ",\n" */
void
okap_usage_export_append (GString *text, const OkapUsage *usage, OkapExportFormat format)
{
  if (format == OKAP_EXPORT_CSV)
    append_csv (text, usage);
  else
    append_json (text, usage);
}

/* --- the file --- */

typedef struct
{
  GTask *task;                  /* (unowned) it owns us */
  OkapIdSet *ids;               /* (owned) */
  GFile *file;                  /* (owned) */
  OkapExportFormat format;
  gboolean was_there;           /* the file, before */
  GOutputStream *stream;        /* (owned) (nullable) */
  GString *text;                /* (owned) what is written now */
  guint position;
  guint n_rows;
  gboolean ending;
  GError *error;                /* (owned) (nullable) until it is returned */
} Export;

static void
export_free (gpointer data)
{
  Export *export = data;

  okap_id_set_free (export->ids);
  g_object_unref (export->file);
  g_clear_object (&export->stream);
  g_string_free (export->text, TRUE);
  g_free (export);
}

static void next_page (Export *export);

static void
return_failure (Export *export)
{
  GTask *task = export->task;

  g_task_return_error (task, g_steal_pointer (&export->error));
  g_object_unref (task);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) g_file_delete_finish (G_FILE (source), result, NULL);
  return_failure (user_data);
}

static void
dropped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;

  (void) g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, NULL);
  if (export->was_there)
    return_failure (export);
  else
    g_file_delete_async (export->file, G_PRIORITY_DEFAULT, NULL, removed_cb, export);
}

/* Takes @error. What was written so far does not take the place of the file: closing is
 * cancelled. */
static void
fail (Export *export, GError *error)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  export->error = error;
  if (export->stream == NULL)
    {
      return_failure (export);
      return;
    }
  g_cancellable_cancel (cancelled);
  g_output_stream_close_async (export->stream, G_PRIORITY_DEFAULT, cancelled, dropped_cb, export);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  GError *error = NULL;
  GTask *task = export->task;

  if (!g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, &error))
    g_task_return_error (task, error);
  else
    g_task_return_int (task, export->n_rows);
  g_object_unref (task);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    fail (export, error);
  else if (export->ending)
    g_output_stream_close_async (export->stream, G_PRIORITY_DEFAULT,
                                 g_task_get_cancellable (export->task), closed_cb, export);
  else
    next_page (export);
}

static void
write_text (Export *export)
{
  g_output_stream_write_all_async (export->stream, export->text->str, export->text->len,
                                   G_PRIORITY_DEFAULT, g_task_get_cancellable (export->task),
                                   written_cb, export);
}

static void
append_row (Export *export, const OkapUsage *usage)
{
  if (export->format == OKAP_EXPORT_JSON)
    g_string_append (export->text, export->n_rows > 0 ? ",\n" : "\n");
  okap_usage_export_append (export->text, usage, export->format);
  export->n_rows++;
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_get_usage_finish (OKAP_STORE (source), result, &error);

  if (rows == NULL)
    {
      fail (export, error);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    if (rows->pdata[i] != NULL)
      append_row (export, rows->pdata[i]);
  write_text (export);
}

static void
next_page (Export *export)
{
  guint n = MIN (okap_id_set_count (export->ids) - export->position, PAGE);
  gint64 ids[PAGE];

  g_string_truncate (export->text, 0);
  if (n == 0)
    {
      export->ending = TRUE;
      if (export->format == OKAP_EXPORT_JSON)
        g_string_append (export->text, "\n]\n");
      write_text (export);
      return;
    }
  for (guint i = 0; i < n; i++)
    ids[i] = okap_id_set_get_nth (export->ids, export->position++);
  okap_store_get_usage_async (g_task_get_source_object (export->task), ids, n, page_cb, export);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  GError *error = NULL;
  GFileOutputStream *stream = g_file_replace_finish (G_FILE (source), result, &error);

  if (stream == NULL)
    {
      fail (export, error);
      return;
    }
  export->stream = G_OUTPUT_STREAM (stream);
  if (export->format == OKAP_EXPORT_JSON)
    g_string_append_c (export->text, '[');
  for (guint i = 0; export->format == OKAP_EXPORT_CSV && i < G_N_ELEMENTS (fields); i++)
    g_string_append_printf (export->text, "%s%s", i > 0 ? "," : "", fields[i].name);
  if (export->format == OKAP_EXPORT_CSV)
    g_string_append (export->text, "\r\n");
  write_text (export);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, NULL);

  export->was_there = info != NULL;
  g_file_replace_async (export->file, NULL, FALSE,
                        G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION,
                        G_PRIORITY_DEFAULT, g_task_get_cancellable (export->task), opened_cb,
                        export);
}

/**
 * okap_usage_export_async:
 * @ids: copied: the rows, newest first; what was forgotten meanwhile is left out
 * @file: replaced once all is written; private to the user if it is new
 */
void
okap_usage_export_async (OkapStore *store, const OkapIdSet *ids, GFile *file,
                         OkapExportFormat format, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  Export *export = g_new0 (Export, 1);

  export->task = g_task_new (store, cancellable, callback, user_data);
  g_task_set_source_tag (export->task, okap_usage_export_async);
  g_task_set_task_data (export->task, export, export_free);
  export->ids = okap_id_set_copy (ids);
  export->file = g_object_ref (file);
  export->format = format;
  export->text = g_string_new (NULL);
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, cancellable, looked_cb, export);
}

/**
 * okap_usage_export_finish:
 * @out_rows: (out): how many were written
 */
gboolean
okap_usage_export_finish (OkapStore *store, GAsyncResult *result, guint *out_rows, GError **error)
{
  gssize n_rows;

  g_return_val_if_fail (g_task_is_valid (result, store), FALSE);

  n_rows = g_task_propagate_int (G_TASK (result), error);
  *out_rows = (guint) MAX (n_rows, 0);
  return n_rows >= 0;
}
