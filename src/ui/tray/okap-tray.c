/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tray shows of Okap: the icon by the most pressing of its states, and the menu. Main
 * thread.
 *
 *   questions wait > all apps paused > locked > calm
 *
 * There is no clock here. Changes come by signals; those that come in a burst are told once. The
 * apps that were used today are asked of the store some seconds after usage came in, and when the
 * menu is about to be seen; without a tray nothing is asked at all. What the menu says can be read
 * by every program on the bus: of a locked vault, it tells no app. */
#include "config.h"

#include "okap-tray.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-text.h"
#include "okap-tray-item.h"
#include "okap-tray-menu.h"

#define USAGE_S 3      /* after usage came in */
#define NAME_CHARS 32

struct _OkapTray
{
  GObject parent_instance;

  OkapBroker *broker;    /* (owned) (immutable) */
  OkapTrayItem *item;    /* (owned) */
  OkapTrayMenu *menu;    /* (owned) */
  GStrv recent;          /* (owned) (nullable) lines of the menu */
  gboolean asking;       /* the store */
  guint update_id;       /* states have changed */
  guint usage_id;        /* usage came in */
};

G_DEFINE_FINAL_TYPE (OkapTray, okap_tray, G_TYPE_OBJECT)

enum
{
  PROP_HAS_HOST = 1,
};

enum
{
  SIGNAL_SHOW,
  SIGNAL_QUIT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static OkapVaultState
get_vault_state (OkapTray *self)
{
  return okap_vault_get_state (okap_broker_get_vault (self->broker));
}

/* --- States --- */

static void
update_look (OkapTray *self)
{
  guint waiting = okap_broker_get_pending (self->broker);
  OkapVaultState state = get_vault_state (self);
  OkapTrayLook look = { .needs_attention = waiting > 0, .count = waiting };
  g_autofree char *words = NULL;

  if (waiting > 0)
    {
      look.icon = OKAP_APP_ID "-attention-symbolic";
      words = g_strdup_printf (ngettext ("%u request waits for you", "%u requests wait for you",
                                         waiting), waiting);
    }
  else if (okap_broker_get_paused (self->broker))
    {
      look.icon = OKAP_APP_ID "-paused-symbolic";
      words = g_strdup (_("All apps are paused"));
    }
  else if (state == OKAP_VAULT_UNLOCKED)
    {
      look.icon = OKAP_APP_ID "-symbolic";
      words = g_strdup (_("Unlocked"));
    }
  else
    {
      look.icon = OKAP_APP_ID "-locked-symbolic";
      words = g_strdup (state == OKAP_VAULT_NONE ? _("There is no vault yet") : _("Locked"));
    }
  look.words = words;
  okap_tray_item_set_look (self->item, &look);
}

static void
update_menu (OkapTray *self)
{
  OkapVaultState state = get_vault_state (self);
  const OkapTrayFacts facts = {
    .waiting = okap_broker_get_pending (self->broker),
    .has_vault = state != OKAP_VAULT_NONE,
    .locked = state != OKAP_VAULT_UNLOCKED,
    .paused = okap_broker_get_paused (self->broker),
    .recent = state == OKAP_VAULT_UNLOCKED ? (const char *const *) self->recent : NULL,
  };

  okap_tray_menu_set (self->menu, &facts);
}

static gboolean
update_cb (gpointer user_data)
{
  OkapTray *self = user_data;

  self->update_id = 0;
  update_look (self);
  update_menu (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (OkapTray *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add (update_cb, self);
}

/* --- Apps that were used today --- */

static int
compare_last (gconstpointer a, gconstpointer b)
{
  const OkapUsageSummary *one = *(OkapUsageSummary *const *) a;
  const OkapUsageSummary *other = *(OkapUsageSummary *const *) b;

  return one->last_us < other->last_us ? 1 : one->last_us > other->last_us ? -1 : 0;
}

/* (transfer full) (nullable): if the app is still known. */
static char *
dup_line (OkapTray *self, const OkapUsageSummary *used)
{
  const OkapGrant *grant = okap_broker_find_grant (self->broker, used->key);
  g_autofree char *name = NULL;
  g_autofree char *money = NULL;

  if (grant == NULL)
    return NULL;
  name = okap_text_shorten (okap_grant_get_title (grant), NAME_CHARS);
  money = okap_format_money (used->cost_nusd);
  /* Translators: the name of an app and what it spent, such as "Notes: $0.12" */
  return g_strdup_printf (_("%1$s: %2$s"), name, money);
}

static void
summarised_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapTray) self = user_data;
  g_autoptr (GPtrArray) rows = okap_store_summarise_finish (OKAP_STORE (source), result, NULL);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  guint n = 0;

  self->asking = FALSE;
  if (rows == NULL || self->menu == NULL)
    return;
  g_ptr_array_sort (rows, compare_last);
  for (guint i = 0; i < rows->len && n < OKAP_TRAY_RECENT; i++)
    {
      g_autofree char *line = dup_line (self, g_ptr_array_index (rows, i));

      if (line == NULL)
        continue;
      g_strv_builder_add (lines, line);
      n++;
    }
  g_strfreev (self->recent);
  self->recent = g_strv_builder_end (lines);
  changed_cb (self);
}

static void
ask_usage (OkapTray *self)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) now = g_date_time_new_now (zone);
  g_autoptr (GDateTime) midnight = g_date_time_new (zone, g_date_time_get_year (now),
                                                    g_date_time_get_month (now),
                                                    g_date_time_get_day_of_month (now), 0, 0, 0);

  if (self->asking || midnight == NULL || get_vault_state (self) != OKAP_VAULT_UNLOCKED
      || !okap_tray_item_get_has_host (self->item))
    return;
  self->asking = TRUE;
  okap_store_summarise_async (okap_broker_get_store (self->broker), OKAP_USAGE_BY_GRANT,
                              g_date_time_to_unix (midnight) * G_USEC_PER_SEC, zone, summarised_cb,
                              g_object_ref (self));
}

static gboolean
usage_over_cb (gpointer user_data)
{
  OkapTray *self = user_data;

  self->usage_id = 0;
  ask_usage (self);
  return G_SOURCE_REMOVE;
}

static void
usage_added_cb (OkapTray *self)
{
  if (self->usage_id == 0 && okap_tray_item_get_has_host (self->item))
    self->usage_id = g_timeout_add_seconds (USAGE_S, usage_over_cb, self);
}

/* --- What a person does --- */

static void
show (OkapTray *self, gboolean questions)
{
  g_autofree char *token = okap_tray_item_steal_token (self->item);

  g_signal_emit (self, signals[SIGNAL_SHOW], 0, token, questions);
}

static void
activated_cb (OkapTray *self, const char *token)
{
  g_signal_emit (self, signals[SIGNAL_SHOW], 0, token,
                 okap_broker_get_pending (self->broker) > 0);
}

static void
chosen_cb (OkapTray *self, int choice)
{
  switch ((OkapTrayChoice) choice)
    {
    case OKAP_TRAY_ANSWER:
      show (self, TRUE);
      break;
    case OKAP_TRAY_PAUSE:
      okap_broker_set_paused (self->broker, TRUE, "paused in the tray", NULL);
      break;
    case OKAP_TRAY_LOCK:
      okap_vault_lock (okap_broker_get_vault (self->broker));
      break;
    case OKAP_TRAY_QUIT:
      g_signal_emit (self, signals[SIGNAL_QUIT], 0);
      break;
    case OKAP_TRAY_OPEN:
    case OKAP_TRAY_RESUME:
    case OKAP_TRAY_UNLOCK:
    case OKAP_TRAY_RECENTLY:
    default:
      show (self, FALSE);
      break;
    }
}

static void
host_changed_cb (OkapTray *self)
{
  ask_usage (self);
  g_object_notify (G_OBJECT (self), "has-host");
}

static void
state_changed_cb (OkapTray *self)
{
  if (get_vault_state (self) != OKAP_VAULT_UNLOCKED)
    g_clear_pointer (&self->recent, g_strfreev);
  changed_cb (self);
}

/* --- The object --- */

static void
okap_tray_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, okap_tray_get_has_host (OKAP_TRAY (object)));
}

static void
okap_tray_dispose (GObject *object)
{
  OkapTray *self = OKAP_TRAY (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->usage_id, g_source_remove);
  g_clear_object (&self->item);
  g_clear_object (&self->menu);
  g_clear_object (&self->broker);
  g_clear_pointer (&self->recent, g_strfreev);
  G_OBJECT_CLASS (okap_tray_parent_class)->dispose (object);
}

static void
okap_tray_class_init (OkapTrayClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = okap_tray_get_property;
  object_class->dispose = okap_tray_dispose;
  g_object_class_install_property (object_class, PROP_HAS_HOST,
                                   g_param_spec_boolean ("has-host", NULL, NULL, FALSE,
                                                         G_PARAM_READABLE
                                                         | G_PARAM_STATIC_STRINGS));
  signals[SIGNAL_SHOW] = g_signal_new ("show", OKAP_TYPE_TRAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[SIGNAL_QUIT] = g_signal_new ("quit", OKAP_TYPE_TRAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
}

static void
okap_tray_init (OkapTray *self)
{
}

static void
follow (OkapTray *self)
{
  OkapStore *store = okap_broker_get_store (self->broker);
  OkapVault *vault = okap_broker_get_vault (self->broker);

  g_signal_connect_object (self->item, "notify::has-host", G_CALLBACK (host_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->item, "activated", G_CALLBACK (activated_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->menu, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->menu, "opened", G_CALLBACK (ask_usage), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (vault, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->broker, "notify::paused", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->broker, "notify::pending", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_broker_get_grants (self->broker), "items-changed",
                           G_CALLBACK (usage_added_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (store, "usage-added", G_CALLBACK (usage_added_cb), self,
                           G_CONNECT_SWAPPED);
}

/** okap_tray_new: (transfer full): @bus: the session bus */
OkapTray *
okap_tray_new (GDBusConnection *bus, OkapBroker *broker)
{
  OkapTray *self = g_object_new (OKAP_TYPE_TRAY, NULL);

  self->broker = g_object_ref (broker);
  self->menu = okap_tray_menu_new (OKAP_TRAY_MENU_PATH);
  self->item = okap_tray_item_new (bus);
  follow (self);
  (void) update_cb (self);
  return self;
}

gboolean
okap_tray_get_has_host (OkapTray *self)
{
  return self->item != NULL && okap_tray_item_get_has_host (self->item);
}

/** okap_tray_is_sure: whether that is known; notify::has-host tells when */
gboolean
okap_tray_is_sure (OkapTray *self)
{
  return self->item != NULL && okap_tray_item_is_sure (self->item);
}
