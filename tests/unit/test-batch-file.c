/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of requests, read for a grant that allows chat and embeddings with gpt-4o* only. */
#include "okap-batch-file.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"

#define BOUNDARY "X-1"
#define TYPE "multipart/form-data; boundary=" BOUNDARY
#define PURPOSE(text) "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" \
                      text "\r\n"
#define FILE_HEAD "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"file\"; " \
                  "filename=\"a.jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n"
#define END "\r\n--" BOUNDARY "--\r\n"
#define LINE(url, model) "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"" url \
                         "\",\"body\":{\"model\":\"" model "\",\"messages\":[]}}"
#define CHAT "/v1/chat/completions"
#define ANY (-1)

static const struct
{
  const char *body;
  int code;
  guint n_lines;        /* 0: no file for a batch */
  const char *models;
} cases[] = {
  { PURPOSE ("batch") FILE_HEAD LINE (CHAT, "gpt-4o") "\n" LINE (CHAT, "gpt-4o-mini") "\n" END,
    ANY, 2, "gpt-4o gpt-4o-mini" },
  { FILE_HEAD LINE (CHAT, "gpt-4o") "\r\n\r\n" LINE (CHAT, "gpt-4o") "\r\n" PURPOSE ("batch-api")
    "--" BOUNDARY "--", ANY, 2, "gpt-4o" },
  { "preamble\r\n" PURPOSE ("batch") FILE_HEAD LINE ("/v1/embeddings", "gpt-4o") END, ANY, 1,
    "gpt-4o" },
  { PURPOSE ("batch") FILE_HEAD "{\"custom_id\":\"1\",\"body\":{\"messages\":[]}}" END,
    ANY, 1, "" },
  { PURPOSE ("user_data") FILE_HEAD LINE (CHAT, "o3") END, ANY, 0, NULL },
  { FILE_HEAD LINE (CHAT, "o3") END, ANY, 0, NULL },

  { PURPOSE ("batch") FILE_HEAD LINE (CHAT, "gpt-4o") "\n" LINE (CHAT, "o3") END,
    OKAP_ERROR_MODEL_NOT_ALLOWED, 0, NULL },
  { PURPOSE ("BATCH") FILE_HEAD LINE (CHAT, "o3") END, OKAP_ERROR_MODEL_NOT_ALLOWED, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "{\"url\":\"" CHAT "\",\"body\":{\"model\":\"gpt-4o\","
    "\"fallbacks\":[{\"model\":\"o3\"}]}}" END, OKAP_ERROR_MODEL_NOT_ALLOWED, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "{\"url\":\"" CHAT "\",\"body\":{\"model\":\"gpt-4o\","
    "\"fallbacks\":\"default\"}}" END, OKAP_ERROR_MODEL_UNKNOWN, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD LINE ("/v1/images/generations", "gpt-4o") END,
    OKAP_ERROR_CAPABILITY_NOT_ALLOWED, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD LINE ("/v1/organization/admin_api_keys", "gpt-4o") END,
    OKAP_ERROR_ENDPOINT_NOT_ALLOWED, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD LINE ("/v1/../keys", "gpt-4o") END,
    OKAP_ERROR_ENDPOINT_NOT_ALLOWED, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD LINE ("/v1/batches", "gpt-4o") END,
    OKAP_ERROR_ENDPOINT_NOT_ALLOWED, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD LINE ("https://evil" CHAT, "gpt-4o") END,
    OKAP_ERROR_ENDPOINT_NOT_ALLOWED, 0, NULL },

  /* not one line, not one request, not one file */
  { PURPOSE ("batch") FILE_HEAD "{\"body\":{\"model\":\"gpt-4o\"},\"body\":{\"model\":\"o3\"}}" END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "{\"body\":{\"model\":\"gpt-4o\"},\"Body\":{\"model\":\"o3\"}}" END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "{\"url\":\"" CHAT "\",\"url\":\"" CHAT "\",\"body\":{}}" END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD LINE (CHAT, "gpt-4o") LINE (CHAT, "o3") END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "\xef\xbb\xbf" LINE (CHAT, "gpt-4o") END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "[]" END, OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "{\"url\":\"" CHAT "\"}" END, OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD "{\"body\":{\"model\":\"gpt-4o\",\"model\":\"o3\"}}" END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") "--" BOUNDARY "--\r\n", OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("fine-tune") PURPOSE ("batch") FILE_HEAD LINE (CHAT, "o3") END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") FILE_HEAD LINE (CHAT, "gpt-4o") "\r\n" FILE_HEAD LINE (CHAT, "o3") END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
  { PURPOSE ("batch") "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"file\"\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n" LINE (CHAT, "gpt-4o") END,
    OKAP_ERROR_INVALID_REQUEST, 0, NULL },
};

static OkapScope *
new_scope (void)
{
  static const char *const models[] = { "gpt-4o*", NULL };
  OkapScope *scope = okap_scope_new ("openai");

  g_strfreev (scope->models);
  scope->models = g_strdupv ((char **) models);
  scope->capabilities = OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_EMBEDDINGS;
  return scope;
}

static void
test_read (void)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autoptr (OkapScope) scope = new_scope ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapBatchFile) file = NULL;
      g_autoptr (GError) error = NULL;
      gboolean passes;

      g_test_message ("case %u", i);
      passes = okap_batch_file_read (provider, "/files", TYPE, cases[i].body,
                                     strlen (cases[i].body), scope, &file, &error);
      g_assert_cmpint (passes, ==, error == NULL);
      g_assert_cmpint (error != NULL ? error->code : ANY, ==, cases[i].code);
      g_assert_cmpuint (file != NULL ? file->n_lines : 0, ==, cases[i].n_lines);
      if (file != NULL)
        {
          g_autofree char *models = NULL;

          g_ptr_array_add (file->models, NULL);
          models = g_strjoinv (" ", (char **) file->models->pdata);
          g_assert_cmpstr (models, ==, cases[i].models);
          g_ptr_array_set_size (file->models, (int) file->models->len - 1);
        }
    }
}

/* What a file may come to is what its lines may, each by its own maximum. */
static void
test_amounts (void)
{
  static const struct
  {
    const char *line;
    guint n_answers, n_bounded;
    gint64 output_tokens;
    gboolean has_extras;
  } lines[] = {
    { "{\"model\":\"gpt-4o\",\"messages\":[],\"max_tokens\":50}", 1, 1, 50, FALSE },
    { "{\"model\":\"gpt-4o\",\"messages\":[],\"max_tokens\":50,\"n\":3}", 3, 3, 150, FALSE },
    { "{\"model\":\"gpt-4o\",\"messages\":[]}", 1, 0, 0, FALSE },
    { "{\"model\":\"gpt-4o\",\"messages\":[],\"n\":1000000}", OKAP_CAP_BATCH_COPIES, 0, 0, TRUE },
    { "{\"model\":\"gpt-4o\",\"max_tokens\":5,\"max_tokens\":9}", 1, 1, 9, TRUE },
  };
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autoptr (OkapScope) scope = new_scope ();

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *body = g_strconcat (PURPOSE ("batch") FILE_HEAD "{\"url\":\"" CHAT
                                           "\",\"body\":", lines[i].line, "}" END, NULL);
      g_autoptr (OkapBatchFile) file = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", lines[i].line);
      okap_batch_file_read (provider, "/files", TYPE, body, strlen (body), scope, &file, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (file->n_answers, ==, lines[i].n_answers);
      g_assert_cmpuint (file->n_bounded, ==, lines[i].n_bounded);
      if (!lines[i].has_extras)
        g_assert_cmpint (file->output_tokens, ==, lines[i].output_tokens);
      g_assert_cmpint (file->has_extras, ==, lines[i].has_extras);
      g_assert_cmpint (file->prompt_tokens, >=, (gint64) strlen (lines[i].line));
    }
}

/* The same bytes cut short anywhere are never read beyond their end, and name no other model. */
static void
test_cut (void)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autoptr (OkapScope) scope = new_scope ();

  for (gsize length = 0; length < strlen (cases[0].body); length++)
    {
      g_autofree char *body = g_memdup2 (cases[0].body, MAX (length, 1));
      g_autoptr (OkapBatchFile) file = NULL;

      (void) okap_batch_file_read (provider, "/files", TYPE, body, length, scope, &file, NULL);
      g_assert_true (file == NULL || file->n_lines <= 2);
    }
}

static void
test_capability (void)
{
  static const struct
  {
    const char *provider, *path, *url;
    OkapCapability capability;   /* none: no such endpoint */
  } urls[] = {
    { "openai", "/batches", "/v1/chat/completions", OKAP_CAPABILITY_CHAT },
    { "openai", "/batches", "/v1/embeddings", OKAP_CAPABILITY_EMBEDDINGS },
    { "openai", "/batches", "/v1/files", OKAP_CAPABILITY_NONE },
    { "openai", "/batches", "chat/completions", OKAP_CAPABILITY_NONE },
    { "openai", "/batches", "", OKAP_CAPABILITY_NONE },
    { "groq", "/batches", "/v1/chat/completions", OKAP_CAPABILITY_CHAT },
    { "mistral", "/batch/jobs", "/v1/chat/completions", OKAP_CAPABILITY_CHAT },
    { "mistral", "/batch/jobs", "/v1/agents", OKAP_CAPABILITY_NONE },
    { "azure-openai", "/openai/v1/batches", "/chat/completions", OKAP_CAPABILITY_CHAT },
    { "azure-openai", "/openai/v1/files", "/v1/responses", OKAP_CAPABILITY_CHAT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (urls[i].provider);
      OkapCapability capability = OKAP_CAPABILITY_NONE;

      g_test_message ("%s %s", urls[i].provider, urls[i].url);
      g_assert_cmpint (okap_batch_find_capability (provider, urls[i].path, urls[i].url,
                                                   &capability),
                       ==, urls[i].capability != OKAP_CAPABILITY_NONE);
      g_assert_cmpint (capability, ==, urls[i].capability);
    }
}

static OkapBatchFile *
new_file (guint n_lines)
{
  OkapBatchFile *file = g_new0 (OkapBatchFile, 1);

  file->models = g_ptr_array_new_with_free_func (g_free);
  file->n_lines = n_lines;
  return file;
}

/* Known to the grant that uploaded it, under the first meaning of its name, and not for ever. */
static void
test_book (void)
{
  OkapBatchBook *book = okap_batch_book_new ();

  okap_batch_book_put (book, "g_1", "openai", "file-1", new_file (1));
  g_assert_cmpuint (okap_batch_book_lookup (book, "g_1", "openai", "file-1")->n_lines, ==, 1);
  g_assert_null (okap_batch_book_lookup (book, "g_2", "openai", "file-1"));
  g_assert_null (okap_batch_book_lookup (book, "g_1", "groq", "file-1"));
  okap_batch_book_put (book, "g_1", "openai", "file-1", new_file (2));
  g_assert_cmpuint (okap_batch_book_lookup (book, "g_1", "openai", "file-1")->n_lines, ==, 1);
  for (guint i = 0; i < OKAP_CAP_BATCH_FILES; i++)
    {
      g_autofree char *id = g_strdup_printf ("more-%u", i);

      okap_batch_book_put (book, "g_1", "openai", id, new_file (3));
      g_assert_nonnull (okap_batch_book_lookup (book, "g_1", "openai", id));
    }
  g_assert_null (okap_batch_book_lookup (book, "g_1", "openai", "file-1"));
  okap_batch_book_free (book);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/batch-file/read", test_read);
  g_test_add_func ("/proxy/batch-file/amounts", test_amounts);
  g_test_add_func ("/proxy/batch-file/cut", test_cut);
  g_test_add_func ("/proxy/batch-file/capability", test_capability);
  g_test_add_func ("/proxy/batch-file/book", test_book);
  return g_test_run ();
}
