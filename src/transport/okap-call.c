/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request at a door, from its head to its answer.
 *
 *   HTTP thread                        main thread
 *   head ─▶ body ─▶ check ────post──▶ serve ─▶ broker, vault, store
 *                                        │
 *   respond ◀──────────────post─────── answer (exactly once)
 *
 * The exchange is touched on the HTTP thread only and forgotten there when it is over; an answer
 * that comes later finds nobody. If that answer held a token, nobody will ever use the grant, so
 * it is revoked. A caller that hangs up cancels on the main thread, where the broker listens.
 * Bodies and answers may be secret: both are wiped. */
#include "config.h"

#include "okap-door.h"

#include <string.h>
#include <unistd.h>

#include "okap-answer-json.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-invoke.h"
#include "okap-json.h"

#define BUSY_RETRY_S 2

OkapCall *
okap_call_ref (OkapCall *call)
{
  g_atomic_ref_count_inc (&call->ref_count);
  return call;
}

void
okap_call_unref (OkapCall *call)
{
  if (!g_atomic_ref_count_dec (&call->ref_count))
    return;
  okap_wipe (call->body, call->length);
  g_free (call->body);
  g_free (call->query);
  g_free (call->id);
  g_free (call->given_grant_id);
  g_free (call->code);
  g_free (call->link);
  g_free (call->match_code);
  okap_wipe_string (call->verifier);
  g_clear_pointer (&call->secret, okap_secret_unref);
  g_clear_pointer (&call->request, okap_request_unref);
  g_clear_pointer (&call->grant, okap_grant_unref);
  if (call->pidfd >= 0)
    close (call->pidfd);
  okap_caller_unref (call->caller);
  g_object_unref (call->cancellable);
  okap_transport_unref (call->transport);
  g_free (call);
}

/* --- main thread: the caller is gone --- */

static gboolean
cancel_cb (gpointer user_data)
{
  OkapCall *call = user_data;

  g_cancellable_cancel (call->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
take_back_cb (gpointer user_data)
{
  OkapCall *call = user_data;

  if (call->transport->broker != NULL)
    okap_broker_give_back (call->transport->broker, call->given_grant_id,
                           "the app hung up before its answer");
  return G_SOURCE_REMOVE;
}

/* What changes something is for whoever is there; a new route is, unless its row says otherwise. A
 * locked vault has its own answer. */
static gboolean
may_serve (OkapCall *call, GError **error)
{
  const OkapDoorRoute *route = call->route;
  OkapBroker *broker = call->transport->broker;

  return (route->flags & OKAP_DOOR_CONTROL) == 0 || (route->flags & OKAP_DOOR_NARROWS) != 0
         || strcmp (route->method, "GET") == 0
         || okap_vault_get_state (okap_broker_get_vault (broker)) != OKAP_VAULT_UNLOCKED
         || okap_broker_check_unrestricted (broker, error);
}

static gboolean
serve_cb (gpointer user_data)
{
  OkapCall *call = user_data;
  g_autoptr (GError) error = NULL;

  if (call->transport->broker == NULL)
    error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_BUSY, "Okap is about to stop.");
  else if (may_serve (call, &error))
    {
      call->route->serve (call);
      return G_SOURCE_REMOVE;
    }
  okap_call_answer_error (call, error);
  return G_SOURCE_REMOVE;
}

/* --- HTTP thread: the exchange --- */

static void
post (OkapCall *call, GSourceFunc func)
{
  okap_invoke (NULL, func, okap_call_ref (call), (GDestroyNotify) okap_call_unref);
}

/* The body is complete. */
static void
go_on (OkapCall *call)
{
  g_autoptr (GError) error = NULL;

  call->complete = TRUE;
  if ((call->route->flags & OKAP_DOOR_SECRET) != 0)
    {
      call->secret = okap_secret_new (call->body, call->length);
      okap_wipe (call->body, call->length);
    }
  if (call->route->check != NULL && !call->route->check (call, &error))
    {
      okap_http_exchange_refuse (call->exchange, error, 0);
      return;
    }
  post (call, serve_cb);
}

static void
body_cb (OkapHttpExchange *exchange, const char *data, gsize length, gboolean last,
         gpointer user_data)
{
  g_autoptr (OkapCall) call = okap_call_ref (user_data);
  g_autoptr (GError) error = NULL;

  if (call->complete)
    return;
  if (length > call->route->most_bytes - call->length)
    {
      call->complete = TRUE;
      error = g_error_new (OKAP_ERROR, OKAP_ERROR_TOO_LARGE,
                           "The body may have at most %zu bytes here.", call->route->most_bytes);
      okap_http_exchange_refuse (exchange, error, 0);
      return;
    }
  if (length > 0)
    {
      if (call->body == NULL)
        call->body = g_malloc (call->route->most_bytes);
      memcpy (call->body + call->length, data, length);
      call->length += length;
    }
  if (last)
    go_on (call);
}

static void
gone_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  OkapCall *call = user_data;

  if (!call->respond_async)
    post (call, cancel_cb);
}

static void
closed_cb (OkapHttpExchange *exchange, gpointer user_data)
{
  OkapCall *call = user_data;

  call->exchange = NULL;
  okap_call_unref (call);
}

static const OkapHttpHandler handler = {
  .body = body_cb,
  .gone = gone_cb,
  .closed = closed_cb,
};

/* RFC 7240: "wait=30" and "respond-async", alone or together; what is not understood is ignored. */
static void
read_preferences (OkapCall *call, const char *prefer)
{
  g_auto (GStrv) parts = NULL;

  call->wait_s = OKAP_CAP_WAIT_DEFAULT_S;
  if (prefer == NULL)
    return;
  parts = g_strsplit_set (prefer, ",;", 16);
  for (char **part = parts; *part != NULL; part++)
    {
      const char *text = g_strstrip (*part);
      guint64 wait_s;

      if (g_ascii_strcasecmp (text, "respond-async") == 0)
        call->respond_async = TRUE;
      else if (g_ascii_strncasecmp (text, "wait=", 5) == 0
               && g_ascii_string_to_unsigned (text + 5, 10, 0, G_MAXUINT, &wait_s, NULL))
        call->wait_s = (guint) CLAMP (wait_s, 1, OKAP_CAP_WAIT_MOST_S);
    }
}

/**
 * okap_call_start:
 * @route: whose checks of the head have passed
 *
 * HTTP thread. Takes over the exchange.
 */
void
okap_call_start (OkapTransport *transport, const OkapDoorRoute *route, OkapHttpExchange *exchange,
                 const OkapHttpHead *head)
{
  OkapCall *call = g_new0 (OkapCall, 1);
  g_autoptr (OkapCall) held = NULL;

  g_atomic_ref_count_init (&call->ref_count);
  held = okap_call_ref (call);
  call->transport = okap_transport_ref (transport);
  call->route = route;
  call->exchange = exchange;
  call->caller = okap_caller_ref (okap_http_exchange_get_caller (exchange));
  call->query = g_strdup (head->query);
  if ((route->flags & OKAP_DOOR_ID) != 0)
    call->id = g_strdup (head->path + strlen (route->path));
  call->pidfd = -1;
  call->cancellable = g_cancellable_new ();
  read_preferences (call, okap_http_head_get (head, "Prefer"));

  okap_http_exchange_set_body_limit (exchange, route->most_bytes);
  okap_http_exchange_set_handler (exchange, &handler, call);
  if (head->content_length == 0 && call->exchange != NULL && !call->complete)
    go_on (call);
}

/* --- the answer --- */

typedef struct
{
  OkapCall *call;   /* (owned) */
  guint status;
  char *text;       /* (owned) wiped */
  GError *error;    /* (owned) (nullable) instead of text */
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  okap_call_unref (answer->call);
  okap_wipe_string (answer->text);
  g_clear_error (&answer->error);
  g_free (answer);
}

static gboolean
deliver_cb (gpointer user_data)
{
  Answer *answer = user_data;
  OkapCall *call = answer->call;

  if (call->exchange == NULL)
    {
      if (call->given_grant_id != NULL)
        post (call, take_back_cb);
    }
  else if (answer->error != NULL)
    {
      gboolean is_busy = g_error_matches (answer->error, OKAP_ERROR, OKAP_ERROR_BUSY)
                         || g_error_matches (answer->error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);

      okap_http_exchange_refuse (call->exchange, answer->error, is_busy ? BUSY_RETRY_S : 0);
    }
  else
    {
      char headers[256] = OKAP_HTTP_JSON_HEADERS;
      gsize n = strlen (headers);

      if (call->retry_after_s > 0)
        g_snprintf (headers + n, sizeof headers - n, "Retry-After: %u\r\n", call->retry_after_s);
      okap_http_exchange_respond (call->exchange, answer->status, headers, answer->text,
                                  strlen (answer->text));
    }
  return G_SOURCE_REMOVE;
}

static void
post_answer (OkapCall *call, guint status, char *text, GError *error)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->call = okap_call_ref (call);
  answer->status = status;
  answer->text = text;
  answer->error = error;
  okap_invoke (call->transport->context, deliver_cb, answer, answer_free);
}

/**
 * okap_call_answer:
 * @text: (transfer full): JSON; wiped once it is sent
 *
 * Main thread, exactly once for each call.
 */
void
okap_call_answer (OkapCall *call, guint status, char *text)
{
  post_answer (call, status, text, NULL);
}

/** okap_call_answer_builder: answers with the value that was built; main thread */
void
okap_call_answer_builder (OkapCall *call, guint status, JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  okap_call_answer (call, status, okap_json_print (root, FALSE));
}

/**
 * okap_call_answer_error:
 *
 * Main thread. Answers with an error of PROTOCOL section 3. Those that are a good answer to a
 * request for access (HTTP 200) are none to anything else.
 */
void
okap_call_answer_error (OkapCall *call, const GError *error)
{
  if (okap_error_get_http_status (error) == 200)
    post_answer (call, 409, okap_answer_format_error (error, OKAP_ERROR_FORM_COMMON), NULL);
  else
    post_answer (call, 0, NULL, g_error_copy (error));
}

/**
 * okap_call_dup_param:
 *
 * Returns: (transfer full) (nullable): a parameter of the query, decoded; NULL if it is missing,
 *   empty, or no text
 */
char *
okap_call_dup_param (OkapCall *call, const char *name)
{
  g_autoptr (GHashTable) params = NULL;
  const char *value;

  if (call->query == NULL)
    return NULL;
  params = g_uri_parse_params (call->query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
  value = params != NULL ? g_hash_table_lookup (params, name) : NULL;
  return value != NULL && *value != '\0' && g_utf8_validate (value, -1, NULL)
         ? g_strdup (value) : NULL;
}

/**
 * okap_call_needs_unlocked:
 *
 * Main thread. Answers the call itself if there is no vault or it is locked.
 *
 * Returns: whether the vault is unlocked and the call goes on
 */
gboolean
okap_call_needs_unlocked (OkapCall *call)
{
  OkapVaultState state = okap_vault_get_state (okap_broker_get_vault (call->transport->broker));
  g_autoptr (GError) error = NULL;

  if (state == OKAP_VAULT_UNLOCKED)
    return TRUE;
  if (state == OKAP_VAULT_NONE)
    error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_NO_VAULT,
                                 "There is no vault yet. Open the app, or run: okap init");
  else
    error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                                 "The vault is locked. Unlock it in the app, or run: okap unlock");
  okap_call_answer_error (call, error);
  return FALSE;
}

/** okap_call_needs_secret: whether the body is the passphrase, perhaps; answers the call itself if
 *   it is empty */
gboolean
okap_call_needs_secret (OkapCall *call)
{
  g_autoptr (GError) error = NULL;

  if (call->length > 0)
    return TRUE;
  error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                               "Expected the passphrase as the body, but it is empty.");
  okap_call_answer_error (call, error);
  return FALSE;
}
