/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an app asks for, and the one call that asks: by the session bus if Okap is there or can be
 * started there, else by its Unix socket; a direct request the other way round. */
#include "config.h"

#include "okap-app-private.h"

#include <string.h>

#define TIMEOUT_DEFAULT_S 300

struct _OkapAppRequest
{
  GObject parent_instance;

  OkapAppBody body;

  char *parent_window;     /* (owned) (nullable) */
  char *activation_token;  /* (owned) (nullable) */
  guint timeout_s;
  gboolean interactive;
  gboolean direct;

  OkapAppProof proof;
  char *match_code;        /* (owned) */
  char *answer;            /* (owned) (nullable) of Okap; wiped */
  gboolean is_sent;
  gboolean tried_other;    /* the second of the two doors is being asked */
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
  PROP_DIRECT,
  PROP_MATCH_CODE,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void
okap_app_request_finalize (GObject *object)
{
  OkapAppRequest *self = OKAP_APP_REQUEST (object);

  okap_app_body_clear (&self->body);
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
      g_value_set_string (value, okap_app_get_text (self->body.client, "url"));
      break;
    case PROP_REASON:
      g_value_set_string (value, self->body.reason);
      break;
    case PROP_EXPIRES:
      g_value_set_string (value, self->body.expires);
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
    case PROP_DIRECT:
      g_value_set_boolean (value, self->direct);
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
      okap_app_body_set_client (&self->body, "url", g_value_get_string (value));
      break;
    case PROP_REASON:
      g_free (self->body.reason);
      self->body.reason = g_value_dup_string (value);
      break;
    case PROP_EXPIRES:
      g_free (self->body.expires);
      self->body.expires = g_value_dup_string (value);
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
    case PROP_DIRECT:
      self->direct = g_value_get_boolean (value);
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
   * OkapAppRequest:direct:
   *
   * Whether to ask by Okap's socket first, and by the bus only if Okap has to be started: for
   * programs without a window, which have nothing to tell about how the dialog is shown.
   */
  properties[PROP_DIRECT] = g_param_spec_boolean ("direct", NULL, NULL, FALSE, flags);
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
  okap_app_body_init (&self->body);
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

  okap_app_body_set_client (&self->body, "name", app_name);
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

  self->body.json = g_strdup (json);
  return self;
}

/**
 * okap_app_request_add_provider:
 * @provider: one more; models, capabilities and limits that are set from now on belong to it
 */
void
okap_app_request_add_provider (OkapAppRequest *self, const char *provider)
{
  g_return_if_fail (OKAP_IS_APP_REQUEST (self) && self->body.json == NULL && provider != NULL);

  okap_app_body_add_provider (&self->body, provider);
}

/**
 * okap_app_request_add_model:
 * @model: by name, or the beginning of names with an asterisk behind it
 */
void
okap_app_request_add_model (OkapAppRequest *self, const char *model)
{
  g_return_if_fail (OKAP_IS_APP_REQUEST (self));

  okap_app_body_add (&self->body, "models", model);
}

/**
 * okap_app_request_add_capability:
 * @capability: such as "chat" (the default) or "embeddings"
 */
void
okap_app_request_add_capability (OkapAppRequest *self, const char *capability)
{
  g_return_if_fail (OKAP_IS_APP_REQUEST (self));

  okap_app_body_add (&self->body, "capabilities", capability);
}

/**
 * okap_app_request_set_limit:
 * @limit: such as "monthly_spend" or "requests_per_minute"
 * @value: dollars, or a number
 */
void
okap_app_request_set_limit (OkapAppRequest *self, const char *limit, double value)
{
  g_return_if_fail (OKAP_IS_APP_REQUEST (self) && limit != NULL);

  okap_app_body_set_limit (&self->body, limit, value);
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
    .json = self->body.json,
    .challenge = self->proof.challenge,
    .verifier = self->proof.verifier,
    .parent_window = self->parent_window,
    .activation_token = self->activation_token,
    .timeout_s = self->timeout_s,
    .interactive = self->interactive,
  };
}

static void ask_bus (GTask *task);
static void ask_socket (GTask *task);

/* Nobody was there: the other door, once. @error: (transfer full). */
static void
go_on (GTask *task, GError *error, void (*ask_other) (GTask *task))
{
  OkapAppRequest *self = g_task_get_source_object (task);

  if (self->tried_other || !g_error_matches (error, OKAP_APP_ERROR, OKAP_APP_ERROR_UNAVAILABLE))
    {
      g_task_return_error (task, error);
      return;
    }
  g_error_free (error);
  self->tried_other = TRUE;
  ask_other (task);
}

static void
socket_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (OkapAppReply) reply = okap_app_http_post_finish (result, &error);

  if (reply != NULL)
    read_answer (task, reply);
  else
    go_on (task, error, ask_bus);
}

static void
ask_socket (GTask *task)
{
  OkapAppRequest *self = g_task_get_source_object (task);
  OkapAppQuestion question = make_question (self);

  if (!self->interactive)
    g_task_return_new_error (task, OKAP_APP_ERROR, OKAP_APP_ERROR_UNAVAILABLE,
                             "Okap is not on the session bus, where alone it can be asked without "
                             "asking the user");
  else
    okap_app_socket_ask_async (&question, g_task_get_cancellable (task), socket_cb,
                               g_object_ref (task));
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (OkapAppReply) reply = okap_app_bus_ask_finish (result, &error);

  if (reply != NULL)
    read_answer (task, reply);
  else
    go_on (task, error, ask_socket);
}

static void
ask_bus (GTask *task)
{
  OkapAppQuestion question = make_question (g_task_get_source_object (task));

  okap_app_bus_ask_async (&question, g_task_get_cancellable (task), bus_cb, g_object_ref (task));
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
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (OKAP_IS_APP_REQUEST (self) && !self->is_sent);

  self->is_sent = TRUE;
  okap_app_body_format (&self->body);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, okap_app_request_send_async);
  if (self->direct)
    ask_socket (task);
  else
    ask_bus (task);
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
