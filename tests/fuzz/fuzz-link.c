/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a link, and, since few mutations survive base64, as the body and as the callback of
 * one. What must hold: it is refused with a named error, or its answer goes to a place that the
 * rules allow, whatever the state, and can be read there. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-challenge.h"
#include "okap-error.h"
#include "okap-fuzz.h"
#include "okap-link-parse.h"

#define NOW_US G_GINT64_CONSTANT (1795428000000000)  /* 2026-11-23 10:00 UTC */

static void
check_error (const GError *error)
{
  g_assert_true (error->domain == OKAP_ERROR);
  g_assert_cmpstr (okap_error_get_wire_name (error), ==, "invalid_request");
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
check_callback (const OkapCallback *callback, const char *state)
{
  g_autofree char *answer = okap_callback_dup_answer (callback, "code", "okapcode_x", state);
  g_autoptr (GUri) uri = g_uri_parse (answer, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GUri) before = g_uri_parse (callback->uri, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GHashTable) params = NULL;

  g_assert_nonnull (uri);
  g_assert_cmpstr (g_uri_get_scheme (uri), ==, g_uri_get_scheme (before));
  g_assert_cmpstr (g_uri_get_host (uri), ==, g_uri_get_host (before));
  g_assert_cmpint (g_uri_get_port (uri), ==, g_uri_get_port (before));
  g_assert_null (g_uri_get_fragment (uri));
  g_assert_null (g_uri_get_userinfo (uri));
  switch (callback->kind)
    {
    case OKAP_CALLBACK_LOOPBACK:
      g_assert_true (g_strcmp0 (g_uri_get_host (uri), "127.0.0.1") == 0
                     || g_strcmp0 (g_uri_get_host (uri), "::1") == 0
                     || g_strcmp0 (g_uri_get_host (uri), "localhost") == 0);
      g_assert_cmpint (g_uri_get_port (uri), ==, callback->port);
      break;
    case OKAP_CALLBACK_WEBSITE:
      g_assert_true (g_str_has_prefix (callback->origin, "https://"));
      break;
    case OKAP_CALLBACK_PRIVATE:
    default:
      g_assert_nonnull (strchr (g_uri_get_scheme (uri), '.'));
      break;
    }
  params = g_uri_parse_params (strchr (answer, '?') + 1, -1, "&", G_URI_PARAMS_NONE, NULL);
  if (params == NULL)
    return;  /* what the app wrote before is not ours to judge */
  g_assert_cmpstr (g_hash_table_lookup (params, "code"), ==, "okapcode_x");
  g_assert_cmpstr (g_hash_table_lookup (params, "state"), ==, state);
}

static void
check_link (const char *uri)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapLink) link = okap_link_parse (uri, NOW_US, &error);
  guint8 hash[OKAP_CHALLENGE_BYTES];

  if (link == NULL)
    {
      check_error (error);
      return;
    }
  g_assert_cmpuint (strlen (uri), <=, OKAP_CAP_LINK_BYTES);
  g_assert_true (okap_challenge_parse (link->request->code_challenge, hash));
  check_callback (link->callback, link->request->state);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *encoded = g_base64_encode (data, size);
  g_autofree char *link = g_strconcat ("okap://request?data=", g_strdelimit (encoded, "+", '-'),
                                       NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapCallback) callback = okap_callback_parse (text, &error);

  check_link (text);
  check_link (g_strdelimit (link + strlen ("okap://request?data="), "/", '_')
              - strlen ("okap://request?data="));
  if (callback != NULL)
    check_callback (callback, "a b&c=d#");
  else
    check_error (error);
  return 0;
}
