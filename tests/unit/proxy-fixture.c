/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gate, proxy and app of a test. */
#include "proxy-fixture.h"

#include <string.h>

static void
route_cb (OkapHttpExchange *http, const OkapHttpHead *head, gpointer data)
{
  Fixture *fixture = data;

  (void) okap_proxy_route (fixture->proxy, http, head);
}

static void
cut_cb (const char *grant_id, OkapError why, gpointer data)
{
  Fixture *fixture = data;

  okap_proxy_cut (fixture->proxy, grant_id, why);
}

static void
settled_cb (OkapUsage *usage, gpointer data)
{
  Fixture *fixture = data;

  g_mutex_lock (&fixture->lock);
  g_ptr_array_add (fixture->usages, okap_usage_ref (usage));
  g_cond_broadcast (&fixture->changed);
  g_mutex_unlock (&fixture->lock);
}

static void
health_cb (const char *key_id, const OkapKeyHealth *health, guint n_good, gpointer data)
{
  Fixture *fixture = data;

  g_mutex_lock (&fixture->lock);
  g_string_append_printf (fixture->health, "%s %u %s,", key_id, health->version,
                          okap_key_class_get_name (health->class));
  g_cond_broadcast (&fixture->changed);
  g_mutex_unlock (&fixture->lock);
}

OkapUsage *
wait_usage (Fixture *fixture, guint n)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_US;
  OkapUsage *usage;

  g_mutex_lock (&fixture->lock);
  while (fixture->usages->len < n)
    g_assert_true (g_cond_wait_until (&fixture->changed, &fixture->lock, end_us));
  g_assert_cmpuint (fixture->usages->len, ==, n);
  usage = g_ptr_array_index (fixture->usages, n - 1);
  g_mutex_unlock (&fixture->lock);
  return usage;
}

static void
add_scope (Fixture *fixture, const char *provider_id, const char *base_url)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup (provider_id);
  g_autoptr (OkapSecret) key = okap_secret_new_from_string (KEY);
  g_autoptr (OkapCredential) credential = okap_credential_new (provider_id, provider, base_url,
                                                               key);
  OkapScope *scope = okap_scope_new (provider_id);

  scope->capabilities = OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_AUDIO;
  scope->key_id = g_strdup (provider_id);
  g_strfreev (scope->models);
  scope->models = g_strsplit ("gpt-4o-mini,gpt-4o-mini-tts,tts-1,whisper-1,"
                              "claude-*,gemini-*,demo-fast", ",", -1);
  okap_gate_put_credential (fixture->gate, credential);
  g_ptr_array_add (fixture->grant->scopes, scope);
}

void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const providers[] = { "openai", "anthropic", "google", "cerebras" };

  mock_set_up (&fixture->mock);

  g_mutex_init (&fixture->lock);
  g_cond_init (&fixture->changed);
  fixture->usages = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  fixture->health = g_string_new (NULL);
  fixture->gate = okap_gate_new (okap_clock_get_real ());
  fixture->token_key = okap_secret_new_random (32);
  fixture->token = okap_token_mint ();
  fixture->grant = okap_grant_new ();
  fixture->grant->id = g_strdup ("g_test");
  fixture->grant->app_name = g_strdup ("Test");
  fixture->grant->app_url = g_strdup ("");
  fixture->grant->reason = g_strdup ("");
  fixture->grant->evidence = g_strdup ("");
  fixture->grant->zone = g_strdup ("UTC");
  fixture->grant->expires_us = okap_clock_get_now (okap_clock_get_real ()) + OKAP_DAY_US;
  for (guint i = 0; i < G_N_ELEMENTS (providers); i++)
    {
      g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u/base", fixture->mock.host.port);

      add_scope (fixture, providers[i], base);
    }
  add_scope (fixture, "groq", "http://127.0.0.1:9");
  add_scope (fixture, "demo", "demo:");
  okap_token_hash (okap_secret_get_text (fixture->token), fixture->token_key, fixture->hash);
  okap_gate_unlock (fixture->gate, fixture->token_key);
  okap_gate_put_grant (fixture->gate, fixture->grant, fixture->hash);

  host_start (&fixture->host, route_cb, fixture);
  fixture->proxy = okap_proxy_new (fixture->gate, okap_clock_get_real (), fixture->host.context);
  okap_proxy_set_health_func (fixture->proxy, health_cb, fixture);
  okap_gate_set_cut_func (fixture->gate, cut_cb, fixture);
  okap_gate_set_settled_func (fixture->gate, settled_cb, fixture);
  host_run_thread (&fixture->host);
}

void
tear_down (Fixture *fixture, gconstpointer data)
{
  host_stop (&fixture->host);
  if (g_queue_is_empty (&fixture->proxy->running))  /* else some go on without their apps */
    g_assert_cmpuint (fixture->proxy->held_bytes, ==, 0);
  okap_proxy_free (fixture->proxy);
  g_main_context_unref (fixture->host.context);
  mock_tear_down (&fixture->mock);
  g_main_context_unref (fixture->mock.host.context);
  okap_gate_free (fixture->gate);
  okap_secret_unref (fixture->token_key);
  okap_secret_unref (fixture->token);
  okap_grant_unref (fixture->grant);
  g_ptr_array_unref (fixture->usages);
  g_string_free (fixture->health, TRUE);
  g_mutex_clear (&fixture->lock);
  g_cond_clear (&fixture->changed);
}

void
revoke_grant (Fixture *fixture)
{
  g_autoptr (OkapGrant) next = okap_grant_copy_next (fixture->grant);

  next->state = OKAP_GRANT_REVOKED;
  okap_gate_put_grant (fixture->gate, next, fixture->hash);
}

static size_t
app_head_cb (char *data, size_t size, size_t n, void *user)
{
  g_string_append_len (((App *) user)->head, data, (gssize) (size * n));
  return size * n;
}

static size_t
app_body_cb (char *data, size_t size, size_t n, void *user)
{
  App *app = user;

  g_string_append_len (app->body, data, (gssize) (size * n));
  if (app->on_data != NULL)
    app->on_data (app, app->data);
  return size * n;
}

App *
app_new (Fixture *fixture, const char *method, const char *path, const char *headers,
         const char *body)
{
  App *app = g_new0 (App, 1);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", fixture->host.port, path);
  g_autofree char *auth = g_strdup_printf ("Authorization: Bearer %s",
                                           okap_secret_get_text (fixture->token));
  g_auto (GStrv) lines = g_strsplit (headers, "\n", -1);

  app->easy = curl_easy_init ();
  app->head = g_string_new (NULL);
  app->body = g_string_new (NULL);
  if (strstr (headers, "x-api-key") == NULL)
    app->list = curl_slist_append (app->list, auth);
  app->list = curl_slist_append (app->list, "Content-Type: application/json");
  app->list = curl_slist_append (app->list, "Expect:");
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0')
      app->list = curl_slist_append (app->list, *line);
  curl_easy_setopt (app->easy, CURLOPT_URL, url);
  curl_easy_setopt (app->easy, CURLOPT_PROXY, "");
  curl_easy_setopt (app->easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt (app->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (app->easy, CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt (app->easy, CURLOPT_HTTPHEADER, app->list);
  curl_easy_setopt (app->easy, CURLOPT_HEADERFUNCTION, app_head_cb);
  curl_easy_setopt (app->easy, CURLOPT_HEADERDATA, app);
  curl_easy_setopt (app->easy, CURLOPT_WRITEFUNCTION, app_body_cb);
  curl_easy_setopt (app->easy, CURLOPT_WRITEDATA, app);
  if (strcmp (method, "HEAD") == 0)
    curl_easy_setopt (app->easy, CURLOPT_NOBODY, 1L);
  else if (body != NULL)
    curl_easy_setopt (app->easy, CURLOPT_COPYPOSTFIELDS, body);
  curl_easy_setopt (app->easy, CURLOPT_CUSTOMREQUEST, method);
  return app;
}

void
app_perform (App *app)
{
  app->result = curl_easy_perform (app->easy);
  (void) curl_easy_getinfo (app->easy, CURLINFO_RESPONSE_CODE, &app->status);
}

void
app_free (App *app)
{
  curl_easy_cleanup (app->easy);
  curl_slist_free_all (app->list);
  g_string_free (app->head, TRUE);
  g_string_free (app->body, TRUE);
  g_free (app);
}
