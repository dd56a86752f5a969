/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an app asks for, and the one call that asks: by the session bus if Okap is there or can be
 * started there, else by its Unix socket. The request is kept as the JSON of OKAP 1.0 from the
 * beginning; what is wrong in it, Okap says. */
#include "config.h"

#include "okap-app-private.h"

#include <string.h>

#define TIMEOUT_DEFAULT_S 300

struct _OkapAppRequest
{
  GObject parent_instance;

  char *json;              /* (owned) (nullable) given as a whole; else: */
  JsonObject *client;      /* (owned) */
  JsonArray *entries;      /* (owned) */
  char *expires;           /* (owned) (nullable) */
  char *reason;            /* (owned) (nullable) */

  char *parent_window;     /* (owned) (nullable) */
  char *activation_token;  /* (owned) (nullable) */
  guint timeout_s;
  gboolean interactive;

  OkapAppProof proof;
  char *match_code;        /* (owned) */
  char *answer;            /* (owned) (nullable) of Okap; wiped */
  gboolean is_sent;
};

G_DEFINE_FINAL_TYPE (OkapAppRequest, okap_app_request, G_TYPE_OBJECT)

enum
{
  PROP_APP_URL = 1,
  PROP_REASON,
  PROP_EXPIRES,
  PROP_PARENT_WINDOW,
  PROP_ACTIVATION_TOKEN,
  PROP_TIMEOUT,
  PROP_INTERACTIVE,
  PROP_MATCH_CODE,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void
okap_app_request_finalize (GObject *object)
{
  OkapAppRequest *self = OKAP_APP_REQUEST (object);

  g_free (self->json);
  json_object_unref (self->client);
  json_array_unref (self->entries);
  g_free (self->expires);
  g_free (self->reason);
  g_free (self->parent_window);
  g_free (self->activation_token);
  okap_app_proof_clear (&self->proof);
  g_free (self->match_code);
  okap_app_wipe (self->answer);
  G_OBJECT_CLASS (okap_app_request_parent_class)->finalize (object);
}

static void
okap_app_request_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapAppRequest *self = OKAP_APP_REQUEST (object);

  switch (id)
    {
    case PROP_APP_URL:
      g_value_set_string (value, okap_app_get_text (self->client, "url"));
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    case PROP_EXPIRES:
      g_value_set_string (value, self->expires);
      break;
    case PROP_PARENT_WINDOW:
      g_value_set_string (value, self->parent_window);
      break;
    case PROP_ACTIVATION_TOKEN:
      g_value_set_string (value, self->activation_token);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout_s);
      break;
    case PROP_INTERACTIVE:
      g_value_set_boolean (value, self->interactive);
      break;
    case PROP_MATCH_CODE:
      g_value_set_string (value, self->match_code);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_app_request_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OkapAppRequest *self = OKAP_APP_REQUEST (object);

  switch (id)
    {
    case PROP_APP_URL:
      if (g_value_get_string (value) != NULL)
        json_object_set_string_member (self->client, "url", g_value_get_string (value));
      else
        json_object_remove_member (self->client, "url");
      break;
    case PROP_REASON:
      g_free (self->reason);
      self->reason = g_value_dup_string (value);
      break;
    case PROP_EXPIRES:
      g_free (self->expires);
      self->expires = g_value_dup_string (value);
      break;
    case PROP_PARENT_WINDOW:
      g_free (self->parent_window);
      self->parent_window = g_value_dup_string (value);
      break;
    case PROP_ACTIVATION_TOKEN:
      g_free (self->activation_token);
      self->activation_token = g_value_dup_string (value);
      break;
    case PROP_TIMEOUT:
      self->timeout_s = g_value_get_uint (value);
      break;
    case PROP_INTERACTIVE:
      self->interactive = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * OkapAppRequest:app-url:
   *
   * Where the app has its home on the web.
   */
  properties[PROP_APP_URL] = g_param_spec_string ("app-url", NULL, NULL, NULL, flags);
  /**
   * OkapAppRequest:reason:
   *
   * What the access is for, in a sentence that the user reads; at most 256 characters.
   */
  properties[PROP_REASON] = g_param_spec_string ("reason", NULL, NULL, NULL, flags);
  /**
   * OkapAppRequest:expires:
   *
   * Until when access is asked for, as "2027-03-01" or RFC 3339; %NULL for Okap's default.
   */
  properties[PROP_EXPIRES] = g_param_spec_string ("expires", NULL, NULL, NULL, flags);
  /**
   * OkapAppRequest:parent-window:
   *
   * The window that the dialog belongs to, as portals have it: "x11:HEX" or "wayland:HANDLE".
   */
  properties[PROP_PARENT_WINDOW] = g_param_spec_string ("parent-window", NULL, NULL, NULL, flags);
  /**
   * OkapAppRequest:activation-token:
   *
   * With which the dialog may take the focus.
   */
  properties[PROP_ACTIVATION_TOKEN] = g_param_spec_string ("activation-token", NULL, NULL, NULL,
                                                           flags);
  /**
   * OkapAppRequest:timeout:
   *
   * How long the user may take, in seconds: 30 to 600.
   */
  properties[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 30, 600, TIMEOUT_DEFAULT_S,
                                                flags);
  /**
   * OkapAppRequest:interactive:
   *
   * Whether the user may be asked; if not, only what was granted before is given again. Needs an
   * Okap on the session bus.
   */
  properties[PROP_INTERACTIVE] = g_param_spec_boolean ("interactive", NULL, NULL, TRUE, flags);
  /**
   * OkapAppRequest:match-code:
   *
   * Two digits that Okap's dialog may show. An app shows them while it waits, so that the user
   * sees that the dialog is its own.
   */
  properties[PROP_MATCH_CODE] = g_param_spec_string ("match-code", NULL, NULL, NULL,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
okap_app_request_class_init (OkapAppRequestClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = okap_app_request_finalize;
  object_class->get_property = okap_app_request_get_property;
  object_class->set_property = okap_app_request_set_property;
  install_properties (object_class);
}

static void
okap_app_request_init (OkapAppRequest *self)
{
  self->client = json_object_new ();
  self->entries = json_array_new ();
  self->timeout_s = TIMEOUT_DEFAULT_S;
  self->interactive = TRUE;
  okap_app_proof_init (&self->proof);
  self->match_code = okap_app_proof_dup_match (&self->proof);
}

/**
 * okap_app_request_new:
 * @app_name: what the app calls itself; at most 64 characters
 * @provider: such as "openai" or "anthropic"
 *
 * Returns: (transfer full): a request for that provider, as yet for all models, chat, and Okap's
 *   default limits
 */
OkapAppRequest *
okap_app_request_new (const char *app_name, const char *provider)
{
  OkapAppRequest *self = g_object_new (OKAP_TYPE_APP_REQUEST, NULL);

  g_return_val_if_fail (app_name != NULL && provider != NULL, self);

  json_object_set_string_member (self->client, "name", app_name);
  okap_app_request_add_provider (self, provider);
  return self;
}

/**
 * okap_app_request_new_from_json:
 * @json: a request as OKAP 1.0 has it
 *
 * Returns: (transfer full): that request; nothing can be added to it
 */
OkapAppRequest *
okap_app_request_new_from_json (const char *json)
{
  OkapAppRequest *self = g_object_new (OKAP_TYPE_APP_REQUEST, NULL);

  self->json = g_strdup (json);
  return self;
}

static JsonObject *
get_last_entry (OkapAppRequest *self)
{
  guint n = json_array_get_length (self->entries);

  return n > 0 ? json_array_get_object_element (self->entries, n - 1) : NULL;
}

static void
add_to_list (OkapAppRequest *self, const char *list, const char *value)
{
  JsonObject *entry = get_last_entry (self);

  g_return_if_fail (entry != NULL && value != NULL);
  json_array_add_string_element (json_object_get_array_member (entry, list), value);
}

/**
 * okap_app_request_add_provider:
 * @provider: one more; models, capabilities and limits that are set from now on belong to it
 */
void
okap_app_request_add_provider (OkapAppRequest *self, const char *provider)
{
  JsonObject *entry = json_object_new ();

  g_return_if_fail (OKAP_IS_APP_REQUEST (self) && self->json == NULL && provider != NULL);

  json_object_set_string_member (entry, "type", "ai_model_access");
  json_object_set_string_member (entry, "provider", provider);
  json_object_set_array_member (entry, "models", json_array_new ());
  json_object_set_array_member (entry, "capabilities", json_array_new ());
  json_object_set_object_member (entry, "limits", json_object_new ());
  json_array_add_object_element (self->entries, entry);
}

/**
 * okap_app_request_add_model:
 * @model: by name, or the beginning of names with an asterisk behind it
 */
void
okap_app_request_add_model (OkapAppRequest *self, const char *model)
{
  g_return_if_fail (OKAP_IS_APP_REQUEST (self));

  add_to_list (self, "models", model);
}

/**
 * okap_app_request_add_capability:
 * @capability: such as "chat" (the default) or "embeddings"
 */
void
okap_app_request_add_capability (OkapAppRequest *self, const char *capability)
{
  g_return_if_fail (OKAP_IS_APP_REQUEST (self));

  add_to_list (self, "capabilities", capability);
}

/**
 * okap_app_request_set_limit:
 * @limit: such as "monthly_spend" or "requests_per_minute"
 * @value: dollars, or a number
 */
void
okap_app_request_set_limit (OkapAppRequest *self, const char *limit, double value)
{
  JsonObject *entry;
  JsonObject *limits;

  g_return_if_fail (OKAP_IS_APP_REQUEST (self) && limit != NULL);

  entry = get_last_entry (self);
  g_return_if_fail (entry != NULL);
  limits = json_object_get_object_member (entry, "limits");
  if (g_str_has_suffix (limit, "spend") || g_str_has_prefix (limit, "spend"))
    json_object_set_double_member (limits, limit, value);
  else
    json_object_set_int_member (limits, limit, (gint64) value);
}

/**
 * okap_app_request_get_match_code: (get-property match-code)
 *
 * Returns: (transfer none): two digits
 */
const char *
okap_app_request_get_match_code (OkapAppRequest *self)
{
  g_return_val_if_fail (OKAP_IS_APP_REQUEST (self), NULL);

  return self->match_code;
}

/**
 * okap_app_request_get_answer:
 *
 * Returns: (transfer none) (nullable): what Okap answered, as JSON; it holds the token if access
 *   was granted
 */
const char *
okap_app_request_get_answer (OkapAppRequest *self)
{
  g_return_val_if_fail (OKAP_IS_APP_REQUEST (self), NULL);

  return self->answer;
}

static void
complete_entry (JsonArray *entries, guint i, JsonNode *node, gpointer user_data)
{
  OkapAppRequest *self = user_data;
  JsonObject *entry = json_node_get_object (node);
  JsonArray *capabilities = json_object_get_array_member (entry, "capabilities");

  if (json_array_get_length (capabilities) == 0)
    json_array_add_string_element (capabilities, "chat");
  if (self->expires != NULL)
    json_object_set_string_member (entry, "expires", self->expires);
  if (self->reason != NULL)
    json_object_set_string_member (entry, "reason", self->reason);
}

static void
format (OkapAppRequest *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();

  json_array_foreach_element (self->entries, complete_entry, self);
  json_object_set_string_member (object, "okap", "1.0");
  json_object_set_array_member (object, "authorization_details", json_array_ref (self->entries));
  json_object_set_object_member (object, "client", json_object_ref (self->client));
  json_node_set_object (root, object);
  self->json = json_to_string (root, FALSE);
}

static void
read_answer (GTask *task, OkapAppReply *reply)
{
  OkapAppRequest *self = g_task_get_source_object (task);
  g_autoptr (JsonNode) root = json_from_string (reply->text, NULL);
  JsonObject *answer = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root)
                                                                     : NULL;
  OkapAppAccess *access = NULL;
  const char *words;

  okap_app_wipe (self->answer);
  self->answer = g_strdup (reply->text);
  if (answer != NULL && reply->status == 200)
    access = okap_app_access_new (answer);
  if (access != NULL)
    {
      g_task_return_pointer (task, access, g_object_unref);
      return;
    }
  words = answer != NULL ? okap_app_get_text (answer, "reason") : NULL;
  if (words == NULL && answer != NULL)
    words = okap_app_get_text (answer, "message");
  if (answer == NULL || words == NULL)
    g_task_return_new_error (task, OKAP_APP_ERROR, OKAP_APP_ERROR_PROTOCOL,
                             "Okap’s answer could not be read (status %u)", reply->status);
  else
    g_task_return_new_error (task, OKAP_APP_ERROR,
                             reply->status == 200 ? OKAP_APP_ERROR_REFUSED
                                                  : OKAP_APP_ERROR_POLICY, "%s", words);
}

static OkapAppQuestion
make_question (OkapAppRequest *self)
{
  return (OkapAppQuestion) {
    .json = self->json,
    .challenge = self->proof.challenge,
    .verifier = self->proof.verifier,
    .parent_window = self->parent_window,
    .activation_token = self->activation_token,
    .timeout_s = self->timeout_s,
    .interactive = self->interactive,
  };
}

static void
socket_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (OkapAppReply) reply = okap_app_socket_ask_finish (result, &error);

  if (reply != NULL)
    read_answer (task, reply);
  else
    g_task_return_error (task, error);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapAppRequest *self = g_task_get_source_object (task);
  OkapAppQuestion question = make_question (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapAppReply) reply = okap_app_bus_ask_finish (result, &error);

  if (reply != NULL)
    read_answer (task, reply);
  else if (!g_error_matches (error, OKAP_APP_ERROR, OKAP_APP_ERROR_UNAVAILABLE)
           || !self->interactive)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    okap_app_socket_ask_async (&question, g_task_get_cancellable (task), socket_cb,
                               g_object_ref (task));
}

/**
 * okap_app_request_send_async:
 * @cancellable: (nullable): gives the request up; its dialog goes away
 *
 * Asks, once. The callback comes in the thread-default main context of the caller, when the user
 * has decided or nobody will.
 */
void
okap_app_request_send_async (OkapAppRequest *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  OkapAppQuestion question;

  g_return_if_fail (OKAP_IS_APP_REQUEST (self) && !self->is_sent);

  self->is_sent = TRUE;
  if (self->json == NULL)
    format (self);
  question = make_question (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, okap_app_request_send_async);
  okap_app_bus_ask_async (&question, cancellable, bus_cb, task);
}

/**
 * okap_app_request_send_finish:
 * @error: of #OkapAppError, or %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): what was granted, which may be less than what was asked for
 */
OkapAppAccess *
okap_app_request_send_finish (OkapAppRequest *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
keep_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

/**
 * okap_app_request_send:
 *
 * Like okap_app_request_send_async(), and waits: for programs without a main loop.
 *
 * Returns: (transfer full): as okap_app_request_send_finish()
 */
OkapAppAccess *
okap_app_request_send (OkapAppRequest *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  OkapAppAccess *access;

  g_return_val_if_fail (OKAP_IS_APP_REQUEST (self) && !self->is_sent, NULL);

  g_main_context_push_thread_default (context);
  okap_app_request_send_async (self, cancellable, keep_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  access = okap_app_request_send_finish (self, result, error);
  g_main_context_pop_thread_default (context);
  return access;
}
