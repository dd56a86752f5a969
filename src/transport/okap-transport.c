/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doors: which requests are ours, and what must hold before anybody looks at a body. The
 * HTTP server has done points 1 to 5 of PROTOCOL section 5; points 6 and 7 are here.
 *
 * okap_transport_route() runs on the HTTP thread, everything else on the main thread. Calls in
 * flight keep the transport alive, but not the broker: once freed, they are answered "busy". */
#include "config.h"

#include "okap-transport.h"

#include <string.h>

#include "okap-answer-json.h"
#include "okap-door.h"
#include "okap-error.h"

OkapTransport *
okap_transport_ref (OkapTransport *transport)
{
  g_atomic_ref_count_inc (&transport->ref_count);
  return transport;
}

void
okap_transport_unref (OkapTransport *transport)
{
  if (!g_atomic_ref_count_dec (&transport->ref_count))
    return;
  g_main_context_unref (transport->context);
  g_mutex_clear (&transport->lock);
  g_free (transport->origin);
  g_free (transport->socket);
  g_free (transport);
}

static void
lost_cb (const char *grant_id, gpointer user_data)
{
  OkapTransport *transport = user_data;

  okap_broker_give_back (transport->broker, grant_id, "the app never fetched its answer");
}

/**
 * okap_transport_new:
 * @broker: kept until okap_transport_free()
 * @context: of the HTTP thread
 */
OkapTransport *
okap_transport_new (OkapBroker *broker, GMainContext *context)
{
  OkapTransport *transport = g_new0 (OkapTransport, 1);

  g_atomic_ref_count_init (&transport->ref_count);
  g_mutex_init (&transport->lock);
  transport->context = g_main_context_ref (context);
  transport->broker = g_object_ref (broker);
  transport->gate = okap_broker_get_gate (broker);
  transport->pending = okap_pending_new (lost_cb, transport);
  return transport;
}

/** okap_transport_free: main thread; after the HTTP thread has ended or stopped routing here */
void
okap_transport_free (OkapTransport *transport)
{
  g_clear_pointer (&transport->pending, okap_pending_free);
  g_clear_object (&transport->broker);
  okap_transport_unref (transport);
}

void
okap_transport_set_address (OkapTransport *transport, const char *origin, const char *socket)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&transport->lock);

  g_free (transport->origin);
  transport->origin = g_strdup (origin);
  g_free (transport->socket);
  transport->socket = g_strdup (socket);
}

/** okap_transport_dup_origin: (transfer full): of our own URLs; any thread */
char *
okap_transport_dup_origin (OkapTransport *transport)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&transport->lock);

  return g_strdup (transport->origin != NULL ? transport->origin : "");
}

/** okap_transport_dup_socket: (transfer full): path of the Unix socket; any thread */
char *
okap_transport_dup_socket (OkapTransport *transport)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&transport->lock);

  return g_strdup (transport->socket != NULL ? transport->socket : "");
}

static gboolean
is_ours (const char *path)
{
  return g_str_has_prefix (path, "/okap/") || g_str_equal (path, "/okap")
         || g_str_equal (path, "/.well-known/okap");
}

/* Point 6 once more, for whatever front there is: a page that may come in was recognised there. */
static gboolean
check_origin (const OkapHttpHead *head, GError **error)
{
  const char *site = okap_http_head_get (head, "Sec-Fetch-Site");

  if (head->origin != NULL)
    return TRUE;
  if (okap_http_head_get (head, "Origin") == NULL
      && (site == NULL || g_str_equal (site, "none") || g_str_equal (site, "same-origin")))
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_ORIGIN_REFUSED,
                       "Web pages cannot use Okap unless they asked by an okap:// link.");
  return FALSE;
}

/* Point 7: a page can send a form without asking anybody, but not these types. */
static gboolean
check_content_type (const OkapDoorRoute *route, const OkapHttpHead *head, GError **error)
{
  const char *expected = (route->flags & OKAP_DOOR_JSON) != 0 ? "application/json"
                         : (route->flags & OKAP_DOOR_SECRET) != 0 ? "application/octet-stream"
                         : NULL;
  const char *came = okap_http_head_get (head, "Content-Type");
  gsize length;

  if (expected == NULL)
    return TRUE;
  length = strlen (expected);
  if (came != NULL && g_ascii_strncasecmp (came, expected, length) == 0
      && strchr ("; \t", came[length]) != NULL)
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
               "Expected the header “Content-Type: %s”, but %s. Send the body with that type.",
               expected, came != NULL ? "another type came" : "it is missing");
  return FALSE;
}

static void
refuse_method (OkapHttpExchange *exchange, const OkapHttpHead *head, const GError *error)
{
  g_autofree char *methods = okap_routes_dup_methods (head);
  g_autofree char *headers = g_strdup_printf ("Content-Type: application/json\r\nAllow: %s\r\n",
                                              methods);
  g_autofree char *text = okap_answer_format_error (error, OKAP_ERROR_FORM_COMMON);

  okap_http_exchange_respond (exchange, okap_error_get_http_status (error), headers, text,
                              strlen (text));
}

/**
 * okap_transport_route:
 *
 * HTTP thread. Refusals of the head are answered here, before a byte of the body is read.
 *
 * Returns: whether the path is one of the doors'; then the exchange is taken care of
 */
gboolean
okap_transport_route (OkapTransport *transport, OkapHttpExchange *exchange,
                      const OkapHttpHead *head)
{
  const OkapDoorRoute *route;
  g_autoptr (GError) error = NULL;

  if (!is_ours (head->path))
    return FALSE;
  if (!check_origin (head, &error))
    okap_http_exchange_refuse (exchange, error, 0);
  else if ((route = okap_routes_find (head, &error)) == NULL)
    {
      if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_METHOD_NOT_ALLOWED))
        refuse_method (exchange, head, error);
      else
        okap_http_exchange_refuse (exchange, error, 0);
    }
  else if (!check_content_type (route, head, &error))
    okap_http_exchange_refuse (exchange, error, 0);
  else
    okap_call_start (transport, route, exchange, head);
  return TRUE;
}
