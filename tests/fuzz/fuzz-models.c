/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any body through the finder of models, as a request and as an upload of requests. What must hold
 * of what a list of models lets through: every model that was found is on the list. */
#include "config.h"

#include <string.h>

#include "okap-batch-file.h"
#include "okap-caps.h"
#include "okap-fuzz.h"

static OkapScope *
get_scope (void)
{
  static const char *const models[] = { "gpt-4o", "claude-*", NULL };
  static OkapScope *scope;

  if (scope == NULL)
    {
      scope = okap_scope_new ("openai");
      g_strfreev (scope->models);
      scope->models = g_strdupv ((char **) models);
    }
  return scope;
}

static void
check_name (const char *name)
{
  g_assert_cmpuint (strlen (name), <=, OKAP_CAP_MODEL_BYTES);
  g_assert_null (strchr (name, ','));
  g_assert_cmpstr (name, !=, "");
}

static void
check_finding (const OkapModelFinding *finding)
{
  gboolean passes = okap_model_check_others (finding, get_scope (), NULL);

  if (finding->model != NULL)
    check_name (finding->model);
  for (guint i = 0; finding->others != NULL && i < finding->others->len; i++)
    {
      const char *name = g_ptr_array_index (finding->others, i);
      g_autofree char *canonical = okap_provider_canonical_model ("openai", name);

      check_name (name);
      g_assert_true (!passes || okap_scope_allows_model (get_scope (), canonical));
    }
  g_assert_cmpint (finding->prompt_bytes, >=, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char type[] = "multipart/form-data; boundary=B";
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autofree char *body = g_strndup ((const char *) data, size);
  g_auto (OkapModelFinding) finding = { 0 };
  g_auto (OkapModelFinding) of_query = { 0 };
  g_autoptr (OkapBatchFile) file = NULL;
  g_autoptr (GError) error = NULL;

  if (okap_model_find (body, size, &finding, &error))
    check_finding (&finding);
  else
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  okap_model_find_in_query (body, &of_query);
  check_finding (&of_query);
  g_clear_error (&error);
  g_assert_cmpint (okap_batch_file_read (provider, "/files", type, body, size, get_scope (), &file,
                                         &error), ==, error == NULL);
  for (guint i = 0; file != NULL && i < file->models->len; i++)
    {
      g_autofree char *canonical
        = okap_provider_canonical_model ("openai", g_ptr_array_index (file->models, i));

      g_assert_true (okap_scope_allows_model (get_scope (), canonical));
    }
  return 0;
}
