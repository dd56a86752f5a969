/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request for access, an object on the bus. Main thread.
 *
 *   looked at ──▶ core serves ──▶ asked ──▶ decided ─┐
 *   (queued)       (queued)      (presented)         ├─▶ Response, readable for a minute ─▶ gone
 *       └──────────────┴─────────────┴──▶ closed, ───┘
 *                                         expired
 *
 * It ends exactly once, in end_with(), whichever comes first: the answer, Close, the caller's
 * leaving, the end of Okap. What the broker still answers after that is dropped, and a grant that
 * it brings is given back, because nobody has its token. All signals go to the caller alone. */
#include "config.h"

#include "okap-bus-private.h"

#include <string.h>

#include "okap-bus-info.h"
#include "okap-bus-peer.h"
#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-request-json.h"

typedef enum
{
  STATE_LOOKING,    /* at who asks */
  STATE_READY,      /* to be asked, once the core serves */
  STATE_WAITING,    /* in the queue of the broker */
  STATE_PRESENTED,
  STATE_DECIDED,
  STATE_CLOSED,
  STATE_EXPIRED,
} State;

struct _OkapBusRequest
{
  GObject parent_instance;

  OkapBusDoor *door;          /* (unowned) (nullable) until removed */
  GDBusConnection *connection;  /* (owned) */
  char *sender;               /* (owned) */
  char *path;                 /* (owned) */
  OkapBusOptions *options;    /* (owned) */
  char *match_code;           /* (owned) */
  char *parent_window;        /* (owned) (nullable) until asked */
  OkapRequest *request;       /* (owned) (nullable) */
  OkapCaller *caller;         /* (owned) (nullable) once known */
  GCancellable *cancellable;  /* (owned) ends what is under way */
  State state;
  gint64 ended_us;            /* monotonic; 0 while open */
  guint registration;         /* of the object; 0 once removed */
  guint watch;                /* for the caller's leaving */
};

G_DEFINE_FINAL_TYPE (OkapBusRequest, okap_bus_request, G_TYPE_OBJECT)

static const char *
get_state_name (const OkapBusRequest *self)
{
  switch (self->state)
    {
    case STATE_PRESENTED:
      return "presented";
    case STATE_DECIDED:
      return "decided";
    case STATE_CLOSED:
      return "closed";
    case STATE_EXPIRED:
      return "expired";
    case STATE_LOOKING:
    case STATE_READY:
    case STATE_WAITING:
    default:
      return "queued";
    }
}

/* Signals fail only if the connection is closed, and then nobody waits for them. */
static void
set_state (OkapBusRequest *self, State state)
{
  const char *before = get_state_name (self);
  g_auto (GVariantDict) changed = G_VARIANT_DICT_INIT (NULL);

  self->state = state;
  if (strcmp (before, get_state_name (self)) == 0)
    return;
  g_variant_dict_insert (&changed, "State", "s", get_state_name (self));
  (void) g_dbus_connection_emit_signal (self->connection, self->sender, self->path,
                                        "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                        g_variant_new ("(s@a{sv}as)", OKAP_BUS_REQUEST_INTERFACE,
                                                       g_variant_dict_end (&changed), NULL),
                                        NULL);
}

/* No more work for it. */
static void
stop (OkapBusRequest *self)
{
  self->ended_us = g_get_monotonic_time ();
  g_cancellable_cancel (self->cancellable);
  if (self->watch != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->watch);
  self->watch = 0;
  g_clear_pointer (&self->parent_window, g_free);
  g_clear_pointer (&self->request, okap_request_unref);
  g_clear_pointer (&self->caller, okap_caller_unref);
}

/* The one way out. @outcome: (transfer full). */
static void
end_with (OkapBusRequest *self, State state, OkapBusOutcome *outcome)
{
  g_autoptr (OkapBusRequest) alive = g_object_ref (self);

  g_assert (okap_bus_request_is_open (self));
  stop (self);
  set_state (self, state);
  (void) g_dbus_connection_emit_signal (self->connection, self->sender, self->path,
                                        OKAP_BUS_REQUEST_INTERFACE, "Response",
                                        g_variant_new ("(u@a{sv})", (guint32) outcome->code,
                                                       outcome->results), NULL);
  okap_bus_outcome_free (outcome);
  okap_bus_door_note_ended (self->door, self);
}

/** okap_bus_request_fail: @retry_after_s: 0 for none */
void
okap_bus_request_fail (OkapBusRequest *self, const GError *error, guint retry_after_s)
{
  OkapBusOutcome *outcome = okap_bus_outcome_new_failed (error, retry_after_s);

  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_TIMED_OUT))
    end_with (self, STATE_EXPIRED, outcome);
  else
    end_with (self, outcome->code == OKAP_BUS_ENDED ? STATE_CLOSED : STATE_DECIDED, outcome);
}

/** okap_bus_request_end: without a decision; harmless after the end */
void
okap_bus_request_end (OkapBusRequest *self, const char *reason, const char *message)
{
  if (okap_bus_request_is_open (self))
    end_with (self, STATE_CLOSED, okap_bus_outcome_new_ended (reason, message));
}

static void
vanished_cb (gpointer user_data)
{
  OkapBusRequest *self = user_data;

  okap_bus_request_remove (self);
}

static void
answer_granted (OkapBusRequest *self, OkapBroker *broker, OkapGrant *grant, OkapSecret *token)
{
  g_autofree char *code = okap_codes_issue (okap_broker_get_codes (broker), grant, token,
                                            self->options->code_challenge);
  g_autoptr (GError) error = NULL;

  if (code == NULL)
    {
      error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_BUSY,
                                   "Too many codes wait to be redeemed. Try again later.");
      okap_bus_request_fail (self, error, OKAP_CAP_CODE_S);
      return;
    }
  okap_bus_grants_add_owner (self->door->grants, self->sender, grant->id);
  end_with (self, STATE_DECIDED, okap_bus_outcome_new_granted (grant, code, self->door->origin,
                                                               self->door->socket));
}

static void
authorized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapBusRequest) self = user_data;
  OkapBroker *broker = OKAP_BROKER (source);
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapGrant) grant = okap_broker_authorize_finish (broker, result, &token, &error);

  if (!okap_bus_request_is_open (self))
    {
      if (grant != NULL)
        okap_broker_give_back (broker, grant->id, "the app left before it got its code");
    }
  else if (grant != NULL)
    answer_granted (self, broker, grant, token);
  else
    okap_bus_request_fail (self, error, okap_broker_authorize_get_retry_after (broker, result));
}

static void
shown_cb (gboolean shown, gpointer user_data)
{
  OkapBusRequest *self = user_data;

  if (okap_bus_request_is_open (self))
    set_state (self, shown ? STATE_PRESENTED : STATE_WAITING);
}

/** okap_bus_request_go_on: if it only waited for the core, it is asked about now */
void
okap_bus_request_go_on (OkapBusRequest *self)
{
  g_autoptr (OkapAsk) ask = NULL;

  if (self->state != STATE_READY || self->door->origin == NULL)
    return;
  ask = okap_ask_new (self->request, self->caller);
  ask->wait_s = self->options->timeout_s;
  ask->silent = !self->options->interactive;
  ask->redeemed = TRUE;
  ask->parent_window = g_steal_pointer (&self->parent_window);
  ask->activation_token = g_strdup (self->options->activation_token);
  ask->match_code = g_strdup (self->match_code);
  ask->shown = shown_cb;
  ask->shown_data = self;
  set_state (self, STATE_WAITING);
  okap_broker_authorize_async (self->door->broker, ask, self->cancellable, authorized_cb,
                               g_object_ref (self));
}

static void
identified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapBusRequest) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapCaller) caller = okap_bus_peer_identify_finish (result, &error);

  if (!okap_bus_request_is_open (self))
    return;
  if (caller == NULL)
    {
      okap_bus_request_fail (self, error, 0);
      return;
    }
  self->caller = g_steal_pointer (&caller);
  self->state = STATE_READY;
  okap_bus_request_go_on (self);
}

/**
 * okap_bus_request_start:
 * @parent_window: bounded, otherwise unchecked
 * @json: of any length
 *
 * Reads the request, so that nobody is asked about a malformed one, and looks at who asks.
 */
void
okap_bus_request_start (OkapBusRequest *self, const char *parent_window, const char *json)
{
  g_autoptr (GError) error = NULL;

  if (!self->options->s256)
    g_set_error_literal (&error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED,
                         "The only code_challenge_method that Okap knows is S256.");
  else
    self->request = okap_request_parse (json, strlen (json),
                                        okap_clock_get_now (okap_clock_get_real ()), &error);
  if (self->request == NULL)
    {
      okap_bus_request_fail (self, error, 0);
      return;
    }
  self->parent_window = parent_window[0] != '\0' ? g_strdup (parent_window) : NULL;
  self->watch = okap_bus_peer_watch (self->connection, self->sender, vanished_cb, self);
  okap_bus_peer_identify_async (self->connection, self->sender, self->cancellable, identified_cb,
                                g_object_ref (self));
}

static gboolean
check_sender (OkapBusRequest *self, const char *sender, GError **error)
{
  if (g_strcmp0 (sender, self->sender) == 0)
    return TRUE;
  g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                       "This request is another program's.");
  return FALSE;
}

static void
method_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  g_autoptr (OkapBusRequest) self = g_object_ref (user_data);
  GError *error = NULL;

  if (!check_sender (self, sender, &error))
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
  okap_bus_request_end (self, "closed", "The app took its request back.");
}

static GVariant *
property_cb (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *property, GError **error, gpointer user_data)
{
  OkapBusRequest *self = user_data;

  if (!check_sender (self, sender, error))
    return NULL;
  return g_variant_new_string (strcmp (property, "State") == 0 ? get_state_name (self)
                                                               : self->match_code);
}

static void
okap_bus_request_finalize (GObject *object)
{
  OkapBusRequest *self = OKAP_BUS_REQUEST (object);

  g_clear_pointer (&self->request, okap_request_unref);
  g_clear_pointer (&self->caller, okap_caller_unref);
  g_object_unref (self->cancellable);
  g_object_unref (self->connection);
  okap_bus_options_free (self->options);
  g_free (self->parent_window);
  g_free (self->match_code);
  g_free (self->sender);
  g_free (self->path);
  G_OBJECT_CLASS (okap_bus_request_parent_class)->finalize (object);
}

static void
okap_bus_request_class_init (OkapBusRequestClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_bus_request_finalize;
}

static void
okap_bus_request_init (OkapBusRequest *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * okap_bus_request_new:
 * @path: of no other object
 * @options: (transfer full)
 *
 * Returns: (transfer full) (nullable): an object on the bus, until it is removed
 */
OkapBusRequest *
okap_bus_request_new (OkapBusDoor *door, const char *sender, const char *path,
                      OkapBusOptions *options, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = method_cb,
                                               .get_property = property_cb };
  g_autoptr (OkapBusRequest) self = g_object_new (OKAP_TYPE_BUS_REQUEST, NULL);

  self->door = door;
  self->connection = g_object_ref (door->connection);
  self->sender = g_strdup (sender);
  self->path = g_strdup (path);
  self->options = options;
  self->match_code = okap_codes_dup_match (options->code_challenge);
  self->registration =
    g_dbus_connection_register_object (self->connection, path,
                                       (GDBusInterfaceInfo *) &com_example_okap1_request_interface,
                                       &vtable, self, NULL, error);
  return self->registration != 0 ? g_steal_pointer (&self) : NULL;
}

/** okap_bus_request_remove: takes it off the bus, without a word if it is open */
void
okap_bus_request_remove (OkapBusRequest *self)
{
  OkapBusDoor *door = g_steal_pointer (&self->door);

  if (door == NULL)
    return;
  if (okap_bus_request_is_open (self))
    stop (self);
  self->state = MAX (self->state, STATE_CLOSED);
  g_dbus_connection_unregister_object (self->connection, self->registration);
  self->registration = 0;
  okap_bus_door_forget (door, self);
}

const char *
okap_bus_request_get_path (OkapBusRequest *self)
{
  return self->path;
}

const char *
okap_bus_request_get_sender (OkapBusRequest *self)
{
  return self->sender;
}

gboolean
okap_bus_request_is_open (OkapBusRequest *self)
{
  return self->ended_us == 0;
}

/** okap_bus_request_get_ended: monotonic time, in microseconds; 0 while it is open */
gint64
okap_bus_request_get_ended (OkapBusRequest *self)
{
  return self->ended_us;
}
