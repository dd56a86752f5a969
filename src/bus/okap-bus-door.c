/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door on the session bus: the object that apps call, and the table of their requests. Main
 * thread; every call to the bus is asynchronous and has a time-out, so that no peer, the bus itself
 * included, can hold Okap up.
 *
 *   exported ─▶ name owned (by whoever runs us) ─▶ broker set ─▶ opened ─▶ closed ─▶ unexported
 *
 * No method here approves anything; data/dbus/com.example.Okap1.xml says what they do. A caller can
 * have only so many open requests, and all callers together; what is beyond is refused at once,
 * before its text is looked at. Requests that ended stay readable for a minute, but only so many.
 */
#include "config.h"

#include "okap-bus-private.h"

#include <string.h>

#include "okap-bus-info.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-id.h"

#define SWEEP_S 5

G_DEFINE_FINAL_TYPE (OkapBusDoor, okap_bus_door, G_TYPE_OBJECT)

/* --- Requests --- */

static guint
count_of (const GQueue *requests, const char *sender)
{
  guint n = 0;

  for (GList *l = requests->head; l != NULL; l = l->next)
    n += strcmp (okap_bus_request_get_sender (l->data), sender) == 0;
  return n;
}

/* Removes the oldest that ended, of one sender or of any. */
static void
remove_oldest (OkapBusDoor *self, const char *sender)
{
  for (GList *l = self->ended.head; l != NULL; l = l->next)
    if (sender == NULL || strcmp (okap_bus_request_get_sender (l->data), sender) == 0)
      {
        okap_bus_request_remove (l->data);
        return;
      }
}

static gboolean
sweep_cb (gpointer user_data)
{
  OkapBusDoor *self = user_data;
  gint64 before_us = g_get_monotonic_time () - OKAP_CAP_BUS_ENDED_S * G_USEC_PER_SEC;
  OkapBusRequest *request;

  while ((request = g_queue_peek_head (&self->ended)) != NULL
         && okap_bus_request_get_ended (request) < before_us)
    okap_bus_request_remove (request);
  if (!g_queue_is_empty (&self->ended))
    return G_SOURCE_CONTINUE;
  self->sweep = 0;
  return G_SOURCE_REMOVE;
}

/* By the request, in the moment in which it ends. */
void
okap_bus_door_note_ended (OkapBusDoor *self, OkapBusRequest *request)
{
  g_queue_remove (&self->open, request);
  g_queue_push_tail (&self->ended, request);
  if (count_of (&self->ended, okap_bus_request_get_sender (request)) > OKAP_CAP_BUS_ENDED_OF_CALLER)
    remove_oldest (self, okap_bus_request_get_sender (request));
  if (g_queue_get_length (&self->ended) > OKAP_CAP_BUS_ENDED)
    remove_oldest (self, NULL);
  if (self->sweep == 0)
    self->sweep = g_timeout_add_seconds (SWEEP_S, sweep_cb, self);
}

/* By the request, once it is off the bus. */
void
okap_bus_door_forget (OkapBusDoor *self, OkapBusRequest *request)
{
  g_queue_remove (&self->open, request);
  g_queue_remove (&self->ended, request);
  g_hash_table_remove (self->requests, okap_bus_request_get_path (request));
}

/* The path that the caller foresees, unless an open request of its own has it. */
static char *
choose_path (OkapBusDoor *self, const char *sender, const char *token)
{
  g_autofree char *random = okap_id_new ("r");
  g_autofree char *suffixed = NULL;
  g_autofree char *path = okap_bus_dup_request_path (sender, token != NULL ? token : random);
  OkapBusRequest *other = g_hash_table_lookup (self->requests, path);

  if (other == NULL)
    return g_steal_pointer (&path);
  if (!okap_bus_request_is_open (other))
    {
      okap_bus_request_remove (other);
      return g_steal_pointer (&path);
    }
  suffixed = g_strconcat (token, "_", random, NULL);
  return okap_bus_dup_request_path (sender, suffixed);
}

/* Why it cannot be looked at; FALSE with an error. */
static gboolean
has_room (OkapBusDoor *self, const char *sender, GError **error)
{
  if (g_queue_get_length (&self->open) < OKAP_CAP_BUS_OPEN
      && count_of (&self->open, sender) < OKAP_CAP_BUS_OPEN_OF_CALLER)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_THROTTLED,
                       "Too many requests wait for an answer already. Try again later.");
  return FALSE;
}

static void
request_access (OkapBusDoor *self, const char *sender, GVariant *parameters,
                GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) dict = g_variant_get_child_value (parameters, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) full = NULL;
  g_autoptr (OkapBusOptions) options = okap_bus_options_parse (dict, &error);
  g_autofree char *path = NULL;
  OkapBusRequest *request = NULL;
  const char *parent_window, *json;
  gboolean room;

  g_variant_get_child (parameters, 0, "&s", &parent_window);
  g_variant_get_child (parameters, 1, "&s", &json);
  if (options != NULL && strlen (parent_window) > OKAP_CAP_BUS_STRING_BYTES)
    g_set_error (&error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                 "The parent_window is longer than %d bytes.", OKAP_CAP_BUS_STRING_BYTES);
  room = has_room (self, sender, &full);
  if (error == NULL)
    {
      path = choose_path (self, sender, options->handle_token);
      request = okap_bus_request_new (self, sender, path, g_steal_pointer (&options), &error);
    }
  if (request == NULL)
    {
      g_dbus_method_invocation_return_gerror (invocation, error);
      return;
    }
  g_hash_table_replace (self->requests, (gpointer) okap_bus_request_get_path (request), request);
  g_queue_push_tail (&self->open, request);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
  if (self->closed)
    okap_bus_request_end (request, "session_ending", "Okap is ending.");
  else if (self->error != NULL)
    okap_bus_request_fail (request, self->error, 0);
  else if (!room)
    okap_bus_request_fail (request, full, 0);
  else
    okap_bus_request_start (request, parent_window, json);
}

/* --- The object --- */

static void
method_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  OkapBusDoor *self = user_data;
  const char *grant_id;

  if (strcmp (method, "RequestAccess") == 0)
    request_access (self, sender, parameters, invocation);
  else if (strcmp (method, "ListGrants") == 0)
    okap_bus_grants_list (self->grants, invocation, self->origin);
  else
    {
      g_variant_get (parameters, "(&s)", &grant_id);
      okap_bus_grants_revoke (self->grants, invocation, grant_id);
    }
}

static const char *
get_vault_state (OkapBusDoor *self)
{
  if (self->broker == NULL)
    return "locked";
  switch (okap_vault_get_state (okap_broker_get_vault (self->broker)))
    {
    case OKAP_VAULT_NONE:
      return "uninitialised";
    case OKAP_VAULT_UNLOCKED:
      if (okap_broker_get_paused (self->broker))
        return "paused";
      return okap_broker_is_restricted (self->broker) ? "restricted" : "unlocked";
    case OKAP_VAULT_LOCKED:
    case OKAP_VAULT_UNLOCKING:
    default:
      return "locked";
    }
}

static GVariant *
property_cb (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *property, GError **error, gpointer user_data)
{
  OkapBusDoor *self = user_data;

  if (strcmp (property, "Version") == 0)
    return g_variant_new_uint32 (OKAP_BUS_VERSION);
  if (strcmp (property, "State") == 0)
    return g_variant_new_string (get_vault_state (self));
  return g_variant_new_string (self->origin != NULL ? self->origin : "");
}

static void
tell_changed (OkapBusDoor *self, const char *property, const char *value)
{
  g_auto (GVariantDict) changed = G_VARIANT_DICT_INIT (NULL);

  if (self->connection == NULL)
    return;
  g_variant_dict_insert (&changed, property, "s", value);
  (void) g_dbus_connection_emit_signal (self->connection, NULL, OKAP_BUS_PATH,
                                        "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                        g_variant_new ("(s@a{sv}as)", OKAP_BUS_INTERFACE,
                                                       g_variant_dict_end (&changed), NULL),
                                        NULL);
}

static void
vault_changed_cb (OkapBusDoor *self)
{
  const char *state = get_vault_state (self);

  if (state == self->vault_state)
    return;
  self->vault_state = state;
  tell_changed (self, "State", state);
}

static void
okap_bus_door_dispose (GObject *object)
{
  OkapBusDoor *self = OKAP_BUS_DOOR (object);

  okap_bus_door_close (self);
  okap_bus_door_unexport (self);
  G_OBJECT_CLASS (okap_bus_door_parent_class)->dispose (object);
}

static void
okap_bus_door_finalize (GObject *object)
{
  OkapBusDoor *self = OKAP_BUS_DOOR (object);

  g_hash_table_unref (self->requests);
  g_free (self->origin);
  g_free (self->socket);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (okap_bus_door_parent_class)->finalize (object);
}

static void
okap_bus_door_class_init (OkapBusDoorClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_bus_door_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_bus_door_finalize;
}

static void
okap_bus_door_init (OkapBusDoor *self)
{
  self->requests = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  g_queue_init (&self->open);
  g_queue_init (&self->ended);
}

OkapBusDoor *
okap_bus_door_new (void)
{
  return g_object_new (OKAP_TYPE_BUS_DOOR, NULL);
}

/** okap_bus_door_export: puts the object on the bus; whoever calls owns the name then */
gboolean
okap_bus_door_export (OkapBusDoor *self, GDBusConnection *connection, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = method_cb,
                                               .get_property = property_cb };

  g_return_val_if_fail (self->connection == NULL, FALSE);

  self->registration =
    g_dbus_connection_register_object (connection, OKAP_BUS_PATH,
                                       (GDBusInterfaceInfo *) &com_example_okap1_interface,
                                       &vtable, self, NULL, error);
  if (self->registration == 0)
    return FALSE;
  self->connection = g_object_ref (connection);
  self->grants = okap_bus_grants_new (connection);
  okap_bus_grants_set_broker (self->grants, self->broker);
  return TRUE;
}

void
okap_bus_door_set_broker (OkapBusDoor *self, OkapBroker *broker)
{
  g_return_if_fail (self->broker == NULL);

  self->broker = g_object_ref (broker);
  g_signal_connect_object (okap_broker_get_vault (broker), "notify::state",
                           G_CALLBACK (vault_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (broker, "notify::paused", G_CALLBACK (vault_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (broker, "notify::restricted", G_CALLBACK (vault_changed_cb), self,
                           G_CONNECT_SWAPPED);
  self->vault_state = get_vault_state (self);
  if (self->grants != NULL)
    okap_bus_grants_set_broker (self->grants, broker);
}

/**
 * okap_bus_door_open:
 * @origin: "http://127.0.0.1:6527"
 * @socket: path of the Unix socket
 */
void
okap_bus_door_open (OkapBusDoor *self, const char *origin, const char *socket)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (self->origin == NULL && self->broker != NULL);

  self->origin = g_strdup (origin);
  self->socket = g_strdup (socket);
  tell_changed (self, "BaseUrl", origin);
  for (GList *l = self->open.head; l != NULL; l = l->next)
    g_ptr_array_add (waiting, g_object_ref (l->data));
  for (guint i = 0; i < waiting->len; i++)
    okap_bus_request_go_on (g_ptr_array_index (waiting, i));
}

/** okap_bus_door_fail: @error: why the core cannot serve */
void
okap_bus_door_fail (OkapBusDoor *self, const GError *error)
{
  OkapBusRequest *request;

  g_return_if_fail (self->error == NULL);

  self->error = g_error_copy (error);
  while ((request = g_queue_peek_head (&self->open)) != NULL)
    okap_bus_request_fail (request, error, 0);
}

/** okap_bus_door_close: may be called twice */
void
okap_bus_door_close (OkapBusDoor *self)
{
  OkapBusRequest *request;

  self->closed = TRUE;
  while ((request = g_queue_peek_head (&self->open)) != NULL)
    okap_bus_request_end (request, "session_ending", "Okap is ending.");
  if (self->grants != NULL)
    okap_bus_grants_set_broker (self->grants, NULL);
  if (self->broker != NULL)
    {
      g_signal_handlers_disconnect_by_data (okap_broker_get_vault (self->broker), self);
      g_signal_handlers_disconnect_by_data (self->broker, self);
    }
  g_clear_object (&self->broker);
}

/** okap_bus_door_unexport: may be called twice */
void
okap_bus_door_unexport (OkapBusDoor *self)
{
  OkapBusRequest *request;

  if (self->connection == NULL)
    return;
  while ((request = g_queue_peek_head (&self->ended)) != NULL
         || (request = g_queue_peek_head (&self->open)) != NULL)
    okap_bus_request_remove (request);
  g_clear_handle_id (&self->sweep, g_source_remove);
  g_dbus_connection_unregister_object (self->connection, self->registration);
  g_clear_pointer (&self->grants, okap_bus_grants_free);
  g_clear_object (&self->connection);
}
