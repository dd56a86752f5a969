/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Response says. Pure functions, and the one table from an error to a code and a reason.
 *
 * A token never comes here: what is granted is told with a one-time code, because every program of
 * the user can read along. Errors that are none of the table's may name files and states of this
 * computer; the app learns only that it was Okap's fault. */
#include "config.h"

#include "okap-bus-outcome.h"

#include "okap-answer-json.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-json.h"

typedef struct
{
  OkapError error;
  OkapBusCode code;
  const char *reason;
} Row;

static const Row rows[] = {
  { OKAP_ERROR_USER_DENIED, OKAP_BUS_REFUSED, "user_denied" },
  { OKAP_ERROR_TIMED_OUT, OKAP_BUS_ENDED, "timed_out" },
  { OKAP_ERROR_CALLER_GONE, OKAP_BUS_ENDED, "closed" },
  { OKAP_ERROR_SESSION_ENDING, OKAP_BUS_ENDED, "session_ending" },
  { OKAP_ERROR_THROTTLED, OKAP_BUS_POLICY, "throttled" },
  { OKAP_ERROR_BUSY, OKAP_BUS_POLICY, "throttled" },
  { OKAP_ERROR_BLOCKED, OKAP_BUS_POLICY, "blocked" },
  { OKAP_ERROR_POLICY_DENIED, OKAP_BUS_POLICY, "unsupported" },
  { OKAP_ERROR_VAULT_LOCKED, OKAP_BUS_POLICY, "locked" },
  { OKAP_ERROR_WRONG_PASSPHRASE, OKAP_BUS_POLICY, "locked" },
  { OKAP_ERROR_INVALID_REQUEST, OKAP_BUS_POLICY, "invalid" },
  { OKAP_ERROR_TOO_LARGE, OKAP_BUS_POLICY, "invalid" },
  { OKAP_ERROR_NO_PROMPTER, OKAP_BUS_POLICY, "no_display" },
  { OKAP_ERROR_NO_KEY, OKAP_BUS_POLICY, "no_key" },
  { OKAP_ERROR_NO_VAULT, OKAP_BUS_POLICY, "no_vault" },
};

#define RETRY_AFTER_S 10  /* where it is not known better */

static OkapBusOutcome *
make (OkapBusCode code, GVariantDict *results)
{
  OkapBusOutcome *outcome = g_new (OkapBusOutcome, 1);

  outcome->code = code;
  outcome->results = g_variant_ref_sink (g_variant_dict_end (results));
  return outcome;
}

static OkapBusOutcome *
make_refusal (OkapBusCode code, const char *reason, const char *message, guint retry_after_s)
{
  g_auto (GVariantDict) results = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&results, "reason", "s", reason);
  g_variant_dict_insert (&results, "message", "s", message);
  if (retry_after_s > 0)
    g_variant_dict_insert (&results, "retry_after", "u", retry_after_s);
  return make (code, &results);
}

/**
 * okap_bus_outcome_new_granted:
 * @code: one-time, just issued
 * @origin: "http://127.0.0.1:6527"
 * @socket: path of the Unix socket
 */
OkapBusOutcome *
okap_bus_outcome_new_granted (const OkapGrant *grant, const char *code, const char *origin,
                              const char *socket)
{
  g_auto (GVariantDict) results = G_VARIANT_DICT_INIT (NULL);
  g_auto (GVariantDict) redeem = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (JsonNode) node = okap_answer_details (grant, origin);
  g_autofree char *details = okap_json_print (node, FALSE);
  g_autofree char *url = g_strconcat (origin, "/okap/redeem", NULL);

  g_variant_dict_insert (&redeem, "socket", "s", socket);
  g_variant_dict_insert (&redeem, "url", "s", url);
  g_variant_dict_insert (&results, "grant_id", "s", grant->id);
  g_variant_dict_insert (&results, "authorization_details", "s", details);
  g_variant_dict_insert (&results, "code", "s", code);
  g_variant_dict_insert (&results, "expires_in", "u", (guint32) OKAP_CAP_CODE_S);
  g_variant_dict_insert_value (&results, "redeem", g_variant_dict_end (&redeem));
  return make (OKAP_BUS_GRANTED, &results);
}

/** okap_bus_outcome_new_failed: @retry_after_s: 0: not known better */
OkapBusOutcome *
okap_bus_outcome_new_failed (const GError *error, guint retry_after_s)
{
  if (retry_after_s == 0 && okap_error_is_retryable (error))
    retry_after_s = RETRY_AFTER_S;
  if (error->domain == OKAP_ERROR)
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      if ((int) rows[i].error == error->code)
        return make_refusal (rows[i].code, rows[i].reason, error->message, retry_after_s);
  return make_refusal (OKAP_BUS_POLICY, "internal_error",
                       "Okap had a fault of its own; nothing was granted. Ask again later.",
                       retry_after_s);
}

/** okap_bus_outcome_new_ended: without a decision, and by no error */
OkapBusOutcome *
okap_bus_outcome_new_ended (const char *reason, const char *message)
{
  return make_refusal (OKAP_BUS_ENDED, reason, message, 0);
}

void
okap_bus_outcome_free (OkapBusOutcome *outcome)
{
  g_variant_unref (outcome->results);
  g_free (outcome);
}
