/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does this key work? The provider is asked for what costs nothing and needs a good key, with the
 * same headers and over the same connections as an app's requests. The same answer tells of some
 * providers what the key may still use (okap-key-standing-read.c). Asked on the main thread, done
 * on the proxy's; the task carries the answer back. */
#include "config.h"

#include <string.h>

#include "okap-error.h"
#include "okap-invoke.h"
#include "okap-key-health.h"
#include "okap-key-standing-read.h"
#include "okap-proxy-private.h"

/* What the task has to tell beside its words. */
typedef struct
{
  OkapKeyClass class;
  OkapKeyStanding standing;
} Finding;

typedef struct
{
  OkapProxyPost *post;         /* (owned) */
  OkapCredential *credential;  /* (owned) */
  GTask *task;                 /* (owned) (nullable) until it returned */
  Finding *finding;            /* owned by the task */
  guint status;
  char *headers;               /* (owned) (nullable) */
  char evidence[OKAP_KEY_EVIDENCE_BYTES];
  gsize length;
} KeyTest;

static void
key_test_free (gpointer data)
{
  KeyTest *test = data;

  if (test->task != NULL)
    {
      g_task_return_new_error (test->task, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                               "The key was not tested because Okap is closing");
      g_object_unref (test->task);
    }
  okap_proxy_post_unref (test->post);
  okap_credential_unref (test->credential);
  g_free (test->headers);
  g_free (test);
}

static void
return_task (KeyTest *test, char *words, GError *error)
{
  if (error != NULL)
    g_task_return_error (test->task, error);
  else
    g_task_return_pointer (test->task, words, g_free);
  g_clear_object (&test->task);
}

static void
head_cb (guint status, const char *headers, const char *content_type, gint64 content_length,
         gpointer user_data)
{
  KeyTest *test = user_data;

  test->status = status;
  g_free (test->headers);
  test->headers = g_strdup (headers);
}

static gboolean
data_cb (const char *data, gsize length, gpointer user_data)
{
  KeyTest *test = user_data;

  length = MIN (length, sizeof test->evidence - test->length);
  memcpy (test->evidence + test->length, data, length);
  test->length += length;
  return TRUE;
}

/* From the provider's answer to words. */
static void
judge (KeyTest *test)
{
  const OkapProvider *provider = test->credential->provider;
  const char *name = okap_provider_get_name (provider);
  OkapKeyClass class = okap_key_health_classify (okap_provider_get_id (provider), test->status,
                                                 test->evidence, test->length);

  test->finding->class = class;
  if (class == OKAP_KEY_GOOD)
    okap_key_standing_read (provider, test->headers, test->evidence, test->length,
                            &test->finding->standing);
  switch (class)
    {
    case OKAP_KEY_GOOD:
      return_task (test, g_strdup_printf ("%s accepts this key.", name), NULL);
      break;
    case OKAP_KEY_BAD:
      return_task (test, NULL, g_error_new (OKAP_ERROR, OKAP_ERROR_NO_KEY,
                                            "%s does not accept this key. It may be mistyped, "
                                            "deleted or expired.", name));
      break;
    case OKAP_KEY_OUT_OF_CREDIT:
      return_task (test, NULL, g_error_new (OKAP_ERROR, OKAP_ERROR_NO_KEY,
                                            "%s knows this key, but its account is out of credit. "
                                            "Add credit there.", name));
      break;
    case OKAP_KEY_RATE_LIMITED:
    case OKAP_KEY_FORBIDDEN:
      return_task (test, g_strdup_printf ("%s knows this key, but it may not list models "
                                          "(status %u). It may still work.", name, test->status),
                   NULL);
      break;
    case OKAP_KEY_UNTRIED:
    case OKAP_KEY_MODEL_MISSING:
    case OKAP_KEY_PROVIDER_ERROR:
    default:
      return_task (test, NULL, g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                                            "%s answered with status %u, which says nothing about "
                                            "the key. Try again later.", name, test->status));
      break;
    }
}

static void
done_cb (const GError *error, gpointer user_data)
{
  KeyTest *test = user_data;

  if (error != NULL)
    return_task (test, NULL, g_error_copy (error));
  else
    judge (test);
  key_test_free (test);
}

static void
ask (KeyTest *test)
{
  static const OkapTransferHandler handler = { .head = head_cb, .data = data_cb, .done = done_cb };
  static const char no_token[OKAP_TOKEN_LENGTH];
  const OkapHttpHead head = { .method = "GET" };
  const char *path = okap_provider_get_test_path (test->credential->provider);
  OkapHeaderList headers = { 0 };
  OkapTransferRequest request = {
    .method = "GET", .base_url = test->credential->base_url, .path = path, .headers = &headers,
  };

  okap_headers_for_upstream (&head, no_token, test->credential, path, &headers);
  okap_transfer_start (test->post->proxy->upstream, &request, &handler, test);
}

static gboolean
start_cb (gpointer user_data)
{
  KeyTest *test = *(KeyTest **) user_data;
  const OkapProvider *provider = test->credential->provider;

  if (test->post->proxy == NULL)
    return G_SOURCE_REMOVE;
  if (g_str_has_prefix (test->credential->base_url, "demo:"))
    return_task (test, g_strdup ("The demo provider is part of Okap and needs no key."), NULL);
  else if (okap_provider_get_test_path (provider) == NULL)
    return_task (test, g_strdup_printf ("%s has no way to test a key for free. The first request "
                                        "will show.", okap_provider_get_name (provider)), NULL);
  else
    {
      ask (test);
      *(KeyTest **) user_data = NULL;  /* done_cb() frees it */
    }
  return G_SOURCE_REMOVE;
}

static void
destroy_cb (gpointer user_data)
{
  KeyTest **test = user_data;

  g_clear_pointer (test, key_test_free);
  g_free (test);
}

/**
 * okap_proxy_test_key_async:
 * @credential: the key and where it belongs
 */
void
okap_proxy_test_key_async (OkapProxy *proxy, OkapCredential *credential,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  KeyTest *test = g_new0 (KeyTest, 1);
  KeyTest **holder = g_new0 (KeyTest *, 1);

  test->post = okap_proxy_post_ref (proxy->post);
  test->credential = okap_credential_ref (credential);
  test->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (test->task, okap_proxy_test_key_async);
  test->finding = g_new0 (Finding, 1);
  g_task_set_task_data (test->task, test->finding, g_free);
  *holder = test;
  okap_invoke (proxy->context, start_cb, holder, destroy_cb);
}

/**
 * okap_proxy_test_key_finish:
 * @out_class: (out) (optional): set in either case; %OKAP_KEY_UNTRIED if nobody was asked, or the
 *   answer said nothing of the key
 * @out_standing: (out) (optional): set in either case: what the provider told of money and limits,
 *   without the time
 * @out_words: (out) (transfer full): what the provider said, in a sentence
 * @error: why the key does not work, or was not tested
 */
gboolean
okap_proxy_test_key_finish (GAsyncResult *result, OkapKeyClass *out_class,
                            OkapKeyStanding *out_standing, char **out_words, GError **error)
{
  const Finding *finding = g_task_get_task_data (G_TASK (result));

  if (out_class != NULL)
    *out_class = finding->class;
  if (out_standing != NULL)
    *out_standing = finding->standing;
  *out_words = g_task_propagate_pointer (G_TASK (result), error);
  return *out_words != NULL;
}
