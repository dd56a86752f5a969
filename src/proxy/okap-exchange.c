/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request of an app, from its head to its answer: the side of the request. The answer is in
 * okap-exchange-answer.c, the accounts in okap-exchange-usage.c. The proxy's thread.
 *
 *   begin ─▶ GATHERING ─┐ whole body: which models?
 *       └──▶ HOLDING ───┤ form: until the field "model"
 *                       ├─ gate admits ─▶ WAITING ─head─▶ ANSWERING ─▶ OVER
 *                       └─ refused ─────────────────────────────────▶ OVER
 *
 * Whatever happens (the app hangs up, the grant is revoked, the provider fails), an exchange that
 * was sent is settled exactly once, and its transfer is gone before the exchange is. The body
 * that leaves is the body that came, byte for byte, but for two members (okap-body-edit.c). What
 * it may cost is found out before the gate is asked (okap-exchange-money.c); an exchange can
 * outlive its app (okap-exchange-leave.c). */
#include "config.h"

#include "okap-exchange.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-proxy-error.h"

/* Bodies that need not be read and are at most so long are collected, too: a whole body can use a
 * connection that is already open. */
#define WHOLE_BODY_BYTES (64 * 1024)

/** okap_exchange_refuse: @error: signed here */
void
okap_exchange_refuse (OkapExchange *exchange, GError *error, guint retry_after_s)
{
  if (exchange->sent_us == 0)
    okap_exchange_note_refused (exchange, error);
  exchange->state = OKAP_EXCHANGE_OVER;
  okap_exchange_drop_body (exchange);
  okap_proxy_error_refuse (exchange->http, error, retry_after_s,
                           exchange->access->credential->provider, exchange->route.path);
}

/** okap_exchange_stop_upstream: what runs at the provider, ends */
void
okap_exchange_stop_upstream (OkapExchange *exchange)
{
  g_clear_pointer (&exchange->transfer, okap_transfer_cancel);
  g_clear_pointer (&exchange->demo, okap_demo_cancel);
}

/* Ends it with an error, however far it is. */
static void
give_up (OkapExchange *exchange, GError *error)
{
  okap_exchange_stop_upstream (exchange);
  if (exchange->state < OKAP_EXCHANGE_WAITING)
    okap_exchange_refuse (exchange, error, 0);
  else
    okap_exchange_break_off (exchange, error);
}

static void
give_up_with (OkapExchange *exchange, OkapError code, const char *words)
{
  g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, (int) code, words);

  give_up (exchange, error);
}

/** okap_exchange_send: to the provider; a second time with another key, if none of its body left */
void
okap_exchange_send (OkapExchange *exchange)
{
  const OkapHttpHead *head = okap_http_exchange_get_head (exchange->http);
  const OkapCredential *credential = exchange->key.other != NULL ? exchange->key.other
                                                                 : exchange->access->credential;
  OkapHeaderList headers = { 0 };
  g_autofree char *query = okap_headers_clean_query (head->query, exchange->token);
  OkapHttpHeader lines[OKAP_CAP_HEADERS + 1];
  OkapHttpHead with_end = { .headers = NULL };
  OkapTransferRequest request = {
    .method = head->method, .base_url = credential->base_url, .path = exchange->route.path,
    .query = query, .headers = &headers, .body = exchange->body,
    .body_length = exchange->streams_up ? head->content_length : (gint64) exchange->body_end,
  };

  if (okap_exchange_must_end (exchange))
    with_end = okap_exchange_add_end (head, lines);
  okap_headers_for_upstream (with_end.headers != NULL ? &with_end : head, exchange->token,
                             credential, request.path, &headers);
  exchange->transfer = okap_transfer_start (exchange->proxy->upstream, &request,
                                            exchange->streams_up ? &okap_exchange_answer_streaming
                                                                 : &okap_exchange_answer,
                                            exchange);
}

static gboolean
may_pass (OkapExchange *exchange, OkapAdmission *admission, guint *out_retry_after_s,
          GError **error)
{
  const OkapEndpoint *endpoint = exchange->route.endpoint;
  const OkapScope *scope = exchange->access->scope;

  if (endpoint->model_place != OKAP_MODEL_NONE && endpoint->model_place != OKAP_MODEL_LINES
      && exchange->model == NULL && scope->models[0] != NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_MODEL_UNKNOWN,
                           "This app may use only the models that you allowed, and the request "
                           "does not say which one it wants. Name it in “model”");
      return FALSE;
    }
  return okap_model_check_others (&exchange->finding, scope, error)
         && (!exchange->counted || okap_exchange_plan (exchange, admission, error))
         && okap_gate_admit (exchange->proxy->gate, exchange->access, admission,
                             &exchange->lease, out_retry_after_s, error);
}

static void
set_model (OkapExchange *exchange, const char *model)
{
  if (model != NULL && exchange->model == NULL)
    exchange->model = okap_provider_canonical_model (exchange->access->scope->provider, model);
}

/* What stands before the body about models. */
static void
read_head (OkapExchange *exchange)
{
  const OkapHttpHead *head = okap_http_exchange_get_head (exchange->http);
  const OkapEndpoint *endpoint = exchange->route.endpoint;

  if (exchange->finding.unclear == NULL)
    exchange->finding.unclear = okap_headers_find_choice (head, endpoint);
  okap_model_find_in_query (head->query, &exchange->finding);
  if (endpoint->model_place == OKAP_MODEL_HEADER)
    set_model (exchange, okap_model_find_in_head (head, exchange->access->credential->provider,
                                                  &exchange->finding));
}

/* What was admitted but cannot leave: nothing was spent. */
static void
take_back (OkapExchange *exchange, GError *error)
{
  g_autoptr (OkapUsage) usage = okap_exchange_settle (exchange, okap_error_get_http_status (error),
                                                      error);

  okap_exchange_refuse (exchange, error, 0);
}

/* Everything about the request is known: the gate decides, and it leaves. */
static void
admit (OkapExchange *exchange, gint64 now_us)
{
  OkapAdmission admission = { .capability = exchange->route.endpoint->capability,
                              .counted = exchange->counted,
                              .request_id = exchange->id, .endpoint = exchange->route.path };
  g_autoptr (GError) error = NULL;
  guint retry_after_s = 0;

  read_head (exchange);
  admission.model = exchange->model;
  if (!may_pass (exchange, &admission, &retry_after_s, &error))
    {
      okap_exchange_refuse (exchange, error, retry_after_s);
      return;
    }
  if (exchange->counted && !okap_exchange_fit (exchange, &admission, &error))
    {
      take_back (exchange, error);
      return;
    }

  exchange->state = OKAP_EXCHANGE_WAITING;
  if (g_str_has_prefix (exchange->access->credential->base_url, "demo:"))
    exchange->demo = okap_demo_start (exchange->proxy->context, exchange->route.path,
                                      exchange->body, exchange->body_end, &okap_exchange_answer,
                                      exchange);
  else
    okap_exchange_send (exchange);
  exchange->sent_us = g_get_monotonic_time ();
  exchange->overhead_us += exchange->sent_us - now_us;
}

/* Whether a server that goes by the header could read another model in the body than we do: as
 * the fields of a form. Many send JSON under that name, and that is one field. */
static gboolean
is_form_too (const OkapExchange *exchange, const OkapHttpHead *head)
{
  static const char form[] = "application/x-www-form-urlencoded";

  for (guint i = 0; i < head->n_headers; i++)
    if (g_ascii_strcasecmp (head->headers[i].name, "content-type") == 0
        && g_ascii_strncasecmp (head->headers[i].value, form, strlen (form)) == 0)
      return exchange->body_end > 0
             && (memchr (exchange->body, '&', exchange->body_end) != NULL
                 || memchr (exchange->body, ';', exchange->body_end) != NULL);
  return FALSE;
}

/* A whole body that names models. */
static gboolean
read_models (OkapExchange *exchange, GError **error)
{
  const OkapHttpHead *head = okap_http_exchange_get_head (exchange->http);
  const char *encoding = okap_http_head_get (head, "content-encoding");
  const OkapProvider *provider = exchange->access->credential->provider;
  gboolean in_path = okap_model_place_is_outside (exchange->route.endpoint->model_place);

  if (exchange->body_end == 0 && in_path)
    return TRUE;
  if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    {
      if (exchange->access->scope->models[0] == NULL)
        return TRUE;
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_MODEL_UNKNOWN,
                           "This app may use only the models that you allowed, but its request is "
                           "compressed, so that its model cannot be read. Send it uncompressed");
      return FALSE;
    }
  if ((exchange->access->scope->models[0] != NULL
       || okap_scope_has_money (exchange->access->scope))
      && is_form_too (exchange, head))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_MODEL_UNKNOWN,
                           "This app's models or its money are limited, but its request says that "
                           "it is a form. Send “Content-Type: application/json”");
      return FALSE;
    }
  if (!okap_model_find (exchange->body, exchange->body_end, &exchange->finding, error))
    return FALSE;
  if (exchange->route.endpoint->model_place == OKAP_MODEL_VERSION)
    {
      g_autofree char *model = okap_model_from_version (exchange->finding.version);

      set_model (exchange, model);
      in_path = TRUE;
    }
  if (exchange->route.endpoint->model_place == OKAP_MODEL_FILE
      && !okap_exchange_read_batch (exchange, error))
    return FALSE;
  if (!in_path)
    {
      set_model (exchange, okap_model_finding_get_model (&exchange->finding, provider));
      return TRUE;
    }
  /* The path decides; a model in the body is one more. */
  if (exchange->finding.model != NULL
      && !okap_model_finding_add (&exchange->finding, exchange->finding.model))
    exchange->finding.unclear = "model";
  return TRUE;
}

static void
gather (OkapExchange *exchange, gboolean last, gint64 now_us)
{
  g_autoptr (GError) error = NULL;

  if (!last)
    return;
  if (exchange->route.endpoint->model_place == OKAP_MODEL_NONE
      || read_models (exchange, &error))
    admit (exchange, now_us);
  else
    okap_exchange_refuse (exchange, error, 0);
}

static void
refuse_form (OkapExchange *exchange)
{
  g_autoptr (GError) error = g_error_new (OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                                          "The form is not readable: %s",
                                          okap_multipart_get_fault (exchange->form));

  give_up (exchange, error);
}

static void
hold (OkapExchange *exchange, gboolean last, gint64 now_us)
{
  g_autoptr (GError) error = NULL;

  if (exchange->route.endpoint->model_place == OKAP_MODEL_LINES)
    {
      if (last && okap_exchange_read_upload (exchange, &error))
        admit (exchange, now_us);
      else if (last)
        okap_exchange_refuse (exchange, error, 0);
      return;
    }
  if (exchange->form->state == OKAP_MULTIPART_MODEL)
    set_model (exchange, exchange->form->model);
  else if (exchange->form->state == OKAP_MULTIPART_READING && !last)
    return;
  admit (exchange, now_us);
}

/* Bytes of a body that leaves while it comes. */
static void
pass_on (OkapExchange *exchange)
{
  if (exchange->transfer != NULL)
    okap_transfer_resume (exchange->transfer);
  if (exchange->body_end - exchange->body_pos >= OKAP_CAP_STREAM_WINDOW_BYTES
      && !exchange->app_paused && !exchange->body_done)
    {
      exchange->app_paused = TRUE;
      okap_http_exchange_pause (exchange->http);
    }
}

static void
body_cb (OkapHttpExchange *http, const char *data, gsize length, gboolean last,
         gpointer user_data)
{
  OkapExchange *exchange = user_data;
  gint64 now_us = g_get_monotonic_time ();

  if (exchange->state == OKAP_EXCHANGE_OVER)
    return;
  exchange->bytes_in += (gint64) length;
  exchange->body_done = last;
  okap_exchange_digest_body (exchange, data, length);
  /* Read before it can leave: a second model makes the form invalid at once. */
  if (exchange->form != NULL
      && okap_multipart_feed (exchange->form, data, length) == OKAP_MULTIPART_INVALID)
    {
      refuse_form (exchange);
      return;
    }
  if (!okap_exchange_append_body (exchange, data, length))
    {
      give_up_with (exchange, OKAP_ERROR_BUSY,
                    "Too many large requests are on their way at once. Try again in a moment");
      return;
    }

  switch (exchange->state)
    {
    case OKAP_EXCHANGE_GATHERING:
      gather (exchange, last, now_us);
      break;
    case OKAP_EXCHANGE_HOLDING:
      hold (exchange, last, now_us);
      break;
    case OKAP_EXCHANGE_WAITING:
    case OKAP_EXCHANGE_ANSWERING:
      pass_on (exchange);
      break;
    case OKAP_EXCHANGE_OVER:
    default:
      break;
    }
}

static void
drained_cb (OkapHttpExchange *http, gpointer user_data)
{
  okap_exchange_drained (user_data);
}

static void
end_gone (OkapExchange *exchange)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapUsage) usage = NULL;

  okap_exchange_stop_upstream (exchange);
  if (exchange->state == OKAP_EXCHANGE_WAITING || exchange->state == OKAP_EXCHANGE_ANSWERING)
    {
      error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_CALLER_GONE, "The app hung up");
      usage = okap_exchange_settle (exchange, okap_error_get_http_status (error), error);
    }
  exchange->state = OKAP_EXCHANGE_OVER;
}

static void
gone_cb (OkapHttpExchange *http, gpointer user_data)
{
  OkapExchange *exchange = user_data;

  if (!okap_exchange_leave (exchange))
    end_gone (exchange);
}

static void
closed_cb (OkapHttpExchange *http, gpointer user_data)
{
  OkapExchange *exchange = user_data;

  /* It goes on without the app. */
  if (exchange->http != NULL)
    okap_exchange_free (exchange);
}

/** okap_exchange_free: ends it, however far it is */
void
okap_exchange_free (OkapExchange *exchange)
{
  end_gone (exchange);
  okap_exchange_key_clear (exchange);
  okap_exchange_drop_body (exchange);
  g_queue_unlink (&exchange->proxy->running, &exchange->link);
  if (exchange->finish_timer != NULL)
    {
      g_source_destroy (exchange->finish_timer);
      g_source_unref (exchange->finish_timer);
    }
  g_clear_pointer (&exchange->filter, okap_usage_filter_free);
  if (exchange->passing != NULL)
    g_string_free (exchange->passing, TRUE);
  if (exchange->tail != NULL)
    g_string_free (exchange->tail, TRUE);
  okap_access_unref (exchange->access);
  okap_route_clear (&exchange->route);
  okap_exchange_clear_upload (exchange);
  okap_model_finding_clear (&exchange->finding);
  okap_wipe (exchange->token, sizeof exchange->token);
  g_clear_pointer (&exchange->digester, okap_body_digester_free);
  g_free (exchange->model);
  g_free (exchange->edits);
  g_free (exchange->form);
  g_free (exchange->job);
  g_free (exchange->headers);
  okap_exchange_address_clear (exchange);
  g_free (exchange);
}

/** okap_exchange_cut: stops it and tells the app why */
void
okap_exchange_cut (OkapExchange *exchange, OkapError why)
{
  g_autoptr (GError) error = NULL;

  if (exchange->state == OKAP_EXCHANGE_OVER)
    return;
  error = okap_proxy_error_for_cut (why);
  give_up (exchange, error);
}

/* Names requests: unlike each other, hard to guess, and made without a system call. */
static void
write_id (OkapProxy *proxy, char id[16])
{
  static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyz_";
  guint64 x = proxy->next_id += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  x = (x ^ x >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  x ^= x >> 31;
  id[0] = 'r';
  id[1] = '_';
  for (guint i = 2; i < 14; i++, x >>= 5)
    id[i] = alphabet[x & 31];
  id[14] = '\0';
}

static gboolean
wants_trailers (const OkapHttpHead *head)
{
  const char *te = okap_http_head_get (head, "te");

  return te != NULL && strstr (te, "trailers") != NULL;
}

/* How the body has to be treated; FALSE: it is a form that cannot be read. */
static gboolean
plan_body (OkapExchange *exchange, const OkapHttpHead *head)
{
  const char *content_type = okap_http_head_get (head, "content-type");
  gboolean is_form = content_type != NULL
                     && g_ascii_strncasecmp (content_type, "multipart/", 10) == 0;
  OkapModelPlace place = exchange->route.endpoint->model_place;

  exchange->state = OKAP_EXCHANGE_GATHERING;
  if (place == OKAP_MODEL_NONE || (okap_model_place_is_outside (place) && is_form))
    {
      if (head->content_length >= 0 && head->content_length <= WHOLE_BODY_BYTES && !is_form)
        return TRUE;
      exchange->streams_up = TRUE;
    }
  else if (is_form)
    {
      exchange->streams_up = TRUE;
      exchange->form = g_new (OkapMultipart, 1);
      exchange->state = OKAP_EXCHANGE_HOLDING;
      return okap_multipart_init (exchange->form, content_type);
    }
  return TRUE;
}

/**
 * okap_exchange_begin:
 * @access: (transfer full): what the token opens
 * @route: (transfer full): contents are taken over
 * @arrived_us: when the head was there; monotonic
 *
 * Takes over the request: it will be answered, refused or given up without more help.
 */
void
okap_exchange_begin (OkapProxy *proxy, OkapHttpExchange *http, const OkapHttpHead *head,
                     OkapAccess *access, OkapRoute *route, const char token[OKAP_TOKEN_LENGTH],
                     gint64 arrived_us)
{
  static const OkapHttpHandler handler = { body_cb, drained_cb, gone_cb, closed_cb };
  OkapExchange *exchange = g_new0 (OkapExchange, 1);

  exchange->proxy = proxy;
  exchange->http = http;
  exchange->access = access;
  exchange->route = *route;
  *route = (OkapRoute) { 0 };
  exchange->counted = exchange->route.endpoint->meter != OKAP_METER_FREE;
  exchange->wants_trailers = wants_trailers (head);
  exchange->arrived_us = arrived_us;
  memcpy (exchange->token, token, OKAP_TOKEN_LENGTH);
  write_id (proxy, exchange->id);
  exchange->link.data = exchange;
  g_queue_push_tail_link (&proxy->running, &exchange->link);

  okap_http_exchange_set_handler (http, &handler, exchange);
  okap_http_exchange_set_body_limit (http, OKAP_CAP_PROXY_BODY_BYTES);
  set_model (exchange, exchange->route.model);
  if (!plan_body (exchange, head))
    give_up_with (exchange, OKAP_ERROR_INVALID_REQUEST,
                  "Expected multipart/form-data with a plain boundary");
  else if (exchange->streams_up && exchange->form == NULL)
    admit (exchange, g_get_monotonic_time ());
  exchange->overhead_us += exchange->state < OKAP_EXCHANGE_WAITING
                           ? g_get_monotonic_time () - arrived_us : 0;
}
