/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Golden files: a request in tests/data/requests, and each answer to it, byte for byte. With
 * OKAP_UPDATE_GOLDEN set the files are written instead of compared; read the difference. */
#include "okap-answer-json.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-request-json.h"

#include <string.h>

#define ORIGIN "http://127.0.0.1:6527"
#define TOKEN "okap_0123456789abcdefghijklmnopqrstuvwxyz-_ABCDEFGHIJKL"

static const char *const names[] = { "a", "a-several", "b", "c", "c-minimal" };

static char *
dup_path (const char *name, const char *suffix)
{
  g_autofree char *base = g_strconcat (name, suffix, NULL);

  return g_test_build_filename (G_TEST_DIST, "..", "data", "requests", base, NULL);
}

static void
assert_golden (const char *text, const char *name, const char *suffix)
{
  g_autofree char *path = dup_path (name, suffix);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_autofree char *golden = NULL;
  g_autoptr (GError) error = NULL;

  if (g_getenv ("OKAP_UPDATE_GOLDEN") != NULL)
    {
      g_file_set_contents (path, line, -1, &error);
      g_assert_no_error (error);
    }
  g_file_get_contents (path, &golden, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (line, ==, golden);
}

static OkapRequest *
load_request (const char *name)
{
  g_autofree char *path = dup_path (name, ".json");
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  OkapRequest *request;
  gint64 now_us;
  gsize length;

  g_assert_true (okap_time_parse ("2026-11-23T10:00:00Z", &now_us));
  g_file_get_contents (path, &body, &length, &error);
  g_assert_no_error (error);
  request = okap_request_parse (body, length, now_us, &error);
  g_assert_no_error (error);
  g_assert_nonnull (request);
  return request;
}

static OkapGrant *
grant_as_asked (OkapRequest *request)
{
  OkapGrant *grant = okap_grant_new ();

  grant->id = g_strdup ("g1");
  grant->app_name = g_strdup (request->app_name);
  for (guint i = 0; i < request->scopes->len; i++)
    g_ptr_array_add (grant->scopes, okap_scope_ref (g_ptr_array_index (request->scopes, i)));
  g_assert_true (okap_time_parse ("2026-11-23T10:00:05Z", &grant->created_us));
  grant->expires_us = request->expires_us;
  return grant;
}

static void
test_granted (void)
{
  g_autoptr (OkapSecret) token = okap_secret_new_from_string (TOKEN);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OkapRequest) request = load_request (names[i]);
      g_autoptr (OkapGrant) grant = grant_as_asked (request);
      char *text = okap_answer_format_granted (request->shape, grant, token, ORIGIN);
      g_autoptr (JsonNode) node = okap_json_parse_strict (text, strlen (text), 16, NULL);

      g_assert_nonnull (node);
      assert_golden (text, names[i], ".granted");
      okap_wipe_string (text);
    }
}

/* What a person narrowed is what the answer says. */
static void
test_narrowed (void)
{
  g_autoptr (OkapSecret) token = okap_secret_new_from_string (TOKEN);
  g_autoptr (OkapRequest) request = load_request ("a");
  g_autoptr (OkapGrant) grant = grant_as_asked (request);
  OkapScope *scope = okap_scope_copy (g_ptr_array_index (grant->scopes, 0));
  char *text;

  okap_limits_set (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND, 1230000000);
  okap_limits_set (&scope->limits, OKAP_LIMIT_REQUESTS_PER_MINUTE, 0);
  scope->capabilities = OKAP_CAPABILITY_EMBEDDINGS;
  g_clear_pointer (&scope->models[1], g_free);
  scope->key_id = g_strdup ("k-secret-id");
  g_ptr_array_set_size (grant->scopes, 0);
  g_ptr_array_add (grant->scopes, scope);
  text = okap_answer_format_granted (OKAP_SHAPE_A, grant, token, ORIGIN);
  assert_golden (text, "a-narrowed", ".granted");
  okap_wipe_string (text);
}

/* A default that a person confirmed stays one; one that was changed does not. */
static void
test_changed_default (void)
{
  g_autoptr (OkapRequest) request = load_request ("c-minimal");
  g_autoptr (OkapGrant) grant = grant_as_asked (request);
  OkapScope *scope = okap_scope_copy (g_ptr_array_index (grant->scopes, 0));
  g_autoptr (JsonNode) details = NULL;
  g_autofree char *text = NULL;

  okap_limits_set (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND, 3000000000);
  okap_limits_set (&scope->limits, OKAP_LIMIT_REQUESTS_PER_MINUTE, 60);
  g_ptr_array_set_size (grant->scopes, 0);
  g_ptr_array_add (grant->scopes, scope);
  details = okap_answer_details (grant, ORIGIN);
  text = okap_json_print (details, FALSE);
  g_assert_nonnull (strstr (text, "\"monthly_spend\":3.0,"));
  g_assert_nonnull (strstr (text, "\"defaulted\":[\"daily_spend\",\"requests_per_minute\","
                                  "\"requests_per_day\"]"));
}

static void
test_no_money (void)
{
  g_autoptr (OkapRequest) request = load_request ("a");
  g_autoptr (OkapGrant) grant = grant_as_asked (request);
  OkapScope *scope = okap_scope_copy (g_ptr_array_index (grant->scopes, 0));
  g_autoptr (JsonNode) details = NULL;
  g_autofree char *text = NULL;

  scope->limits = (OkapLimits) { 0 };
  okap_limits_set (&scope->limits, OKAP_LIMIT_CONCURRENCY, 3);
  g_ptr_array_set_size (grant->scopes, 0);
  g_ptr_array_add (grant->scopes, scope);
  details = okap_answer_details (grant, ORIGIN);
  text = okap_json_print (details, FALSE);
  g_assert_nonnull (strstr (text, "\"limits\":{\"concurrency\":3},\"defaulted\":[],\"base_url\""));
}

static void
test_refused (void)
{
  static const struct
  {
    const char *name;
    OkapError code;
    const char *message;
  } cases[] = {
    { "user", OKAP_ERROR_USER_DENIED, "The user did not allow this" },
    { "no-key", OKAP_ERROR_NO_KEY, "no key for openai" },
    { "time", OKAP_ERROR_TIMED_OUT, "Nobody answered within 300 s" },
    { "storage", OKAP_ERROR_STORAGE, "disk I/O error in /home/me/.local/share/okap/okap.db" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, (int) cases[i].code,
                                                      cases[i].message);
      g_autofree char *a = okap_answer_format_refused (OKAP_SHAPE_A, error);
      g_autofree char *b = okap_answer_format_refused (OKAP_SHAPE_B, error);
      g_autofree char *c = okap_answer_format_refused (OKAP_SHAPE_C, error);
      g_autofree char *suffix = g_strconcat (".refused-", cases[i].name, NULL);

      assert_golden (a, "a", suffix);
      assert_golden (b, "b", suffix);
      assert_golden (c, "c", suffix);
    }
}

static void
test_error (void)
{
  g_autoptr (GError) limited = g_error_new (OKAP_ERROR, OKAP_ERROR_RATE_LIMITED,
                                            "“%s” used 60 of 60 requests", "a \"b\" \\ ä");
  g_autoptr (GError) foreign = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "/home/me/secret");
  g_autofree char *a = okap_answer_format_error (limited, OKAP_ERROR_FORM_COMMON);
  g_autofree char *b = okap_answer_format_error (foreign, OKAP_ERROR_FORM_COMMON);
  g_autofree char *numbered = okap_answer_format_error (limited, OKAP_ERROR_FORM_NUMBERED);
  g_autofree char *text = okap_answer_format_error (limited, OKAP_ERROR_FORM_TEXT);
  g_autofree char *pending = okap_answer_format_pending ("r-17", NULL);

  assert_golden (a, "error", ".rate-limited");
  assert_golden (b, "error", ".internal");
  assert_golden (numbered, "error", ".rate-limited-numbered");
  assert_golden (text, "error", ".rate-limited-text");
  assert_golden (pending, "pending", ".answer");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answer/granted", test_granted);
  g_test_add_func ("/answer/narrowed", test_narrowed);
  g_test_add_func ("/answer/changed-default", test_changed_default);
  g_test_add_func ("/answer/no-money", test_no_money);
  g_test_add_func ("/answer/refused", test_refused);
  g_test_add_func ("/answer/error", test_error);
  return g_test_run ();
}
