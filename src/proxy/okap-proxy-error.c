/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of the proxy on the wire: before the head as a whole answer (PROTOCOL section 3, which
 * the HTTP front writes), in a running stream in the stream's own form, so that the app's SDK
 * reports them instead of a broken connection. */
#include "config.h"

#include "okap-proxy-error.h"

#include "okap-answer-json.h"
#include "okap-json.h"

/** okap_proxy_error_for_cut: (transfer full): what an app is told whose request was stopped */
GError *
okap_proxy_error_for_cut (OkapError why)
{
  const char *words;

  switch ((int) why)
    {
    case OKAP_ERROR_TOKEN_REVOKED:
      words = "This app's access was revoked while the request ran. Ask for access again";
      break;
    case OKAP_ERROR_TOKEN_EXPIRED:
      words = "This app's access expired while the request ran. Ask for access again";
      break;
    case OKAP_ERROR_TOKEN_PAUSED:
      words = "The user paused this app, or all apps, while the request ran. Okap can resume it";
      break;
    case OKAP_ERROR_VAULT_LOCKED:
      words = "The vault was locked while the request ran. Unlock it in Okap, then try again";
      break;
    default:
      words = "The request was stopped";
      break;
    }
  return g_error_new_literal (OKAP_ERROR, (int) why, words);
}

/** okap_proxy_error_sign: makes the message say who speaks; apps show it beside a provider's own */
void
okap_proxy_error_sign (GError *error)
{
  g_autofree char *message = NULL;

  if (g_str_has_prefix (error->message, "Okap"))
    return;
  message = error->message;
  error->message = g_strconcat ("Okap: ", message, NULL);
}

/**
 * okap_proxy_error_refuse:
 * @error: signed here
 * @retry_after_s: 0 if it is not known
 * @provider: (nullable): whose form of errors it gets
 * @path: below the provider's part
 *
 * Answers an exchange that has no head yet.
 */
void
okap_proxy_error_refuse (OkapHttpExchange *exchange, GError *error, guint retry_after_s,
                         const OkapProvider *provider, const char *path)
{
  /* PROTOCOL section 3 promises a Retry-After for these. */
  if (retry_after_s == 0 && g_error_matches (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED))
    retry_after_s = 5;
  else if (retry_after_s == 0 && g_error_matches (error, OKAP_ERROR, OKAP_ERROR_BUSY))
    retry_after_s = 1;
  okap_proxy_error_sign (error);
  okap_http_exchange_refuse_as (exchange, error, retry_after_s,
                                provider != NULL ? okap_provider_get_error_form (provider, path)
                                                 : OKAP_ERROR_FORM_COMMON);
}

static JsonObject *
new_error_object (const GError *error, gboolean numbered)
{
  JsonObject *object = json_object_new ();
  guint status = okap_error_get_http_status (error);

  if (numbered)
    json_object_set_int_member (object, "code", status);
  else
    json_object_set_string_member (object, "code", okap_error_get_wire_name (error));
  json_object_set_string_member (object, "type", okap_error_get_wire_name (error));
  json_object_set_string_member (object, "message", error->message);
  if (numbered)
    json_object_set_string_member (object, "status", okap_answer_get_rpc_status (status));
  else
    json_object_set_null_member (object, "param");
  return object;
}

/* A last chunk of chat completions that has the error, as OpenRouter sends it: its package checks
 * each chunk against a schema. */
static void
fill_chunk (JsonObject *object, const GError *error, const char *model)
{
  JsonObject *choice = json_object_new ();
  JsonObject *delta = json_object_new ();
  JsonArray *choices = json_array_new ();

  json_object_set_string_member (delta, "role", "assistant");
  json_object_set_string_member (delta, "content", "");
  json_object_set_int_member (choice, "index", 0);
  json_object_set_object_member (choice, "delta", delta);
  json_object_set_string_member (choice, "finish_reason", "error");
  json_array_add_object_element (choices, choice);

  json_object_set_string_member (object, "id", "okap");
  json_object_set_string_member (object, "object", "chat.completion.chunk");
  json_object_set_int_member (object, "created", g_get_real_time () / G_USEC_PER_SEC);
  json_object_set_string_member (object, "model", model != NULL ? model : "");
  json_object_set_array_member (object, "choices", choices);
  json_object_set_object_member (object, "error", new_error_object (error, TRUE));
}

/* The end of an answer of Cohere: its second version streams events, its first lines. */
static void
fill_cohere (JsonObject *object, const GError *error, OkapFraming framing)
{
  JsonObject *inner = json_object_new ();

  json_object_set_string_member (inner, "finish_reason", "ERROR");
  if (framing == OKAP_FRAMING_SSE)
    {
      json_object_set_string_member (object, "type", "message-end");
      json_object_set_string_member (inner, "error", error->message);
      json_object_set_object_member (object, "delta", inner);
      return;
    }
  json_object_set_string_member (object, "event_type", "stream-end");
  json_object_set_boolean_member (object, "is_finished", TRUE);
  json_object_set_string_member (object, "finish_reason", "ERROR");
  json_object_set_string_member (inner, "text", error->message);
  json_object_set_object_member (object, "response", inner);
}

/* An event of Google's interactions. */
static void
fill_interaction (JsonObject *object, const GError *error)
{
  JsonObject *inner = json_object_new ();

  json_object_set_string_member (object, "event_type", "error");
  json_object_set_string_member (inner, "code", okap_error_get_wire_name (error));
  json_object_set_string_member (inner, "message", error->message);
  json_object_set_object_member (object, "error", inner);
}

/* The object as one line of JSON. */
static char *
format_object (const GError *error, OkapMeterKind kind, OkapFraming framing, OkapErrorForm form,
               const char *model)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  gboolean google = kind == OKAP_METER_GOOGLE_GENERATE;

  if (kind == OKAP_METER_OLLAMA)
    json_object_set_string_member (object, "error", error->message);
  else if (kind == OKAP_METER_COHERE)
    fill_cohere (object, error, framing);
  else if (kind == OKAP_METER_GOOGLE_INTERACTIONS)
    fill_interaction (object, error);
  else if (kind == OKAP_METER_OPENAI_CHAT && form == OKAP_ERROR_FORM_NUMBERED)
    fill_chunk (object, error, model);
  else
    {
      if (!google)
        json_object_set_string_member (object, "type", "error");
      json_object_set_object_member (object, "error", new_error_object (error, google));
      /* Cerebras' package looks for it here. */
      if (kind == OKAP_METER_OPENAI_CHAT)
        json_object_set_int_member (object, "status_code", okap_error_get_http_status (error));
      if (kind == OKAP_METER_OPENAI_RESPONSES)
        {
          json_object_set_string_member (object, "code", okap_error_get_wire_name (error));
          json_object_set_string_member (object, "message", error->message);
          json_object_set_null_member (object, "param");
          /* Nobody reads it, but OpenRouter's package wants an integer. */
          json_object_set_int_member (object, "sequence_number", 0);
        }
    }
  json_node_set_object (node, object);
  return okap_json_print (node, FALSE);
}

/**
 * okap_proxy_error_format_end:
 * @meter: that has seen all of the stream so far
 * @is_between: what the app has of it ends between two parts
 * @joint: what stands before an element of Gemini's array: "[", "" or ","
 * @form: of the provider's errors
 * @model: (nullable): that was asked
 *
 * Returns: (transfer full) (nullable): bytes that end the stream with @error; NULL if the answer
 *   is no stream, or stands where nothing can be said any more
 */
char *
okap_proxy_error_format_end (const GError *error, const OkapMeter *meter, OkapMeterKind kind,
                             gboolean is_between, const char *joint, OkapErrorForm form,
                             const char *model)
{
  g_autofree char *object = format_object (error, kind, meter->framing, form, model);
  gboolean named = kind == OKAP_METER_ANTHROPIC_MESSAGES || kind == OKAP_METER_OPENAI_RESPONSES
                   || kind == OKAP_METER_GOOGLE_INTERACTIONS;

  switch (meter->framing)
    {
    case OKAP_FRAMING_SSE:
      /* An event that was cut in the middle is ended first; its reader drops or reports it. */
      return g_strconcat (is_between ? "" : "\n\n",
                          named ? "event: error\n" : "", "data: ", object, "\n\n", NULL);
    case OKAP_FRAMING_NDJSON:
      return g_strconcat (is_between ? "" : "\n", object, "\n", NULL);
    case OKAP_FRAMING_BODY:
      /* Gemini without alt=sse: one array, whose elements come one by one. */
      if (kind == OKAP_METER_GOOGLE_GENERATE && is_between)
        return g_strconcat (joint, object, "]", NULL);
      return NULL;
    case OKAP_FRAMING_OPAQUE:
    default:
      return NULL;
    }
}

/**
 * okap_proxy_error_format_stream:
 * @meter: that has seen all of the stream that the app has, and no more
 *
 * Returns: (transfer full) (nullable): as okap_proxy_error_format_end()
 */
char *
okap_proxy_error_format_stream (const GError *error, const OkapMeter *meter, OkapMeterKind kind,
                                OkapErrorForm form, const char *model)
{
  gboolean is_between = meter->framing == OKAP_FRAMING_BODY
                        ? okap_json_tap_is_in_outer_array (&meter->tap)
                        : okap_meter_is_between (meter);

  return okap_proxy_error_format_end (error, meter, kind, is_between, ",", form, model);
}
