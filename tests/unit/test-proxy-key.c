/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the proxy tells of keys, and how a request outlives the replacement of its key. */
#include "proxy-fixture.h"

#include <string.h>

#define OLD_KEY "sk-old-0123456789"
#define NEW_KEY "sk-new-0123456789"

/* Puts a version of openai's key into the gate; @old: (nullable): it is watched, after that one. */
static OkapCredential *
put_version (Fixture *fixture, const char *text, guint version, OkapCredential *old)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("openai");
  g_autoptr (OkapSecret) key = okap_secret_new_from_string (text);
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u/base", fixture->mock.host.port);
  OkapCredential *credential = okap_credential_new ("openai", provider, base, key);

  credential->version = version;
  credential->previous = old != NULL ? okap_credential_ref (old) : NULL;
  okap_gate_put_credential (fixture->gate, credential);
  return credential;
}

static App *
ask (Fixture *fixture, const char *headers)
{
  App *app = app_new (fixture, "POST", CHAT, headers, BODY);

  app_perform (app);
  return app;
}

/* The mock counts a request after it has answered it. */
static void
assert_requests (Fixture *fixture, guint n)
{
  mock_wait (&fixture->mock, &fixture->mock.requests, n);
  g_mutex_lock (&fixture->mock.lock);
  g_assert_cmpuint (fixture->mock.requests, ==, n);
  g_assert_cmpstr (fixture->mock.body->str, ==, BODY);
  g_mutex_unlock (&fixture->mock.lock);
}

static void
assert_health (Fixture *fixture, const char *expected)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_US;

  g_mutex_lock (&fixture->lock);
  while (fixture->health->len < strlen (expected))
    g_assert_true (g_cond_wait_until (&fixture->changed, &fixture->lock, end_us));
  g_assert_cmpstr (fixture->health->str, ==, expected);
  g_string_truncate (fixture->health, 0);
  g_mutex_unlock (&fixture->lock);
}

/* Only what differs from the last answer is told, of each version for itself. */
static void
test_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCredential) old = put_version (fixture, OLD_KEY, 1, NULL);
  g_autoptr (OkapCredential) new = NULL;
  static const char *const headers[] = {
    "x-mock: strict\nx-mock-key: " OLD_KEY, "x-mock: strict\nx-mock-key: " OLD_KEY,
    "x-mock: refuse", "x-mock: refuse", "x-mock: strict", "x-mock: strict\nx-mock-key: " OLD_KEY,
  };
  g_autoptr (App) list = app_new (fixture, "GET", "/v1/openai/models", "", NULL);

  app_perform (list);  /* free: may be open to everybody */
  g_assert_cmpint (list->status, ==, 200);
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autoptr (App) app = ask (fixture, headers[i]);

      g_assert_cmpint (app->status, ==, i < 2 || i == 5 ? 200 : i == 4 ? 401 : 429);
    }
  assert_health (fixture, "openai 1 good,openai 1 rate_limited,openai 1 bad_key,openai 1 good,");
  g_assert_cmpint (old->n_good, ==, 3);

  new = put_version (fixture, NEW_KEY, 2, NULL);
  {
    g_autoptr (App) app = ask (fixture, "x-mock: strict\nx-mock-key: " NEW_KEY);

    g_assert_cmpint (app->status, ==, 200);
  }
  assert_health (fixture, "openai 2 good,");
}

/* The new key is refused while it is watched: the app gets the old one's answer, once. */
static void
test_second_try (Fixture *fixture, gconstpointer data)
{
  static const char *const modes[] = { "strict", "strict-slow" };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (OkapCredential) old = put_version (fixture, OLD_KEY, 1, NULL);
      g_autoptr (OkapCredential) new = put_version (fixture, NEW_KEY, 2, old);
      g_autofree char *headers = g_strdup_printf ("x-mock: %s\nx-mock-key: " OLD_KEY, modes[i]);
      g_autoptr (App) app = ask (fixture, headers);

      g_assert_cmpint (app->status, ==, 200);
      g_assert_cmpstr (app->body->str, ==, ANSWER);
      assert_requests (fixture, 2 * (i + 1));
      g_assert_cmpint (wait_usage (fixture, i + 1)->http_status, ==, 200);
      assert_health (fixture, "openai 2 bad_key,openai 1 good,");
    }
}

/* Both are refused: the error passes as it came, and the old one is told first. */
static void
test_both_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCredential) old = put_version (fixture, OLD_KEY, 1, NULL);
  g_autoptr (OkapCredential) new = put_version (fixture, NEW_KEY, 2, old);
  g_autoptr (App) app = ask (fixture, "x-mock: strict\nx-mock-key: neither");

  g_assert_cmpint (app->status, ==, 401);
  g_assert_cmpstr (app->body->str, ==, REFUSAL);
  assert_requests (fixture, 2);
  (void) wait_usage (fixture, 1);
  assert_health (fixture, "openai 1 bad_key,openai 2 bad_key,");
}

/* What does not speak of the key passes unchanged while a version is watched, and so does a
 * refusal of the only version. */
static void
test_passes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCredential) old = put_version (fixture, OLD_KEY, 1, NULL);
  g_autoptr (App) alone = ask (fixture, "x-mock: strict");
  g_autoptr (OkapCredential) new = put_version (fixture, NEW_KEY, 2, old);
  g_autoptr (App) limited = ask (fixture, "x-mock: refuse");

  g_assert_cmpint (alone->status, ==, 401);
  g_assert_cmpint (limited->status, ==, 429);
  g_assert_cmpstr (limited->body->str, ==, "{\"error\":{}}");
  assert_requests (fixture, 2);
  assert_health (fixture, "openai 1 bad_key,openai 2 rate_limited,");
}

typedef struct
{
  Fixture *fixture;
  OkapCredential *old;
  GThread *thread;
  App *app;
} Running;

static gpointer
run_app (gpointer data)
{
  app_perform (((Running *) data)->app);
  return NULL;
}

/* A stream that runs ends with the key that it began with. */
static void
test_running (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCredential) old = put_version (fixture, OLD_KEY, 1, NULL);
  g_autoptr (OkapCredential) new = NULL;
  Running running = { fixture, old, NULL, app_new (fixture, "POST", CHAT,
                                                  "x-mock: stream\nx-mock-events: 60", BODY) };

  running.thread = g_thread_new ("app", run_app, &running);
  mock_wait (&fixture->mock, &fixture->mock.requests, 1);
  new = put_version (fixture, NEW_KEY, 2, NULL);
  {
    g_autoptr (App) app = ask (fixture, "x-mock: strict\nx-mock-key: " NEW_KEY);

    g_assert_cmpint (app->status, ==, 200);
  }
  g_thread_join (running.thread);
  g_assert_cmpint (running.app->result, ==, CURLE_OK);
  g_assert_true (g_str_has_suffix (running.app->body->str, "data: [DONE]\n\n"));
  app_free (running.app);
}

/* A listener is told once more when a watched version has worked often enough. */
static void
test_milestone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapCredential) old = put_version (fixture, OLD_KEY, 1, NULL);
  g_autoptr (OkapCredential) new = put_version (fixture, NEW_KEY, 2, old);

  for (guint i = 0; i < OKAP_CAP_ROTATION_GOOD_CALLS + 2; i++)
    {
      g_autoptr (App) app = ask (fixture, "x-mock: strict\nx-mock-key: " NEW_KEY);

      g_assert_cmpint (app->status, ==, 200);
    }
  assert_health (fixture, "openai 2 good,openai 2 good,");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  curl_global_init (CURL_GLOBAL_DEFAULT);
#define ADD(path, func) g_test_add ("/proxy/key/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("told", test_told);
  ADD ("second-try", test_second_try);
  ADD ("both-refused", test_both_refused);
  ADD ("passes", test_passes);
  ADD ("running", test_running);
  ADD ("milestone", test_milestone);
#undef ADD
  return g_test_run ();
}
