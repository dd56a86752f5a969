/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The app: a thin shell around the core. Main thread.
 *
 *   door on the bus ──▶ name is owned ──▶ startup ──▶ core starts ──▶ requests can be answered
 *                                                          └── fails ──▶ the window says why
 *
 * The name is owned before anything else is done, the toolkit included, because whoever activated
 * us waits for it; what is asked meanwhile is answered when the core serves. GApplication registers
 * itself with calls to the bus that wait for the bus; all others here are asynchronous, and the
 * toolkit is kept from waiting for the desktop portal (okap-portal.c).
 *
 * The first process owns the name on the bus; a second one only activates it. With --background
 * the app serves without a window until it is activated. A closed window is destroyed; whether Okap
 * goes on without it, okap-background.c says. None of the actions here approves anything: every
 * program of the user can call them over the bus. */
#include "config.h"

#include "okap-application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "okap-alert-notifier.h"
#include "okap-autostart.h"
#include "okap-background.h"
#include "okap-bus-door.h"
#include "okap-consent-dialog.h"
#include "okap-consent-prompter.h"
#include "okap-core.h"
#include "okap-currency.h"
#include "okap-defaults.h"
#include "okap-key-notifier.h"
#include "okap-keyring-way.h"
#include "okap-help.h"
#include "okap-link.h"
#include "okap-locking.h"
#include "okap-misuse-notifier.h"
#include "okap-portal.h"
#include "okap-preferences.h"
#include "okap-settings.h"
#include "okap-tray.h"
#include "okap-unlock-dialog.h"
#include "okap-window.h"

#define MOST_EARLY_LINKS 8  /* opened before the core runs */
#define END_MS 50           /* for answers to leave */

struct _OkapApplication
{
  AdwApplication parent_instance;

  OkapBusDoor *door;         /* (owned) (nullable) while we are on the bus */
  OkapCore *core;            /* (owned) from startup to shutdown */
  OkapLocking *locking;      /* (owned) likewise */
  OkapTray *tray;            /* (owned) (nullable) from startup, if we are on the bus */
  OkapBackground *life;      /* (owned) from startup to shutdown */
  gboolean started;          /* the core runs */
  GError *error;             /* (owned) (nullable) why it does not */
  gboolean ending;           /* those who wait are being told */
  gboolean background;       /* the first activation shows no window */
  gboolean opened;           /* by a link: lives on without a window */
  GPtrArray *early_links;    /* (owned) until the core runs */
  guint term_id;             /* a logout or Ctrl+C ends us in order */
  guint int_id;
  char *listen;              /* (owned) (nullable) from the command line */
};

G_DEFINE_FINAL_TYPE (OkapApplication, okap_application, ADW_TYPE_APPLICATION)

static OkapWindow *
find_window (OkapApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (OKAP_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

/* The one that asks, if there is one. */
static GtkWindow *
find_prompt (OkapApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (OKAP_IS_CONSENT_DIALOG (l->data) || OKAP_IS_UNLOCK_DIALOG (l->data))
      return l->data;
  return NULL;
}

static void
show_outcome (OkapApplication *self, OkapWindow *window)
{
  if (self->started)
    okap_window_set_core (window, self->core, self->locking);
  else if (self->error != NULL)
    okap_window_set_error (window, self->error);
}

static void
core_started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapApplication) self = user_data;
  g_autoptr (OkapConsentPrompter) prompter = NULL;
  OkapWindow *window = find_window (self);

  g_application_release (G_APPLICATION (self));
  if (self->core == NULL)
    return;
  self->started = okap_core_start_finish (OKAP_CORE (source), result, &self->error);
  if (self->started)
    {
      prompter = okap_consent_prompter_new (GTK_APPLICATION (self),
                                            okap_core_get_broker (self->core));
      okap_broker_set_prompter (okap_core_get_broker (self->core), OKAP_PROMPTER (prompter));
      okap_alert_notifier_attach (okap_broker_get_alerts (okap_core_get_broker (self->core)),
                                  okap_broker_get_price_seal (okap_core_get_broker (self->core)),
                                  G_APPLICATION (self));
      okap_key_notifier_attach (okap_broker_get_key_care (okap_core_get_broker (self->core)),
                                G_APPLICATION (self));
      okap_misuse_notifier_attach (
        okap_broker_get_misuse_watch (okap_core_get_broker (self->core)), G_APPLICATION (self));
      if (self->door != NULL)
        okap_bus_door_open (self->door, okap_core_get_origin (self->core),
                            okap_core_get_socket (self->core));
      for (guint i = 0; i < self->early_links->len; i++)
        okap_link_open (okap_core_get_broker (self->core),
                        g_ptr_array_index (self->early_links, i));
      g_ptr_array_set_size (self->early_links, 0);
      okap_keyring_way_try (okap_keyring_way_get (okap_core_get_vault (self->core)), FALSE);
    }
  else
    {
      if (self->door != NULL)
        okap_bus_door_fail (self->door, self->error);
      if (window == NULL)
        {
          g_printerr ("okap-app: %s\n", self->error->message);
          g_application_quit (G_APPLICATION (self));
        }
    }
  if (window != NULL)
    show_outcome (self, window);
}

/* (transfer none) */
static OkapWindow *
use_window (OkapApplication *self)
{
  OkapWindow *window = find_window (self);

  if (window != NULL)
    return window;
  window = OKAP_WINDOW (okap_window_new (GTK_APPLICATION (self)));
  show_outcome (self, window);
  okap_window_set_background (window, self->life);
  return window;
}

static gboolean
quit_now_cb (gpointer user_data)
{
  g_application_quit (user_data);
  return G_SOURCE_REMOVE;
}

/* Those who wait for an answer are told first; a second time does not wait for that. */
static void
end (OkapApplication *self)
{
  if (self->ending || !self->started)
    {
      g_application_quit (G_APPLICATION (self));
      return;
    }
  self->ending = TRUE;
  if (self->door != NULL)
    okap_bus_door_close (self->door);
  okap_broker_end_session (okap_core_get_broker (self->core));
  g_timeout_add_full (G_PRIORITY_LOW, END_MS, quit_now_cb, g_object_ref (self), g_object_unref);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  end (user_data);
}

static gboolean
signal_cb (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_CONTINUE;
}

static void
show_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_activate (user_data);
}

/* To pause is harmless; a notification offers it. */
static void
pause_app_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  OkapApplication *self = user_data;
  const char *id = g_variant_get_string (parameter, NULL);
  OkapGrant *grant = self->started
                     ? okap_broker_find_grant (okap_core_get_broker (self->core), id) : NULL;

  if (grant != NULL && grant->state == OKAP_GRANT_ACTIVE)
    okap_broker_set_grant_state_async (okap_core_get_broker (self->core), grant->id,
                                       OKAP_GRANT_PAUSED, "paused from a notification", NULL, NULL);
}

static void
pause_all_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  OkapApplication *self = user_data;

  okap_broker_set_paused (okap_core_get_broker (self->core), TRUE, "paused by a shortcut", NULL);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  OkapWindow *window = find_window (user_data);

  if (window == NULL)
    return;
  adw_show_about_window (GTK_WINDOW (window),
                         "application-name", "Okap",
                         "application-icon", OKAP_APP_ID,
                         "version", OKAP_VERSION,
                         "developer-name", _("The Okap authors"),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         "comments", _("A vault for AI keys that apps ask and never see."),
                         NULL);
}

/* From the desktop's menu of the app; the window has a lock of its own, which has keys. */
static void
lock_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  OkapApplication *self = OKAP_APPLICATION (user_data);

  if (self->started)
    okap_vault_lock (okap_core_get_vault (self->core));
}

static void
help_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  OkapWindow *window = find_window (user_data);

  if (window != NULL)
    okap_help_show (GTK_WINDOW (window));
}

static void
start_toolkit (GApplication *application)
{
  GApplicationClass *parent = G_APPLICATION_CLASS (okap_application_parent_class);
  GDBusConnection *connection = g_application_get_dbus_connection (application);
  guint filter = 0;

  if (connection != NULL)
    filter = okap_portal_hide (connection);
  parent->startup (application);
  if (connection == NULL)
    return;
  okap_portal_unhide (connection, filter);
  okap_portal_follow_colors (connection);
}

static void
settle_cb (GSourceFunc done, gpointer done_data, gpointer user_data)
{
  okap_core_settle (user_data, done, done_data);
}

/* Before anything can be asked, so that nothing comes up on a locked screen. */
static void
start_locking (OkapApplication *self)
{
  self->locking = okap_locking_new (okap_core_get_broker (self->core), okap_settings_get (),
                                    okap_boot_clock_get_real ());
  okap_locking_set_barrier (self->locking, settle_cb, self->core);
  okap_locking_watch (self->locking,
                      g_application_get_dbus_connection (G_APPLICATION (self)) != NULL, FALSE);
}

/* Its threads work while the toolkit is made ready. */
static void
start_core (OkapApplication *self)
{
  self->core = okap_core_new ();
  if (self->door != NULL)
    okap_bus_door_set_broker (self->door, okap_core_get_broker (self->core));
  okap_defaults_follow (okap_settings_get ());
  okap_core_set_port (self->core, (guint16) g_settings_get_uint (okap_settings_get (), "port"));
  g_application_hold (G_APPLICATION (self));
  okap_core_start_async (self->core, self->listen, core_started_cb, g_object_ref (self));
  start_locking (self);
}

/* Brings the window to the front, or the question that a person is asked about. */
static void
tray_show_cb (OkapApplication *self, const char *token, gboolean questions)
{
  GtkWindow *window = questions ? find_prompt (self) : NULL;

  if (window == NULL)
    window = GTK_WINDOW (use_window (self));
  if (token != NULL && *token != '\0')
    gtk_window_set_startup_id (window, token);
  gtk_window_present (window);
}

static void
window_removed_cb (OkapApplication *self, GtkWindow *window)
{
  if (!OKAP_IS_WINDOW (window) || find_window (self) != NULL || self->life == NULL)
    return;
  okap_background_note_closed (self->life);
  if (!okap_background_get_stays (self->life) && !self->opened)
    end (self);
}

static void
start_tray (OkapApplication *self)
{
  GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (self));
  GSettings *settings = okap_settings_get ();

  if (bus != NULL)
    {
      self->tray = okap_tray_new (bus, okap_core_get_broker (self->core));
      g_signal_connect_object (self->tray, "show", G_CALLBACK (tray_show_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (self->tray, "quit", G_CALLBACK (end), self, G_CONNECT_SWAPPED);
    }
  self->life = okap_background_new (G_APPLICATION (self), settings, self->tray);
  g_signal_connect_object (self, "window-removed", G_CALLBACK (window_removed_cb), self,
                           G_CONNECT_SWAPPED);
  okap_autostart_follow (settings, bus);
}

/* help-overlay.ui shows them. */
static void
set_accels (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *accel;
  } accels[] = {
    { "app.help", "F1" },
    { "app.quit", "<Control>q" },
    { "app.pause-all", "<Control><Shift>p" },
    { "win.lock", "<Control>l" },
    { "win.preferences", "<Control>comma" },
    { "win.page::overview", "<Alt>1" },
    { "win.page::apps", "<Alt>2" },
    { "win.page::keys", "<Alt>3" },
    { "win.page::activity", "<Alt>4" },
    { "win.page::demo", "<Alt>5" },
    { "window.close", "<Control>w" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (application, accels[i].action,
                                           (const char *[]) { accels[i].accel, NULL });
}

static void
okap_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { .name = "quit", .activate = quit_cb },
    { .name = "show", .activate = show_cb },
    { .name = "help", .activate = help_cb },
    { .name = "about", .activate = about_cb },
    { .name = "lock", .activate = lock_cb },
    { .name = "pause-all", .activate = pause_all_cb },
    { .name = "pause-app", .activate = pause_app_cb, .parameter_type = "s" },
  };
  OkapApplication *self = OKAP_APPLICATION (application);

  start_core (self);
  start_toolkit (application);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  set_accels (GTK_APPLICATION (self));
  gtk_window_set_default_icon_name (OKAP_APP_ID);
  okap_currency_bind ();

  self->term_id = g_unix_signal_add (SIGTERM, signal_cb, self);
  self->int_id = g_unix_signal_add (SIGINT, signal_cb, self);
  if (self->background)
    g_application_hold (application);
  start_tray (self);
}

/* Before the name is asked for; a second process comes here, too, and then finds it taken. */
static gboolean
okap_application_dbus_register (GApplication *application, GDBusConnection *connection,
                                const char *path, GError **error)
{
  OkapApplication *self = OKAP_APPLICATION (application);
  GApplicationClass *parent = G_APPLICATION_CLASS (okap_application_parent_class);

  self->door = okap_bus_door_new ();
  return parent->dbus_register (application, connection, path, error)
         && okap_bus_door_export (self->door, connection, error);
}

static void
okap_application_dbus_unregister (GApplication *application, GDBusConnection *connection,
                                  const char *path)
{
  g_clear_object (&OKAP_APPLICATION (application)->door);
  G_APPLICATION_CLASS (okap_application_parent_class)->dbus_unregister (application, connection,
                                                                        path);
}

static void
okap_application_activate (GApplication *application)
{
  OkapApplication *self = OKAP_APPLICATION (application);

  if (self->background)
    self->background = FALSE;
  else
    gtk_window_present (GTK_WINDOW (use_window (self)));
}

/* Links; a question comes up for each, and that is all that can be done here. */
static void
okap_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  OkapApplication *self = OKAP_APPLICATION (application);

  if (!self->opened && !self->background && find_window (self) == NULL)
    g_application_hold (application);  /* somebody will want to use what is granted */
  self->opened = TRUE;
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      if (self->started)
        okap_link_open (okap_core_get_broker (self->core), uri);
      else if (self->error == NULL && self->early_links->len < MOST_EARLY_LINKS)
        g_ptr_array_add (self->early_links, g_steal_pointer (&uri));
    }
}

static void
okap_application_shutdown (GApplication *application)
{
  OkapApplication *self = OKAP_APPLICATION (application);

  if (self->door != NULL)
    okap_bus_door_close (self->door);
  if (self->started)
    {
      okap_broker_set_prompter (okap_core_get_broker (self->core), NULL);
      okap_core_stop (self->core);
    }
  g_clear_object (&self->locking);
  g_clear_object (&self->life);
  g_clear_object (&self->tray);
  g_clear_handle_id (&self->term_id, g_source_remove);
  g_clear_handle_id (&self->int_id, g_source_remove);
  g_clear_object (&self->core);
  G_APPLICATION_CLASS (okap_application_parent_class)->shutdown (application);
}

static int
okap_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  OkapApplication *self = OKAP_APPLICATION (application);

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("okap-app %s\n", OKAP_VERSION);
      return 0;
    }
  self->background = g_variant_dict_contains (options, "background");
  (void) g_variant_dict_lookup (options, "listen", "s", &self->listen);
  if (self->background)
    {
      g_autoptr (GError) error = NULL;

      if (!g_application_register (application, NULL, &error))
        {
          g_printerr ("okap-app: %s\n", error->message);
          return 1;
        }
      if (g_application_get_is_remote (application))
        return 0;
    }
  return -1;
}

static void
okap_application_finalize (GObject *object)
{
  OkapApplication *self = OKAP_APPLICATION (object);

  g_clear_error (&self->error);
  g_free (self->listen);
  g_ptr_array_unref (self->early_links);
  G_OBJECT_CLASS (okap_application_parent_class)->finalize (object);
}

static void
okap_application_class_init (OkapApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = okap_application_finalize;
  application_class->startup = okap_application_startup;
  application_class->dbus_register = okap_application_dbus_register;
  application_class->dbus_unregister = okap_application_dbus_unregister;
  application_class->activate = okap_application_activate;
  application_class->open = okap_application_open;
  application_class->shutdown = okap_application_shutdown;
  application_class->handle_local_options = okap_application_handle_local_options;
}

static void
okap_application_init (OkapApplication *self)
{
  /* The group of these has no domain of its own: they are translated here. */
  const GOptionEntry options[] = {
    { "background", 'b', 0, G_OPTION_ARG_NONE, NULL, _("Serve without a window"), NULL },
    { "listen", 0, 0, G_OPTION_ARG_STRING, NULL, _("Where to listen on this computer"),
      _("ADDRESS:PORT") },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, _("Print the version"), NULL },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  self->early_links = g_ptr_array_new_with_free_func (g_free);
}

OkapApplication *
okap_application_new (void)
{
  return g_object_new (OKAP_TYPE_APPLICATION,
                       "application-id", OKAP_APP_ID,
                       "flags", G_APPLICATION_HANDLES_OPEN,
                       "resource-base-path", "/com/example/Okap",
                       NULL);
}
