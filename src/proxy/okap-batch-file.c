/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch names its requests by a file that was uploaded before, so the file is where their models
 * stand. While it comes in it is held and each line is judged like a request of its own: its
 * endpoint, its model and whatever else names one. What was read is remembered by the name that the
 * provider gives the file; a batch of a file that is not remembered has a model that nobody knows.
 *
 * The form around the file was judged by okap-multipart.c before, so that the only delimiters in
 * it are those that every parser sees. The proxy's thread. */
#include "config.h"

#include "okap-batch-file.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-model-meaning.h"
#include "okap-money.h"
#include "okap-multipart.h"
#include "okap-worst-case.h"

/* One part of a form; lent by it. */
typedef struct
{
  const char *data;
  gsize length;
  gboolean found, encoded;
} Part;

typedef struct
{
  const OkapProvider *provider;
  const char *path;
  const OkapScope *scope;
  OkapBatchFile *file;
} Reading;

static gboolean
refuse (GError **error, OkapError code, guint line, const char *words)
{
  g_set_error (error, OKAP_ERROR, (int) code, "Line %u of the file of requests %s", line, words);
  return FALSE;
}

/** okap_batch_file_free: harmless on NULL */
void
okap_batch_file_free (OkapBatchFile *file)
{
  if (file == NULL)
    return;
  g_ptr_array_unref (file->models);
  g_free (file);
}

/* The name of a part, and whether its data is encoded. @head ends with an empty line. */
static gboolean
read_part_head (const char *head, gsize length, char name[64], gboolean *out_encoded)
{
  g_autofree char *text = g_strndup (head, length);
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  gboolean named = FALSE;

  for (char **line = lines; *line != NULL; line++)
    {
      char *colon = strchr (*line, ':');

      if (colon == NULL)
        continue;
      *colon = '\0';
      if (g_ascii_strcasecmp (*line, "content-disposition") == 0)
        named = okap_multipart_read_parameter (colon + 1, "name", name, 64);
      else if (g_ascii_strcasecmp (*line, "content-transfer-encoding") == 0)
        *out_encoded = TRUE;
    }
  return named;
}

/* The parts "purpose" and "file" of a form; FALSE if it has one of them twice. */
static gboolean
find_parts (const char *boundary, const char *body, gsize length, Part *purpose, Part *file)
{
  g_autofree char *delimiter = g_strconcat ("\r\n--", boundary, NULL);
  gsize n = strlen (delimiter);
  const char *end = body + length;
  /* The first one may stand at the very begin, without a line break before it. */
  const char *p = length >= n - 2 && memcmp (body, delimiter + 2, n - 2) == 0
                  ? body + n - 2 : memmem (body, length, delimiter, n);

  if (p != NULL && p != body + n - 2)
    p += n;
  while (p != NULL && p + 2 <= end && memcmp (p, "\r\n", 2) == 0)
    {
      const char *head = p + 2;
      const char *data = memmem (p, (gsize) (end - p), "\r\n\r\n", 4);
      const char *next = data != NULL ? memmem (data + 2, (gsize) (end - data - 2), delimiter, n)
                                      : NULL;
      gboolean encoded = FALSE;
      char name[64] = "";
      Part *part;

      if (next == NULL || !read_part_head (head, (gsize) (data - p), name, &encoded))
        return FALSE;
      part = g_ascii_strcasecmp (name, "purpose") == 0 ? purpose
             : g_ascii_strcasecmp (name, "file") == 0 ? file : NULL;
      if (part != NULL && part->found)
        return FALSE;
      if (part != NULL)
        *part = (Part) { data + 4, next > data + 4 ? (gsize) (next - data - 4) : 0, TRUE, encoded };
      p = next + n;
    }
  return TRUE;
}

/* The members of one line. */
typedef struct
{
  char *url;          /* (owned) (nullable) */
  const char *body;   /* (nullable) */
  gsize body_length;
} Line;

static void
line_clear (Line *line)
{
  g_free (line->url);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, line_clear)

static gboolean
read_line (const char *text, gsize length, Line *line)
{
  OkapJsonScanner scanner;
  OkapJsonToken token;

  okap_json_scanner_init (&scanner, text, length, OKAP_CAP_BODY_DEPTH);
  if (okap_json_scanner_next (&scanner) != OKAP_JSON_OBJECT)
    return FALSE;
  while ((token = okap_json_scanner_next (&scanner)) == OKAP_JSON_NAME)
    {
      gboolean is_url = okap_meaning_name_is (&scanner, "url");
      gboolean is_body = okap_meaning_name_is (&scanner, "body");
      const char *start;

      token = okap_json_scanner_next (&scanner);
      start = scanner.text;
      if ((is_url && (token != OKAP_JSON_STRING || line->url != NULL))
          || (is_body && (token != OKAP_JSON_OBJECT || line->body != NULL)))
        return FALSE;
      if (is_url)
        line->url = okap_json_scanner_dup (&scanner);
      if (!okap_json_scanner_skip (&scanner, token))
        return FALSE;
      if (is_body)
        {
          line->body = start;
          line->body_length = okap_json_scanner_get_offset (&scanner) - (gsize) (start - text);
        }
    }
  return token == OKAP_JSON_OBJECT_END && okap_json_scanner_next (&scanner) == OKAP_JSON_END
         && line->body != NULL;
}

/* What a line or a batch that is sent to @path names by @url, from the provider's root or its base
 * URL; NULL if an app could not ask that by itself. */
static const OkapEndpoint *
find_endpoint (const OkapProvider *provider, const char *path, const char *url)
{
  static const char *const ends[] = { "/files/upload", "/files", "/batches", "/batch/jobs" };
  const char *rest = g_str_has_prefix (url, "/v1/") ? url + strlen ("/v1") : url;
  g_autofree char *asked = NULL;
  g_auto (OkapRoute) route = { 0 };
  gsize before = strlen (path);

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (path, ends[i]))
      {
        before -= strlen (ends[i]);
        break;
      }
  asked = g_strdup_printf ("%.*s%s", (int) before, path, rest);
  if (!okap_provider_resolve (provider, "POST", asked, &route, NULL)
      || route.endpoint->model_place == OKAP_MODEL_FILE
      || route.endpoint->model_place == OKAP_MODEL_LINES)
    return NULL;
  return route.endpoint;
}

/**
 * okap_batch_find_capability:
 * @path: at which the file or the batch is sent
 * @url: the endpoint that a line or a batch names, from the provider's root or its base URL
 *
 * Returns: whether an app could send such a request by itself
 */
gboolean
okap_batch_find_capability (const OkapProvider *provider, const char *path, const char *url,
                            OkapCapability *out_capability)
{
  const OkapEndpoint *endpoint = find_endpoint (provider, path, url);

  if (endpoint == NULL)
    return FALSE;
  *out_capability = endpoint->capability;
  return TRUE;
}

/* What a line may come to, summed up. */
static void
count_line (OkapBatchFile *file, const OkapEndpoint *endpoint, const OkapModelFinding *finding,
            gsize length)
{
  static const OkapPrice nothing;
  OkapWorstRequest request = {
    .meter = endpoint != NULL ? endpoint->meter : OKAP_METER_OPENAI_CHAT,
    .capability = endpoint != NULL ? endpoint->capability : OKAP_CAPABILITY_CHAT,
    .facts = &finding->facts, .body_bytes = (gint64) length,
  };
  OkapWorstCase worst;
  guint copies;

  okap_worst_case_count (&request, &nothing, &worst);
  copies = (guint) CLAMP (worst.copies, 1, OKAP_CAP_BATCH_COPIES);
  file->prompt_tokens = okap_money_add (file->prompt_tokens, worst.prompt_tokens);
  file->n_answers += copies;
  if (!worst.output_is_assumed)
    {
      file->n_bounded += copies;
      file->output_tokens = okap_money_add (file->output_tokens,
                                            okap_worst_case_get_output (&worst));
    }
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    file->has_extras |= worst.others.count[unit] != 0;
  file->has_extras |= worst.copies > OKAP_CAP_BATCH_COPIES || finding->facts.unsure != NULL;
}

static gboolean
take_url (Reading *reading, const char *url, guint number, const OkapEndpoint **out_endpoint,
          GError **error)
{
  OkapCapability capability = OKAP_CAPABILITY_NONE;

  if (url == NULL)
    {
      reading->file->has_bare_lines = TRUE;
      return TRUE;
    }
  *out_endpoint = find_endpoint (reading->provider, reading->path, url);
  if (*out_endpoint == NULL)
    return refuse (error, OKAP_ERROR_ENDPOINT_NOT_ALLOWED, number,
                   "names an endpoint in “url” that apps may not use");
  capability = (*out_endpoint)->capability;
  if ((okap_capability_usable (reading->scope->capabilities) & capability) != capability)
    return refuse (error, OKAP_ERROR_CAPABILITY_NOT_ALLOWED, number,
                   "needs a capability that this app was not given");
  reading->file->capabilities |= capability;
  return TRUE;
}

static void
keep_model (OkapBatchFile *file, const char *model)
{
  for (guint i = 0; i < file->models->len; i++)
    if (strcmp (g_ptr_array_index (file->models, i), model) == 0)
      return;
  g_ptr_array_add (file->models, g_strdup (model));
}

/* A line is judged as if it came alone. */
static gboolean
take_line (Reading *reading, const char *text, gsize length, guint number, GError **error)
{
  const OkapScope *scope = reading->scope;
  const OkapEndpoint *endpoint = NULL;
  g_auto (OkapModelFinding) finding = { 0 };
  g_auto (Line) line = { 0 };
  g_autoptr (GError) fault = NULL;

  if (!read_line (text, length, &line))
    return refuse (error, OKAP_ERROR_INVALID_REQUEST, number,
                   "is not one JSON object with an object “body”");
  if (!take_url (reading, line.url, number, &endpoint, error))
    return FALSE;
  if (!okap_model_find (line.body, line.body_length, &finding, &fault)
      || (finding.model != NULL && !okap_model_finding_add (&finding, finding.model))
      || !okap_model_check_others (&finding, scope, &fault))
    {
      g_set_error (error, OKAP_ERROR, fault != NULL ? fault->code : OKAP_ERROR_INVALID_REQUEST,
                   "Line %u of the file of requests: %s", number,
                   fault != NULL ? fault->message : "It names too many models");
      return FALSE;
    }
  reading->file->has_free_lines |= okap_model_finding_get_model (&finding,
                                                                 reading->provider) == NULL;
  for (guint i = 0; finding.others != NULL && i < finding.others->len; i++)
    keep_model (reading->file, g_ptr_array_index (finding.others, i));
  if (reading->file->models->len > OKAP_CAP_REQUEST_MODELS)
    return refuse (error, OKAP_ERROR_INVALID_REQUEST, number, "names one model too many");
  count_line (reading->file, endpoint, &finding, line.body_length);
  reading->file->prompt_bytes += finding.prompt_bytes;
  reading->file->n_lines++;
  return TRUE;
}

static gboolean
take_lines (Reading *reading, const char *text, gsize length, GError **error)
{
  const char *end = text + length;
  guint number = 0;

  while (text < end)
    {
      const char *stop = memchr (text, '\n', (gsize) (end - text));
      gsize n = (gsize) ((stop != NULL ? stop : end) - text);
      gsize content = n > 0 && text[n - 1] == '\r' ? n - 1 : n;

      number++;
      if (content > 0 && !take_line (reading, text, content, number, error))
        return FALSE;
      text += n + (stop != NULL ? 1 : 0);
    }
  return TRUE;
}

/**
 * okap_batch_file_read:
 * @path: at which it was uploaded
 * @content_type: of the upload, a form that okap-multipart.c has read to its end
 * @scope: what the app may do
 * @out_file: (out) (transfer full) (nullable): NULL if it is no file for a batch
 * @error: %OKAP_ERROR_INVALID_REQUEST, or as for a request that is not allowed
 *
 * Returns: whether the upload may pass
 */
gboolean
okap_batch_file_read (const OkapProvider *provider, const char *path, const char *content_type,
                      const char *body, gsize length, const OkapScope *scope,
                      OkapBatchFile **out_file, GError **error)
{
  g_autoptr (OkapBatchFile) result = NULL;
  char boundary[OKAP_MULTIPART_BOUNDARY_MOST + 1];
  Reading reading = { provider, path, scope, NULL };
  Part purpose = { 0 };
  Part file = { 0 };

  *out_file = NULL;
  if (content_type == NULL
      || !okap_multipart_read_parameter (content_type, "boundary", boundary, sizeof boundary)
      || !find_parts (boundary, body, length, &purpose, &file))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a form with one “purpose” and one “file”");
      return FALSE;
    }
  if (!purpose.encoded && (purpose.length < 5
                           || g_ascii_strncasecmp (purpose.data, "batch", 5) != 0))
    return TRUE;
  if (purpose.encoded || !file.found || file.encoded)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a file of requests that is not encoded: each line of it must "
                           "be one that this app may send");
      return FALSE;
    }
  result = g_new0 (OkapBatchFile, 1);
  result->models = g_ptr_array_new_with_free_func (g_free);
  reading.file = result;
  if (!take_lines (&reading, file.data, file.length, error))
    return FALSE;
  *out_file = g_steal_pointer (&result);
  return TRUE;
}

struct _OkapBatchBook
{
  GHashTable *files;   /* (owned) name → OkapBatchFile */
  GQueue names;        /* of strings that the table owns, the oldest first */
};

static char *
format_name (const char *grant_id, const char *provider_id, const char *file_id)
{
  return g_strdup_printf ("%s %s %s", grant_id, provider_id, file_id);
}

OkapBatchBook *
okap_batch_book_new (void)
{
  OkapBatchBook *book = g_new0 (OkapBatchBook, 1);

  book->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) okap_batch_file_free);
  g_queue_init (&book->names);
  return book;
}

void
okap_batch_book_free (OkapBatchBook *book)
{
  g_queue_clear (&book->names);
  g_hash_table_unref (book->files);
  g_free (book);
}

/**
 * okap_batch_book_put:
 * @file_id: as the provider named it
 * @file: (transfer full)
 *
 * The oldest one is forgotten when there are too many; a batch of it has to be uploaded again.
 */
void
okap_batch_book_put (OkapBatchBook *book, const char *grant_id, const char *provider_id,
                     const char *file_id, OkapBatchFile *file)
{
  g_autofree char *name = format_name (grant_id, provider_id, file_id);

  if (g_hash_table_contains (book->files, name))
    {
      /* A name is given once; whoever says it again is not believed either way. */
      okap_batch_file_free (file);
      return;
    }
  if (g_hash_table_size (book->files) >= OKAP_CAP_BATCH_FILES)
    g_hash_table_remove (book->files, g_queue_pop_head (&book->names));
  g_queue_push_tail (&book->names, name);
  g_hash_table_insert (book->files, g_steal_pointer (&name), file);
}

/** okap_batch_book_lookup: (transfer none) (nullable): what @grant_id uploaded under that name */
const OkapBatchFile *
okap_batch_book_lookup (OkapBatchBook *book, const char *grant_id, const char *provider_id,
                        const char *file_id)
{
  g_autofree char *name = format_name (grant_id, provider_id, file_id);

  return g_hash_table_lookup (book->files, name);
}
