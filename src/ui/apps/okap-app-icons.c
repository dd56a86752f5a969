/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The icon of the program that Okap saw, never of one that an app says it is: a sandboxed app's by
 * its id, another one's by the desktop file that starts exactly this file. A script has none, or
 * all Python programs would look alike. Reading the desktop files takes some milliseconds, on the
 * thread "okap-icons", which ends with it. */
#include "config.h"

#include "okap-app-icons.h"

#include <gio/gdesktopappinfo.h>

#include "okap-worker.h"

struct _OkapAppIcons
{
  GObject parent_instance;

  OkapWorker *worker;  /* (owned) (nullable) while they are read */
  GHashTable *icons;   /* (owned) (nullable) path or id → GIcon; NULL until they are read */
};

G_DEFINE_FINAL_TYPE (OkapAppIcons, okap_app_icons, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
take (GHashTable *icons, GAppInfo *info)
{
  GIcon *icon = g_app_info_get_icon (info);
  const char *id = g_app_info_get_id (info);
  const char *executable = g_app_info_get_executable (info);
  g_autofree char *found = executable != NULL ? g_find_program_in_path (executable) : NULL;
  g_autofree char *path = found != NULL ? realpath (found, NULL) : NULL;

  if (icon == NULL)
    return;
  if (path != NULL && !g_hash_table_contains (icons, path))
    g_hash_table_insert (icons, g_strdup (path), g_object_ref (icon));
  if (id != NULL && g_str_has_suffix (id, ".desktop"))
    g_hash_table_replace (icons, g_strndup (id, strlen (id) - strlen (".desktop")),
                          g_object_ref (icon));
}

static gpointer
read_icons (GTask *task, GError **error)
{
  GHashTable *icons = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  GList *infos = g_app_info_get_all ();

  for (GList *each = infos; each != NULL; each = each->next)
    take (icons, each->data);
  g_list_free_full (infos, g_object_unref);
  return icons;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OkapAppIcons *self = OKAP_APP_ICONS (source);

  self->icons = g_task_propagate_pointer (G_TASK (result), NULL);
  g_clear_pointer (&self->worker, okap_worker_free);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
okap_app_icons_finalize (GObject *object)
{
  OkapAppIcons *self = OKAP_APP_ICONS (object);

  g_clear_pointer (&self->worker, okap_worker_free);
  g_clear_pointer (&self->icons, g_hash_table_unref);
  G_OBJECT_CLASS (okap_app_icons_parent_class)->finalize (object);
}

static void
okap_app_icons_class_init (OkapAppIconsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_app_icons_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_APP_ICONS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_app_icons_init (OkapAppIcons *self)
{
  GTask *task = g_task_new (self, NULL, read_cb, NULL);

  g_task_set_source_tag (task, okap_app_icons_init);
  self->worker = okap_worker_new ("okap-icons");
  okap_worker_run (self->worker, task, read_icons, (GDestroyNotify) g_hash_table_unref);
}

OkapAppIcons *
okap_app_icons_new (void)
{
  return g_object_new (OKAP_TYPE_APP_ICONS, NULL);
}

GIcon *
okap_app_icons_find (OkapAppIcons *self, const OkapIdentity *identity)
{
  if (self->icons == NULL)
    return NULL;
  switch (identity->kind)
    {
    case OKAP_IDENTITY_SANDBOXED:
      return identity->app_id != NULL ? g_hash_table_lookup (self->icons, identity->app_id) : NULL;
    case OKAP_IDENTITY_INSTALLED:
    case OKAP_IDENTITY_USER_PROGRAM:
      return identity->program != NULL ? g_hash_table_lookup (self->icons, identity->program)
                                       : NULL;
    case OKAP_IDENTITY_UNKNOWN:
    case OKAP_IDENTITY_SCRIPT:
    case OKAP_IDENTITY_WEBSITE:
    case OKAP_IDENTITY_RUN:
    default:
      return NULL;
    }
}
