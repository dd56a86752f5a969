/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a caller may know of grants: its own, and when they change. Main thread.
 *
 * Own are those that were given to the program that Okap sees behind the name, and no others, so
 * the program is looked at for each call. One that cannot be told apart has none here, or it would
 * see those of all that cannot. Who got a grant over the bus, or listed it, is told of its changes
 * until it leaves; the oldest of too many is forgotten. */
#include "config.h"

#include "okap-bus-private.h"

#include <string.h>

#include "okap-answer-json.h"
#include "okap-bus-peer.h"
#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-json.h"

#define SEEN "okap-bus-seen"

struct _OkapBusGrants
{
  GDBusConnection *connection;  /* (owned) */
  OkapBroker *broker;           /* (owned) (nullable) */
  GCancellable *cancellable;    /* (owned) of the calls under way */
  guint n_calls;                /* under way */
  GQueue owners;                /* (element-type Owner) owned, oldest first */
};

/* A program on the bus that is told of its grants. */
typedef struct
{
  OkapBusGrants *grants;
  char *sender;          /* (owned) */
  GHashTable *ids;       /* (owned) set of grant ids */
  guint watch;
} Owner;

/* A call that waits for who makes it. */
typedef struct
{
  OkapBusGrants *grants;              /* valid unless the call was cancelled */
  GDBusMethodInvocation *invocation;  /* (owned) until answered */
  char *origin;                       /* (owned) ListGrants */
  char *grant_id;                     /* (owned) (nullable) Revoke */
} Call;

static void
call_free (Call *call)
{
  g_free (call->origin);
  g_free (call->grant_id);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* --- Owners --- */

static void
owner_free (Owner *owner)
{
  g_dbus_connection_signal_unsubscribe (owner->grants->connection, owner->watch);
  g_hash_table_unref (owner->ids);
  g_free (owner->sender);
  g_free (owner);
}

static void
vanished_cb (gpointer user_data)
{
  Owner *owner = user_data;

  g_queue_remove (&owner->grants->owners, owner);
  owner_free (owner);
}

static Owner *
find_owner (OkapBusGrants *grants, const char *sender)
{
  for (GList *l = grants->owners.head; l != NULL; l = l->next)
    if (strcmp (((Owner *) l->data)->sender, sender) == 0)
      return l->data;
  return NULL;
}

/** okap_bus_grants_add_owner: @sender is told of @grant_id from now on */
void
okap_bus_grants_add_owner (OkapBusGrants *grants, const char *sender, const char *grant_id)
{
  Owner *owner = find_owner (grants, sender);

  if (owner == NULL)
    {
      owner = g_new0 (Owner, 1);
      owner->grants = grants;
      owner->sender = g_strdup (sender);
      owner->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      owner->watch = okap_bus_peer_watch (grants->connection, sender, vanished_cb, owner);
      g_queue_push_tail (&grants->owners, owner);
      if (g_queue_get_length (&grants->owners) > OKAP_CAP_BUS_OWNERS)
        owner_free (g_queue_pop_head (&grants->owners));
    }
  if (g_hash_table_size (owner->ids) < OKAP_CAP_BUS_OWNED)
    g_hash_table_add (owner->ids, g_strdup (grant_id));
}

/* --- Changes --- */

static const char *
name_change (const OkapGrant *before, const OkapGrant *now)
{
  if (before->state == now->state)
    return before->version == now->version ? NULL : "changed";
  switch (now->state)
    {
    case OKAP_GRANT_ACTIVE:
      return "resumed";
    case OKAP_GRANT_PAUSED:
      return "paused";
    case OKAP_GRANT_REVOKED:
    default:
      return "revoked";
    }
}

static void
remember (OkapGrantItem *item)
{
  g_object_set_data_full (G_OBJECT (item), SEEN, okap_grant_ref (okap_grant_item_get_grant (item)),
                          (GDestroyNotify) okap_grant_unref);
}

static void
grant_changed_cb (OkapGrantItem *item, GParamSpec *pspec, gpointer user_data)
{
  OkapBusGrants *grants = user_data;
  const OkapGrant *now = okap_grant_item_get_grant (item);
  const char *what = name_change (g_object_get_data (G_OBJECT (item), SEEN), now);

  remember (item);
  if (what == NULL)
    return;
  for (GList *l = grants->owners.head; l != NULL; l = l->next)
    {
      Owner *owner = l->data;

      if (g_hash_table_contains (owner->ids, now->id))
        (void) g_dbus_connection_emit_signal (grants->connection, owner->sender, OKAP_BUS_PATH,
                                              OKAP_BUS_INTERFACE, "GrantChanged",
                                              g_variant_new ("(ss)", now->id, what), NULL);
    }
}

static void
unwatch_item (OkapBusGrants *grants, OkapGrantItem *item)
{
  g_signal_handlers_disconnect_by_func (item, grant_changed_cb, grants);
  g_object_set_data (G_OBJECT (item), SEEN, NULL);
}

/* What left the list is not heard of again: it is gone, or the vault was locked. */
static void
items_changed_cb (GListModel *list, guint position, guint removed, guint added, gpointer user_data)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (list, i);

      unwatch_item (user_data, item);
      remember (item);
      g_signal_connect (item, "notify::grant", G_CALLBACK (grant_changed_cb), user_data);
    }
}

/** okap_bus_grants_set_broker: (nullable): without one, nobody has a grant */
void
okap_bus_grants_set_broker (OkapBusGrants *grants, OkapBroker *broker)
{
  GListModel *list;

  if (grants->broker != NULL)
    {
      list = okap_broker_get_grants (grants->broker);
      g_signal_handlers_disconnect_by_func (list, items_changed_cb, grants);
      for (guint i = 0; i < g_list_model_get_n_items (list); i++)
        {
          g_autoptr (OkapGrantItem) item = g_list_model_get_item (list, i);

          unwatch_item (grants, item);
        }
    }
  g_set_object (&grants->broker, broker);
  if (broker == NULL)
    return;
  list = okap_broker_get_grants (broker);
  g_signal_connect (list, "items-changed", G_CALLBACK (items_changed_cb), grants);
  items_changed_cb (list, 0, 0, g_list_model_get_n_items (list), grants);
}

/* --- Calls --- */

static gboolean
is_own (const OkapGrant *grant, const OkapIdentity *seen)
{
  return grant->identity->kind != OKAP_IDENTITY_UNKNOWN && seen->kind != OKAP_IDENTITY_UNKNOWN
         && okap_identity_covers (grant->identity, seen);
}

static const char *
get_state_name (const OkapGrant *grant)
{
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

  if (grant->state != OKAP_GRANT_REVOKED && grant->expires_us <= now_us)
    return "expired";
  return okap_grant_state_get_name (grant->state);
}

static GVariant *
describe (const OkapGrant *grant, const char *origin)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (JsonNode) node = okap_answer_details (grant, origin);
  g_autofree char *details = okap_json_print (node, FALSE);

  g_variant_dict_insert (&dict, "grant_id", "s", grant->id);
  g_variant_dict_insert (&dict, "title", "s", okap_grant_get_title (grant));
  g_variant_dict_insert (&dict, "state", "s", get_state_name (grant));
  g_variant_dict_insert (&dict, "created", "x", grant->created_us / G_USEC_PER_SEC);
  g_variant_dict_insert (&dict, "expires", "x", grant->expires_us / G_USEC_PER_SEC);
  g_variant_dict_insert (&dict, "authorization_details", "s", details);
  return g_variant_dict_end (&dict);
}

static void
answer_list (Call *call, const OkapCaller *caller)
{
  OkapBusGrants *grants = call->grants;
  const char *sender = g_dbus_method_invocation_get_sender (call->invocation);
  GListModel *list = okap_broker_get_grants (grants->broker);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (list, i);
      const OkapGrant *grant = okap_grant_item_get_grant (item);

      if (!is_own (grant, caller->identity))
        continue;
      g_variant_builder_add_value (&builder, describe (grant, call->origin));
      okap_bus_grants_add_owner (grants, sender, grant->id);
    }
  g_dbus_method_invocation_return_value (g_steal_pointer (&call->invocation),
                                         g_variant_new ("(aa{sv})", &builder));
}

static void
answer_revoke (Call *call, const OkapCaller *caller)
{
  OkapBroker *broker = call->grants->broker;
  const OkapGrant *grant = okap_broker_find_grant (broker, call->grant_id);

  if (grant != NULL && is_own (grant, caller->identity))
    okap_broker_set_grant_state_async (broker, call->grant_id, OKAP_GRANT_REVOKED,
                                       "the app gave it back", NULL, NULL);
  g_dbus_method_invocation_return_value (g_steal_pointer (&call->invocation), NULL);
}

static void
identified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapCaller) caller = okap_bus_peer_identify_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_dbus_method_invocation_return_error_literal (g_steal_pointer (&call->invocation),
                                                     G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED,
                                                     "Okap is ending.");
      return;
    }
  call->grants->n_calls--;
  if (caller == NULL)
    g_dbus_method_invocation_return_error_literal (
      g_steal_pointer (&call->invocation), G_DBUS_ERROR,
      g_error_matches (error, OKAP_ERROR, OKAP_ERROR_BLOCKED) ? G_DBUS_ERROR_ACCESS_DENIED
                                                              : G_DBUS_ERROR_FAILED,
      error->message);
  else if (call->grants->broker == NULL)
    g_dbus_method_invocation_return_error_literal (g_steal_pointer (&call->invocation),
                                                   G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED,
                                                   "Okap is ending.");
  else if (call->grant_id != NULL)
    answer_revoke (call, caller);
  else
    answer_list (call, caller);
}

static void
begin_call (OkapBusGrants *grants, GDBusMethodInvocation *invocation, const char *origin,
            const char *grant_id)
{
  Call *call;

  if (grants->n_calls >= OKAP_CAP_BUS_CALLS)
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                     G_DBUS_ERROR_LIMITS_EXCEEDED,
                                                     "Too many calls at once. Try again later.");
      return;
    }
  call = g_new0 (Call, 1);
  call->grants = grants;
  call->invocation = invocation;
  call->origin = g_strdup (origin != NULL ? origin : "");
  call->grant_id = g_strdup (grant_id);
  grants->n_calls++;
  okap_bus_peer_identify_async (grants->connection,
                                g_dbus_method_invocation_get_sender (invocation),
                                grants->cancellable, identified_cb, call);
}

/** okap_bus_grants_list: @call: (transfer full); @origin: (nullable) */
void
okap_bus_grants_list (OkapBusGrants *grants, GDBusMethodInvocation *call, const char *origin)
{
  begin_call (grants, call, origin, NULL);
}

/** okap_bus_grants_revoke: @call: (transfer full) */
void
okap_bus_grants_revoke (OkapBusGrants *grants, GDBusMethodInvocation *call, const char *grant_id)
{
  begin_call (grants, call, NULL, grant_id);
}

OkapBusGrants *
okap_bus_grants_new (GDBusConnection *connection)
{
  OkapBusGrants *grants = g_new0 (OkapBusGrants, 1);

  grants->connection = g_object_ref (connection);
  grants->cancellable = g_cancellable_new ();
  g_queue_init (&grants->owners);
  return grants;
}

void
okap_bus_grants_free (OkapBusGrants *grants)
{
  g_cancellable_cancel (grants->cancellable);
  g_object_unref (grants->cancellable);
  okap_bus_grants_set_broker (grants, NULL);
  g_queue_clear_full (&grants->owners, (GDestroyNotify) owner_free);
  g_object_unref (grants->connection);
  g_free (grants);
}
