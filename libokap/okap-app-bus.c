/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Asking by the session bus: com.example.Okap1.RequestAccess, shaped like a desktop portal.
 *
 *   who owns the name? ─▶ start it if nobody does ─▶ listen on the handle ─▶ RequestAccess
 *        ─▶ Response ─▶ redeem the code over a socket that nobody else can read ─▶ token
 *
 * All of it is asynchronous and in the caller's main context. The path of the handle is known
 * before the call, so that a quick Response is not missed; signals count only if the owner of the
 * name sent them. An app that gives up closes its request; if Okap goes, the request ends. */
#include "config.h"

#include "okap-app-private.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#define NAME "com.example.Okap"
#define OBJECT "/com/example/Okap"
#define INTERFACE "com.example.Okap1"
#define REQUEST_INTERFACE INTERFACE ".Request"
#define START_MS 20000

enum
{
  RESPONSE_GRANTED,
  RESPONSE_REFUSED,
  RESPONSE_ENDED,
  RESPONSE_POLICY,
};

typedef struct
{
  /* input */
  char *json;                   /* (owned) */
  char *challenge;              /* (owned) */
  char *verifier;               /* (owned) wiped */
  char *parent_window;          /* (owned) */
  char *activation_token;       /* (owned) (nullable) */
  guint timeout_s;
  gboolean interactive;

  /* in progress */
  GDBusConnection *bus;         /* (owned) (nullable) */
  char *owner;                  /* (owned) (nullable) unique name of Okap */
  char *handle_token;           /* (owned) */
  char *handle;                 /* (owned) (nullable) */
  guint response_id;            /* 0: not subscribed */
  guint owner_id;
  GSource *cancelled;           /* (owned) (nullable) */
  gboolean over;                /* answered; what comes later is ignored */
} Asking;

static void
stop_listening (Asking *asking)
{
  if (asking->response_id != 0)
    g_dbus_connection_signal_unsubscribe (asking->bus, asking->response_id);
  if (asking->owner_id != 0)
    g_dbus_connection_signal_unsubscribe (asking->bus, asking->owner_id);
  asking->response_id = asking->owner_id = 0;
  if (asking->cancelled != NULL)
    g_source_destroy (asking->cancelled);
  g_clear_pointer (&asking->cancelled, g_source_unref);
}

static void
asking_free (Asking *asking)
{
  stop_listening (asking);
  g_free (asking->json);
  g_free (asking->challenge);
  okap_app_wipe (asking->verifier);
  g_free (asking->parent_window);
  g_free (asking->activation_token);
  g_clear_object (&asking->bus);
  g_free (asking->owner);
  g_free (asking->handle_token);
  g_free (asking->handle);
  g_free (asking);
}

/* Ends the task once; @error: (transfer full) */
static void
fail (GTask *task, GError *error)
{
  Asking *asking = g_task_get_task_data (task);
  g_autoptr (GTask) held = g_object_ref (task);

  if (asking->over)
    {
      g_error_free (error);
      return;
    }
  asking->over = TRUE;
  stop_listening (asking);
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, error);
}

static void
fail_with (GTask *task, OkapAppError code, const char *words)
{
  fail (task, g_error_new_literal (OKAP_APP_ERROR, (int) code, words));
}

static void
redeemed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  OkapAppReply *reply = okap_app_http_post_finish (result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, reply, (GDestroyNotify) okap_app_reply_free);
  else
    g_task_return_error (task, error);
}

/* By the Unix socket if it is there, as it is outside of a sandbox; else by the address. */
static void
redeem (GTask *task, const char *code, const char *socket, const char *url)
{
  Asking *asking = g_task_get_task_data (task);
  g_autofree char *body = g_strdup_printf ("{\"code\":\"%s\",\"code_verifier\":\"%s\"}", code,
                                           asking->verifier);
  g_autoptr (GSocketConnectable) where = NULL;
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *host = NULL;

  if (socket != NULL && g_file_test (socket, G_FILE_TEST_EXISTS))
    {
      where = G_SOCKET_CONNECTABLE (g_unix_socket_address_new (socket));
      host = g_strdup ("localhost");
    }
  else if (uri != NULL && g_uri_get_host (uri) != NULL)
    {
      where = g_network_address_parse_uri (url, 80, NULL);
      host = g_strdup_printf (strchr (g_uri_get_host (uri), ':') != NULL ? "[%s]:%d" : "%s:%d",
                              g_uri_get_host (uri), g_uri_get_port (uri));
    }
  if (where == NULL || strpbrk (code, "\"\\\r\n") != NULL)
    g_task_return_new_error (task, OKAP_APP_ERROR, OKAP_APP_ERROR_PROTOCOL,
                             "Okap granted access, but not in a way that could be redeemed");
  else
    okap_app_http_post_async (where, host, "/okap/redeem", "", body,
                              g_task_get_cancellable (task), redeemed_cb, g_object_ref (task));
  okap_app_wipe (g_steal_pointer (&body));
}

static void
granted (GTask *task, GVariant *results)
{
  g_autoptr (GVariant) where = g_variant_lookup_value (results, "redeem", G_VARIANT_TYPE_VARDICT);
  const char *code = NULL, *socket = NULL, *url = "";

  (void) g_variant_lookup (results, "code", "&s", &code);
  if (where != NULL)
    {
      (void) g_variant_lookup (where, "socket", "&s", &socket);
      (void) g_variant_lookup (where, "url", "&s", &url);
    }
  if (code == NULL || where == NULL)
    g_task_return_new_error (task, OKAP_APP_ERROR, OKAP_APP_ERROR_PROTOCOL,
                             "Okap granted access, but sent no code");
  else
    redeem (task, code, socket, url);
}

/* What was refused, in the words of the wire, so that both doors end alike. */
static void
denied (GTask *task, guint code, GVariant *results)
{
  const char *reason = "ended", *message = NULL;
  OkapAppError error = code == RESPONSE_REFUSED ? OKAP_APP_ERROR_REFUSED
                       : code == RESPONSE_POLICY ? OKAP_APP_ERROR_POLICY : OKAP_APP_ERROR_ENDED;
  guint retry_after = 0;

  (void) g_variant_lookup (results, "reason", "&s", &reason);
  (void) g_variant_lookup (results, "message", "&s", &message);
  if (g_variant_lookup (results, "retry_after", "u", &retry_after) && retry_after > 0)
    g_task_return_new_error (task, OKAP_APP_ERROR, (int) error, "%s (%s); again in %u s",
                             message != NULL ? message : "Access was not granted", reason,
                             retry_after);
  else
    g_task_return_new_error (task, OKAP_APP_ERROR, (int) error, "%s (%s)",
                             message != NULL ? message : "Access was not granted", reason);
}

static void
response_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
             const char *signal, GVariant *parameters, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Asking *asking = g_task_get_task_data (task);
  g_autoptr (GVariant) results = NULL;
  guint32 code;

  if (asking->over || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;
  asking->over = TRUE;
  stop_listening (asking);
  g_variant_get (parameters, "(u@a{sv})", &code, &results);
  if (code == RESPONSE_GRANTED)
    granted (task, results);
  else
    denied (task, code, results);
}

static void
owner_changed_cb (GDBusConnection *bus, const char *sender, const char *path,
                  const char *interface, const char *signal, GVariant *parameters,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);

  fail_with (task, OKAP_APP_ERROR_ENDED, "Okap ended before anybody decided");
}

/* The task holds us; listening ends with the task. */
static void
listen (GTask *task)
{
  Asking *asking = g_task_get_task_data (task);

  if (asking->response_id != 0)
    g_dbus_connection_signal_unsubscribe (asking->bus, asking->response_id);
  asking->response_id =
    g_dbus_connection_signal_subscribe (asking->bus, asking->owner, REQUEST_INTERFACE, "Response",
                                        asking->handle, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                        response_cb, g_object_ref (task), g_object_unref);
  if (asking->owner_id == 0)
    asking->owner_id =
      g_dbus_connection_signal_subscribe (asking->bus, "org.freedesktop.DBus",
                                          "org.freedesktop.DBus", "NameOwnerChanged",
                                          "/org/freedesktop/DBus", asking->owner,
                                          G_DBUS_SIGNAL_FLAGS_NONE, owner_changed_cb,
                                          g_object_ref (task), g_object_unref);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Asking *asking = g_task_get_task_data (task);

  g_dbus_connection_call (asking->bus, asking->owner, asking->handle, REQUEST_INTERFACE, "Close",
                          NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  fail (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The app gave up"));
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (GTask *task)
{
  Asking *asking = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (cancellable == NULL || asking->over)
    return;
  asking->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (asking->cancelled, G_SOURCE_FUNC (cancelled_cb), g_object_ref (task),
                         g_object_unref);
  g_source_attach (asking->cancelled, g_main_context_get_thread_default ());
}

static void
requested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Asking *asking = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (asking->bus, result, &error);
  const char *handle;

  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      fail (task, g_error_new (OKAP_APP_ERROR, OKAP_APP_ERROR_POLICY,
                               "Okap did not take the request: %s", error->message));
      return;
    }
  g_variant_get (reply, "(&o)", &handle);
  if (!asking->over && strcmp (handle, asking->handle) != 0)
    {
      g_free (asking->handle);
      asking->handle = g_strdup (handle);
      listen (task);
    }
  watch_cancellable (task);
}

static void
request (GTask *task)
{
  Asking *asking = g_task_get_task_data (task);
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (asking->bus) + 1);
  GVariantBuilder options;

  g_strdelimit (sender, ".", '_');
  asking->handle = g_strdup_printf (OBJECT "/request/%s/%s", sender, asking->handle_token);
  listen (task);

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token",
                         g_variant_new_string (asking->handle_token));
  g_variant_builder_add (&options, "{sv}", "code_challenge",
                         g_variant_new_string (asking->challenge));
  g_variant_builder_add (&options, "{sv}", "timeout", g_variant_new_uint32 (asking->timeout_s));
  g_variant_builder_add (&options, "{sv}", "interactive",
                         g_variant_new_boolean (asking->interactive));
  if (asking->activation_token != NULL)
    g_variant_builder_add (&options, "{sv}", "activation_token",
                           g_variant_new_string (asking->activation_token));
  g_dbus_connection_call (asking->bus, asking->owner, OBJECT, INTERFACE, "RequestAccess",
                          g_variant_new ("(ssa{sv})", asking->parent_window, asking->json,
                                         &options),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, START_MS, NULL,
                          requested_cb, g_object_ref (task));
}

static void ask_for_owner (GTask *task, gboolean may_start);

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                              &error);

  if (reply != NULL)
    ask_for_owner (task, FALSE);
  else
    fail_with (task, OKAP_APP_ERROR_UNAVAILABLE, "Okap is not installed, or could not be started");
}

static void
owner_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Asking *asking = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (asking->bus, result, NULL);
  g_autofree char *socket = okap_app_dup_socket ();

  if (reply != NULL)
    {
      g_variant_get (reply, "(s)", &asking->owner);
      request (task);
    }
  else if (g_file_test (socket, G_FILE_TEST_EXISTS))
    /* One that is not on the bus runs already; the request tries the socket next. */
    fail_with (task, OKAP_APP_ERROR_UNAVAILABLE, "Okap is not on the session bus");
  else
    g_dbus_connection_call (asking->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "StartServiceByName",
                            g_variant_new ("(su)", NAME, 0), G_VARIANT_TYPE ("(u)"),
                            G_DBUS_CALL_FLAGS_NONE, START_MS, g_task_get_cancellable (task),
                            started_cb, g_object_ref (task));
}

static void
started_owner_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Asking *asking = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (asking->bus, result, NULL);

  if (reply == NULL)
    {
      fail_with (task, OKAP_APP_ERROR_UNAVAILABLE, "Okap was started and ended at once");
      return;
    }
  g_variant_get (reply, "(s)", &asking->owner);
  request (task);
}

static void
ask_for_owner (GTask *task, gboolean may_start)
{
  Asking *asking = g_task_get_task_data (task);

  g_dbus_connection_call (asking->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetNameOwner", g_variant_new ("(s)", NAME),
                          G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1,
                          g_task_get_cancellable (task), may_start ? owner_cb : started_owner_cb,
                          g_object_ref (task));
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Asking *asking = g_task_get_task_data (task);

  asking->bus = g_bus_get_finish (result, NULL);
  if (asking->bus == NULL)
    fail_with (task, OKAP_APP_ERROR_UNAVAILABLE, "There is no session bus");
  else
    ask_for_owner (task, TRUE);
}

/** okap_app_bus_ask_async: %OKAP_APP_ERROR_UNAVAILABLE: nobody there; try the socket */
void
okap_app_bus_ask_async (const OkapAppQuestion *question, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Asking *asking = g_new0 (Asking, 1);

  g_task_set_source_tag (task, okap_app_bus_ask_async);
  g_task_set_task_data (task, asking, (GDestroyNotify) asking_free);
  g_task_set_check_cancellable (task, FALSE);
  asking->json = g_strdup (question->json);
  asking->challenge = g_strdup (question->challenge);
  asking->verifier = g_strdup (question->verifier);
  asking->parent_window = g_strdup (question->parent_window != NULL ? question->parent_window : "");
  asking->activation_token = g_strdup (question->activation_token);
  asking->timeout_s = question->timeout_s;
  asking->interactive = question->interactive;
  asking->handle_token = g_strdup_printf ("okap%08x%08x", g_random_int (), g_random_int ());
  g_bus_get (G_BUS_TYPE_SESSION, cancellable, bus_cb, task);
}

OkapAppReply *
okap_app_bus_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
