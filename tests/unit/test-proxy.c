/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole way of a request: an app, server, gate, proxy, libcurl, and a provider. */
#include "okap-curl.h"
#include "proxy-fixture.h"

#include <malloc.h>
#include <string.h>
#include <sys/resource.h>

static App *
ask (Fixture *fixture, const char *headers)
{
  App *app = app_new (fixture, "POST", CHAT, headers, BODY);

  app_perform (app);
  return app;
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) app = ask (fixture, "Cookie: a=b\nX-Kept: yes");
  OkapUsage *usage = wait_usage (fixture, 1);
  Mock *mock = &fixture->mock;

  g_assert_cmpint (app->result, ==, CURLE_OK);
  g_assert_cmpint (app->status, ==, 200);
  g_assert_cmpstr (app->body->str, ==, ANSWER);
  g_assert_nonnull (strstr (app->head->str, "x-request-id: req_1\r\n"));
  g_assert_nonnull (strstr (app->head->str, "x-okap-request-id: r_"));
  g_assert_nonnull (strstr (app->head->str, "x-okap-overhead-us: "));
  g_assert_nonnull (strstr (app->head->str, "x-okap-cost-usd: "));

  g_assert_cmpstr (mock->body->str, ==, BODY);
  g_assert_true (g_str_has_prefix (mock->head->str, "POST /base/chat/completions\n"));
  g_assert_nonnull (strstr (mock->head->str, "\nAuthorization: Bearer " KEY "\n"));
  g_assert_nonnull (strstr (mock->head->str, "\nX-Kept: yes\n"));
  g_assert_nonnull (strstr (mock->head->str, "\nAccept-Encoding: identity\n"));
  g_assert_null (strstr (mock->head->str, "Cookie"));
  g_assert_null (strstr (mock->head->str, okap_secret_get_text (fixture->token) + 5));

  g_assert_cmpint (usage->units.count[OKAP_UNIT_INPUT], ==, 100);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_OUTPUT], ==, 10);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_KNOWN);
  g_assert_cmpint (usage->cost_nusd, >, 0);
  g_assert_cmpint (usage->http_status, ==, 200);
  g_assert_cmpstr (usage->model_asked, ==, "gpt-4o-mini");
  g_assert_cmpstr (usage->model_served, ==, "gpt-4o-mini");
  g_assert_cmpstr (usage->endpoint, ==, "/chat/completions");
  g_assert_cmpint (usage->bytes_in, ==, strlen (BODY));
  g_assert_cmpint (usage->bytes_out, ==, strlen (ANSWER));
  assert_digest (&usage->digest_in, mock->body);
  assert_digest (&usage->digest_out, NULL);
  g_assert_null (usage->error);
}

/* Many requests over the same connections and handles, methods mixed. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 30; i++)
    {
      static const char *const methods[] = { "POST", "GET", "HEAD" };
      const char *method = methods[i % 3];
      const char *path = i % 3 == 0 ? CHAT : "/v1/openai/v1/models?a=b";
      g_autoptr (App) app = app_new (fixture, method, path, "", i % 3 == 0 ? BODY : NULL);
      g_autofree char *line = g_strdup_printf ("%s /base/%s\n", method,
                                               i % 3 == 0 ? "chat/completions" : "models?a=b");

      app_perform (app);
      g_assert_cmpint (app->status, ==, 200);
      g_assert_true (g_str_has_prefix (fixture->mock.head->str, line));
      g_assert_cmpstr (app->body->str, ==, i % 3 == 2 ? "" : ANSWER);
      g_assert_cmpstr (fixture->mock.body->str, ==, i % 3 == 0 ? BODY : "");
    }
  (void) wait_usage (fixture, 10);  /* lists are not counted */
}

/* Numbers of the events of a body, which must be 0, 1, 2, … */
static guint
count_events (const char *body)
{
  guint n = 0;

  for (const char *p = body; (p = strstr (p, "\"i\":")) != NULL; n++)
    {
      p += 4;
      g_assert_cmpuint (g_ascii_strtoull (p, NULL, 10), ==, n);
    }
  return n;
}

static void
test_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) app = ask (fixture, "x-mock: stream\nx-mock-events: 20\nTE: trailers");
  OkapUsage *usage = wait_usage (fixture, 1);

  g_assert_cmpint (app->result, ==, CURLE_OK);
  g_assert_cmpuint (count_events (app->body->str), ==, 20);
  g_assert_true (g_str_has_suffix (app->body->str, "data: [DONE]\n\n"));
  g_assert_nonnull (strstr (app->head->str, "\r\n\r\nx-okap-cost-usd: "));
  g_assert_true (usage->streamed);
  /* The provider told no usage: 80 bytes of text at 3 a token, and what was asked. */
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_OUTPUT], ==, 27);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_INPUT], >, 5);
}

static void
test_upstream_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) reset = ask (fixture, "x-mock: reset");
  g_autoptr (App) cut_short = ask (fixture, "x-mock: short");
  g_autoptr (App) nobody = app_new (fixture, "POST", "/v1/groq/chat/completions", "", BODY);
  g_autoptr (App) redirect = ask (fixture, "x-mock: redirect");
  g_autoptr (App) refused = ask (fixture, "x-mock: refuse");

  g_assert_cmpint (reset->result, ==, CURLE_OK);
  g_assert_cmpuint (count_events (reset->body->str), ==, 3);
  g_assert_nonnull (strstr (reset->body->str, "data: {\"type\":\"error\",\"error\":{\"code\":"
                                              "\"upstream_unreachable\""));
  g_assert_cmpint (cut_short->result, ==, CURLE_PARTIAL_FILE);

  app_perform (nobody);
  g_assert_cmpint (nobody->status, ==, 502);
  g_assert_nonnull (strstr (nobody->body->str, "127.0.0.1:9 does not accept connections"));

  g_assert_cmpint (redirect->status, ==, 302);
  g_assert_nonnull (strstr (redirect->head->str, "Location: http://127.0.0.1:1/"));
  g_assert_cmpint (refused->status, ==, 429);
  g_assert_nonnull (strstr (refused->head->str, "Retry-After: 7"));
  g_assert_null (strstr (refused->head->str, "Set-Cookie"));
  g_assert_cmpint (wait_usage (fixture, 5)->cost_nusd, ==, 0);
}

static void
test_silence (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) app = NULL;

  okap_upstream_set_silence (fixture->proxy->upstream, 200 * 1000);
  app = ask (fixture, "x-mock: hang");
  g_assert_cmpint (app->status, ==, 504);
  g_assert_nonnull (strstr (app->body->str, "upstream_timeout"));
  g_assert_cmpstr (wait_usage (fixture, 1)->error, ==, "upstream_timeout");
}

typedef struct
{
  Fixture *fixture;
  gint64 revoked_us;
} Cut;

static void
revoke_on_data (gpointer data, gpointer user)
{
  App *app = data;
  Cut *cut = user;

  if (cut->revoked_us != 0 || strstr (app->body->str, "\"i\":2,") == NULL)
    return;
  cut->revoked_us = g_get_monotonic_time ();
  revoke_grant (cut->fixture);
}

static void
test_cut_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) app = app_new (fixture, "POST", CHAT, "x-mock: endless\nx-mock-events: 50", BODY);
  Cut cut = { fixture, 0 };
  gint64 took_us;

  app->on_data = revoke_on_data;
  app->data = &cut;
  app_perform (app);
  took_us = g_get_monotonic_time () - cut.revoked_us;
  g_test_message ("cut after %" G_GINT64_FORMAT " us", took_us);
  g_assert_cmpint (took_us, <, 50 * 1000);
  g_assert_cmpint (app->result, ==, CURLE_OK);
  g_assert_nonnull (strstr (app->body->str, "\"code\":\"token_revoked\""));
  g_assert_cmpstr (wait_usage (fixture, 1)->error, ==, "token_revoked");
  mock_wait (&fixture->mock, &fixture->mock.gone, 1);
}

static gpointer
revoke_when_asked (gpointer data)
{
  Fixture *fixture = data;

  mock_wait (&fixture->mock, &fixture->mock.requests, 1);
  revoke_grant (fixture);
  return NULL;
}

static void
test_cut_before_head (Fixture *fixture, gconstpointer data)
{
  GThread *thread = g_thread_new ("revoke", revoke_when_asked, fixture);
  g_autoptr (App) app = ask (fixture, "x-mock: hang");
  g_autoptr (App) after = ask (fixture, "");

  g_thread_join (thread);
  g_assert_cmpint (app->status, ==, 401);
  g_assert_nonnull (strstr (app->body->str, "token_revoked"));
  g_assert_nonnull (strstr (app->body->str, "Okap: "));
  g_assert_cmpint (wait_usage (fixture, 1)->http_status, ==, 401);
  g_assert_cmpint (after->status, ==, 401);
}

static void
hang_up (gpointer data, gpointer user)
{
  App *app = data;

  curl_easy_setopt (app->easy, CURLOPT_TIMEOUT_MS, 1L);
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) app = app_new (fixture, "POST", CHAT, "x-mock: endless", BODY);
  g_autoptr (App) waiting = app_new (fixture, "POST", CHAT, "x-mock: hang", BODY);

  app->on_data = hang_up;
  app_perform (app);
  g_assert_cmpint (app->result, ==, CURLE_OPERATION_TIMEDOUT);
  curl_easy_cleanup (app->easy);
  app->easy = NULL;
  mock_wait (&fixture->mock, &fixture->mock.gone, 1);
  g_assert_cmpint (wait_usage (fixture, 1)->http_status, ==, 499);
  g_assert_cmpint (wait_usage (fixture, 1)->cost_status, ==, OKAP_COST_ESTIMATED);

  curl_easy_setopt (waiting->easy, CURLOPT_TIMEOUT_MS, 200L);
  app_perform (waiting);
  curl_easy_cleanup (waiting->easy);
  waiting->easy = NULL;
  mock_wait (&fixture->mock, &fixture->mock.gone, 2);
  g_assert_cmpstr (wait_usage (fixture, 2)->error, ==, "caller_gone");
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *method, *path, *headers, *body;
    long status;
    const char *type;
  } cases[] = {
    { "POST", CHAT, "x-api-key: sk-proj-raw", BODY, 401, "invalid_token" },
    { "POST", "/v1/mistral/chat/completions", "", BODY, 403, "provider_not_allowed" },
    { "POST", "/v1/nobody/x", "", BODY, 403, "provider_not_allowed" },
    { "POST", "/v1/openai/images/generations", "", "{\"model\":\"gpt-4o-mini\"}", 403,
      "capability_not_allowed" },
    { "POST", "/v1/openai/fine_tuning/jobs", "", BODY, 403, "endpoint_not_allowed" },
    { "POST", "/v1/openai", "", BODY, 403, "endpoint_not_allowed" },
    { "POST", CHAT, "", "{\"model\":\"o3\"}", 403, "model_not_allowed" },
    { "POST", CHAT, "", "{\"model\":\"gpt-4o-mini\",\"models\":[\"o3\"]}", 403,
      "model_not_allowed" },
    { "POST", CHAT, "", "{}", 403, "model_unknown" },
    { "POST", CHAT, "Content-Encoding: gzip", "xx", 403, "model_unknown" },
    { "POST", CHAT, "x-portkey-config: pc-1", BODY, 403, "model_unknown" },
    { "POST", CHAT, "Content-Type: application/x-www-form-urlencoded",
      "{\"model\":\"gpt-4o-mini\",\"x\":\"&model=o3&\"}", 403, "model_unknown" },
    { "POST", CHAT, "", "not json", 400, "invalid_request" },
    { "POST", CHAT, "", "{\"model\":\"a\",\"model\":\"b\"}", 400, "invalid_request" },
    { "POST", "/v1/openai/audio/transcriptions", "Content-Type: multipart/form-data", "x", 400,
      "invalid_request" },
    { "GET", "/v1/openai/responses", "Connection: Upgrade\nUpgrade: websocket", NULL, 426,
      "upgrade_refused" },
    { "POST", "/v1/google/v1beta/models/o3:generateContent", "", "{}", 403, "model_not_allowed" },
    { "POST", "/v1/google/v1beta/models/gemini-2:batchEmbedContents", "", "{}", 403,
      "capability_not_allowed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (App) app = app_new (fixture, cases[i].method, cases[i].path, cases[i].headers,
                                     cases[i].body);
      g_autofree char *type = g_strdup_printf ("\"type\":\"%s\"", cases[i].type);

      app_perform (app);
      g_test_message ("case %u: %ld %s", i, app->status, app->body->str);
      g_assert_cmpint (app->status, ==, cases[i].status);
      g_assert_nonnull (strstr (app->body->str, type));
      g_assert_nonnull (strstr (app->body->str, "Okap"));
      g_assert_nonnull (strstr (app->head->str, "x-should-retry: false"));
    }
  g_assert_cmpuint (fixture->mock.requests, ==, 0);
  /* A row for each reason that is the grant's, once in a second. */
  g_assert_cmpuint (fixture->usages->len, >=, 3);
  for (guint i = 0; i < fixture->usages->len; i++)
    {
      const OkapUsage *usage = g_ptr_array_index (fixture->usages, i);

      g_assert_cmpint (usage->http_status, ==, 403);
      g_assert_nonnull (usage->error);
      g_assert_cmpint (usage->cost_nusd, ==, 0);
    }
}

/* An app that asks again and again does not fill the list. */
static void
test_refused_often (Fixture *fixture, gconstpointer data)
{
  gint64 start_us = g_get_monotonic_time ();

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (App) app = app_new (fixture, "POST", CHAT, "", "{\"model\":\"o3\"}");

      app_perform (app);
      g_assert_cmpint (app->status, ==, 403);
    }
  g_assert_cmpuint (fixture->usages->len, >=, 1);
  g_assert_cmpuint (fixture->usages->len, <=,
                    (guint) ((g_get_monotonic_time () - start_us) / G_USEC_PER_SEC) + 2);
}

static void
test_local (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) root = app_new (fixture, "HEAD", "/v1/anthropic", "", NULL);
  g_autoptr (App) warm = app_new (fixture, "GET", "/v1/cerebras/v1/tcp_warming", "", NULL);
  g_autofree char *path = g_strdup_printf ("/v1/openai/~%s/chat/completions",
                                           okap_secret_get_text (fixture->token));
  g_autoptr (App) in_path = app_new (fixture, "POST", path, "x-api-key: ", BODY);

  app_perform (root);
  g_assert_cmpint (root->status, ==, 200);
  app_perform (warm);
  g_assert_cmpstr (warm->body->str, ==, "{}");
  g_assert_cmpuint (fixture->mock.requests, ==, 0);
  app_perform (in_path);
  g_assert_cmpint (in_path->status, ==, 200);
  g_assert_null (strstr (fixture->mock.head->str, okap_secret_get_text (fixture->token) + 5));
}

static size_t
upload_cb (char *room, size_t size, size_t n, void *user)
{
  App *app = user;
  gsize length = MIN (size * n, app->upload->len - app->uploaded);

  memcpy (room, app->upload->str + app->uploaded, length);
  app->uploaded += length;
  return length;
}

/* A form of many megabytes, the model before or behind the file; the provider stops reading for a
 * while. @data: whether the model comes first. */
static void
test_upload (Fixture *fixture, gconstpointer data)
{
  static const char model[] = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"
                              "whisper-1\r\n";
  gboolean first = GPOINTER_TO_INT (data);
  g_autoptr (App) app = app_new (fixture, "POST", "/v1/openai/audio/transcriptions",
                                 "x-mock: slow-reader\nTransfer-Encoding: chunked", NULL);
  g_autofree char *file = g_malloc (20 * 1024 * 1024);

  for (guint i = 0; i < 20 * 1024 * 1024; i++)
    file[i] = (char) (i * 7 + (i >> 9));
  app->upload = g_string_new (first ? model : "");
  g_string_append (app->upload, "--B\r\nContent-Disposition: form-data; name=\"file\"; "
                                "filename=\"a\"\r\n\r\n");
  g_string_append_len (app->upload, file, 20 * 1024 * 1024);
  g_string_append (app->upload, "\r\n");
  g_string_append (app->upload, first ? "" : model);
  g_string_append (app->upload, "--B--\r\n");
  app->list->next->data[0] = '\0';  /* its Content-Type */
  curl_slist_append (app->list, "Content-Type: multipart/form-data; boundary=B");
  curl_easy_setopt (app->easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt (app->easy, CURLOPT_READFUNCTION, upload_cb);
  curl_easy_setopt (app->easy, CURLOPT_READDATA, app);
  app_perform (app);
  g_assert_cmpint (app->result, ==, CURLE_OK);
  g_assert_cmpint (app->status, ==, 200);
  g_assert_true (g_string_equal (fixture->mock.body, app->upload));
  g_assert_cmpstr (wait_usage (fixture, 1)->model_asked, ==, "whisper-1");
  assert_digest (&wait_usage (fixture, 1)->digest_in, fixture->mock.body);
  assert_digest (&wait_usage (fixture, 1)->digest_out, NULL);
  g_string_free (app->upload, TRUE);
}

/* An app that stops reading makes the provider wait; nothing piles up here. */
static void
test_slow_app (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) app = app_new (fixture, "POST", CHAT, "x-mock: big", BODY);
  struct mallinfo2 before = mallinfo2 ();

  curl_easy_setopt (app->easy, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t) 16 * 1024 * 1024);
  app_perform (app);
  g_assert_cmpint (app->result, ==, CURLE_OK);
  g_assert_cmpuint (app->body->len, ==, BIG_BYTES);
  g_assert_cmpint (wait_usage (fixture, 1)->bytes_out, ==, BIG_BYTES);
  g_test_message ("heap grew by %zd KiB, of which the app holds 32 MiB",
                  (gssize) (mallinfo2 ().uordblks - before.uordblks) / 1024);
}

static void
test_demo (Fixture *fixture, gconstpointer data)
{
  g_autoptr (App) whole = app_new (fixture, "POST", "/v1/demo/v1/chat/completions", "",
                                   "{\"model\":\"demo-fast\",\"messages\":[]}");
  g_autoptr (App) stream = app_new (fixture, "POST", "/v1/demo/chat/completions", "",
                                    "{\"model\":\"demo-fast\",\"stream\":true,"
                                    "\"stream_options\":{\"include_usage\":true}}");
  g_autoptr (App) models = app_new (fixture, "GET", "/v1/demo/models", "", NULL);

  app_perform (whole);
  g_assert_cmpint (whole->status, ==, 200);
  g_assert_nonnull (strstr (whole->body->str, "Hello! I am the demo model"));
  g_assert_cmpint (wait_usage (fixture, 1)->units.count[OKAP_UNIT_OUTPUT], >, 20);
  app_perform (stream);
  g_assert_cmpint (stream->status, ==, 200);
  g_assert_true (g_str_has_suffix (stream->body->str, "data: [DONE]\n\n"));
  g_assert_cmpint (wait_usage (fixture, 2)->units.count[OKAP_UNIT_OUTPUT], ==,
                   wait_usage (fixture, 2)->units.count[OKAP_UNIT_OUTPUT]);
  g_assert_cmpint (wait_usage (fixture, 2)->cost_status, ==, OKAP_COST_KNOWN);
  app_perform (models);
  g_assert_nonnull (strstr (models->body->str, "demo-large"));
}

typedef struct
{
  GMainLoop *loop;
  char *words;
  GError *error;
} Tested;

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Tested *tested = data;

  (void) okap_proxy_test_key_finish (result, NULL, NULL, &tested->words, &tested->error);
  g_main_loop_quit (tested->loop);
}

static void
test_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autoptr (OkapSecret) key = okap_secret_new_from_string (KEY);
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u/base", fixture->mock.host.port);
  g_autoptr (OkapCredential) good = okap_credential_new ("k", provider, base, key);
  g_autoptr (OkapCredential) nowhere = okap_credential_new ("k", provider, "http://127.0.0.1:9",
                                                            key);
  Tested tested = { g_main_loop_new (NULL, FALSE), NULL, NULL };

  okap_proxy_test_key_async (fixture->proxy, good, tested_cb, &tested);
  g_main_loop_run (tested.loop);
  g_assert_no_error (tested.error);
  g_assert_cmpstr (tested.words, ==, "OpenAI accepts this key.");
  g_assert_nonnull (strstr (fixture->mock.head->str, "Authorization: Bearer " KEY));
  g_clear_pointer (&tested.words, g_free);

  okap_proxy_test_key_async (fixture->proxy, nowhere, tested_cb, &tested);
  g_main_loop_run (tested.loop);
  g_assert_error (tested.error, OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE);
  g_clear_error (&tested.error);
  g_main_loop_unref (tested.loop);
}

#define STREAMS 500
#define EVENTS 200

typedef struct
{
  guint begun;
  gsize most_heap;
} Many;

static void
note_heap (gpointer data, gpointer user)
{
  App *app = data;
  Many *many = user;

  if (app->data == NULL)
    return;
  if (strstr (app->body->str, "\"i\":") != NULL && app->upload == NULL)
    {
      app->upload = app->body;  /* marks it as begun */
      if (++many->begun == STREAMS)
        many->most_heap = mallinfo2 ().uordblks;
    }
}

/* Runs all streams at once against @port; returns the heap in use when all of them ran. */
static gsize
run_many (Fixture *fixture, guint16 port, const char *path)
{
  CURLM *multi = curl_multi_init ();
  g_autoptr (GPtrArray) apps = g_ptr_array_new_with_free_func ((GDestroyNotify) app_free);
  Many many = { 0, 0 };
  int running = STREAMS;

  for (guint i = 0; i < STREAMS; i++)
    {
      App *app = app_new (fixture, "POST", path, "x-mock: stream\nx-mock-events: 200", BODY);
      g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", port, path);

      curl_easy_setopt (app->easy, CURLOPT_URL, url);
      app->on_data = note_heap;
      app->data = &many;
      curl_multi_add_handle (multi, app->easy);
      g_ptr_array_add (apps, app);
    }
  while (running > 0)
    {
      g_assert_cmpint (curl_multi_perform (multi, &running), ==, CURLM_OK);
      g_assert_cmpint (curl_multi_poll (multi, NULL, 0, 1000, NULL), ==, CURLM_OK);
    }
  for (guint i = 0; i < apps->len; i++)
    {
      App *app = g_ptr_array_index (apps, i);

      curl_multi_remove_handle (multi, app->easy);
      g_assert_cmpuint (count_events (app->body->str), ==, EVENTS);
      g_assert_true (g_str_has_suffix (app->body->str, "data: [DONE]\n\n"));
    }
  curl_multi_cleanup (multi);
  return many.most_heap;
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  struct rlimit files;
  gsize direct, through;
  gint64 start_us;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &files), ==, 0);
  files.rlim_cur = files.rlim_max;
  (void) setrlimit (RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 4 * STREAMS + 100)
    {
      g_test_skip ("not enough descriptors");
      return;
    }
  direct = run_many (fixture, fixture->mock.host.port, "/base/chat/completions");
  start_us = g_get_monotonic_time ();
  through = run_many (fixture, fixture->host.port, CHAT);
  g_test_message ("%d streams of %d events in %.2f s; heap of the proxy %.1f KiB a stream", STREAMS,
                  EVENTS, (double) (g_get_monotonic_time () - start_us) / 1e6,
                  (double) ((gssize) through - (gssize) direct) / 1024 / STREAMS);
  (void) wait_usage (fixture, STREAMS);
}

int
main (int argc, char *argv[])
{
  okap_curl_init ();
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, func) \
  g_test_add ("/proxy/" name, Fixture, data, set_up, func, tear_down)
  ADD ("whole", NULL, test_whole);
  ADD ("again", NULL, test_again);
  ADD ("stream", NULL, test_stream);
  ADD ("upstream-fails", NULL, test_upstream_fails);
  ADD ("silence", NULL, test_silence);
  ADD ("cut/stream", NULL, test_cut_stream);
  ADD ("cut/before-head", NULL, test_cut_before_head);
  ADD ("gone", NULL, test_gone);
  ADD ("refusals", NULL, test_refusals);
  ADD ("refused-often", NULL, test_refused_often);
  ADD ("local", NULL, test_local);
  ADD ("upload/model-first", GINT_TO_POINTER (1), test_upload);
  ADD ("upload/model-last", GINT_TO_POINTER (0), test_upload);
  ADD ("slow-app", NULL, test_slow_app);
  ADD ("demo", NULL, test_demo);
  ADD ("key", NULL, test_key);
  ADD ("many", NULL, test_many);
  return g_test_run ();
}
