/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error domain, and the one table from a code to what it is called elsewhere: the name on
 * the wire (PROTOCOL section 3), the HTTP status, and whether repeating the same call may help. */
#include "config.h"

#include "okap-error.h"

typedef struct
{
  OkapError code;
  const char *wire_name;
  guint http_status;
  gboolean retryable;
} Row;

static const Row rows[] = {
  { OKAP_ERROR_INTERNAL, "internal_error", 500, TRUE },
  { OKAP_ERROR_INVALID_REQUEST, "invalid_request", 400, FALSE },
  { OKAP_ERROR_TOO_LARGE, "invalid_request", 413, FALSE },
  { OKAP_ERROR_NOT_FOUND, "not_found", 404, FALSE },
  { OKAP_ERROR_METHOD_NOT_ALLOWED, "method_not_allowed", 405, FALSE },
  { OKAP_ERROR_UPGRADE_REFUSED, "upgrade_refused", 426, FALSE },
  { OKAP_ERROR_ORIGIN_REFUSED, "origin_not_allowed", 403, FALSE },
  { OKAP_ERROR_BUSY, "busy", 503, TRUE },
  { OKAP_ERROR_CONFLICT, "conflict", 409, FALSE },
  { OKAP_ERROR_INVALID_TOKEN, "invalid_token", 401, FALSE },
  { OKAP_ERROR_TOKEN_REVOKED, "token_revoked", 401, FALSE },
  { OKAP_ERROR_TOKEN_EXPIRED, "token_expired", 401, FALSE },
  { OKAP_ERROR_TOKEN_PAUSED, "token_paused", 403, FALSE },
  { OKAP_ERROR_WRONG_PROGRAM, "wrong_program", 403, FALSE },
  { OKAP_ERROR_PROVIDER_NOT_ALLOWED, "provider_not_allowed", 403, FALSE },
  { OKAP_ERROR_MODEL_NOT_ALLOWED, "model_not_allowed", 403, FALSE },
  { OKAP_ERROR_CAPABILITY_NOT_ALLOWED, "capability_not_allowed", 403, FALSE },
  { OKAP_ERROR_ENDPOINT_NOT_ALLOWED, "endpoint_not_allowed", 403, FALSE },
  { OKAP_ERROR_MODEL_UNKNOWN, "model_unknown", 403, FALSE },
  { OKAP_ERROR_PRICE_UNKNOWN, "price_unknown", 403, FALSE },
  { OKAP_ERROR_SPEND_LIMIT_REACHED, "spend_limit_reached", 402, FALSE },
  { OKAP_ERROR_RATE_LIMITED, "rate_limited", 429, TRUE },
  { OKAP_ERROR_VAULT_LOCKED, "vault_locked", 423, TRUE },
  { OKAP_ERROR_RESTRICTED, "restricted", 423, TRUE },
  { OKAP_ERROR_UPSTREAM_UNREACHABLE, "upstream_unreachable", 502, TRUE },
  { OKAP_ERROR_UPSTREAM_TIMEOUT, "upstream_timeout", 504, TRUE },
  { OKAP_ERROR_USER_DENIED, "user_denied", 200, FALSE },
  { OKAP_ERROR_POLICY_DENIED, "policy_denied", 200, FALSE },
  { OKAP_ERROR_NO_KEY, "no_key", 200, FALSE },
  { OKAP_ERROR_NO_PROMPTER, "no_display", 200, FALSE },
  { OKAP_ERROR_TIMED_OUT, "timed_out", 200, FALSE },
  { OKAP_ERROR_CALLER_GONE, "caller_gone", 499, FALSE },
  { OKAP_ERROR_THROTTLED, "throttled", 429, TRUE },
  { OKAP_ERROR_BLOCKED, "blocked", 200, FALSE },
  { OKAP_ERROR_SESSION_ENDING, "session_ending", 200, FALSE },
  { OKAP_ERROR_CODE_UNKNOWN, "invalid_code", 400, FALSE },
  { OKAP_ERROR_CODE_USED, "code_used", 400, FALSE },
  { OKAP_ERROR_CODE_EXPIRED, "code_expired", 400, FALSE },
  { OKAP_ERROR_CODE_VERIFIER, "wrong_verifier", 400, FALSE },
  { OKAP_ERROR_NO_VAULT, "no_vault", 409, FALSE },
  { OKAP_ERROR_VAULT_EXISTS, "vault_exists", 409, FALSE },
  { OKAP_ERROR_WRONG_PASSPHRASE, "wrong_passphrase", 403, FALSE },
  { OKAP_ERROR_VAULT_DAMAGED, "vault_damaged", 500, FALSE },
  { OKAP_ERROR_VAULT_NEWER, "vault_newer", 500, FALSE },
  { OKAP_ERROR_VAULT_HOSTILE, "vault_hostile", 500, FALSE },
  { OKAP_ERROR_KEYRING, "keyring_error", 503, TRUE },
  { OKAP_ERROR_STORAGE, "storage_error", 500, TRUE },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) == OKAP_N_ERRORS);

/* G_DEFINE_QUARK() sets its variable from whichever threads come first, without any order. */
GQuark
okap_error_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("okap-error-quark"));
  return (GQuark) quark;
}

static const Row *
find_row (const GError *error)
{
  g_return_val_if_fail (error != NULL, &rows[OKAP_ERROR_INTERNAL]);

  if (error->domain != OKAP_ERROR || error->code < 0 || error->code >= OKAP_N_ERRORS)
    return &rows[OKAP_ERROR_INTERNAL];
  g_assert ((int) rows[error->code].code == error->code);
  return &rows[error->code];
}

/**
 * okap_error_get_wire_name:
 * @error: any error; one of another domain counts as internal
 *
 * Returns: (transfer none): the name that goes into `error.type` of an answer
 */
const char *
okap_error_get_wire_name (const GError *error)
{
  return find_row (error)->wire_name;
}

/**
 * okap_error_get_http_status:
 * @error: any error
 *
 * Returns: the status of an HTTP answer that reports @error. A consent that was refused is 200:
 *   the question was answered (PROTOCOL section 1).
 */
guint
okap_error_get_http_status (const GError *error)
{
  return find_row (error)->http_status;
}

/**
 * okap_error_is_retryable:
 * @error: any error
 *
 * Returns: whether the same call may succeed later; if not, answers carry
 *   `x-should-retry: false` (PROTOCOL section 3)
 */
gboolean
okap_error_is_retryable (const GError *error)
{
  return find_row (error)->retryable;
}
