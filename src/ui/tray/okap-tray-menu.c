/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of the icon in the tray. Main thread.
 *
 * All lines are made once and keep their numbers, so that a person who chooses one while it changes
 * gets what the line said; only the lines of recent apps come and go. There is never a moment at
 * which the menu is empty, which some hosts take for the end of it.
 *
 * Every program on the bus can choose. So nothing here approves, resumes or unlocks anything: what
 * gives something back leads to the window, where a person has to do it. */
#include "config.h"

#include "okap-tray-menu.h"

#include <glib/gi18n.h>
#include <libdbusmenu-glib/dbusmenu-glib.h>
#include <string.h>

struct _OkapTrayMenu
{
  GObject parent_instance;

  DbusmenuServer *server;       /* (owned) */
  DbusmenuMenuitem *root;       /* (owned) */
  DbusmenuMenuitem *answer;     /* (owned) and so on: lines */
  DbusmenuMenuitem *open;
  DbusmenuMenuitem *pause;
  DbusmenuMenuitem *lock;
  DbusmenuMenuitem *heading;    /* of the recent apps */
  DbusmenuMenuitem *line;       /* below them */
  DbusmenuMenuitem *quit;
  GPtrArray *recent;            /* (owned) (element-type DbusmenuMenuitem) */
  gboolean locked;
  gboolean paused;
};

G_DEFINE_FINAL_TYPE (OkapTrayMenu, okap_tray_menu, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHOSEN,
  SIGNAL_OPENED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
activated_cb (DbusmenuMenuitem *item, guint timestamp, gpointer user_data)
{
  OkapTrayMenu *self = user_data;
  OkapTrayChoice choice;

  if (item == self->answer)
    choice = OKAP_TRAY_ANSWER;
  else if (item == self->open)
    choice = OKAP_TRAY_OPEN;
  else if (item == self->pause)
    choice = self->paused ? OKAP_TRAY_RESUME : OKAP_TRAY_PAUSE;
  else if (item == self->lock)
    choice = self->locked ? OKAP_TRAY_UNLOCK : OKAP_TRAY_LOCK;
  else if (item == self->quit)
    choice = OKAP_TRAY_QUIT;
  else
    choice = OKAP_TRAY_RECENTLY;
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, (int) choice);
}

static void
about_to_show_cb (OkapTrayMenu *self)
{
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
}

static DbusmenuMenuitem *
add_line (OkapTrayMenu *self, int position)
{
  DbusmenuMenuitem *item = dbusmenu_menuitem_new ();

  g_signal_connect_object (item, DBUSMENU_MENUITEM_SIGNAL_ITEM_ACTIVATED,
                           G_CALLBACK (activated_cb), self, 0);
  if (position < 0)
    dbusmenu_menuitem_child_append (self->root, item);
  else
    dbusmenu_menuitem_child_add_position (self->root, item, (guint) position);
  return item;
}

static DbusmenuMenuitem *
add_separator (OkapTrayMenu *self)
{
  DbusmenuMenuitem *item = add_line (self, -1);

  dbusmenu_menuitem_property_set (item, DBUSMENU_MENUITEM_PROP_TYPE,
                                  DBUSMENU_CLIENT_TYPES_SEPARATOR);
  return item;
}

/* An underscore stands before the letter that chooses a line, unless it is doubled. */
static void
set_label (DbusmenuMenuitem *item, const char *words)
{
  g_auto (GStrv) parts = g_strsplit (words, "_", -1);
  g_autofree char *label = g_strjoinv ("__", parts);

  if (g_strcmp0 (dbusmenu_menuitem_property_get (item, DBUSMENU_MENUITEM_PROP_LABEL), label) != 0)
    dbusmenu_menuitem_property_set (item, DBUSMENU_MENUITEM_PROP_LABEL, label);
}

static void
set_flag (DbusmenuMenuitem *item, const char *property, gboolean value)
{
  if (dbusmenu_menuitem_property_get_bool (item, property) != value)
    dbusmenu_menuitem_property_set_bool (item, property, value);
}

static void
build (OkapTrayMenu *self)
{
  self->answer = add_line (self, -1);
  self->open = add_line (self, -1);
  set_label (self->open, _("Open Okap"));
  g_object_unref (add_separator (self));
  self->pause = add_line (self, -1);
  self->lock = add_line (self, -1);
  g_object_unref (add_separator (self));
  self->heading = add_line (self, -1);
  set_label (self->heading, _("Used Today"));
  dbusmenu_menuitem_property_set_bool (self->heading, DBUSMENU_MENUITEM_PROP_ENABLED, FALSE);
  self->line = add_separator (self);
  self->quit = add_line (self, -1);
  set_label (self->quit, _("Quit Okap"));
}

static void
okap_tray_menu_dispose (GObject *object)
{
  OkapTrayMenu *self = OKAP_TRAY_MENU (object);

  g_clear_object (&self->server);
  g_clear_object (&self->root);
  g_clear_object (&self->answer);
  g_clear_object (&self->open);
  g_clear_object (&self->pause);
  g_clear_object (&self->lock);
  g_clear_object (&self->heading);
  g_clear_object (&self->line);
  g_clear_object (&self->quit);
  g_clear_pointer (&self->recent, g_ptr_array_unref);
  G_OBJECT_CLASS (okap_tray_menu_parent_class)->dispose (object);
}

static void
okap_tray_menu_class_init (OkapTrayMenuClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_tray_menu_dispose;
  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", OKAP_TYPE_TRAY_MENU, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[SIGNAL_OPENED] = g_signal_new ("opened", OKAP_TYPE_TRAY_MENU, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_tray_menu_init (OkapTrayMenu *self)
{
  const OkapTrayFacts nothing = { 0 };

  self->recent = g_ptr_array_new_with_free_func (g_object_unref);
  self->root = dbusmenu_menuitem_new ();
  g_signal_connect_object (self->root, DBUSMENU_MENUITEM_SIGNAL_ABOUT_TO_SHOW,
                           G_CALLBACK (about_to_show_cb), self, G_CONNECT_SWAPPED);
  build (self);
  okap_tray_menu_set (self, &nothing);
}

/** okap_tray_menu_new: (transfer full): on the session bus, at @path */
OkapTrayMenu *
okap_tray_menu_new (const char *path)
{
  OkapTrayMenu *self = g_object_new (OKAP_TYPE_TRAY_MENU, NULL);

  self->server = dbusmenu_server_new (path);
  dbusmenu_server_set_root (self->server, self->root);
  return self;
}

static void
set_recent (OkapTrayMenu *self, const char *const *lines)
{
  guint n = lines != NULL ? MIN (g_strv_length ((char **) lines), OKAP_TRAY_RECENT) : 0;

  while (self->recent->len > n)
    {
      dbusmenu_menuitem_child_delete (self->root,
                                      g_ptr_array_index (self->recent, self->recent->len - 1));
      g_ptr_array_set_size (self->recent, (int) self->recent->len - 1);
    }
  while (self->recent->len < n)
    {
      guint position = dbusmenu_menuitem_get_position (self->line, self->root);

      g_ptr_array_add (self->recent, add_line (self, (int) position));
    }
  for (guint i = 0; i < n; i++)
    set_label (g_ptr_array_index (self->recent, i), lines[i]);
  set_flag (self->heading, DBUSMENU_MENUITEM_PROP_VISIBLE, n > 0);
  set_flag (self->line, DBUSMENU_MENUITEM_PROP_VISIBLE, n > 0);
}

/** okap_tray_menu_set: tells hosts of what has changed */
void
okap_tray_menu_set (OkapTrayMenu *self, const OkapTrayFacts *facts)
{
  g_autofree char *waiting = g_strdup_printf (ngettext ("Answer %u Request…", "Answer %u Requests…",
                                                        facts->waiting), facts->waiting);

  self->locked = facts->locked;
  self->paused = facts->paused;
  set_label (self->answer, waiting);
  set_flag (self->answer, DBUSMENU_MENUITEM_PROP_VISIBLE, facts->waiting > 0);
  set_label (self->pause, facts->paused ? _("Resume All Apps…") : _("Pause All Apps"));
  set_label (self->lock, facts->locked ? _("Unlock…") : _("Lock"));
  set_flag (self->lock, DBUSMENU_MENUITEM_PROP_VISIBLE, facts->has_vault);
  set_recent (self, facts->recent);
}
