/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define OKAP_TRAY_RECENT 5

typedef enum
{
  OKAP_TRAY_ANSWER,     /* the questions that wait */
  OKAP_TRAY_OPEN,
  OKAP_TRAY_PAUSE,
  OKAP_TRAY_RESUME,     /* in the window */
  OKAP_TRAY_LOCK,
  OKAP_TRAY_UNLOCK,     /* in the window */
  OKAP_TRAY_RECENTLY,   /* an app that was used */
  OKAP_TRAY_QUIT,
} OkapTrayChoice;

/* What the menu says. */
typedef struct
{
  guint waiting;        /* questions */
  gboolean has_vault;
  gboolean locked;
  gboolean paused;
  const char *const *recent;  /* (nullable) at most %OKAP_TRAY_RECENT lines of plain text */
} OkapTrayFacts;

/* The menu of the icon in the tray, by com.canonical.dbusmenu. Emits "chosen" (OkapTrayChoice), and
 * "opened" when a person is about to see it. Main thread. */
#define OKAP_TYPE_TRAY_MENU (okap_tray_menu_get_type ())
G_DECLARE_FINAL_TYPE (OkapTrayMenu, okap_tray_menu, OKAP, TRAY_MENU, GObject)

OkapTrayMenu *okap_tray_menu_new (const char *path) G_GNUC_WARN_UNUSED_RESULT;
void          okap_tray_menu_set (OkapTrayMenu *self, const OkapTrayFacts *facts);

G_END_DECLS
