/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An icon in the tray: a StatusNotifierItem. Main thread; every call is asynchronous and ends by
 * itself, so that a watcher that is absent, slow or dead costs nothing.
 *
 *   no watcher ──▶ watcher appears ──▶ registered, and asked whether a host shows what it knows
 *       ▲                │                         │ ▲
 *       └── it goes ─────┴─────────────────────────┘ └─ a host comes or goes
 *
 * The item registers itself by our unique name, under the path that hosts assume then; a
 * well-known name would be one more thing that another program could take. Whoever is on the bus
 * may call what a host calls: all that it leads to is that a window is shown. The token that some
 * hosts send ahead of a click is used for the next window and no other. Pixels are drawn when they
 * are asked for. */
#include "config.h"

#include "okap-tray-item.h"

#include <string.h>

#include "okap-tray-icon.h"
#include "okap-tray-info.h"

#define WATCHER    "org.kde.StatusNotifierWatcher"
#define PATH       "/StatusNotifierWatcher"
#define ITEM       "org.kde.StatusNotifierItem"
#define ITEM_PATH  "/StatusNotifierItem"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define TIMEOUT_MS 5000
#define TOKEN_BYTES 1024

struct _OkapTrayItem
{
  GObject parent_instance;

  GDBusConnection *bus;     /* (owned) (immutable) */
  GCancellable *calls;      /* (owned) (nullable) those to the watcher that is there now */
  guint registration;
  guint watch;
  guint hosts;              /* subscription */
  gboolean has_host;
  gboolean is_sure;         /* whether there is a host is known */
  char *token;              /* (owned) (nullable) for the next window */

  char *icon;               /* (owned) */
  gboolean needs_attention;
  char *words;              /* (owned) */
  guint count;
  GVariant *pixmap;         /* (owned) (nullable) of icon; NULL until asked for */
};

G_DEFINE_FINAL_TYPE (OkapTrayItem, okap_tray_item, G_TYPE_OBJECT)

enum
{
  PROP_HAS_HOST = 1,
};

enum
{
  SIGNAL_ACTIVATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- What a host asks --- */

static void
emit (OkapTrayItem *self, const char *signal, GVariant *parameters)
{
  (void) g_dbus_connection_emit_signal (self->bus, NULL, ITEM_PATH, ITEM, signal, parameters, NULL);
}

static void
method_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
           const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  OkapTrayItem *self = user_data;
  const char *token;

  if (strcmp (method, "ProvideXdgActivationToken") == 0)
    {
      g_variant_get (parameters, "(&s)", &token);
      g_clear_pointer (&self->token, g_free);
      if (strlen (token) <= TOKEN_BYTES)
        self->token = g_strdup (token);
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
  if (strcmp (method, "Activate") == 0 || strcmp (method, "SecondaryActivate") == 0)
    {
      g_autofree char *owned = okap_tray_item_steal_token (self);

      g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0, owned);
    }
}

static GVariant *
use_pixmap (OkapTrayItem *self)
{
  if (self->pixmap == NULL)
    self->pixmap = okap_tray_icon_render (self->icon, self->needs_attention);
  return g_variant_ref (self->pixmap);
}

static GVariant *
make_tool_tip (OkapTrayItem *self)
{
  return g_variant_new ("(s@a(iiay)ss)", self->icon,
                        g_variant_new_array (G_VARIANT_TYPE ("(iiay)"), NULL, 0), "Okap",
                        self->words);
}

static char *
dup_label (OkapTrayItem *self)
{
  return self->count > 0 ? g_strdup_printf ("%u", self->count) : g_strdup ("");
}

static GVariant *
property_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
             const char *property, GError **error, gpointer user_data)
{
  OkapTrayItem *self = user_data;
  const struct
  {
    const char *name;
    const char *value;
  } strings[] = {
    { "Category", "ApplicationStatus" },
    { "Id", OKAP_APP_ID },
    { "Title", "Okap" },
    { "Status", self->needs_attention ? "NeedsAttention" : "Active" },
    { "IconThemePath", "" },
    { "IconName", self->icon },
    { "OverlayIconName", "" },
    { "AttentionIconName", self->needs_attention ? self->icon : "" },
    { "AttentionMovieName", "" },
    { "XAyatanaLabelGuide", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    if (strcmp (property, strings[i].name) == 0)
      return g_variant_new_string (strings[i].value);
  if (strcmp (property, "IconPixmap") == 0
      || (strcmp (property, "AttentionIconPixmap") == 0 && self->needs_attention))
    return use_pixmap (self);
  if (strcmp (property, "ToolTip") == 0)
    return make_tool_tip (self);
  if (strcmp (property, "XAyatanaLabel") == 0)
    return g_variant_new_take_string (dup_label (self));
  if (strcmp (property, "ItemIsMenu") == 0)
    return g_variant_new_boolean (FALSE);
  if (strcmp (property, "WindowId") == 0)
    return g_variant_new_int32 (0);
  if (strcmp (property, "Menu") == 0)
    return g_variant_new_object_path (OKAP_TRAY_MENU_PATH);
  return g_variant_new_array (G_VARIANT_TYPE ("(iiay)"), NULL, 0);  /* the other pixmaps */
}

/* --- The watcher --- */

static void
set_host (OkapTrayItem *self, gboolean has_host)
{
  gboolean changed = self->has_host != has_host || !self->is_sure;

  self->has_host = has_host;
  self->is_sure = TRUE;
  if (changed)
    g_object_notify (G_OBJECT (self), "has-host");
}

static void
got_host_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapTrayItem) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                               &error);
  g_autoptr (GVariant) value = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer != NULL)
    g_variant_get (answer, "(v)", &value);
  set_host (self, value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
                  && g_variant_get_boolean (value));
}

static void
ask_for_host (OkapTrayItem *self)
{
  g_dbus_connection_call (self->bus, WATCHER, PATH, PROPERTIES, "Get",
                          g_variant_new ("(ss)", WATCHER, "IsStatusNotifierHostRegistered"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS,
                          self->calls, got_host_cb, g_object_ref (self));
}

static void
host_changed_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
                 const char *signal, GVariant *parameters, gpointer user_data)
{
  OkapTrayItem *self = user_data;

  if (self->calls != NULL && (strcmp (signal, "StatusNotifierHostRegistered") == 0
                              || strcmp (signal, "StatusNotifierHostUnregistered") == 0))
    ask_for_host (self);
}

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapTrayItem) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                               &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer != NULL)
    {
      ask_for_host (self);
      return;
    }
  g_debug ("The tray does not take our icon: %s", error->message);
  set_host (self, FALSE);
}

static void
forget_watcher (OkapTrayItem *self)
{
  if (self->calls != NULL)
    g_cancellable_cancel (self->calls);
  g_clear_object (&self->calls);
}

static void
appeared_cb (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  OkapTrayItem *self = user_data;

  forget_watcher (self);
  self->calls = g_cancellable_new ();
  g_dbus_connection_call (bus, WATCHER, PATH, WATCHER, "RegisterStatusNotifierItem",
                          g_variant_new ("(s)", g_dbus_connection_get_unique_name (bus)), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS, self->calls, registered_cb,
                          g_object_ref (self));
}

static void
vanished_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  OkapTrayItem *self = user_data;

  forget_watcher (self);
  set_host (self, FALSE);
}

/* --- The object --- */

static void
okap_tray_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, OKAP_TRAY_ITEM (object)->has_host);
}

static void
okap_tray_item_dispose (GObject *object)
{
  OkapTrayItem *self = OKAP_TRAY_ITEM (object);

  forget_watcher (self);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->hosts != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->hosts);
  if (self->registration != 0)
    g_dbus_connection_unregister_object (self->bus, self->registration);
  self->hosts = self->registration = 0;
  G_OBJECT_CLASS (okap_tray_item_parent_class)->dispose (object);
}

static void
okap_tray_item_finalize (GObject *object)
{
  OkapTrayItem *self = OKAP_TRAY_ITEM (object);

  g_clear_object (&self->bus);
  g_clear_pointer (&self->pixmap, g_variant_unref);
  g_free (self->icon);
  g_free (self->words);
  g_free (self->token);
  G_OBJECT_CLASS (okap_tray_item_parent_class)->finalize (object);
}

static void
okap_tray_item_class_init (OkapTrayItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = okap_tray_item_get_property;
  object_class->dispose = okap_tray_item_dispose;
  object_class->finalize = okap_tray_item_finalize;
  g_object_class_install_property (object_class, PROP_HAS_HOST,
                                   g_param_spec_boolean ("has-host", NULL, NULL, FALSE,
                                                         G_PARAM_READABLE
                                                         | G_PARAM_STATIC_STRINGS));
  signals[SIGNAL_ACTIVATED] = g_signal_new ("activated", OKAP_TYPE_TRAY_ITEM, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
okap_tray_item_init (OkapTrayItem *self)
{
  self->icon = g_strdup (OKAP_APP_ID "-symbolic");
  self->words = g_strdup ("");
}

/** okap_tray_item_new: (transfer full): goes to the tray as soon as there is one */
OkapTrayItem *
okap_tray_item_new (GDBusConnection *bus)
{
  static const GDBusInterfaceVTable vtable = { .method_call = method_cb,
                                               .get_property = property_cb };
  OkapTrayItem *self = g_object_new (OKAP_TYPE_TRAY_ITEM, NULL);
  g_autoptr (GError) error = NULL;

  self->bus = g_object_ref (bus);
  self->registration = g_dbus_connection_register_object (
    bus, ITEM_PATH, (GDBusInterfaceInfo *) &org_kde_status_notifier_item_interface, &vtable, self,
    NULL, &error);
  if (self->registration == 0)
    {
      g_message ("There is no icon in the tray: %s", error->message);
      return self;
    }
  self->hosts = g_dbus_connection_signal_subscribe (bus, WATCHER, WATCHER, NULL, PATH, NULL,
                                                    G_DBUS_SIGNAL_FLAGS_NONE, host_changed_cb,
                                                    self, NULL);
  self->watch = g_bus_watch_name_on_connection (bus, WATCHER, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                appeared_cb, vanished_cb, self, NULL);
  return self;
}

/** okap_tray_item_get_has_host: whether something shows the icon, as far as is known */
gboolean
okap_tray_item_get_has_host (OkapTrayItem *self)
{
  return self->has_host;
}

/** okap_tray_item_is_sure: whether that is known at all; notify::has-host tells when */
gboolean
okap_tray_item_is_sure (OkapTrayItem *self)
{
  return self->is_sure;
}

/** okap_tray_item_steal_token: (transfer full) (nullable): that a host sent for the next window */
char *
okap_tray_item_steal_token (OkapTrayItem *self)
{
  return g_steal_pointer (&self->token);
}

/** okap_tray_item_set_look: tells hosts of what has changed, and of nothing else */
void
okap_tray_item_set_look (OkapTrayItem *self, const OkapTrayLook *look)
{
  gboolean new_icon = strcmp (self->icon, look->icon) != 0;
  gboolean new_status = self->needs_attention != look->needs_attention;
  gboolean new_words = strcmp (self->words, look->words) != 0;
  gboolean new_count = self->count != look->count;
  g_autofree char *label = NULL;

  g_free (self->icon);
  self->icon = g_strdup (look->icon);
  g_free (self->words);
  self->words = g_strdup (look->words);
  self->needs_attention = look->needs_attention;
  self->count = look->count;
  if (new_icon || new_status)
    {
      g_clear_pointer (&self->pixmap, g_variant_unref);
      emit (self, "NewIcon", NULL);
      emit (self, "NewAttentionIcon", NULL);
    }
  if (new_status)
    emit (self, "NewStatus",
          g_variant_new ("(s)", self->needs_attention ? "NeedsAttention" : "Active"));
  if (new_words || new_icon)
    emit (self, "NewToolTip", NULL);
  if (new_count)
    {
      label = dup_label (self);
      emit (self, "XAyatanaNewLabel", g_variant_new ("(ss)", label, ""));
    }
}
