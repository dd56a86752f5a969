/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for access: POST /okap/authorize and /okap/request (any of the three shapes at both),
 * the same for "okap run", and GET /okap/requests/ID for those who do not wait on the line.
 *
 * A refused request is an answered question: HTTP 200 in the shape of the question. Only trouble
 * of our own (busy, storage) has another status, and not for shape C, whose client reads nothing
 * but a 200 (PROTOCOL section 1). */
#include "config.h"

#include <sodium.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "okap-answer-json.h"
#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-request-json.h"
#include "okap-routes.h"
#include "okap-run-caller.h"

/** okap_routes_check_request: reads the body, so that nobody is asked about a malformed request */
gboolean
okap_routes_check_request (OkapCall *call, GError **error)
{
  call->request = okap_request_parse (call->body != NULL ? call->body : "", call->length,
                                      okap_clock_get_now (okap_clock_get_real ()), error);
  return call->request != NULL;
}

/**
 * okap_routes_check_run:
 *
 * As above, and gets hold of the process while its connection is still open: its number cannot
 * have been given to another one yet.
 */
gboolean
okap_routes_check_run (OkapCall *call, GError **error)
{
  OkapCaller *seen = call->caller;
  g_autofree char *command = okap_call_dup_param (call, "command");

  if (!okap_routes_check_request (call, error))
    return FALSE;
  call->respond_async = FALSE;
  call->pidfd = seen->pid > 0 ? pidfd_open (seen->pid, 0) : -1;
  if (call->pidfd < 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Okap could not get hold of the calling process, so it could not end "
                           "the grant with it. Run okap outside of a container.");
      return FALSE;
    }
  call->caller = okap_run_caller_new (seen, command);
  okap_caller_unref (seen);
  return TRUE;
}

static gboolean
is_refusal (OkapShape shape, const GError *error)
{
  if (shape == OKAP_SHAPE_C || okap_error_get_http_status (error) == 200)
    return TRUE;
  return g_error_matches (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED)
         || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_NO_VAULT)
         || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
}

/* What came of a request, as status and text. */
static char *
format_outcome (OkapCall *call, const OkapGrant *grant, const OkapSecret *token,
                const GError *error, guint *out_status)
{
  OkapShape shape = call->request->shape;
  g_autofree char *origin = okap_transport_dup_origin (call->transport);

  *out_status = 200;
  if (grant != NULL)
    return okap_answer_format_granted (shape, grant, token, origin);
  if (is_refusal (shape, error))
    return okap_answer_format_refused (shape, error);
  *out_status = okap_error_get_http_status (error);
  return okap_answer_format_error (error, OKAP_ERROR_FORM_COMMON);
}

static void
authorized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapGrant) grant = okap_broker_authorize_finish (OKAP_BROKER (source), result, &token,
                                                             &error);
  guint status;
  char *text = format_outcome (call, grant, token, error, &status);

  call->retry_after_s = okap_broker_authorize_get_retry_after (OKAP_BROKER (source), result);
  if (grant != NULL)
    {
      call->given_grant_id = g_strdup (grant->id);
      if (call->pidfd >= 0)
        okap_broker_bind_to_process (OKAP_BROKER (source), grant->id,
                                     g_steal_fd (&call->pidfd));
    }
  okap_call_answer (call, status, text);
}

static void
ask_broker (OkapCall *call, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (OkapAsk) ask = okap_ask_new (call->request, call->caller);

  ask->wait_s = call->wait_s;
  ask->match_code = g_strdup (call->match_code);
  okap_broker_authorize_async (call->transport->broker, ask, call->cancellable, callback,
                               user_data);
}

/* --- Prefer: respond-async --- */

typedef struct
{
  OkapCall *call;   /* (owned) */
  char *id;         /* (owned) in the table of pending answers */
} Later;

static void
later_free (Later *later)
{
  okap_call_unref (later->call);
  g_free (later->id);
  g_free (later);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Later, later_free)

static void
later_authorized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Later) later = user_data;
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapGrant) grant = okap_broker_authorize_finish (OKAP_BROKER (source), result, &token,
                                                             &error);
  OkapPending *pending = later->call->transport->pending;
  guint status;
  char *text = format_outcome (later->call, grant, token, error, &status);

  if (pending != NULL)
    okap_pending_answer (pending, later->id, status, text, grant != NULL ? grant->id : NULL);
  else
    okap_wipe_string (text);
}

static void
serve_later (OkapCall *call)
{
  const char *id = okap_pending_open (call->transport->pending);
  g_autoptr (GError) error = NULL;
  Later *later;

  if (id == NULL)
    {
      error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_BUSY,
                                   "Too many requests wait for an answer already. Try again "
                                   "later.");
      okap_call_answer_error (call, error);
      return;
    }
  later = g_new0 (Later, 1);
  later->call = okap_call_ref (call);
  later->id = g_strdup (id);
  okap_call_answer (call, 202, okap_answer_format_pending (id, call->match_code));
  ask_broker (call, later_authorized_cb, later);
}

/* An app that has sent a challenge can compute the digits; one that does not wait can be told
 * them, and needs them where nothing else ties the dialog to it. */
static char *
make_match_code (const OkapCall *call)
{
  if (call->request->code_challenge != NULL)
    return okap_codes_dup_match (call->request->code_challenge);
  if (call->respond_async && call->caller->identity->kind == OKAP_IDENTITY_UNKNOWN)
    return g_strdup_printf ("%02u", randombytes_uniform (100));
  return NULL;
}

void
okap_routes_serve_authorize (OkapCall *call)
{
  call->match_code = make_match_code (call);
  if (call->respond_async)
    serve_later (call);
  else
    ask_broker (call, authorized_cb, okap_call_ref (call));
}

void
okap_routes_serve_run (OkapCall *call)
{
  okap_routes_serve_authorize (call);
}

void
okap_routes_serve_poll (OkapCall *call)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  guint status = 0;

  switch (okap_pending_fetch (call->transport->pending, call->id, &status, &text,
                              &call->given_grant_id))
    {
    case OKAP_PENDING_WAITING:
      okap_call_answer (call, 202, okap_answer_format_pending (call->id, NULL));
      break;
    case OKAP_PENDING_ANSWERED:
      okap_call_answer (call, status, text);
      break;
    case OKAP_PENDING_UNKNOWN:
    default:
      error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                                   "No request with this id waits here. An answer is handed out "
                                   "once and kept for ten minutes.");
      okap_call_answer_error (call, error);
      break;
    }
}
