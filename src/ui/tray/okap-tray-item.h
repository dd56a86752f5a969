/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define OKAP_TRAY_MENU_PATH "/MenuBar"

/* How the icon looks. Text is plain. */
typedef struct
{
  const char *icon;         /* name of a symbolic icon of ours */
  gboolean needs_attention;
  char *words;              /* what the tooltip says below the name of the app */
  guint count;              /* shown beside the icon by some hosts; 0 for none */
} OkapTrayLook;

/* An icon in the tray: a StatusNotifierItem. Emits "activated" (activation token, nullable) when a
 * person chose it, and notify::has-host. Main thread. */
#define OKAP_TYPE_TRAY_ITEM (okap_tray_item_get_type ())
G_DECLARE_FINAL_TYPE (OkapTrayItem, okap_tray_item, OKAP, TRAY_ITEM, GObject)

OkapTrayItem *okap_tray_item_new        (GDBusConnection *bus) G_GNUC_WARN_UNUSED_RESULT;
gboolean      okap_tray_item_get_has_host (OkapTrayItem *self);
gboolean      okap_tray_item_is_sure    (OkapTrayItem *self);
char         *okap_tray_item_steal_token (OkapTrayItem *self) G_GNUC_WARN_UNUSED_RESULT;
void          okap_tray_item_set_look   (OkapTrayItem *self, const OkapTrayLook *look);

G_END_DECLS
