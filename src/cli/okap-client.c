/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command's side of the control routes: HTTP over the Unix socket, one call at a time, no
 * time-out of our own, because a person may have to answer. The socket's folder says whose Okap
 * it is, so no credential is needed. Descriptors are close-on-exec, for okap run. */
#include "config.h"

#include "okap-client.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-paths.h"

#define ANSWER_BYTES (16 * 1024 * 1024)
#define FIRST_BYTES 4096

void
okap_reply_free (OkapReply *reply)
{
  okap_wipe (reply->text, reply->length);
  g_free (reply->text);
  g_clear_pointer (&reply->root, json_node_unref);
  g_free (reply);
}

/** okap_reply_get_object: (transfer none): the answer, or an empty object if it is none */
JsonObject *
okap_reply_get_object (OkapReply *reply)
{
  if (reply->root == NULL || !JSON_NODE_HOLDS_OBJECT (reply->root))
    {
      g_clear_pointer (&reply->root, json_node_unref);
      reply->root = json_node_init_object (json_node_alloc (), NULL);
      json_node_take_object (reply->root, json_object_new ());
    }
  return json_node_get_object (reply->root);
}

/** okap_reply_get_rows: (transfer none) (nullable): the member "rows" */
JsonArray *
okap_reply_get_rows (OkapReply *reply)
{
  JsonNode *rows = json_object_get_member (okap_reply_get_object (reply), "rows");

  return rows != NULL && JSON_NODE_HOLDS_ARRAY (rows) ? json_node_get_array (rows) : NULL;
}

/**
 * okap_reply_check:
 * @error: %OKAP_ERROR_INTERNAL with the words of the answer
 *
 * Returns: whether the answer is a good one
 */
gboolean
okap_reply_check (OkapReply *reply, GError **error)
{
  const char *message;

  if (reply->status >= 200 && reply->status < 300)
    return TRUE;
  message = json_object_get_string_member_with_default (okap_reply_get_object (reply), "message",
                                                        NULL);
  if (message != NULL)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INTERNAL, message);
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                 "Okap answered with HTTP status %u and no message", reply->status);
  return FALSE;
}

/* Grows by copying, so that what is left behind can be wiped. */
static size_t
receive_cb (char *data, size_t size, size_t count, void *user_data)
{
  OkapReply *reply = user_data;
  gsize length = size * count;
  char *grown;

  if (length > ANSWER_BYTES - reply->length)
    return 0;
  grown = g_malloc (MAX (FIRST_BYTES, (reply->length + length) * 2) + 1);
  if (reply->length > 0)
    memcpy (grown, reply->text, reply->length);
  memcpy (grown + reply->length, data, length);
  okap_wipe (reply->text, reply->length);
  g_free (reply->text);
  reply->text = grown;
  reply->length += length;
  reply->text[reply->length] = '\0';
  return length;
}

static curl_socket_t
open_socket_cb (void *user_data, curlsocktype purpose, struct curl_sockaddr *address)
{
  return socket (address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static CURL *
make_handle (const char *path, struct curl_slist *headers, OkapReply *reply)
{
  CURL *handle = curl_easy_init ();
  g_autofree char *socket_path = okap_paths_dup_socket ();
  g_autofree char *url = g_strconcat ("http://localhost", path, NULL);

  curl_easy_setopt (handle, CURLOPT_URL, url);
  curl_easy_setopt (handle, CURLOPT_UNIX_SOCKET_PATH, socket_path);
  curl_easy_setopt (handle, CURLOPT_OPENSOCKETFUNCTION, open_socket_cb);
  curl_easy_setopt (handle, CURLOPT_PROXY, "");
  curl_easy_setopt (handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt (handle, CURLOPT_WRITEFUNCTION, receive_cb);
  curl_easy_setopt (handle, CURLOPT_WRITEDATA, reply);
  return handle;
}

static gboolean
check_result (CURLcode result, GError **error)
{
  if (result == CURLE_OK)
    return TRUE;
  if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                         "Okap is not running. Open the app, or run: okap serve");
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                 "Okap stopped while it was asked: %s", curl_easy_strerror (result));
  return FALSE;
}

/**
 * okap_client_call:
 * @type: (nullable): Content-Type of @body; NULL for a GET
 * @body: (nullable): lent
 * @error: %OKAP_ERROR_NOT_FOUND if no Okap runs
 */
OkapReply *
okap_client_call (const char *path, const char *type, const char *body, gsize length,
                  GError **error)
{
  g_autoptr (OkapReply) reply = g_new0 (OkapReply, 1);
  struct curl_slist *headers = NULL;
  g_autofree char *type_line = NULL;
  CURL *handle;
  CURLcode result;
  long status = 0;

  if (type != NULL)
    {
      type_line = g_strconcat ("Content-Type: ", type, NULL);
      headers = curl_slist_append (headers, type_line);
    }
  headers = curl_slist_append (headers, "Expect:");
  headers = curl_slist_append (headers, "Prefer: wait=" G_STRINGIFY (OKAP_CAP_WAIT_MOST_S));
  handle = make_handle (path, headers, reply);
  if (type != NULL)
    {
      curl_easy_setopt (handle, CURLOPT_POST, 1L);
      curl_easy_setopt (handle, CURLOPT_POSTFIELDS, body != NULL ? body : "");
      curl_easy_setopt (handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) length);
    }
  result = curl_easy_perform (handle);
  curl_easy_getinfo (handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_cleanup (handle);
  curl_slist_free_all (headers);

  if (!check_result (result, error))
    return NULL;
  reply->status = (guint) status;
  if (reply->length > 0)
    reply->root = okap_json_parse_strict (reply->text, reply->length, OKAP_JSON_DEPTH_MOST, NULL);
  return g_steal_pointer (&reply);
}

static OkapReply *
checked (OkapReply *reply, GError **error)
{
  if (reply == NULL || okap_reply_check (reply, error))
    return reply;
  okap_reply_free (reply);
  return NULL;
}

OkapReply *
okap_client_get (const char *path, GError **error)
{
  return checked (okap_client_call (path, NULL, NULL, 0, error), error);
}

OkapReply *
okap_client_post (const char *path, GError **error)
{
  return checked (okap_client_call (path, "application/json", "{}", 2, error), error);
}

/** okap_client_post_secret: the body is @secret as it is */
OkapReply *
okap_client_post_secret (const char *path, OkapSecret *secret, GError **error)
{
  return checked (okap_client_call (path, "application/octet-stream", okap_secret_get_text (secret),
                                    okap_secret_get_length (secret), error), error);
}

/**
 * okap_client_dup_path:
 * @name: (nullable): name of a parameter, followed by its value (nullable: left out), and so on
 *
 * Returns: (transfer full): @path with a query
 */
char *
okap_client_dup_path (const char *path, const char *name, ...)
{
  g_autoptr (GString) full = g_string_new (path);
  char separator = '?';
  va_list args;

  va_start (args, name);
  for (; name != NULL; name = va_arg (args, const char *))
    {
      const char *value = va_arg (args, const char *);

      if (value == NULL)
        continue;
      g_string_append_printf (full, "%c%s=", separator, name);
      g_string_append_uri_escaped (full, value, NULL, FALSE);
      separator = '&';
    }
  va_end (args);
  return g_string_free (g_steal_pointer (&full), FALSE);
}
