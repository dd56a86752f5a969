/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The demo's client: real requests over the network port, so that what the user sees is what an
 * app meets. libcurl runs on a short-lived thread per request; what arrives is posted to the main
 * thread piece by piece. Nothing is shared with that thread but the Exchange, which it owns until
 * it posts the end. The cancellable may be cancelled at any time: the connection is closed, and
 * Okap takes its dialog away, as for any app that hangs up. */
#include "config.h"

#include "okap-demo-client.h"

#include <curl/curl.h>
#include <glib/gi18n.h>
#include <string.h>

#include "okap-error.h"
#include "okap-invoke.h"
#include "okap-json.h"
#include "okap-secret.h"

#define ANSWER_MOST_BYTES (256 * 1024)
#define ANSWER_DEPTH      16

struct _OkapDemoClient
{
  GObject parent_instance;

  char *origin;          /* (owned) (immutable) */
  OkapSecret *token;     /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (OkapDemoClient, okap_demo_client, G_TYPE_OBJECT)

typedef struct
{
  GTask *task;                  /* (owned) returned on the main thread */
  GCancellable *cancellable;    /* (owned) (nullable) */
  char *url;                    /* (owned) (immutable) */
  char *body;                   /* (owned) (immutable) */
  OkapSecret *token;            /* (owned) (nullable) (immutable) */
  OkapDemoTextFunc func;        /* (immutable) (nullable) main thread */
  gpointer func_data;
  GString *received;            /* (owned) client's thread, then main */
  gsize scanned;                /* of @received: whole lines that were read */
  CURLcode code;
  long status;
} Exchange;

/* A piece of the answer on its way to the main thread. */
typedef struct
{
  OkapDemoTextFunc func;
  gpointer func_data;
  GCancellable *cancellable;    /* (owned) (nullable) */
  char *text;                   /* (owned) */
} Piece;

static void
exchange_free (Exchange *exchange)
{
  g_object_unref (exchange->task);
  g_clear_object (&exchange->cancellable);
  g_free (exchange->url);
  g_free (exchange->body);
  g_clear_pointer (&exchange->token, okap_secret_unref);
  g_string_free (exchange->received, TRUE);
  g_free (exchange);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Exchange, exchange_free)

static void
piece_free (gpointer data)
{
  Piece *piece = data;

  g_clear_object (&piece->cancellable);
  g_free (piece->text);
  g_free (piece);
}

static gboolean
piece_cb (gpointer user_data)
{
  Piece *piece = user_data;

  if (piece->cancellable == NULL || !g_cancellable_is_cancelled (piece->cancellable))
    piece->func (piece->text, piece->func_data);
  return G_SOURCE_REMOVE;
}

/* (transfer full) (nullable): the piece of text in one event of a stream. */
static char *
dup_delta (const char *json, gsize length)
{
  g_autoptr (JsonNode) node = okap_json_parse_strict (json, length, ANSWER_DEPTH, NULL);
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                                                      : NULL;
  JsonArray *choices = object != NULL && json_object_has_member (object, "choices")
                         ? json_object_get_array_member (object, "choices") : NULL;
  JsonObject *choice = choices != NULL && json_array_get_length (choices) > 0
                         ? json_array_get_object_element (choices, 0) : NULL;
  JsonObject *delta = choice != NULL && json_object_has_member (choice, "delta")
                        ? json_object_get_object_member (choice, "delta") : NULL;

  return delta != NULL && json_object_has_member (delta, "content")
           ? g_strdup (json_object_get_string_member (delta, "content")) : NULL;
}

static void
post_events (Exchange *exchange)
{
  const char *end;

  while ((end = memchr (exchange->received->str + exchange->scanned, '\n',
                        exchange->received->len - exchange->scanned)) != NULL)
    {
      const char *line = exchange->received->str + exchange->scanned;
      gsize length = (gsize) (end - line);
      g_autofree char *text = NULL;
      Piece *piece;

      exchange->scanned += length + 1;
      if (length < 6 || strncmp (line, "data: ", 6) != 0)
        continue;
      text = dup_delta (line + 6, length - 6);
      if (text == NULL || *text == '\0')
        continue;
      piece = g_new0 (Piece, 1);
      piece->func = exchange->func;
      piece->func_data = exchange->func_data;
      piece->cancellable = exchange->cancellable != NULL ? g_object_ref (exchange->cancellable)
                                                         : NULL;
      piece->text = g_steal_pointer (&text);
      okap_invoke (NULL, piece_cb, piece, piece_free);
    }
}

static size_t
write_cb (char *data, size_t size, size_t count, void *user_data)
{
  Exchange *exchange = user_data;

  if (exchange->received->len + size * count > ANSWER_MOST_BYTES)
    return 0;
  g_string_append_len (exchange->received, data, (gssize) (size * count));
  if (exchange->func != NULL)
    post_events (exchange);
  return size * count;
}

static int
progress_cb (void *user_data, curl_off_t download_total, curl_off_t downloaded,
             curl_off_t upload_total, curl_off_t uploaded)
{
  Exchange *exchange = user_data;

  return exchange->cancellable != NULL && g_cancellable_is_cancelled (exchange->cancellable);
}

/* (transfer full) (nullable): the text in member @name */
static char *
dup_string (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
           ? json_node_dup_string (node) : NULL;
}

static JsonNode *
parse_answer (Exchange *exchange)
{
  JsonNode *node = okap_json_parse_strict (exchange->received->str, exchange->received->len,
                                           ANSWER_DEPTH, NULL);

  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    g_clear_pointer (&node, json_node_unref);
  return node;
}

static void
finish_authorize (OkapDemoClient *self, Exchange *exchange)
{
  g_autoptr (JsonNode) node = parse_answer (exchange);
  JsonObject *object = node != NULL ? json_node_get_object (node) : NULL;
  g_autofree char *status = dup_string (object, "status");
  char *token = dup_string (object, "token");

  if (exchange->status == 200 && token != NULL && g_strcmp0 (status, "granted") == 0)
    {
      g_clear_pointer (&self->token, okap_secret_unref);
      self->token = okap_secret_new_from_string (token);
      g_task_return_boolean (exchange->task, TRUE);
    }
  else if (exchange->status == 200)
    g_task_return_new_error (exchange->task, OKAP_ERROR, OKAP_ERROR_USER_DENIED, "%s",
                             _("You did not allow it, so the demo cannot ask."));
  else
    g_task_return_new_error (exchange->task, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                             /* Translators: %ld is the number of an HTTP status */
                             _("Okap’s port answered with %ld."), exchange->status);
  okap_wipe (exchange->received->str, exchange->received->len);
  okap_wipe_string (token);
}

static void
finish_ask (OkapDemoClient *self, Exchange *exchange)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *error = NULL;
  g_autofree char *words = NULL;

  if (exchange->status == 200)
    {
      g_task_return_boolean (exchange->task, TRUE);
      return;
    }
  node = parse_answer (exchange);
  if (node != NULL && json_object_has_member (json_node_get_object (node), "error")
      && JSON_NODE_HOLDS_OBJECT (json_object_get_member (json_node_get_object (node), "error")))
    error = json_object_get_object_member (json_node_get_object (node), "error");
  words = dup_string (error, "message");
  if (exchange->status == 401)
    g_clear_pointer (&self->token, okap_secret_unref);
  g_task_return_new_error (exchange->task, OKAP_ERROR, OKAP_ERROR_INTERNAL, "%s",
                           words != NULL ? words : _("There was no answer."));
}

static gboolean
finish_cb (gpointer user_data)
{
  g_autoptr (Exchange) exchange = user_data;
  OkapDemoClient *self = g_task_get_source_object (exchange->task);

  if (g_task_return_error_if_cancelled (exchange->task))
    return G_SOURCE_REMOVE;
  if (exchange->code != CURLE_OK)
    g_task_return_new_error (exchange->task, OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE,
                             /* Translators: %s says why */
                             _("The connection ended early: %s."),
                             curl_easy_strerror (exchange->code));
  else if (exchange->func != NULL)
    finish_ask (self, exchange);
  else
    finish_authorize (self, exchange);
  return G_SOURCE_REMOVE;
}

static gpointer
exchange_thread (gpointer user_data)
{
  Exchange *exchange = user_data;
  CURL *curl = curl_easy_init ();
  struct curl_slist *headers = curl_slist_append (NULL, "Content-Type: application/json");

  curl_easy_setopt (curl, CURLOPT_URL, exchange->url);
  curl_easy_setopt (curl, CURLOPT_PROXY, "");
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_POSTFIELDS, exchange->body);
  curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
  if (exchange->token != NULL)
    {
      curl_easy_setopt (curl, CURLOPT_HTTPAUTH, (long) CURLAUTH_BEARER);
      curl_easy_setopt (curl, CURLOPT_XOAUTH2_BEARER, okap_secret_get_text (exchange->token));
    }
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, write_cb);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, exchange);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, progress_cb);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, exchange);
  exchange->code = curl_easy_perform (curl);
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &exchange->status);
  curl_easy_cleanup (curl);
  curl_slist_free_all (headers);
  okap_invoke (NULL, finish_cb, exchange, NULL);
  return NULL;
}

static Exchange *
exchange_new (OkapDemoClient *self, const char *path, char *body, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  Exchange *exchange = g_new0 (Exchange, 1);

  exchange->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_check_cancellable (exchange->task, FALSE);
  exchange->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  exchange->url = g_strconcat (self->origin, path, NULL);
  exchange->body = body;
  exchange->received = g_string_new (NULL);
  return exchange;
}

static void
exchange_start (Exchange *exchange)
{
  g_autoptr (GThread) thread = g_thread_new ("okap-demo", exchange_thread, exchange);

  (void) thread;  /* it ends by itself and posts its end */
}

static void
okap_demo_client_finalize (GObject *object)
{
  OkapDemoClient *self = OKAP_DEMO_CLIENT (object);

  g_free (self->origin);
  g_clear_pointer (&self->token, okap_secret_unref);
  G_OBJECT_CLASS (okap_demo_client_parent_class)->finalize (object);
}

static void
okap_demo_client_class_init (OkapDemoClientClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_demo_client_finalize;
}

static void
okap_demo_client_init (OkapDemoClient *self)
{
}

/** okap_demo_client_new: @origin: where Okap listens */
OkapDemoClient *
okap_demo_client_new (const char *origin)
{
  OkapDemoClient *self = g_object_new (OKAP_TYPE_DEMO_CLIENT, NULL);

  self->origin = g_strdup (origin);
  return self;
}

/** okap_demo_client_has_access: whether it holds a token, which may have been revoked since */
gboolean
okap_demo_client_has_access (OkapDemoClient *self)
{
  return self->token != NULL;
}

/** okap_demo_client_authorize_async: PROTOCOL section 1, shape A */
void
okap_demo_client_authorize_async (OkapDemoClient *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "okap");
  json_builder_add_string_value (builder, "1.0");
  json_builder_set_member_name (builder, "authorization_details");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "ai_model_access");
  json_builder_set_member_name (builder, "provider");
  json_builder_add_string_value (builder, "demo");
  json_builder_set_member_name (builder, "models");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "demo-fast");
  json_builder_add_string_value (builder, "demo-large");
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "capabilities");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "chat");
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "reason");
  json_builder_add_string_value (builder, _("Your first question, to show how access works"));
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "client");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, _("Okap Demo"));
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);

  exchange_start (exchange_new (self, "/okap/authorize", okap_json_print (node, FALSE), cancellable,
                                callback, user_data));
}

gboolean
okap_demo_client_authorize_finish (OkapDemoClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_demo_client_ask_async: needs access; @func gets the answer as it streams in */
void
okap_demo_client_ask_async (OkapDemoClient *self, const char *question, GCancellable *cancellable,
                            OkapDemoTextFunc func, gpointer func_data,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  Exchange *exchange;

  g_return_if_fail (self->token != NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "model");
  json_builder_add_string_value (builder, "demo-large");
  json_builder_set_member_name (builder, "stream");
  json_builder_add_boolean_value (builder, TRUE);
  json_builder_set_member_name (builder, "messages");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "role");
  json_builder_add_string_value (builder, "user");
  json_builder_set_member_name (builder, "content");
  json_builder_add_string_value (builder, question);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);

  exchange = exchange_new (self, "/v1/demo/chat/completions", okap_json_print (node, FALSE),
                           cancellable, callback, user_data);
  exchange->token = okap_secret_ref (self->token);
  exchange->func = func;
  exchange->func_data = func_data;
  exchange_start (exchange);
}

gboolean
okap_demo_client_ask_finish (OkapDemoClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
