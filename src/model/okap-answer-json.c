/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a decision to the body of an answer, in the shape of the question (PROTOCOL section 1):
 * always what was granted, never what was asked. Any thread; touches nothing but its arguments.
 *
 * The token never enters a JSON tree or a growing buffer, which would leave copies behind: the
 * text around it is printed first, and both are joined in one allocation of the right size.
 *
 * Words for apps come from errors of our own domain that tell what the app can do about it.
 * Everything else (a damaged vault, a database, an error of a library) may name files and states
 * of this computer; the app learns only that it was Okap's fault. */
#include "config.h"

#include "okap-answer-json.h"

#include <string.h>

#include "okap-clock.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-money.h"

#define POLL_INTERVAL_S 2

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_strings (JsonBuilder *builder, const char *name, char **values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (char **value = values; *value != NULL; value++)
    json_builder_add_string_value (builder, *value);
  json_builder_end_array (builder);
}

static void
add_time (JsonBuilder *builder, const char *name, gint64 time_us)
{
  g_autofree char *text = okap_time_format_iso (time_us);

  add_string (builder, name, text);
}

static void
add_base_url (JsonBuilder *builder, const OkapScope *scope, const char *origin)
{
  g_autofree char *url = g_strconcat (origin, "/v1/", scope->provider, NULL);

  add_string (builder, "base_url", url);
}

static void
add_capabilities (JsonBuilder *builder, const OkapScope *scope)
{
  g_auto (GStrv) names = okap_capability_dup_names (scope->capabilities);

  add_strings (builder, "capabilities", names);
}

/* Beside the limits stand the names of those that Okap chose, and that money is enforced: an app
 * may rely on it. */
static void
add_limits (JsonBuilder *builder, const OkapLimits *limits)
{
  gboolean has_money = FALSE;

  json_builder_set_member_name (builder, "limits");
  json_builder_begin_object (builder);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    {
      if (!okap_limits_has (limits, i))
        continue;
      json_builder_set_member_name (builder, okap_limit_get_name (i));
      if (okap_limit_is_money (i))
        json_builder_add_double_value (builder, okap_money_to_double (limits->value[i]));
      else
        json_builder_add_int_value (builder, limits->value[i]);
      has_money |= okap_limit_is_money (i);
    }
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "defaulted");
  json_builder_begin_array (builder);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limits_has (limits, i) && (limits->defaulted & (1u << i)) != 0)
      json_builder_add_string_value (builder, okap_limit_get_name (i));
  json_builder_end_array (builder);

  if (has_money)
    {
      json_builder_set_member_name (builder, "spend_enforced");
      json_builder_add_boolean_value (builder, TRUE);
    }
}

static void
add_details (JsonBuilder *builder, const OkapGrant *grant, const char *origin)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);

      json_builder_begin_object (builder);
      add_string (builder, "type", "ai_model_access");
      add_string (builder, "provider", scope->provider);
      add_strings (builder, "models", scope->models);
      add_capabilities (builder, scope);
      add_limits (builder, &scope->limits);
      add_base_url (builder, scope, origin);
      add_time (builder, "expires", grant->expires_us);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static char *
print_builder (JsonBuilder *builder)
{
  g_autoptr (JsonNode) node = json_builder_get_root (builder);

  return okap_json_print (node, FALSE);
}

/**
 * okap_answer_details:
 * @origin: scheme, host and port under which the app reaches Okap, without a slash at the end
 *
 * Returns: (transfer full): the list `authorization_details` as granted; it holds no secret
 */
JsonNode *
okap_answer_details (const OkapGrant *grant, const char *origin)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  add_details (builder, grant, origin);
  return json_builder_get_root (builder);
}

/* The members that follow the token, as an object of their own. B and C know one provider: an
 * app that asks for several speaks A. */
static char *
print_beside_token (OkapShape shape, const OkapGrant *grant, const char *origin)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const OkapScope *first = g_ptr_array_index (grant->scopes, 0);

  json_builder_begin_object (builder);
  switch (shape)
    {
    case OKAP_SHAPE_A:
      json_builder_set_member_name (builder, "authorization_details");
      add_details (builder, grant, origin);
      break;
    case OKAP_SHAPE_B:
      add_base_url (builder, first, origin);
      add_time (builder, "expires", grant->expires_us);
      add_limits (builder, &first->limits);
      break;
    case OKAP_SHAPE_C:
      add_base_url (builder, first, origin);
      add_string (builder, "provider", first->provider);
      add_strings (builder, "models", first->models);
      add_capabilities (builder, first);
      add_limits (builder, &first->limits);
      add_time (builder, "expires_at", grant->expires_us);
      add_time (builder, "created_at", grant->created_us);
      break;
    default:
      g_assert_not_reached ();
    }
  json_builder_end_object (builder);
  return print_builder (builder);
}

/**
 * okap_answer_format_granted:
 * @shape: of the request
 * @grant: with at least one scope
 * @token: of characters that JSON need not escape, as okap_token_mint() makes them
 * @origin: as for okap_answer_details()
 *
 * Returns: (transfer full): the body of the answer. It holds the token: free it with
 *   okap_wipe_string(), and wipe what you copy from it.
 */
char *
okap_answer_format_granted (OkapShape shape, const OkapGrant *grant, const OkapSecret *token,
                            const char *origin)
{
  g_autofree char *beside = NULL;
  const char *head = shape == OKAP_SHAPE_C
                       ? "{\"okap\":\"1.0\",\"approved\":true,\"token\":{\"token\":\""
                       : "{\"okap\":\"1.0\",\"status\":\"granted\",\"token\":\"";

  g_return_val_if_fail (grant->scopes->len > 0, NULL);
  g_return_val_if_fail (strpbrk (okap_secret_get_text (token), "\"\\") == NULL, NULL);

  beside = print_beside_token (shape, grant, origin);
  return g_strconcat (head, okap_secret_get_text (token), "\",", beside + 1,
                      shape == OKAP_SHAPE_C ? "}" : "", NULL);
}

/* What an app may read of @error. */
static const char *
get_words (const GError *error)
{
  static const char *const ours = "Okap could not do this because of a fault of its own; "
                                  "its user finds more in its log";

  if (error->domain != OKAP_ERROR)
    return ours;
  switch (error->code)
    {
    case OKAP_ERROR_INTERNAL:
    case OKAP_ERROR_STORAGE:
    case OKAP_ERROR_VAULT_DAMAGED:
    case OKAP_ERROR_VAULT_NEWER:
    case OKAP_ERROR_VAULT_HOSTILE:
      return ours;
    default:
      return error->message;
    }
}

/**
 * okap_answer_format_refused:
 * @shape: of the request
 * @error: why it was not granted
 *
 * Returns: (transfer full): the body of the answer to a request that was understood
 */
char *
okap_answer_format_refused (OkapShape shape, const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "okap", "1.0");
  if (shape == OKAP_SHAPE_C)
    {
      json_builder_set_member_name (builder, "approved");
      json_builder_add_boolean_value (builder, FALSE);
      add_string (builder, "error", get_words (error));
      add_string (builder, "error_code", okap_error_get_wire_name (error));
    }
  else
    {
      add_string (builder, "status", "denied");
      add_string (builder, "reason", get_words (error));
    }
  json_builder_end_object (builder);
  return print_builder (builder);
}

/**
 * okap_answer_format_pending:
 * @match_code: (nullable): two digits that the dialog shows, for the app to show them, too
 *
 * Returns: (transfer full): the body for an app that does not wait (PROTOCOL section 2)
 */
char *
okap_answer_format_pending (const char *request_id, const char *match_code)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *poll = g_strconcat ("/okap/requests/", request_id, NULL);

  json_builder_begin_object (builder);
  add_string (builder, "okap", "1.0");
  add_string (builder, "status", "pending");
  add_string (builder, "request_id", request_id);
  add_string (builder, "poll", poll);
  json_builder_set_member_name (builder, "interval");
  json_builder_add_int_value (builder, POLL_INTERVAL_S);
  if (match_code != NULL)
    add_string (builder, "match_code", match_code);
  json_builder_end_object (builder);
  return print_builder (builder);
}

/** okap_answer_get_rpc_status: (transfer none): what Google's APIs call a status */
const char *
okap_answer_get_rpc_status (guint http_status)
{
  static const struct
  {
    guint status;
    const char *name;
  } names[] = {
    { 400, "INVALID_ARGUMENT" }, { 401, "UNAUTHENTICATED" }, { 402, "FAILED_PRECONDITION" },
    { 403, "PERMISSION_DENIED" }, { 404, "NOT_FOUND" }, { 413, "OUT_OF_RANGE" },
    { 429, "RESOURCE_EXHAUSTED" }, { 502, "UNAVAILABLE" }, { 503, "UNAVAILABLE" },
    { 504, "DEADLINE_EXCEEDED" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].status == http_status)
      return names[i].name;
  return http_status < 500 ? "FAILED_PRECONDITION" : "INTERNAL";
}

static void
add_error_object (JsonBuilder *builder, const GError *error, gboolean numbered)
{
  const char *name = okap_error_get_wire_name (error);

  json_builder_begin_object (builder);
  add_string (builder, "type", name);
  json_builder_set_member_name (builder, "code");
  if (numbered)
    json_builder_add_int_value (builder, okap_error_get_http_status (error));
  else
    json_builder_add_string_value (builder, name);
  add_string (builder, "message", get_words (error));
  if (numbered)
    add_string (builder, "status", okap_answer_get_rpc_status (okap_error_get_http_status (error)));
  else
    {
      json_builder_set_member_name (builder, "param");
      json_builder_add_null_value (builder);
    }
  json_builder_end_object (builder);
}

/**
 * okap_answer_format_error:
 * @form: what the reader at the other end understands; the common one is understood by nearly
 *   every SDK (PROTOCOL section 3)
 *
 * Returns: (transfer full): the body; the status is okap_error_get_http_status()
 */
char *
okap_answer_format_error (const GError *error, OkapErrorForm form)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const char *words = get_words (error);

  json_builder_begin_object (builder);
  add_string (builder, "type", "error");
  json_builder_set_member_name (builder, "error");
  if (form == OKAP_ERROR_FORM_TEXT)
    json_builder_add_string_value (builder, words);
  else
    add_error_object (builder, error, form == OKAP_ERROR_FORM_NUMBERED);
  add_string (builder, "message", words);
  add_string (builder, "detail", words);
  json_builder_end_object (builder);
  return print_builder (builder);
}
