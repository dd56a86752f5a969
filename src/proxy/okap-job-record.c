/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of work at a provider, as a text for the disk (a key file) and back. The file may
 * hold anything: the name of the work is held to its alphabet again, and where it is asked about
 * is not in the file but follows from the provider's row, so that a changed file leads the user's
 * key nowhere that a request could not. Pure functions. */
#include "config.h"

#include "okap-job-record.h"

#include "okap-job-reader.h"

#define JOB "job"
#define HEADERS "headers"
#define REQUEST "request"
#define USAGE "usage"

/* Headers of the request that a provider wants to see with each question about it. */
static const char *const header_names[OKAP_JOB_HEADERS] = {
  "anthropic-version", "anthropic-beta", "OpenAI-Organization", "OpenAI-Project", "OpenAI-Beta",
};

typedef struct
{
  const char *key;
  gsize offset;        /* in OkapUsage */
} Field;

static const Field texts[] = {
  { "request_id", G_STRUCT_OFFSET (OkapUsage, request_id) },
  { "grant_id", G_STRUCT_OFFSET (OkapUsage, grant_id) },
  { "app", G_STRUCT_OFFSET (OkapUsage, app) },
  { "provider", G_STRUCT_OFFSET (OkapUsage, provider) },
  { "endpoint", G_STRUCT_OFFSET (OkapUsage, endpoint) },
  { "model_asked", G_STRUCT_OFFSET (OkapUsage, model_asked) },
  { "model_served", G_STRUCT_OFFSET (OkapUsage, model_served) },
  { "edits", G_STRUCT_OFFSET (OkapUsage, edits) },
};

static const Field digests[] = {
  { "digest_in", G_STRUCT_OFFSET (OkapUsage, digest_in) },
  { "digest_out", G_STRUCT_OFFSET (OkapUsage, digest_out) },
};

static const Field numbers[] = {
  { "started_us", G_STRUCT_OFFSET (OkapUsage, started_us) },
  { "first_byte_us", G_STRUCT_OFFSET (OkapUsage, first_byte_us) },
  { "duration_us", G_STRUCT_OFFSET (OkapUsage, duration_us) },
  { "overhead_us", G_STRUCT_OFFSET (OkapUsage, overhead_us) },
  { "bytes_in", G_STRUCT_OFFSET (OkapUsage, bytes_in) },
  { "bytes_out", G_STRUCT_OFFSET (OkapUsage, bytes_out) },
};

/** okap_job_record_set_costing: copies it; @record has its usage */
void
okap_job_record_set_costing (OkapJobRecord *record, const OkapCosting *costing)
{
  record->costing = *costing;
  record->costing.provider = record->usage->provider;
  record->costing.model = g_strdup (costing->model);
  record->costing.variant = g_strdup (costing->variant);
  record->costing.region = g_strdup (costing->region);
}

/** okap_job_record_take_head: copies of it what is sent with each question */
void
okap_job_record_take_head (OkapJobRecord *record, const OkapHttpHead *head)
{
  for (guint i = 0; i < OKAP_JOB_HEADERS; i++)
    record->headers[i] = g_strdup (okap_http_head_get (head, header_names[i]));
}

/** okap_job_record_list_headers: lent; how many there are */
guint
okap_job_record_list_headers (const OkapJobRecord *record,
                              OkapHttpHeader out_headers[OKAP_JOB_HEADERS])
{
  guint n = 0;

  for (guint i = 0; i < OKAP_JOB_HEADERS; i++)
    if (record->headers[i] != NULL)
      out_headers[n++] = (OkapHttpHeader) { header_names[i], record->headers[i] };
  return n;
}

static void
put_text (GKeyFile *file, const char *group, const char *key, const char *text)
{
  if (text != NULL && g_utf8_validate (text, -1, NULL))
    g_key_file_set_string (file, group, key, text);
}

/** okap_job_record_format: (transfer full): for okap_job_record_parse() */
char *
okap_job_record_format (const OkapJobRecord *record)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  const OkapCosting *costing = &record->costing;
  const OkapUsage *usage = record->usage;

  put_text (file, JOB, "method", record->method);
  put_text (file, JOB, "path", record->path);
  put_text (file, JOB, "id", record->id);
  put_text (file, JOB, "model", costing->model);
  put_text (file, JOB, "variant", costing->variant);
  put_text (file, JOB, "region", costing->region);
  g_key_file_set_boolean (file, JOB, "batch", costing->is_batch);
  g_key_file_set_int64 (file, JOB, "at_us", costing->at_us);
  if (costing->ceiling.set)
    {
      g_key_file_set_int64 (file, JOB, "ceiling_input_pusd", costing->ceiling.input_pusd);
      g_key_file_set_int64 (file, JOB, "ceiling_output_pusd", costing->ceiling.output_pusd);
    }
  for (guint i = 0; i < OKAP_JOB_HEADERS; i++)
    put_text (file, HEADERS, header_names[i], record->headers[i]);
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (record->request.count[i] != 0)
      g_key_file_set_int64 (file, REQUEST, okap_unit_get_name (i), record->request.count[i]);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    put_text (file, USAGE, texts[i].key, G_STRUCT_MEMBER (char *, usage, texts[i].offset));
  for (guint i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      g_autofree char *hex
        = okap_body_digest_format (&G_STRUCT_MEMBER (OkapBodyDigest, usage, digests[i].offset));

      put_text (file, USAGE, digests[i].key, hex);
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_key_file_set_int64 (file, USAGE, numbers[i].key,
                          G_STRUCT_MEMBER (gint64, usage, numbers[i].offset));
  g_key_file_set_int64 (file, USAGE, "http_status", usage->http_status);
  g_key_file_set_int64 (file, USAGE, "key_version", usage->key_version);
  g_key_file_set_boolean (file, USAGE, "streamed", usage->streamed);
  return g_key_file_to_data (file, NULL, NULL);
}

/* (transfer full) (nullable): NULL if there is none, or it could not have come in a head */
static char *
get_header (GKeyFile *file, const char *name)
{
  g_autofree char *value = g_key_file_get_string (file, HEADERS, name, NULL);

  for (const char *p = value; p != NULL && *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return NULL;
  return g_steal_pointer (&value);
}

static gint64
get_number (GKeyFile *file, const char *group, const char *key)
{
  return MAX (g_key_file_get_int64 (file, group, key, NULL), 0);
}

static OkapUsage *
parse_usage (GKeyFile *file)
{
  OkapUsage *usage = okap_usage_new ();

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    G_STRUCT_MEMBER (char *, usage, texts[i].offset)
      = g_key_file_get_string (file, USAGE, texts[i].key, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      g_autofree char *hex = g_key_file_get_string (file, USAGE, digests[i].key, NULL);

      (void) okap_body_digest_parse (hex, &G_STRUCT_MEMBER (OkapBodyDigest, usage,
                                                            digests[i].offset));
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    G_STRUCT_MEMBER (gint64, usage, numbers[i].offset) = get_number (file, USAGE, numbers[i].key);
  if (usage->model_asked == NULL)
    usage->model_asked = g_strdup ("");
  if (usage->model_served == NULL)
    usage->model_served = g_strdup ("");
  usage->http_status = (guint) MIN (get_number (file, USAGE, "http_status"), 999);
  usage->key_version = (guint) MIN (get_number (file, USAGE, "key_version"), G_MAXUINT32);
  usage->streamed = g_key_file_get_boolean (file, USAGE, "streamed", NULL);
  return usage;
}

/**
 * okap_job_record_parse:
 * @out_record: (out): to be cleared in any case
 *
 * Returns: FALSE if @text is not one of okap_job_record_format()
 */
gboolean
okap_job_record_parse (const char *text, OkapJobRecord *out_record)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  OkapJobRecord *record = out_record;
  OkapCosting *costing = &record->costing;

  *record = (OkapJobRecord) { 0 };
  if (!g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return FALSE;
  record->method = g_key_file_get_string (file, JOB, "method", NULL);
  record->path = g_key_file_get_string (file, JOB, "path", NULL);
  record->id = g_key_file_get_string (file, JOB, "id", NULL);
  record->usage = parse_usage (file);
  costing->provider = record->usage->provider;
  costing->model = g_key_file_get_string (file, JOB, "model", NULL);
  costing->variant = g_key_file_get_string (file, JOB, "variant", NULL);
  costing->region = g_key_file_get_string (file, JOB, "region", NULL);
  if (costing->region == NULL)
    costing->region = g_strdup ("");
  costing->is_batch = g_key_file_get_boolean (file, JOB, "batch", NULL);
  costing->at_us = get_number (file, JOB, "at_us");
  costing->ceiling.set = g_key_file_has_key (file, JOB, "ceiling_input_pusd", NULL);
  costing->ceiling.input_pusd = get_number (file, JOB, "ceiling_input_pusd");
  costing->ceiling.output_pusd = get_number (file, JOB, "ceiling_output_pusd");
  for (guint i = 0; i < OKAP_JOB_HEADERS; i++)
    record->headers[i] = get_header (file, header_names[i]);
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    record->request.count[i] = get_number (file, REQUEST, okap_unit_get_name (i));
  return record->method != NULL && record->path != NULL && record->id != NULL
         && okap_job_id_is_plain (record->id) && record->usage->request_id != NULL
         && record->usage->grant_id != NULL && record->usage->app != NULL
         && record->usage->provider != NULL && record->usage->endpoint != NULL;
}

void
okap_job_record_clear (OkapJobRecord *record)
{
  g_free (record->method);
  g_free (record->path);
  g_free (record->id);
  g_clear_pointer (&record->usage, okap_usage_unref);
  g_free ((char *) record->costing.model);
  g_free ((char *) record->costing.variant);
  g_free ((char *) record->costing.region);
  for (guint i = 0; i < OKAP_JOB_HEADERS; i++)
    g_free (record->headers[i]);
  *record = (OkapJobRecord) { 0 };
}
