/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-bus-options.h"
#include "okap-bus-outcome.h"
#include "okap-caps.h"
#include "okap-error.h"

#include <string.h>

#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  /* RFC 7636, appendix B */

static OkapBusOptions *
parse (const char *text, GError **error)
{
  g_autoptr (GVariant) dict = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  g_assert_nonnull (dict);
  return okap_bus_options_parse (dict, error);
}

static void
test_good (void)
{
  static const struct
  {
    const char *text;
    const char *token;
    guint timeout_s;
    gboolean interactive;
    gboolean s256;
  } rows[] = {
    { "", NULL, 300, TRUE, TRUE },
    { ", 'handle_token': <'a_B9'>", "a_B9", 300, TRUE, TRUE },
    { ", 'timeout': <uint32 0>", NULL, 30, TRUE, TRUE },
    { ", 'timeout': <uint32 29>", NULL, 30, TRUE, TRUE },
    { ", 'timeout': <uint32 31>", NULL, 31, TRUE, TRUE },
    { ", 'timeout': <uint32 600>", NULL, 600, TRUE, TRUE },
    { ", 'timeout': <uint32 4294967295>", NULL, 600, TRUE, TRUE },
    { ", 'interactive': <false>", NULL, 300, FALSE, TRUE },
    { ", 'code_challenge_method': <'S256'>", NULL, 300, TRUE, TRUE },
    { ", 'code_challenge_method': <'plain'>", NULL, 300, TRUE, FALSE },
    { ", 'later': <(1, 'ignored')>", NULL, 300, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf ("{'code_challenge': <'" CHALLENGE "'>%s}",
                                               rows[i].text);
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapBusOptions) options = parse (text, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (options->code_challenge, ==, CHALLENGE);
      g_assert_cmpstr (options->handle_token, ==, rows[i].token);
      g_assert_cmpuint (options->timeout_s, ==, rows[i].timeout_s);
      g_assert_cmpint (options->interactive, ==, rows[i].interactive);
      g_assert_cmpint (options->s256, ==, rows[i].s256);
    }
}

static void
test_bad (void)
{
  static const char * const rows[] = {
    "@a{sv} {}",
    "{'code_challenge': <''>}",
    "{'code_challenge': <'" CHALLENGE "='>}",
    "{'code_challenge': <uint32 1>}",
    "{'code_challenge': <'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN'>}",  /* bits beyond 256 */
    "{'code_challenge': <'" CHALLENGE "'>, 'handle_token': <''>}",
    "{'code_challenge': <'" CHALLENGE "'>, 'handle_token': <'a.b'>}",
    "{'code_challenge': <'" CHALLENGE "'>, 'handle_token': <'../b'>}",
    "{'code_challenge': <'" CHALLENGE "'>, 'timeout': <60>}",
    "{'code_challenge': <'" CHALLENGE "'>, 'timeout': <uint64 60>}",
    "{'code_challenge': <'" CHALLENGE "'>, 'interactive': <uint32 1>}",
    "{'code_challenge': <'" CHALLENGE "'>, 'activation_token': <@ay []>}",
    "{'code_challenge': <'" CHALLENGE "'>, 'code_challenge_method': <1>}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (rows[i], &error));
      g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
    }
}

static void
test_path (void)
{
  g_autofree char *path = okap_bus_dup_request_path (":1.42", "t_0");
  g_autofree char *odd = okap_bus_dup_request_path (":1.2-x.3", "t");

  g_assert_cmpstr (path, ==, "/com/example/Okap/request/1_42/t_0");
  g_assert_true (g_variant_is_object_path (odd));
}

/* Each error of ours has a code and a reason that the interface names. */
static void
test_outcomes (void)
{
  static const char * const policy[] = {
    "throttled", "blocked", "locked", "invalid", "no_display", "no_key", "no_vault",
    "unsupported", "internal_error", NULL
  };
  static const char * const ended[] = { "timed_out", "closed", "session_ending", NULL };

  for (guint i = 0; i < OKAP_N_ERRORS; i++)
    {
      g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, (int) i, "Secret place: /x");
      g_autoptr (OkapBusOutcome) outcome = okap_bus_outcome_new_failed (error, 0);
      const char *reason = NULL;
      const char *message = NULL;

      g_assert_true (g_variant_lookup (outcome->results, "reason", "&s", &reason));
      g_assert_true (g_variant_lookup (outcome->results, "message", "&s", &message));
      g_assert_false (g_variant_lookup (outcome->results, "code", "s", NULL));
      switch (outcome->code)
        {
        case OKAP_BUS_REFUSED:
          g_assert_cmpstr (reason, ==, "user_denied");
          break;
        case OKAP_BUS_ENDED:
          g_assert_true (g_strv_contains (ended, reason));
          break;
        case OKAP_BUS_POLICY:
          g_assert_true (g_strv_contains (policy, reason));
          if (strcmp (reason, "internal_error") == 0)
            g_assert_null (strstr (message, "Secret place"));
          break;
        case OKAP_BUS_GRANTED:
        default:
          g_assert_not_reached ();
        }
    }
}

static void
test_retry_after (void)
{
  g_autoptr (GError) throttled = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_THROTTLED, "Later.");
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "/x");
  g_autoptr (OkapBusOutcome) known = okap_bus_outcome_new_failed (throttled, 61);
  g_autoptr (OkapBusOutcome) guessed = okap_bus_outcome_new_failed (throttled, 0);
  g_autoptr (OkapBusOutcome) fault = okap_bus_outcome_new_failed (foreign, 0);
  guint32 seconds = 0;

  g_assert_true (g_variant_lookup (known->results, "retry_after", "u", &seconds));
  g_assert_cmpuint (seconds, ==, 61);
  g_assert_true (g_variant_lookup (guessed->results, "retry_after", "u", &seconds));
  g_assert_cmpuint (seconds, >, 0);
  g_assert_cmpint (fault->code, ==, OKAP_BUS_POLICY);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bus-options/good", test_good);
  g_test_add_func ("/bus-options/bad", test_bad);
  g_test_add_func ("/bus-options/path", test_path);
  g_test_add_func ("/bus-options/outcomes", test_outcomes);
  g_test_add_func ("/bus-options/retry-after", test_retry_after);
  return g_test_run ();
}
