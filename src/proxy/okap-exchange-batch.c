/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of requests, and the batches that are begun with them: what a file asks for is read when
 * it is uploaded, kept under the name that the provider answers with, and judged again, by what is
 * allowed then, when a batch of it begins. The proxy's thread. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-exchange.h"
#include "okap-money.h"

#define ANY_KIND (OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_COMPLETIONS | OKAP_CAPABILITY_EMBEDDINGS \
                  | OKAP_CAPABILITY_IMAGES | OKAP_CAPABILITY_AUDIO | OKAP_CAPABILITY_MODERATION)

/**
 * okap_exchange_read_upload:
 * @error: as okap_batch_file_read()
 *
 * Reads a form that is held whole.
 *
 * Returns: whether it may be sent
 */
gboolean
okap_exchange_read_upload (OkapExchange *exchange, GError **error)
{
  const OkapHttpHead *head = okap_http_exchange_get_head (exchange->http);

  return okap_batch_file_read (exchange->access->credential->provider, exchange->route.path,
                               okap_http_head_get (head, "content-type"), exchange->body,
                               exchange->body_end, exchange->access->scope, &exchange->upload,
                               error);
}

/* The name that an answer gives to what was uploaded. */
static char *
find_id (const char *text, gsize length)
{
  OkapJsonScanner scanner;

  okap_json_scanner_init (&scanner, text, length, OKAP_CAP_BODY_DEPTH);
  if (okap_json_scanner_next (&scanner) != OKAP_JSON_OBJECT)
    return NULL;
  while (okap_json_scanner_next (&scanner) == OKAP_JSON_NAME)
    {
      gboolean is_id = okap_json_scanner_is (&scanner, "id");
      OkapJsonToken token = okap_json_scanner_next (&scanner);

      if (is_id)
        return token == OKAP_JSON_STRING ? okap_json_scanner_dup (&scanner) : NULL;
      if (!okap_json_scanner_skip (&scanner, token))
        return NULL;
    }
  return NULL;
}

/** okap_exchange_keep_upload: the provider took all of it, and its answer is complete */
void
okap_exchange_keep_upload (OkapExchange *exchange)
{
  g_autofree char *id = NULL;

  if (exchange->upload == NULL || exchange->upload_answer == NULL || exchange->status >= 300)
    return;
  id = find_id (exchange->upload_answer->str, exchange->upload_answer->len);
  if (id == NULL || strlen (id) > OKAP_CAP_MODEL_BYTES)
    return;
  okap_batch_book_put (exchange->proxy->batch_book, exchange->access->grant->id,
                       exchange->access->scope->provider, id, g_steal_pointer (&exchange->upload));
}

/** okap_exchange_take_upload_answer: a piece of the answer, before it goes to the app, so that the
 *   app cannot be faster than we are */
void
okap_exchange_take_upload_answer (OkapExchange *exchange, const char *data, gsize length)
{
  if (exchange->upload == NULL)
    return;
  if (exchange->upload_answer == NULL)
    exchange->upload_answer = g_string_new (NULL);
  if (exchange->upload_answer->len + length > OKAP_CAP_UPLOAD_ANSWER_BYTES)
    {
      okap_exchange_clear_upload (exchange);
      return;
    }
  g_string_append_len (exchange->upload_answer, data, (gssize) length);
  if (exchange->content_length == (gint64) exchange->upload_answer->len)
    okap_exchange_keep_upload (exchange);
}

void
okap_exchange_clear_upload (OkapExchange *exchange)
{
  g_clear_pointer (&exchange->upload, okap_batch_file_free);
  if (exchange->upload_answer != NULL)
    g_string_free (g_steal_pointer (&exchange->upload_answer), TRUE);
}

/* What the lines of @file may come to, added to what the batch itself says. Where one total is told
 * for a batch in the end, it has a price only if all of it has one, and costs tokens alone. */
static void
take_amounts (OkapModelFinding *finding, const OkapBatchFile *file, const OkapJobRule *job)
{
  gboolean has_total = job == NULL || job->results_id == NULL;
  OkapBodyFacts *facts = &finding->facts;

  facts->text_bytes = okap_money_add (facts->text_bytes, file->prompt_tokens);
  facts->batch_items += file->n_answers;
  facts->batch_bounded += file->n_bounded;
  facts->batch_output_tokens = okap_money_add (facts->batch_output_tokens, file->output_tokens);
  facts->batch_is_mixed |= file->has_extras || (has_total && file->models->len > 1);
}

/* What the lines of the files name counts as named by the batch. FALSE: not all are known. */
static gboolean
take_files (OkapExchange *exchange, gboolean *out_bare)
{
  OkapModelFinding *finding = &exchange->finding;
  const OkapProvider *provider = exchange->access->credential->provider;
  gboolean has_model = okap_model_finding_get_model (finding, provider) != NULL;

  for (guint i = 0; finding->files != NULL && i < finding->files->len; i++)
    {
      const OkapBatchFile *file
        = okap_batch_book_lookup (exchange->proxy->batch_book, exchange->access->grant->id,
                                  exchange->access->scope->provider,
                                  g_ptr_array_index (finding->files, i));

      if (file == NULL)
        return FALSE;
      finding->capabilities |= file->capabilities;
      finding->prompt_bytes += file->prompt_bytes;
      take_amounts (finding, file, exchange->route.endpoint->job);
      *out_bare |= file->has_bare_lines;
      if (file->has_free_lines && !has_model)
        finding->unclear = "body";
      for (guint j = 0; j < file->models->len; j++)
        {
          const char *model = g_ptr_array_index (file->models, j);

          if (!okap_model_finding_add (finding, model))
            finding->unclear = "input_file_id";
          if (!has_model && finding->model == NULL)
            finding->model = g_strdup (model);
        }
    }
  return TRUE;
}

/**
 * okap_exchange_read_batch:
 * @error: %OKAP_ERROR_ENDPOINT_NOT_ALLOWED
 *
 * Completes what the body of a batch says by what its files do.
 *
 * Returns: whether it names an endpoint that its requests may use
 */
gboolean
okap_exchange_read_batch (OkapExchange *exchange, GError **error)
{
  OkapModelFinding *finding = &exchange->finding;
  const OkapProvider *provider = exchange->access->credential->provider;
  OkapCapability capability = OKAP_CAPABILITY_NONE;
  gboolean bare = FALSE;

  finding->files_known = take_files (exchange, &bare);
  finding->facts.batch_is_known = finding->files_known && finding->files != NULL
                                  && !finding->facts.batch_is_mixed;
  if (finding->facts.batch_is_known)
    finding->facts.hidden = NULL;  /* its file was read */
  if (finding->endpoint != NULL)
    {
      if (!okap_batch_find_capability (provider, exchange->route.path, finding->endpoint,
                                       &capability))
        {
          g_set_error (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED,
                       "The batch names an endpoint of %s that apps may not use",
                       okap_provider_get_name (provider));
          return FALSE;
        }
      finding->capabilities |= capability;
    }
  else if (!finding->files_known || bare || finding->files == NULL)
    /* Its requests may be of any kind. */
    finding->capabilities |= ANY_KIND;
  return TRUE;
}
