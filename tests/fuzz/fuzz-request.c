/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the body of a request. What must hold: it is refused with a named error whose
 * message is text, or what comes out keeps every bound that the rest of Okap relies on, and the
 * answer to it is JSON. */
#include "config.h"

#include <string.h>

#include "okap-answer-json.h"
#include "okap-caps.h"
#include "okap-challenge.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-fuzz.h"
#include "okap-json.h"
#include "okap-provider.h"
#include "okap-request-json.h"
#include "okap-text.h"

#define NOW_US G_GINT64_CONSTANT (1795428000000000)  /* 2026-11-23 10:00 UTC */

static void
assert_clean (const char *text, glong most_chars)
{
  g_autofree char *clean = okap_text_clean (text, strlen (text));

  g_assert_cmpstr (text, ==, clean);
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, most_chars);
}

static void
check_scope (const OkapScope *scope)
{
  g_assert_true (okap_provider_id_is_valid (scope->provider));
  g_assert_cmpint (scope->capabilities, !=, OKAP_CAPABILITY_NONE);
  g_assert_cmpuint (g_strv_length (scope->models), <=, OKAP_CAP_REQUEST_MODELS);
  for (char **model = scope->models; *model != NULL; model++)
    {
      assert_clean (*model, OKAP_CAP_MODEL_BYTES);
      g_assert_cmpstr (*model, !=, "*");
      g_assert_cmpstr (*model, !=, "");
    }
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limits_has (&scope->limits, i))
      g_assert_true (scope->limits.value[i] >= 0
                     && scope->limits.value[i] <= okap_limit_get_most (i));
  for (guint i = OKAP_LIMIT_MONTHLY_SPEND; i <= OKAP_LIMIT_DAILY_SPEND; i++)
    g_assert_true (okap_limits_has (&scope->limits, i));
}

static void
check_request (const OkapRequest *request)
{
  guint8 hash[OKAP_CHALLENGE_BYTES];

  g_assert_cmpuint (request->scopes->len, >=, 1);
  g_assert_cmpuint (request->scopes->len, <=, OKAP_CAP_REQUEST_ENTRIES);
  for (guint i = 0; i < request->scopes->len; i++)
    check_scope (g_ptr_array_index (request->scopes, i));
  g_assert_cmpint (request->expires_us, >, NOW_US);
  g_assert_cmpint (request->expires_us, <, NOW_US + 3654 * OKAP_DAY_US);
  assert_clean (request->app_name, OKAP_CAP_NAME_CHARS);
  assert_clean (request->reason, OKAP_CAP_REASON_CHARS);
  assert_clean (request->app_url, OKAP_CAP_URL_BYTES);
  assert_clean (request->callback, OKAP_CAP_URL_BYTES);
  g_assert_true (request->state == NULL || strlen (request->state) <= OKAP_CAP_STATE_BYTES);
  g_assert_true (request->code_challenge == NULL
                 || okap_challenge_parse (request->code_challenge, hash));
  g_assert_true (request->bind_program == NULL || *request->bind_program == '/');
  g_assert_false (request->portable && request->bind_program != NULL);
}

static void
check_answer (const OkapRequest *request)
{
  static const char token_text[] = "okap_0123456789abcdefghijklmnopqrstuvwxyz-_ABCDEFGHIJKL";
  g_autoptr (OkapSecret) token = okap_secret_new_from_string (token_text);
  g_autoptr (OkapGrant) grant = okap_grant_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < request->scopes->len; i++)
    g_ptr_array_add (grant->scopes, okap_scope_ref (g_ptr_array_index (request->scopes, i)));
  grant->expires_us = request->expires_us;
  text = okap_answer_format_granted (request->shape, grant, token, "http://127.0.0.1:6527");
  node = okap_json_parse_strict (text, strlen (text), OKAP_CAP_REQUEST_DEPTH, NULL);
  g_assert_nonnull (node);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapRequest) request = okap_request_parse ((const char *) data, size, NOW_US, &error);

  if (request == NULL)
    {
      g_autofree char *text = okap_answer_format_error (error, OKAP_ERROR_FORM_COMMON);
      g_autoptr (JsonNode) node = okap_json_parse_strict (text, strlen (text), 4, NULL);

      g_assert_nonnull (node);
      g_assert_true (error->domain == OKAP_ERROR);
      g_assert_cmpstr (okap_error_get_wire_name (error), ==, "invalid_request");
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  check_request (request);
  check_answer (request);
  return 0;
}
