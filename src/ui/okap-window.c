/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window shows one of: starting, an error, the first run, unlocking, that Okap is restricted,
 * the main view. Which one follows from the state of vault and broker; only the first run stays
 * until the user is through with it, because the vault is open while the recovery code is still on
 * show. Main thread. Of the actions here "win.lock" can be called over the bus like any other; it
 * only takes away. */
#include "config.h"

#include "okap-window.h"

#include <glib/gi18n.h>

#include "okap-activity-page.h"
#include "okap-apps-page.h"
#include "okap-banner.h"
#include "okap-banner-words.h"
#include "okap-countdown.h"
#include "okap-demo-page.h"
#include "okap-error.h"
#include "okap-keys-page.h"
#include "okap-menus.h"
#include "okap-overview-page.h"
#include "okap-pause-button.h"
#include "okap-press.h"
#include "okap-preferences.h"
#include "okap-restricted-page.h"
#include "okap-settings.h"
#include "okap-sidebar.h"
#include "okap-unlock-page.h"
#include "okap-welcome-page.h"

/* What the banner's button does. */
typedef enum
{
  OFFER_NOTHING,
  OFFER_RESUME,
  OFFER_KEYS,
  OFFER_UNDERSTOOD,
} Offer;

#define USUAL_SECTIONS 2  /* of the main menu; the one of quitting comes and goes */

struct _OkapWindow
{
  AdwApplicationWindow parent_instance;

  OkapCore *core;                 /* (owned) (nullable) until set */
  OkapBackground *background;     /* (owned) (nullable) until set */
  gboolean welcoming;             /* the first run is not over */
  Offer offer;
  GtkWindow *preferences;         /* (nullable) weak: while it is open */

  GtkMenuButton *menu_button;     /* template children */
  GtkStack *root_stack;
  GtkStack *plain_stack;
  AdwStatusPage *error_page;
  OkapWelcomePage *welcome_page;
  OkapRestrictedPage *restricted_page;
  OkapUnlockPage *unlock_page;
  AdwLeaflet *leaflet;
  GtkWidget *sidebar_box;
  GtkListBox *sidebar;
  GtkWidget *content_box;
  AdwWindowTitle *content_title;
  GtkWidget *back_button;
  GtkWidget *add_app_button;
  GtkWidget *add_key_button;
  OkapPauseButton *pause_button;
  OkapCountdown *countdown;
  OkapBanner *banner;
  GtkStack *pages;
  OkapOverviewPage *overview_page;
  OkapAppsPage *apps_page;
  OkapKeysPage *keys_page;
  OkapActivityPage *activity_page;
  OkapDemoPage *demo_page;
};

G_DEFINE_FINAL_TYPE (OkapWindow, okap_window, ADW_TYPE_APPLICATION_WINDOW)

static void
show_plain (OkapWindow *self, const char *name)
{
  gtk_stack_set_visible_child_name (self->plain_stack, name);
  gtk_stack_set_visible_child_name (self->root_stack, "plain");
  gtk_widget_grab_focus (gtk_stack_get_visible_child (self->plain_stack));
}

static void
show_page (OkapWindow *self, const char *name)
{
  if (okap_sidebar_select (self->sidebar, name))
    adw_leaflet_set_visible_child (self->leaflet, self->content_box);
}

static void
show_plain_once (OkapWindow *self, const char *name)
{
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->plain_stack), name) != 0
      || g_strcmp0 (gtk_stack_get_visible_child_name (self->root_stack), "plain") != 0)
    show_plain (self, name);
}

static gboolean
belongs_to (OkapWindow *self, GtkWindow *window)
{
  while (window != NULL && window != GTK_WINDOW (self))
    window = gtk_window_get_transient_for (window);
  return window != NULL;
}

/* What was open over a view that goes: drafts are lost, and nothing is asked about that. */
static void
close_dialogs (OkapWindow *self)
{
  g_autoptr (GList) toplevels = gtk_window_list_toplevels ();
  g_autoptr (GPtrArray) dialogs = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *l = toplevels; l != NULL; l = l->next)
    if (l->data != self && belongs_to (self, l->data))
      g_ptr_array_add (dialogs, g_object_ref (l->data));
  for (guint i = 0; i < dialogs->len; i++)
    gtk_window_destroy (dialogs->pdata[i]);
}

static void
state_changed_cb (OkapWindow *self)
{
  OkapVaultState state = okap_vault_get_state (okap_core_get_vault (self->core));
  gboolean restricted = okap_broker_is_restricted (okap_core_get_broker (self->core));

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.lock", state == OKAP_VAULT_UNLOCKED);
  if (state == OKAP_VAULT_NONE
      || (state == OKAP_VAULT_UNLOCKED && !self->welcoming
          && okap_welcome_page_resume (self->welcome_page)))
    self->welcoming = TRUE;
  if (state == OKAP_VAULT_UNLOCKED && restricted)
    {
      close_dialogs (self);
      show_plain_once (self, "restricted");
    }
  else if (self->welcoming && state != OKAP_VAULT_LOCKED)
    show_plain_once (self, "welcome");
  else if (state == OKAP_VAULT_UNLOCKED)
    {
      adw_leaflet_set_visible_child (self->leaflet, self->content_box);
      gtk_stack_set_visible_child_name (self->root_stack, "main");
    }
  else
    {
      self->welcoming = FALSE;
      close_dialogs (self);
      show_plain_once (self, "unlock");
    }
}

static void
welcome_done_cb (OkapWindow *self, const char *next)
{
  self->welcoming = FALSE;
  state_changed_cb (self);
  if (g_str_equal (next, "try-it"))
    show_page (self, "demo");
}

static void
try_it_cb (OkapWindow *self)
{
  show_page (self, "demo");
}

static void
show_page_cb (OkapWindow *self, const char *name)
{
  show_page (self, name);
}

static void
add_key_cb (OkapWindow *self)
{
  show_page (self, "keys");
  okap_keys_page_add_key (self->keys_page);
}

static void
show_grant_cb (OkapWindow *self, const char *grant_id)
{
  show_page (self, "apps");
  (void) okap_apps_page_show_grant (self->apps_page, grant_id);
}

static void
show_activity_cb (OkapWindow *self, const char *grant_id)
{
  const OkapGrant *grant = okap_broker_find_grant (okap_core_get_broker (self->core), grant_id);

  if (grant != NULL)
    okap_activity_page_show_app (self->activity_page, okap_grant_get_title (grant));
  show_page (self, "activity");
}

static void
add_app_cb (OkapWindow *self)
{
  okap_apps_page_add (self->apps_page);
}

static gboolean
is_page (OkapWindow *self, const char *name)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), name) == 0;
}

/* Title, way back and buttons, as the page has them. */
static void
update_header (OkapWindow *self)
{
  GtkWidget *child = gtk_stack_get_visible_child (self->pages);
  gboolean deep = is_page (self, "apps") && okap_apps_page_is_deep (self->apps_page);
  g_autofree char *title = NULL;

  if (child == NULL)
    return;
  if (deep)
    g_object_get (self->apps_page, "title", &title, NULL);
  else
    title = g_strdup (gtk_stack_page_get_title (gtk_stack_get_page (self->pages, child)));
  adw_window_title_set_title (self->content_title, title);
  gtk_widget_set_visible (self->back_button, deep || adw_leaflet_get_folded (self->leaflet));
  gtk_widget_set_visible (self->add_app_button, is_page (self, "apps") && !deep);
  gtk_widget_set_visible (self->add_key_button, is_page (self, "keys"));
}

static void
back_cb (OkapWindow *self)
{
  if (is_page (self, "apps") && okap_apps_page_is_deep (self->apps_page))
    {
      okap_apps_page_go_back (self->apps_page);
      return;
    }
  (void) adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
row_selected_cb (OkapWindow *self, GtkListBoxRow *row)
{
  if (row == NULL)
    return;
  gtk_stack_set_visible_child_name (self->pages, gtk_widget_get_name (GTK_WIDGET (row)));
  update_header (self);
}

static void
row_activated_cb (OkapWindow *self, GtkListBoxRow *row)
{
  if (g_str_equal (gtk_widget_get_name (GTK_WIDGET (row)), "apps"))
    okap_apps_page_go_back (self->apps_page);
  adw_leaflet_set_visible_child (self->leaflet, self->content_box);
}

static void
lock_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  OkapWindow *self = OKAP_WINDOW (widget);

  if (self->core != NULL)
    okap_vault_lock (okap_core_get_vault (self->core));
}

static void
pause_failed_cb (OkapWindow *self, const char *words)
{
  okap_banner_set_text (self->banner, words);
}

static void
page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  OkapWindow *self = OKAP_WINDOW (widget);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->root_stack), "main") != 0)
    return;
  show_page (self, g_variant_get_string (parameter, NULL));
  (void) gtk_widget_child_focus (GTK_WIDGET (self->pages), GTK_DIR_TAB_FORWARD);
}

static void
preferences_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  OkapWindow *self = OKAP_WINDOW (widget);

  if (self->core == NULL)
    return;
  if (self->preferences == NULL)
    {
      self->preferences = okap_preferences_new (GTK_WINDOW (self), self->core);
      g_object_add_weak_pointer (G_OBJECT (self->preferences), (gpointer *) &self->preferences);
    }
  gtk_window_present (self->preferences);
}

static void
okap_window_dispose (GObject *object)
{
  OkapWindow *self = OKAP_WINDOW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_WINDOW);
  g_clear_weak_pointer (&self->preferences);
  g_clear_object (&self->core);
  g_clear_object (&self->background);
  G_OBJECT_CLASS (okap_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, root_stack);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, plain_stack);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, error_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, welcome_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, restricted_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, unlock_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, sidebar_box);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, content_box);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, content_title);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, add_app_button);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, add_key_button);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, pause_button);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, countdown);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, overview_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, apps_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, keys_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, activity_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWindow, demo_page);
}

static void
okap_window_class_init (OkapWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_window_dispose;

  g_type_ensure (OKAP_TYPE_WELCOME_PAGE);
  g_type_ensure (OKAP_TYPE_RESTRICTED_PAGE);
  g_type_ensure (OKAP_TYPE_UNLOCK_PAGE);
  g_type_ensure (OKAP_TYPE_BANNER);
  g_type_ensure (OKAP_TYPE_OVERVIEW_PAGE);
  g_type_ensure (OKAP_TYPE_PAUSE_BUTTON);
  g_type_ensure (OKAP_TYPE_COUNTDOWN);
  g_type_ensure (OKAP_TYPE_APPS_PAGE);
  g_type_ensure (OKAP_TYPE_KEYS_PAGE);
  g_type_ensure (OKAP_TYPE_ACTIVITY_PAGE);
  g_type_ensure (OKAP_TYPE_DEMO_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, welcome_done_cb);
  gtk_widget_class_bind_template_callback (widget_class, try_it_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_page_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_grant_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_activity_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_app_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_header);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, pause_failed_cb);
  gtk_widget_class_install_action (widget_class, "win.lock", NULL, lock_cb);
  gtk_widget_class_install_action (widget_class, "win.page", "s", page_cb);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, preferences_cb);
}

/* As large as it was last. */
static void
bind_size (OkapWindow *self)
{
  GSettings *settings = okap_settings_get ();

  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
}

static void
okap_window_init (OkapWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  bind_size (self);
  gtk_menu_button_set_menu_model (self->menu_button, G_MENU_MODEL (okap_menus_get ("main")));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.lock", FALSE);
  okap_sidebar_fill (self->sidebar, self->pages);
  show_plain (self, "loading");
}

GtkWidget *
okap_window_new (GtkApplication *application)
{
  return g_object_new (OKAP_TYPE_WINDOW, "application", application, NULL);
}

/* One at a time: what keeps apps from working comes first. */
static void
update_banner (OkapWindow *self)
{
  g_autofree char *words = NULL;
  const char *button = NULL;

  self->offer = OFFER_NOTHING;
  if (self->core == NULL)
    return;
  if (okap_broker_get_paused (okap_core_get_broker (self->core)))
    {
      words = g_strdup (_("All apps are paused"));
      button = _("Resume");
      self->offer = OFFER_RESUME;
    }
  else if ((words = okap_banner_dup_trouble (self->core)) != NULL)
    {
      button = _("Show Keys");
      self->offer = OFFER_KEYS;
    }
  else if ((words = okap_banner_dup_port (self->core)) == NULL
           && self->background != NULL && okap_background_get_hint (self->background))
    {
      words = g_strdup (_("Closing the window keeps Okap running. To come back, open Okap again "
                          "from your app menu."));
      button = _("Got It");
      self->offer = OFFER_UNDERSTOOD;
    }
  okap_banner_set_text (self->banner, words);
  okap_banner_set_button (self->banner, button);
}

static void
resume (OkapWindow *self)
{
  g_autoptr (GError) error = NULL;

  if (!okap_banner_take_press (self->banner))
    pause_failed_cb (self, okap_press_get_hint ());
  else if (!okap_broker_set_paused (okap_core_get_broker (self->core), FALSE,
                                    "resumed in the window", &error))
    pause_failed_cb (self, error->message);
}

static void
banner_clicked_cb (OkapWindow *self)
{
  switch (self->offer)
    {
    case OFFER_RESUME:
      resume (self);
      break;
    case OFFER_KEYS:
      show_page (self, "keys");
      break;
    case OFFER_UNDERSTOOD:
      okap_background_set_told (self->background);
      break;
    case OFFER_NOTHING:
    default:
      break;
    }
}

/* What becomes of Okap without its window is said where one may quit it. */
static void
update_quit_menu (OkapWindow *self)
{
  GMenu *menu = okap_menus_get ("main");
  int n_sections = g_menu_model_get_n_items (G_MENU_MODEL (menu));
  gboolean stays = g_settings_get_boolean (okap_settings_get (), "background");

  if (n_sections > USUAL_SECTIONS)
    g_menu_remove (menu, n_sections - 1);
  g_menu_append_section (menu, stays ? _("Closing the window keeps Okap running")
                                     : _("Closing the window quits Okap"),
                         G_MENU_MODEL (okap_menus_get ("quit")));
}

/** okap_window_set_core: @core has started; once */
void
okap_window_set_core (OkapWindow *self, OkapCore *core, OkapLocking *locking)
{
  OkapVault *vault = okap_core_get_vault (core);

  g_return_if_fail (self->core == NULL);

  self->core = g_object_ref (core);
  okap_welcome_page_set_core (self->welcome_page, core);
  okap_overview_page_set_core (self->overview_page, core);
  okap_unlock_page_set_broker (self->unlock_page, okap_core_get_broker (core));
  okap_restricted_page_set_locking (self->restricted_page, locking, okap_core_get_broker (core));
  okap_apps_page_set_core (self->apps_page, core);
  okap_countdown_set_broker (self->countdown, okap_core_get_broker (core));
  okap_keys_page_set_core (self->keys_page, core);
  okap_activity_page_set_store (self->activity_page, okap_core_get_store (core));
  okap_demo_page_set_core (self->demo_page, core);
  okap_pause_button_set_broker (self->pause_button, okap_core_get_broker (core));
  g_signal_connect_object (okap_core_get_broker (core), "notify::paused",
                           G_CALLBACK (update_banner), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_broker_get_key_care (okap_core_get_broker (core)), "changed",
                           G_CALLBACK (update_banner), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_vault_get_keys (vault), "items-changed",
                           G_CALLBACK (update_banner), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_settings_get (), "changed::port", G_CALLBACK (update_banner), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->banner, "clicked", G_CALLBACK (banner_clicked_cb), self);
  update_banner (self);
  g_signal_connect_object (vault, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_core_get_broker (core), "notify::restricted",
                           G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  state_changed_cb (self);
}

/** okap_window_set_background: once */
void
okap_window_set_background (OkapWindow *self, OkapBackground *background)
{
  g_return_if_fail (self->background == NULL);

  self->background = g_object_ref (background);
  g_signal_connect_object (okap_settings_get (), "changed::background",
                           G_CALLBACK (update_quit_menu), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (background, "notify::hint", G_CALLBACK (update_banner), self,
                           G_CONNECT_SWAPPED);
  update_quit_menu (self);
  update_banner (self);
}

/** okap_window_set_error: the core did not start */
void
okap_window_set_error (OkapWindow *self, const GError *error)
{
  g_autofree char *words = g_markup_escape_text (error->message, -1);

  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_CONFLICT))
    {
      adw_status_page_set_title (self->error_page, _("Okap Runs Already"));
      adw_status_page_set_description (self->error_page,
                                       _("Another Okap, perhaps “okap serve” in a terminal, looks "
                                         "after your keys. Stop it first, then open Okap again."));
    }
  else
    {
      adw_status_page_set_title (self->error_page, _("Okap Could Not Start"));
      adw_status_page_set_description (self->error_page, words);
    }
  show_plain (self, "error");
}
